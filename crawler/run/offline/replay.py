"""Offline replay: archived captures through the same parser, by the same rules, into the same tree of articles.

No network is touched. What is left to do follows from what is there: the files without counts beside their records, then the
batches not yet written. So a replay that was stopped anywhere, however, goes on, and ends as if it had never been; its
output is the same whatever carried it out, and in what order.
"""

from __future__ import annotations

__all__ = ["ReplayReport", "local_engine", "replay"]

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

import msgspec

from crawler.config import Parsing, Storage
from crawler.model.selection import Selection
from crawler.run.offline.choose import Choice, list_pages
from crawler.run.offline.engine import Engine, GaveUp, Local
from crawler.run.offline.publish import PublishIndex, Shard, publish_shard
from crawler.run.offline.sources import Source
from crawler.run.offline.unit import Order, Unit, UnitCounts, begin_process, replay_file

_FORGOTTEN_S = 14 * 86_400.0
"""What an interrupted replay left, that nobody took up, is removed after so long."""


class ReplayReport(msgspec.Struct, frozen=True, kw_only=True):
    """The end of a replay."""

    files: int
    resumed: int
    """Files that an earlier, interrupted replay had done."""
    captures: int
    counts: Mapping[str, int]
    """Outcomes; ``filtered`` and ``revisit`` besides those of the ledger."""
    faults: tuple[str, ...]
    """What could not be read, with its place; pages that ended their process among them."""
    unread: tuple[str, ...] = ()
    """Files that could not be read to their end, or ended every process that read them; the next replay tries again."""
    batches: int
    articles: int
    """Written."""


class _Task(NamedTuple):
    """A file and the names of its output."""

    source: Source
    unit: Unit

    def __str__(self) -> str:
        return str(self.source)


def replay(
    sources: Sequence[Source],
    *,
    order: Order,
    out: Storage,
    engine: Engine,
    texts: bool = True,
    on_progress: Callable[[int, Mapping[str, int]], None] | None = None,
    on_published: Callable[[int], None] | None = None,
) -> ReplayReport:
    """Parse the captures of `sources` that `order` asks for and publish the articles to `out`. Blocking.

    Without `texts`, only their JSON Lines. `on_progress` is told how many files are done and the counts so far,
    `on_published` how many articles are written. Raises StateError, and StoreError if `out` fails; started again, the
    replay goes on where it stopped.
    """
    folder = Path(order.work)
    folder.mkdir(parents=True, exist_ok=True)
    _sweep(folder)
    choice = Choice(folder, order.selection, sources) if order.selection.which != "all" else None
    if choice is not None:
        choice.make(lambda of: _pages_of(of, order, engine))
        order = replace(order, choice=choice.path)
    digest = order.digest
    tasks = [_Task(source, Unit.of(source, order, digest)) for source in sources]
    found = {task: counts for task in tasks if (counts := task.unit.done()) is not None}
    resumed = len(found)
    for task, counts in _parsed([task for task in tasks if task not in found], order, engine):
        found[task] = counts
        if on_progress is not None:
            on_progress(len(found), _total(found.values()))
    index = PublishIndex(folder / f"{digest}.index")
    index.make([task.unit for task in tasks if found[task].unread is None])
    lost = _published(index, partial(publish_shard, out=out, texts=texts), engine, on_published or (lambda _: None))
    report = _report(tasks, found, list(index.batches()), lost, resumed=resumed)
    index.remove()
    if not report.unread:
        for task in tasks:
            task.unit.remove()
        if choice is not None:
            choice.remove()
    return report


def local_engine(parsing: Parsing) -> Local:
    """Return the engine of this machine, with as many processes as `parsing` says."""
    return Local(parsing.processes, start=begin_process)


def _parsed(pending: Sequence[_Task], order: Order, engine: Engine) -> Iterator[tuple[_Task, UnitCounts]]:
    """Have the units of `pending` done, the largest first: what begins last should not take longest."""
    largest_first = sorted(pending, key=lambda task: -task.source.size)
    do = partial(_do, order=order)
    for done in engine.map(do, largest_first, again=partial(do, carefully=True)):
        result = done.result
        if isinstance(result, GaveUp):
            what = f"{done.shard}: left out: {result.reason}"
            result = UnitCounts(counts={"fault": 1}, faults=(what,), unread=result.reason)
        yield done.shard, result


def _pages_of(sources: Sequence[Source], order: Order, engine: Engine) -> Iterator[tuple[int, Path]]:
    """Have the pages of `sources` listed; yield the number of each with its list. What ends its processes has none."""
    numbers = {source: number for number, source in enumerate(sources)}
    for done in engine.map(partial(_list_pages, selection=order.selection, work=order.work), sources):
        if not isinstance(done.result, GaveUp):
            yield numbers[done.shard], Path(done.result)


def _list_pages(source: Source, *, selection: Selection, work: str) -> str:
    path = Path(work) / f"{source.identity}.pages"
    list_pages(source, selection, path)
    return str(path)


def _do(task: _Task, *, order: Order, carefully: bool = False) -> UnitCounts:
    return replay_file(task.source, task.unit, order, carefully=carefully)


def _published(
    index: PublishIndex, publish: Callable[[Shard], int], engine: Engine, tell: Callable[[int], None]
) -> tuple[str, ...]:
    """Have all shards written; return those that nobody could write."""
    articles = 0
    lost = []
    for done in engine.map(publish, index.shards()):
        if isinstance(done.result, GaveUp):
            lost.append(f"{done.shard.first} to {done.shard.last}: not written: {done.result.reason}")
            continue
        index.done(done.shard)
        articles += done.result
        tell(articles)
    return tuple(lost)


def _report(
    tasks: Sequence[_Task],
    found: Mapping[_Task, UnitCounts],
    batches: Sequence[tuple[str, int]],
    lost: tuple[str, ...],
    *,
    resumed: int,
) -> ReplayReport:
    counts = _total(found.values())
    return ReplayReport(
        files=len(tasks),
        resumed=resumed,
        captures=sum(counts.values()),
        counts=counts,
        faults=(*(fault for task in tasks for fault in found[task].faults), *lost),
        unread=(*(str(task.source) for task in tasks if found[task].unread is not None), *lost),
        batches=len(batches),
        articles=sum(articles for _, articles in batches),
    )


def _total(units: Iterable[UnitCounts]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for unit in units:
        total.update(unit.counts)
    return dict(sorted(total.items()))


def _sweep(folder: Path) -> None:
    """Remove what replays left long ago."""
    for path in folder.iterdir():
        if path.is_file() and time.time() - path.stat().st_mtime > _FORGOTTEN_S:
            path.unlink(missing_ok=True)
