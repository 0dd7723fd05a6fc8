from __future__ import annotations

import asyncio
import heapq
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from itertools import count, pairwise
from typing import Any

import pytest

from crawler.capture.manners.gate import HostGate, lane_key, retry_after_s
from crawler.clock import FixedClock
from crawler.errors import BackedOff, CrawlStopped

START = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
URL = "https://news.example/a"


class Time(FixedClock):
    """A clock whose sleepers it wakes in order of their hour, as soon as nothing else can run."""

    def __init__(self) -> None:
        super().__init__(START)
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._ids = count()
        self.sleeps = 0

    async def sleep(self, seconds: float) -> None:
        self.sleeps += 1
        future = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.monotonic() + seconds, next(self._ids), future))
        await future

    async def settle(self) -> None:
        for _ in range(20):
            await asyncio.sleep(0)

    async def run(self, *work: Awaitable[Any]) -> list[Any]:
        tasks = [asyncio.ensure_future(each) for each in work]
        await self.settle()
        while not all(task.done() for task in tasks):
            await self.wake_next()
        return await asyncio.gather(*tasks, return_exceptions=True)

    async def wake_next(self) -> None:
        at, _, future = heapq.heappop(self._sleepers)
        if not future.done():
            self.advance(max(0.0, at - self.monotonic()))
            future.set_result(None)
        await self.settle()


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def gate(time: Time) -> HostGate:
    return HostGate(time, max_delay_s=120.0, concurrency_per_host=2, sleep=time.sleep)


def visit(
    gate: HostGate,
    time: Time,
    starts: list[tuple[str, float]],
    name: str = "",
    *,
    url: str = URL,
    delay_s: float = 2.0,
    takes_s: float = 0.0,
    handshake_s: float = 0.0,
    status: int = 200,
    retry_after: str | None = None,
) -> Awaitable[None]:
    async def go() -> None:
        async with gate.turn(url, delay_s=delay_s) as turn:
            if handshake_s:
                await time.sleep(handshake_s)
            turn.sent()
            starts.append((name, time.monotonic()))
            if takes_s:
                await time.sleep(takes_s)
            turn.answered(status, retry_after)

    return go()


def run(work: Callable[[], Awaitable[Any]]) -> Any:
    async def main() -> Any:
        return await work()

    return asyncio.run(main())


def test_starts_at_one_host_are_the_delay_apart_and_in_order_of_arrival(gate, time):
    starts: list[tuple[str, float]] = []
    run(lambda: time.run(*[visit(gate, time, starts, name) for name in "abcd"]))
    assert starts == [("a", 0.0), ("b", 2.0), ("c", 4.0), ("d", 6.0)]


def test_hosts_do_not_wait_for_each_other(gate, time):
    starts: list[tuple[str, float]] = []
    urls = [f"https://{host}.example/" for host in "abc"]
    run(lambda: time.run(*[visit(gate, time, starts, url, url=url) for url in urls]))
    assert [at for _, at in starts] == [0.0, 0.0, 0.0]


def test_only_the_first_in_the_queue_sleeps(gate, time):
    starts: list[tuple[str, float]] = []
    run(lambda: time.run(*[visit(gate, time, starts) for _ in range(50)]))
    assert time.sleeps == 49


def test_no_more_requests_are_under_way_at_a_host_than_allowed(gate, time):
    starts: list[tuple[str, float]] = []
    run(lambda: time.run(*[visit(gate, time, starts, delay_s=1.0, takes_s=10.0) for _ in range(5)]))
    assert [at for _, at in starts] == [0.0, 1.0, 10.0, 11.0, 20.0]


def test_the_pace_counts_from_when_a_request_is_written_however_long_the_handshake_takes(gate, time):
    starts: list[tuple[str, float]] = []
    handshakes = (3.0, 0.0, 0.5, 0.0)
    run(
        lambda: time.run(
            *[visit(gate, time, starts, delay_s=2.0, handshake_s=took, takes_s=9.0) for took in handshakes]
        )
    )
    assert [at for _, at in starts] == [3.0, 5.0, 12.5, 14.5]


def test_a_request_that_is_never_written_holds_nobody_up(gate, time):
    async def fails() -> None:
        async with gate.turn(URL, delay_s=2.0):
            await time.sleep(1.0)

    starts: list[tuple[str, float]] = []
    run(lambda: time.run(fails(), visit(gate, time, starts, delay_s=2.0)))
    assert [at for _, at in starts] == [2.0]


def test_where_there_is_no_pace_nobody_waits_for_another_s_handshake(gate, time):
    starts: list[tuple[str, float]] = []
    run(lambda: time.run(*[visit(gate, time, starts, delay_s=0.0, handshake_s=took) for took in (3.0, 0.0)]))
    assert sorted(at for _, at in starts) == [0.0, 3.0]


@pytest.mark.parametrize("reason", ["connect", "no_answer", "truncated_disconnect"])
def test_a_host_that_resets_a_second_connection_gets_one(gate, time, reason):
    running = most = 0

    async def go(number: int) -> None:
        nonlocal running, most
        async with gate.turn(URL, delay_s=0.0) as turn:
            running += 1
            if number > 1:
                most = max(most, running)
            turn.sent()
            await time.sleep(1.0 if number == 1 else 5.0)
            if number == 1:
                turn.failed(reason)
            running -= 1

    run(lambda: time.run(*[go(number) for number in range(6)]))
    assert most == 1


def test_a_reset_of_the_only_connection_narrows_nothing(gate, time):
    async def alone() -> None:
        async with gate.turn(URL, delay_s=0.0) as turn:
            turn.sent()
            turn.broken_off("truncated_disconnect")

    starts: list[tuple[str, float]] = []
    run(lambda: time.run(alone()))
    run(lambda: time.run(*[visit(gate, time, starts, delay_s=0.0, takes_s=5.0) for _ in range(2)]))
    assert [at for _, at in starts] == [0.0, 0.0]


def test_crawl_delay_prevails_over_a_shorter_delay_only(gate, time):
    starts: list[tuple[str, float]] = []
    gate.crawl_delay("news.example", 5.0)
    run(lambda: time.run(*[visit(gate, time, starts, delay_s=delay) for delay in (2.0, 2.0, 9.0)]))
    assert [at for _, at in starts] == [0.0, 5.0, 14.0]


def test_retry_after_in_seconds_is_waited_for(gate, time):
    starts: list[tuple[str, float]] = []
    run(
        lambda: time.run(
            visit(gate, time, starts, status=429, retry_after="30"), *[visit(gate, time, starts) for _ in range(2)]
        )
    )
    assert [at for _, at in starts] == [0.0, 30.0, 32.0]


def test_retry_after_as_a_date_is_waited_for(gate, time):
    starts: list[tuple[str, float]] = []
    date = "Mon, 23 Nov 2026 18:01:30 GMT"
    run(lambda: time.run(visit(gate, time, starts, status=503, retry_after=date), visit(gate, time, starts)))
    assert [at for _, at in starts] == [0.0, 90.0]


def test_a_longer_retry_after_is_refused_at_once_and_says_until_when(gate, time):
    starts: list[tuple[str, float]] = []
    results = run(
        lambda: time.run(
            visit(gate, time, starts, status=429, retry_after="3600"), *[visit(gate, time, starts) for _ in range(3)]
        )
    )
    assert time.monotonic() == 0.0
    assert [type(result) for result in results] == [type(None), BackedOff, BackedOff, BackedOff]
    assert "news.example is left alone until 2026-11-23T19:00:00.000000Z" in str(results[1])
    assert "Retry-After 3600 s" in str(results[1])


def test_a_refused_host_is_asked_again_when_its_time_has_come(gate, time):
    starts: list[tuple[str, float]] = []
    run(lambda: time.run(visit(gate, time, starts, status=429, retry_after="3600")))
    time.advance(3600)
    run(lambda: time.run(visit(gate, time, starts)))
    assert [at for _, at in starts] == [0.0, 3600.0]


def test_a_crawl_delay_longer_than_a_run_waits_admits_one_request_and_refuses_the_next(gate, time):
    gate.crawl_delay("news.example", 600.0)
    starts: list[tuple[str, float]] = []
    results = run(lambda: time.run(visit(gate, time, starts), visit(gate, time, starts)))
    assert results[0] is None
    assert isinstance(results[1], BackedOff)
    assert "robots.txt asks for 600 s" in str(results[1])


def test_without_retry_after_each_refusal_doubles_the_pause(gate, time):
    starts: list[tuple[str, float]] = []
    run(lambda: time.run(*[visit(gate, time, starts, status=429) for _ in range(5)]))
    assert [at for _, at in starts] == [0.0, 4.0, 12.0, 28.0, 60.0]


def test_refusals_that_were_under_way_together_count_once(gate, time):
    starts: list[tuple[str, float]] = []
    work = [visit(gate, time, starts, delay_s=0.0, takes_s=1.0, status=429) for _ in range(2)]
    run(lambda: time.run(*work))
    run(lambda: time.run(*[visit(gate, time, starts, delay_s=0.0) for _ in range(2)]))
    assert [at for _, at in starts] == [0.0, 0.0, 2.0, 2.5]


def test_the_pace_recovers_as_answers_are_good_again(gate, time):
    starts: list[tuple[str, float]] = []
    work = [visit(gate, time, starts, delay_s=0.0, status=429) for _ in range(4)]
    run(lambda: time.run(*work, *[visit(gate, time, starts, delay_s=0.0) for _ in range(9)]))
    gaps = [later - earlier for (_, earlier), (_, later) in pairwise(starts)]
    assert gaps == [1.0, 2.0, 4.0, 8.0, 4.0, 2.0, 1.0, 0.5, 0.25, 0.125, 0.0, 0.0]


def test_an_hour_long_penalty_is_left_behind_by_a_few_good_answers(gate, time):
    starts: list[tuple[str, float]] = []
    for _ in range(14):
        run(lambda: time.run(visit(gate, time, starts, status=503)))
        time.advance(3600)
    run(lambda: time.run(*[visit(gate, time, starts) for _ in range(3)]))
    gaps = [later - earlier for (_, earlier), (_, later) in pairwise(starts[-3:])]
    assert gaps == [60.0, 30.0]


def test_connection_failures_slow_down_but_never_close_a_lane(gate, time):
    async def fail() -> None:
        async with gate.turn(URL, delay_s=2.0) as turn:
            turn.failed("unreachable")

    results = run(lambda: time.run(*[fail() for _ in range(10)]))
    assert results == [None] * 10
    starts: list[tuple[str, float]] = []
    before = time.monotonic()
    run(lambda: time.run(visit(gate, time, starts)))
    assert [at - before for _, at in starts] == [15.0]


def test_who_is_no_longer_wanted_does_not_wait_for_the_pace(gate, time):
    stopped = False

    def admit() -> None:
        if stopped:
            raise CrawlStopped("stopped")

    async def ask() -> None:
        async with gate.turn(URL, delay_s=60.0, admit=admit):
            pass

    async def scenario() -> list[object]:
        nonlocal stopped
        tasks = [asyncio.ensure_future(ask()) for _ in range(5)]
        await time.settle()  # one has gone through, one sleeps, three queue
        stopped = True
        await time.wake_next()
        return await asyncio.gather(*tasks, return_exceptions=True)

    results = run(scenario)
    assert [type(result) for result in results] == [type(None), *[CrawlStopped] * 4]
    assert time.monotonic() - FixedClock(START).monotonic() <= 60.0


def test_a_cancelled_waiter_gives_its_place_to_the_next(gate, time):
    starts: list[tuple[str, float]] = []

    async def scenario() -> None:
        tasks = [asyncio.ensure_future(visit(gate, time, starts, name)) for name in "abcd"]
        await time.settle()  # a has started, b sleeps at the door, c and d queue
        tasks[1].cancel()
        tasks[2].cancel()
        await time.settle()
        await time.run(tasks[3])

    run(scenario)
    assert starts == [("a", 0.0), ("d", 2.0)]


def test_places_are_given_back_whatever_happens_inside(gate, time):
    async def crash() -> None:
        async with gate.turn(URL, delay_s=0.0):
            raise RuntimeError

    async def scenario() -> None:
        await time.run(*[crash() for _ in range(5)])
        holders = [asyncio.ensure_future(visit(gate, time, [], delay_s=0.0, takes_s=9.0)) for _ in range(2)]
        await time.settle()
        for holder in holders:
            holder.cancel()
        await time.settle()
        starts: list[tuple[str, float]] = []
        await time.run(*[visit(gate, time, starts, delay_s=0.0) for _ in range(4)])
        assert len(starts) == 4

    run(scenario)


def test_an_idle_hosts_lane_is_dropped_but_not_while_the_host_wants_to_be_left_alone(gate, time):
    run(lambda: time.run(visit(gate, time, [], url="https://idle.example/", delay_s=7200.0)))
    closed = "https://closed.example/"
    run(lambda: time.run(visit(gate, time, [], url=closed, status=429, retry_after="80000")))
    time.advance(3700)
    starts: list[tuple[str, float]] = []
    again = [visit(gate, time, starts, url, url=url) for url in (URL, "https://idle.example/", closed)]
    results = run(lambda: time.run(*again))
    assert [type(result) for result in results] == [type(None), type(None), BackedOff]


def test_a_host_that_names_a_year_is_asked_again_after_a_day(gate, time):
    run(lambda: time.run(visit(gate, time, [], status=503, retry_after="31536000")))
    refused = run(lambda: time.run(visit(gate, time, [])))
    assert "left alone until 2026-11-24T18:00:00" in str(refused[0])


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://News.Example/a", "news.example"),
        ("https://news.example:443/", "news.example"),
        ("http://news.example:80/", "news.example"),
        ("http://127.0.0.2:8080/x", "127.0.0.2:8080"),
        ("http://[::1]:81/", "[::1]:81"),
        ("https://user:pw@news.example./", "news.example"),
    ],
)
def test_the_lane_of_a_url_is_its_host_and_unusual_port(url, key):
    assert lane_key(url) == key


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("99999999999999999999", 999999999.0),
        ("Mon, 23 Nov 2026 18:00:10 GMT", 10.0),
        ("Monday, 23-Nov-26 18:00:10 GMT", 10.0),
        ("Mon Nov 23 18:00:10 2026", 10.0),
        ("Mon, 23 Nov 2026 17:00:00 GMT", 0.0),
        ("-5", None),
        ("soon", None),
        ("", None),
        (None, None),
        ("١٢", None),
        ("90.5", 90.5),
        ("2026-11-23T18:10:00Z", 600.0),
        ("1e3", None),
        ("90s", None),
    ],
)
def test_retry_after_is_read_in_all_forms_of_the_standard(value, seconds):
    assert retry_after_s(value, START) == seconds
