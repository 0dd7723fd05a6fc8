"""Days of other calendars, at the edges of their months and years."""

from __future__ import annotations

from datetime import date

import pytest

from crawler.parse.dates.calendars import GREGORIAN, LUNAR, SOLAR, day_in, year_of_era


@pytest.mark.parametrize(
    ("calendar", "written", "day"),
    [
        (SOLAR, (1403, 1, 1), date(2024, 3, 20)),
        (SOLAR, (1403, 12, 30), date(2025, 3, 20)),
        (SOLAR, (1404, 12, 30), None),
        (SOLAR, (1404, 7, 31), None),
        (SOLAR, (1405, 9, 2), date(2026, 11, 23)),
        (LUNAR, (1410, 1, 1), date(1989, 8, 2)),
        (LUNAR, (1445, 9, 1), date(2024, 3, 11)),
        (LUNAR, (1448, 6, 13), date(2026, 11, 23)),
        (LUNAR, (1448, 6, 31), None),
        (LUNAR, (1500, 12, 30), date(2077, 11, 16)),
        (LUNAR, (1390, 1, 1), None),
        (GREGORIAN, (2569, 11, 23), date(2026, 11, 23)),
        (GREGORIAN, (2026, 2, 29), None),
        (GREGORIAN, (1026, 11, 23), None),
    ],
)
def test_a_day_is_gregorian_or_none_if_its_calendar_lacks_it(calendar, written, day):
    assert day_in(calendar, *written) == day


def test_years_of_eras_count_from_their_first():
    assert year_of_era("令和", 1) == 2019
    assert year_of_era("平成", 31) == 2019
    assert year_of_era("民國", 115) == year_of_era("", 115) == 2026
