"""The tables of words that dates are written with."""

from __future__ import annotations

from crawler.parse.dates.vocabulary import Month, words_of_dates


def test_months_are_known_in_at_least_seventy_languages():
    known: dict[str, set[int]] = {}
    for named in words_of_dates().months.values():
        for month, languages in named.items():
            for language in languages:
                known.setdefault(language, set()).add(month.number)
    assert sum(len(months) == 12 for months in known.values()) >= 70


def test_a_name_of_two_months_is_none_without_the_language():
    words = words_of_dates()
    assert words.months_of("listopad", ()) == []
    assert words.months_of("listopad", ("cs",)) == [Month("gregorian", 11)]
    assert words.months_of("listopad", ("en", "hr")) == [Month("gregorian", 10)]


def test_a_month_joined_with_what_leads_to_it_is_found():
    words = words_of_dates()
    assert words.months_of("במאי", ()) == [Month("gregorian", 5)]
    assert words.months_of("اذرماه", ()) == [Month("solar", 9)]


def test_a_short_mark_of_the_half_day_is_read_in_its_own_language_only():
    words = words_of_dates()
    assert words.half_of("ch", ("vi",)) == "pm"
    assert words.half_of("ch", ("de",)) is None
    assert words.half_of("pm", ()) == "pm"
