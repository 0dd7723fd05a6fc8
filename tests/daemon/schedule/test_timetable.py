"""When a site is due: intervals, crontabs, and the two days a year on which clocks change."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.daemon.schedule.timetable import Crontab, Every, Timetable, latest, politeness_keys, timetable
from crawler.model.site import Schedule, Site

BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def following(table: Timetable, after: str, count: int) -> list[str]:
    moment = at(after)
    found = []
    for _ in range(count):
        fire = table.next_after(moment)
        assert fire is not None
        assert fire.tzinfo is UTC
        found.append(f"{fire:%m-%d %H:%M}")
        moment = fire
    return found


@given(st.text(min_size=1), st.integers(1, 10**6), st.integers(0, 2**33))
def test_an_interval_keeps_its_phase_for_ever(name: str, seconds: int, second: int) -> None:
    table = Every(name, seconds)
    moment = datetime.fromtimestamp(second, UTC)
    first = table.next_after(moment)
    assert moment < first <= moment + timedelta(seconds=seconds)
    assert table.next_after(first) == first + timedelta(seconds=seconds)
    assert table.next_after(first - timedelta(microseconds=1)) == first


def test_the_phase_follows_from_the_name_and_spreads_sites() -> None:
    start = at("2026-03-01T00:00")
    minutes = {int((Every(f"site-{n}", 3600).next_after(start) - start).total_seconds() // 60) for n in range(300)}
    assert len(minutes) > 50
    assert Every("a", 3600).next_after(start) == Every("a", 3600).next_after(start)


def test_a_time_the_clock_skips_fires_right_after_and_once() -> None:
    assert following(Crontab("30 2 * * *", BERLIN), "2026-03-28T12:00", 2) == ["03-29 01:00", "03-30 00:30"]


def test_a_fixed_hour_that_comes_twice_fires_the_first_time_only() -> None:
    assert following(Crontab("30 2 * * *", BERLIN), "2026-10-24T12:00", 2) == ["10-25 00:30", "10-26 01:30"]


def test_every_half_hour_goes_on_through_both_changes() -> None:
    table = Crontab("*/30 * * * *", BERLIN)
    for start in ("2026-03-28T22:00", "2026-10-24T22:00"):
        moments = []
        moment = at(start)
        for _ in range(12):
            fire = table.next_after(moment)
            assert fire is not None
            moments.append(fire - moment)
            moment = fire
        assert set(moments) == {timedelta(minutes=30)}


@pytest.mark.parametrize(
    ("field", "days"),
    [
        ("0", ["Sun"]),
        ("7", ["Sun"]),
        ("1-5", ["Mon", "Tue", "Wed", "Thu", "Fri"]),
        ("mon,3", ["Mon", "Wed"]),
        ("*/2", ["Sun", "Tue", "Thu", "Sat"]),
        ("0-6/3", ["Sun", "Wed", "Sat"]),
    ],
)
def test_days_of_week_count_from_sunday(field: str, days: list[str]) -> None:
    fires = following(Crontab(f"0 12 * * {field}", ZoneInfo("UTC")), "2026-03-01T00:00", len(days))  # a Sunday
    assert {f"{at('2026-' + fire.replace(' ', 'T')):%a}" for fire in fires} == set(days)


def test_either_of_two_day_fields_may_match() -> None:
    table = Crontab("0 0 13 * 5", ZoneInfo("UTC"))
    assert following(table, "2026-04-01T00:00", 4) == ["04-03 00:00", "04-10 00:00", "04-13 00:00", "04-17 00:00"]


@pytest.mark.parametrize(
    ("crontab", "fires"),
    [
        ("0 6 * * sat#1", ["01-03 06:00", "02-07 06:00"]),
        ("0 6 * * fri#L", None),
        ("0 6 * * 5L", ["01-30 06:00", "02-27 06:00"]),
        ("0 6 * * FRIL", ["01-30 06:00", "02-27 06:00"]),
        ("0 6 * * sunL,mon", ["01-05 06:00", "01-12 06:00", "01-19 06:00", "01-25 06:00"]),
        ("0 6 L * *", ["01-31 06:00", "02-28 06:00"]),
        ("0 6 * * mon-fri/2", ["01-02 06:00", "01-05 06:00", "01-07 06:00", "01-09 06:00"]),
        ("0 6 1 jan-aug/2 *", ["01-01 06:00", "03-01 06:00", "05-01 06:00", "07-01 06:00", "01-01 06:00"]),
        ("0 6 * * sun-thu", ["01-01 06:00", "01-04 06:00"]),
        ("0 6 * * FRI-sun", ["01-02 06:00", "01-03 06:00", "01-04 06:00", "01-09 06:00"]),
    ],
)
def test_names_stand_wherever_numbers_may(crontab: str, fires: list[str] | None) -> None:
    if fires is None:
        with pytest.raises(ValueError, match="Bad day-of-week"):
            Crontab(crontab, ZoneInfo("UTC"))
    else:
        assert following(Crontab(crontab, ZoneInfo("UTC")), "2026-01-01T00:00", len(fires)) == fires


ZONES = "Europe/Berlin America/New_York America/Santiago America/Havana Africa/Cairo Asia/Beirut Asia/Gaza"
ZONES += " Atlantic/Azores Australia/Lord_Howe Europe/London America/Asuncion Pacific/Auckland Asia/Kathmandu"


def minute_by_minute(zone: ZoneInfo, wanted: set[tuple[int, int]], since: datetime, until: datetime) -> list[datetime]:
    """Walk every minute of the zone's clock: a daily time fires when it comes first, or right after it was skipped."""
    fires, shown = [], since.astimezone(zone).replace(tzinfo=None)
    moment = since
    while moment < until:
        moment += timedelta(minutes=1)
        local = moment.astimezone(zone).replace(tzinfo=None)
        passed = []
        while shown < local:  # more than one step where the clock springs ahead; none where it is set back
            shown += timedelta(minutes=1)
            passed.append((shown.hour, shown.minute))
        if wanted.intersection(passed):
            fires.append(moment)
    return fires


@pytest.mark.parametrize("name", ZONES.split())
@pytest.mark.parametrize(
    ("crontab", "wanted"),
    [
        ("0 0 * * *", {(0, 0)}),
        ("30 0 * * *", {(0, 30)}),
        ("59 0,2 * * *", {(0, 59), (2, 59)}),
        ("*/20 1 * * *", {(1, 0), (1, 20), (1, 40)}),
    ],
)
def test_no_day_is_lost_and_none_fires_twice_at_any_change_of_the_clock(name, crontab, wanted) -> None:
    zone, table = ZoneInfo(name), Crontab(crontab, ZoneInfo(name))
    for change in changes_of(zone, 2026):
        since = (change - timedelta(days=2)).replace(second=0, microsecond=0)
        until = change + timedelta(days=2)
        found, moment = [], since
        while (fire := table.next_after(moment)) is not None and fire <= until:
            found.append(fire)
            moment = fire
        assert found == minute_by_minute(zone, wanted, since, until)


def changes_of(zone: ZoneInfo, year: int) -> list[datetime]:
    hours = [datetime(year, 1, 1, tzinfo=UTC) + timedelta(hours=n) for n in range(365 * 24)]
    return [b for a, b in itertools.pairwise(hours) if a.astimezone(zone).utcoffset() != b.astimezone(zone).utcoffset()]


def test_a_week_that_begins_in_the_skipped_hour_keeps_its_day() -> None:
    cairo = Crontab("30 0 * * 5", ZoneInfo("Africa/Cairo"))  # midnight of 24 April does not exist there
    assert following(cairo, "2026-04-16T12:00", 3) == ["04-16 22:30", "04-23 22:00", "04-30 21:30"]
    assert following(Crontab("0 0 * * 1", BERLIN), "2026-03-28T12:00", 2) == ["03-29 22:00", "04-05 22:00"]


@pytest.mark.parametrize(
    ("schedule", "message"),
    [
        (Schedule(cron="0 6 * *"), "expected five fields"),
        (Schedule(cron="61 6 * * *"), "Bad minute in the crontab '61 6"),
        (Schedule(cron="0 6 * * 9"), "Bad day-of-week .* expected .* day of week 0-7 or sun-sat"),
        (Schedule(cron="0 6 * * */0"), "Bad day-of-week"),
        (Schedule(cron="0 6 * jan-aug/x *"), "Bad month"),
        (Schedule(cron="0 6 * * mon-fri/0"), "Bad day-of-week"),
        (Schedule(cron="0 6 * * thu-tue"), "Bad day-of-week"),
        (Schedule(cron="0 6 * foo *"), "Bad month"),
        (Schedule(cron="0 6 * * sat#6"), "Bad day-of-week"),
        (Schedule(cron="0 0 30 2 *"), "Bad day-of-month"),
        (Schedule(cron="0 6 * * *", timezone="Mars/Olympus"), "no such time zone: 'Mars/Olympus'"),
        (Schedule(every="often"), "expected a number and a unit"),
    ],
)
def test_what_cannot_be_read_says_what_was_expected(schedule: Schedule, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        timetable("a", schedule)


def test_the_latest_fire_comes_with_their_number() -> None:
    table = timetable("a", Schedule(cron="0 * * * *"))
    assert latest(table, at("2026-03-01T00:00"), at("2026-03-01T05:00")) == (at("2026-03-01T05:00"), 5)
    assert latest(table, at("2026-03-01T00:00"), at("2026-03-01T00:59")) == (None, 0)


def site(name: str, home: str, *feeds: str) -> Site:
    return Site(name=name, title=name, country="zz", languages=("en",), home=home, feeds=feeds)


def test_sites_that_share_a_host_share_a_lane_however_indirectly() -> None:
    sites = [
        site("bbc-persian", "https://www.bbc.com/persian", "https://feeds.bbci.co.uk/persian"),
        site("bbc-arabic", "https://bbc.com/arabic"),
        site("other-feed-host", "https://other.example/", "https://feeds.bbci.co.uk/x"),
        site("alone", "https://alone.example/"),
    ]
    assert politeness_keys({s.name: s for s in sites}) == {
        "bbc-arabic": "bbc-arabic",
        "bbc-persian": "bbc-arabic",
        "other-feed-host": "bbc-arabic",
        "alone": "alone",
    }
