"""Replay's units as tasks of a Ray cluster (``pip install '.[ray]'``), one machine or many.

The cluster is the one that RAY_ADDRESS names, else one made on this machine for the time of the work. All its machines
need this program in the same version, the files (or the store that holds them), and the work folder under the same
path. A task whose worker ends is tried again, carefully; one that no worker survives is given up by name.
"""

from __future__ import annotations

__all__ = ["OnRay"]

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from typing import Any, TypeVar

from crawler.errors import UsageError
from crawler.log import EventLog
from crawler.run.offline.engine import MOST_BREAKS, Done, GaveUp
from crawler.run.offline.unit import begin_process

S = TypeVar("S")
R = TypeVar("R")

_log = EventLog(__name__)

_PATIENCE = ("RAY_raylet_start_wait_time_s", "120")
"""What Ray gives its own parts to start; a busy machine takes longer than its 30 s."""

_AHEAD = 2
"""Tasks handed over for each core, so that none waits for the next."""


class OnRay:
    """The engine; see `crawler.run.offline.engine.Engine`. Raises UsageError if Ray is not installed."""

    def __init__(self, *, cpus: int | None = None) -> None:
        """`cpus`: of a cluster made on this machine; None: all."""
        try:
            self._ray: Any = import_module("ray")  # an extra, and slow
        except ModuleNotFoundError as error:
            raise UsageError(
                "Ray is not installed", next_step="pip install '.[ray]' in the source tree, or --engine local"
            ) from error
        self._cpus = cpus

    def map(
        self, fn: Callable[[S], R], shards: Sequence[S] | deque[S], *, again: Callable[[S], R] | None = None
    ) -> Iterator[Done[S, R]]:
        ray = self._ray
        began = not ray.is_initialized()
        if began:
            local = "RAY_ADDRESS" not in os.environ
            os.environ.setdefault(*_PATIENCE)
            try:
                ray.init(
                    num_cpus=self._cpus if local else None,
                    include_dashboard=False if local else None,
                    log_to_driver=False,
                )
            except Exception as error:  # what Ray raises here has no class of its own
                raise UsageError(
                    f"Ray does not start: {error}", next_step="its logs are in /tmp/ray; or --engine local"
                ) from error
        try:
            yield from self._map(ray.remote(max_retries=0)(_carry_out), fn, shards, again or fn)
        finally:
            if began:
                ray.shutdown()

    def _map(
        self, remote: Any, fn: Callable[[S], R], shards: Sequence[S] | deque[S], again: Callable[[S], R]
    ) -> Iterator[Done[S, R]]:
        ray = self._ray
        todo = shards if isinstance(shards, deque) else deque(shards)
        broken_off: deque[tuple[S, int]] = deque()
        under_way: dict[Any, tuple[S, int]] = {}
        most = _AHEAD * max(1, int(ray.cluster_resources().get("CPU", 1)))
        while todo or broken_off or under_way:
            while (todo or broken_off) and len(under_way) < most:
                shard, breaks = (todo.popleft(), 0) if todo else broken_off.popleft()
                under_way[remote.remote(again if breaks else fn, shard)] = (shard, breaks)
            (done, *_), _ = ray.wait(list(under_way), num_returns=1)
            shard, breaks = under_way.pop(done)
            try:
                yield Done(shard, ray.get(done))
            except (
                ray.exceptions.WorkerCrashedError,
                ray.exceptions.OutOfMemoryError,
                ray.exceptions.NodeDiedError,
            ) as error:
                _log.warning("a worker ended in the middle of a file", file=str(shard), times=breaks + 1)
                if breaks + 1 < MOST_BREAKS:
                    broken_off.append((shard, breaks + 1))
                else:
                    yield Done(shard, GaveUp(f"{MOST_BREAKS} workers ended while they read it: {type(error).__name__}"))
            except ray.exceptions.RayTaskError as error:
                raise error.cause from None


def _carry_out(fn: Callable[[S], R], shard: S) -> R:
    begin_process()
    return fn(shard)
