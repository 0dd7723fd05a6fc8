"""``warraq alarms``: what is wrong now comes first, and the exit code tells a monitor."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.clock import SystemClock
from crawler.config import StateSettings
from crawler.daemon.instance import socket_path
from crawler.state import State, open_state


def state(folder: Path) -> State:
    return open_state(StateSettings(dir=str(folder / "state")), clock=SystemClock())


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[None]:
    """As if a daemon took connections."""
    (tmp_path / "state").mkdir(exist_ok=True)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(socket_path(tmp_path / "state")))
        listening.listen()
        yield


def test_open_alarms_come_first_and_a_critical_one_is_exit_code_1(warraq, tmp_path):
    with state(tmp_path) as opened:
        opened.see_alarm("dead_feed", "warning", "gazette", "no feed")
        opened.clear_alarm(opened.open_alarms()[0].id)
        opened.see_alarm("store", "critical", None, "a file waits")
    ran = warraq("alarms")
    assert ran.code == 1
    first, second = ran.out.splitlines()[1:3]
    assert first.split()[:2] == ["critical", "store"]
    assert second.split()[:3] == ["over", "dead_feed", "gazette"]


@pytest.mark.usefixtures("watched")
def test_json_is_a_line_for_each(warraq, tmp_path):
    with state(tmp_path) as opened:
        opened.see_alarm("few_articles", "warning", "gazette", "too few")
    ran = warraq("alarms", "--json")
    assert ran.code == 0
    (line,) = ran.out.splitlines()
    assert {key: json.loads(line)[key] for key in ("kind", "site", "cleared_at")} == {
        "kind": "few_articles", "site": "gazette", "cleared_at": None,
    }  # fmt: skip


@pytest.mark.usefixtures("watched")
def test_no_alarms_are_said_and_a_folder_without_state_is_an_error(warraq, tmp_path):
    assert warraq("alarms").code == 1
    with state(tmp_path):
        pass
    ran = warraq("alarms")
    assert (ran.code, ran.out) == (0, "no alarms\n")


def test_without_a_daemon_nobody_watches_and_that_is_said(warraq, tmp_path):
    with state(tmp_path) as opened:
        pass
    ran = warraq("alarms")
    assert (ran.code, ran.out) == (1, "")
    assert "no daemon runs on state: nobody looks for trouble; start it with `warraq daemon`" in ran.err
    with state(tmp_path) as opened:
        opened.see_alarm("dead_feed", "warning", "gazette", "no feed")
    ran = warraq("alarms")
    assert (ran.code, "dead_feed" in ran.out) == (1, True)
    assert "what is listed is what the last one saw" in ran.err
