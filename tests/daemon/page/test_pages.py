"""Every page over a real crawl: it is there, it says what happened, and it links on."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlencode

import msgspec
import pytest

from crawler.clock import SystemClock
from crawler.frontier.identity import identity_of
from crawler.model.channel import ChannelReport
from crawler.state import AlarmRow, ArticleFilter, Following, open_state
from tests.daemon.page.page_server import STARTED, revise, serving


def links(text: str) -> list[str]:
    found = [unescape(link) for link in re.findall(r'(?:href|src|hx-get)="([^"]+)"', text)]
    return [link for link in found if link.startswith("/")]


def words(text: str) -> str:
    """What a person reads."""
    main = text.partition("<main")[2].partition("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


@pytest.mark.parametrize(
    "path", ["/", "/live", "/sites", "/runs", "/articles", "/coverage", "/alarms", "/metrics", "/readyz"]
)
def test_a_page_is_there(served, path):
    assert served.get(path).status == 200


def test_every_link_of_every_page_leads_somewhere(served):
    waiting, seen = ["/"], set()
    while waiting and len(seen) < 300:
        path = waiting.pop()
        seen.add(path)
        answer = served.get(path)
        assert answer.status == 200, (path, answer.text[-600:])
        if answer.headers["content-type"].startswith("text/html") and not path.startswith("/capture/content"):
            waiting += set(links(answer.text)) - seen - set(waiting)
    assert len(seen) > 100


def check_structure(path: str, text: str) -> None:
    levels = [int(level) for level in re.findall(r"<h([1-6])[ >]", text)]
    assert levels.count(1) == 1, (path, levels)
    assert all(after <= before + 1 for before, after in pairwise(levels)), (path, levels)
    labelled = "".join(re.findall(r"<label>.*?</label>", text, re.DOTALL))
    for control in re.findall(r'<(?:select|input(?! type="hidden"))[^>]*>', text):
        assert control in labelled, (path, control)
    assert text.count("<table>") == text.count("<caption"), path
    assert all("scope=" in head for head in re.findall(r"<th[ >][^>]*", text)), path
    assert all("aria-label=" in picture for picture in re.findall(r"<svg[^>]*>", text)), path
    assert all("title=" in frame for frame in re.findall(r"<iframe[^>]*>", text)), path
    assert all("aria-label=" in bar for bar in re.findall(r"<progress[^>]*>", text)), path
    names = re.findall(r'\bid="([^"]+)"', text)
    assert len(names) == len(set(names)), (path, names)
    for name in re.findall(r'aria-labelledby="([^"]+)"', text):
        assert name in names, (path, name)


def test_headings_labels_and_tables_are_in_order_on_every_page(served, config):
    served.state.see_alarm("store", "critical", None, "3 sealed files wait")
    served.state.see_alarm("clock", "warning", None, "jumped")
    served.state.clear_alarm(served.state.open_alarms()[-1].id)
    harm, arabic = (
        served.state.browse_articles(wanted, limit=1).rows[0]
        for wanted in (ArticleFilter(site="harm"), ArticleFilter(language="ar"))
    )
    capture = served.state.captures(arabic.url)[-1]
    paths = [
        "/", "/sites", "/sites/harm", "/runs", "/runs?site=harm", f"/runs/{harm.run}", "/articles",
        "/articles?q=nothing",
        "/url?" + urlencode({"url": arabic.url}), revise(served, config), "/coverage", "/coverage?site=harm", "/alarms",
        "/capture?" + urlencode({"warc": capture.warc, "offset": capture.offset}), "/nothing",
    ]  # fmt: skip
    for path in paths:
        check_structure(path, served.get(path).text)


def test_the_overview_tells_what_runs_with_its_progress(served):
    run = served.daemon.trigger(["harm"])[0]
    served.state.start_run(run.id, worker="1@here/w")
    served.progress[run.id] = {
        "run": run.id,
        "counts": {"parsed": 3, "failed": 1, "queued": 9},
        "size_bytes": 2048,
        "elapsed_s": 1.0,
    }
    text = words(served.get("/").text)
    assert "4 pages, 3 articles, 1 failed , 9 to come; 2.0 kB" in text
    assert '<progress max="13" value="4"' in served.get("/").text


def test_the_overview_says_that_there_are_no_alarms_or_which(archive, config, served):
    assert "No alarms." in served.get("/").text
    alarm = AlarmRow(
        id=1, kind="dead_feed", severity="critical", site="harm", message="<b>no item</b> for 3 days",
        raised_at=STARTED,
        seen_at=STARTED,
    )  # fmt: skip
    with serving(config, archive.sites, alarms=lambda: [alarm]) as page:
        text = page.get("/").text
        assert "dead feed" in text
        assert "&lt;b&gt;no item&lt;/b&gt; for 3 days" in text
        assert 'warraq_alarms{kind="dead_feed",severity="critical"} 1.0' in page.get("/metrics").text


def test_the_alarms_that_are_on_come_first_then_those_that_are_over(archive, config):
    with open_state(config.state, clock=SystemClock()) as state:
        state.see_alarm("few_articles", "warning", "harm", "<b>2</b> articles; usually 40")
        state.clear_alarm(state.open_alarms()[0].id)
        state.see_alarm("store", "critical", None, "3 sealed files wait")
        on = state.open_alarms()
    with serving(config, archive.sites, alarms=lambda: on) as page:
        page_text = page.get("/alarms").text
        text = words(page_text)
    assert text.index("store critical") < text.index("3 sealed files wait") < text.index("Look at: credentials")
    assert text.index("Over") < text.index("few articles harm") < text.index("<b>2</b> articles; usually 40")
    assert "<b>2</b>" not in page_text


def test_without_alarms_the_page_says_so(served):
    assert words(served.get("/alarms").text).endswith("Alarms On None. Over None so far.")


def test_settings_that_were_not_taken_over_are_said_on_the_overview(served):
    served.daemon.settings_error = "warraq.toml: fetch.delay: unknown key"
    served.daemon.settings_waiting = ("storage.url",)
    text = words(served.get("/").text)
    assert "fetch.delay: unknown key" in text
    assert "wait for a restart of the daemon: storage.url" in text


def test_wrong_seeds_are_said_on_the_overview(served):
    served.daemon.seeds_error = "seeds/x.toml: feeds: missing"
    assert "seeds/x.toml: feeds: missing" in served.get("/").text


def test_a_site_shows_its_state_and_what_can_be_done(served):
    text = words(served.get("/sites/harm").text)
    assert "Run now Pause schedule" in text
    assert "parsed 1" in text
    assert "failed 2" in text
    served.post("/sites/harm/pause", {"form_token": served.sit("/sites/harm")})
    assert "paused" in words(served.get("/sites").text)


def test_a_site_shows_what_the_last_check_of_its_channels_found(served):
    assert "last check" not in served.get("/sites/harm").text
    (url, *_) = served.daemon.sites["harm"].channel_roles
    report = ChannelReport(
        url=url, site="harm", declared="feed", kind="Atom", items=1234, newest_at="2020-01-02T03:04:05Z"
    )
    served.state.keep_report(report)
    assert re.search(r"Atom 1.?234 2020-01-02", words(served.get("/sites/harm").text))
    served.state.keep_report(msgspec.structs.replace(report, kind=None, reason="page_instead"))
    assert "page_instead" in words(served.get("/sites/harm").text)


def test_sites_are_found_by_name_and_title(served):
    assert "demo-arabic" in served.get("/sites?q=ARABIC").text
    assert "harm" not in words(served.get("/sites?q=arabic").text)
    assert "No site matches." in served.get("/sites?q=nobody").text


def test_a_run_tells_what_became_of_its_urls_and_why(served):
    run = served.state.last_run("harm")
    text = words(served.get(f"/runs/{run.id}").text)
    assert "partial harm" in text
    assert "failed 2" in text
    assert "/gone failed it is not there; the answer is in the archive http_404 · capture" in text


def test_runs_go_on_where_the_page_ended(served):
    for _ in range(60):
        served.daemon.trigger(["harm"])
    first = served.get("/runs")
    assert first.text.count('class="id" href="/runs/') == 50
    (further,) = [link for link in links(first.text) if "before_at" in link]
    second = served.get(further)
    ids = [set(re.findall(r'class="id" href="/runs/([^"]+)"', page.text)) for page in (first, second)]
    assert not ids[0] & ids[1]
    assert len(ids[0] | ids[1]) == len(served.state.runs(limit=1000))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("language=ar", True),
        ("language=fr", False),
        ("site=demo-arabic", True),
        ("site=harm", False),
        ("site=demo-arabic&language=ar", True),
        ("since=2020-01-01", True),
        ("since=2099-01-01", False),
        ("until=2020-01-01", False),
        ("q=السمك", True),
        ("q=السمك+القديمة", True),
        ("q=السمك+nowhere", False),
    ],
)
def test_articles_are_filtered(served, query, found):
    text = served.get(
        "/articles?" + urlencode([tuple(part.split("=")) for part in query.replace("+", " ").split("&")])
    ).text
    assert ("سوق السمك" in text) is found


@pytest.mark.parametrize("language", ["ar", "zh-CN", "fa", "fr"])
def test_a_piece_of_a_title_in_any_script_finds_it_together_with_every_filter(served, language):
    row = served.state.browse_articles(ArticleFilter(language=language), limit=1).rows[0]
    piece = row.title[2:5] if language == "zh-CN" else max(row.title.split(), key=len)
    day = row.captured_at.date().isoformat()
    asked = {"q": piece, "language": language, "site": row.site, "since": day, "until": day}
    assert urlencode({"url": row.url}) in unescape(served.get("/articles?" + urlencode(asked)).text)
    for wrong in ({"language": "xx"}, {"site": "harm"}, {"until": "2020-01-01"}, {"q": f"{piece} zzzz"}):
        text = served.get("/articles?" + urlencode({**asked, **wrong})).text
        assert urlencode({"url": row.url}) not in unescape(text), wrong


def test_a_search_for_a_url_leads_to_it(served, archive):
    answer = served.get("/articles?" + urlencode({"q": archive.hostile_url + "#x"}))
    assert answer.status == 303
    assert served.get(answer.headers["location"]).status == 200


def test_an_article_shows_text_fields_captures_and_provenance(served):
    row = served.state.browse_articles(ArticleFilter(language="ar"), limit=1).rows[0]
    capture = served.state.captures(row.url)[-1]
    text = served.get("/url?" + urlencode({"url": row.url})).text
    assert '<article class="text" dir="rtl" lang="ar">' in text
    for told in (capture.warc, f">{capture.offset}<", capture.payload_sha256, row.path, row.run, row.article_id):
        assert told in text


def test_revisions_are_compared_word_by_word(served, config):
    compared = revise(served, config)
    row = served.state.latest_articles("harm")[0]
    assert compared in links(served.get("/url?" + urlencode({"url": row.url})).text)
    text = served.get(compared).text
    assert "<del>bridge,</del>" in text
    assert "<ins>&lt;i&gt;tunnel&lt;/i&gt;,</ins>" in text


def test_an_article_whose_text_the_store_lost_says_so(served, archive):
    row = served.state.latest_articles("harm")[0]
    path = row.path.rpartition("/")[0] + "/articles.jsonl"
    served.state.add_article(
        article_id=row.article_id, url=row.url, site="harm", run=row.run, captured_at=row.captured_at + timedelta(1),
        title="gone", published_at=None, path=path.replace("articles/harm", "articles/lost"),
    )  # fmt: skip
    answer = served.get("/url?" + urlencode({"url": row.url}))
    assert answer.status == 200
    assert "text cannot be shown" in answer.text


def test_every_address_of_a_page_leads_to_its_story(served):
    row = served.state.latest_articles("harm")[0]
    entry = served.state.entry(row.url)
    alias, never_announced = f"{row.url}?utm_source=a", f"{row.url}?utm_source=b"
    own = Following(identity=identity_of(row.url), page=row.url)
    served.state.settle(alias, "alias", run=entry.run, role="article", following=own)
    to_page = "/url?" + urlencode({"url": row.url})
    to_alias = "/url?" + urlencode({"url": alias})
    assert to_alias in links(served.get(to_page).text)
    assert to_page in links(served.get(to_alias).text)
    answer = served.get("/url?" + urlencode({"url": never_announced}))
    assert (answer.status, answer.headers["location"]) == (303, to_page)


def test_what_is_not_known_is_404_with_a_reason(served):
    for path in (
        "/url?url=http://nobody.example/",
        "/runs/nobody",
        "/sites/nobody",
        "/articles/0000",
        "/capture?warc=x&offset=1",
    ):
        answer = served.get(path)
        assert answer.status == 404
        assert "known" in answer.text or "id" in answer.text
    assert served.get("/url?url=nonsense").status == 400


def test_a_capture_is_shown_from_store_and_from_spool(served, archive, config):
    capture = served.state.captures(archive.hostile_url)[0]
    path = "/capture/content?" + urlencode({"warc": capture.warc, "offset": capture.offset})
    from_spool = served.get(path).text
    for file in Path(config.state.dir).rglob("*.warc.gz"):
        file.unlink()
    assert served.get(path).text == from_spool
    assert "The council met on Monday" in from_spool


def test_a_capture_tells_what_is_missing_and_is_set_in_a_style_of_ours(served, archive):
    capture = served.state.captures(archive.hostile_url)[0]
    place = urlencode({"warc": capture.warc, "offset": capture.offset})
    text = words(served.get(f"/capture?{place}").text)
    assert "The page asks for 1 style sheet, 1 picture, 3 videos or sounds, 1 frame, 3 scripts, which are not" in text
    frame = served.get(f"/capture/content?{place}").text
    assert frame.lower().startswith("<!doctype html><style>@layer warraq{")


def test_a_capture_that_cannot_be_read_says_why(served, archive, config):
    capture = served.state.captures(archive.hostile_url)[0]
    gone = msgspec.structs.replace(capture, warc="WARRAQ-gone.warc.gz")
    served.state.add_capture(gone, run=served.state.last_run("harm").id, site="harm", role="article")
    answer = served.get("/capture?" + urlencode({"warc": gone.warc, "offset": gone.offset}))
    assert answer.status == 200
    assert "It cannot be shown: WARRAQ-gone.warc.gz is neither in the spool nor known to be in the store" in answer.text


def test_a_revisit_shows_the_capture_it_repeats(served, archive):
    first = served.state.captures(archive.hostile_url)[0]
    again = msgspec.structs.replace(
        first, kind="revisit", warc="WARRAQ-x.warc.gz", captured_at=first.captured_at + timedelta(hours=1)
    )
    run = served.state.last_run("harm")
    served.state.add_capture(again, run=run.id, site="harm", role="article")
    text = unescape(served.get("/capture?" + urlencode({"warc": again.warc, "offset": again.offset})).text)
    assert "This capture is a revisit" in text
    assert "/capture/content?" + urlencode({"warc": first.warc, "offset": first.offset}) in text


def test_a_picture_or_a_feed_is_not_served_as_a_page(served):
    feed = next(iter(served.daemon.sites["harm"].feeds))
    capture = served.state.captures(feed)[0]
    answer = served.get("/capture/content?" + urlencode({"warc": capture.warc, "offset": capture.offset}))
    assert answer.headers["content-type"].startswith("text/plain")
    assert "<rss" in answer.text


def test_coverage_tells_what_was_missed_and_why(served):
    text = words(served.get("/coverage").text)
    assert "harm 3" in text
    of_site = words(served.get("/coverage?site=harm").text)
    assert "parsed 1 failed 2 http 404 2" in of_site
    assert "What the reasons mean http 404 it is not there; the answer is in the archive" in of_site
    assert "Nothing was first seen" in served.get("/coverage?until=2020-01-01").text
    assert served.get("/coverage?since=yesterday").status == 400
