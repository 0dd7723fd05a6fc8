"""How long ago something was: minutes and hours in many languages, and nothing that may be another day."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from crawler.parse.dates.relative import day_ago

NOON = datetime(2024, 5, 3, 12, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "3 hours ago", "Published 20 mins ago", "vor 3 Stunden", "Vor 25 Minuten aktualisiert", "il y a 3 heures", "hace 3 horas",
        "há 3 horas", "3 ore fa", "3 uur geleden", "för 3 timmar sedan", "for 3 timer siden", "3 tuntia sitten", "5 godzin temu",
        "před 3 hodinami", "3 часа назад", "3 години тому", "преди 3 часа", "20 dakika önce", "منذ 3 ساعات", "قبل 20 دقيقة",
        "۲۰ دقیقه پیش", "לפני 3 שעות", "3時間前", "20分钟前", "3시간 전", "3 घंटे पहले", "৩ ঘণ্টা আগে", "3 giờ trước",
        "3 jam yang lalu", "3 ชั่วโมงที่แล้ว", "πριν από 3 ώρες", "acum 3 ore", "3 órával ezelőtt", "prije 3 sata",
    ],
)  # fmt: skip
def test_minutes_and_hours_ago_are_that_day(text):
    assert day_ago(text, NOON) == date(2024, 5, 3)


def test_hours_ago_may_be_the_day_before():
    assert day_ago("15 hours ago", NOON) == date(2024, 5, 2)


@pytest.mark.parametrize("text", ["12 hours ago", "3 days ago", "in 3 hours", "1.5 hours ago", "It lasted for 3 hours", "3 hours later", ""])  # fmt: skip
def test_what_may_be_two_days_or_is_no_time_ago_is_none(text):
    assert day_ago(text, NOON) is None
