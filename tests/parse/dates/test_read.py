"""Dates in the forms that people write and programs print, read by the one reader of pages and feeds."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.parse.dates import iso_date, moment_of, read_date, to_iso


def read(text: str, *languages: str, month_first: bool | None = False) -> str | None:
    moment = read_date(text, languages=languages, month_first=month_first)
    return to_iso(moment) if moment is not None else None


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
        ("2024-W10-2", "2024-03-05"),
        ("2024W102", "2024-03-05"),
        ("Published: 2024-W10-2T08:15+01:00", "2024-03-05T08:15:00+01:00"),
        ("2020-W53-5", "2021-01-01"),
    ],
)
def test_a_date_is_read_with_the_precision_it_has(text: str, iso: str) -> None:
    assert read(text) == iso


@pytest.mark.parametrize(
    "text", ["2024-W10", "2024-W53-1", "2024-W102", "2024-W10-8", "2024-W10-22", "W10-2", "KW 10-2"]
)
def test_a_week_without_its_day_or_that_is_none_is_no_date(text: str) -> None:
    assert read(text) is None


def test_a_feed_may_name_the_day_of_a_week() -> None:
    assert iso_date("2024-W10-2T08:15:00Z") == "2024-03-05T08:15:00+00:00"


@pytest.mark.parametrize(
    "text",
    [
        "Mon May 06 2024 09:30:00 GMT+0330 (Iran Standard Time)", "2024-05-06T09:30:00 UTC+03:30", "2024-05-06t09:30:00+0330",
        "Mon, 06 May 2024 09:30:00 +0330", "6 May 2024 09:30 GMT+3:30", "Mon May 6 09:30:00 2024 +0330", "20240506093000+0330",
        "2024-05-06T09:30:00.000000+03:30[Asia/Tehran]",
    ],
)  # fmt: skip
def test_an_offset_is_kept_however_a_program_prints_it(text: str) -> None:
    assert read(text) == "2024-05-06T09:30:00+03:30"


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("Mon May  6 09:30:00 2024", "2024-05-06T09:30:00"),
        ("Mon May 06 09:30:00 CEST 2024", "2024-05-06T09:30:00+02:00"),
        ("1714987800", "2024-05-06T09:30:00+00:00"),
        ("1714987800123", "2024-05-06T09:30:00+00:00"),
        ("/Date(1714987800123)/", "2024-05-06T09:30:00+00:00"),
        ("2024-05-06T09:30:00−05:00", "2024-05-06T09:30:00-05:00"),
        ("5/6/2024 9:30:00 AM", "2024-05-06T09:30:00"),
        ("06-May-24 09:30", "2024-05-06T09:30:00"),
    ],
)
def test_what_programs_print_is_an_exact_moment(text: str, iso: str) -> None:
    moment = read_date(text, exact=True)
    assert moment is not None
    assert to_iso(moment) == iso


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("6 मई 2024", "hi"), ("6 พฤษภาคม 2567", "th"), ("๖ พ.ค. ๒๕๖๗", "th"), ("6 พ.ค. 67", "th"), ("2024. május 6.", "hu"), ("2024. 5. 6.", "ko"), ("2024년 5월 6일", "ko"),
        ("6 svibnja 2024.", "hr"), ("2024. gada 6. maijā", "lv"), ("2024 m. gegužės 6 d.", "lt"), ("2024ko maiatzaren 6a", "eu"), ("6 de maig del 2024", "ca"),
        ("6. toukokuuta 2024", "fi"), ("ngày 6 tháng 5 năm 2024", "vi"), ("Tháng 5 6, 2024", "vi"), ("2024 ခုနှစ် မေလ ၆", "my"), ("ថ្ងៃទី៦ ខែឧសភា ឆ្នាំ២០២៤", "km"),
        ("6 במאי 2024", "he"), ("مئی 6, 2024", "ur"), ("6 أيار/مايو 2024", "ar"), ("6 ماي، 2024", "ar"), ("6 мамыр 2024 ж.", "kk"), ("2024 оны 5 сарын 6", "mn"),
        ("6. V. 2024", "pl"), ("6 Mei 2024", "sw"), ("Mayo 6, 2024", "fil"), ("6 mei 2024", "nl"), ("6 ਮਈ 2024", "pa"), ("6 મે, 2024", "gu"), ("6 മേയ് 2024", "ml"),
        ("6 ಮೇ 2024", "kn"), ("6 මැයි, 2024", "si"), ("6 ພຶດສະພາ 2024", "lo"), ("6 մայիսի 2024", "hy"), ("6 მაისი, 2024", "ka"), ("令和6年5月6日", "ja"), ("令和６年５月６日", "ja"),
        ("R6.5.6", "ja"), ("民國113年5月6日", "zh"), ("113年5月6日", "zh"), ("113/05/06", "zh"), ("二〇二四年五月六日", "zh"), ("1403/02/17", "fa"), ("۱۷ اردیبهشت‌ماه ۱۴۰۳", "fa"),
        ("هفدهم اردیبهشت ۱۴۰۳", "fa"), ("۱۷ ثور ۱۴۰۳", "fa"), ("27 شوال 1445 هـ", "ar"), ("28 شوال 1445هـ الموافق 6 مايو 2024", "ar"), ("06/05/2567", "th"), ("6 ឧសភា 2024", "km"),
    ],
)  # fmt: skip
def test_a_day_is_read_in_the_words_digits_and_calendar_of_its_language(text: str, language: str) -> None:
    assert read(text, language) == "2024-05-06"


@pytest.mark.parametrize(
    ("text", "language", "clock"),
    [
        ("10:30 م", "ar", "22:30"), ("10:30 مساءً", "ar", "22:30"), ("12:15 ص", "ar", "00:15"), ("10:30 ب.ظ", "fa", "22:30"), ("下午10:30", "zh", "22:30"), ("晚上10:30", "zh", "22:30"),
        ("凌晨1:30", "zh", "01:30"), ("午後10時30分", "ja", "22:30"), ("오후 10:30", "ko", "22:30"), ("10:30 μ.μ.", "el", "22:30"), ("10:30 p. m.", "es", "22:30"), ("10:30 P.M.", "en", "22:30"),
        ("10:30PM", "en", "22:30"), ("10:30 CH", "vi", "22:30"), ("10:30 ÖS", "tr", "22:30"), ("10:30 MD", "sq", "22:30"), ("10:30 शाम", "hi", "22:30"), ("12:30 a.m.", "en", "00:30"),
        ("14:30 Uhr", "de", "14:30"), ("kl. 14.30", "sv", "14:30"), ("14.30 WIB", "id", "14:30"), ("下午14:30", "zh", "14:30"), ("9 pm", "en", "21:00"),
    ],
)  # fmt: skip
def test_the_half_of_the_day_is_read_in_the_language_of_the_page(text: str, language: str, clock: str) -> None:
    moment = read_date(f"2024-05-06 {text}", languages=(language,))
    assert moment is not None
    assert to_iso(moment).startswith(f"2024-05-06T{clock}:00")


def test_seconds_behind_a_dot_are_read_where_a_word_says_that_it_is_a_time() -> None:
    assert read("6.5.2024 klo 14.30.05", "fi") == "2024-05-06T14:30:05"
    assert read("6.5.2024 klo 14.30.2024", "fi") == "2024-05-06"


@pytest.mark.parametrize("text", ["10:30 qx", "10:30 x.q.", "12:30 रात"])
def test_a_mark_of_the_half_day_that_is_not_understood_gives_the_day_alone(text: str) -> None:
    assert read(f"6 May 2024 {text}") == "2024-05-06"


def test_a_month_s_name_that_means_two_months_is_read_in_the_language_of_the_page_only() -> None:
    assert read("6 listopada 2024", "hr") == "2024-10-06"
    assert read("6 listopada 2024", "pl") == "2024-11-06"
    assert read("6 listopada 2024", "en", "pl") == "2024-11-06"
    assert read("6 listopada 2024") is None


def test_american_order_is_read_where_it_is_the_page_s() -> None:
    assert read("3/5/2024", month_first=True) == "2024-03-05"
    assert read("3/5/2024", month_first=None) is None
    assert read("23/5/2024", month_first=None) == "2024-05-23"


@pytest.mark.parametrize(
    "text",
    ["", "no date", "99.99.2024", "2024-13-45", "12:30", "5 people in May 2024", "May 2024", "31.02.2024", "10.30.00 AM", "२०८३ मंसिर ७", "12:30 - 13:45", "2.500,00",
     "ISBN 978-3-16-148410-0", "10-12-2019-2020", "৬ বৈশাখ ১৪৩১"],
)  # fmt: skip
def test_what_is_no_date_is_none(text: str) -> None:
    assert read(text) is None


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Tue, 10 Nov 2026 08:00:00 GMT", "2026-11-10T08:00:00+00:00"),
        ("Tue, 10 Nov 2026 08:00:00 +0300", "2026-11-10T08:00:00+03:00"),
        ("10 Nov 2026 08:00 EST", "2026-11-10T08:00:00-05:00"),
        ("Tue, 10 Nov 26 08:00:00 CEST", "2026-11-10T08:00:00+02:00"),
        ("Tue,10 Nov 2026 8:05:00 GMT+3", "2026-11-10T08:05:00+03:00"),
        ("Tue, 10 Nov 2026 08:00:00 Z", "2026-11-10T08:00:00+00:00"),
        ("Tue, 10 Nov 2026 08:00:00", "2026-11-10T08:00:00"),
        ("Tue, 10 Nov 2026 08:00:00 XYZ", "2026-11-10T08:00:00"),
        ("Di, 10 Okt 2026 08:00:00 +0200", "2026-10-10T08:00:00+02:00"),
        ("mar., 10 déc. 2026 08:00:00 +0100", "2026-12-10T08:00:00+01:00"),
        ("10 Ağustos 2026 14:30", "2026-08-10T14:30:00"),
        ("10-Nov-2026", "2026-11-10"),
        ("November 10, 2026 3:04 PM", "2026-11-10T15:04:00"),
        ("Nov 10, 2026 12:04 AM EST", "2026-11-10T00:04:00-05:00"),
        ("2026-11-10T08:00:00Z", "2026-11-10T08:00:00+00:00"),
        ("2026-11-10T08:00:00.250+03:30", "2026-11-10T08:00:00.250000+03:30"),
        ("2026-11-10T08:00:00+0300", "2026-11-10T08:00:00+03:00"),
        ("2026-11-10 08:00", "2026-11-10T08:00:00"),
        ("2026-11-10T24:00:00Z", "2026-11-11T00:00:00+00:00"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00+00:00"),
        ("20261110T080000Z", "2026-11-10T08:00:00+00:00"),
        ("2026-11-10", "2026-11-10"),
        ("2026-11-10Z", "2026-11-10"),
        ("2026/11/10 08:00", "2026-11-10T08:00:00"),
        ("1794297600", "2026-11-10T08:00:00+00:00"),
        ("1794297600000", "2026-11-10T08:00:00+00:00"),
        ("٢٠٢٦-١١-١٠", "2026-11-10"),
        ("28.05.2026 10:20", "2026-05-28T10:20:00"),
        ("10 marraskuuta 2026 08:00", "2026-11-10T08:00:00"),
        ("Τρι, 10 Νοε 2026 08:00:00 +0200", "2026-11-10T08:00:00+02:00"),
        ("Tue, 10 Nov 2026 08:00:00 MEST", "2026-11-10T08:00:00+02:00"),
        ("1405-08-19", "2026-11-10"),
        ("1405-08-19T08:00:00+03:30", "2026-11-10T08:00:00+03:30"),
    ],
)
def test_dates_of_feeds_become_iso_8601(written: str, expected: str) -> None:
    assert iso_date(written) == expected


@pytest.mark.parametrize(
    "written",
    [None, "", "yesterday", "2026", "2026-11", "0000-00-00T00:00:00", "Tue, 31 Feb 2026 08:00:00 GMT", "1605-08-19",
     "Thu, 01 Jan 1900 00:00:00 GMT", "10 Foo 2026", "2026-11-10T99:00:00Z", "10 Nov 2026 08:00 +9900", "05/11/2026 10:00"],
)  # fmt: skip
def test_what_is_no_sure_date_stays_unknown_in_a_feed(written: str | None) -> None:
    assert iso_date(written) is None


def test_the_language_of_a_feed_tells_which_number_is_the_month() -> None:
    assert iso_date("05/11/2026", language="de-DE") == "2026-11-05"
    assert iso_date("05/11/2026", language="en-US") == "2026-05-11"
    assert iso_date("05/11/2026", language="en") is None


@given(st.text(max_size=120))
def test_any_text_gives_a_readable_date_or_none(text: str) -> None:
    found = iso_date(text)
    assert found is None or moment_of(found) is not None


@given(st.from_regex(r"[\d :./,+apm年月日-]{1,40}", fullmatch=True))
def test_any_numbers_give_a_readable_date_or_none(text: str) -> None:
    found = iso_date(text)
    assert found is None or moment_of(found) is not None


@given(st.integers(40_000_000_000_000, 4_000_000_000_000_000), st.integers(-720, 720))
def test_a_date_in_iso_8601_comes_back_as_it_is(microseconds: int, minutes: int) -> None:
    moment = datetime(1970, 1, 1, tzinfo=timezone(timedelta(minutes=minutes))) + timedelta(microseconds=microseconds)
    assert iso_date(moment.isoformat()) == moment.isoformat()


@pytest.mark.parametrize(
    ("months", "language"),
    [
        ("јануара фебруара марта априла маја јуна јула августа септембра октобра новембра децембра", "sr"),
        ("januara februara marta aprila maja juna jula avgusta septembra oktobra novembra decembra", "sr"),
        ("januarja februarja marca aprila maja junija julija avgusta septembra oktobra novembra decembra", "sl"),
        ("yanvarda fevralda martda aprelda mayda iyunda iyulda avgustda sentabrda oktabrda noyabrda dekabrda", "uz"),
        ("қаңтарда ақпанда наурызда сәуірде мамырда маусымда шілдеде тамызда қыркүйекте қазанда қарашада желтоқсанда", "kk"),
        ("urtarrilak otsailak martxoak apirilak maiatzak ekainak uztailak abuztuak irailak urriak azaroak abenduak", "eu"),
        ("Ionawr Chwefror Fawrth Ebrill Fai Fehefin Orffennaf Awst Fedi Hydref Dachwedd Ragfyr", "cy"),
        ("Enero Pebrero Marso Abril Mayo Hunyo Hulyo Agosto Septiyembre Oktubre Nobiyembre Disyembre", "ceb"),
        ("xineru febreru marzu abril mayu xunu xunetu agostu setiembre ochobre payares avientu", "ast"),
        ("জানুৱাৰী ফেব্ৰুৱাৰী মাৰ্চ এপ্ৰিল মে’ জুন জুলাই আগষ্ট ছেপ্তেম্বৰ অক্টোবৰ নৱেম্বৰ ডিচেম্বৰ", "as"),
        ("જાન્યુઆરી ફેબ્રુઆરી માર્ચ એપ્રિલ મે જૂન જુલાઇ ઓગસ્ટ સપ્ટેમ્બર ઓક્ટોબર નવેમ્બર ડિસેમ્બર", "gu"),
        ("ജനുവരി ഫെബ്രുവരി മാര്‍ച്ച് ഏപ്രില്‍ മെയ് ജൂണ്‍ ജൂലായ് ആഗസ്റ്റ് സെപ്തംബര്‍ ഒക്ടോബര്‍ നവംബര്‍ ഡിസംബര്‍", "ml"),
        ("کانوونی_دووەمی شوباتی ئازاری نیسانی ئایاری حوزەیرانی تەممووزی ئابی ئەیلوولی تشرینی_یەکەمی تشرینی_دووەمی کانوونی_یەکەمی", "ckb"),
    ],
)  # fmt: skip
def test_months_are_read_in_the_case_that_dates_have(months, language):
    found = [read(f"5 {name.replace('_', ' ')} 2024", language) for name in months.split()]
    assert found == [f"2024-{month:02}-05" for month in range(1, 13)]


@pytest.mark.parametrize(
    ("text", "language", "iso"),
    [
        ("शुक्रवार, 5 जून 2026 शाम 6:30 बजे", "hi", "2026-06-05T18:30:00"),
        ("৫ জুন ২০২৬, সন্ধ্যা ৬:৩০", "bn", "2026-06-05T18:30:00"),
        ("2026. 6. 5. du. 6:30", "hu", "2026-06-05T18:30:00"),
        ("05.06.2026 ÖS 6:30", "tr", "2026-06-05T18:30:00"),
        ("5 jun. 2026, 18.30 uur", "nl", "2026-06-05T18:30:00"),
        ("5 czerwca 2026 godz. 18.30", "pl", "2026-06-05T18:30:00"),
        ("5 Juni 2026 pkl 18.30", "id", "2026-06-05T18:30:00"),
        ("Publicerad 2026-06-05 18.30", "sv", "2026-06-05T18:30:00"),
        ("5 June 2026, 12.50 €", "en", "2026-06-05"),
        ("Juni 5, 2026 saa 12:30", "sw", "2026-06-05"),
        ("5 Am Faoilleach 2026", "gd", "2026-01-05"),
        ("Friday, 05-Jun-26 18:30:00 GMT", "en", "2026-06-05T18:30:00+00:00"),
    ],
)
def test_the_half_of_the_day_may_stand_before_the_time_and_dots_part_it(text, language, iso):
    assert read(text, language) == iso


@pytest.mark.parametrize("text", ["Vol. 5, June 2026", "Issue 12 May 2026", "Heft 5, Juni 2026", "Nr. 3 Mai 2026"])
def test_the_number_of_an_issue_is_no_day(text):
    assert read(text, "en") is None


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2026 11 24 15:45", "2026-11-24T15:45:00"),
        ("2026 11 24", "2026-11-24"),
        ("פורסם ב-24.11.26, 15:45", "2026-11-24T15:45:00"),
        ("24-nji noýabr 2026", "2026-11-24"),
    ],
)
def test_a_day_is_read_between_blanks_and_behind_a_letter_for_on(text: str, iso: str) -> None:
    assert read(text) == iso


def test_numbers_between_blanks_alone_are_no_day() -> None:
    assert read("call 2026 11 24") is None
