"""The daemon as a process: whatever dies, no run is lost and none is done twice."""

from __future__ import annotations

import os
import signal
import subprocess
from typing import TYPE_CHECKING

import pytest

from crawler.errors import UsageError

if TYPE_CHECKING:
    from tests.daemon.conftest import DaemonProcess


def until(what, why=""):  # the helper of conftest, which cannot be imported by name
    import time

    end = time.monotonic() + 30
    while time.monotonic() < end:
        if value := what():
            return value
        time.sleep(0.02)
    raise AssertionError(f"did not happen: {why}")


def test_a_triggered_run_is_carried_out(daemon: DaemonProcess) -> None:
    daemon.declare("a", script="partial")
    daemon.start()
    (run,) = daemon.trigger("a")
    ended = daemon.ended(run.id)
    assert (ended.state, ended.reason, ended.trigger) == ("partial", "as told", "manual")
    assert daemon.log("begin") == daemon.log("end") == [run.id]


def test_a_schedule_fires_and_each_fire_has_one_run(daemon: DaemonProcess) -> None:
    daemon.declare("a", 'every = "1s"')
    daemon.start()
    until(lambda: len(daemon.log("end")) >= 2, "two runs by the schedule")
    with daemon.state() as state:
        runs = state.runs()
        fires = state.fires()
    assert len({run.scheduled_at for run in runs}) == len(runs) >= 2
    assert all(run.trigger == "schedule" for run in runs)
    assert {fire.policy for fire in fires} <= {"ran", "skipped_overlap", "coalesced"}


def test_a_fire_during_a_run_is_skipped_and_recorded(daemon: DaemonProcess) -> None:
    daemon.declare("a", 'every = "1s"', script="wait")
    daemon.start()
    until(lambda: any(fire.policy == "skipped_overlap" for fire in daemon.status().fires), "a skipped fire")
    assert len(daemon.log("begin")) == 1


def test_a_killed_worker_is_replaced_and_its_run_done_again(daemon: DaemonProcess) -> None:
    daemon.declare("a", script="wait")
    daemon.start()
    (run,) = daemon.trigger("a")
    until(lambda: daemon.log("begin"), "the run begins")
    (pid,) = daemon.worker_pids()
    daemon.release()
    os.kill(pid, signal.SIGKILL)
    assert daemon.ended(run.id).state == "done"
    assert daemon.worker_pids() != [pid]
    assert set(daemon.log("begin")) == {run.id}


def test_a_worker_that_kills_itself_loses_no_other_run(daemon: DaemonProcess) -> None:
    daemon.declare("bad", script="crash-once")
    for number in range(5):
        daemon.declare(f"good-{number}")
    daemon.start()
    runs = daemon.trigger("bad", *(f"good-{number}" for number in range(5)))
    assert {daemon.ended(run.id).state for run in runs} == {"done"}


def test_a_run_that_kills_every_worker_is_given_up(daemon: DaemonProcess) -> None:
    daemon.declare("bad", script="crash")
    daemon.start()
    (run,) = daemon.trigger("bad")
    ended = daemon.ended(run.id)
    assert (ended.state, len(daemon.log("begin"))) == ("failed", 3)


def test_a_silent_worker_is_killed_and_its_run_done_again(daemon: DaemonProcess) -> None:
    daemon.overrides["daemon.heartbeat_s"] = 2.0
    daemon.declare("a", script="hang-once")
    daemon.start()
    (run,) = daemon.trigger("a")
    assert daemon.ended(run.id).state == "done"
    assert daemon.log("begin") == [run.id, run.id]


def test_a_killed_supervisor_leaves_no_worker_and_its_runs_go_on_at_the_next_start(daemon: DaemonProcess) -> None:
    daemon.declare("a", script="wait")
    daemon.declare("b", script="wait")
    first = daemon.start()
    runs = daemon.trigger("a", "b")
    until(lambda: len(daemon.log("begin")) == 2, "both runs begin")
    (pid,) = daemon.worker_pids()
    first.kill()
    first.wait()
    until(lambda: len(daemon.log("stopped")) == 2, "the worker notices that it is alone")
    until(lambda: not _exists(pid), "the worker ends")
    daemon.release()
    daemon.start()
    assert {daemon.ended(run.id).state for run in runs} == {"done"}
    assert len(daemon.log("end")) == 2


def test_supervisor_and_worker_killed_together_lose_nothing(daemon: DaemonProcess) -> None:
    daemon.declare("a", script="wait")
    first = daemon.start()
    (run,) = daemon.trigger("a")
    until(lambda: daemon.log("begin"), "the run begins")
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
    until(lambda: daemon.log("begin"), "the run begins")
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
    until(lambda: daemon.log("begin"), "the run begins")
    first.send_signal(signal.SIGTERM)
    assert first.wait(20) == 1
    assert daemon.run(run.id).state == "queued"


def test_a_second_sigterm_stops_at_once(daemon: DaemonProcess) -> None:
    daemon.overrides["daemon.stop_s"] = 60.0
    daemon.declare("a", script="ignore-stop")
    first = daemon.start()
    (run,) = daemon.trigger("a")
    until(lambda: daemon.log("begin"), "the run begins")
    first.send_signal(signal.SIGTERM)
    until(lambda: daemon.status().stopping, "the stop begins")
    first.send_signal(signal.SIGTERM)
    assert first.wait(20) == 130
    assert daemon.run(run.id).state == "queued"


def test_a_second_daemon_is_refused_naming_the_first(daemon: DaemonProcess) -> None:
    daemon.declare("a")
    first = daemon.start()
    second = daemon.spawn(stderr=subprocess.PIPE)
    _, said = second.communicate(timeout=20)
    assert second.returncode != 0
    assert f"a daemon runs already on {daemon.state_dir} (pid {first.pid})" in said.decode()
    assert first.poll() is None


def test_a_worker_is_replaced_after_its_number_of_runs(daemon: DaemonProcess) -> None:
    daemon.overrides["daemon.recycle_runs"] = 2
    daemon.declare("a")
    daemon.start()
    (pid,) = daemon.worker_pids()
    for _ in range(2):
        (run,) = daemon.trigger("a")
        daemon.ended(run.id)
    until(lambda: pid not in daemon.worker_pids(), "the worker is replaced")
    (run,) = daemon.trigger("a")
    assert daemon.ended(run.id).state == "done"


def test_runs_spread_over_workers_by_lane(daemon: DaemonProcess) -> None:
    daemon.overrides["daemon.workers"] = 2
    names = [f"s{number}" for number in range(6)]
    for name in names:
        daemon.declare(name)
    daemon.start()
    runs = daemon.trigger(*names)
    assert {daemon.ended(run.id).state for run in runs} == {"done"}
    assert len(daemon.log("begin")) == 6


def test_a_new_declaration_is_followed_and_a_wrong_one_is_told(daemon: DaemonProcess) -> None:
    daemon.declare("a")
    process = daemon.start()
    daemon.declare("b")
    process.send_signal(signal.SIGHUP)
    until(lambda: {site.name for site in daemon.status().sites} == {"a", "b"}, "b is followed")
    (daemon.seeds / "c.toml").write_text("title = 3")
    process.send_signal(signal.SIGHUP)
    said = until(lambda: daemon.status().seeds_error, "the mistake is told")
    assert "c.toml" in said
    (run,) = daemon.trigger("a")
    assert daemon.ended(run.id).state == "done"


def test_a_change_in_the_seeds_folder_is_noticed(daemon: DaemonProcess) -> None:
    daemon.declare("a")
    daemon.start()
    daemon.declare("b")
    until(lambda: len(daemon.status().sites) == 2, "b is followed")


@pytest.mark.parametrize(
    ("script", "reason"), [("bug", "internal error: ZeroDivisionError()"), ("store-down", "the store does not answer; look at it")]
)
def test_a_failed_run_says_why_and_harms_no_other(daemon: DaemonProcess, script: str, reason: str) -> None:
    daemon.declare("bad", script=script)
    daemon.declare("good")
    daemon.start()
    bad, good = (run.id for run in daemon.trigger("bad", "good"))
    ended = daemon.ended(bad)
    assert (ended.state, ended.reason) == ("failed", reason)
    assert daemon.ended(good).state == "done"
    assert set(daemon.log("begin")) == {bad, good}


def test_a_trigger_while_the_site_is_crawled_returns_that_run(daemon: DaemonProcess) -> None:
    daemon.declare("a", script="wait")
    daemon.start()
    assert daemon.trigger("a")[0].id == daemon.trigger("a")[0].id


def test_a_url_is_crawled_as_its_site(daemon: DaemonProcess) -> None:
    daemon.declare("a")
    daemon.start()
    (of_site,) = daemon.trigger("http://a.example/story")
    (other,) = daemon.trigger("http://elsewhere.example/story")
    assert (of_site.site, of_site.targets) == ("a", ("http://a.example/story",))
    assert daemon.ended(of_site.id).state == "done"
    assert daemon.ended(other.id).state == "done"


def test_an_unknown_site_is_refused_with_the_nearest_name(daemon: DaemonProcess) -> None:
    daemon.declare("guardian")
    daemon.start()
    with pytest.raises(UsageError, match="no site named 'gardian'; did you mean guardian"):
        daemon.trigger("gardian")
    with pytest.raises(UsageError, match="no site named 'gardian'"):
        daemon.set_paused("gardian", True)


def test_a_paused_site_does_not_fire_until_resumed(daemon: DaemonProcess) -> None:
    daemon.declare("a", 'every = "1s"')
    daemon.declare("tick", 'every = "1s"')
    daemon.start()
    assert daemon.set_paused("a", True)
    before = daemon.log("begin")
    of_a = sum("-a-" in run for run in before)
    until(lambda: sum("-tick-" in run for run in daemon.log("end")) >= 3, "others go on")
    assert sum("-a-" in run for run in daemon.log("begin")) <= of_a + 1  # what was queued already
    (paused,) = [site for site in daemon.status().sites if site.name == "a"]
    assert paused.paused_at is not None
    assert paused.next_fire_at is None
    seen = sum("-a-" in run for run in daemon.log("begin"))
    assert daemon.set_paused("a", False)
    until(lambda: sum("-a-" in run for run in daemon.log("begin")) > seen, "it fires again")


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
