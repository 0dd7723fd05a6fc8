"""Following the news against a real server, poll by poll: nothing announced is lost, nothing is asked for without
end."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest

from tests.web import answer, page, rss

BUSY = answer("later", status="503 Service Unavailable")
SAME = answer(b"", status="304 Not Modified")


def story(number: int, *, more: str = "", text: str = "") -> bytes:
    """A page of news of its own."""
    body = "".join(
        f"<p>Paragraph {n} of story {number} tells what the harbour council made of pier {number} on Monday, at "
        "length. "
        f"{text}</p>"
        for n in range(4)
    )
    return answer(
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Story {number}</title>{more}</head>'
        f'<body><nav><a href="/">Home</a></nav><article><h1>Story number {number}</h1>{body}</article></body></html>'
    )


def feed(base: str, items: Iterable[tuple[str, str]], *, tag: str = "pubDate") -> bytes:
    """An RSS feed of paths and dates, in the order given."""
    told = "".join(f"<item><title>T {p}</title><link>{base}{p}</link><{tag}>{d}</{tag}></item>" for p, d in items)
    return answer(f'<rss version="2.0"><channel>{told}</channel></rss>', kind="application/rss+xml")


def sitemap(base: str, items: Iterable[tuple[str, str]]) -> bytes:
    told = "".join(f"<url><loc>{base}{path}</loc><lastmod>{day}</lastmod></url>" for path, day in items)
    return answer(
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{told}</urlset>', kind="application/xml"
    )


def gaps_of(desk: Any) -> list[str]:
    """The channels of a desk that lost stories between two readings."""
    now = desk.process.clock.now()
    return [gap.url for gap in desk.state.gaps(now - timedelta(days=30), now + timedelta(days=1), desk.site.name)]


# --- attempts


def test_a_story_that_failed_once_is_tried_again_though_the_feed_is_not_modified(newsdesk: Any, web: Any) -> None:
    desk = newsdesk(feeds=["/feed"])
    told = rss(web.base, ["/a/one"], more='ETag: "1"\r\n')
    web.pages["/feed"] = lambda request: SAME if b"If-None-Match" in request else told
    web.pages["/a/one"] = answer("x", status="500 Internal Server Error")
    assert desk.poll().state == "partial"
    web.pages["/a/one"] = story(1)
    desk.poll(0.1)
    assert desk.stories() == []  # too early
    desk.poll(0.25)
    assert desk.stories() == ["/a/one"]
    assert desk.outcome("/a/one") == ("parsed", None)


def test_stories_of_a_bad_minute_are_tried_again_after_they_left_the_feed(newsdesk: Any, web: Any) -> None:
    desk = newsdesk(feeds=["/feed"])
    web.pages["/feed"] = rss(web.base, ["/a/1", "/a/2", "/a/3"])
    web.pages |= {f"/a/{n}": BUSY for n in (1, 2, 3)}
    desk.poll()
    web.pages["/feed"] = rss(web.base, ["/a/4"])
    web.pages |= {f"/a/{n}": story(n) for n in (1, 2, 3, 4)}
    desk.poll(1)
    assert sorted(desk.stories()) == ["/a/1", "/a/2", "/a/3", "/a/4"]


def test_a_host_that_is_down_for_an_hour_loses_no_story(newsdesk: Any, web: Any) -> None:
    desk = newsdesk(feeds=["/feed"])
    paths = ["/a/1", "/a/2"]
    web.pages["/feed"] = rss(web.base, paths)
    web.pages |= dict.fromkeys(paths)  # the connection is closed without a word
    for _ in range(5):
        desk.poll(0.25)
    web.pages |= {path: story(n) for n, path in enumerate(paths)}
    desk.poll(1)
    assert [desk.outcome(path)[0] for path in paths] == ["parsed", "parsed"]


def test_a_page_without_an_article_is_not_asked_for_at_every_poll(newsdesk: Any, web: Any) -> None:
    desk = newsdesk(feeds=["/feed"])
    web.pages["/feed"] = rss(web.base, ["/a/empty"])
    web.pages["/a/empty"] = answer("<html><head><title>x</title></head><body></body></html>")
    asked = 0
    for _ in range(8):
        desk.poll(0.25)
        asked += desk.stories().count("/a/empty")
    assert asked == 2  # at first, and after an hour
    assert desk.outcome("/a/empty") == ("failed", "no_article")


def test_a_host_that_asks_to_be_left_alone_is_no_failing_story(newsdesk: Any, web: Any) -> None:
    desk = newsdesk(feeds=["/feed"])
    web.pages["/feed"] = rss(web.base, ["/a/1", "/a/2", "/a/3"])
    refused = answer("slower", status="429 Too Many Requests", more="Retry-After: 1800\r\n")
    web.pages |= {f"/a/{n}": refused for n in (1, 2, 3)}
    first = desk.poll()
    assert first.state == "partial"
    assert first.reason is not None
    assert first.reason.endswith("wait for their host")
    for _ in range(4):
        desk.poll(0.05)
        assert desk.stories() == []
    web.pages |= {f"/a/{n}": story(n) for n in (1, 2, 3)}
    desk.poll(1)
    assert [desk.outcome(f"/a/{n}")[0] for n in (1, 2, 3)] == ["parsed"] * 3


def test_a_crawl_delay_of_minutes_is_kept_over_runs_and_stories_have_their_turns(newsdesk: Any, web: Any) -> None:
    desk = newsdesk(feeds=["/feed"])
    web.pages["/robots.txt"] = answer("User-agent: *\nCrawl-delay: 300\n", kind="text/plain")
    web.pages["/feed"] = rss(web.base, ["/a/1", "/a/2", "/a/3"])
    web.pages |= {f"/a/{n}": story(n) for n in (1, 2, 3)}
    asked = []
    for _ in range(7):
        desk.poll(0.1)
        assert len(web.requests) <= 1
        asked += [line.split(" ")[1] for line in web.requests]
    assert asked[:2] == ["/robots.txt", "/feed"]
    assert sorted(asked[2:5]) == ["/a/1", "/a/2", "/a/3"]
    assert asked[5:] == ["/feed", "/feed"]


def test_a_pattern_that_is_corrected_lets_in_what_it_kept_out(newsdesk: Any, web: Any) -> None:
    import msgspec

    desk = newsdesk(feeds=["/feed"], include=("/stroies/",))
    web.pages["/feed"], web.pages["/stories/1"] = rss(web.base, ["/stories/1"]), story(1)
    desk.poll()
    assert desk.outcome("/stories/1") == ("out_of_scope", "not_included")
    desk.site = msgspec.structs.replace(desk.site, include=("/stories/",))
    web.pages["/feed"] = rss(web.base, [])
    desk.poll(0.25)
    assert desk.outcome("/stories/1") == ("parsed", None)


# --- order


def test_fresh_stories_do_not_wait_behind_a_backlog(newsdesk: Any, web: Any) -> None:
    desk = newsdesk(feeds=["/feed"], sitemaps=["/sitemap.xml"], max_pages=10)
    old = [(f"/old/story-number-{n}", "2020-01-02") for n in range(60)]
    web.pages["/sitemap.xml"] = sitemap(web.base, old)
    web.pages |= {path: story(n) for n, (path, _) in enumerate(old)}
    web.pages["/feed"] = rss(web.base, [])
    desk.poll()
    for number in range(3):
        fresh = [f"/new/{number}-{n}" for n in range(3)]
        web.pages["/feed"] = rss(web.base, fresh)
        web.pages |= {path: story(1000 + number * 10 + n) for n, path in enumerate(fresh)}
        desk.poll(0.25)
        assert set(desk.stories()[:3]) == set(fresh)
        assert len(desk.stories()) == 10


def test_a_feed_that_lists_the_oldest_first_gives_its_newest(newsdesk: Any, web: Any) -> None:
    desk = newsdesk(feeds=["/feed"], max_pages=4)
    items = [(f"/a/{n}", f"{n + 1:02} Mar 2026 10:00:00 GMT") for n in range(20)]
    web.pages["/feed"] = feed(web.base, items)
    web.pages |= {f"/a/{n}": story(n) for n in range(20)}
    desk.poll()
    assert sorted(desk.stories()) == ["/a/16", "/a/17", "/a/18", "/a/19"]  # two at once
    desk.poll(0.25)
    assert sorted(desk.stories()) == ["/a/12", "/a/13", "/a/14", "/a/15"]


# --- identity


def test_one_story_under_many_addresses_is_fetched_once_and_is_one_article(newsdesk: Any, web: Any) -> None:
    desk = newsdesk(feeds=["/feed", "/second"])
    plain = "/2026/03/01/a-story-of-the-quay"
    told = [
        f"{plain}?utm_source=rss&amp;utm_medium=feed",
        f"{plain}?ref=home",
        f"{plain}?PHPSESSID=ab12",
        f"/{plain}",
        "/2026/./03/01/a-story-of-the-quay",
        "/2026/03/01/a%2Dstory%2Dof%2Dthe%2Dquay",
    ]
    web.pages["/feed"], web.pages["/second"] = rss(web.base, told), rss(web.base, [plain, f"{plain}/"])

    class Any_(dict):  # type: ignore[type-arg]
        def get(self, path: str, default: Any = None) -> Any:
            return super().get(path) or (story(1) if "quay" in path else default)

    web.pages = Any_(web.pages)
    desk.poll()
    assert len(desk.stories()) == 1
    desk.poll(0.1)
    assert desk.stories() == []
    assert len(desk.articles()) == 1
    assert desk.outcome(plain)[0] == "alias"
    assert desk.entry(plain).page == desk.articles()[0]["url"]


def test_pages_that_have_their_identity_by_the_rules_of_another_version_are_known_by_todays(
    newsdesk: Any, web: Any
) -> None:
    desk = newsdesk(feeds=["/feed"])
    web.pages["/feed"], web.pages["/a/one"] = rss(web.base, ["/a/one"]), story(1)
    desk.poll()
    desk.process.state.key([(f"{web.base}/a/one", "what other rules gave")])
    desk.process.state.memorise(desk.site.name, "identity", "other rules")
    web.pages["/feed"] = rss(web.base, ["/a/one?utm_source=x"])
    desk.poll(0.5)
    assert (desk.outcome("/a/one?utm_source=x")[0], desk.stories()) == ("alias", [])


def test_a_canonical_address_is_known_when_a_channel_announces_it(newsdesk: Any, web: Any) -> None:
    desk = newsdesk(feeds=["/feed"])
    link = f'<link rel="canonical" href="{web.base}/stories/8841">'
    web.pages["/feed"], web.pages["/s/kx7"] = rss(web.base, ["/s/kx7"]), story(1, more=link)
    web.pages["/stories/8841"] = story(1, more=link, text="It rained.")
    desk.poll()
    web.pages["/feed"] = answer(
        f'<rss version="2.0"><channel><item><link>{web.base}/stories/8841</link></item></channel></rss>',
        kind="application/rss+xml",
    )
    desk.poll(0.1)
    assert desk.stories() == []
    assert desk.outcome("/stories/8841") == ("alias", f"{web.base}/s/kx7")


@pytest.mark.parametrize("order", [1, -1])
def test_a_canonical_address_in_the_same_run_is_the_same_page_whichever_comes_first(
    newsdesk: Any, web: Any, order: int
) -> None:
    desk = newsdesk(feeds=["/feed"])
    link = f'<link rel="canonical" href="{web.base}/stories/8841">'
    web.pages["/feed"] = rss(web.base, ["/s/kx7", "/stories/8841"][::order])
    web.pages["/s/kx7"] = story(1, more=link)
    web.pages["/stories/8841"] = story(1, more=link, text="It rained.")
    desk.poll()
    assert len(desk.articles()) == 1


@pytest.mark.parametrize("order", [1, -1])
def test_a_canonical_address_that_failed_and_comes_later_with_another_text_is_the_same_page(
    newsdesk: Any, web: Any, order: int
) -> None:
    desk = newsdesk(feeds=["/feed"])
    link = f'<link rel="canonical" href="{web.base}/stories/8841">'
    web.pages["/feed"] = rss(web.base, ["/s/kx7", "/stories/8841"][::order])
    web.pages["/s/kx7"] = story(1, more=link)
    web.pages["/stories/8841"] = answer("busy", status="500 Internal Server Error")
    desk.poll()
    web.pages["/stories/8841"] = story(1, more=link, text="It rained.")
    desk.poll(2)
    assert desk.stories() == ["/stories/8841"]
    assert len(desk.articles()) == 1
    assert desk.outcome("/stories/8841") == ("duplicate", f"{web.base}/s/kx7")


@pytest.mark.parametrize("told", ["field", "tagged"])
def test_a_canonical_address_may_stand_in_a_field_and_carry_what_counts_readers(
    newsdesk: Any, web: Any, told: str
) -> None:
    desk = newsdesk(feeds=["/feed"])
    address = f"{web.base}/stories/8841"
    whole = story(1, more=f'<link rel="canonical" href=" {address}?utm_source=x ">' if told == "tagged" else "")
    if told == "field":
        field = b'Link: </api>; rel="alternate"\r\nLink: <%b>; rel="canonical"\r\n\r\n' % address.encode()
        whole = whole.replace(b"\r\n\r\n", b"\r\n" + field, 1)
    web.pages["/feed"] = rss(web.base, ["/s/kx7", "/stories/8841"])
    web.pages["/s/kx7"], web.pages["/stories/8841"] = whole, whole.replace(b"on Monday", b"on Friday", 1)
    desk.poll()
    assert len(desk.articles()) == 1


def test_a_canonical_address_in_the_same_run_of_another_story_is_a_lie(newsdesk: Any, web: Any) -> None:
    desk = newsdesk(feeds=["/feed"])
    link = f'<link rel="canonical" href="{web.base}/stories/8841">'
    web.pages["/feed"] = rss(web.base, ["/s/kx7", "/stories/8841"])
    web.pages["/s/kx7"], web.pages["/stories/8841"] = story(1, more=link), story(2)
    desk.poll()
    assert len(desk.articles()) == 2


def test_a_canonical_address_that_every_page_names_is_a_lie(newsdesk: Any, web: Any) -> None:
    desk = newsdesk(feeds=["/feed"])
    link = f'<link rel="canonical" href="{web.base}/a/story-number-0">'
    paths = [f"/a/story-number-{n}" for n in range(5)]
    web.pages["/feed"] = rss(web.base, paths)
    web.pages |= {path: story(n, more=link) for n, path in enumerate(paths)}
    desk.poll()
    assert len(desk.articles()) == 5


def test_pages_that_name_the_front_page_as_canonical_are_articles(newsdesk: Any, web: Any) -> None:
    desk = newsdesk(feeds=["/feed"])
    link = f'<link rel="canonical" href="{web.base}/">'
    web.pages["/feed"] = rss(web.base, ["/a/1", "/a/2"])
    web.pages |= {f"/a/{n}": story(n, more=link) for n in (1, 2)}
    desk.poll()
    assert len(desk.articles()) == 2


def test_the_same_text_under_an_address_of_its_own_is_one_document(newsdesk: Any, web: Any) -> None:
    desk = newsdesk(feeds=["/feed"])
    web.pages["/feed"] = rss(web.base, ["/sport/the-ferry", "/local/8812"])
    web.pages |= {"/sport/the-ferry": story(1), "/local/8812": story(1)}
    desk.poll()
    assert len(desk.articles()) == 1
    duplicates = [p for p in ("/sport/the-ferry", "/local/8812") if desk.outcome(p)[0] == "duplicate"]
    assert len(duplicates) == 1
    assert desk.outcome(duplicates[0])[1] == desk.articles()[0]["url"]


# --- visits


def test_a_story_whose_channel_says_it_changed_is_read_again_at_once(newsdesk: Any, web: Any) -> None:
    desk = newsdesk(sitemaps=["/sitemap.xml"])
    told = [("/a/the-ferry-line", "2026-03-01T10:00:00Z"), ("/a/the-lighthouse", "2026-03-01T10:00:00Z")]
    web.pages["/sitemap.xml"] = sitemap(web.base, told)
    web.pages |= {"/a/the-ferry-line": story(1), "/a/the-lighthouse": story(2)}
    desk.poll()
    web.pages["/a/the-ferry-line"] = story(1, text="Corrected.")
    web.pages["/sitemap.xml"] = sitemap(web.base, [("/a/the-ferry-line", "2026-03-01T12:00:00Z"), told[1]])
    desk.poll(0.25)
    assert desk.stories() == ["/a/the-ferry-line"]
    first, revised = [line for line in desk.articles() if line["url"].endswith("ferry-line")]
    assert first["revision_of"] is None
    assert revised["revision_of"] == {"id": first["id"], "captured_at": first["captured_at"]}
    desk.poll(0.25)
    assert desk.stories() == []


def test_a_visit_that_meets_the_same_text_gives_no_second_article(newsdesk: Any, web: Any) -> None:
    desk = newsdesk(feeds=["/feed"], visits=4.0)
    web.pages["/feed"], web.pages["/a/1"] = rss(web.base, ["/a/1"]), story(1)
    desk.poll()
    web.pages["/a/1"] = story(1, more="<meta name='build' content='77'>")  # the template changed, the text did not
    desk.poll(1.1)
    assert desk.stories() == ["/a/1"]
    assert len(desk.articles()) == 1
    assert desk.outcome("/a/1") == ("parsed", None)


def test_an_edit_that_nobody_announces_is_found_by_a_visit(newsdesk: Any, web: Any) -> None:
    desk = newsdesk(feeds=["/feed"], visits=4.0)
    tagged = {1: b'"a"'}
    web.pages["/feed"] = rss(web.base, ["/a/1"])

    def served(request: bytes) -> bytes:
        if tagged[1] in request:
            return SAME
        return story(1, text=tagged[1].decode()).replace(b"\r\n\r\n", b"\r\nETag: " + tagged[1] + b"\r\n\r\n", 1)

    web.pages["/a/1"] = served
    desk.poll()
    desk.poll(1.1)
    assert desk.entry("/a/1").outcome == "parsed"
    tagged[1] = b'"b"'
    desk.poll(5)
    assert [line["revision_of"] is None for line in desk.articles()] == [True, False]


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (b"If-None-Match", 'ETag: "constant"\r\n'),
        (b"If-Modified-Since", "Last-Modified: Mon, 02 Nov 2026 10:00:00 GMT\r\n"),
    ],
)
def test_validators_that_stayed_the_same_while_there_was_news_are_believed_no_more(
    newsdesk: Any, web: Any, asked: bytes, told: str
) -> None:
    desk = newsdesk(feeds=["/feed"])
    listed, fields = [1], [told]
    web.pages |= {f"/a/{n}": story(n) for n in range(1, 6)}
    web.pages["/feed"] = lambda request: (
        SAME if asked in request else rss(web.base, [f"/a/{n}" for n in listed], more=fields[0])
    )
    desk.poll()
    listed.append(2)
    desk.poll(0.5)
    assert desk.stories() == []  # nobody knows yet
    desk.poll(25)
    assert "/a/2" in desk.stories()
    for n in (3, 4):
        listed.append(n)
        desk.poll(0.5)
        assert desk.stories() == [f"/a/{n}"]
    fields[0] = told.replace("constant", "another").replace("02 Nov", "03 Nov")
    desk.poll(0.5)
    listed.append(5)
    desk.poll(0.5)
    assert desk.stories() == []  # others are believed again


# --- what is not the article


def test_a_story_behind_a_cookie_is_had(newsdesk: Any, web: Any) -> None:
    desk = newsdesk(feeds=["/feed"])
    web.pages["/feed"] = rss(web.base, ["/a/1", "/a/2"])
    for n in (1, 2):
        wall = answer("", status="302 Found", more=f"Set-Cookie: ok=1; Path=/\r\nLocation: /a/{n}\r\n")
        web.pages[f"/a/{n}"] = lambda request, n=n, wall=wall: story(n) if b"Cookie: ok=1" in request else wall
    assert desk.poll().state == "done"
    assert len(desk.articles()) == 2


@pytest.mark.parametrize(
    "leads", ["<meta http-equiv=refresh content='0; url=/a/1'>", "<script>location = '/a/1'</script>"]
)
def test_a_page_that_sets_a_cookie_and_loads_itself_anew_is_had(newsdesk: Any, web: Any, leads: str) -> None:
    desk = newsdesk(feeds=["/feed"])
    web.pages["/feed"] = rss(web.base, ["/a/1"])
    first = answer(f"<html><head>{leads}</head></html>", more="Set-Cookie: ok=1; Path=/\r\n")
    web.pages["/a/1"] = lambda request: story(1) if b"Cookie: ok=1" in request else first
    desk.poll()
    assert len(desk.articles()) == 1


def test_what_a_site_declares_is_sent_to_its_own_hosts_alone(newsdesk: Any, web: Any) -> None:
    desk = newsdesk(feeds=["/feed"], headers={"X-Reader": "archive"}, cookies={"edition": "int"}, accept_language="ar")
    seen: dict[str, bytes] = {}
    away = web.base.replace("127.0.0.1", "localhost") + "/away"

    def kept(path: str, served: bytes) -> Any:
        def serve(request: bytes) -> bytes:
            seen[path] = request
            return served

        return serve

    moved = answer("", status="302 Found", more=f"Location: {away}\r\nSet-Cookie: once=1\r\n")
    again = answer("", status="302 Found", more="Location: /a/3\r\nSet-Cookie: once=1; Path=/\r\n")
    web.pages["/feed"] = rss(web.base, ["/a/1", "/a/2"])
    web.pages |= {"/a/1": moved, "/away": kept("/away", story(1)), "/a/2": again, "/a/3": kept("/a/3", story(3))}
    desk.poll()
    assert b"X-Reader: archive\r\n" in seen["/a/3"]
    assert b"Accept-Language: ar\r\n" in seen["/a/3"]
    assert b"Cookie: edition=int; once=1\r\n" in seen["/a/3"]
    assert b"X-Reader" not in seen["/away"]
    assert b"edition" not in seen["/away"]


@pytest.mark.parametrize("kind", ["status", "refresh"])
def test_a_log_in_page_of_another_host_is_no_article(newsdesk: Any, web: Any, kind: str) -> None:
    desk = newsdesk(feeds=["/feed"])
    away = web.base.replace("127.0.0.1", "localhost") + "/login"
    web.pages["/feed"], web.pages["/login"] = rss(web.base, ["/a/1"]), story(99)
    sent = {"status": ("302 Found", f"Location: {away}\r\n"), "refresh": ("200 OK", f"Refresh: 0; url={away}\r\n")}
    web.pages["/a/1"] = answer("", status=sent[kind][0], more=sent[kind][1])
    desk.poll()
    assert desk.articles() == []
    assert desk.outcome("/a/1") == ("out_of_scope", "redirected to localhost")
    assert [capture.status for capture in desk.state.captures(away)] == [200]


def test_a_story_that_became_the_front_page_is_no_article(newsdesk: Any, web: Any) -> None:
    desk = newsdesk(feeds=["/feed"])
    web.pages["/feed"], web.pages["/"] = rss(web.base, ["/a/1"]), story(50)
    web.pages["/a/1"] = answer("", status="301 Moved Permanently", more="Location: /\r\n")
    desk.poll()
    assert desk.articles() == []
    assert desk.outcome("/a/1") == ("walled", "soft404")


def gone_on(path: str) -> bytes:
    return answer("", status="301 Moved Permanently", more=f"Location: {path}\r\n")


def test_a_redirect_to_a_page_that_is_asked_for_itself_is_one_request_for_it_now_and_later(
    newsdesk: Any, web: Any
) -> None:
    desk = newsdesk(feeds=["/feed"], sitemaps=["/map.xml"])
    web.pages |= {f"/a/story-{n}": story(n) for n in range(3)} | {
        f"/go/{n}": gone_on(f"/a/story-{n}") for n in range(3)
    }
    web.pages["/feed"] = rss(web.base, ["/go/0", "/go/1"])
    web.pages["/map.xml"] = sitemap(web.base, [("/a/story-0", "2026-11-20"), ("/a/story-1", "2026-11-20")])
    desk.poll()
    assert sorted(desk.stories()) == ["/a/story-0", "/a/story-1", "/go/0", "/go/1"]
    web.pages["/feed"] = rss(web.base, ["/go/0?again", "/go/2"])
    web.pages["/go/0?again"] = gone_on("/a/story-0")
    desk.poll(0.5)
    assert sorted(desk.stories()) == ["/a/story-2", "/go/0?again", "/go/2"]
    assert [desk.outcome(path) for path in ("/go/0", "/go/0?again", "/go/2")] == [
        ("redirected", f"{web.base}/a/story-{n}") for n in (0, 0, 2)
    ]


def test_pages_that_redirect_to_each_other_until_a_cookie_comes_back_are_had(newsdesk: Any, web: Any) -> None:
    def first(request: bytes) -> bytes:
        if b"seen=1" in request:
            return story(1)
        return answer("", status="302 Found", more="Location: /a/other\r\nSet-Cookie: seen=1; Path=/\r\n")

    desk = newsdesk(feeds=["/feed"])
    web.pages["/feed"] = rss(web.base, ["/a/first", "/a/other"])
    web.pages["/a/first"], web.pages["/a/other"] = first, gone_on("/a/first")
    desk.poll()
    assert desk.stories() != []


def test_pages_are_told_from_each_other_as_ever(newsdesk: Any, web: Any) -> None:
    desk = newsdesk(feeds=["/feed"])
    web.pages["/feed"] = rss(web.base, ["/show.php?id=1", "/show.php?id=2", "/a/One", "/a/one"])
    for n, path in enumerate(["/show.php?id=1", "/show.php?id=2", "/a/One", "/a/one"]):
        web.pages[path] = story(n)
    assert page("x")
    desk.poll()
    assert len(desk.articles()) == 4


def test_a_sitemap_that_stamps_all_pages_at_every_reading_has_them_fetched_a_few_times_only(
    newsdesk: Any, web: Any
) -> None:
    desk = newsdesk(sitemaps=["/map"])
    paths = [f"/2026/11/30/harbour-story-number-{n}" for n in range(5)]
    web.pages |= {path: story(n) for n, path in enumerate(paths)}
    asked = 0
    for _ in range(12):
        web.pages["/map"] = sitemap(
            web.base, [(path, f"{desk.process.clock.now():%Y-%m-%dT%H:%M:%SZ}") for path in paths]
        )
        desk.poll(0.4)
        asked += len(desk.stories())
    assert asked <= 5 + 8 + 4 + 2 * 5  # at first, until the credit is gone and that run is over, and by the plan


def test_a_feed_that_writes_new_addresses_each_time_did_not_lose_what_it_lists(newsdesk: Any, web: Any) -> None:
    desk = newsdesk(feeds=["/feed"])
    web.pages |= {f"/a/{n}?utm_medium={poll}": story(n) for n in range(3) for poll in range(3)}
    for poll in range(3):
        web.pages["/feed"] = rss(web.base, [f"/a/{n}?utm_medium={poll}" for n in range(3)])
        desk.poll(0.5)
        assert len(desk.stories()) == (0 if poll else 3)
    assert gaps_of(desk) == []
    web.pages["/feed"] = rss(web.base, ["/b/1?utm_medium=3", "/b/2?utm_medium=3"])
    desk.poll(0.5)
    assert gaps_of(desk) == [f"{web.base}/feed"]


def test_a_feed_that_was_empty_so_far_lost_nothing_when_its_first_story_comes(newsdesk: Any, web: Any) -> None:
    desk = newsdesk(feeds=["/feed"])
    for _ in range(2):
        web.pages["/feed"] = rss(web.base, [])
        desk.poll(0.5)
    web.pages |= {"/feed": rss(web.base, ["/a/1"]), "/a/1": story(1)}
    desk.poll(0.5)
    assert desk.stories() == ["/a/1"]
    assert gaps_of(desk) == []


def test_a_story_that_moved_and_says_the_same_is_no_second_article(newsdesk: Any, web: Any) -> None:
    desk = newsdesk(feeds=["/feed"], visits=4.0)
    web.pages |= {"/feed": rss(web.base, ["/a/1"]), "/a/1": story(1)}
    desk.poll()
    moved = answer("", status="301 Moved Permanently", more="Location: /b/1\r\n")
    web.pages |= {"/feed": rss(web.base, ["/b/1"]), "/a/1": moved, "/b/1": story(1)}
    for _ in range(8):
        desk.poll(1)
    assert [one["url"] for one in desk.articles()] == [f"{web.base}/a/1"]
    web.pages["/b/1"] = story(1, text="The pier was another one.")
    for _ in range(6):
        desk.poll(4)
    lines = desk.articles()
    assert len(lines) == 2
    assert lines[1]["revision_of"]["id"] == lines[0]["id"]
