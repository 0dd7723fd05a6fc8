"""Progress of runs on stderr: bars on a terminal, quiet lines elsewhere."""

from __future__ import annotations

__all__ = ["RunDisplay", "human_bytes"]

import time
from collections import Counter
from collections.abc import Iterable
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from crawler.model.run import Outcome
from crawler.run.progress import Progress as RunProgress

_QUIET_EVERY_S = 5.0
_ADD_EVERY_S = 0.25
_MANY = 12
"""Runs that have a bar each; of more all are shown in one."""
_ALL = ""
"""Their bar's key, which is no site's name."""
_KIB = 1024


class RunDisplay:
    """Shows each run's pages, articles, failures, bytes and rate while it goes on; of many runs all together."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bars = self._new_bars()
        self._tasks: dict[str, TaskID] = {}
        self._latest: dict[str, RunProgress] = {}
        self._added = 0.0
        self._said: dict[str, float] = {}

    def __enter__(self) -> RunDisplay:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def update(self, site: str, progress: RunProgress) -> None:
        """Show `progress` as that of `site`'s run."""
        self._latest[site] = progress
        if len(self._latest) <= _MANY:
            self._show(site, site, progress)
            return
        now = time.monotonic()
        if now - self._added < _ADD_EVERY_S:
            return
        self._added = now
        for task in [task for name, task in self._tasks.items() if name != _ALL]:
            self._bars.update(task, visible=False)
        self._show(_ALL, f"{len(self._latest)} sites", _together(self._latest.values()))

    def _show(self, key: str, name: str, progress: RunProgress) -> None:
        rate = progress.pages / progress.elapsed_s if progress.elapsed_s > 0 else 0.0
        if not self._console.is_terminal:
            self._say(key, name, progress, rate)
            return
        if key not in self._tasks:
            self._tasks[key] = self._bars.add_task(name, articles=0, failures=0, size="", rate=0.0)
        self._bars.update(
            self._tasks[key],
            description=name,
            completed=progress.pages,
            total=progress.pages + progress.waiting,
            articles=progress.articles,
            failures=progress.failures,
            size=human_bytes(progress.size_bytes),
            rate=rate,
        )

    def clear(self) -> None:
        """Leave the bars so far as they stand; what is printed next stands below them, and updates start new ones."""
        self._bars.stop()
        self._tasks.clear()
        self._latest.clear()
        self._bars = self._new_bars()
        self._bars.start()

    def _new_bars(self) -> Progress:
        return Progress(
            SpinnerColumn(),
            TextColumn("[bold]{task.description}"),
            BarColumn(bar_width=24),
            TextColumn("{task.completed}/{task.total} pages"),
            TextColumn("[green]{task.fields[articles]} articles"),
            TextColumn("{task.fields[failures]} failed"),
            TextColumn("{task.fields[size]}"),
            TextColumn("{task.fields[rate]:.1f} pages/s"),
            TimeElapsedColumn(),
            console=self._console,
            disable=not self._console.is_terminal,
        )

    def _say(self, key: str, name: str, progress: RunProgress, rate: float) -> None:
        now = time.monotonic()
        if now - self._said.setdefault(key, now) < _QUIET_EVERY_S:
            return
        self._said[key] = now
        self._console.print(
            f"{name}: {progress.pages} pages, {progress.articles} articles, {progress.failures} failed, "
            f"{human_bytes(progress.size_bytes)}, {rate:.1f} pages/s, {progress.waiting} waiting"
        )


def _together(runs: Iterable[RunProgress]) -> RunProgress:
    counts: Counter[Outcome] = Counter()
    size_bytes, elapsed_s = 0, 0.0
    for progress in runs:
        counts.update(progress.counts)
        size_bytes += progress.size_bytes
        elapsed_s = max(elapsed_s, progress.elapsed_s)
    return RunProgress(run="", counts=counts, size_bytes=size_bytes, elapsed_s=elapsed_s)


def human_bytes(size: float) -> str:
    """Return `size` bytes as people read it: ``1.4 MiB``."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if size < _KIB:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= _KIB
    return f"{size:.1f} TiB"
