"""What a process that parses may have of this machine."""

from __future__ import annotations

__all__ = ["limited_memory"]

import resource
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def limited_memory(extra: int) -> Iterator[None]:
    """Let this process have no more than `extra` bytes of address space above what it has now."""
    with open("/proc/self/statm", encoding="ascii") as statm:  # noqa: PTH123  (not a path a user gave)
        used = int(statm.read().split()[0]) * resource.getpagesize()
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (used + extra, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)
