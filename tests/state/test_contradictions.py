"""Rows that no run of ours leaves are named; what a run leaves is not."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.clock import FixedClock
from crawler.config import StateSettings
from crawler.model.capture import Capture
from crawler.state import Following, State, new_run, open_state
from tests.ledger import pages

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path, capture: Capture, clock: FixedClock) -> StateSettings:
    """A state with a run that gave one article."""
    settings = StateSettings(dir=str(tmp_path))
    with open_state(settings, clock=clock) as state:
        run = new_run("a", trigger="manual", clock=clock)
        state.add_run(run)
        state.start_run(run.id, worker="w")
        state.announce(run.id, "a", pages(capture.url))
        state.add_capture(capture, run=run.id, site="a", role="article")
        state.add_article(
            article_id="1" * 16, url=capture.url, site="a", run=run.id, captured_at=NOON, title="T", published_at=None,
            path="articles/a/2026/03/01/r/000_1.txt",
        )  # fmt: skip
        state.settle(capture.url, "parsed", run=run.id, capture=capture, article_id="1" * 16)
        state.finish_run(run.id, "done", None)
    return settings


def found(settings: StateSettings, clock: FixedClock, *statements: str) -> list[str]:
    with closing(sqlite3.connect(Path(settings.dir) / "warraq.db")) as database:
        for statement in statements:
            database.execute(statement)
        database.commit()
    with open_state(settings, clock=clock) as state:
        return [*state.contradictions(), *state.without_article()]


def test_what_a_run_leaves_does_not_contradict_itself(settings: StateSettings, clock: FixedClock) -> None:
    assert found(settings, clock) == []


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("DELETE FROM captures", "articles: http://x/1 has an article of"),
        ("UPDATE captures SET captured_at = '2020-01-01T00:00:00.000000Z'", "articles: http://x/1 has an article of"),
        ("DELETE FROM articles", f"ledger: http://x/1 gave the article {'1' * 16}, which is not there"),
        ("UPDATE ledger SET article_id = '2'", "ledger: http://x/1 gave the article 2, which is not there"),
        ("DELETE FROM runs", "captures: http://x/1 is of the run"),
        ("UPDATE ledger SET run = 'other'", "ledger: http://x/1 is of the run other, which is not there"),
        (
            "UPDATE ledger SET outcome = 'failed'",
            "ledger: http://x/1 is failed, the last that was told of it is parsed",
        ),
        ("UPDATE ledger SET role = 'feed'", "ledger: http://x/1 is parsed, the last that was told of it is feed"),
        (
            "UPDATE events SET outcome = 'failed'",
            "ledger: http://x/1 is parsed, the last that was told of it is failed",
        ),
        ("UPDATE ledger SET url = url || 'x'", "ledger: http://x/1x is parsed, and nothing tells how it became so"),
        ("UPDATE ledger SET url = url || 'x'", "events: what happened to http://x/1 is told, and the ledger does not"),
        ("DELETE FROM events", "ledger: http://x/1 is parsed, and nothing tells how it became so"),
        ("DELETE FROM ledger", "events: what happened to http://x/1 is told, and the ledger does not have it"),
        ("UPDATE ledger SET article_id = '2'", f"ledger: http://x/1 has the article 2, and gave {'1' * 16}"),
        ("UPDATE ledger SET article_id = NULL", f"ledger: http://x/1 has the article none, and gave {'1' * 16}"),
        ("UPDATE ledger SET site = 'b'", "ledger: http://x/1 is of the site b, which has no run"),
        ("UPDATE ledger SET held_by = run", "ledger: http://x/1 is held by "),
        ("UPDATE runs SET finished_at = NULL", "runs: "),
        ("UPDATE runs SET state = 'running'", "runs: "),
    ],
)
def test_what_was_altered_is_named(settings: StateSettings, clock: FixedClock, statement: str, said: str) -> None:
    assert any(what.startswith(said) for what in found(settings, clock, statement))


def test_what_waits_or_is_left_what_it_was_contradicts_nothing(settings: StateSettings, clock: FixedClock) -> None:
    with open_state(settings, clock=clock) as state:
        run = new_run("a", trigger="manual", clock=clock)
        state.add_run(run)
        state.start_run(run.id, worker="w")
        state.announce(run.id, "a", pages("http://x/2", "http://x/3"))
        state.settle("http://x/1", "failed", run=run.id, reason="status_500", following=Following(stays="parsed"))
        state.queue(run.id, ["http://x/2"])
        state.hold(run.id, ["http://x/1"])
    assert found(settings, clock) == []
    with open_state(settings, clock=clock) as state:
        state.finish_run(run.id, "done", None)
        state.reopen(run.id, ["http://x/1"])
    assert found(settings, clock) == []


def test_an_article_that_an_event_no_longer_kept_told_of_is_no_contradiction(
    settings: StateSettings, clock: FixedClock
) -> None:
    forgotten = (
        "INSERT INTO events (url, at, run, outcome) SELECT url, at, run, 'not_modified' FROM events",
        "UPDATE ledger SET article_id = '2'",
        "UPDATE articles SET article_id = '2'",
    )
    assert any("has the article 2, and gave" in what for what in found(settings, clock, *forgotten))
    pruned = "INSERT INTO tally_mark (name, event) VALUES ('pruned_events', 1)"
    assert found(settings, clock, pruned) == []


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("updated_at", "soon"),
        ("next_visit_at", ""),
        ("next_try_at", "2026-03-01"),
        ("first_seen_at", "2026-13-01T00:00:00.000000Z"),
        ("read_at", "2026-03-32T00:00:00.000000Z"),
        ("read_at", "2026-03-01T24:00:00.000000Z"),
        ("read_at", "2026-03-01T00:60:00.000000Z"),
        ("read_at", "2026-03-01T00:00:60.000000Z"),
        ("read_at", "2026-03-01T00:00:0x.000000Z"),
        ("first_article_at", "2026-03-01T00:00:00.000000+"),
        ("attempts", -1),
        ("attempts", "many"),
    ],
)
def test_a_value_that_cannot_be_read_is_named(
    settings: StateSettings, clock: FixedClock, column: str, value: object
) -> None:
    assert found(settings, clock) == []
    with closing(sqlite3.connect(Path(settings.dir) / "warraq.db")) as database:
        database.execute(f"UPDATE ledger SET {column} = ?", (value,))
        database.commit()
    with open_state(settings, clock=clock) as state:
        assert list(state.strange_words()) == [f"ledger: http://x/1 has the {column} {value}, which there is not"]


def test_manifests_and_receipts_keep_their_digests(state: State) -> None:
    state.add_manifest(key="manifests/b", sha256="b" * 64, sequence=1)
    state.add_manifest(key="manifests/a", sha256="a" * 64, sequence=0)
    assert [(row.key, row.sequence) for row in state.manifests()] == [("manifests/a", 0), ("manifests/b", 1)]
    state.add_receipt(
        warc="w", key="warc/w", size_bytes=1, sha256="f" * 64, etag=None, shipped_at=NOON, cdxj_sha256="c" * 64
    )
    assert state.receipts()[0].cdxj_sha256 == "c" * 64
