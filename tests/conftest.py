"""Fixtures that more than one test module uses, and what lets the suite run in several processes at once."""

from __future__ import annotations

import gc
import os
import re
import signal
import sys
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.forking import REAL_STARTS, fork_programs

pytest_plugins = ["tests.swift"]

if (
    signal.getsignal(signal.SIGINT) is signal.SIG_IGN
):  # begun in the background, where whatever it starts would ignore it, too
    signal.signal(signal.SIGINT, signal.default_int_handler)

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False  # else each of the hundreds of processes that are started compiles all that it imports

_MEMORY = Path("/dev/shm")
_ROOM_BYTES = 4 << 30
"""Of a test's folders those of the ones that failed stay, so the suite needs a part of this at a time."""


def _has_room(place: Path) -> bool:
    """Tell whether `place` is in memory, programs in it may be run, and it has room, as the machine has."""
    try:
        mounts = [line.split() for line in Path("/proc/mounts").read_text().splitlines()]
        free = re.search(r"^MemAvailable:\s+(\d+) kB$", Path("/proc/meminfo").read_text(), re.MULTILINE)
        disk = os.statvfs(place)
    except OSError:
        return False
    left = min(disk.f_bavail * disk.f_frsize, int(free[1]) << 10 if free is not None else 0)
    kinds = [words[2] for words in mounts if words[1] == str(place)]
    runs = not disk.f_flag & os.ST_NOEXEC and os.access(place, os.W_OK | os.X_OK)
    return kinds[-1:] == ["tmpfs"] and runs and left >= _ROOM_BYTES


if "WARRAQ_ROOTS" not in os.environ and _has_room(_MEMORY):
    # what is tested waits for the disk hundreds of thousands of times, which shows nothing that a kill would not show
    # (power cuts are played: tests/archive/write/test_power_cut.py); PYTEST_DEBUG_TEMPROOT=/tmp has them on disk
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_MEMORY))

settings.register_profile("warraq", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("warraq")  # how long a machine takes is no property of what is tested

_SHARED = {"swift": "swift", "archive": "page", "chromium": "page", "resident": "resident", "demo": "playback"}
"""What takes long to start, and the group of tests that share it: one process runs them all."""

_BY_MODULE = frozenset({"crawl_once"})
"""What is kept from one test of a module to the next: one process runs them all, or each would make it anew."""

_SLOW = (
    "archive/check/", "archive/store/", "archive/write/", "archive/test_crash", "archive/test_export",
    "archive/test_profiles",
    "archive/test_pywb", "capture/", "cli/", "daemon/page/", "daemon/test_", "demo/", "install/",
    "parse/discover/test_sitemap",
    "parse/page/test_tree", "parse/test_article", "parse/test_batch", "parse/test_compiled", "run/",
    "state/test_browse", "test_forking",
)  # fmt: skip
"""Where tests run whole programs, servers or processes, or read hundreds of megabytes: together 95 of 100 seconds
(`make test` with ``--durations=0`` tells). Elsewhere a test that takes seconds has the mark itself."""


_FIRST = ("test_documented_", "test_on_ray")
"""Files of which a test takes minutes: begun at the end, one would leave the other workers idle."""


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name bytes that are no text by their argument: a gzip body has the time in it, and workers compare names."""
    return None if not isinstance(val, bytes) or (val.isascii() and val.decode().isprintable()) else argname


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if item.path.relative_to(here).as_posix().startswith(_SLOW):
            item.add_marker(pytest.mark.slow)
        names = frozenset(getattr(item, "fixturenames", ()))
        groups = {_SHARED[name] for name in names if name in _SHARED}
        groups |= {"swift"} if item.get_closest_marker("swift") is not None else set()
        if not groups and names & _BY_MODULE:
            groups = {item.path.relative_to(here).as_posix()}
        if groups:
            item.add_marker(pytest.mark.xdist_group(min(groups)))
    items.sort(key=lambda item: not item.path.name.startswith(_FIRST))


def pytest_collection_finish() -> None:
    """Set aside what was collected: thousands of objects that no later search for garbage has to go through.

    Hypothesis makes its random numbers before: it looks for who holds them, and finds nobody among what is set aside.
    """
    given(st.none())(lambda _: None)()
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="module", autouse=True)
def _forked_programs(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fork parse processes and workers where their start is not what is tested."""
    here = request.path.relative_to(Path(__file__).parent).as_posix()
    with pytest.MonkeyPatch.context() as patch:
        if not here.startswith(REAL_STARTS):
            fork_programs(patch.setattr)
        yield


_MAY_BE_SKIPPED: frozenset[str] = frozenset()
"""Reasons that CI takes for a skip: it installs all that a test asks for, so there is none."""


def _proven(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Turn what was skipped into a failure where everything is to be proven."""
    if not os.environ.get("CI") or report.outcome != "skipped" or hasattr(report, "wasxfail"):
        return
    reason = str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr)
    if reason.removeprefix("Skipped: ") not in _MAY_BE_SKIPPED:
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid}: CI skips nothing. {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _proven(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _proven(report)
    return report
