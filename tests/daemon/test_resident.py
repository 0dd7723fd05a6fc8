"""What a running daemon does, seen from outside; the tests share one, each has sites of its own."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from crawler.errors import UsageError

if TYPE_CHECKING:
    from conftest import DaemonProcess


def test_a_triggered_run_is_carried_out(resident: DaemonProcess) -> None:
    resident.follow("triggered", script="partial")
    (run,) = resident.trigger("triggered")
    ended = resident.ended(run.id)
    assert (ended.state, ended.reason, ended.trigger) == ("partial", "as told", "manual")
    assert resident.log("begin", "triggered") == resident.log("end", "triggered") == [run.id]


def test_a_schedule_fires_and_each_fire_has_one_run(resident: DaemonProcess) -> None:
    resident.follow("ticking", 'every = "1s"')
    resident.until(lambda: len(resident.log("end", "ticking")) >= 2, "two runs by the schedule")
    with resident.state() as state:
        runs = state.runs("ticking")
        fires = state.fires("ticking")
    assert len({run.scheduled_at for run in runs}) == len(runs) >= 2
    assert {run.trigger for run in runs} == {"schedule"}
    assert {fire.run for fire in fires if fire.policy == "ran"} <= {run.id for run in runs}
    resident.set_paused("ticking", True)


def test_a_fire_during_a_run_is_skipped_and_recorded(resident: DaemonProcess) -> None:
    resident.follow("slow", 'every = "1s"', script="wait")
    resident.until(
        lambda: any((f.site, f.policy) == ("slow", "skipped_overlap") for f in resident.status().fires),
        "a skipped fire",
    )
    assert len(resident.log("begin", "slow")) == 1
    resident.set_paused("slow", True)


def test_a_paused_site_does_not_fire_until_resumed(resident: DaemonProcess) -> None:
    resident.follow("paused", 'every = "1s"')
    resident.follow("tick", 'every = "1s"')
    assert resident.set_paused("paused", True)
    assert not resident.set_paused("paused", True)
    (view,) = (site for site in resident.status().sites if site.name == "paused")
    assert view.paused_at is not None
    assert view.next_fire_at is None
    with resident.state() as state:
        before = state.fires("paused")
    ticks = len(resident.log("end", "tick"))
    resident.until(lambda: len(resident.log("end", "tick")) >= ticks + 2, "others go on")
    with resident.state() as state:
        assert state.fires("paused") == before
    assert resident.set_paused("paused", False)
    resident.until(lambda: resident.status().fires[0].site == "paused", "it fires again")
    resident.set_paused("paused", True)
    resident.set_paused("tick", True)


def test_runs_of_many_sites_are_each_done_once(resident: DaemonProcess) -> None:
    names = [f"many-{number}" for number in range(6)]
    for name in names:
        resident.declare(name)
    resident.follow(names[0])
    runs = resident.trigger(*names)
    assert {resident.ended(run.id).state for run in runs} == {"done"}
    assert all(len(resident.log("begin", name)) == 1 for name in names)


def test_a_trigger_while_the_site_is_crawled_returns_that_run(resident: DaemonProcess) -> None:
    resident.follow("busy", script="wait")
    assert resident.trigger("busy")[0].id == resident.trigger("busy")[0].id


def test_a_url_is_crawled_as_its_site_or_as_one_of_its_own(resident: DaemonProcess) -> None:
    resident.follow("known")
    (of_site,) = resident.trigger("http://known.example/story")
    (other,) = resident.trigger("http://elsewhere.example/story")
    assert (of_site.site, of_site.targets) == ("known", ("http://known.example/story",))
    assert resident.ended(of_site.id).state == "done"
    assert resident.ended(other.id).state == "done"


def test_an_unknown_site_is_refused_with_the_nearest_name(resident: DaemonProcess) -> None:
    resident.follow("guardian")
    with pytest.raises(UsageError, match="no site named 'gardian'; did you mean guardian"):
        resident.trigger("gardian")
    with pytest.raises(UsageError, match="no site named 'gardian'"):
        resident.set_paused("gardian", True)


@pytest.mark.parametrize(
    ("script", "reason"),
    [("bug", "internal error: ZeroDivisionError()"), ("store-down", "the store does not answer; look at it")],
)
def test_a_failed_run_says_why_and_harms_no_other(resident: DaemonProcess, script: str, reason: str) -> None:
    resident.follow(f"bad-{script}", script=script)
    resident.follow(f"good-{script}")
    bad, good = (run.id for run in resident.trigger(f"bad-{script}", f"good-{script}"))
    ended = resident.ended(bad)
    assert (ended.state, ended.reason) == ("failed", reason)
    assert resident.ended(good).state == "done"


def test_wrong_declarations_are_told_and_those_in_force_stay(resident: DaemonProcess) -> None:
    resident.follow("sound")
    wrong = resident.seeds / "wrong.toml"
    wrong.write_text("title = 3")
    resident.processes[-1].send_signal(signal.SIGHUP)
    said = resident.until(lambda: resident.status().seeds_error, "the mistake is told")
    assert "wrong.toml" in said
    (run,) = resident.trigger("sound")
    assert resident.ended(run.id).state == "done"
    wrong.unlink()
    resident.until(lambda: resident.status().seeds_error is None, "the correction is noticed without a signal")


def test_a_killed_worker_is_replaced_and_its_run_done_again(resident: DaemonProcess) -> None:
    resident.follow("killed", script="wait")
    (run,) = resident.trigger("killed")
    resident.until(lambda: resident.log("begin", "killed"), "the run begins")
    (pid,) = (worker.pid for worker in resident.status().workers if run.id in worker.active)
    resident.release()
    os.kill(pid, signal.SIGKILL)
    assert resident.ended(run.id).state == "done"
    resident.until(lambda: len(resident.worker_pids()) == 2, "it is replaced")
    assert pid not in resident.worker_pids()


def test_a_run_that_kills_its_worker_once_is_done_again_and_harms_no_other(resident: DaemonProcess) -> None:
    names = ["crashing", *(f"beside-{number}" for number in range(4))]
    for name in names:
        resident.declare(name, script="crash-once" if name == "crashing" else "")
    resident.follow("crashing", script="crash-once")
    assert {resident.ended(run.id).state for run in resident.trigger(*names)} == {"done"}


def test_a_run_that_kills_every_worker_is_given_up(resident: DaemonProcess) -> None:
    resident.follow("deadly", script="crash")
    (run,) = resident.trigger("deadly")
    assert resident.ended(run.id).state == "failed"
    assert len(resident.log("begin", "deadly")) == 3
