"""When an article was published and changed: every candidate the page gives, with its source, and the choice.

Sources are tried in the order of their trust; a candidate after the capture, or before the web, is not chosen while
there is another.
"""

from __future__ import annotations

__all__ = ["Dates", "dates_of"]

from datetime import date, datetime, timedelta, timezone
from typing import Final, NamedTuple

from selectolax.lexbor import LexborHTMLParser

from crawler.model.article import DateCandidate
from crawler.parse.dates import Moment, to_iso
from crawler.parse.fields.date_places import (
    Customs,
    FoundDate,
    at_capture,
    by_rule,
    in_address,
    in_data,
    in_elements,
    in_far_text,
    in_hours_ago,
    in_json_ld,
    in_modified_metas,
    in_published_metas,
    in_remarks,
    in_scripts,
    in_text,
    in_title,
    in_weak_metas,
)
from crawler.parse.fields.metadata import Metadata, types_of, urlsplit_host
from crawler.parse.page.blocks import Layout

_FIRST: Final = date(1990, 1, 1)
_AMERICAN: Final = frozenset(("us", "gov", "edu", "mil"))
_COUNTRY: Final = 2
"""Letters of a country's top-level domain; the others are nobody's."""
_FARTHEST: Final = 14 * 60
_WESTMOST: Final = 8 * 60
"""Minutes; farther west, a clock of twelve hours is likelier than a newspaper."""
_EARLIEST: Final = 10
"""The hour of UTC at which the farthest zone's next day begins."""
_SUMMER: Final = 60
"""Minutes by which a zone's name is wrong where it is written all year round ("EST" in July)."""
_REMOVED: Final = timedelta(days=90)
"""Data this much later than the day in the address are of the site's move to another system."""
_SEEN: Final = frozenset(("url", "text", "rules"))
"""Sources that are not data for machines."""
_PART_HOURS: Final = frozenset((-570, -210, -150, 210, 270, 330, 345, 390, 525, 570, 630, 765))
"""Offsets in minutes of the zones that are not whole hours from UTC."""


class Dates(NamedTuple):
    """The choice, all candidates in order of trust, and flags."""

    published: str | None
    modified: str | None
    candidates: tuple[DateCandidate, ...]
    flags: tuple[str, ...]


def dates_of(
    parser: LexborHTMLParser,
    meta: Metadata,
    layout: Layout,
    captured_at: datetime,
    *,
    near: int,
    html: bytes = b"",
    selector: str | None = None,
    languages: tuple[str, ...] = (),
    declared: str | None = None,
) -> Dates:
    """Return the dates of the page; `near` is the number of the headline's block, `selector` a site rule's for the date.

    `html` is the whole page in UTF-8: data in its scripts are read if nothing else gives a date. `languages` (without regions, the
    likeliest first) tell what names of months and numbers mean that have two meanings; `declared` is the page's own tag.
    """
    tags = (meta.first("og:locale", "content-language"), declared)
    customs = Customs(languages, month_first=_month_first([tag for tag in tags if tag], languages, meta.url))
    own, others = in_elements(parser, customs)
    found = by_rule(parser, selector, customs) if selector else []
    stated = in_json_ld(meta, customs)
    stamped = [item for item in stated if not meta.article and item.moment.day >= captured_at.date()]
    found += [item for item in stated if item not in stamped]
    found += in_published_metas(meta, customs)
    found += own
    found += in_address(meta, customs)
    found += in_text(layout, near, customs, at_capture(layout, near, captured_at.date()))
    found += stamped + in_weak_metas(meta, customs)
    found += in_modified_metas(meta, customs)
    far = in_far_text(layout, customs)
    latest = captured_at.date() + timedelta(days=2)
    if not _sane(found, latest) and not _sane(far, latest):
        far += others
        far += in_title(meta, customs)
        far += in_data(parser, customs)
        far += in_scripts(html.decode("utf-8", "replace"), customs, linked_data=not meta.nodes)
        far += in_remarks(layout, near, customs)
    if not found and not far:
        found = in_hours_ago(layout, near, captured_at)
    return _settled(found, far, latest, meta)


def _settled(found: list[FoundDate], far: list[FoundDate], latest: date, meta: Metadata) -> Dates:
    """Return what follows from the candidates, the likeliest first, and those `far` from the headline."""
    found = [item for item in found if item.moment.day >= _FIRST]
    far = [item for item in far if item.moment.day >= _FIRST]
    candidates = tuple(dict.fromkeys(DateCandidate(to_iso(item.moment), item.source) for item in found + far))
    flags: tuple[str, ...] = ()
    sane = _sane(found, latest), _sane(far, latest)
    if any(not item.source.startswith("text") for item in found + far) and not sane[0] and not sane[1]:
        sane, flags = (found, far), ("date_after_capture",)
    published = _published(*sane, meta.url, live="LiveBlogPosting" in types_of(meta.article))
    modified = _choose([item for item in sane[0] + sane[1] if item.modified])
    return Dates(to_iso(published) if published else None, to_iso(modified) if modified else None, candidates, flags)


def _month_first(tags: list[str], languages: tuple[str, ...], url: str) -> bool | None:
    """Tell whether the page writes the month before the day, as in the United States; None if English does not tell whose it is."""
    marked = [tag.replace("-", "_").lower() for tag in tags]
    if any(tag.startswith("en_us") for tag in marked):
        return True
    if languages[:1] != ("en",) or any(tag.startswith("en_") for tag in marked):
        return False
    last = urlsplit_host(url).rsplit(".", 1)[-1]
    return True if last in _AMERICAN else None if len(last) != _COUNTRY else False


def _sane(found: list[FoundDate], latest: date) -> list[FoundDate]:
    """Return what lies between the beginning of the web and the capture."""
    return [item for item in found if _FIRST <= item.moment.day <= latest]


def _published(found: list[FoundDate], far: list[FoundDate], url: str, *, live: bool) -> Moment | None:
    """Return the moment of publication; that of a change if the page tells no other, or only far from the headline.

    The hours on the page of a `live` blog are its entries', and one of them agrees with any offset.
    """
    chosen = _choose(_first_issue([item for item in found if not item.modified], found, url))
    if chosen is None:
        chosen = _choose(found) or _choose([item for item in far if not item.modified]) or _choose(far)
    if live:
        found = [item for item in found if item.moment.offset is not None]
    return _localised(chosen, found) if chosen is not None else None


def _first_issue(stated: list[FoundDate], found: list[FoundDate], url: str) -> list[FoundDate]:
    """Return the dates of publication that are `stated`, without those that every saving of the page renews.

    Data that say the page was published when it was last changed, or after, tell the last issue. If readers see only an earlier day,
    that is the day of the first; and so is a day in the address that is much earlier.
    """
    if not stated or stated[0].apart or stated[0].source in _SEEN:
        return stated
    data = stated[0].moment
    addressed = [item for item in stated if item.source == "url" and data.day - item.moment.day > _REMOVED]
    if addressed:
        return addressed
    if not any(item.modified and _minutes(item.moment) <= _minutes(data) for item in found):
        return stated
    seen = [item for item in found if item.apart or item.source in _SEEN]
    if any(_confirms(item.moment, data) for item in seen) or f"/{data.day:%Y/%m}/" in url:
        return stated
    return [item for item in seen if not item.modified and (item.apart or item.source == "url")] or stated


def _confirms(seen: Moment, data: Moment) -> bool:
    """Tell whether a day that readers see may be that of `data`, or a later one: of another zone, or its numbers read the other way round."""
    apart = (data.day - seen.day).days
    swapped = seen.day.year == data.day.year and (seen.day.month, seen.day.day) == (data.day.day, data.day.month)
    return apart < 1 or swapped or (apart == 1 and data.clock is not None and data.clock < (_WESTMOST // 60, 0, 0))


def _choose(found: list[FoundDate]) -> Moment | None:
    """Return the most trusted moment; a day alone gives way to a later source that gives that day's time."""
    if not found:
        return None
    best = found[0].moment
    if best.clock is None or (best.clock == (0, 0, 0)):
        for item in found[1:]:
            if item.moment.day == best.day and item.moment.clock is not None:
                return item.moment
    return best


def _localised(moment: Moment, found: list[FoundDate]) -> Moment:
    """Return a moment stated in UTC at the offset of the place, if the page gives the same moment in local time too.

    The day of publication is the publisher's: an article of 23:30 in New York is not of the next day.
    """
    if moment.clock is None or moment.offset is None or moment.offset.utcoffset(None):
        return moment
    universal = _minutes(moment)
    for item in found:
        other = item.moment
        if item.modified:
            continue
        if other.clock is None:
            if (
                other.day - moment.day == timedelta(days=1)
                and moment.clock[1:] == (0, 0)
                and moment.clock[0] >= _EARLIEST
            ):
                return Moment(other.day, (0, 0, 0), timezone(timedelta(hours=24 - moment.clock[0])))
            continue
        shift = _minutes(other) - universal
        if other.offset is None:
            if shift == 0:
                return moment
            if -_WESTMOST <= shift <= _FARTHEST and (shift % 60 == 0 or shift in _PART_HOURS):
                return _shifted(moment, other, shift)
        elif (ahead := other.offset.utcoffset(None)) and abs(shift - ahead // timedelta(minutes=1)) in (0, _SUMMER):
            return _shifted(moment, other, shift)
    addressed = (item.moment for item in found if item.source == "url")
    return next((day for day in addressed if _is_local_day(day.day, moment)), moment)


def _is_local_day(day: date, moment: Moment) -> bool:
    """Tell whether `day`, which the address states, is that of `moment`, stated in UTC, at the publisher's."""
    hours = moment.clock[0] if moment.clock is not None else 12
    apart = (day - moment.day).days
    return (apart == 1 and hours >= _EARLIEST) or (apart == -1 and hours < _WESTMOST // 60)


def _shifted(moment: Moment, local: Moment, shift: int) -> Moment:
    """Return `moment` as the clock of `local` shows it, `shift` minutes from UTC, with its own seconds."""
    hours, minutes, seconds = local.clock or (0, 0, 0)
    own = moment.clock[2] if moment.clock is not None else seconds
    return Moment(local.day, (hours, minutes, own), timezone(timedelta(minutes=shift)))


def _minutes(moment: Moment) -> int:
    """Return the minutes since the first day there is, as the clock shows them."""
    hours, minutes, _ = moment.clock or (0, 0, 0)
    return moment.day.toordinal() * 1440 + hours * 60 + minutes
