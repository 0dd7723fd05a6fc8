"""Where replay's units of work are carried out: processes of this machine, or whatever else keeps the same promises.

An engine may run a shard more than once and forget what came of it: units write their output under names that follow
from their input, so doing one again changes nothing. It never stops for one shard: what ends its process again and
again is given up by name.
"""

from __future__ import annotations

__all__ = ["MOST_BREAKS", "Done", "Engine", "GaveUp", "Local"]

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, ProcessPoolExecutor, wait
from typing import Generic, NamedTuple, Protocol, TypeVar

from crawler.log import EventLog

_log = EventLog(__name__)

S = TypeVar("S")
R = TypeVar("R")

_TOGETHER = 3
"""Breaks after which a shard that was there each time runs with no other beside it."""
MOST_BREAKS = 5
"""Breaks after which a shard is given up; that many processes are not killed by chance."""


class GaveUp(NamedTuple):
    """A shard that no process survived."""

    reason: str


class Done(NamedTuple, Generic[S, R]):
    """A shard, and what its unit returned."""

    shard: S
    result: R | GaveUp


class Engine(Protocol):
    """Carries out a function over shards, all of them plain values."""

    def map(
        self, fn: Callable[[S], R], shards: Sequence[S] | deque[S], *, again: Callable[[S], R] | None = None
    ) -> Iterator[Done[S, R]]:
        """Yield each of `shards` with what `fn` returns for it, as they get done, the first ones begun first.

        If `shards` is a deque, they are taken from its left, and whoever follows the iterator may add to it meanwhile.

        A shard during which a process ended is tried again, with `again` if it is given. What `fn` raises is raised,
        and ends the work; leaving the iterator ends it too.
        """


class Local:
    """Processes of this machine, each with an interpreter of its own."""

    def __init__(self, jobs: int = 0, *, start: Callable[[], None] | None = None) -> None:
        """`jobs`: how many (0: one per core); `start` is called in each when it begins."""
        self.jobs = jobs or os.cpu_count() or 1
        self._start = start

    def map(
        self, fn: Callable[[S], R], shards: Sequence[S] | deque[S], *, again: Callable[[S], R] | None = None
    ) -> Iterator[Done[S, R]]:
        todo = shards if isinstance(shards, deque) else deque(shards)
        broken_off: deque[tuple[S, int]] = deque()
        pool = self._pool()
        under_way: dict[Future[R], tuple[S, int]] = {}
        try:
            while todo or broken_off or under_way:
                while (todo or broken_off) and len(under_way) < self.jobs:
                    if not _may_join(0 if todo else broken_off[0][1], under_way.values()):
                        break
                    shard, breaks = (todo.popleft(), 0) if todo else broken_off.popleft()
                    chosen = again if again is not None and breaks else fn
                    under_way[pool.submit(chosen, shard)] = (shard, breaks)
                done = wait(under_way, return_when=FIRST_COMPLETED).done
                broken = any(isinstance(future.exception(), BrokenExecutor) for future in done)
                if broken:
                    done |= wait(under_way).done  # one process that ended takes all with it that were under way
                    pool.shutdown()
                    pool = self._pool()
                for future in done:
                    shard, breaks = under_way.pop(future)
                    if not isinstance(future.exception(), BrokenExecutor):
                        yield Done(shard, future.result())
                    elif breaks + 1 < MOST_BREAKS:
                        _log.warning("a process ended in the middle of a file", file=str(shard), times=breaks + 1)
                        broken_off.append((shard, breaks + 1))
                    else:
                        yield Done(shard, GaveUp(f"{MOST_BREAKS} processes ended while they read it"))
        finally:
            _end(pool)

    def _pool(self) -> ProcessPoolExecutor:
        context = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(self.jobs, mp_context=context, initializer=_begin, initargs=(self._start,))


def _may_join(breaks: int, beside: Collection[tuple[object, int]]) -> bool:
    """Tell whether a shard with so many breaks may run beside others, and they beside it."""
    return not beside or (breaks < _TOGETHER and all(theirs < _TOGETHER for _, theirs in beside))


def _begin(start: Callable[[], None] | None) -> None:
    """Set up a process: the terminal's Ctrl-C is its parent's, and it ends when its parent does, however that ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    assert parent is not None

    def follow() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=follow, name="parent", daemon=True).start()
    if start is not None:
        start()


def _end(pool: ProcessPoolExecutor) -> None:
    """End the processes, whatever they do: what they leave half done has no name yet."""
    for process in list((pool._processes or {}).values()):
        process.kill()
    pool.shutdown(cancel_futures=True)
