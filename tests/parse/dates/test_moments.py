"""Dates in the forms that pages write them."""

from __future__ import annotations

import pytest

from crawler.parse.dates.moments import read_moment, to_iso


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2024-03-05T08:15:00+01:00", "2024-03-05T08:15:00+01:00"),
        ("2024-03-05T08:15Z", "2024-03-05T08:15:00+00:00"),
        ("2024-03-05 08:15:09.123", "2024-03-05T08:15:09"),
        ("2024-03-05", "2024-03-05"),
        ("20240305T081500Z", "2024-03-05T08:15:00+00:00"),
        ("Tue, 05 Mar 2024 08:15:00 GMT", "2024-03-05T08:15:00+00:00"),
        ("5 mars 2024 à 8h15", "2024-03-05T08:15:00"),
        ("5. März 2024, 08:15 Uhr", "2024-03-05T08:15:00"),
        ("March 5, 2024 8:15 PM", "2024-03-05T20:15:00"),
        ("5 de marzo de 2024", "2024-03-05"),
        ("05.03.2024", "2024-03-05"),
        ("5/3/24", "2024-03-05"),
        ("2024年3月5日 08:15", "2024-03-05T08:15:00"),
        ("٥ مارس ٢٠٢٤", "2024-03-05"),
        ("۲ تیر ۱۳۹۹", "2020-06-22"),
        ("1 فروردین 1403", "2024-03-20"),
        ("5 марта 2024, 08:15", "2024-03-05T08:15:00"),
    ],
)
def test_a_date_is_read_with_the_precision_it_has(text, iso):
    moment = read_moment(text)
    assert moment is not None
    assert to_iso(moment) == iso


def test_american_order_is_read_where_it_is_the_page_s():
    moment = read_moment("3/5/2024", month_first=True)
    assert moment is not None
    assert to_iso(moment) == "2024-03-05"


@pytest.mark.parametrize("text", ["", "no date", "99.99.2024", "2024-13-45", "12:30"])
def test_what_is_no_date_is_none(text):
    assert read_moment(text) is None
