"""Leases: whose runs are taken back, and whose are left alone."""

from __future__ import annotations

import asyncio

import pytest

from crawler.clock import FixedClock
from crawler.errors import StateError, UsageError
from crawler.model.run import Run
from crawler.state import State, new_run, owner
from crawler.state.owners import LEASE_S, RENEW_S, keep_lease
from crawler.state.protocol import Row

ELSEWHERE = "worker-0@another-machine~5f:4242:5f-1000"


def running(state: State, clock: FixedClock, worker: str, site: str = "a") -> Run:
    run = new_run(site, trigger="manual", clock=clock)
    state.add_run(run)
    begun = state.claim_run(worker)
    assert begun is not None
    return begun


def leases(state: State) -> list[str]:
    rows: list[Row] = state._db.all("SELECT name FROM owners ORDER BY name")
    return [row["name"] for row in rows]


def test_runs_of_a_process_elsewhere_are_its_own_while_its_lease_lasts(state: State, clock: FixedClock) -> None:
    run = running(state, clock, ELSEWHERE)
    clock.advance(LEASE_S - 1)
    assert state.interrupt_runs().requeued == ()
    state.renew_lease(ELSEWHERE)
    clock.advance(LEASE_S - 1)
    assert state.interrupt_runs().requeued == ()
    clock.advance(2)
    assert state.interrupt_runs().requeued == (run.id,)


def test_a_process_of_here_that_is_late_with_its_lease_keeps_its_runs(state: State, clock: FixedClock) -> None:
    running(state, clock, owner("worker-0"))
    clock.advance(10 * LEASE_S)
    assert state.interrupt_runs().requeued == ()


def test_a_process_of_here_that_is_gone_loses_its_runs_whatever_its_lease_says(state: State, clock: FixedClock) -> None:
    gone = owner("worker-0", 1_999_999_999)
    run = running(state, clock, gone)
    assert state.interrupt_runs().requeued == (run.id,)


def test_a_lane_that_a_process_elsewhere_holds_is_taken_only_when_its_lease_is_over(
    state: State, clock: FixedClock
) -> None:
    running(state, clock, ELSEWHERE)
    refused = new_run("a", trigger="command", clock=clock)
    state.add_run(refused)
    with pytest.raises(UsageError, match="being crawled already"):
        state.start_run(refused.id, worker=owner("crawl"))
    clock.advance(LEASE_S + 1)
    taken = new_run("a", trigger="command", clock=clock)
    state.add_run(taken)
    assert state.start_run(taken.id, worker=owner("crawl")).state == "running"


def test_leases_that_are_over_are_forgotten_unless_a_run_hangs_on_them(state: State, clock: FixedClock) -> None:
    run = running(state, clock, ELSEWHERE)
    state.renew_lease("idle@another-machine:1:1")
    clock.advance(LEASE_S + 1)
    state.drop_leases()
    assert leases(state) == [ELSEWHERE]
    state.finish_run(run.id, "done")
    state.drop_leases()
    assert leases(state) == []


def test_a_lease_is_kept_while_the_loop_turns_and_a_state_that_refuses_is_tried_again(
    state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[float] = []

    async def no_time(seconds: float) -> None:
        asked.append(seconds)
        if len(asked) == 3:
            raise asyncio.CancelledError

    class Refusing:
        def __init__(self) -> None:
            self.calls = 0

        def renew_lease(self, name: str) -> None:
            self.calls += 1
            if self.calls == 1:
                raise StateError("held by another process")
            state.renew_lease(name)

    monkeypatch.setattr(asyncio, "sleep", no_time)
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(keep_lease(Refusing(), ELSEWHERE))  # type: ignore[arg-type]
    assert asked == [RENEW_S] * 3
    assert leases(state) == [ELSEWHERE]
    assert RENEW_S * 4 < LEASE_S
