"""The words that dates are written with, folded: months of every calendar, marks of the half day, zones, what stands between."""

from __future__ import annotations

__all__ = ["Month", "Words", "words_of_dates"]

from functools import cache
from typing import Final, NamedTuple

from crawler.parse.dates.calendars import GREGORIAN, LUNAR, SOLAR
from crawler.parse.dates.fold import fold_date
from crawler.parse.words import table

_SHORT: Final = 2
"""Letters of a mark that means another thing in another language: such a one is read in its own language only."""
_SHORT_BEFORE: Final = 4
_CASED: Final = "\u0500"
"""Behind the Latin and the Cyrillic letters: there short words are words of their own."""
_BETWEEN: Final = "‖"
"""A sign that is folded to itself and stands in no name."""
_EVERYWHERE: Final = frozenset(("am", "pm", "ص", "م", "قظ", "بظ", "πμ", "μμ", "夜", "晚", "朝", "밤", "낮", "昼", "شب"))


class Month(NamedTuple):
    """A month of a calendar."""

    calendar: str
    number: int


class Words:
    """The tables, folded; `openings` are the first words of what has several."""

    __slots__ = ("_short_weekdays", "between", "half_days", "halves", "longest", "months", "openings", "ordinals", "prefixes", "suffixes", "units", "unsure", "weekdays", "zones")  # fmt: skip

    def __init__(self) -> None:
        self.weekdays = frozenset(_folded(table("months")["weekdays"]))
        self._short_weekdays = frozenset(name[:size] for name in self.weekdays for size in (2, 3))
        self.months: dict[str, dict[Month, set[str]]] = {}
        cldr, ours = table("months"), table("dates")
        for tables in (cldr["months"], ours["months"]):
            for language, twelve in tables.items():
                self._add(GREGORIAN, twelve, language)
        self._add(SOLAR, ours["solar"], "fa")
        self._add(LUNAR, ours["lunar"], "ar")
        self.ordinals = {name: day for day, names in enumerate(ours["ordinals"], 1) for name in _folded(names)}
        several = [*self.months, *self.ordinals]
        self.openings = frozenset(name.split(" ", 1)[0] for name in several)
        self.longest = max(name.count(" ") for name in several) + 1
        self.between = frozenset(fold_date(ours["between"]).split())
        self.prefixes = tuple(fold_date(ours["prefixes"]).split())
        self.suffixes = tuple(fold_date(ours["suffixes"]).split())
        self.units = frozenset(fold_date(ours["units"]).split())
        self.zones: dict[str, int] = {fold_date(name): minutes for name, minutes in ours["zones"].items()}
        self.halves = {mark: half for half, marks in ours["halves"].items() for mark in _folded(marks)}
        self.unsure = dict.fromkeys(_folded(ours["unsure"]), "unsure")
        self.half_days: dict[str, dict[str, str]] = {}
        for language, both in cldr["halves"].items():
            self.half_days[language] = {mark: half for half, marks in both.items() for mark in _folded(marks)}
        for marks in self.half_days.values():
            for mark, half in marks.items():
                if len(mark) > _SHORT or mark in _EVERYWHERE:
                    self.halves.setdefault(mark, half)

    def _add(self, calendar: str, twelve: list[str], language: str) -> None:
        for number, names in enumerate(fold_date(_BETWEEN.join(twelve)).split(_BETWEEN), 1):
            for name in _parts(names):
                self.months.setdefault(name, {}).setdefault(Month(calendar, number), set()).add(language)

    def months_of(self, word: str, languages: tuple[str, ...]) -> list[Month]:
        """Return the months that `word` names in the first of `languages` that has it; in any, if those do not differ."""
        found = self.months.get(word) or self._within(word)
        if not found:
            return []
        calendars = {month.calendar for month in found}
        if len(found) == len(calendars):
            return list(found)
        for language in languages:
            own = [month for month, spoken in found.items() if language in spoken]
            if own:
                return own
        return []

    def _within(self, word: str) -> dict[Month, set[str]] | None:
        """Return the months of a word that is joined with what leads to it or follows it."""
        if not word.startswith(self.prefixes) and not word.endswith(self.suffixes):
            return None
        for prefix in self.prefixes:
            if word.startswith(prefix) and (found := self.months.get(word[len(prefix) :].lstrip("-"))):
                return found
        for suffix in self.suffixes:
            stem = word[: -len(suffix)]
            if word.endswith(suffix) and (len(stem) > _SHORT or suffix > _CASED) and (found := self.months.get(stem)):
                return found
        return None

    def half_of(self, mark: str, languages: tuple[str, ...]) -> str | None:
        """Return what `mark` says of the time of day: ``am``, ``pm``, ``noon``, ``night``; None if it is no such mark."""
        for language in languages:
            if half := self.half_days.get(language, {}).get(mark):
                return half
        return self.halves.get(mark)

    def half_before(self, mark: str, languages: tuple[str, ...]) -> str | None:
        """Return what `mark` says that stands before a time; short words of Latin letters are believed in their own language only."""
        if mark.isascii() and len(mark) <= _SHORT_BEFORE:
            own = [half for language in languages if (half := self.half_days.get(language, {}).get(mark))]
            return own[0] if own and mark not in _EVERYWHERE else self.unsure.get(mark)
        return self.half_of(mark, languages)

    def is_weekday(self, word: str) -> bool:
        """Tell whether `word` is a day of the week, or how one is shortened."""
        return word in self.weekdays or (len(word) in (2, 3) and word in self._short_weekdays)

    def is_beside(self, word: str) -> bool:
        """Tell whether `word` is one that stands beside times and dates and marks no half of a day."""
        return word in self.units or word in self.zones or word in self.between


def _folded(names: str) -> list[str]:
    """Return the names between bars, folded; all at once, which is quicker than each."""
    return _parts(fold_date(names))


def _parts(names: str) -> list[str]:
    return [part for name in names.split("|") if (part := name.strip(" ."))]


@cache
def words_of_dates() -> Words:
    """Return the tables, made once a process."""
    return Words()
