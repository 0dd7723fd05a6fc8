from __future__ import annotations

from datetime import timedelta

import msgspec

from crawler.clock import FixedClock
from crawler.model.capture import Capture
from crawler.state import State, new_run
from tests.state.conftest import NOON

HOUR = timedelta(hours=1)


def test_the_requests_to_a_host_are_those_to_its_name_and_port_alone(
    state: State, clock: FixedClock, capture: Capture
) -> None:
    run = new_run("a", trigger="manual", clock=clock)
    state.add_run(run)
    urls = ("https://x/1", "http://x/2", "http://x:8080/3", "http://xy/4", "http://x.y/5", "https://x/6?u=http://z/")
    for n, url in enumerate(urls):
        at = NOON + n * timedelta(seconds=1)
        one = msgspec.structs.replace(capture, url=url, offset=n, captured_at=at)
        state.add_capture(one, run=run.id, site="a", role="article")
    found = state.answered("x", NOON, NOON + HOUR)
    assert [(one.at - NOON).total_seconds() for one in found] == [0.0, 1.0, 5.0]
    assert len(state.answered("x:8080", NOON, NOON + HOUR)) == 1
    assert state.answered("x", NOON + HOUR, NOON + 2 * HOUR) == []


def test_what_no_answer_came_to_is_told_with_its_reason(state: State, clock: FixedClock) -> None:
    run = new_run("a", trigger="manual", clock=clock)
    state.add_run(run)
    for n, (outcome, reason) in enumerate((("failed", "connect"), ("disallowed", "robots"))):
        state.settle(f"http://x/{n}", outcome, reason=reason, run=run.id, role="article")  # type: ignore[arg-type]
    found = state.unanswered("x", NOON, NOON + HOUR)
    assert [(one.outcome, one.reason, one.site) for one in found] == [
        ("failed", "connect", "a"),
        ("disallowed", "robots", "a"),
    ]


def test_hosts_are_known_by_their_pace_or_their_robots_txt(state: State) -> None:
    state.sent("news.example", "a")
    state.save_robots("https://other.example", status=200, body=b"", fetched_at=NOON, expires_at=NOON)
    assert state.hosts_asked() == ["news.example", "other.example"]
