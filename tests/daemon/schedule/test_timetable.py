"""When a site is due: intervals, crontabs, and the two days a year on which clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.daemon.schedule.timetable import Crontab, Every, Timetable, lanes, latest, timetable
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
    assert following(Crontab("30 2 * * *", BERLIN), "2026-03-28T12:00", 2) == ["03-29 01:30", "03-30 00:30"]


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


def test_a_day_that_never_comes_gives_no_fire() -> None:
    assert Crontab("0 0 30 2 *", ZoneInfo("UTC")).next_after(at("2026-01-01")) is None


@pytest.mark.parametrize(
    ("schedule", "message"),
    [
        (Schedule(cron="0 6 * *"), "expected five fields"),
        (Schedule(cron="61 6 * * *"), "61"),
        (Schedule(cron="0 6 * * 9"), "expected a day of week from 0"),
        (Schedule(cron="0 6 * * */0"), "higher than 0"),
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
    assert lanes({s.name: s for s in sites}) == {
        "bbc-arabic": "bbc-arabic",
        "bbc-persian": "bbc-arabic",
        "other-feed-host": "bbc-arabic",
        "alone": "alone",
    }
