"""One process per state folder: the second is told who the first is, and the dead are no obstacle."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from crawler.clock import FixedClock
from crawler.errors import SpoolBusy, StateError
from crawler.run.lock import StateLock
from tests.archive.archive_factory import AT

HOLD = (
    "import sys; from pathlib import Path; from crawler.clock import SystemClock; from crawler.run.lock import "
    "StateLock\n"
    "lock = StateLock.take(Path(sys.argv[1]), 'crawl', clock=SystemClock()); print('held', flush=True); "
    "sys.stdin.read()"
)


@pytest.mark.parametrize(
    ("first", "second", "step"),
    [
        ("crawl", "crawl", "wait for its end, or choose a folder of its own with --state DIR"),
        ("crawl", "daemon", "wait for its end, or choose"),
        ("daemon", "crawl", "have the daemon crawl with `warraq trigger SITE`, or choose"),
        ("daemon", "republish", "stop it first, or choose"),
        ("daemon", "rebuild", "stop it first, or choose"),
        ("daemon", "daemon", "stop it first, or choose"),
    ],
)
def test_the_second_is_refused_in_a_line_that_names_the_first_and_the_next_step(tmp_path: Path, first, second, step):
    clock = FixedClock(AT)
    with StateLock.take(tmp_path, first, clock=clock), pytest.raises(SpoolBusy) as busy:
        StateLock.take(tmp_path, second, clock=clock)
    said = str(busy.value)
    assert "\n" not in said
    assert f"{tmp_path} is in use by `warraq {first}` (process {os.getpid()}, since 2026-11-23T18:41:04" in said
    assert step in said
    StateLock.take(tmp_path, second, clock=clock).free()


def test_the_lock_of_a_killed_process_is_taken_over(tmp_path: Path):
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, tmp_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(SpoolBusy, match=rf"`warraq crawl` \(process {holder.pid}, since "):
        StateLock.take(tmp_path, "daemon", clock=FixedClock(AT))
    holder.send_signal(signal.SIGKILL)
    holder.communicate()
    StateLock.take(tmp_path, "daemon", clock=FixedClock(AT)).free()


def test_an_unwritable_state_folder_is_told(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StateError, match="cannot write"):
        StateLock.take(tmp_path / "file" / "state", "crawl", clock=FixedClock(AT))


def test_guests_are_let_in_beside_a_daemon_and_nobody_else_comes_after_it_before_they_leave(tmp_path: Path):
    clock = FixedClock(AT)
    daemon = StateLock.take(tmp_path, "daemon", clock=clock)
    guests = [StateLock.beside_daemon(tmp_path, "sites", clock=clock) for _ in range(2)]
    daemon.free()
    with pytest.raises(SpoolBusy, match="by a command that a daemon had beside it; wait for its end"):
        StateLock.take(tmp_path, "rebuild", clock=clock)
    StateLock.take(tmp_path, "daemon", clock=clock).free()
    for guest in guests:
        guest.free()
    StateLock.take(tmp_path, "rebuild", clock=clock).free()


def test_a_guest_without_a_daemon_is_the_owner_and_one_beside_another_command_is_refused(tmp_path: Path):
    clock = FixedClock(AT)
    with StateLock.beside_daemon(tmp_path, "sites", clock=clock):
        for command in ("crawl", "daemon"):
            with pytest.raises(SpoolBusy, match="by `warraq sites`"):
                StateLock.take(tmp_path, command, clock=clock)
        with pytest.raises(SpoolBusy, match="by `warraq sites`"):
            StateLock.beside_daemon(tmp_path, "sites", clock=clock)
    with StateLock.take(tmp_path, "crawl", clock=clock), pytest.raises(SpoolBusy, match="by `warraq crawl`"):
        StateLock.beside_daemon(tmp_path, "sites", clock=clock)


def test_who_is_refused_keeps_nothing_open(tmp_path: Path) -> None:
    clock, opened = FixedClock(AT), Path("/proc/self/fd")
    with StateLock.take(tmp_path, "crawl", clock=clock):
        before = len(list(opened.iterdir()))
        for refused in (StateLock.take, StateLock.beside_daemon):
            with pytest.raises(SpoolBusy):
                refused(tmp_path, "crawl", clock=clock)
        assert len(list(opened.iterdir())) == before
    with StateLock.take(tmp_path, "daemon", clock=clock) as daemon:
        guest = StateLock.beside_daemon(tmp_path, "crawl", clock=clock)
        daemon.free()
        before = len(list(opened.iterdir()))
        with pytest.raises(SpoolBusy, match="a command that a daemon had beside it"):
            StateLock.take(tmp_path, "crawl", clock=clock)
        assert len(list(opened.iterdir())) == before
        guest.free()


def test_nobody_becomes_a_guest_while_another_looks_whether_there_are_any(tmp_path: Path) -> None:
    clock = FixedClock(AT)
    StateLock.beside_daemon(tmp_path, "crawl", clock=clock).free()
    (guests,) = [path for path in tmp_path.iterdir() if "guest" in path.name]
    with guests.open("r+b") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(SpoolBusy, match="a process that has just started"):
            StateLock.beside_daemon(tmp_path, "crawl", clock=clock)
    StateLock.beside_daemon(tmp_path, "crawl", clock=clock).free()


def test_folder_and_lock_are_for_their_owner_alone(tmp_path: Path) -> None:
    StateLock.take(tmp_path / "state", "crawl", clock=FixedClock(AT)).free()
    assert (tmp_path / "state").stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "state").iterdir()} == {0o600}
