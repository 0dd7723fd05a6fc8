"""When channels are read: the policy against fixed intervals and the rules of two others, at equal requests. No
network.

    python benchmarks/polling.py [--days 28] [--warm-up 7] [--seeds 1 2 3] [--json]

A generated press of channels publishes by pattern: round the clock, with nights, in bursts, in floods, once a week,
next to never, and with edits that change the channel but bring no news. Each channel lists its newest items only: what
scrolls by between two readings is missed. Compared are, on the same publications,

- ``fixed``: every 30 minutes;
- ``news-crawl``: StormCrawler's AdaptiveScheduler as news-crawl configures it: the interval grows by half when the
  channel is the same, shrinks by a fifth when it is not, from 12 hours on, within 90 minutes and 90 days; and the same
  rule within our bounds, 5 minutes and 24 hours;
- ``miniflux``: its entry_frequency scheduler: a week divided by the entries of a week, within 5 minutes and 24 hours.

Beside each stands the policy of `crawler.frontier.rhythm` with the price of a reading set so that it makes no more
requests than that one. The first days, in which everybody learns, count for nobody.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import sys
import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parent.parent))

from crawler.frontier.rhythm import Bounds, Rhythm, next_read, observed
from crawler.model.reading import ChannelReading

HOUR = 3600.0
DAY = 24 * HOUR
BEGIN = datetime(2026, 3, 2, tzinfo=UTC)
"""A Monday."""
LEAST_S = 300.0
"""Nobody reads more often; news-crawl and fixed intervals have bounds of their own."""


class Channel(NamedTuple):
    """What a channel publishes, in seconds since `BEGIN`."""

    pattern: str
    holds: int
    news: tuple[float, ...]
    edits: tuple[float, ...] = ()
    """When it changed without news."""


class FollowedChannel(NamedTuple):
    """What a rule came to on one channel."""

    requests: int
    delays: list[float]
    missed: int


# --- the press


def day_curve(hour: float, *, begin: float = 6.0, end: float = 23.0) -> float:
    """Return how much of the day's top rate an hour has: nothing at night, most at noon and in the evening."""
    if not begin <= hour < end:
        return 0.0
    return 0.55 + 0.45 * math.sin((hour - begin) / (end - begin) * math.pi)


def poisson(rng: random.Random, rate_h: Callable[[float], float], top_h: float, days: int) -> list[float]:
    """Return moments of a Poisson process of that rate (stories an hour at a second)."""
    moments, at = [], 0.0
    while True:
        at += rng.expovariate(top_h) * HOUR
        if at >= days * DAY:
            return moments
        if rng.random() < rate_h(at) / top_h:
            moments.append(at)


def hour_of(at: float, shift: float = 0.0) -> float:
    return (at / HOUR + shift) % 24


def steady(rng: random.Random, days: int, per_day: float, *, nights: bool = True) -> list[float]:
    shift = rng.choice((0, 0, 1, 3, 5, 8, -5))
    top = per_day / 24 if not nights else per_day / 14.3
    curve = (lambda at: day_curve(hour_of(at, shift)) * top) if nights else (lambda _: top)
    return poisson(rng, curve, top, days)


def bursts(rng: random.Random, days: int) -> list[float]:
    """Four editions a day, each within some minutes, at hours that are kept to a quarter of an hour."""
    hours = sorted(rng.uniform(5, 22) for _ in range(4))
    found = []
    for day in range(days):
        for hour in hours:
            start = day * DAY + (hour + rng.uniform(-0.25, 0.25)) * HOUR
            found += [start + rng.uniform(0, 0.2) * HOUR for _ in range(rng.randint(4, 12))]
    return sorted(at for at in found if 0 <= at < days * DAY)


def floods(rng: random.Random, days: int) -> list[float]:
    """A paper of twenty stories a day that has some days on which sixty an hour come."""
    found = steady(rng, days, 20)
    for _ in range(max(2, days // 4)):
        start, hours = rng.uniform(0, days) * DAY, rng.uniform(1.5, 4)
        rate = rng.uniform(30, 80)
        at = start
        while at < min(start + hours * HOUR, days * DAY):
            swell = min(1.0, (at - start) / HOUR * 2 + 0.15)
            at += rng.expovariate(rate * swell) * HOUR
            found.append(at)
    return sorted(at for at in found if at < days * DAY)


def weekly(rng: random.Random, days: int) -> list[float]:
    weekday, hour = rng.randrange(7), rng.uniform(6, 18)
    found = []
    for week in range(days // 7 + 1):
        start = (week * 7 + weekday) * DAY + (hour + rng.uniform(-0.5, 0.5)) * HOUR
        found += [start + rng.uniform(0, 1.5) * HOUR for _ in range(rng.randint(6, 15))]
    return sorted(at for at in found if 0 <= at < days * DAY)


def press(seed: int, days: int) -> list[Channel]:
    """Return the channels, the same for the same seed."""
    rng = random.Random(seed)
    made: list[Channel] = []

    def add(
        pattern: str, number: int, holds: tuple[int, ...], news: Callable[[], list[float]], edits: float = 0
    ) -> None:
        for _ in range(number):
            told = tuple(news())
            changed = tuple(steady(rng, days, edits, nights=False)) if edits else ()
            made.append(Channel(pattern, rng.choice(holds), told, changed))

    add("round the clock", 4, (30, 50), lambda: steady(rng, days, rng.uniform(120, 300), nights=False))
    add("nights", 12, (15, 20, 30), lambda: steady(rng, days, rng.uniform(15, 70)))
    add("bursts", 8, (15, 20, 30), lambda: bursts(rng, days))
    add("floods", 6, (15, 20, 30), lambda: floods(rng, days))
    add("few a day", 10, (10, 20), lambda: steady(rng, days, rng.uniform(1, 4)))
    add("weekly", 6, (15, 20), lambda: weekly(rng, days))
    add("dead", 8, (10, 20), lambda: [rng.uniform(0, days * DAY)] if rng.random() < 0.5 else [])
    add("edits of order", 6, (20, 30), lambda: steady(rng, days, rng.uniform(8, 25)), edits=60)
    return made


# --- the rules


class Rule(NamedTuple):
    """How one decides: given what a reading found, the seconds to the next one, and what is remembered."""

    name: str
    start: Callable[[], object]
    next: Callable[[object, float, Seen], tuple[object, float]]


class Seen(NamedTuple):
    """What a reading found."""

    listed: int
    new: tuple[float, ...]
    """When the new items were published."""
    all_listed: tuple[float, ...]
    changed: bool
    overrun: bool
    first: bool


def fixed(interval_s: float) -> Rule:
    return Rule(f"fixed {interval_s / 60:g} min", lambda: None, lambda memory, _at, _seen: (memory, interval_s))


def news_crawl(least_s: float, most_s: float) -> Rule:
    def step(memory: object, _at: float, seen: Seen) -> tuple[object, float]:
        assert isinstance(memory, float)
        interval = memory
        if not seen.first:
            interval *= 0.8 if seen.changed else 1.5
        interval = float(min(max(interval, least_s), most_s))
        return interval, interval

    return Rule(f"news-crawl from {least_s / 60:g} min on", lambda: 720 * 60.0, step)


def miniflux() -> Rule:
    def step(memory: object, at: float, seen: Seen) -> tuple[object, float]:
        assert isinstance(memory, tuple)
        entries = tuple(moment for moment in (*memory, *(seen.all_listed if seen.first else seen.new)))
        week = [moment for moment in entries if moment >= at - 7 * DAY]
        count = 0
        if len(week) > 1 and max(week) > min(week):
            count = math.ceil(7 * DAY / ((max(week) - min(week)) / (len(week) - 1)))
        interval = 24 * HOUR if not count else min(max(7 * DAY / count, 300.0), 24 * HOUR)
        return tuple(week), interval

    return Rule("miniflux", lambda: (), step)


def ours(price_s: float, *, most_s: float = 24 * HOUR) -> Rule:
    bounds = Bounds(least_s=LEAST_S, most_s=most_s, price_s=price_s)

    def step(memory: object, at: float, seen: Seen) -> tuple[object, float]:
        assert isinstance(memory, Rhythm)
        now = BEGIN + timedelta(seconds=at)
        moments = seen.all_listed if seen.first else seen.new
        reading = ChannelReading(
            at=now,
            listed=seen.listed,
            new=len(seen.new),
            published=tuple(BEGIN + timedelta(seconds=moment) for moment in moments),
            overrun=seen.overrun,
        )
        rhythm = observed(memory, reading)
        return rhythm, (next_read(rhythm, now, bounds).at - now).total_seconds()

    return Rule("ours", Rhythm, step)


# --- the trial


def follow(channel: Channel, rule: Rule, *, begin: float, days: int, first: float) -> FollowedChannel:
    """Return what `rule` comes to on `channel`, of what is published from `begin` on."""
    memory = rule.start()
    at, read, last = first, 0, -1.0
    requests, missed = 0, 0
    delays: list[float] = []
    news = channel.news
    while at < days * DAY:
        requests += at >= begin
        there = bisect_right(news, at)
        oldest = max(0, there - channel.holds)
        new = news[max(read, oldest) : there]
        if last >= 0:
            missed += sum(1 for moment in news[read:oldest] if moment >= begin)
            delays += [at - moment for moment in new if moment >= begin]
        changed = bool(new) or bisect_left(channel.edits, last) != bisect_left(channel.edits, at)
        seen = Seen(
            listed=there - oldest,
            new=new if last >= 0 else (),
            all_listed=news[oldest:there],
            changed=changed,
            overrun=last >= 0 and oldest >= read and bool(new) and read > 0,
            first=last < 0,
        )
        read, last = there, at
        memory, wait_s = rule.next(memory, at, seen)
        at += wait_s
    left = news[read:]
    delays += [days * DAY - moment for moment in left if moment >= begin]  # it waits still
    return FollowedChannel(requests, delays, missed)


def trial(
    channels: list[Channel], rule: Rule, *, warm_up: int, days: int, seed: int
) -> dict[str, list[FollowedChannel]]:
    rng = random.Random(seed)
    found: dict[str, list[FollowedChannel]] = {}
    for channel in channels:
        first = rng.uniform(0, HOUR)
        found.setdefault(channel.pattern, []).append(follow(channel, rule, begin=warm_up * DAY, days=days, first=first))
    return found


def total(found: dict[str, list[FollowedChannel]]) -> tuple[int, float, int, int]:
    """Return requests, mean delay (s), missed and published stories."""
    every = [one for of_pattern in found.values() for one in of_pattern]
    return _sum(every)


def _sum(every: list[FollowedChannel]) -> tuple[int, float, int, int]:
    delays = [delay for one in every for delay in one.delays]
    missed = sum(one.missed for one in every)
    return (
        sum(one.requests for one in every),
        sum(delays) / max(1, len(delays)),
        missed,
        len(delays) + missed,
    )


def at_most(
    requests: int, run: Callable[[float], dict[str, list[FollowedChannel]]]
) -> tuple[float, dict[str, list[FollowedChannel]]]:
    """Return the price at which the policy makes just no more than so many requests, and what it comes to."""
    low, high = 10.0, 100_000.0
    best: tuple[float, dict[str, list[FollowedChannel]]] | None = None
    for _ in range(8):
        price = math.sqrt(low * high)
        found = run(price)
        if total(found)[0] > requests:
            low = price
        else:
            high, best = price, (price, found)
    return best or (high, run(high))


def lines(days: int, warm_up: int, seed: int) -> Iterator[dict[str, object]]:
    channels = press(seed, days)
    options = {"warm_up": warm_up, "days": days, "seed": seed}
    for rule in (fixed(1800), news_crawl(LEAST_S, 24 * HOUR), news_crawl(90 * 60.0, 90 * DAY), miniflux()):
        theirs = trial(channels, rule, **options)
        requests, delay_s, missed, stories = total(theirs)
        price, mine = at_most(requests, lambda price: trial(channels, ours(price), **options))
        my_requests, my_delay_s, my_missed, _ = total(mine)
        yield {
            "rule": rule.name,
            "stories": stories,
            "requests": [requests, my_requests],
            "delay_min": [round(delay_s / 60, 1), round(my_delay_s / 60, 1)],
            "missed": [missed, my_missed],
            "price_s": round(price),
            "delay_ratio": round(my_delay_s / delay_s, 3),
            "missed_ratio": round(my_missed / missed, 3) if missed else None,
        }
        for pattern in theirs:
            one, other = _sum(theirs[pattern]), _sum(mine[pattern])
            yield {
                "rule": rule.name,
                "pattern": pattern,
                "stories": one[3],
                "requests": [one[0], other[0]],
                "delay_min": [round(one[1] / 60, 1), round(other[1] / 60, 1)],
                "missed": [one[2], other[2]],
            }


def _told(line: dict[str, object]) -> str:
    if "pattern" in line:
        pair = f"requests {line['requests']}  delay {line['delay_min']} min"
        return f"    {line['pattern']:<16} {pair}  missed {line['missed']} of {line['stories']}"
    pair = f"requests {line['requests']}  delay {line['delay_min']} min ({line['delay_ratio']})"
    missed = f"missed {line['missed']} of {line['stories']} ({line['missed_ratio']})"
    return f"{line['rule']}: {pair}  {missed}  price {line['price_s']} s"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--days", type=int, default=28)
    parser.add_argument("--warm-up", type=int, default=7)
    parser.add_argument(
        "--seeds", type=int, nargs="+", default=[1], help="of presses; what each rule came to in all of them"
    )
    parser.add_argument("--json", action="store_true", help="JSON Lines")
    given = parser.parse_args()
    begun = time.process_time()
    print(f"each pair: that rule, ours; {given.days} days, the first {given.warm_up} not counted", file=sys.stderr)
    ratios: dict[str, list[tuple[float, float]]] = {}
    for seed in given.seeds:
        print(f"seed {seed}", file=sys.stderr)
        for line in lines(given.days, given.warm_up, seed):
            if "delay_ratio" in line:
                ratios.setdefault(str(line["rule"]), []).append((line["delay_ratio"], line["missed_ratio"] or 0.0))  # type: ignore[arg-type]
            print(json.dumps(line) if given.json else _told(line), flush=True)
    for rule, found in ratios.items() if len(given.seeds) > 1 else ():
        delay, missed = (sum(values) / len(found) for values in zip(*found, strict=True))
        print(f"{rule}, mean of {len(found)} presses: delay {delay:.2f}, missed {missed:.2f}", file=sys.stderr)
    print(f"{time.process_time() - begun:.0f} s of CPU", file=sys.stderr)


if __name__ == "__main__":
    main()
