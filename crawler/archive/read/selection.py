"""Which captures of a store are wanted, by site, run, URL and date; and the originals that chosen revisits refer to.

Goes by the indexes; the metadata records are read only where a site or a run is asked for, revisits always. Nothing of
a body is read. What is damaged costs its own capture only, and is told.
"""

from __future__ import annotations

__all__ = [
    "Chosen",
    "Lost",
    "OnLost",
    "admits_holding",
    "admits_notes",
    "beside",
    "exchange_of",
    "in_range",
    "line_admitted",
    "notes_of",
    "places_of_sites",
    "select",
]

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from crawler.archive.capture_metadata import Notes, read_notes
from crawler.archive.read.catalogue import Holding, StoredWarc, Stretch, fetch, stored_warcs, survey
from crawler.archive.read.cdxj import CdxLine, parse_line
from crawler.archive.read.records import Fault, RawRecord
from crawler.archive.store import Store
from crawler.clock import timestamp14
from crawler.http.status import is_answer
from crawler.model.selection import Selection
from crawler.model.takedown import NOTHING_TAKEN_DOWN, TakenDown

_NAME = re.compile(r"WARRAQ-(\d{14})")


def admits_holding(wanted: Selection, held: Holding) -> bool:
    """Tell whether what the index says of `held` meets the conditions of `wanted` that an index can know of."""
    return _admits(wanted, held.timestamp, held.fields)


def line_admitted(wanted: Selection, line: bytes) -> bool:
    """Tell the same of a line of an index. Raises BadArchive if it is none."""
    _, timestamp, fields = parse_line(line)
    return _admits(wanted, timestamp, fields)


def _admits(wanted: Selection, timestamp: str, fields: CdxLine) -> bool:
    status = fields.status
    return wanted.admits(
        fields.url, timestamp, int(status) if status.isascii() and status.isdigit() else 0, fields.mime
    )


def admits_notes(wanted: Selection, notes: Notes | None) -> bool:
    """Tell whether the metadata beside a capture is of the sites and runs asked for."""
    if not wanted.sites and not wanted.runs:
        return True
    return notes is not None and wanted.admits_site(notes.provenance.site, notes.provenance.run)


class Chosen(NamedTuple):
    """The captures of one WARC that are wanted."""

    warc: StoredWarc
    head_end: int
    """Where its first capture begins: its warcinfo lies before."""
    asked: dict[int, Holding]
    """By offset."""
    needed: dict[int, Holding]
    """Originals of chosen revisits that were not asked for themselves."""

    def offsets(self) -> list[int]:
        """Return where the chosen captures begin, sorted."""
        return sorted({*self.asked, *self.needed})

    def at(self, offset: int) -> Holding:
        """Return the chosen capture that begins there."""
        return self.asked.get(offset) or self.needed[offset]


class Lost(msgspec.Struct, frozen=True, kw_only=True):
    """A damaged part of what was asked for, or of what may have been."""

    file: str
    """Key of the WARC, or of the index, of which a line is damaged."""
    offset: int
    """Of the record, or the line."""
    url: str | None = None
    """None: nobody can tell."""
    what: str

    @classmethod
    def of(cls, one: Holding, faults: Sequence[Fault] = (), *, what: str = "the record is not here") -> Lost:
        """Return the loss of the capture `one`, or of something with it: the first of `faults`, else for `what`."""
        if faults:
            return cls(file=faults[0].file, offset=faults[0].offset, url=one.fields.url, what=faults[0].what)
        return cls(file=one.warc.key, offset=one.offset, url=one.fields.url, what=what)

    def __str__(self) -> str:
        url = f" ({self.url})" if self.url else ""
        return f"{self.file}: at byte {self.offset}: {self.what}{url}"


OnLost = Callable[[Lost], None]


class _Revisit(NamedTuple):
    """A chosen revisit, and what it refers to as far as it says."""

    holding: Holding
    url: str
    timestamp: str | None


def select(
    store: Store, wanted: Selection, on_lost: OnLost, *, withheld: TakenDown = NOTHING_TAKEN_DOWN
) -> tuple[list[Chosen], int]:
    """Return the chosen captures by WARC, in the order of the files, and how many revisits have no original here.

    What is `withheld` is not chosen. `on_lost` is told what may have been meant and cannot be read. Raises StoreError.
    """
    warcs = stored_warcs(store)
    chosen: dict[str, Chosen] = {}
    revisits: list[_Revisit] = []
    for warc in warcs:
        if wanted.until is not None and _begun(warc) > timestamp14(wanted.until):
            continue
        held, faults = survey(store, warc)
        for fault in faults:
            on_lost(Lost(file=fault.file, offset=fault.offset, what=fault.what))
        allowed = (one for one in held if admits_holding(wanted, one) and not withheld.covers(one.fields.url))
        asked = list(_whole(allowed, on_lost))
        if wanted.sites or wanted.runs or withheld.sites:
            asked = list(_of_sites_and_runs(store, warc, asked, wanted, on_lost, withheld))
        found = list(_revisits(store, warc, asked, on_lost))
        read = {revisit.holding.offset for revisit in found}
        asked = [one for one in asked if not one.is_revisit or one.offset in read]
        if asked:
            chosen[warc.key] = Chosen(warc, held[0].offset, {one.offset: one for one in asked}, {})
            revisits += found
    unresolved = _add_originals(store, warcs, chosen, revisits, withheld)
    return [chosen[warc.key] for warc in warcs if warc.key in chosen], unresolved


def places_of_sites(store: Store, warc: StoredWarc, sites: Sequence[str]) -> frozenset[int]:
    """Return where in `warc` captures begin that were fetched for one of `sites`, as the metadata record behind each
    says. Raises StoreError.
    """
    if not sites:
        return frozenset()
    held, _ = survey(store, warc)
    wanted = Selection(sites=tuple(sites))
    return frozenset(one.offset for one in _of_sites_and_runs(store, warc, held, wanted, on_lost=lambda _: None))


def exchange_of(records: Sequence[RawRecord]) -> list[RawRecord]:
    """Return the capture's own record, the first of `records`, with the request and metadata made with it."""
    first = records[0]
    identity = first.headers.get("warc-record-id")
    return [first, *(r for r in records[1:] if identity and r.headers.get("warc-concurrent-to") == identity)]


def beside(records: Sequence[RawRecord]) -> list[RawRecord]:
    """Return the request and metadata of a capture from the `records` that follow its own.

    Of what answered no request, as a conversion, the metadata alone: it follows at once.
    """
    if records and records[0].type == "metadata":
        return list(records[:1])
    own = next((r.headers.get("warc-concurrent-to") for r in records if r.type == "request"), None)
    return [r for r in records if own and r.headers.get("warc-concurrent-to") == own]


def notes_of(records: Iterable[RawRecord]) -> Notes | None:
    """Return what the metadata record among `records` keeps."""
    return next((read_notes(r.block.read()) for r in records if r.type == "metadata"), None)


def in_range(stretch: Stretch, ranges: Iterable[tuple[int, int]]) -> Iterator[tuple[list[RawRecord], list[Fault]]]:
    """Yield the records that begin within each of `ranges`, and what there cannot be read."""
    records, faults = stretch.survey()
    for start, end in ranges:
        yield [one for one in records if start <= one.offset < end], [f for f in faults if start <= f.offset < end]


def _begun(warc: StoredWarc) -> str:
    """Return the 14 digits of when the file was begun, as its name says; empty if it does not."""
    match = _NAME.match(warc.name)
    return match[1] if match else ""


def _whole(asked: Iterable[Holding], on_lost: OnLost) -> Iterator[Holding]:
    for one in asked:
        if one.is_cut:
            on_lost(Lost.of(one, what="the file ends before the record does"))
        else:
            yield one


def _of_sites_and_runs(
    store: Store,
    warc: StoredWarc,
    asked: Sequence[Holding],
    wanted: Selection,
    on_lost: OnLost,
    withheld: TakenDown = NOTHING_TAKEN_DOWN,
) -> Iterator[Holding]:
    """Yield those whose metadata record, which lies behind the capture's own, is of the sites and runs asked for."""
    left = iter(asked)
    behind = [(one.offset + one.length, one.end) for one in asked]
    for stretch, ranges in fetch(store, warc, behind):
        for records, faults in in_range(stretch, ranges):
            one = next(left)
            notes = notes_of(beside(records))
            if admits_notes(wanted, notes):
                if notes is None or not withheld.covers(one.fields.url, notes.provenance.site):
                    yield one
            elif notes is None and faults:
                on_lost(Lost.of(one, faults))


def _revisits(store: Store, warc: StoredWarc, asked: Iterable[Holding], on_lost: OnLost) -> Iterator[_Revisit]:
    found = [one for one in asked if one.is_revisit]
    left = iter(found)
    for stretch, ranges in fetch(store, warc, [(one.offset, one.offset + one.length) for one in found]):
        for records, faults in in_range(stretch, ranges):
            one = next(left)
            if not records or records[0].offset != one.offset:
                on_lost(Lost.of(one, faults))
                continue
            headers = records[0].headers
            url = headers.get("warc-refers-to-target-uri", "").strip("<>") or one.fields.url
            date = headers.get("warc-refers-to-date")
            try:
                yield _Revisit(one, url, timestamp14(datetime.fromisoformat(date)) if date else None)
            except ValueError:
                on_lost(Lost.of(one, what=f"not a date: {date!r}"))


def _add_originals(
    store: Store,
    warcs: Sequence[StoredWarc],
    chosen: dict[str, Chosen],
    revisits: Sequence[_Revisit],
    withheld: TakenDown,
) -> int:
    """Add to `chosen` what the revisits refer to, looking backwards through the files; return how many were not found.

    A 304 that names nothing is answered by the latest whole response of its URL before it.
    """
    left: dict[str, list[_Revisit]] = {}
    for revisit in revisits:
        left.setdefault(revisit.url, []).append(revisit)
    for warc in reversed(warcs):
        if not left:
            return 0
        latest = max(one.timestamp or one.holding.timestamp for found in left.values() for one in found)
        if _begun(warc) > latest:
            continue
        held, _ = survey(store, warc)  # what cannot be read answers no revisit, which is counted
        for candidate in reversed(held):
            waiting = [] if withheld.covers(candidate.fields.url) else left.get(candidate.fields.url, [])
            answered = [one for one in waiting if _answers(candidate, one)]
            if answered:
                _add_needed(chosen, warc, held[0].offset, candidate)
                remaining = [one for one in waiting if one not in answered]
                if remaining:
                    left[candidate.fields.url] = remaining
                else:
                    del left[candidate.fields.url]
    return sum(map(len, left.values()))


def _answers(candidate: Holding, revisit: _Revisit) -> bool:
    if candidate.is_revisit or candidate.is_cut:
        return False
    if revisit.timestamp is None:
        return is_answer(candidate.fields.status) and candidate.timestamp <= revisit.holding.timestamp
    same = candidate.fields.digest == revisit.holding.fields.digest or revisit.holding.fields.status == "304"
    return candidate.timestamp == revisit.timestamp and same


def _add_needed(chosen: dict[str, Chosen], warc: StoredWarc, head_end: int, original: Holding) -> None:
    of_warc = chosen.setdefault(warc.key, Chosen(warc, head_end, {}, {}))
    if original.offset not in of_warc.asked:
        of_warc.needed[original.offset] = original
