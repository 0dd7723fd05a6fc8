"""A parse process whose owner is gone."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime

import msgspec

from crawler.run.parsing.frame import FRAME
from crawler.run.parsing.page_task import InMemory, PageTask


def test_a_process_whose_owner_was_killed_ends_without_a_word():
    page = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>Hello</p>"
    task = PageTask(
        place=InMemory(page, len(page)),
        url="https://a.example/x",
        captured_at=datetime(2026, 1, 1, tzinfo=UTC),
        role=None,
    )
    message = msgspec.msgpack.encode(task)
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "crawler.run.parsing.process", str(1 << 30)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.read(FRAME.size) == FRAME.pack(0)
        process.stdout.close()
        process.stdin.write(FRAME.pack(len(message)) + message)
        process.stdin.close()
        assert process.stderr.read() == b""
        assert process.wait(timeout=60) == 0
