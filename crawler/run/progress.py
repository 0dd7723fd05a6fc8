"""What a run tells while it goes on, and what it says at its end."""

from __future__ import annotations

__all__ = ["Failure", "Progress", "RunReport"]

import msgspec

from crawler.archive.articles import Published
from crawler.model.run import Counted, Outcome, RunState


class Progress(Counted, frozen=True, kw_only=True):
    """A moment of a run. On the way the counts are kept in memory; those of the report come from the URL ledger."""

    run: str
    size_bytes: int
    """On the wire, responses only."""
    elapsed_s: float


class Failure(msgspec.Struct, frozen=True):
    """A URL that gave nothing, and why."""

    url: str
    outcome: Outcome
    reason: str | None


class RunReport(msgspec.Struct, frozen=True, kw_only=True):
    """The end of a run."""

    run: str
    site: str
    state: RunState
    reason: str | None
    progress: Progress
    failures: tuple[Failure, ...]
    """What was not obtained, or was and is lost."""
    refused: tuple[Failure, ...] = ()
    """What robots.txt, a wall or a redirect to elsewhere stands before."""
    published: tuple[Published, ...]
    """Article batches now in the store."""
    trouble: tuple[str, ...] = ()
    """What is safe on this machine but not yet in the store, and why."""
