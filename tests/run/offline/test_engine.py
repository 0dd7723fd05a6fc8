"""Processes of this machine: nothing that ends one ends the work, and nothing is left behind."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections import deque
from functools import partial
from pathlib import Path

import pytest

from crawler.run.offline.engine import Done, GaveUp, Local
from tests.run.offline import units


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def gone(pids: list[int]) -> bool:
    until = time.monotonic() + 30
    while any(map(alive, pids)) and time.monotonic() < until:
        time.sleep(0.05)
    return not any(map(alive, pids))


def test_each_shard_comes_back_once_with_what_its_unit_returned():
    found = sorted(Local(2).map(units.double, range(8)))
    assert found == [(number, 2 * number) for number in range(8)]


def test_what_is_added_while_the_work_is_followed_is_done_too():
    work = deque([1, 2])
    seen = []
    for done in Local(1).map(units.double, work):
        seen.append(done)
        if done.shard == 1:
            work.appendleft(9)
    assert sorted(seen) == [Done(1, 2), Done(2, 4), Done(9, 18)]


def test_nothing_to_do_starts_no_process():
    assert list(Local(2).map(units.double, [])) == []


def test_what_a_unit_raises_ends_the_work_and_is_raised():
    with pytest.raises(ValueError, match="cannot be done"):
        list(Local(1).map(units.fail, [1, 2]))


def test_a_process_that_ends_costs_nothing_but_time(tmp_path):
    found = sorted(Local(2).map(partial(units.die_once, tmp_path), range(4)))
    assert found == [(number, number) for number in range(4)]


def test_what_was_under_way_when_a_process_ended_is_done_again_with_care():
    found = dict(Local(1).map(units.die_at_seven, [6, 7, 8], again=units.careful))
    assert found == {6: 6, 7: -7, 8: 8}


def test_a_shard_that_ends_every_process_is_given_up_by_name_and_the_rest_is_done():
    found = dict(Local(2).map(units.die_at_seven, range(5, 10)))
    assert isinstance(found.pop(7), GaveUp)
    assert found == {5: 5, 6: 6, 8: 8, 9: 9}


WORK = """
import sys
from functools import partial
from pathlib import Path
from crawler.run.offline.engine import Local
from tests.run.offline import units
if __name__ == "__main__":
    list(Local(2).map(partial(units.wait_long, Path(sys.argv[1])), [0, 1, 2]))
"""


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_no_process_outlives_the_one_that_began_it(tmp_path, how):
    parent = subprocess.Popen([sys.executable, "-c", WORK, str(tmp_path)], stderr=subprocess.DEVNULL)
    until = time.monotonic() + 60
    while len(list(tmp_path.iterdir())) < 2 and time.monotonic() < until:
        time.sleep(0.05)
    parent.send_signal(how)
    assert parent.wait(30) != 0
    assert gone([int(path.name.partition("-")[2]) for path in tmp_path.iterdir()])
