"""Offline replay: archived captures through the same parser, by the same rules, into the same tree of articles.

No network is touched but that of the named sources. What is left to do follows from what is there: the files without
counts beside their records, and the batches not yet written, which are written between the files as soon as each is
complete. So a replay that was stopped anywhere, however, goes on, and ends as if it had never been; its output is the
same whatever carried it out, and in what order.
"""

from __future__ import annotations

__all__ = ["ReplayReport", "captures_in", "local_engine", "replay"]

import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

import msgspec

from crawler.archive.store import Store, open_store
from crawler.archive.store.leftovers import sweep_leftovers
from crawler.config import Parsing, Storage
from crawler.model.selection import Selection
from crawler.run.offline.choose import ChosenPages, list_pages
from crawler.run.offline.claim import check_output, claim, clear
from crawler.run.offline.engine import Engine, GaveUp, Local
from crawler.run.offline.parts import fit, stretches_of
from crawler.run.offline.publish import PublishIndex, Shard, publish_shard
from crawler.run.offline.reading import days_in
from crawler.run.offline.sources import Source
from crawler.run.offline.unit import Order, Unit, UnitCounts, answer_revisits, begin_process, replay_file

_INDEXES_AT_ONCE = 16
_FORGOTTEN_S = 14 * 86_400.0
"""What an interrupted replay left, that nobody took up, is removed after so long."""


class ReplayReport(msgspec.Struct, frozen=True, kw_only=True):
    """The end of a replay."""

    files: int
    resumed: int
    """Files that an earlier, interrupted replay had done."""
    captures: int
    counts: Mapping[str, int]
    """Outcomes; ``filtered`` and ``revisit`` besides those of the ledger, and ``fault`` for what is no capture."""
    faults: tuple[str, ...]
    """What could not be read, with its place; pages that ended their process among them."""
    unread: tuple[str, ...] = ()
    """Files that could not be read to their end, or ended every process that read them; the next replay tries again."""
    batches: int
    articles: int
    """Written."""


def captures_in(counts: Mapping[str, int]) -> int:
    """Return how many captures `counts` are of, as `ReplayReport` has them: what could not be read is none."""
    return sum(counts.values()) - counts.get("fault", 0) - counts.get("parsed_revisit", 0)  # which is a revisit, too


class _Task(NamedTuple):
    """A file and the names of its output."""

    source: Source
    unit: Unit
    waiting: str = ""
    """Path of the revisits that wait for a payload: then it is for them that the file is read. Empty: it is
    replayed."""
    parts: tuple[_Task, ...] = ()
    """The stretches it is read in."""

    @property
    def units(self) -> tuple[Unit, ...]:
        """All that may be made of it, those of its stretches first."""
        return (*(part.unit for part in self.parts), self.unit, self.unit.answers)

    def __str__(self) -> str:
        return str(self.source)


def replay(
    sources: Sequence[Source],
    *,
    order: Order,
    out: Storage,
    engine: Engine,
    texts: bool = True,
    replacing: bool = False,
    on_progress: Callable[[int, Mapping[str, int]], None] | None = None,
    on_published: Callable[[int], None] | None = None,
) -> ReplayReport:
    """Parse the captures of `sources` that `order` asks for and publish the articles to `out`. Blocking.

    Without `texts`, only their JSON Lines. `replacing`: what articles `out` holds are removed first. `on_progress` is
    told how many files are done and the counts so far, `on_published` how many articles are written. Raises StateError,
    UsageError if `out` holds articles by another recipe, and StoreError if `out` fails; started again, the replay goes
    on where it stopped.
    """
    folder = Path(order.work)
    folder.mkdir(parents=True, exist_ok=True)
    _sweep(folder)
    store = _made_ready(out, order, replacing=replacing)
    choice = ChosenPages(folder, order.selection, sources) if order.selection.which != "all" else None
    if choice is not None:
        choice.make(lambda of: _pages_of(of, order, engine))
        order = replace(order, choice=choice.path)
    tasks = _tasks_of(sources, order, digest := order.digest)
    units = [unit for task in tasks for unit in task.units[:-1]]
    index = PublishIndex(folder / f"{digest}.index", [*units, *(task.unit.answers for task in tasks)])
    waiting = folder / f"{digest}.waiting"
    with closing(index):
        index.note_there(store)
        job = _Job(tasks, order, index, waiting, claim=partial(claim, store, order.recipe))
        do = partial(_do, order=order, publish=partial(publish_shard, out=out, texts=texts, withheld=order.withheld))
        _carry_out(job, engine, do, on_progress, on_published)
        report = job.report()
    index.remove()
    if not report.unread:
        for task in tasks:
            for unit in task.units:
                unit.remove()
        waiting.unlink(missing_ok=True)
        if choice is not None:
            choice.remove()
    return report


def _made_ready(out: Storage, order: Order, *, replacing: bool) -> Store:
    """Return the store `out`, which may get the articles of `order`; raises as `replay`."""
    store = open_store(out)
    if replacing:
        clear(store)
    check_output(store, order.recipe)
    sweep_leftovers(store)
    return store


def _carry_out(
    job: _Job,
    engine: Engine,
    do: Callable[..., UnitCounts | int],
    on_progress: Callable[[int, Mapping[str, int]], None] | None,
    on_published: Callable[[int], None] | None,
) -> None:
    """Have all work of `job` done, that which comes up meanwhile, too, and tell how far it is."""
    for done in engine.map(do, job.work, again=partial(do, carefully=True)):
        if isinstance(done.shard, Shard):
            job.take_written(done.shard, done.result)
            if on_published is not None:
                on_published(job.articles)
            continue
        job.take_parsed(done.shard, done.result)
        if on_progress is not None:
            on_progress(len(job.found), job.total)


class _Job:
    """What is done of a replay, and what can be done next: files to parse, and batches to write as soon as nothing can
    join them.
    """

    def __init__(
        self, tasks: Sequence[_Task], order: Order, index: PublishIndex, waiting: Path, *, claim: Callable[[], None]
    ) -> None:
        self._tasks = tasks
        self._revisits = waiting
        self._index = index
        self._claim = claim
        self._claimed = False
        self._of_part = {part: task for task in tasks for part in task.parts}
        self._parts = {part: counts for part in self._of_part if (counts := part.unit.done()) is not None}
        self._as_one: set[_Task] = set()
        """Files whose stretches do not fit."""
        self.found = {task: counts for task in tasks if (counts := self._done_before(task)) is not None}
        self._resumed = len(self.found)
        self._total: Counter[str] = Counter()
        self._lost: list[str] = []
        self.articles = 0
        """Written by this call."""
        pending = [task for task in tasks if task not in self.found]
        self._days = _days_of(pending, order.selection)
        self._waiting = Counter(day for days in self._days.values() for day in days or ())
        self._unknown = sum(days is None for days in self._days.values())
        pending.sort(key=lambda task: (self._days[task] is not None, min(self._days[task] or ("",)), -task.source.size))
        self.work: deque[_Task | Shard] = deque(one for task in pending for one in self._left_of(task))
        for task, counts in self.found.items():
            self._count(task, counts)
        self._write_what_is_known()
        self._look_for_revisits()

    @property
    def total(self) -> dict[str, int]:
        """The counts so far."""
        under_way = (counts for part, counts in self._parts.items() if self._of_part[part] not in self.found)
        return dict(sorted(sum((Counter(one.counts) for one in under_way), self._total).items()))

    def take_parsed(self, task: _Task, result: UnitCounts | int | GaveUp) -> None:
        """Take note of a unit that was done, or given up."""
        if isinstance(result, GaveUp):
            what = f"{task}: left out: {result.reason}"
            result = UnitCounts(counts={"fault": 1}, faults=(what,), unread=result.reason)
        assert isinstance(result, UnitCounts)
        if task.waiting:
            self._answered(task, result)
            return
        if task in self._of_part:
            self._parts[task] = result
            task = self._of_part[task]
            whole = self._of_parts(task)
            if whole is None:
                if task in self._as_one:
                    self.work.append(task)
                return
            result = whole
        self.found[task] = result
        days = self._days[task]
        self._waiting.subtract(days or ())
        self._unknown -= days is None
        self._count(task, result)
        self._write_what_is_known()
        self._look_for_revisits()

    def take_written(self, shard: Shard, result: UnitCounts | int | GaveUp) -> None:
        """Take note of a shard that was written, or given up."""
        if isinstance(result, GaveUp):
            self._lost.append(f"{shard}: not written: {result.reason}")
            return
        assert isinstance(result, int)
        self._index.done(shard)
        self.articles += result

    def report(self) -> ReplayReport:
        """Return the end of it."""
        batches, articles = self._index.counts()
        found = self.found
        return ReplayReport(
            files=len(self._tasks),
            resumed=self._resumed,
            captures=captures_in(self._total),
            counts=self.total,
            faults=(*(fault for task in self._tasks for fault in found[task].faults), *self._lost),
            unread=(*(str(task.source) for task in self._tasks if found[task].unread is not None), *self._lost),
            batches=batches,
            articles=articles,
        )

    def _look_for_revisits(self) -> None:
        """When all files are read: have those read again, or their indexes, that may have what revisits wait for."""
        if len(self.found) < len(self._tasks):
            return
        made = (unit for task in self._tasks for unit in self._units_of(task))
        waiting = [unit.waiting for unit in made if unit.waiting.exists()]
        if not waiting:
            return
        with self._revisits.open("wb") as target:
            for path in waiting:
                target.write(path.read_bytes())
        for task in self._tasks:
            if self.found[task].unread is None:
                answers = task._replace(unit=task.unit.answers, waiting=str(self._revisits))
                done = answers.unit.done()
                if done is None:
                    self.work.append(answers)
                else:
                    self._answered(answers, done)

    def _answered(self, task: _Task, counts: UnitCounts) -> None:
        if counts.unread is None and counts.articles:
            self._total.update(counts.counts)
            self._index.add(task.unit)
            self._write_what_is_known()

    def _count(self, task: _Task, counts: UnitCounts) -> None:
        self._total.update(counts.counts)
        if counts.unread is None:
            for unit in self._units_of(task):
                self._index.add(unit)

    def _units_of(self, task: _Task) -> tuple[Unit, ...]:
        """Return what was made of the file: of its stretches, or of all of it."""
        if not task.parts or task in self._as_one:
            return (task.unit,)
        return tuple(part.unit for part in task.parts)

    def _done_before(self, task: _Task) -> UnitCounts | None:
        return (self._of_parts(task) if task.parts else None) or task.unit.done()

    def _left_of(self, task: _Task) -> Iterator[_Task]:
        """Yield what of the file is still to be done."""
        if not task.parts or task in self._as_one:
            yield task
            return
        yield from (part for part in task.parts if part not in self._parts)

    def _of_parts(self, task: _Task) -> UnitCounts | None:
        """Return the counts of all stretches of the file together; None: some are not done, or they do not fit."""
        done = [self._parts[part] for part in task.parts if part in self._parts]
        if len(done) < len(task.parts):
            return None
        unread = next((one.unread for one in done if one.unread is not None), None)
        if unread is not None:
            faults = tuple(fault for one in done if one.unread is not None for fault in one.faults)
            return UnitCounts(counts={"fault": 1}, faults=faults[:1], unread=unread)
        if not fit([one.part for one in done]):
            self._as_one.add(task)
            return None
        return UnitCounts(
            counts=dict(sum((Counter(one.counts) for one in done), Counter())),
            faults=tuple(fault for one in done for fault in one.faults),
            articles=sum(one.articles for one in done),
        )

    def _write_what_is_known(self) -> None:
        """Put before the other work what batches are complete."""
        waiting = None if self._unknown else {day for day, count in self._waiting.items() if count > 0}
        shards = self._index.shards(waiting)
        if shards:
            if not self._claimed:
                self._claim()
                self._claimed = True
            self.work.extendleft(reversed(shards))


def _tasks_of(sources: Sequence[Source], order: Order, digest: str) -> list[_Task]:
    """Return what is to be done of each of `sources`."""
    with ThreadPoolExecutor(_INDEXES_AT_ONCE) as reading:
        stretches = list(reading.map(partial(stretches_of, wanted=order.wanted()), sources))
    return [
        _Task(
            source,
            Unit.of(source, order, digest),
            parts=tuple(_Task(part, Unit.of(part, order, digest)) for part in parts),
        )
        for source, parts in zip(sources, stretches, strict=True)
    ]


def _days_of(tasks: Sequence[_Task], selection: Selection) -> dict[_Task, frozenset[str] | None]:
    """Return the days of which each file may have something wanted; None: that is not known before it is read."""
    with ThreadPoolExecutor(_INDEXES_AT_ONCE) as reading:
        return dict(zip(tasks, reading.map(lambda task: days_in(task.source, selection), tasks), strict=True))


def local_engine(parsing: Parsing) -> Local:
    """Return the engine of this machine, with as many processes as `parsing` says."""
    return Local(parsing.processes, start=begin_process)


def _pages_of(sources: Sequence[Source], order: Order, engine: Engine) -> Iterator[tuple[int, Path]]:
    """Have the pages of `sources` listed; yield the number of each with its list. What ends its processes has none."""
    numbers = {source: number for number, source in enumerate(sources)}
    for done in engine.map(partial(_list_pages, order=order), sources):
        if not isinstance(done.result, GaveUp):
            yield numbers[done.shard], Path(done.result)


def _list_pages(source: Source, *, order: Order) -> str:
    path = Path(order.work) / f"{source.identity}.pages"
    list_pages(source, order.wanted(), path)
    return str(path)


def _do(
    work: _Task | Shard, *, order: Order, publish: Callable[[Shard], int], carefully: bool = False
) -> UnitCounts | int:
    if isinstance(work, Shard):
        return publish(work)
    if work.waiting:
        return answer_revisits(work.source, work.unit, order, work.waiting)
    return replay_file(work.source, work.unit, order, carefully=carefully)


def _sweep(folder: Path) -> None:
    """Remove what replays left long ago."""
    for path in folder.iterdir():
        if path.is_file() and time.time() - path.stat().st_mtime > _FORGOTTEN_S:
            path.unlink(missing_ok=True)
