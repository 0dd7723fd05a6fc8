"""When is a channel read again? By how often it has news at that hour, within what its site and its publisher ask for.

A reading costs `price_s` story-seconds, a story that waits costs as long as it waits, and what comes after the reading
is taken to cost as much as at its own pace it would: the next reading is due where that together is least. So a channel
with four times the news is read twice as often, one that sleeps at night is read when its day has begun, one that
publishes at certain times is read when those are over, one that has died is read as seldom as it may be. And it is read
before what is to be expected fills a part of what it holds: what scrolls by is lost. Where that happened before a
reading is taken to cost less. All pure.
"""

from __future__ import annotations

__all__ = ["Bounds", "NextRead", "Rhythm", "failed", "next_read", "observed", "rate_at"]

import math
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import msgspec

from crawler.model.reading import ChannelReading, Wishes

_HOUR_S = 3600.0
_MEMORY_S = 21 * 86_400.0
"""What was seen so long ago counts for a third."""
_PAST = timedelta(days=14)
"""At a first reading the dates of what is listed tell so far back how often there is news."""
_BURST_S = 2400.0
"""News comes in bursts, of which two thirds are over after so long."""
_BURST_WEIGHT = 1.5
"""Stories that are to be missing, or too many, before a burst or a lull is believed."""
_MOST_BOOST, _LEAST_BOOST = 40.0, 0.25
_PRIOR_NEWS, _PRIOR_H = 0.5, 2.0
"""What is believed of a channel of which nothing is known: a story in four hours."""
_BELIEVED_H, _BELIEVED_NEWS = 0.5, 1.0
"""An hour of the day, or a weekday, is like all others until it was watched so long and was to have so many stories."""
_HELD = 0.3
"""A channel is read before what it holds is so far replaced."""
_OVERRUN_WORTH = 0.5
"""By so much cheaper is a reading for each time that a channel had moved on by more than it holds."""
_USUAL_SIZE = 20.0
_PARTS = 72
"""A day has so many parts whose news is counted: channels publish at certain times more exactly than by the hour."""
_PART_NEWS = 3.0
"""A part is like its hour until it was to have so many stories."""
_STEP_S, _LONGEST_STEP_S = 150.0, 1200.0
_STEP_SHARE = 0.1
"""The future is looked at in steps that grow with their distance, but none longer than a part of the day."""


class Bounds(msgspec.Struct, frozen=True, kw_only=True):
    """What a site allows."""

    least_s: float = 300.0
    most_s: float = 21_600.0
    price_s: float = 300.0
    """A reading costs as much as so many seconds that a story waits."""
    quiet: tuple[tuple[int, int], ...] = ()
    """Minutes of the day (UTC) within which nothing is due; the second may be the smaller one."""


class Rhythm(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is remembered of a channel. Counts fade with time; those of hours and weekdays are of UTC."""

    read_at: datetime | None = None
    hours: tuple[float, ...] = (0.0,) * 24
    """News by hour of the day."""
    hours_seen: tuple[float, ...] = (0.0,) * 24
    """How many hours each was watched."""
    parts: tuple[float, ...] = (0.0,) * _PARTS
    """News by part of the day."""
    days: tuple[float, ...] = (0.0,) * 7
    days_seen: tuple[float, ...] = (0.0,) * 7
    lately: float = 0.0
    """News of the last hour or so, the latest counting most."""
    expected: float = 0.0
    """How much of that was to be expected."""
    size: float = 0.0
    """Items that it holds; 0: not known."""
    overruns: int = 0
    """Readings in a row that found nothing of the last one."""
    overrun_past: float = 0.0
    """How often that began; it fades."""
    failures: int = 0
    """Readings in a row that gave nothing."""
    wishes: Wishes = Wishes()


class NextRead(msgspec.Struct, frozen=True):
    """When a channel is due, and why then."""

    at: datetime
    why: str


def observed(rhythm: Rhythm, reading: ChannelReading) -> Rhythm:
    """Return what is known after `reading`. One that is older than the last (a clock set back) teaches nothing."""
    now = reading.at
    first = rhythm.read_at is None
    size = rhythm.size if not reading.listed else float(reading.listed)
    kept = msgspec.structs.replace(
        rhythm,
        read_at=now,
        size=size,
        failures=0,
        overruns=rhythm.overruns + 1 if reading.overrun else 0,
        overrun_past=_overrun_past(rhythm, reading),
        wishes=reading.wishes or rhythm.wishes,
    )
    # Of what scrolled by nothing is known but that it was more than there is: only what is listed tells.
    begin = _first_seen(reading) if first or reading.overrun else rhythm.read_at
    if begin is None or begin >= now:
        return kept
    moments = _moments(reading, begin)
    fade = math.exp(-(now - begin).total_seconds() / _MEMORY_S) if not first else 1.0
    hours, hours_seen = [value * fade for value in rhythm.hours], [value * fade for value in rhythm.hours_seen]
    parts = [value * fade for value in rhythm.parts]
    days, days_seen = [value * fade for value in rhythm.days], [value * fade for value in rhythm.days_seen]
    for moment, passed_h in _watched(begin, now):
        hours_seen[moment.hour] += passed_h
        days_seen[moment.weekday()] += passed_h
    for moment in moments:
        hours[moment.hour] += 1.0
        parts[_part_of(_since_monday(moment))] += 1.0
        days[moment.weekday()] += 1.0
    lately, expected = _lately(rhythm, moments, begin, now, first=first)
    return msgspec.structs.replace(
        kept,
        hours=tuple(hours),
        hours_seen=tuple(hours_seen),
        parts=tuple(parts),
        days=tuple(days),
        days_seen=tuple(days_seen),
        lately=lately,
        expected=expected,
    )


def failed(rhythm: Rhythm) -> Rhythm:
    """Return what is known after a reading that gave nothing."""
    return msgspec.structs.replace(rhythm, failures=rhythm.failures + 1)


def rate_at(rhythm: Rhythm, moment: datetime) -> float:
    """Return how many stories are to be expected in the hour of `moment`, bursts left aside."""
    rates, each_s = _Rates(rhythm), 86_400 / _PARTS
    begin_s = _since_monday(moment) // _HOUR_S * _HOUR_S
    count = int(_HOUR_S / each_s)
    return sum(rates.at(begin_s + part * each_s) for part in range(count)) / count


def next_read(rhythm: Rhythm, now: datetime, bounds: Bounds) -> NextRead:
    """Return when the channel is due after `now`, the moment it was read or was to be read."""
    if rhythm.failures:
        wait_s = min(max(bounds.least_s, 300.0) * 2 ** min(rhythm.failures, 16), bounds.most_s)
        return _allowed(NextRead(now + timedelta(seconds=wait_s), "it could not be read"), rhythm, bounds)
    wait_s, why = _by_news(rhythm, now, bounds)
    wishes = rhythm.wishes
    if wishes.ttl_s > wait_s and not rhythm.overruns:
        wait_s, why = min(wishes.ttl_s, bounds.most_s), "it says how long it stays the same"
    return _allowed(NextRead(now + timedelta(seconds=wait_s), why), rhythm, bounds)


def _by_news(rhythm: Rhythm, now: datetime, bounds: Bounds) -> tuple[float, str]:
    """Return in how many seconds a reading costs least, and why then."""
    rates = _Rates(rhythm)
    boost = min(_MOST_BOOST, max(_LEAST_BOOST, (rhythm.lately + _BURST_WEIGHT) / (rhythm.expected + _BURST_WEIGHT)))
    most_news = _HELD * (rhythm.size or _USUAL_SIZE) / 2**rhythm.overruns
    price_s = bounds.price_s / (1 + _OVERRUN_WORTH * rhythm.overrun_past)
    begin_s = _since_monday(now)
    passed_s = news = cost_s = 0.0
    best_s, least_cost_s = bounds.most_s, math.inf
    while passed_s < bounds.most_s and cost_s <= least_cost_s + price_s:
        step_s = min(max(_STEP_S, _STEP_SHARE * passed_s), _LONGEST_STEP_S, bounds.most_s - passed_s)
        rate = rates.at(begin_s + passed_s) * (1 + (boost - 1) * math.exp(-passed_s / _BURST_S)) / _HOUR_S
        if news + rate * step_s >= most_news:
            if cost_s < least_cost_s or best_s >= passed_s:
                return max(bounds.least_s, passed_s + (most_news - news) / rate), "it may hold no more soon"
            break
        # Who reads every sqrt(2 price / rate) seconds pays sqrt(2 rate price) a second: none pays less at that rate.
        own_pace = math.sqrt(2 * rate * price_s)
        until_s = min(step_s, max(0.0, (own_pace - news) / rate)) if rate else step_s
        at_best_s = cost_s + (news + rate * until_s / 2 - own_pace) * until_s
        if at_best_s < least_cost_s:
            best_s, least_cost_s = passed_s + until_s, at_best_s
        cost_s += (news + rate * step_s / 2 - own_pace) * step_s
        news += rate * step_s
        passed_s += step_s
    if best_s >= bounds.most_s:
        return bounds.most_s, "little is to be expected"
    return max(bounds.least_s, best_s), "news is to be expected"


def _overrun_past(rhythm: Rhythm, reading: ChannelReading) -> float:
    begins = 1.0 if reading.overrun and not rhythm.overruns else 0.0
    if rhythm.read_at is None:
        return begins
    passed_s = max(0.0, (reading.at - rhythm.read_at).total_seconds())
    return rhythm.overrun_past * math.exp(-passed_s / _MEMORY_S) + begins


def _part_of(second: float) -> int:
    """Return the part of the day in which a second of the week is."""
    return int(second % 86_400 * _PARTS / 86_400)


def _since_monday(moment: datetime) -> float:
    """Return the seconds of the week that have passed at `moment`."""
    return moment.weekday() * 86_400.0 + moment.hour * _HOUR_S + moment.minute * 60.0 + moment.second


class _Rates:
    """Stories an hour at a moment, by what a channel was seen to do at that hour and on that weekday."""

    def __init__(self, rhythm: Rhythm) -> None:
        news, seen_h = sum(rhythm.hours), sum(rhythm.hours_seen)
        period_h = rhythm.wishes.period_s / _HOUR_S
        prior = _PRIOR_NEWS if not period_h else _PRIOR_H / max(period_h, _PRIOR_H / 4)
        mean = self._mean = (news + prior) / (seen_h + _PRIOR_H)
        weight_h = max(_BELIEVED_H, _BELIEVED_NEWS / mean)
        self._hours = [
            (count + weight_h * mean) / (seen + weight_h)
            for count, seen in zip(rhythm.hours, rhythm.hours_seen, strict=True)
        ]
        each, weight_h = _PARTS // 24, _PART_NEWS / mean
        self._parts = [
            (count + weight_h * self._hours[number // each]) / (rhythm.hours_seen[number // each] / each + weight_h)
            for number, count in enumerate(rhythm.parts)
        ]
        weight_h = max(24 * _BELIEVED_H, _BELIEVED_NEWS / mean)
        self._days = [
            (count + weight_h * mean) / (seen + weight_h) / mean
            for count, seen in zip(rhythm.days, rhythm.days_seen, strict=True)
        ]

    def at(self, second: float) -> float:
        """Return the rate at that second of the week."""
        hour = int(second / _HOUR_S)
        return self._parts[_part_of(second)] * self._days[hour // 24 % 7]


def _first_seen(reading: ChannelReading) -> datetime | None:
    """Return since when a first reading tells all news: since the oldest of what is listed."""
    past = [moment for moment in reading.published if moment <= reading.at]
    return max(min(past), reading.at - _PAST) if len(past) > 1 else None


def _moments(reading: ChannelReading, begin: datetime) -> list[datetime]:
    """Return when the news came: as it says itself, or anywhere since the last reading."""
    said = [moment for moment in reading.published if begin <= moment <= reading.at]
    unsaid = max(0, reading.new - len(said)) if reading.new else 0
    step = (reading.at - begin) / (unsaid + 1)
    return said + [begin + step * (number + 1) for number in range(unsaid)]


def _lately(
    rhythm: Rhythm, moments: Iterable[datetime], begin: datetime, now: datetime, *, first: bool
) -> tuple[float, float]:
    """Return how much news there was of late, and how much was to be expected."""
    fade = math.exp(-(now - begin).total_seconds() / _BURST_S)
    came = sum(math.exp(-(now - moment).total_seconds() / _BURST_S) for moment in moments)
    if first:
        return 0.0, 0.0
    rates = _Rates(rhythm)
    since = max(begin, now - timedelta(seconds=4 * _BURST_S))
    due = sum(
        rates.at(_since_monday(moment)) * passed_h * math.exp(-(now - moment).total_seconds() / _BURST_S)
        for moment, passed_h in _watched(since, now)
    )
    return rhythm.lately * fade + came, rhythm.expected * fade + due


def _watched(begin: datetime, end: datetime) -> Iterable[tuple[datetime, float]]:
    """Yield each hour of the clock from `begin` (at most two weeks back) to `end`: its middle, and how much of it."""
    moment = max(begin, end - _PAST)
    while moment < end:
        following = min(end, moment.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1))
        yield moment + (following - moment) / 2, (following - moment).total_seconds() / _HOUR_S
        moment = following


def _allowed(due: NextRead, rhythm: Rhythm, bounds: Bounds) -> NextRead:
    """Return the first moment from `due` on at which neither the site nor the channel asks to be left alone."""
    at, why = due.at, due.why
    for _ in range(24 * 8):
        ends = _quiet_until(at, bounds.quiet)
        if ends is not None:
            at, why = ends, "its quiet hours end"
        elif at.hour in rhythm.wishes.skip_hours or at.weekday() in rhythm.wishes.skip_days:
            at, why = at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1), "it names hours to be skipped"
        else:
            return NextRead(at, why)
    return due  # it names all of them


def _quiet_until(moment: datetime, quiet: Sequence[tuple[int, int]]) -> datetime | None:
    minute = moment.hour * 60 + moment.minute
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    for begin, end in quiet:
        if begin <= minute < end or (end < begin and (minute >= begin or minute < end)):
            return midnight + timedelta(days=int(end < begin <= minute), minutes=end)
    return None
