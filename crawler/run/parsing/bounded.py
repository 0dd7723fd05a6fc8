"""Work that a person waits for, in a process of its own that is ended when it takes too long.

The parser runs in C for much of its time, where no signal handler and no thread of this process could stop it.
"""

from __future__ import annotations

__all__ = ["within"]

import multiprocessing
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import TypeVar

from crawler.errors import ParseError

T = TypeVar("T")


def within(limit_s: float, work: Callable[[], T], *, name: str) -> T:
    """Return what `work` returns, which must be picklable; `name` says in errors what is worked on.

    Raises ParseError: that of `work`; ``timeout`` after `limit_s` seconds, ``crashed`` if the process ended without a
    result.
    """
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_answer, args=(theirs, work), daemon=True)
    process.start()
    theirs.close()
    try:
        if not ours.poll(limit_s):
            raise ParseError(
                f"{name}: the page took longer than {limit_s:g} s",
                reason="parse_timeout",
                next_step="parse.timeout_s sets how long a page may take",
            )
        answer = ours.recv()
    except EOFError as error:
        raise ParseError(f"{name}: the parser crashed on the page", reason="parse_crash") from error
    finally:
        process.kill()
        process.join()
        ours.close()
    if isinstance(answer, _Failed):
        raise ParseError(answer.what, reason=answer.reason, next_step=answer.next_step)
    result: T = answer
    return result


class _Failed:
    """A ParseError on its way between processes."""

    def __init__(self, error: ParseError) -> None:
        self.what, self.reason, self.next_step = error.what, error.reason, error.next_step


def _answer(pipe: Connection, work: Callable[[], object]) -> None:
    try:
        pipe.send(work())
    except ParseError as error:
        pipe.send(_Failed(error))
    except MemoryError:
        pipe.send(_Failed(ParseError("the page needs more memory than there is", reason="parse_memory")))
