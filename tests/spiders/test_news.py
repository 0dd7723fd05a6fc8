"""The news spider against a frontier in memory and real Scrapy responses."""

from __future__ import annotations

import asyncio
import gzip
from datetime import UTC, datetime
from typing import Any

import pytest
from scrapy import Request
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from twisted.python.failure import Failure

import crawler.errors as errors
from crawler.model.capture import Announcement, Earlier
from crawler.model.captured import CapturedPage
from crawler.model.frontier import MemoryFrontier, Wanted
from crawler.model.run import Run, Validators
from crawler.model.site import Site
from spiders.news import NewsSpider

FEED = "https://www.news.example/feed"
HOME = ("news.example",)
TEXT = "The council met on Tuesday evening and voted for the new bridge after four hours of debate in the town hall. "
ARTICLE = f"<!doctype html><html><body><h1>Bridge</h1><p>{TEXT}</p><p>{TEXT}</p><p>{TEXT}</p></body></html>"


def spider(site: Site, run: Run, frontier: MemoryFrontier) -> NewsSpider:
    return NewsSpider(site=site, run=run, frontier=frontier)


def started(made: NewsSpider) -> list[Request]:
    async def collect() -> list[Request]:
        return [request async for request in made.start()]

    return asyncio.run(collect())


def follow(made: NewsSpider, response: Response) -> list[Any]:
    return [one for one in made.parse(response) if one is not None]


def rss(*urls: str) -> str:
    items = "".join(f"<item><title>T</title><link>{url}</link></item>" for url in urls)
    return f"<rss version='2.0'><channel><link>https://www.news.example/</link>{items}</channel></rss>"


def sitemap(*urls: tuple[str, str]) -> str:
    return (
        "<urlset>" + "".join(f"<url><loc>{url}</loc><lastmod>{day}</lastmod></url>" for url, day in urls) + "</urlset>"
    )


def index(*children: tuple[str, str | None]) -> str:
    entries = "".join(
        f"<sitemap><loc>{url}</loc>{f'<lastmod>{day}</lastmod>' if day else ''}</sitemap>" for url, day in children
    )
    return f"<sitemapindex>{entries}</sitemapindex>"


def role(request: Request) -> str:
    return request.meta["provenance"].role


def request_for(made: NewsSpider, url: str) -> Request:
    """The request for one channel of the site, as if it had no other."""
    return next(made._request(seed) for seed in made.channels() if seed.url == url)


def test_pages_are_asked_for_when_every_channel_has_been_read(site: Site, run: Run, answer: Any) -> None:
    left = Announcement(url="https://www.news.example/left", role="article", source="feed", via=FEED)
    made = spider(site, run, MemoryFrontier(pending=[left]))
    feed, news, world = started(made)
    assert [(request.url, role(request)) for request in (feed, news, world)] == [
        ("https://www.news.example/feed", "feed"),
        ("https://www.news.example/news.xml", "sitemap"),
        ("https://www.news.example/world/", "listing"),
    ]
    assert follow(made, answer(feed, rss("https://www.news.example/a"))) == []
    assert follow(made, answer(news, status=304)) == []
    first, second = made.on_error(failure_of(world, errors.FetchTimeout("slow")))
    assert [request.url for request in (first, second)] == [left.url, "https://www.news.example/a"]
    assert feed.priority > first.priority
    assert all(request.dont_filter for request in (feed, first))
    assert first.meta["provenance"].announcement == left


def test_targets_are_probes_unless_the_site_declares_them(site: Site, run: Run) -> None:
    one_off = Run(**{**{f: getattr(run, f) for f in run.__struct_fields__}, "targets": (FEED, "https://x.example/a")})
    requests = started(spider(site, one_off, MemoryFrontier()))
    assert [(request.url, role(request)) for request in requests] == [(FEED, "feed"), ("https://x.example/a", "probe")]


def test_channels_are_asked_for_conditionally_articles_are_not(site: Site, run: Run) -> None:
    known = {
        FEED: Validators('"v1"', "Mon, 23 Nov 2026 18:00:00 GMT"),
        "https://www.news.example/left": Validators('"x"'),
    }
    made = spider(site, run, MemoryFrontier(validators=known))
    request = request_for(made, FEED)
    assert request.headers[b"If-None-Match"] == b'"v1"'
    assert request.headers[b"If-Modified-Since"] == b"Mon, 23 Nov 2026 18:00:00 GMT"
    assert b"If-None-Match" not in article_request(made, "https://www.news.example/left").headers


def test_a_visit_asks_for_what_changed_and_says_which_article_it_visits(site: Site, run: Run) -> None:
    made = spider(site, run, MemoryFrontier())
    page = Announcement(url="https://www.news.example/a", role="article", source="feed")
    earlier = Earlier("0123456789abcdef", run.queued_at)
    request = made._page_request(Wanted(announcement=page, earlier=earlier, conditions=Validators('"x"')))
    assert request.headers[b"If-None-Match"] == b'"x"'
    assert request.meta["provenance"].earlier == earlier


def test_a_feed_is_settled_remembered_and_its_new_items_followed(site: Site, run: Run, answer: Any) -> None:
    frontier = MemoryFrontier(hosts=HOME)
    made = spider(site, run, frontier)
    body = rss("https://www.news.example/a", "https://www.news.example/b", "https://elsewhere.example/c")
    followed = follow(
        made, answer(request_for(made, FEED), body, mime="application/rss+xml", ETag='"v2"', Last_Modified="then")
    )
    assert [(request.url, role(request)) for request in followed] == [
        ("https://www.news.example/a", "article"),
        ("https://www.news.example/b", "article"),
    ]
    assert followed[0].meta["provenance"].announcement.via == FEED
    assert "capture" not in followed[0].meta
    assert frontier.outcomes() == {"https://elsewhere.example/c": "out_of_scope", FEED: "captured"}
    assert frontier.remembered[FEED] == Validators('"v2"', "then")
    assert frontier.settlements[-1].capture is not None


def test_a_second_reading_follows_only_what_is_new(site: Site, run: Run, answer: Any) -> None:
    made = spider(site, run, MemoryFrontier())
    follow(made, answer(request_for(made, FEED), rss("https://www.news.example/a")))
    again = follow(
        made, answer(request_for(made, FEED), rss("https://www.news.example/a", "https://www.news.example/b"))
    )
    assert [request.url for request in again] == ["https://www.news.example/b"]


def test_a_gzip_coded_body_is_decoded_before_it_is_read(site: Site, run: Run, answer: Any) -> None:
    made = spider(site, run, MemoryFrontier())
    packed = gzip.compress(rss("https://www.news.example/a").encode())
    followed = follow(made, answer(request_for(made, FEED), packed, Content_Encoding="gzip"))
    assert [request.url for request in followed] == ["https://www.news.example/a"]


def test_304_is_not_modified_and_leaves_the_validators(site: Site, run: Run, answer: Any) -> None:
    frontier = MemoryFrontier(validators={FEED: Validators('"v1"')})
    made = spider(site, run, frontier)
    assert follow(made, answer(request_for(made, FEED), status=304, kind="revisit")) == []
    assert frontier.outcomes() == {FEED: "not_modified"}
    assert frontier.remembered == {FEED: Validators('"v1"')}


def test_a_304_that_nobody_asked_for_is_a_failure(site: Site, run: Run, answer: Any) -> None:
    frontier = MemoryFrontier()
    made = spider(site, run, frontier)
    assert follow(made, answer(request_for(made, FEED), status=304)) == []
    (settled,) = frontier.settlements
    assert (settled.outcome, settled.reason) == ("failed", "unasked_304")


@pytest.mark.parametrize("status", [204, 301, 403, 404, 410, 429, 500, 503])
def test_every_other_status_is_a_failure_with_its_number(site: Site, run: Run, answer: Any, status: int) -> None:
    frontier = MemoryFrontier()
    made = spider(site, run, frontier)
    assert follow(made, answer(request_for(made, FEED), "<html>error</html>", status=status)) == []
    (settled,) = frontier.settlements
    assert (settled.outcome, settled.reason) == ("failed", f"http_{status}")


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        (FEED, "not_a_feed"),
        ("https://www.news.example/news.xml", "not_a_sitemap"),
    ],
)
def test_what_is_not_what_it_should_be_fails_with_a_reason(
    site: Site, run: Run, answer: Any, url: str, reason: str
) -> None:
    frontier = MemoryFrontier()
    made = spider(site, run, frontier)
    assert follow(made, answer(request_for(made, url), "<html><body>Moved</body></html>")) == []
    (settled,) = frontier.settlements
    assert (settled.outcome, settled.reason) == ("failed", reason)
    assert url not in frontier.remembered


def test_an_empty_feed_is_captured_and_said_to_be_empty(site: Site, run: Run, answer: Any) -> None:
    frontier = MemoryFrontier()
    made = spider(site, run, frontier)
    follow(made, answer(request_for(made, FEED), rss()))
    assert [(s.outcome, s.reason) for s in frontier.settlements] == [("captured", "empty")]


def test_a_feed_declared_as_sitemap_is_read_all_the_same(site: Site, run: Run, answer: Any) -> None:
    made = spider(site, run, MemoryFrontier())
    followed = follow(
        made, answer(request_for(made, "https://www.news.example/news.xml"), rss("https://www.news.example/a"))
    )
    assert [request.url for request in followed] == ["https://www.news.example/a"]


def test_a_feed_that_is_cut_off_is_followed_but_asked_for_in_full_next_time(site: Site, run: Run, answer: Any) -> None:
    frontier = MemoryFrontier()
    made = spider(site, run, frontier)
    cut = rss("https://www.news.example/a", "https://www.news.example/cut-in-the-middle")[:-40]
    followed = follow(made, answer(request_for(made, FEED), cut, truncated="disconnect", ETag='"v2"'))
    assert [request.url for request in followed] == ["https://www.news.example/a"]
    assert frontier.remembered == {}


def test_an_unchanged_feed_is_a_duplicate_and_still_read(site: Site, run: Run, answer: Any) -> None:
    frontier = MemoryFrontier()
    made = spider(site, run, frontier)
    followed = follow(made, answer(request_for(made, FEED), rss("https://www.news.example/a"), kind="revisit"))
    assert frontier.outcomes() == {FEED: "duplicate"}
    assert len(followed) == 1


def test_a_sitemap_gives_the_newest_first(site: Site, run: Run, answer: Any) -> None:
    made = spider(site, run, MemoryFrontier())
    body = sitemap(
        ("https://www.news.example/x/old-story", "2026-11-01"), ("https://www.news.example/x/new-story", "2026-11-22")
    )
    followed = follow(
        made, answer(request_for(made, "https://www.news.example/news.xml"), body, mime="application/xml")
    )
    assert [request.url[-9:] for request in followed] == ["new-story", "old-story"]


def test_a_large_sitemap_is_read_and_admitted_little_by_little(site: Site, run: Run, answer: Any) -> None:
    frontier = MemoryFrontier(max_pages=3)
    made = spider(site, run, frontier)
    urls = [(f"https://www.news.example/x/a-story-of-{number}", "2026-11-22") for number in range(1000)]
    known = []
    steps = 0
    found = []
    for one in made.parse(answer(request_for(made, site.news_sitemaps[0]), sitemap(*urls))):
        steps += one is None
        known.append(len(frontier.known))
        found += [one.url] if one is not None else []
    assert found == [url for url, _ in urls[:3]]
    assert steps > 6
    assert 0 < known[5] < 1000
    assert list(frontier.known) == [url for url, _ in urls]


def test_an_index_adds_the_sitemaps_changed_since_the_horizon(site: Site, run: Run, answer: Any) -> None:
    frontier = MemoryFrontier(since=datetime(2026, 11, 20, 12, tzinfo=UTC))
    made = spider(site, run, frontier)
    body = index(
        ("https://www.news.example/old.xml", "2026-11-19"),
        ("https://www.news.example/today.xml", "2026-11-23T08:00:00Z"),
        ("https://www.news.example/that-day.xml", "2026-11-20"),
        ("https://elsewhere.example/other.xml", "2026-11-23T09:00:00Z"),
        ("https://www.news.example/silent.xml", None),
    )
    followed = follow(made, answer(request_for(made, "https://www.news.example/news.xml"), body))
    assert [(request.url.rpartition("/")[2], role(request)) for request in followed] == [
        ("other.xml", "sitemap"),  # an index on the site's own host vouches for it
        ("today.xml", "sitemap"),
        ("that-day.xml", "sitemap"),
        ("silent.xml", "sitemap"),
    ]
    assert followed[0].priority < request_for(made, FEED).priority


def test_an_index_elsewhere_speaks_for_its_own_host_the_sites_and_what_robots_txt_names(
    site: Site, run: Run, answer: Any
) -> None:
    made = spider(site, run, MemoryFrontier())
    body = index(
        ("https://cdn.example/1.xml", "2026-11-23"),
        ("https://www.news.example/2.xml", "2026-11-23"),
        ("https://elsewhere.example/3.xml", "2026-11-23"),
        ("https://elsewhere.example/named.xml", "2026-11-23"),
    )
    channel = Announcement(url="https://cdn.example/index.xml", role="sitemap", source="seed")
    request = made._request(channel)
    request.meta["robots_sitemaps"] = ("https://elsewhere.example/named.xml",)
    followed = follow(made, answer(request, body))
    assert [one.url.rpartition("/")[2] for one in followed] == ["1.xml", "2.xml", "named.xml"]


def test_indexes_in_indexes_do_not_multiply_the_budget(site: Site, run: Run, answer: Any) -> None:
    made = spider(site, run, MemoryFrontier())
    made.child_budget = 2
    asked, read = [request_for(made, "https://www.news.example/news.xml")], 0
    while asked:
        request = asked.pop(0)
        read += 1
        below = index(*((f"{request.url}.{n}", "2026-11-23") for n in range(9)))
        asked += follow(made, answer(request, below))
    assert read == 1 + 3 * 2


def test_an_index_whose_sitemap_could_not_be_read_is_read_anew(site: Site, run: Run, answer: Any) -> None:
    for status, is_kept in ((503, False), (404, True)):
        frontier = MemoryFrontier()
        made = spider(site, run, frontier)
        request = request_for(made, "https://www.news.example/news.xml")
        (child,) = follow(made, answer(request, index(("https://www.news.example/1.xml", "2026-11-23")), ETag='"1"'))
        assert frontier.remembered[request.url].etag == '"1"'
        follow(made, answer(child, "no", status=status))
        assert (request.url in frontier.remembered) == is_kept


def test_an_index_that_does_not_date_its_sitemaps_is_never_asked_whether_it_changed(
    site: Site, run: Run, answer: Any
) -> None:
    frontier = MemoryFrontier()
    made = spider(site, run, frontier)
    request = request_for(made, "https://www.news.example/news.xml")
    assert len(follow(made, answer(request, index(("https://www.news.example/1.xml", None)), ETag='"1"'))) == 1
    assert request.url not in frontier.remembered


def test_an_index_larger_than_the_budget_is_read_in_parts_and_not_remembered(site: Site, run: Run, answer: Any) -> None:
    frontier = MemoryFrontier()
    made = spider(site, run, frontier)
    children = [(f"https://www.news.example/s-{year}.xml", None) for year in range(2000, 2026)]
    followed = follow(
        made, answer(request_for(made, "https://www.news.example/news.xml"), index(*children), ETag='"1"')
    )
    assert [request.url[25:] for request in followed] == [f"s-{year}.xml" for year in range(2025, 2005, -1)]
    assert frontier.remembered == {}


def test_indexes_in_indexes_end(site: Site, run: Run, answer: Any) -> None:
    made = spider(site, run, MemoryFrontier())
    request = request_for(made, "https://www.news.example/news.xml")
    for depth in range(10):
        followed = follow(made, answer(request, index((f"https://www.news.example/{depth}.xml", None))))
        if not followed:
            break
        (request,) = followed
    assert depth == 3


def test_each_sitemap_is_read_once_in_a_run(site: Site, run: Run, answer: Any) -> None:
    made = spider(site, run, MemoryFrontier())
    children = [(f"https://www.news.example/s{n}.xml", None) for n in range(3)]
    followed = follow(made, answer(request_for(made, "https://www.news.example/news.xml"), index(*children)))
    assert len(followed) == 3
    assert follow(made, answer(followed[0], index(*children))) == []


def test_a_listing_leads_to_its_articles(site: Site, run: Run, answer: Any) -> None:
    frontier = MemoryFrontier()
    made = spider(site, run, frontier)
    body = (
        '<html><body><h2><a href="/2026/11/23/rain-and-wind">Rain and wind hit the coast '
        "overnight</a></h2></body></html>"
    )
    followed = follow(made, answer(request_for(made, "https://www.news.example/world/"), body))
    assert [request.url for request in followed] == ["https://www.news.example/2026/11/23/rain-and-wind"]
    assert followed[0].meta["provenance"].announcement.title == "Rain and wind hit the coast overnight"


def article_request(made: NewsSpider, url: str = "https://www.news.example/a") -> Request:
    announcement = Announcement(url=url, role="article", source="feed", via=FEED)
    return made._page_request(Wanted(announcement=announcement))


def test_an_article_leaves_for_the_parse_stage_undecoded(site: Site, run: Run, answer: Any) -> None:
    frontier = MemoryFrontier()
    made = spider(site, run, frontier)
    (page,) = follow(made, answer(article_request(made), ARTICLE))
    assert isinstance(page, CapturedPage)
    assert page.block.read().endswith(b"</html>")
    assert (page.provenance.role, page.truncated) == ("article", False)
    assert frontier.outcomes() == {"https://www.news.example/a": "captured"}


def test_a_page_seen_before_that_gave_no_article_is_parsed_again(site: Site, run: Run, answer: Any) -> None:
    frontier = MemoryFrontier()
    made = spider(site, run, frontier)
    (page,) = follow(made, answer(article_request(made), ARTICLE, kind="revisit"))
    assert page.block.read().endswith(b"</html>")
    assert frontier.outcomes() == {"https://www.news.example/a": "captured"}


def test_an_article_seen_before_is_a_duplicate(site: Site, run: Run, answer: Any) -> None:
    frontier = MemoryFrontier(articles=["https://www.news.example/a"])
    made = spider(site, run, frontier)
    assert follow(made, answer(article_request(made), ARTICLE, kind="revisit")) == []
    assert frontier.outcomes() == {"https://www.news.example/a": "duplicate"}


def test_what_an_article_s_url_gave_is_judged_where_pages_are_read(site: Site, run: Run, answer: Any) -> None:
    frontier = MemoryFrontier()
    made = spider(site, run, frontier)
    (page,) = follow(made, answer(article_request(made), b"%PDF-", mime="application/pdf"))
    assert page.capture.mime == "application/pdf"
    assert [(s.outcome, s.reason) for s in frontier.settlements] == [("captured", None)]


def test_a_truncated_page_says_so(site: Site, run: Run, answer: Any) -> None:
    made = spider(site, run, MemoryFrontier())
    (page,) = follow(made, answer(article_request(made), ARTICLE[:90], truncated="length"))
    assert page.truncated


def test_what_the_archive_does_not_have_was_not_seen(site: Site, run: Run, answer: Any) -> None:
    frontier = MemoryFrontier()
    made = spider(site, run, frontier)
    response = answer(article_request(made), ARTICLE)
    del response.meta["capture"]
    assert follow(made, response) == []
    assert [(s.outcome, s.reason) for s in frontier.settlements] == [("failed", "not_archived")]


def test_redirects_are_settled_with_the_url_that_answered(site: Site, run: Run, answer: Any) -> None:
    frontier = MemoryFrontier()
    made = spider(site, run, frontier)
    (page,) = follow(made, answer(article_request(made), ARTICLE, url="https://www.news.example/b"))
    assert [(s.url, s.outcome, s.reason, s.role) for s in frontier.settlements] == [
        ("https://www.news.example/a", "redirected", "https://www.news.example/b", None),
        ("https://www.news.example/b", "captured", None, "article"),
    ]
    assert page.provenance.redirects == ("https://www.news.example/a",)


def test_a_redirected_feed_is_remembered_under_the_address_it_is_asked_for(site: Site, run: Run, answer: Any) -> None:
    frontier = MemoryFrontier()
    made = spider(site, run, frontier)
    follow(made, answer(request_for(made, FEED), rss(), url="https://feeds.news.example/all", ETag='"1"'))
    assert frontier.remembered == {FEED: Validators('"1"', None)}


def probe(site: Site, run: Run, frontier: MemoryFrontier, url: str) -> tuple[NewsSpider, Request]:
    one_off = Run(**{**{f: getattr(run, f) for f in run.__struct_fields__}, "targets": (url,)})
    made = spider(site, one_off, frontier)
    return made, started(made)[0]


def test_a_probe_that_is_an_article_is_parsed_without_a_second_request(site: Site, run: Run, answer: Any) -> None:
    frontier = MemoryFrontier()
    made, request = probe(site, run, frontier, "https://www.news.example/bridge")
    (page,) = follow(made, answer(request, ARTICLE))
    assert isinstance(page, CapturedPage)
    assert page.provenance.role == "probe"
    assert frontier.outcomes() == {"https://www.news.example/bridge": "captured"}


@pytest.mark.parametrize(
    "body", [rss("https://www.news.example/x/a-story"), sitemap(("https://www.news.example/x/a-story", "2026-11-11"))]
)
def test_a_probe_that_is_a_channel_is_read_as_one(site: Site, run: Run, answer: Any, body: str) -> None:
    made, request = probe(site, run, MemoryFrontier(), "https://www.news.example/unknown")
    assert [r.url for r in follow(made, answer(request, body, mime="text/xml"))] == [
        "https://www.news.example/x/a-story"
    ]


def test_a_probe_that_is_nothing_known_fails(site: Site, run: Run, answer: Any) -> None:
    frontier = MemoryFrontier()
    made, request = probe(site, run, frontier, "https://www.news.example/unknown")
    assert follow(made, answer(request, "words", mime="text/plain")) == []
    assert [(s.outcome, s.reason) for s in frontier.settlements] == [("failed", "not_recognised")]


def failure_of(request: Request, error: Exception) -> Failure:
    failure = Failure(error)
    failure.request = request  # type: ignore[attr-defined]
    return failure


def test_a_request_that_fails_is_settled_with_the_redirects_before_it(site: Site, run: Run) -> None:
    frontier = MemoryFrontier()
    made = spider(site, run, frontier)
    request = article_request(made, "https://www.news.example/b")
    request.meta["redirect_urls"] = ["https://www.news.example/a"]
    made.on_error(failure_of(request, errors.TlsFailure("expired", next_step="wait")))
    assert [(s.url, s.outcome, s.reason) for s in frontier.settlements] == [
        ("https://www.news.example/a", "redirected", "https://www.news.example/b"),
        ("https://www.news.example/b", "failed", "tls"),
    ]


def test_a_fault_of_ours_leaves_the_url_queued(site: Site, run: Run) -> None:
    frontier = MemoryFrontier()
    made = spider(site, run, frontier)
    made.on_error(failure_of(article_request(made), errors.SpoolFull("the disk is full", next_step="make room")))
    assert frontier.settlements == []


@pytest.mark.parametrize(
    ("final", "outcome", "reason"),
    [
        ("https://login.elsewhere.example/?next=a", "out_of_scope", "redirected to login.elsewhere.example"),
        ("https://www.news.example/", "walled", "soft404"),
        ("https://www.news.example/en/", "walled", "soft404"),
    ],
)
def test_a_story_that_leads_elsewhere_is_no_article(
    site: Site, run: Run, answer: Any, final: str, outcome: str, reason: str
) -> None:
    frontier = MemoryFrontier()
    made = spider(site, run, frontier)
    assert follow(made, answer(article_request(made), ARTICLE, url=final)) == []
    settled = frontier.settlements[0]
    assert (settled.url, settled.outcome, settled.reason) == ("https://www.news.example/a", outcome, reason)
    assert settled.capture is not None
    assert frontier.outcomes().get(final) in (None, "out_of_scope")


def test_a_circle_of_redirects_is_tried_again_from_its_beginning(site: Site, run: Run) -> None:
    frontier = MemoryFrontier()
    made = spider(site, run, frontier)
    request = article_request(made, "https://www.news.example/b")
    request.meta["redirect_urls"] = ["https://www.news.example/a"]
    made.on_error(failure_of(request, IgnoreRequest("redirects in a circle")))
    assert frontier.outcomes() == {"https://www.news.example/a": "failed"}


def test_too_many_redirects_are_a_failure(site: Site, run: Run) -> None:
    frontier = MemoryFrontier()
    made = spider(site, run, frontier)
    made.on_error(failure_of(article_request(made), IgnoreRequest("max redirections reached")))
    assert [(s.outcome, s.reason) for s in frontier.settlements] == [("failed", "too_many_redirects")]
