"""One spelling for what dates are written in."""

from __future__ import annotations

import pytest

from crawler.parse.dates.fold import fold_date


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("۱۴۰۳/۰۲/۱۷", "1403/02/17"), ("２０２４年", "2024年"), ("10:30 P. M.", "10:30 pm"), ("Şubat", "subat"), ("KASIM", "kasim"), ("أيّار", "ایار"),
        ("آذر\u200cماه", "اذرماه"), ("พ.ค.", "พค"), ("5\u202f\u00a0Mai", "5 mai"), ("2024−05", "2024-05"), ("Ann MillerDec 3, 2024", "ann miller dec 3, 2024"),
    ],
)  # fmt: skip
def test_digits_accents_dots_and_spaces_have_one_form(written, folded):
    assert fold_date(written) == folded
