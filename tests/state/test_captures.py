"""Addresses of captures, receipts, articles, and robots.txt."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from crawler.clock import FixedClock, iso_utc
from crawler.model.article import ArticleHead
from crawler.model.capture import Capture
from crawler.model.run import Run
from crawler.state import RobotsRow, State, new_run

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def run(state: State, clock: FixedClock) -> Run:
    run = new_run("a", trigger="manual", clock=clock)
    state.add_run(run)
    return run


def kept(state: State, run: Run, capture: Capture) -> Capture:
    state.add_capture(capture, run=run.id, site="a", role="article")
    return capture


def shipped(state: State, warc: str) -> None:
    state.add_receipt(warc=warc, key=f"warc/{warc}", size_bytes=10, sha256="f" * 64, etag='"e"', shipped_at=NOON)


def test_captures_come_back_as_they_went_in_oldest_first(state: State, run: Run, capture: Capture) -> None:
    later = msgspec.structs.replace(capture, captured_at=NOON + timedelta(microseconds=1), offset=900, truncated="time")
    kept(state, run, later)
    kept(state, run, capture)
    kept(state, run, capture)
    assert state.captures("http://x/1") == [capture, later]


def test_a_revisit_may_refer_only_to_what_the_store_has_confirmed(state: State, run: Run, capture: Capture) -> None:
    kept(state, run, capture)
    assert state.same_payload(capture.url, capture.payload_sha256) is None
    shipped(state, capture.warc)
    assert state.same_payload(capture.url, capture.payload_sha256) == capture
    assert state.same_payload(capture.url, "b" * 64) is None
    assert state.same_payload("http://x/2", capture.payload_sha256) is None


def test_it_tells_which_of_many_urls_were_ever_captured(state: State, run: Run, capture: Capture) -> None:
    kept(state, run, capture)
    kept(state, run, msgspec.structs.replace(capture, offset=900))
    assert state.captured(["http://x/0", capture.url, "http://x/2"]) == {capture.url}


@pytest.mark.parametrize("change", [{"kind": "revisit"}, {"truncated": "length"}])
def test_a_revisit_never_refers_to_a_revisit_or_a_part(
    state: State, run: Run, capture: Capture, change: dict[str, str]
) -> None:
    kept(state, run, msgspec.structs.replace(capture, **change))
    shipped(state, capture.warc)
    assert state.same_payload(capture.url, capture.payload_sha256) is None


def test_what_a_304_stands_for_is_the_whole_response_with_the_latest_payload(
    state: State, run: Run, capture: Capture
) -> None:
    def later(hours: int, **change: object) -> Capture:
        moment = capture.captured_at + timedelta(hours=hours)
        return kept(state, run, msgspec.structs.replace(capture, captured_at=moment, offset=hours * 1000, **change))

    assert state.latest_payload(capture.url) is None
    first = kept(state, run, capture)
    later(1, payload_sha256="c" * 64)
    later(2, kind="revisit")  # of the first
    later(3, status=404, payload_sha256="d" * 64)
    later(4, truncated="time", payload_sha256="e" * 64)
    later(5, status=304, kind="revisit")
    assert state.latest_payload(capture.url) == first


def test_receipts_are_kept_and_renewed(state: State) -> None:
    shipped(state, "b.warc.gz")
    shipped(state, "a.warc.gz")
    shipped(state, "a.warc.gz")
    assert [receipt.key for receipt in state.receipts()] == ["warc/a.warc.gz", "warc/b.warc.gz"]
    receipt = state.receipt("a.warc.gz")
    assert receipt is not None
    assert (receipt.size_bytes, receipt.etag, receipt.shipped_at) == (10, '"e"', NOON)
    assert state.receipt("c.warc.gz") is None


def test_an_article_written_again_has_its_new_place(state: State, run: Run) -> None:
    for path in ("old.txt", "new.txt"):
        state.add_article(
            article_id="00ff",
            url="http://x/1",
            site="a",
            run=run.id,
            captured_at=NOON,
            title="عنوان",
            published_at=None,
            path=path,
        )
    found = state.articles("http://x/1")
    assert [(article.path, article.title, article.captured_at) for article in found] == [("new.txt", "عنوان", NOON)]
    assert state.latest_articles("a") == found
    assert state.latest_articles("b") == []


def test_robots_are_kept_byte_for_byte(state: State) -> None:
    row = RobotsRow(
        origin="https://x",
        status=200,
        body=b"\xff\x00User-agent: *",
        fetched_at=NOON,
        expires_at=NOON + timedelta(days=1),
    )
    assert state.load_robots("https://x") is None
    state.save_robots("https://x", status=None, body=b"", fetched_at=NOON, expires_at=NOON)
    state.save_robots("https://x", status=200, body=row.body, fetched_at=NOON, expires_at=row.expires_at)
    assert state.load_robots("https://x") == row


def test_an_article_of_a_line_is_entered_with_its_run_and_forgotten_with_what_its_page_gave(
    state: State, run: Run, capture: Capture
) -> None:
    at = capture.captured_at
    state.settle(capture.url, "parsed", run=run.id, role="article", capture=capture, article_id="00ff")
    head = ArticleHead(id="00ff", url=capture.url, captured_at=iso_utc(at), site="a", run=run.id, title="Title")
    state.enter_article(head, path="a.txt", line_sha256="f" * 64)
    (found,) = state.articles(capture.url)
    assert (found.article_id, found.site, found.run, found.captured_at) == ("00ff", "a", run.id, at)
    state.forget_article(capture.url, iso_utc(at))
    assert state.articles(capture.url) == []
    entry = state.entry(capture.url)
    assert entry is not None
    assert entry.article_id is None


def test_of_a_capture_that_was_erased_its_history_stays_and_its_place_is_forgotten(
    state: State, run: Run, capture: Capture
) -> None:
    other = kept(state, run, msgspec.structs.replace(capture, url="http://x/2", offset=capture.offset + 900))
    state.start_run(run.id, worker="w")
    for one in (kept(state, run, capture), other):
        state.settle(one.url, "parsed", run=run.id, capture=one)
    state.forget_capture(capture.warc, capture.offset)
    assert (state.captures(capture.url), state.captures(other.url)) == ([], [other])
    assert [(event.outcome, event.warc, event.warc_offset) for event in state.history(capture.url)] == [
        ("parsed", None, None)
    ]
    assert [event.warc_offset for event in state.history(other.url)] == [other.offset]


def test_the_latest_receipts_come_first(state: State) -> None:
    for number in range(3):
        at = NOON + timedelta(hours=number)
        state.add_receipt(warc=f"w{number}", key=f"k{number}", size_bytes=1, sha256="f" * 64, etag=None, shipped_at=at)
    assert [receipt.key for receipt in state.latest_receipts(2)] == ["k2", "k1"]
