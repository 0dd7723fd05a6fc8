"""The unit of a replay: one archive file in, its articles' records and counts out.

A pure function of the file and the order. The output is named after both and gets its names when it is whole, the
counts last: a unit is done if its counts are there, and a process that dies anywhere leaves nothing that has to be
undone. Pages are parsed in the process itself: one that hangs or crashes ends it, and then the same unit is done again
`carefully`, each page in a process of its own, where it is only that page that is lost.
"""

from __future__ import annotations

__all__ = ["Order", "Unit", "UnitCounts", "answer_revisits", "begin_process", "replay_file"]

import asyncio
import gc
import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, ClassVar

import msgspec

from crawler.archive.articles import Batch
from crawler.archive.read.captures import ArchivedCapture, LeftOut
from crawler.archive.read.records import Fault
from crawler.clock import iso_utc
from crawler.config import Parsing
from crawler.errors import BadArchive, StateError, StoreError
from crawler.model.capture import Capture, why_no_page
from crawler.model.selection import Selection
from crawler.model.takedown import NOTHING_TAKEN_DOWN, TakenDown
from crawler.parse.version import PARSER_VERSION
from crawler.run.offline.choose import places_in
from crawler.run.offline.parts import PartCaptures, PartRead
from crawler.run.offline.reading import BadIndex, WantedCaptures, captures_of
from crawler.run.offline.revisits import answers_in, read_waiting, waits_for
from crawler.run.offline.sources import Source
from crawler.run.parsing.limits import limited_memory
from crawler.run.parsing.page_task import PageTask, TaskResult, in_memory
from crawler.run.parsing.recipe import Recipe

_TRIES = 3
"""Of a source that does not answer."""
_MOST_FAULTS = 10_000
"""Told of one file."""
_YOUNG = 50_000

_ENCODER = msgspec.json.Encoder()
_Captures = Iterator[ArchivedCapture | LeftOut | Fault]


class _Language(msgspec.Struct):
    language: str | None = None


_LANGUAGES = msgspec.json.Decoder(_Language)


class UnitCounts(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the captures of one file."""

    counts: dict[str, int]
    """Outcomes; ``filtered``, ``revisit``, ``fault`` and the like besides those of the ledger."""
    faults: tuple[str, ...] = ()
    """What cannot be read, with its place."""
    articles: int = 0
    unread: str | None = None
    """Why the file could not be read to its end: the next replay tries again."""
    part: PartRead | None = None
    """Of a stretch of a file: where it was entered and left."""


_COUNTS = msgspec.json.Decoder(UnitCounts)


class ArticleKey(msgspec.Struct, frozen=True, array_like=True):
    """Where a record stands: what its batch and its place there follow from, and where in the unit's lines it is."""

    prefix: str
    captured_at: str
    url: str
    offset: int
    length: int


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is asked for of every file. A plain value: any process may carry it out."""

    recipe: Recipe
    selection: Selection
    parsing: Parsing
    work: str
    """Folder for what is made; all processes see it."""
    out: str = ""
    """Where the articles go: another place is another order."""
    withheld: TakenDown = NOTHING_TAKEN_DOWN
    """What was taken down gives no article."""
    choice: str = ""
    """Path of the choice of one capture of each page (`crawler.run.offline.choose`); empty: all are wanted."""

    def wanted(self, source: Source | None = None) -> WantedCaptures:
        """Return which captures are wanted; of `source`, those that were chosen, if that was asked for."""
        places = places_in(self.choice, source) if self.choice and source is not None else None
        return WantedCaptures(self.selection, places, lambda url: self.recipe.site_of(url).name)

    @property
    def digest(self) -> str:
        """What tells this order from others: 16 hex digits."""
        return sha256(
            self.recipe.digest.encode()
            + msgspec.json.encode([self.selection, self.out, self.choice, self.withheld.entries])
        ).hexdigest()[:16]


@dataclass(frozen=True)
class Unit:
    """The names of one unit's output."""

    stem: str

    @classmethod
    def of(cls, source: Source, order: Order, digest: str) -> Unit:
        """Return that of `source` under `order`, whose digest is given: making it takes longer."""
        return cls(str(Path(order.work) / f"{digest}-{source.identity}"))

    @property
    def lines(self) -> Path:
        """Records, one JSON line each, in the order of the archive."""
        return Path(f"{self.stem}.jsonl")

    @property
    def keys(self) -> Path:
        """An `ArticleKey` for each."""
        return Path(f"{self.stem}.keys")

    @property
    def waiting(self) -> Path:
        """Revisits whose payload lies elsewhere, a capture a line; not there if there are none."""
        return Path(f"{self.stem}.revisits")

    @property
    def answers(self) -> Unit:
        """What is made of the file for revisits of all files that wait for a payload in it."""
        return Unit(f"{self.stem}-answers")

    @property
    def counts(self) -> Path:
        """The `UnitCounts`; there when all is."""
        return Path(f"{self.stem}.json")

    def done(self) -> UnitCounts | None:
        """Return the counts, None if it is still to be done."""
        try:
            return _COUNTS.decode(self.counts.read_bytes())
        except (FileNotFoundError, msgspec.DecodeError):
            return None

    def remove(self) -> None:
        """Take away what there is of it."""
        for path in (self.counts, self.keys, self.lines, self.waiting):
            path.unlink(missing_ok=True)


class _Process:
    """What this process is."""

    is_ours: ClassVar[bool] = False
    """It was begun for replaying, so it may be ended for a page's sake."""


def begin_process() -> None:
    """Make this process one that replays: it ends when a page takes too long or too much."""
    _Process.is_ours = True
    signal.signal(signal.SIGALRM, signal.SIG_DFL)  # to end: no code of Python's has to get its turn for that
    gc.freeze()
    gc.set_threshold(_YOUNG, 20, 20)


def replay_file(source: Source, unit: Unit, order: Order, *, carefully: bool = False) -> UnitCounts:
    """Parse the captures of `source` that `order` asks for into the files of `unit`; return the counts.

    Not `carefully`, the process ends when a page takes longer than it may. Raises StateError if the work folder cannot
    be written to, or the parser is not the one that was asked for.
    """
    if order.recipe.parser_version != PARSER_VERSION:
        raise StateError(
            f"the parser is {PARSER_VERSION}, and {order.recipe.parser_version} was asked for",
            next_step="run the same version on all machines, and start again",
        )
    try:
        return _tried(source, unit, order, carefully=carefully)
    except OSError as error:
        raise StateError(f"{order.work}: {error.strerror}", next_step="make room, then start again") from error


def _tried(source: Source, unit: Unit, order: Order, *, carefully: bool) -> UnitCounts:
    """Do the unit, again if the source's store failed in the middle, or its index leads to something else."""
    wanted = order.wanted(source)
    misled: list[str] = []
    failed = 0
    while True:
        with _Output(unit) as output:
            work = _Work(order, output)
            for what in misled:
                work.fault(what)
            part = PartCaptures(source, wanted.admits) if source.part is not None else None
            captures = captures_of(source, wanted, by_index=not misled) if part is None else iter(part)
            try:
                if carefully:
                    asyncio.run(work.do_carefully(captures, wanted))
                else:
                    work.do(captures, wanted)
            except BadIndex as error:
                misled.append(f"{error}: the index does not lead to what it says; the file was read without it")
                continue
            except BadArchive as error:
                work.fault(str(error))
            except StoreError as error:
                failed += 1
                if failed == _TRIES:
                    return UnitCounts(counts={"fault": 1}, faults=(f"{source}: {error}",), unread=str(error))
                continue
            counts = msgspec.structs.replace(work.result(), part=part.read if part is not None else None)
            _note_waiting(unit, work.waiting)
            output.finish(counts)
            return counts


def answer_revisits(source: Source, unit: Unit, order: Order, waiting: str) -> UnitCounts:
    """Parse what `source` has of the payloads that the revisits in the file at `waiting` refer to, into the files of
    `unit`.

    Each under the URL and the moment of its revisit. Raises StateError.
    """
    from crawler.run.parsing.perform import perform  # noqa: PLC0415 - only who parses needs the parser

    with _Output(unit) as output, _limited(order.parsing) as timer:
        work = _Work(order, output)
        try:
            for item, revisit in answers_in(source, read_waiting(Path(waiting))):
                place = in_memory(item.response)
                capture = msgspec.structs.replace(revisit, status=item.capture.status, mime=item.capture.mime)
                timer(order.parsing.timeout_s)
                result = perform(order.recipe.task(capture, None, place, head=item.head))
                timer(0.0)
                work.answer(capture, result)
        except (BadArchive, StoreError):
            pass  # told when the file was read for itself
        counts = work.result()
        output.finish(counts)
        return counts


def _note_waiting(unit: Unit, waiting: list[Capture]) -> None:
    if waiting:
        unit.waiting.write_bytes(b"".join(_ENCODER.encode(one) + b"\n" for one in waiting))


class _Output:
    """The files of a unit while they are written, under names that nobody looks for."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._at = 0
        self._parts = [path.with_name(f"{path.name}.{os.getpid()}.part") for path in (unit.lines, unit.keys)]
        self._lines: BinaryIO = self._parts[0].open("wb")
        self._keys: BinaryIO = self._parts[1].open("wb")

    def __enter__(self) -> _Output:
        return self

    def __exit__(self, *_: object) -> None:
        self._lines.close()
        self._keys.close()
        for part in self._parts:
            part.unlink(missing_ok=True)

    def add(self, line: bytes, batch: Batch, captured_at: str, url: str) -> None:
        """Append the record `line`."""
        self._lines.write(line + b"\n")
        key = ArticleKey(batch.prefix, captured_at, url, self._at, len(line))
        self._keys.write(_ENCODER.encode(key) + b"\n")
        self._at += len(line) + 1

    def finish(self, counts: UnitCounts) -> None:
        """Put all on disk and give it its names, the counts last."""
        for file, part, path in zip(
            (self._lines, self._keys), self._parts, (self._unit.lines, self._unit.keys), strict=True
        ):
            file.flush()
            os.fsync(file.fileno())
            part.replace(path)
        part = self._unit.counts.with_suffix(f".{os.getpid()}.part")
        part.write_bytes(_ENCODER.encode(counts))
        part.replace(self._unit.counts)


@dataclass
class _Work:
    """The counts of one unit under way."""

    order: Order
    output: _Output
    counts: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    articles: int = 0
    waiting: list[Capture] = field(default_factory=list)

    def do(self, captures: _Captures, wanted: WantedCaptures) -> None:
        """Parse in this process, which a page that takes too long ends."""
        from crawler.run.parsing.perform import perform  # noqa: PLC0415 - only who parses needs the parser

        with _limited(self.order.parsing) as timer:
            for item, task in self._tasks(captures, wanted):
                timer(self.order.parsing.timeout_s)
                result = perform(task)
                timer(0.0)
                self._take(item, task, result)

    async def do_carefully(self, captures: _Captures, wanted: WantedCaptures) -> None:
        """Parse each page in another process, which it may end."""
        from crawler.run.parsing.pool import ParsePool  # noqa: PLC0415 - only for a file that ended a process

        async with ParsePool(msgspec.structs.replace(self.order.parsing, processes=1)) as pool:
            for item, task in self._tasks(captures, wanted):
                self._take(item, task, await pool.parse(task))

    def fault(self, what: str) -> None:
        self.counts["fault"] += 1
        if len(self.faults) < _MOST_FAULTS:
            self.faults.append(what)

    def result(self) -> UnitCounts:
        counts = dict(sorted(self.counts.items()))
        return UnitCounts(counts=counts, faults=tuple(self.faults), articles=self.articles)

    def _tasks(self, captures: _Captures, wanted: WantedCaptures) -> Iterator[tuple[ArchivedCapture, PageTask]]:
        """Yield the captures that are to be parsed, and count the others."""
        for item in captures:
            if isinstance(item, Fault):
                self.fault(str(item))
                continue
            skip = "filtered" if isinstance(item, LeftOut) else self._skipped(item, wanted)
            if skip is not None:
                self.counts[skip] += 1
            elif isinstance(item, ArchivedCapture):
                place = in_memory(item.response)
                yield item, self.order.recipe.task(item.capture, item.provenance, place, head=item.head)

    def _skipped(self, item: ArchivedCapture, wanted: WantedCaptures) -> str | None:
        known, selection = item.provenance, self.order.selection
        if self.order.withheld and self._is_withheld(item):
            return "taken_down"
        if not wanted.admits_site(item.capture.url, known):
            return "filtered"
        skip = why_no_page(item.capture, known, error=item.error)
        if skip == "revisit" and waits_for(item, selection):
            self.waiting.append(item.capture)
        return "filtered" if skip is None and wanted.left_out(item) else skip

    def answer(self, revisit: Capture, result: TaskResult) -> None:
        """Take the article of a revisit."""
        if result.line and not (self.order.selection.languages and not self._is_in_language(result.line)):
            captured_at = iso_utc(revisit.captured_at)
            site = self.order.recipe.site_of(revisit.url).name
            self.output.add(result.line, Batch.named(site, None, captured_at), captured_at, revisit.url)
            self.counts["parsed_revisit"] += 1
            self.articles += 1

    def _is_withheld(self, item: ArchivedCapture) -> bool:
        known = item.provenance
        name = known.site if known is not None else self.order.recipe.site_of(item.capture.url).name
        led_here = known.redirects if known is not None else ()
        return self.order.withheld.covers(item.capture.url, name, others=led_here) is not None

    def _take(self, item: ArchivedCapture, task: PageTask, result: TaskResult) -> None:
        if result.line and self.order.selection.languages and not self._is_in_language(result.line):
            self.counts["filtered"] += 1
            return
        if result.canonical_url and self.order.withheld.covers(result.canonical_url):
            self.counts["taken_down"] += 1
            return
        self.counts[result.outcome] += 1
        if result.outcome == "lost":
            self.faults.append(
                f"{item.capture.warc}: at byte {item.capture.offset}: {item.capture.url}: {result.detail}"
            )
        if result.line:
            captured_at = iso_utc(item.capture.captured_at)
            self.output.add(result.line, Batch.named(task.site, task.run, captured_at), captured_at, task.url)
            self.articles += 1

    def _is_in_language(self, line: bytes) -> bool:
        return self.order.selection.admits_language(_LANGUAGES.decode(line).language)


@contextmanager
def _limited(parsing: Parsing) -> Iterator[Callable[[float], object]]:
    """Limit the memory of this process, and give what ends it after so many seconds (0: not), if it was begun for
    that.
    """
    if not _Process.is_ours:
        yield lambda _: None
        return
    with limited_memory(parsing.memory_bytes):
        yield partial(signal.setitimer, signal.ITIMER_REAL)
