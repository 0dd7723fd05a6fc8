"""The daemon learns by itself: not at once, every so many days, in a process that is ended with it."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from crawler.clock import FixedClock
from crawler.config import Config, load
from crawler.daemon.chores.learning import LearningOrder, LearningWatch
from crawler.model.site import Site
from tests.run.gazette_archive import archive

AT = datetime(2026, 11, 23, tzinfo=UTC)


def config(tmp_path: Path, **more: object) -> Config:
    (tmp_path / "state").mkdir(exist_ok=True)
    storage = {"storage.url": f"file:{tmp_path / 'data'}", "state.dir": str(tmp_path / "state")}
    return load(overrides={**storage, **{key.replace("__", "."): value for key, value in more.items()}})


def learning_process(order: LearningOrder) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-P", "-m", "crawler.daemon.chores.learning"]
    return subprocess.run(command, input=msgspec.json.encode(order), capture_output=True, check=False)


def test_the_first_learning_waits_as_long_as_every_other(tmp_path: Path):
    clock, settings = FixedClock(AT), config(tmp_path, daemon__learn_days=7.0)
    watch = LearningWatch(lambda: settings, clock, dict)
    assert not watch.due()
    clock.advance(timedelta(days=7).total_seconds() - 1)
    assert not watch.due()
    clock.advance(1)
    assert watch.due()
    assert LearningWatch(lambda: settings, clock, dict).due()


def test_never_is_never(tmp_path: Path):
    clock, settings = FixedClock(AT), config(tmp_path, daemon__learn_days=0.0)
    watch = LearningWatch(lambda: settings, clock, dict)
    assert not watch.due()
    clock.advance(timedelta(days=700).total_seconds())
    assert not watch.due()


def test_after_a_learning_the_next_one_waits(tmp_path: Path):
    clock, settings = FixedClock(AT), config(tmp_path, daemon__learn_days=7.0)
    watch = LearningWatch(lambda: settings, clock, dict)
    watch.due()
    clock.advance(timedelta(days=7).total_seconds())

    async def until_learned() -> None:
        running = asyncio.create_task(watch.run())
        while watch.due():  # noqa: ASYNC110 - what is waited for is a file
            await asyncio.sleep(0.05)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(asyncio.wait_for(until_learned(), 60))
    assert datetime.fromisoformat((tmp_path / "state" / "learned").read_text()) == clock.now()


def test_a_watch_that_is_cancelled_ends_its_process(tmp_path: Path):
    clock, settings = FixedClock(AT), config(tmp_path, daemon__learn_days=7.0)
    watch = LearningWatch(lambda: settings, clock, dict)
    watch.due()
    clock.advance(timedelta(days=7).total_seconds())

    async def begin_and_cancel() -> None:
        running = asyncio.create_task(watch.run())
        await asyncio.sleep(0.05)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(begin_and_cancel())
    assert watch.due()


def test_the_process_learns_from_what_the_store_has(tmp_path: Path):
    archive(tmp_path / "data" / "warc" / "a.warc.gz", range(14), at=datetime.now(UTC) - timedelta(days=1))
    site = Site(name="gazette", title="g", country="gb", languages=("en",), home="https://gazette.example/")
    done = learning_process(LearningOrder(config=config(tmp_path), sites={"gazette": site}))
    assert done.returncode == 0, done.stderr
    (stored,) = (tmp_path / "data" / "profiles" / "gazette").iterdir()
    assert json.loads(stored.read_text())["articles"] == 14


def test_a_store_without_archive_is_no_fault(tmp_path: Path):
    done = learning_process(LearningOrder(config=config(tmp_path), sites={}))
    assert (done.returncode, done.stderr) == (0, b"")
