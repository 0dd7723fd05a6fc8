"""The life of a daemon: start, stop, death and restart; no run is lost and none is done twice."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conftest import DaemonProcess


def test_a_hanging_worker_ends_itself_and_its_run_is_done_again(daemon: DaemonProcess) -> None:
    daemon.overrides["daemon.heartbeat_s"] = 3.0
    daemon.declare("a", script="hang-once")
    daemon.start()
    (run,) = daemon.trigger("a")
    assert daemon.ended(run.id).state == "done"
    assert len(daemon.log("begin")) >= 2
    assert len(daemon.log("end")) == 1


def test_a_frozen_worker_is_killed_and_its_run_done_again(daemon: DaemonProcess) -> None:
    daemon.overrides["daemon.heartbeat_s"] = 3.0
    daemon.declare("a", script="wait")
    daemon.start()
    (run,) = daemon.trigger("a")
    daemon.until(lambda: daemon.log("begin"), "the run begins")
    (pid,) = daemon.worker_pids()
    os.kill(pid, signal.SIGSTOP)
    daemon.release()
    assert daemon.ended(run.id).state == "done"
    assert not _exists(pid)


def test_a_killed_supervisor_leaves_no_worker_and_its_runs_go_on_at_the_next_start(daemon: DaemonProcess) -> None:
    daemon.declare("a", script="wait")
    daemon.declare("b", script="wait")
    first = daemon.start()
    runs = daemon.trigger("a", "b")
    daemon.until(lambda: len(daemon.log("begin")) == 2, "both runs begin")
    (pid,) = daemon.worker_pids()
    first.kill()
    first.wait()
    daemon.until(lambda: len(daemon.log("stopped")) == 2, "the worker notices that it is alone")
    daemon.until(lambda: not _exists(pid), "the worker ends")
    daemon.release()
    daemon.start()
    assert {daemon.ended(run.id).state for run in runs} == {"done"}
    assert len(daemon.log("end")) == 2


def test_supervisor_and_worker_killed_together_lose_nothing(daemon: DaemonProcess) -> None:
    daemon.declare("a", script="wait")
    first = daemon.start()
    (run,) = daemon.trigger("a")
    daemon.until(lambda: daemon.log("begin"), "the run begins")
    (pid,) = daemon.worker_pids()
    first.kill()
    os.kill(pid, signal.SIGKILL)
    first.wait()
    daemon.release()
    daemon.start()
    assert daemon.ended(run.id).state == "done"
    assert daemon.log("end") == [run.id]


def test_sigterm_stops_runs_so_that_they_go_on_later(daemon: DaemonProcess) -> None:
    daemon.declare("a", script="wait")
    first = daemon.start()
    (run,) = daemon.trigger("a")
    daemon.until(lambda: daemon.log("begin"), "the run begins")
    first.send_signal(signal.SIGTERM)
    assert first.wait(20) == 0
    assert daemon.run(run.id).state == "queued"
    assert daemon.log("stopped") == [run.id]
    assert len(daemon.log("close")) == 1  # sealed and shipped
    assert not list(daemon.state_dir.glob("*.sock"))
    daemon.release()
    daemon.start()
    assert daemon.ended(run.id).state == "done"


def test_a_worker_that_does_not_stop_in_time_is_ended(daemon: DaemonProcess) -> None:
    daemon.overrides["daemon.stop_s"] = 1.0
    daemon.declare("a", script="hang-once")
    first = daemon.start()
    (run,) = daemon.trigger("a")
    daemon.until(lambda: daemon.log("begin"), "the run begins")
    first.send_signal(signal.SIGTERM)
    assert first.wait(20) == 1
    assert daemon.run(run.id).state == "queued"


def test_a_second_sigterm_stops_at_once(daemon: DaemonProcess) -> None:
    daemon.overrides["daemon.stop_s"] = 60.0
    daemon.declare("a", script="ignore-stop")
    first = daemon.start()
    (run,) = daemon.trigger("a")
    daemon.until(lambda: daemon.log("begin"), "the run begins")
    first.send_signal(signal.SIGTERM)
    daemon.until(lambda: daemon.status().stopping, "the stop begins")
    first.send_signal(signal.SIGTERM)
    assert first.wait(20) == 130
    assert daemon.run(run.id).state == "queued"


def test_a_second_daemon_is_refused_naming_the_first(daemon: DaemonProcess) -> None:
    daemon.declare("a")
    first = daemon.start()
    second = daemon.spawn(stderr=subprocess.PIPE)
    _, said = second.communicate(timeout=20)
    assert second.returncode != 0
    assert f"{daemon.state_dir} is in use by `warraq daemon` (process {first.pid}, since " in said.decode()
    assert first.poll() is None


def test_a_worker_is_replaced_after_its_number_of_runs(daemon: DaemonProcess) -> None:
    daemon.overrides["daemon.recycle_runs"] = 2
    daemon.declare("a")
    daemon.start()
    (pid,) = daemon.worker_pids()
    for _ in range(2):
        (run,) = daemon.trigger("a")
        daemon.ended(run.id)
    daemon.until(lambda: pid not in daemon.worker_pids(), "the worker is replaced")
    (run,) = daemon.trigger("a")
    assert daemon.ended(run.id).state == "done"


def change_settings(daemon: DaemonProcess, **changes: object) -> None:
    overrides = {key.replace("__", "."): value for key, value in changes.items()}
    (daemon.state_dir / "settings.json").write_text(json.dumps(overrides))
    daemon.processes[-1].send_signal(signal.SIGHUP)


def test_changed_settings_are_taken_over_and_runs_under_way_end_with_those_they_began_with(
    daemon: DaemonProcess,
) -> None:
    daemon.declare("a", script="wait tell-pace")
    daemon.declare("b", script="tell-pace")
    daemon.start()
    (before,) = daemon.worker_pids()
    (under_way,) = daemon.trigger("a")
    daemon.until(lambda: daemon.log("begin"), "the run begins")
    change_settings(daemon, fetch__delay_s=7.5)
    daemon.until(lambda: len(daemon.worker_pids()) == 2, "a worker with the new settings")
    (later,) = daemon.trigger("b")
    assert daemon.ended(later.id).reason == "pace 7.5"
    daemon.release()
    assert daemon.ended(under_way.id).reason == "pace 2.0"
    daemon.until(lambda: before not in daemon.worker_pids(), "the old worker ends")


def test_what_needs_a_restart_is_told_and_left_as_it_is(daemon: DaemonProcess) -> None:
    daemon.declare("a")
    daemon.start()
    change_settings(daemon, daemon__workers=3, storage__url="file:elsewhere")
    waiting = daemon.until(lambda: daemon.status().settings_waiting, "it is told")
    assert waiting == ("storage.url", "daemon.workers")
    assert len(daemon.worker_pids()) == 1
    change_settings(daemon)
    daemon.until(lambda: not daemon.status().settings_waiting, "the change is taken back")


def test_wrong_settings_are_told_and_those_in_force_stay(daemon: DaemonProcess) -> None:
    daemon.declare("a", script="tell-pace")
    daemon.start()
    change_settings(daemon, fetch__delay_s=7.5, alarms__smtp="mail.example:25")
    said = daemon.until(lambda: daemon.status().settings_error, "the mistake is told")
    assert "alarms.smtp: mail needs both smtp and email_to" in said
    (run,) = daemon.trigger("a")
    assert daemon.ended(run.id).reason == "pace 2.0"


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_systemd_is_told_of_start_life_and_stop(daemon: DaemonProcess, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(30)
        daemon.declare("quiet")
        daemon.environ = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "300000"}
        process = daemon.start()
        said = [manager.recv(4096) for _ in range(4)]
        process.send_signal(signal.SIGTERM)
        while said[-1] != b"STOPPING=1":
            said.append(manager.recv(4096))
    assert b"READY=1\nSTATUS=following 1 sites" in said
    assert said.count(b"WATCHDOG=1") >= 2
