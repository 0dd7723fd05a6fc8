"""What a user asks of the news that is followed: why, retry, diff, coverage, edits, back-filling."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import pytest

from tests.web import answer, page, rss

PLAIN = "/2026/03/01/the-ferry-line"
TAGGED = f"{PLAIN}?utm_source=rss"


def sitemap(base, *items):
    told = "".join(f"<url><loc>{base}{path}</loc><lastmod>{day}</lastmod></url>" for path, day in items)
    return answer(f"<urlset>{told}</urlset>", kind="application/xml")


def index(base, *children):
    told = "".join(f"<sitemap><loc>{base}{path}</loc><lastmod>{day}</lastmod></sitemap>" for path, day in children)
    return answer(f"<sitemapindex>{told}</sitemapindex>", kind="application/xml")


def lines(out):
    return [json.loads(line) for line in out.splitlines()]


def forward(folder, hours):
    """Let everything that is due lie so many hours nearer, as if time had passed."""
    with closing(sqlite3.connect(folder / "state" / "warraq.db")) as state, state:
        for column in ("next_try_at", "next_visit_at"):
            state.execute(
                f"UPDATE ledger SET {column} = STRFTIME('%Y-%m-%dT%H:%M:%S.000000Z', {column}, '-{hours} hours')"
                f" WHERE {column} IS NOT NULL"
            )


@pytest.fixture
def followed(crawl_once, web, seed):
    """A site with one story under two addresses, one that fails, and one that is no article's address."""
    seed("paper", web, feeds=["/feed"], sitemaps=["/sitemap.xml"])
    web.pages["/feed"] = rss(web.base, [TAGGED, "/a/gone-story"])
    web.pages["/sitemap.xml"] = sitemap(
        web.base, (PLAIN, "2026-03-01"), ("/a/the-other-story-of-the-day", "2026-03-01"), ("/tag/harbour", "2026-03-01")
    )
    web.pages[TAGGED] = web.pages[PLAIN] = page("The ferry line")
    web.pages["/a/the-other-story-of-the-day"] = page("The other story")
    assert crawl_once("paper").code == 3
    return web.base


def test_why_of_any_address_tells_the_story_of_the_page(warraq, web, followed):
    ran = warraq("why", followed + PLAIN)
    assert ran.code == 0
    assert f"alias ({followed}{TAGGED})" in ran.out
    assert f"it is another address of {followed}{TAGGED}" in ran.out
    assert "article    " in ran.out
    never_announced = warraq("why", f"{followed}{PLAIN}?fbclid=1", "--json")
    assert json.loads(never_announced.out)["page"]["entry"]["outcome"] == "parsed"
    known = json.loads(warraq("why", followed + TAGGED, "--json").out)
    assert (known["page"], known["aliases"]) == (None, [followed + PLAIN])


def test_why_tells_when_a_page_is_tried_and_read_again(warraq, followed):
    assert "next try   20" in warraq("why", f"{followed}/a/gone-story").out
    assert "next visit 20" in warraq("why", followed + TAGGED).out


def test_what_a_sitemap_lists_and_is_no_article_by_its_address_has_an_outcome(warraq, followed):
    entry = json.loads(warraq("why", f"{followed}/tag/harbour", "--json").out)["entry"]
    assert (entry["outcome"], entry["reason"]) == ("out_of_scope", "not_article_address")


def test_retry_has_what_failed_tried_by_the_next_run(warraq, web, followed):
    url = f"{followed}/a/gone-story"
    web.pages["/a/gone-story"] = page("Back again")
    web.requests.clear()
    warraq("crawl", "paper")
    assert "GET /a/gone-story" not in web.requests
    ran = warraq("retry", url)
    assert (ran.code, ran.out.split()) == (0, [url])
    assert warraq("crawl", "paper").code == 0
    assert "GET /a/gone-story" in web.requests
    again = warraq("retry", url)
    assert again.code == 1
    assert "nothing to try again" in again.err


@pytest.mark.parametrize(
    ("argv", "code"), [((), 2), (("--site", "paper", "--reason", "http_404"), 0), (("--site", "papre"), 1)]
)
def test_retry_says_what_it_was_asked_for(warraq, followed, argv, code):
    assert warraq("retry", *argv).code == code


def test_retry_without_a_state_makes_none(warraq, tmp_path):
    assert warraq("retry", "--site", "paper").code == 1
    assert not (tmp_path / "state").exists()


def test_coverage_tells_what_became_of_all_that_was_announced(warraq, followed):
    day, estimate = lines(warraq("report", "coverage", "--json").out)
    assert (day["site"], day["announced"], day["parsed"], day["duplicate"]) == ("paper", 5, 2, 1)
    assert (day["failed"], day["refused"], day["missed"], day["waiting"]) == (1, 1, 0, 0)
    assert (
        sum(day[column] for column in ("parsed", "captured", "duplicate", "refused", "waiting", "failed", "missed"))
        == 5
    )
    assert estimate["site"] == "paper"
    shown = warraq("report", "coverage")
    assert shown.code == 0
    assert "paper: " in shown.out


@pytest.fixture
def edited(warraq, web, followed, tmp_path):
    """The same site, one of whose stories was edited in Arabic."""
    text = "".join(f"<p>مجلس المرفأ قرر يوم الاثنين إعادة بناء الرصيف الشمالي في الجلسة رقم {n}.</p>" for n in range(6))
    body = f'<html lang="ar" dir="rtl"><body><article><h1>الرصيف الشمالي</h1>{text}{{}}</article></body></html>'
    web.pages["/feed"] = rss(web.base, ["/a/north-quay"])
    web.pages["/a/north-quay"] = answer(body.format(""))
    warraq("crawl", "paper")
    web.pages["/a/north-quay"] = answer(body.format("<p>تصحيح: ورد خطأ في رقم الجلسة في نسخة سابقة.</p>"))
    forward(tmp_path, 25)
    warraq("crawl", "paper")
    return f"{web.base}/a/north-quay"


def test_diff_tells_what_changed_each_text_in_its_own_direction(warraq, edited):
    ran = warraq("diff", edited)
    assert ran.code == 0, ran.err
    assert "correction, added" in ran.out
    assert "\u2068{+\u2068تصحيح: ورد خطأ في رقم الجلسة في نسخة سابقة.\u2069+}\u2069" in ran.out
    page_ = warraq("diff", edited, "--html").out
    assert '<article dir="rtl" lang="ar">' in page_
    assert '<p dir="auto"><ins>تصحيح: ورد خطأ في رقم الجلسة في نسخة سابقة.</ins></p>' in page_
    (told,) = lines(warraq("diff", edited, "--json").out)
    assert told["kinds"] == ["correction", "added"]


def test_diff_of_what_did_not_change_or_is_not_known_says_so(warraq, followed):
    same = warraq("diff", followed + PLAIN)
    assert (same.code, "nothing changed" in same.err) == (0, True)
    assert warraq("diff", "https://never.example/x").code == 1


def test_report_edits_counts_kinds(warraq, edited):
    (found,) = lines(warraq("report", "edits", "--json").out)
    assert (found["url"], found["kinds"]) == (edited, ["correction", "added"])
    told = warraq("report", "edits").out
    assert f"correction, added  {edited}" in told
    assert "1 edits of 1 articles" in told


def test_the_line_of_a_revision_names_the_first(warraq, edited, tmp_path):
    found = [
        json.loads(line)
        for path in sorted((tmp_path / "data" / "articles").rglob("articles.jsonl"))
        for line in path.read_text().splitlines()
    ]
    first, revised = sorted((one for one in found if one["url"] == edited), key=lambda one: one["captured_at"])
    assert revised["revision_of"] == {"id": first["id"], "captured_at": first["captured_at"]}


def test_backfill_reads_every_sitemap_from_its_day_on_and_no_earlier_one(warraq, web, seed):
    seed("paper", web, sitemaps=["/index.xml"])
    months = [(f"/map-{n}.xml", f"2025-{n:02}-28") for n in range(1, 13)] + [
        (f"/more-{n}.xml", "2025-07-01") for n in range(20)
    ]
    web.pages["/index.xml"] = index(web.base, *months)
    for path, day in months:
        name = f"/story-of-the-harbour{path.removesuffix('.xml')}"
        web.pages[path], web.pages[name] = sitemap(web.base, (name, day)), page(name)
    assert warraq("crawl", "paper", "--backfill", "--from", "2025-06-01").code == 0
    asked = [line for line in web.requests if ".xml" in line]
    assert len(asked) == 1 + 7 + 20
    assert len([line for line in web.requests if "story-of" in line]) == 27


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["paper", "--backfill"], "--from"),
        (["paper", "--from", "2025-06-01"], "go together"),
        (["paper", "--backfill", "--from", "2025-06-01", "--since", "2025-06-01"], "--since"),
        (["https://paper.example/feed", "--backfill", "--from", "2025-06-01"], "declared site"),
        (["paper", "--backfill", "--from", "June"], "--from"),
    ],
)
def test_a_backfill_that_cannot_be_is_a_usage_error(warraq, web, seed, argv, said):
    seed("paper", web, sitemaps=["/index.xml"])
    ran = warraq("crawl", *argv)
    assert (ran.code, said in ran.err) == (2, True)


def test_report_syndication_tells_who_was_first_and_what_others_took(warraq, web, seed):
    for name in ("agency", "daily"):
        seed(name, web, feeds=[f"/{name}/feed"])
        web.pages[f"/{name}/feed"] = rss(web.base, [f"/{name}/the-storm-of-the-day"])
    story = "".join(
        f"<p>{n}: the storm moved on to harbour {n * 7} and closed pier {n * 3} of the town.</p>" for n in range(30)
    )
    web.pages["/agency/the-storm-of-the-day"] = page("Storm over the harbour", story)
    web.pages["/daily/the-storm-of-the-day"] = page("Horror at the harbour", story)
    assert warraq("report", "syndication").code == 1  # nothing was run here
    assert warraq("crawl", "agency").code == 0
    assert warraq("crawl", "daily").code == 0
    told = lines(warraq("report", "syndication", "--json").out)
    assert [(copy["site"], copy["kind"]) for copy in told[0]["copies"]] == [("agency", "first"), ("daily", "exact")]
    assert not told[0]["copies"][1]["same_title"]
    assert told[1:] == [
        {"site": "agency", "articles": 1, "first": 1, "after_others": 0},
        {"site": "daily", "articles": 1, "first": 0, "after_others": 1},
    ]
    shown = warraq("report", "syndication", "--min-share", "0.9")
    assert "Storm over the harbour: 2 sites" in shown.out
    assert "1 stories that several sites have, in 2 articles" in shown.out
    assert warraq("report", "syndication", "--min-share", "0.1").code == 2


def test_report_syndication_shows_the_words_that_each_copy_changed(warraq, web, seed):
    lines_ = [f"{n}: the storm moved on to harbour {n * 7} and closed pier {n * 3} of the town." for n in range(30)]
    edits = {"agency": lines_, "daily": [line.replace("harbour 21", "haven 21") for line in lines_], "weekly": lines_}
    for name, text in edits.items():
        seed(name, web, feeds=[f"/{name}/feed"])
        web.pages[f"/{name}/feed"] = rss(web.base, [f"/{name}/the-storm-of-the-day"])
        web.pages[f"/{name}/the-storm-of-the-day"] = page("Storm over the harbour", *text)
        assert warraq("crawl", name).code == 0
    told = lines(warraq("report", "syndication", "--changes", "--json").out)[0]["copies"]
    assert [(copy["site"], len(copy.get("changes", ()))) for copy in told] == [
        ("agency", 0),
        ("daily", 1),
        ("weekly", 0),
    ]
    (change,) = told[1]["changes"]
    assert [(run["kind"], run["text"]) for run in change["runs"] if run["kind"] != "same"] == [
        ("removed", "harbour"), ("added", "haven"),
    ]  # fmt: skip
    shown = warraq("report", "syndication", "--changes").out
    assert f"daily, {web.base}/daily/the-storm-of-the-day:" in shown
    assert "3: the storm moved on to [-\u2068harbour\u2069-]{+\u2068haven\u2069+} 21 and" in shown
    assert "weekly, " not in shown
    assert "changes" not in lines(warraq("report", "syndication", "--json").out)[0]["copies"][1]


def test_a_calendar_is_cut_off_and_everybody_is_told(warraq, web, seed):
    seed("town", web, feeds=["/feed"])
    days = [f"/events/2031/05/{n:02}/whats-on-in-the-town" for n in range(1, 41)]
    web.pages["/feed"] = rss(web.base, ["/2026/the-storm-of-the-day", *days])
    web.pages["/2026/the-storm-of-the-day"] = page("The storm")
    for path in days:
        web.pages[path] = answer("<html><head><title>x</title></head><body></body></html>")
    warraq("crawl", "town")
    asked = sum("/events/" in line for line in web.requests)
    assert asked == 25
    assert f"{40 - asked} left alone: addresses of their kind lead nowhere" in " ".join(
        warraq("runs", "--json").out.split()
    )
    told = warraq("report", "coverage").out
    assert (
        f"town: /events/#/#/#/* leads nowhere (0 articles of {asked} pages), so {40 - asked} addresses are left alone"
        in told
    )
    left = next(path for path in days if f"GET {path}" not in web.requests)
    assert "its kind of address gave no article" in warraq("why", web.base + left).out
    web.requests.clear()
    warraq("crawl", "town")
    assert not any("/events/" in line for line in web.requests)


def test_why_lists_a_few_of_many_addresses_and_says_when_nothing_is_tried_of_itself(warraq, web, seed, tmp_path):
    seed("paper", web, feeds=["/feed"])
    web.pages["/feed"] = rss(web.base, [*(f"/a/story?utm_source=s{n}" for n in range(9)), "/a/gone"])
    web.pages["/a/story"] = page("Story 1")
    web.pages |= {f"/a/story?utm_source=s{n}": page("Story 1") for n in range(9)}
    web.pages["/a/gone"] = answer("gone", status="410 Gone")
    warraq("crawl", "paper")
    told = warraq("why", f"{web.base}/a/story?utm_source=s0").out
    assert told.count("  also       http") == 5
    assert "3 other addresses; --json lists them" in told
    for hours in (30, 100, 400):
        forward(tmp_path, hours)
        warraq("crawl", "paper")
    assert "next try   none of itself" in warraq("why", f"{web.base}/a/gone").out
