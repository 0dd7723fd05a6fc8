"""What this machine can tell of the life of a process: of its own certainly, of others nothing."""

from __future__ import annotations

import os
import subprocess
import sys

from crawler.state.owner import lives_here, owner


def elsewhere(name: str) -> str:
    """The same name as a process of another machine would have it."""
    label, _, rest = name.partition("@")
    return f"{label}@other~{rest}"


def test_an_owner_lives_as_long_as_its_process() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    name = owner("w", child.pid)
    assert lives_here(name) is True
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # a zombie is dead, too
    assert lives_here(name) is False
    child.communicate()
    assert lives_here(name) is False


def test_a_later_process_with_the_same_pid_is_another_owner() -> None:
    name = owner("w")
    assert lives_here(name) is True
    assert lives_here(f"{name}0") is False


def test_of_a_process_elsewhere_nothing_can_be_told_whatever_has_its_pid_here() -> None:
    assert lives_here(elsewhere(owner("w"))) is None
    assert lives_here(elsewhere("w@:1999999999:gone")) is None


def test_a_name_without_a_host_is_judged_as_one_of_here() -> None:
    _, _, process = owner("w").partition(":")
    assert lives_here(f"w:{process}") is True
    assert lives_here(f"w:{os.getpid()}:another-boot") is False
    assert lives_here("nonsense") is False


def test_names_of_one_process_differ_by_label_alone() -> None:
    assert owner("a").removeprefix("a") == owner("b").removeprefix("b")
    assert owner("a").count(":") == 2
