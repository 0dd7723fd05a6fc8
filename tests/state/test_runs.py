"""The run queue: nothing is lost, nothing runs twice."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from crawler.clock import FixedClock
from crawler.errors import StateError, UsageError
from crawler.model.run import Run
from crawler.state import MAX_ATTEMPTS, State, new_run, owner
from crawler.state.statements import pruning, runs, signs, tallies
from tests.ledger import pages

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def queued(
    state: State, clock: FixedClock, site: str = "a", *, lane: str | None = None, trigger: str = "manual"
) -> Run:
    run = new_run(site, trigger=trigger, clock=clock)  # type: ignore[arg-type]
    assert state.add_run(run, lane=lane)
    clock.advance(1)
    return run


def test_an_id_sorts_by_time_and_names_the_site(clock: FixedClock) -> None:
    assert new_run("bbc-arabic", trigger="manual", clock=clock).id.startswith("20260301T120000Z-bbc-arabic-")


def test_a_run_comes_back_as_it_went_in(state: State, clock: FixedClock) -> None:
    run = new_run("a", trigger="command", clock=clock, targets=("http://x/1", "http://x/2"))
    state.add_run(run)
    assert state.run(run.id) == run
    assert state.run("none") is None


def test_a_fire_that_comes_twice_has_one_run(state: State, clock: FixedClock) -> None:
    first = new_run("a", trigger="schedule", clock=clock, scheduled_at=NOON)
    again = new_run("a", trigger="schedule", clock=clock, scheduled_at=NOON)
    assert state.add_run(first)
    assert not state.add_run(again)
    assert [run.id for run in state.runs()] == [first.id]


def test_manual_runs_have_no_fire_and_never_collide(state: State, clock: FixedClock) -> None:
    queued(state, clock)
    queued(state, clock)
    assert len(state.runs("a")) == 2


def test_claims_go_by_hand_first_then_by_age(state: State, clock: FixedClock) -> None:
    old = queued(state, clock, "old", trigger="schedule")
    new = queued(state, clock, "new", trigger="schedule")
    manual = queued(state, clock, "manual")
    claimed = [state.claim_run("w") for _ in range(4)]
    assert [run and run.id for run in claimed] == [manual.id, old.id, new.id, None]
    assert claimed[0] is not None
    assert (claimed[0].state, claimed[0].started_at) == ("running", clock.now())


def test_two_runs_of_one_lane_are_never_under_way_at_once(state: State, clock: FixedClock) -> None:
    first = queued(state, clock, "bbc-arabic", lane="bbc")
    second = queued(state, clock, "bbc-persian", lane="bbc")
    assert state.claim_run("w1") is not None
    assert state.claim_run("w2") is None
    state.finish_run(first.id, "done")
    claimed = state.claim_run("w2")
    assert claimed is not None
    assert claimed.id == second.id


def test_a_lane_belongs_to_one_share(state: State, clock: FixedClock) -> None:
    for number in range(20):
        queued(state, clock, f"site-{number}")
    shares: list[set[str]] = [set(), set(), set()]
    for share, sites in enumerate(shares):
        while run := state.claim_run("w", share=share, shares=3):
            sites.add(run.site)
    assert sum(map(len, shares)) == 20
    assert len(set.union(*shares)) == 20


def test_a_command_is_not_claimed_by_a_worker(state: State, clock: FixedClock) -> None:
    queued(state, clock, trigger="command")
    assert state.claim_run("w") is None


def test_a_command_starts_its_own_run(state: State, clock: FixedClock) -> None:
    run = queued(state, clock, trigger="command")
    assert state.start_run(run.id, worker=owner("crawl")).state == "running"
    with pytest.raises(StateError, match="not queued"):
        state.start_run(run.id, worker=owner("crawl"))


def test_a_command_does_not_crawl_a_site_beside_another_run(state: State, clock: FixedClock) -> None:
    under_way = queued(state, clock)
    state.claim_run(owner("worker"))
    mine = queued(state, clock, trigger="command")
    with pytest.raises(UsageError, match=f"crawled already, by run {under_way.id}"):
        state.start_run(mine.id, worker=owner("crawl"))
    ended = state.run(mine.id)
    assert ended is not None
    assert ended.state == "interrupted"


def test_a_command_takes_over_the_lane_of_a_dead_process(state: State, clock: FixedClock) -> None:
    dead = queued(state, clock)
    state.claim_run("worker-0:1999999999:gone")
    mine = queued(state, clock, trigger="command")
    state.start_run(mine.id, worker=owner("crawl"))
    again = state.run(dead.id)
    assert again is not None
    assert again.state == "queued"


def test_an_end_is_kept_and_cannot_be_overwritten(state: State, clock: FixedClock) -> None:
    run = queued(state, clock)
    state.claim_run("w")
    state.finish_run(run.id, "partial", "3 failed")
    state.finish_run(run.id, "failed", "late")
    ended = state.run(run.id)
    assert ended is not None
    assert (ended.state, ended.reason, ended.finished_at) == ("partial", "3 failed", clock.now())


def test_runs_of_a_dead_worker_are_queued_again_until_they_killed_too_many(state: State, clock: FixedClock) -> None:
    run = queued(state, clock)
    for _ in range(MAX_ATTEMPTS - 1):
        assert state.claim_run("w") is not None
        assert state.requeue_runs("w").requeued == (run.id,)
    assert state.claim_run("w") is not None
    assert state.requeue_runs("w").ended == (run.id,)
    ended = state.run(run.id)
    assert ended is not None
    assert (ended.state, ended.reason) == ("failed", "its worker died")


def test_a_graceful_stop_does_not_count_as_an_attempt(state: State, clock: FixedClock) -> None:
    run = queued(state, clock)
    for _ in range(MAX_ATTEMPTS + 2):
        assert state.claim_run("w") is not None
        state.release_run(run.id, "stopping")
    again = state.run(run.id)
    assert again is not None
    assert (again.state, again.started_at) == ("queued", None)


def test_only_the_runs_of_dead_processes_are_taken_back(state: State, clock: FixedClock) -> None:
    dead, living, command = (queued(state, clock, site) for site in ("dead", "living", "x"))
    command = queued(state, clock, "command", trigger="command")
    gone = "worker-0:1999999999:gone"
    state.start_run(dead.id, worker=gone)
    state.start_run(living.id, worker=owner("worker-1"))
    state.start_run(command.id, worker=gone)
    recovered = state.interrupt_runs()
    assert recovered.requeued == (dead.id,)
    assert recovered.ended == (command.id,)
    assert [run.state for run in state.runs() if run.id == living.id] == ["running"]


def test_a_run_that_is_queued_again_is_handed_its_open_urls_again(state: State, clock: FixedClock) -> None:
    run = queued(state, clock)
    state.claim_run("w")
    state.announce(run.id, "a", pages("http://x/1"))
    state.queue(run.id, ["http://x/1"])
    assert state.waiting("a", limit=9) == []
    state.requeue_runs("w")
    state.claim_run("w")
    assert [due.announcement.url for due in state.waiting("a", limit=9)] == ["http://x/1"]


def test_runs_are_listed_latest_first(state: State, clock: FixedClock) -> None:
    ids = [queued(state, clock, site).id for site in ("a", "b", "a")]
    assert [run.id for run in state.runs()] == ids[::-1]
    assert [run.id for run in state.runs("a", limit=1)] == [ids[2]]
    last = state.last_run("b")
    assert last is not None
    assert last.id == ids[1]
    assert state.last_run("c") is None


def test_a_site_has_an_open_run_while_one_is_queued_or_running(state: State, clock: FixedClock) -> None:
    run = queued(state, clock)
    assert state.open_run("a") == run
    state.claim_run("w")
    assert state.open_run("a") is not None
    assert [r.id for r in state.open_runs()] == [run.id]
    state.finish_run(run.id, "done")
    assert state.open_run("a") is None


def test_the_queue_keeps_time_order_across_ids(state: State, clock: FixedClock) -> None:
    late = new_run("z", trigger="schedule", clock=clock)
    clock.advance(-timedelta(hours=1).total_seconds())
    early = new_run("a", trigger="schedule", clock=clock)
    state.add_run(late)
    state.add_run(early)
    first = state.claim_run("w")
    assert first is not None
    assert first.id == early.id


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (runs.CLAIM_RUN, "runs_open "),
        (runs.OPEN_RUNS, "runs_open "),
        (runs.OPEN_RUN_OF_SITE, "runs_open_by_site"),
        (runs.RUNNING_WORKERS, "runs_one_per_lane"),
        (tallies.TALLY_ENDED_RUNS, "runs_untallied"),
        (signs.SIGNS_LAST_END, "runs_by_time"),
        (pruning.PRUNE_RUNS_FROM, "runs_by_time"),
        (signs.SIGNS_CHANNEL_READ, "events_by_url"),
        (signs.SIGNS_OUTCOMES, "ledger_by_day"),
        (signs.SIGNS_VOLUME, "articles_by_site"),
    ],
)
def test_what_is_asked_all_the_time_reads_along_an_index_however_much_there_was(state, query, index):
    values = dict.fromkeys(re.findall(r"(?<![:\w]):(\w+)", query), 1)
    plan = [row["detail"] for row in state._db.all(f"EXPLAIN QUERY PLAN {query}", values)]
    assert any(index in f"{line} " for line in plan), plan
    assert not [
        line for line in plan if line.startswith(("SCAN runs", "SCAN due", "SCAN events")) and "INDEX" not in line
    ]


def test_a_page_that_is_settled_for_a_run_that_is_over_is_held_by_nobody(state: State, clock: FixedClock) -> None:
    url, run = "http://x/1", new_run("a", trigger="manual", clock=clock)
    state.add_run(run)
    state.start_run(run.id, worker="w")
    state.announce(run.id, "a", pages(url))
    state.settle(url, "captured", run=run.id)
    assert state.due([url]) == []
    state.finish_run(run.id, "interrupted", "killed")
    state.settle(url, "parsed", run=run.id, article_id="1" * 16)
    assert [due.announcement.url for due in state.due([url])] == [url]
    state.hold(run.id, [url])  # as a version before this one left it
    assert state.due([url]) == []
    state.interrupt_runs()
    assert [due.announcement.url for due in state.due([url])] == [url]
