"""Many small calls at once, with bounded memory, and the first failure told."""

from __future__ import annotations

__all__ = ["in_order"]

from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def in_order(call: Callable[[T], object], items: Iterable[T], at_once: int, *, name: str) -> None:
    """Call `call` with each of `items`, so many at once; return when all are done. Raises what the first of them that
    failed raised.

    No more of `items` are taken than are under way. `name`: of the threads.
    """
    if at_once <= 1:
        for item in items:
            call(item)
        return
    under_way: deque[Future[object]] = deque()
    with ThreadPoolExecutor(at_once, thread_name_prefix=name) as threads:
        try:
            for item in items:
                if len(under_way) >= at_once:
                    under_way.popleft().result()
                under_way.append(threads.submit(call, item))
            for one in under_way:
                one.result()
        finally:
            threads.shutdown(cancel_futures=True)
