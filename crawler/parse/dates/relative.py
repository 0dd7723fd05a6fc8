"""How long ago something was, in words: ``3 hours ago``, ``vor 20 Minuten``, ``منذ 5 ساعات``, ``2時間前``.

Minutes and hours only. A number of days is rounded by some sites and counted by the calendar by others, and a day
beside the right one is worse than none.
"""

from __future__ import annotations

__all__ = ["day_ago"]

import re
from datetime import UTC, date, datetime, timedelta
from typing import Final

from crawler.parse.dates.fold import fold_date

_MINUTES: Final = r"min(?:s|\.|ute[ns]?|uti?|utos?|uut|uter|utter|uuttia|ut[ay]|utami|ute?le|utit)?|m|минут[аыу]?|хвилин[аиу]?|хв\.?|minuta|dakika|دقایق|دقیقه|منٹ|דקות|דקה|分(?:鐘|钟|間)?|분|मिनट|মিনিট|phut|menit|นาที|λεπτα|λεπτο|perccel|perc|minuciu|minutes"
_HOURS: Final = (
    r"hours?|hrs?\.?|h|std\.?|stunden?|heures?|horas?|ore|ora|oras|uur|uren|tim(?:me|mar|mer|e|er)|tuntia?|godz(?:in[aey]?|\.)?|hodin(?:ami|ou|y|u)?|час(?:а|ов|а)?|"
    r"годин[аиу]?|ч\.?|saat|ساعات|ساعه|ساعت|ساعتین|گھنٹے|שעות|שעה|時間|小时|小時|시간|घंटे|घंटा|ঘণ্টা|gio|jam|ชั่วโมง|ωρες|ωρα|oraval|oraja|tundi|valandas|stundam|sata|sati|mga oras"
)
_UNIT: Final = rf"(?:(?P<minutes{{0}}>{_MINUTES})|(?P<hours{{0}}>{_HOURS}))"
_AFTER: Final = r"ago|fa|geleden|sedan|siden|sitten|temu|назад|тому|зад|once|پیش|قبل|پهلے|前|전|पहले|আগে|truoc|(?:yang )?lalu|ที่แล้ว|ที่ผ่านมา|atras|tagasi|zpet|ezelott|evvel"
_BEFORE: Final = r"vor|il y a|hace|ha|منذ|قبل|לפני|πριν(?: απο)?|pred|przed|преди|пре|acum|fa|prije|pre|pries|pirms"
_AGO: Final = re.compile(
    rf"(?<![\w.,])(?:(?P<n0>\d{{1,2}}) ?{_UNIT.format(0)}\.? ?(?:{_AFTER})|(?:{_BEFORE}) (?:ca\.? |about |env\. )?(?P<n1>\d{{1,2}}) ?{_UNIT.format(1)})(?![^\W\d_])"
)
_LONGEST: Final = 80


def day_ago(text: str, now: datetime) -> date | None:
    """Return the day (UTC) that `text`, seen at `now` (aware), says something was on; None if it does not say or may mean two."""
    if len(text) > _LONGEST:
        return None
    match = _AGO.search(fold_date(text))
    if match is None:
        return None
    count = int(match["n0"] or match["n1"])
    unit = timedelta(minutes=1) if match["minutes0"] or match["minutes1"] else timedelta(hours=1)
    at = now.astimezone(UTC)
    latest, earliest = (at - count * unit).date(), (at - (count + 1) * unit).date()
    return latest if latest == earliest else None
