"""Makes crawler/parse/words/months.json and umm_al_qura.json: month names and marks of the half day from the Unicode
CLDR (package babel), and the lengths of the months of the Umm al-Qura calendar (package hijridate).

    uv run --with babel --with hijridate python benchmarks/date_words.py

Both packages serve here only: what they know changes once in years, and the parser reads the two files. Words that are
not in the CLDR stand in crawler/parse/words/dates.json, which is written by hand.
"""

from __future__ import annotations

import importlib
import json
import re
from pathlib import Path

WORDS = Path(__file__).parents[1] / "crawler" / "parse" / "words"
LOCALES = (
    "af am ar ar_MA ar_TN ar_SY az be bg bn br bs bs_Cyrl ca ckb cs cy da de de_AT el en eo es et eu fa fa_AF fi fil "
    "fo fr fy ga gd gl gu ha he "
    "hi hr hu hy id ig is it jv ka kk km kn ko ku ky lb lo lt lv mg mk ml mn mr ms mt my nb ne nl nn om or pa "
    "pa_Arab pl ps pt qu rm ro ru rw sd "
    "sk sl so sq sr sr_Latn sv sw ta te tg th tk tr tt ug uk ur uz uz_Cyrl vi wo xh yi zu"
)

YEARS = range(1410, 1501)


def months(locales: dict[str, object]) -> dict[str, list[str]]:
    """Return the names of the twelve months by language, those of one month parted by bars."""
    found: dict[str, list[list[str]]] = {}
    for code, locale in locales.items():
        twelve = found.setdefault(code.split("_")[0], [[] for _ in range(12)])
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in locale.months[context][width].items():
                    bare = name.strip(" .").lower()
                    if len(bare) > 1 and not re.search(r"\d", bare) and bare not in twelve[number - 1]:
                        twelve[number - 1].append(bare)
    return {code: ["|".join(names) for names in twelve] for code, twelve in sorted(found.items()) if all(twelve)}


def halves(locales: dict[str, object]) -> dict[str, dict[str, str]]:
    """Return the marks of the two halves of the day by language."""
    found: dict[str, dict[str, str]] = {}
    for code, locale in locales.items():
        tables = [
            locale.day_periods[context].get(width, {})
            for context in ("format", "stand-alone")
            for width in ("wide", "abbreviated")
        ]
        for half in ("am", "pm"):
            names = [table[half].strip().lower() for table in tables if half in table]
            known = found.setdefault(code.split("_")[0], {}).setdefault(half, "")
            found[code.split("_")[0]][half] = "|".join(dict.fromkeys([*filter(None, known.split("|")), *names]))
    return {code: both for code, both in sorted(found.items()) if both["am"] != both["pm"]}


def weekdays(locales: dict[str, object]) -> str:
    """Return the names of the days of the week in all languages, which no byline's names are."""
    names = [
        name.strip(" .").lower()
        for locale in locales.values()
        for context in ("format", "stand-alone")
        for width in ("wide", "abbreviated")
        for name in locale.days[context][width].values()
    ]
    return "|".join(sorted({name for name in names if len(name) > 1}))


def umm_al_qura() -> dict[str, object]:
    """Return the first day and, for each year, which of its months have 30 days (bit 0 is the first month)."""
    hijri = importlib.import_module("hijridate").Hijri
    lengths = [
        sum((hijri(year, month, 1).month_length() == 30) << month - 1 for month in range(1, 13)) for year in YEARS
    ]
    return {
        "first_year": YEARS[0],
        "first_day": hijri(YEARS[0], 1, 1).to_gregorian().isoformat(),
        "long_months": lengths,
    }


def main() -> None:
    locale = importlib.import_module("babel").Locale
    locales = {code: locale.parse(code) for code in LOCALES.split()}
    source = (
        "Unicode CLDR, (c) Unicode, Inc., Unicode License v3, https://www.unicode.org/license.txt; made by "
        "benchmarks/date_words.py"
    )
    for name, table in (
        ("months", {"source": source, "months": months(locales), "halves": halves(locales),
        "weekdays": weekdays(locales)}),
        ("umm_al_qura", {"source": "Umm al-Qura calendar of Saudi Arabia; made by benchmarks/date_words.py",
        **umm_al_qura()}),
    ):  # fmt: skip
        text = json.dumps(table, ensure_ascii=False, indent=1)
        text = re.sub(r",\n\s+(?=[\d])", ", ", text)
        (WORDS / f"{name}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
