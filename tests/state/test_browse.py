"""Lists by keyset, along an index and to a limit; and tallies that say what the ledger says."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, timedelta

import pytest

from crawler.state import ArticleFilter, new_run
from crawler.state.statements import browse, tallies
from tests.ledger import pages


@pytest.fixture
def run(state, clock):
    made = new_run("paper", trigger="manual", clock=clock)
    state.add_run(made)
    return state.start_run(made.id, worker="1@h/w")


def add_articles(state, run, count, *, site="paper", language="en", at=0):
    for number in range(at, at + count):
        state.add_article(
            article_id=f"{number:016x}", url=f"http://{site}/{number}", site=site, run=run.id,
            captured_at=run.queued_at + timedelta(seconds=number // 2), title=f"News {number}", published_at=None,
            path=f"articles/{number}", language=language,
        )  # fmt: skip


def announce(state, run, *urls, site="paper"):
    state.announce(run.id, site, pages(*urls, via="http://f/"))


def all_pages(state, wanted, **options):
    pages, before = [], None
    while True:
        page = state.browse_articles(wanted, before=before, **options)
        pages.append(page)
        before = page.next
        if before is None:
            return pages


def test_pages_of_articles_are_disjoint_and_whole_also_when_moments_are_equal(state, run):
    add_articles(state, run, 25)
    pages = all_pages(state, ArticleFilter(), limit=10)
    assert [len(page.rows) for page in pages] == [10, 10, 5]
    rows = [row for page in pages for row in page.rows]
    assert len({row.url for row in rows}) == 25
    assert rows == sorted(rows, key=lambda row: (row.captured_at, row.url), reverse=True)


def steps(state, what):
    """Return how much work SQLite had with `what`."""
    count = [0]

    def one():
        count[0] += 1

    state._db._connection.set_progress_handler(one, 10)
    what()
    state._db._connection.set_progress_handler(None, 0)
    return count[0]


@pytest.mark.parametrize(
    "wanted",
    [
        ArticleFilter(),
        ArticleFilter(site="paper"),
        ArticleFilter(language="en"),
        ArticleFilter(site="paper", language="en"),
    ],
)
def test_the_last_page_costs_what_the_first_does(state, run, wanted):
    add_articles(state, run, 2000)
    deep = state.browse_articles(wanted, limit=1900).next
    first = steps(state, lambda: state.browse_articles(wanted, limit=50))
    assert steps(state, lambda: state.browse_articles(wanted, before=deep, limit=50)) <= first * 1.5
    until = ArticleFilter(site=wanted.site, language=wanted.language, until=run.queued_at.date())
    assert steps(state, lambda: state.browse_articles(until, before=deep, limit=50)) <= first * 1.5
    look = lambda before: state.search_articles("nowhere", wanted, before=before, stretch=50)  # noqa: E731
    assert steps(state, lambda: look(deep)) <= steps(state, lambda: look(None)) * 1.5


def test_the_last_page_of_runs_costs_what_the_first_does(state, clock):
    for _ in range(500):
        state.add_run(new_run("paper", trigger="manual", clock=clock))
        clock.advance(1)
    deep = state.browse_runs(limit=450).next
    for site in (None, "paper"):
        first = steps(state, lambda site=site: state.browse_runs(site, limit=20))
        assert steps(state, lambda site=site: state.browse_runs(site, before=deep, limit=20)) <= first * 1.5


def test_a_last_page_that_is_full_has_no_next(state, run):
    add_articles(state, run, 10)
    assert state.browse_articles(ArticleFilter(), limit=10).next is None


def test_articles_are_filtered_by_site_language_and_day(state, run):
    add_articles(state, run, 4)
    add_articles(state, run, 3, site="gazette", language="ar", at=10)
    day = run.queued_at.date()
    for wanted, count in (
        (ArticleFilter(site="gazette"), 3), (ArticleFilter(language="en"), 4), (ArticleFilter(site="paper",
        language="ar"), 0),
        (ArticleFilter(site="gazette", language="ar"), 3), (ArticleFilter(since=day, until=day), 7),
        (ArticleFilter(since=day + timedelta(1)), 0), (ArticleFilter(until=day - timedelta(1)), 0),
    ):  # fmt: skip
        assert len(state.browse_articles(wanted).rows) == count, wanted
    assert state.languages() == ["ar", "en"]


def all_found(state, words, **options):
    pages, before = [], None
    while True:
        page = state.search_articles(words, ArticleFilter(), before=before, **options)
        pages.append(page)
        before = page.next
        if before is None:
            return pages


def test_a_search_looks_through_a_stretch_and_goes_on_there(state, run):
    add_articles(state, run, 250)
    pages = all_found(state, "news 9", limit=50, stretch=100)
    assert len(pages) == 3
    assert sum(len(page.rows) for page in pages) == sum("9" in str(number) for number in range(250))


def test_a_search_that_fills_a_page_goes_on_after_its_last_row(state, run):
    add_articles(state, run, 100)
    rows = [row.url for page in all_found(state, "NEWS", limit=7, stretch=40) for row in page.rows]
    assert len(rows) == len(set(rows)) == 100


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("Überschwemmung in Zürich", "uber ZURICH"), ("Ελλάδα: οι πυρκαγιές", "ΕΛΛΑΔΑ"), ("أُقيم المزادُ في الســوق",
        "اقيم السوق"),
        ("Москва и Ёлка", "елка МОСКВА"), ("100% of_all", "100% f_a"), ("one two three four five six",
        "six five four three two one"),
        ("東京で大地震", "大地震"), ("back\\slash", "k\\s"),
    ],
)  # fmt: skip
def test_a_search_minds_neither_case_nor_accents_nor_order(state, run, title, words):
    state.add_article(
        article_id="1", url="http://x/1", site="paper", run=run.id, captured_at=run.queued_at, title=title,
        published_at=None, path="p", language="xx",
    )  # fmt: skip
    assert len(state.search_articles(words, ArticleFilter()).rows) == 1
    assert state.search_articles(words, ArticleFilter(site="paper", language="xx")).rows
    assert not state.search_articles(words + " nowhere", ArticleFilter()).rows
    assert not state.search_articles("_" * 9, ArticleFilter()).rows
    assert not state.search_articles("one two three four five seven", ArticleFilter()).rows


def test_runs_go_on_by_keyset(state, clock):
    for _ in range(5):
        state.add_run(new_run("paper", trigger="manual", clock=clock))
    first = state.browse_runs(limit=3)
    second = state.browse_runs(before=first.next, limit=3)
    assert len({run.id for run in (*first.rows, *second.rows)}) == 5
    assert second.next is None
    assert state.browse_runs("nobody").rows == ()


def test_a_capture_is_found_at_its_place(state, run, capture):
    state.add_capture(capture, run=run.id, site="paper", role="article")
    found = state.capture_at(capture.warc, capture.offset)
    assert (found.capture, found.site, found.role) == (capture, "paper", "article")
    assert state.capture_at(capture.warc, 1) is None


def test_failures_are_those_that_stayed_failures(state, run):
    announce(state, run, "http://x/1", "http://x/2")
    state.settle("http://x/1", "failed", run=run.id, reason="timeout")
    state.settle("http://x/2", "failed", run=run.id, reason="timeout")
    state.settle("http://x/2", "parsed", run=run.id)
    assert [event.url for event in state.latest_failures(run.id)] == ["http://x/1"]


def tallied(state, site, day):
    return {(row.outcome, row.reason): row.urls for row in state.reasons(site, day, day)}


def test_tallies_follow_the_ledger(state, clock, run):
    day = clock.now().date()
    announce(state, run, *(f"http://x/{n}" for n in range(6)))
    state.settle("http://x/0", "parsed", run=run.id)
    state.settle("http://x/1", "failed", run=run.id, reason="http_404")
    state.settle("http://x/2", "redirected", run=run.id, reason="http://x/0")
    assert not state.tally()
    assert tallied(state, "paper", day) == {
        ("announced", ""): 3, ("parsed", ""): 1, ("failed", "http_404"): 1, ("redirected", ""): 1,
    }  # fmt: skip
    clock.advance(86400)
    state.settle("http://x/1", "parsed", run=run.id)
    state.tally()
    assert tallied(state, "paper", day)["parsed", ""] == 2
    assert ("failed", "http_404") not in tallied(state, "paper", day)
    assert tallied(state, "paper", day + timedelta(1)) == {}  # by the day a URL was first seen


def test_hours_and_counters_count_each_event_once_whatever_the_steps(state, clock, run):
    urls = [f"http://x/{n}" for n in range(20)]
    announce(state, run, *urls)
    for url in urls:
        state.settle(url, "failed", run=run.id, reason="Not A Class/" + url)
    while state.tally(7):
        continue
    state.tally()
    assert [(hour.outcome, hour.urls) for hour in state.hours(clock.now())] == [("failed", 20)]
    counters = state.counters()
    assert counters["settled", "failed"] == 20
    assert counters["failures", "other"] == 20  # labels stay few, whatever reasons say


def test_an_ended_run_is_tallied_once_as_the_ledger_counts_it(state, run):
    announce(state, run, "http://x/1", "http://x/2")
    state.settle("http://x/1", "parsed", run=run.id)
    state.tally()
    assert state.run_tally(run.id) == {}
    state.finish_run(run.id, "done")
    state.tally()
    state.tally()
    assert state.run_tally(run.id) == state.counts(run.id)
    assert state.counters()["runs", "done"] == 1


def test_two_that_tally_at_once_count_once(state, clock, run, monkeypatch):
    announce(state, run, "http://x/1")
    state.settle("http://x/1", "parsed", run=run.id)
    original = state._count_day

    def meanwhile(site, day):
        monkeypatch.setattr(state, "_count_day", original)
        state.tally()
        return original(site, day)

    monkeypatch.setattr(state, "_count_day", meanwhile)
    state.tally()
    assert state.counters()["settled", "parsed"] == 1


def test_channels_are_not_counted_as_coverage(state, clock, run):
    state.queue(run.id, ["http://x/feed"], role="feed")
    state.settle("http://x/feed", "captured", run=run.id)
    state.tally()
    assert state.days("paper", clock.now().date(), clock.now().date()) == []


BROWSING = {name: getattr(part, name) for part in (browse, tallies) for name in part.__all__}
BOUNDED_SCANS = {"BROWSE_COUNTERS"}  # a handful of rows


@pytest.mark.parametrize("name", sorted(BROWSING))
def test_no_view_reads_a_whole_table_or_sorts_one(state, name):
    text = BROWSING[name]
    values = dict.fromkeys(re.findall(r":(\w+)", text), "x")
    plan = [
        row["detail"]
        for row in state._db.all(f"EXPLAIN QUERY PLAN {text}", {**values, "limit": 5, "after": 1, "last": 9})
    ]
    scans = [
        step
        for step in plan
        if re.match(r"SCAN (?!found\b|current\b|looked\b|\(subquery)", step) and "USING" not in step
    ]
    assert not scans or name in BOUNDED_SCANS, plan
    if "LIMIT" in text and not name.startswith("SEARCH_"):  # those sort what they found in their stretch
        assert not [step for step in plan if "USE TEMP B-TREE FOR ORDER BY" in step], plan


@pytest.mark.parametrize(
    ("name", "index"),
    [
        ("", "articles_by_time (captured_at>"), ("_OF_SITE", "articles_by_site (site=? AND captured_at>"),
        ("_IN_LANGUAGE", "articles_by_language (language=? AND captured_at>"),
        ("_OF_SITE_IN_LANGUAGE", "articles_by_site_language (site=? AND language=? AND captured_at>"),
    ],
)  # fmt: skip
def test_each_filter_has_its_index(state, name, index):
    for family in ("BROWSE_ARTICLES", "SEARCH_ARTICLES", "SEARCH_END"):
        text = BROWSING[family + name]
        values = dict.fromkeys(re.findall(r":(\w+)", text), "x") | {"limit": 5, "stretch": 5, "skip": 5}
        plan = [row["detail"] for row in state._db.all(f"EXPLAIN QUERY PLAN {text}", values)]
        assert any(index in step for step in plan), plan


def test_counts_of_days_add_up(state, clock, run):
    announce(state, run, *(f"http://x/{n}" for n in range(9)))
    state.tally()
    day = clock.now().date()
    assert Counter({row.outcome: row.urls for row in state.days("paper", day, date.max)}) == Counter(announced=9)
    assert state.totals("paper") == {"announced": 9}
    assert state.articles_a_day("paper", day, day) == {}
    state.settle("http://x/3", "parsed", run=run.id)
    state.tally()
    assert state.articles_a_day("paper", day, day) == {day.isoformat(): 1}
    assert state.tallied_sites() == ["paper"]
