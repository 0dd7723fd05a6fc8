"""Work with a time limit: what comes back, and what becomes of work that never ends."""

from __future__ import annotations

import os
import signal

import pytest

from crawler.errors import ParseError
from crawler.run.parsing.bounded import within


def never_ends() -> int:
    while True:
        pass


def dies() -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return 1


def refuses() -> int:
    raise ParseError("page.html: the body is empty", reason="empty_body", next_step="give another")


def test_the_result_comes_back():
    assert within(60, lambda: {"a": b"\0"}, name="page.html") == {"a": b"\0"}


@pytest.mark.parametrize(
    ("work", "limit_s", "reason", "said"),
    [
        (never_ends, 0.05, "parse_timeout", "page.html: the page took longer than 0.05 s"),
        (dies, 60, "parse_crash", "page.html: the parser crashed"),
        (refuses, 60, "empty_body", "page.html: the body is empty; give another"),
    ],
)
def test_what_gives_no_result_is_one_error(work, limit_s, reason, said):
    with pytest.raises(ParseError, match=said) as caught:
        within(limit_s, work, name="page.html")
    assert caught.value.reason == reason
