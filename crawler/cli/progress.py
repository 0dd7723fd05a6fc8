"""Progress of runs on stderr: bars on a terminal, quiet lines elsewhere."""

from __future__ import annotations

__all__ = ["RunDisplay", "human_bytes"]

import time
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from crawler.run.progress import Progress as RunProgress

_QUIET_EVERY_S = 5.0
_KIB = 1024


class RunDisplay:
    """Shows each run's pages, articles, failures, bytes and rate while it goes on."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bars = self._new_bars()
        self._tasks: dict[str, TaskID] = {}
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
        rate = progress.pages / progress.elapsed_s if progress.elapsed_s > 0 else 0.0
        if not self._console.is_terminal:
            self._say(site, progress, rate)
            return
        if site not in self._tasks:
            self._tasks[site] = self._bars.add_task(site, articles=0, failures=0, size="", rate=0.0)
        self._bars.update(
            self._tasks[site],
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

    def _say(self, site: str, progress: RunProgress, rate: float) -> None:
        now = time.monotonic()
        if now - self._said.setdefault(site, now) < _QUIET_EVERY_S:
            return
        self._said[site] = now
        self._console.print(
            f"{site}: {progress.pages} pages, {progress.articles} articles, {progress.failures} failed, "
            f"{human_bytes(progress.size_bytes)}, {rate:.1f} pages/s, {progress.waiting} waiting"
        )


def human_bytes(size: float) -> str:
    """Return `size` bytes as people read it: ``1.4 MiB``."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if size < _KIB:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= _KIB
    return f"{size:.1f} TiB"
