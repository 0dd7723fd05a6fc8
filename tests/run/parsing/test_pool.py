"""The parse pool: what a page does to its process costs only that page."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from crawler.config import Parsing, load
from crawler.run.parsing import pool as pool_module
from crawler.run.parsing.page_task import InMemory, PageTask
from crawler.run.parsing.pool import ParsePool

BODY = (
    "<html><body><article><h1>{}</h1><p>"
    + "The council met on Monday to talk about the bridge. " * 8
    + "</p></article>"
)


def task(title: str = "A bridge", *, body: str | None = None, **changes: object) -> PageTask:
    html = (body if body is not None else BODY.format(title)).encode()
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\n\r\n" % len(html)
    made = PageTask(
        place=InMemory(head + html, len(head + html)),
        url="https://news.example/a-bridge",
        captured_at=datetime(2026, 11, 23, tzinfo=UTC),
        role="article",
        status=200,
        mime="text/html",
    )
    return msgspec.structs.replace(made, **changes)


def settings(**changes: object) -> Parsing:
    return msgspec.structs.replace(load().parse, processes=1, **changes)


def in_pool(what, **changes):
    async def run():
        async with ParsePool(settings(**changes)) as pool:
            return await what(pool)

    return asyncio.run(run())


def test_a_page_becomes_an_article():
    result = in_pool(lambda pool: pool.parse(task()))
    assert result.outcome == "parsed"
    assert json.loads(result.line)["title"] == "A bridge"


def test_many_pages_share_the_processes():
    results = in_pool(lambda pool: asyncio.gather(*(pool.parse(task(f"Story {n}")) for n in range(20))))
    assert [json.loads(result.line)["title"] for result in results] == [f"Story {n}" for n in range(20)]


def test_a_page_without_text_is_a_failure_with_a_reason():
    result = in_pool(lambda pool: pool.parse(task(body="<html><body></body></html>")))
    assert (result.outcome, result.line) in (("failed", b""), ("walled", b""))
    assert result.reason


@pytest.fixture
def crashing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Parse processes whose parser dies, hangs or eats memory when the page tells it to."""
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\n"
        "if 'crawler.run.parsing.process' in sys.orig_argv:\n"
        "    import os, time\n"
        "    import crawler.run.parsing.perform as module\n"
        "    real = module.read_page\n"
        "    def read_page(page, **options):\n"
        "        if b'CRASH' in page.body: os.kill(os.getpid(), 11)\n"
        "        if b'HANG' in page.body: time.sleep(60)\n"
        "        if b'MEMORY' in page.body: bytearray(1 << 34)\n"
        "        return real(page, **options)\n"
        "    module.read_page = read_page\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))


@pytest.mark.parametrize(
    ("word", "reason"), [("CRASH", "parse_crash"), ("HANG", "parse_timeout"), ("MEMORY", "parse_memory")]
)
@pytest.mark.usefixtures("crashing")
def test_a_page_that_ends_its_process_is_lost_with_the_reason_and_the_next_page_is_parsed(word, reason):
    async def both(pool):
        return await pool.parse(task(body=f"<p>{word}")), await pool.parse(task())

    lost, parsed = in_pool(both, timeout_s=3.0)
    assert (lost.outcome, lost.reason) == ("lost", reason)
    assert parsed.outcome == "parsed"


def test_a_process_killed_from_outside_is_replaced():
    async def run(pool):
        await pool.parse(task())
        (process,) = pool._live
        os.kill(process._process.pid, signal.SIGKILL)
        await process._process.wait()
        return await pool.parse(task())

    assert in_pool(run).outcome == "parsed"


def test_closing_leaves_no_process_behind():
    async def run():
        pool = pool_module.ParsePool(settings())
        await pool.parse(task())
        (process,) = pool._live
        await pool.close()
        return process._process.returncode

    assert asyncio.run(run()) == -signal.SIGKILL


def test_starting_a_process_is_not_the_first_page_s_time(tmp_path, monkeypatch):
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\nif 'crawler.run.parsing.process' in sys.orig_argv:\n    import time; time.sleep(1.5)\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert in_pool(lambda pool: pool.parse(task()), timeout_s=1.4).outcome == "parsed"
