"""systemd is told over its socket, and nobody is where there is none."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.daemon.systemd import Systemd


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(5)
        yield listening


def environ(manager: socket.socket, **more: str) -> dict[str, str]:
    return {"NOTIFY_SOCKET": manager.getsockname(), **more}


def test_ready_and_stopping_are_said(manager):
    systemd = Systemd(environ(manager))
    systemd.ready("following 3 sites")
    systemd.stopping()
    assert manager.recv(4096) == b"READY=1\nSTATUS=following 3 sites"
    assert manager.recv(4096) == b"STOPPING=1"


def test_a_long_start_asks_for_patience(manager):
    Systemd(environ(manager)).starting("3 of 40 files")
    assert manager.recv(4096) == b"EXTEND_TIMEOUT_USEC=900000000\nSTATUS=3 of 40 files"


async def _watchdog(systemd: Systemd, answers: list[bool]) -> None:
    done = asyncio.Event()

    def alive() -> bool:
        if len(answers) == 1:
            done.set()
        return answers.pop(0)

    task = asyncio.create_task(systemd.keep_watchdog(alive))
    await asyncio.wait_for(done.wait(), 5)
    task.cancel()


def test_the_watchdog_hears_only_while_the_service_is_alive(manager):
    answers = [True, False, False]
    asyncio.run(_watchdog(Systemd(environ(manager, WATCHDOG_USEC="60000", WATCHDOG_PID=str(os.getpid()))), answers))
    assert manager.recv(4096) == b"WATCHDOG=1"
    manager.setblocking(False)
    with pytest.raises(BlockingIOError):
        manager.recv(4096)


@pytest.mark.parametrize("more", [{}, {"WATCHDOG_USEC": "60000", "WATCHDOG_PID": "1"}])
def test_without_a_watchdog_of_ours_nothing_is_said(manager, more):
    answers = [True]
    asyncio.run(asyncio.wait_for(Systemd(environ(manager, **more)).keep_watchdog(answers.pop), 5))
    assert answers == [True]


def test_an_abstract_socket_is_reached():
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind("\0warraq-test-notify")
        Systemd({"NOTIFY_SOCKET": "@warraq-test-notify"}).stopping()
        assert listening.recv(100) == b"STOPPING=1"


def test_without_systemd_nothing_happens(tmp_path: Path):
    Systemd({}).ready("x")
    Systemd({"NOTIFY_SOCKET": str(tmp_path / "gone")}).stopping()  # it died: a warning, no more
