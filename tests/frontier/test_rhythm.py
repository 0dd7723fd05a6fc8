"""When a channel is read again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from crawler.frontier.rhythm import Bounds, Rhythm, failed, next_read, observed, rate_at
from crawler.model.reading import ChannelReading, Wishes

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
BOUNDS = Bounds(least_s=300, most_s=6 * 3600, price_s=240)
HOUR = timedelta(hours=1)


def followed(
    per_hour: float | dict[int, float], *, days: int = 10, every: timedelta = timedelta(minutes=30), **changes
) -> Rhythm:
    """Return the rhythm of a channel read at a fixed interval; `per_hour` may differ by hour of the day."""
    rhythm = observed(Rhythm(), ChannelReading(at=MONDAY, listed=20, **changes))
    at, owed = MONDAY, 0.0
    while at < MONDAY + timedelta(days=days):
        at += every
        rate = per_hour.get(at.hour, 0.0) if isinstance(per_hour, dict) else per_hour
        owed += rate * every.total_seconds() / 3600
        new, owed = int(owed), owed - int(owed)
        rhythm = observed(rhythm, ChannelReading(at=at, listed=20, new=new))
    return rhythm


def wait_h(rhythm: Rhythm, bounds: Bounds = BOUNDS) -> float:
    assert rhythm.read_at is not None
    return (next_read(rhythm, rhythm.read_at, bounds).at - rhythm.read_at) / HOUR


def usual_wait_h(rhythm: Rhythm, bounds: Bounds) -> float:
    """Return the wait on average over the hour: news that always comes at the same minute is waited for."""
    moments = [rhythm.read_at + minute * timedelta(minutes=1) for minute in range(0, 60, 5)]
    return sum((next_read(rhythm, moment, bounds).at - moment) / HOUR for moment in moments) / len(moments)


@pytest.mark.parametrize("per_hour", [0.1, 1.0, 10.0])
def test_the_rate_of_news_is_learned(per_hour):
    rhythm = followed(per_hour)
    rates = [rate_at(rhythm, MONDAY + hour * HOUR) for hour in range(7 * 24)]
    assert sum(rates) / len(rates) == pytest.approx(per_hour, rel=0.25)


def test_four_times_the_news_is_read_twice_as_often():
    wide = Bounds(least_s=1, most_s=86_400, price_s=240)
    assert usual_wait_h(followed(1.0), wide) / usual_wait_h(followed(4.0), wide) == pytest.approx(2.0, rel=0.15)


def test_what_brings_nothing_is_read_as_seldom_as_the_site_lets_it_be():
    rhythm = followed(0.0, days=30)
    assert wait_h(rhythm) == 6.0
    assert next_read(rhythm, rhythm.read_at, BOUNDS).why == "little is to be expected"


def test_nothing_is_read_more_often_than_the_site_lets_it_be():
    assert wait_h(followed(500.0)) == pytest.approx(300 / 3600)


def test_nights_are_learned_and_the_day_is_met_when_it_begins():
    rhythm = followed(dict.fromkeys(range(6, 22), 4.0), days=14)
    evening = MONDAY + timedelta(days=14, hours=22, minutes=30)
    rhythm = observed(rhythm, ChannelReading(at=evening, listed=20))
    price = 3600  # story-seconds
    due = next_read(rhythm, evening, Bounds(least_s=300, most_s=86_400, price_s=price)).at
    assert due - evening > 4 * HOUR
    assert due < evening.replace(hour=8) + timedelta(days=1)
    assert rate_at(rhythm, evening + 5 * HOUR) < 0.5 < 3 < rate_at(rhythm, evening + 12 * HOUR)


def test_a_channel_that_publishes_once_a_week_is_met_on_its_day():
    rhythm = Rhythm()
    for hour in range(24 * 35):
        at = MONDAY + hour * HOUR
        is_day = at.weekday() == 3 and at.hour == 10
        rhythm = observed(rhythm, ChannelReading(at=at, listed=20, new=12 if is_day and hour > 0 else 0))
    thursday = MONDAY + timedelta(days=38)
    assert rate_at(rhythm, thursday + 9.5 * HOUR) > 5 * rate_at(rhythm, thursday - 14 * HOUR)


def test_a_burst_brings_the_next_reading_forward_and_passes():
    rhythm = followed(0.5)
    usual = wait_h(rhythm)
    burst = observed(rhythm, ChannelReading(at=rhythm.read_at + HOUR / 2, listed=20, new=8))
    assert wait_h(burst) < usual / 2
    later, calm = burst, observed(rhythm, ChannelReading(at=rhythm.read_at + HOUR / 2, listed=20))
    for _ in range(12):
        later = observed(later, ChannelReading(at=later.read_at + HOUR / 2, listed=20))
        calm = observed(calm, ChannelReading(at=calm.read_at + HOUR / 2, listed=20))
    assert wait_h(later) > wait_h(calm) * 0.7


def test_a_channel_that_publishes_at_certain_times_is_read_when_those_are_over():
    rhythm = observed(Rhythm(), ChannelReading(at=MONDAY, listed=20))
    for half_hour in range(1, 48 * 14):
        at = MONDAY + half_hour * HOUR / 2
        edition = tuple(at - timedelta(minutes=n) for n in range(2, 10)) if (at.hour, at.minute) == (7, 30) else ()
        rhythm = observed(rhythm, ChannelReading(at=at, listed=20, new=len(edition), published=edition))
    five = MONDAY + timedelta(days=14, hours=5)
    rhythm = observed(rhythm, ChannelReading(at=five, listed=20))
    due = next_read(rhythm, five, Bounds(least_s=300, most_s=86_400, price_s=3600)).at
    assert five.replace(hour=7, minute=27) <= due <= five.replace(hour=8)


def test_a_channel_that_once_moved_on_by_more_than_it_holds_is_read_more_often():
    calm = followed(1.0)
    lost = observed(calm, ChannelReading(at=calm.read_at + HOUR, listed=20, new=20, overrun=True))
    later, usual = lost, calm
    for _ in range(48):
        later = observed(later, ChannelReading(at=later.read_at + HOUR, listed=20, new=1))
        usual = observed(usual, ChannelReading(at=usual.read_at + HOUR, listed=20, new=1))
    assert later.overruns == 0
    assert wait_h(later) < wait_h(usual)
    forgotten = observed(later, ChannelReading(at=later.read_at + timedelta(days=200), listed=20))
    assert forgotten.overrun_past < 0.01


def test_a_channel_is_read_before_it_is_full():
    patient = Bounds(least_s=60, most_s=86_400, price_s=1e9)
    rhythm = followed(10.0)
    assert wait_h(rhythm, patient) == pytest.approx(0.6, rel=0.2)  # 0.3 of 20 items, at 10 an hour
    assert next_read(rhythm, rhythm.read_at, patient).why == "it may hold no more soon"


def test_each_overrun_halves_how_much_may_come():
    patient = Bounds(least_s=60, most_s=86_400, price_s=1e9)
    once = observed(
        followed(10.0), ChannelReading(at=MONDAY + timedelta(days=10, hours=1), listed=20, new=20, overrun=True)
    )
    twice = observed(once, ChannelReading(at=once.read_at + HOUR, listed=20, new=20, overrun=True))
    assert wait_h(twice, patient) < wait_h(once, patient) < wait_h(followed(10.0), patient)
    found = observed(twice, ChannelReading(at=twice.read_at + HOUR, listed=20, new=5))
    assert found.overruns == 0


def test_the_dates_of_a_first_reading_tell_the_rate_at_once():
    published = tuple(MONDAY - n * HOUR / 4 for n in range(40))
    rhythm = observed(Rhythm(), ChannelReading(at=MONDAY, listed=40, published=published))
    assert rate_at(rhythm, MONDAY) == pytest.approx(4.0, rel=0.5)
    assert observed(Rhythm(), ChannelReading(at=MONDAY, listed=40)).hours == (0.0,) * 24


def test_changes_of_order_are_no_news():
    quiet = followed(0.0)
    changed = observed(quiet, ChannelReading(at=quiet.read_at + HOUR, listed=20, new=0))
    assert wait_h(changed) == pytest.approx(wait_h(quiet), rel=0.05)


@pytest.mark.parametrize(
    ("wishes", "hours", "why"),
    [
        (Wishes(ttl_s=7200), 2.0, "it says how long it stays the same"),
        (Wishes(ttl_s=30 * 86_400), 6.0, "it says how long it stays the same"),
        (Wishes(skip_hours=(0, 1)), 2.0, "it names hours to be skipped"),
        (Wishes(skip_days=(0,)), 24.0, "it names hours to be skipped"),
    ],
)
def test_what_a_channel_asks_for_is_heeded(wishes, hours, why):
    rhythm = followed(20.0, days=7)  # ends at a Monday's midnight
    rhythm = observed(rhythm, ChannelReading(at=rhythm.read_at + timedelta(seconds=1), listed=20, new=1, wishes=wishes))
    due = next_read(rhythm, rhythm.read_at, BOUNDS)
    assert (due.at - rhythm.read_at) / HOUR == pytest.approx(hours, abs=0.01)
    assert due.why == why


def test_a_channel_that_forbids_every_hour_is_read_all_the_same():
    rhythm = msgspec.structs.replace(followed(1.0), wishes=Wishes(skip_hours=tuple(range(24))))
    assert wait_h(rhythm) <= 6.0


def test_a_ttl_is_not_believed_where_it_loses_news():
    rhythm = followed(20.0, wishes=Wishes(ttl_s=20_000))
    lost = observed(rhythm, ChannelReading(at=rhythm.read_at + HOUR, listed=20, new=20, overrun=True))
    assert wait_h(lost) < 0.5 < wait_h(rhythm)


def test_a_stated_period_is_what_is_believed_first_and_no_bound():
    hourly = observed(Rhythm(), ChannelReading(at=MONDAY, listed=20, wishes=Wishes(period_s=3600)))
    daily = observed(Rhythm(), ChannelReading(at=MONDAY, listed=20, wishes=Wishes(period_s=86_400)))
    assert wait_h(hourly) < wait_h(daily)
    assert wait_h(followed(20.0, wishes=Wishes(period_s=86_400))) < 0.5


@pytest.mark.parametrize(
    ("at", "quiet", "hour"),
    [(23.0, (22 * 60, 6 * 60), 6), (2.0, (22 * 60, 6 * 60), 6), (13.0, (12 * 60, 14 * 60), 14)],
)
def test_nothing_is_due_in_quiet_hours(at, quiet, hour):
    rhythm = followed(30.0, days=7)
    now = MONDAY + timedelta(days=7) + at * HOUR
    rhythm = observed(rhythm, ChannelReading(at=now, listed=20, new=5))
    due = next_read(rhythm, now, Bounds(quiet=(quiet,)))
    assert (due.at.hour, due.at.minute, due.why) == (hour, 0, "its quiet hours end")
    assert due.at - now < timedelta(hours=10)


def test_what_cannot_be_read_is_asked_ever_more_seldom_and_recovers():
    rhythm = followed(10.0)
    waits = []
    for _ in range(8):
        rhythm = failed(rhythm)
        waits.append(wait_h(rhythm))
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (pytest.approx(1 / 6), 6.0)
    assert wait_h(observed(rhythm, ChannelReading(at=rhythm.read_at + HOUR, listed=20, new=1))) < 1


def test_a_clock_that_was_set_back_teaches_nothing():
    rhythm = followed(1.0)
    back = observed(rhythm, ChannelReading(at=MONDAY, listed=20, new=50))
    assert (back.hours, back.read_at) == (rhythm.hours, MONDAY)


def test_it_is_kept_as_json():
    rhythm = followed(1.0)
    assert msgspec.json.decode(msgspec.json.encode(rhythm), type=Rhythm) == rhythm
