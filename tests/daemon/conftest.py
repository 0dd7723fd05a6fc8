"""A daemon of one's own: the real supervisor and workers in processes, runs by the dummy runner."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

from crawler.clock import SystemClock
from crawler.config import StateSettings
from crawler.daemon.api.client import DaemonClient
from crawler.daemon.api.control import DaemonView
from crawler.model.run import Run
from crawler.state import State, open_state

_HERE = Path(__file__).parent
_PATIENCE_S = 120.0  # a busy machine; where all is well nobody waits
_T = TypeVar("_T")

YEARLY = 'cron = "0 0 1 1 *"'


def eventually(what: Callable[[], _T], *, why: str = "") -> _T:
    """Return the first true value of `what`; fail if there is none for long."""
    end = time.monotonic() + _PATIENCE_S
    while time.monotonic() < end:
        value = what()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"did not happen: {why or what}")


class DaemonProcess:
    """A daemon on a state folder and a seeds folder; may be started again after its end."""

    def __init__(self, folder: Path) -> None:
        self.state_dir = folder / "state"
        self.seeds = folder / "seeds"
        self.state_dir.mkdir()
        self.seeds.mkdir()
        self.overrides: dict[str, Any] = {"daemon.catch_up_s": 0.0, "daemon.stop_s": 10.0}
        self.environ: dict[str, str] = {}
        self.processes: list[subprocess.Popen[bytes]] = []

    def declare(self, site: str, schedule: str = YEARLY, script: str = "", **keys: object) -> None:
        lines = [
            'title = "T"',
            'country = "zz"',
            'languages = ["en"]',
            f'home = "http://{site}.example/"',
            f'feeds = ["http://{site}.example/feed"]',
            *(f"{key} = {json.dumps(value)}" for key, value in keys.items()),
            "[schedule]",
            schedule,
        ]
        (self.state_dir / f"{site}.script").write_text(script)
        (self.seeds / f"{site}.toml").write_text("\n".join(lines))

    def follow(self, site: str, schedule: str = YEARLY, script: str = "") -> str:
        """Declare `site` to the running daemon and return its name."""
        self.declare(site, schedule, script)
        self.processes[-1].send_signal(signal.SIGHUP)
        eventually(lambda: site in {known.name for known in self.status().sites}, why=f"{site} is followed")
        return site

    def start(self) -> subprocess.Popen[bytes]:
        (self.state_dir / "ready").unlink(missing_ok=True)
        process = self.spawn()
        eventually(lambda: (self.state_dir / "ready").exists() or process.poll() is not None, why="daemon is ready")
        assert process.poll() is None
        return process

    def spawn(self, **more: Any) -> subprocess.Popen[bytes]:
        paths = [str(_HERE), *filter(None, [os.environ.get("PYTHONPATH")])]
        command = [sys.executable, str(_HERE / "daemon_process.py"), str(self.state_dir), str(self.seeds)]
        process = subprocess.Popen(
            [*command, json.dumps(self.overrides)],
            env={**os.environ, **self.environ, "PYTHONPATH": os.pathsep.join(paths)},
            cwd=_HERE.parent.parent,
            **more,
        )
        self.processes.append(process)
        return process

    def release(self) -> None:
        """Let runs that wait go on."""
        (self.state_dir / "release").touch()

    def until(self, what: Callable[[], _T], why: str) -> _T:
        """Return the first true value of `what`; fail if there is none for long."""
        return eventually(what, why=why)

    def log(self, word: str, site: str | None = None) -> list[str]:
        """Return the ids of runs noted with `word` so far; of one site only, if one is named."""
        path = self.state_dir / "runs.log"
        lines = path.read_text().splitlines() if path.exists() else []
        noted = [line.split()[1] for line in lines if line.startswith(word + " ")]
        return [run for run in noted if site is None or run.partition("-")[2].rpartition("-")[0] == site]

    def trigger(self, *targets: str) -> list[Run]:
        async def ask() -> list[Run]:
            async with DaemonClient(self.state_dir) as client:
                return await client.trigger(list(targets))

        return asyncio.run(ask())

    def set_paused(self, site: str, paused: bool) -> bool:
        async def ask() -> bool:
            async with DaemonClient(self.state_dir) as client:
                return await client.set_paused(site, paused)

        return asyncio.run(ask())

    def status(self) -> DaemonView:
        async def ask() -> DaemonView:
            async with DaemonClient(self.state_dir) as client:
                return await client.status()

        return asyncio.run(ask())

    def state(self) -> State:
        return open_state(StateSettings(dir=str(self.state_dir)), clock=SystemClock())

    def run(self, run: str) -> Run:
        with self.state() as state:
            found = state.run(run)
        assert found is not None
        return found

    def ended(self, run: str) -> Run:
        """Wait for the end of `run`."""
        eventually(lambda: self.run(run).finished_at is not None, why=f"{run} ends")
        return self.run(run)

    def worker_pids(self) -> list[int]:
        return [worker.pid for worker in self.status().workers]

    def clean_up(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                process.send_signal(signal.SIGTERM)
        for process in self.processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[DaemonProcess]:
    """A daemon of the test's own, not yet started."""
    process = DaemonProcess(tmp_path)
    yield process
    process.clean_up()


@pytest.fixture(scope="module")
def resident(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaemonProcess]:
    """A daemon that the tests of a module share, each with sites of its own; it runs, with two workers."""
    process = DaemonProcess(tmp_path_factory.mktemp("resident"))
    process.overrides["daemon.workers"] = 2
    process.declare("idle")
    process.start()
    yield process
    process.clean_up()
