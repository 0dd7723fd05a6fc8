"""Would the tests notice? One place of a module is changed, its tests are run, and nobody objects: a test is missing.

    python scripts/mutants.py [--each 7] [--seed 1] [--timeout 30] [--only TEXT] [MODULE...]

MODULE: paths (``crawler/archive/write/seal.py``) or patterns; without one, those that keep the evidence (`EVIDENCE`).
Of each, `--each` places are drawn by `--seed` and changed one at a time, in a copy of the tree: a call left out, a
comparison, a condition or a constant turned round, a value not returned, an error not raised. The tests are those that
`tests/test_modules.py` has for the module, and those in `BESIDE`; of them those run that reach the changed line or
start a process of their own, the quickest first. A change that makes them fail, or take several times as long and more
than `--timeout`, is noticed. Told are the changes nobody noticed; those which change nothing that anybody could notice
stand, with the reason, in scripts/equivalent_mutants.txt and do not count.

`--only TEXT` takes all places, not a sample, whose line holds TEXT: ``--only fsync`` leaves out each fsync in turn.
"""

from __future__ import annotations

import argparse
import ast
import copy
import os
import pickle
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from fnmatch import fnmatch
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import NamedTuple, NoReturn

import pytest
from coverage import Coverage

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.test_modules import ELSEWHERE, test_of  # noqa: E402 - found by the line above

EVIDENCE = (
    "crawler/archive/articles/staging.py",
    "crawler/archive/check/groups.py",
    "crawler/archive/check/manifest.py",
    "crawler/archive/check/own_exchange.py",
    "crawler/archive/check/spool.py",
    "crawler/archive/check/verify.py",
    "crawler/archive/files.py",
    "crawler/archive/read/cdxj.py",
    "crawler/archive/read/records.py",
    "crawler/archive/read/stream.py",
    "crawler/archive/run_ends.py",
    "crawler/archive/store/folder.py",
    "crawler/archive/write/open_warc.py",
    "crawler/archive/write/records.py",
    "crawler/archive/write/seal.py",
    "crawler/archive/write/ship.py",
    "crawler/archive/write/spool.py",
    "crawler/archive/write/spool_folder.py",
    "crawler/run/live/outbox.py",
    "crawler/run/live/recovery.py",
    "crawler/run/lock.py",
    "crawler/state/captures.py",
    "crawler/state/ledger.py",
    "crawler/state/runs.py",
    "crawler/state/sqlite.py",
)
BESIDE = {
    "crawler/archive/articles/staging.py": ("archive/write/test_power_cut.py", "run/live/test_outbox.py"),
    "crawler/archive/files.py": ("archive/write/test_power_cut.py", "archive/store/test_folder.py"),
    "crawler/archive/store/folder.py": ("archive/store/test_base.py", "archive/write/test_power_cut.py"),
    "crawler/archive/write/*.py": (
        "archive/write/test_power_cut.py",
        "archive/write/test_spool.py",
        "archive/write/test_seal.py",
    ),
    "crawler/archive/write/spool_folder.py": ("archive/check/test_spool.py",),
    "crawler/archive/check/groups.py": ("archive/check/test_own_exchange.py",),
    "crawler/archive/check/verify.py": (
        "archive/check/test_groups.py",
        "archive/check/test_own_exchange.py",
        "archive/check/test_packages.py",
        "archive/check/test_references.py",
    ),
    "crawler/archive/read/records.py": ("run/offline/test_parts.py",),
    "crawler/archive/read/*.py": ("archive/read/test_captures.py", "archive/check/test_verify.py"),
    "crawler/archive/write/spool.py": ("archive/write/test_ship.py",),
    "crawler/state/ledger.py": ("model/test_frontier.py",),
    "crawler/state/sqlite.py": ("state/test_soon.py",),
}
"""Tests that a module's own ones do not hold."""
_OURS = ("crawler", "spiders", "tests", "conftest", "__main__")
_COSTLY = (
    "aiohttp",
    "apscheduler",
    "boto3",
    "botocore",
    "cryptography",
    "isal",
    "jinja2",
    "lxml",
    "msgspec",
    "scrapy",
    "structlog",
    "twisted",
    "urllib3",
    "warcio",
)
"""What others wrote and takes long to import. (pytest's plugins must come with it.)"""
_NOT_COPIED = (".git", ".venv", "build", "data", "state")
"""Of the top folder: no sources."""
_SAYS_NOTHING = "usedforsecurity"
"""An argument that changes no digest."""
KNOWN = ROOT / "scripts" / "equivalent_mutants.txt"
_OPPOSITE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip


class Place(NamedTuple):
    """Where something may be changed."""

    node: int
    """Which of `_nodes`."""
    kind: int
    """Which of `_changed`."""
    line: int


class Mutant(NamedTuple):
    """One changed place."""

    module: str
    line: int
    before: str
    after: str
    source: str
    """Of the whole module."""

    @property
    def name(self) -> str:
        """What it is known by in `KNOWN`: line numbers move."""
        return f"{self.module} | {self.before} | {self.after}"


def mutants(module: str, wanted: Callable[[list[Place]], Iterable[Place]]) -> Iterator[Mutant]:
    """Yield those changes of one place in `module` that `wanted` chooses of all there are."""
    tree = ast.parse((ROOT / module).read_text())
    every = [
        Place(number, kind, node.lineno)
        for number, node in enumerate(_nodes(tree))
        for kind, _ in enumerate(_changed(node))
    ]
    for place in wanted(every):
        other = copy.deepcopy(tree)
        node = list(_nodes(other))[place.node]
        before = ast.unparse(node).splitlines()[0]
        new = list(_changed(node))[place.kind]
        after = "nothing" if isinstance(new, ast.Pass) else ast.unparse(ast.fix_missing_locations(new)).splitlines()[0]
        _replace(other, node, new)
        yield Mutant(module, place.line, before, after, ast.unparse(ast.fix_missing_locations(other)))


def _nodes(tree: ast.AST) -> Iterator[ast.expr | ast.stmt]:
    """Yield the nodes that may be changed: none of annotations, constants of the module, names it exports, what a
    class is made with (mypy looks at that).
    """
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import | ast.ImportFrom | ast.arguments | ast.JoinedStr):
            continue
        if isinstance(node, ast.keyword) and (isinstance(tree, ast.ClassDef) or node.arg == _SAYS_NOTHING):
            continue
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(tree, ast.Module | ast.ClassDef):
            continue
        if isinstance(node, ast.AnnAssign):
            if node.value is not None:
                yield node.value
                yield from _nodes(node.value)
            continue
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue
        if isinstance(node, ast.expr | ast.stmt):
            yield node
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for one in node.body:
                yield from _nodes(ast.Interactive([one]))
        else:
            yield from _nodes(node)


def _changed(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what may stand in the place of `node`."""
    if (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call | ast.Await)) or isinstance(
        node, ast.AugAssign | ast.Raise | ast.Delete
    ):
        yield ast.Pass()
    elif isinstance(node, ast.Compare) and len(node.ops) == 1:
        yield ast.Compare(node.left, [_OPPOSITE[type(node.ops[0])]()], node.comparators)
    elif isinstance(node, ast.BoolOp):
        yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield node.operand
    elif isinstance(node, ast.If | ast.While) and not isinstance(
        node.test, ast.Compare | ast.BoolOp | ast.UnaryOp | ast.Constant
    ):
        yield type(node)(ast.UnaryOp(ast.Not(), node.test), node.body, node.orelse)
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int):
        yield ast.Constant(node.value + 1)
    elif isinstance(node, ast.Return) and node.value is not None and not isinstance(node.value, ast.Constant):
        yield ast.Return(ast.Constant(None))
    elif isinstance(node, ast.Continue):
        yield ast.Break()
    elif isinstance(node, ast.Break):
        yield ast.Continue()
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
        yield ast.BinOp(node.left, ast.Sub() if isinstance(node.op, ast.Add) else ast.Add(), node.right)


def _replace(tree: ast.AST, old: ast.AST, new: ast.AST) -> None:
    for parent in ast.walk(tree):
        for name, value in ast.iter_fields(parent):
            if value is old:
                setattr(parent, name, new)
            elif isinstance(value, list) and any(one is old for one in value):
                value[next(at for at, one in enumerate(value) if one is old)] = new


def tests_of(module: str) -> list[str]:
    """Return the test files of a module."""
    own = test_of(module)
    names = [str(own.relative_to(ROOT))] if own.exists() else []
    names += [
        f"tests/{place}" for pattern, place in ELSEWHERE.items() if not own.exists() and fnmatch(module, pattern)
    ][:1]
    for pattern, more in BESIDE.items():
        names += [f"tests/{place}" for place in more] if fnmatch(module, pattern) else []
    return list(dict.fromkeys(names))


class Reached(NamedTuple):
    """What the tests of a module did when nothing was changed."""

    by_line: dict[int, list[str]]
    """Which tests came to a line of the module."""
    seconds: dict[str, float]
    """How long each of them took."""
    started: list[str]
    """Those that started processes, which may come to any line."""

    def tests(self, line: int) -> list[str]:
        """Return those that may notice a change in `line`, the quickest first; all, where none can be said to reach it.

        A line within a statement is not told of by itself: what comes to the nearest one above comes to it.
        """
        above = [reached for reached in self.by_line if reached <= line]
        chosen = self.by_line[max(above)] if above else []
        if not chosen:
            return sorted(self.seconds, key=self.seconds.__getitem__)
        return sorted({*chosen, *self.started}, key=self.seconds.__getitem__)


class _Watch:
    """A plugin of pytest that learns what `Reached` holds."""

    def __init__(self, module: Path) -> None:
        self._module = str(module)
        self._coverage = Coverage(data_file=None, include=[self._module], config_file=False)
        self._test: str | None = None
        self.seconds: dict[str, float] = {}
        self._started: set[str] = set()
        self._coverage.start()
        sys.addaudithook(self._heard)

    def _heard(self, event: str, _: object) -> None:
        if self._test is not None and event in ("subprocess.Popen", "os.fork", "os.posix_spawn"):
            self._started.add(self._test)

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._test = nodeid
        self._coverage.switch_context(nodeid)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.seconds[report.nodeid] = self.seconds.get(report.nodeid, 0) + report.duration

    def reached(self) -> Reached:
        self._coverage.stop()
        lines = self._coverage.get_data().contexts_by_lineno(self._module)
        by_line = {line: [name for name in names if name in self.seconds] for line, names in lines.items()}
        return Reached(by_line, self.seconds, sorted(self._started))


class Tests:
    """Runs a module's tests in a copy of the tree, each time in a process of its own that is forked from this one."""

    def __init__(self, copied: Path, timeout: float) -> None:
        self._copied = copied
        self._timeout = timeout
        self._learnt = copied.with_name("learnt")
        self.said = copied.with_name("said")
        """What pytest said last."""

    def notice(self, mutant: Mutant, reached: Reached) -> bool:
        """Tell whether they fail, or never end, with the change in the module."""
        path = self._copied / mutant.module
        whole = path.read_text()
        path.write_text(mutant.source)
        tests = reached.tests(mutant.line)
        latest = max(self._timeout, 5 * sum(reached.seconds[test] for test in tests))
        try:
            return self._ended(lambda: self._run(tests), latest) != 0
        finally:
            path.write_text(whole)

    def unchanged(self, module: str) -> Reached | None:
        """Run all tests of `module` as it is; None if they do not pass.

        What they import of others' is imported here for the next ones: most of their time is that.
        """
        self._learnt.unlink(missing_ok=True)
        if self._ended(lambda: self._run(tests_of(module), self._copied / module), 20 * self._timeout) != 0:
            return None
        reached, imported = pickle.loads(self._learnt.read_bytes())  # noqa: S301 - written by the process we started
        for name in imported:
            if name.partition(".")[0] in _COSTLY:
                with suppress(Exception):
                    import_module(name)
        return Reached(*reached)

    def _ended(self, run: Callable[[], NoReturn], timeout: float) -> int | None:
        """Return the exit code of `run` in a process; None: it did not end by itself. Nothing outlives it."""
        latest = time.monotonic() + timeout
        child = os.fork()
        if not child:
            run()
        pid, status = os.waitpid(child, os.WNOHANG)
        while not pid and time.monotonic() < latest:
            time.sleep(0.05)
            pid, status = os.waitpid(child, os.WNOHANG)
        with suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)
        if not pid:
            os.waitpid(child, 0)
        return os.waitstatus_to_exitcode(status) if pid else None

    def _run(self, tests: list[str], module: Path | None = None) -> NoReturn:
        """Run `tests` in this process, and end it; with `module`, write down how they come to its lines."""
        code = 1
        try:
            os.setsid()
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.dup2(os.open(self.said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 1)
            os.dup2(1, 2)
            os.chdir(self._copied)
            os.environ["PYTHONPATH"] = str(self._copied)
            sys.path[:] = [str(self._copied), *(path for path in sys.path if Path(path) != ROOT)]
            sys.dont_write_bytecode = True
            for name in [name for name in sys.modules if name.partition(".")[0] in _OURS]:
                del sys.modules[name]
            sys.modules["__main__"] = ModuleType("__main__")  # who starts a process by spawning it looks there
            watch = _Watch(module) if module else None
            code = pytest.main(["-x", "-k", "not s3", *tests], [watch] if watch else [])
            if watch:
                self._learnt.write_bytes(pickle.dumps((tuple(watch.reached()), sorted(sys.modules))))
            sys.stdout.flush()
        finally:
            os._exit(code)


def known() -> dict[str, str]:
    """Return the reasons why changes are none, by the mutant's name."""
    lines = [line for line in KNOWN.read_text().splitlines() if line and not line.startswith("#")]
    return {name.strip(): why.strip() for name, _, why in (line.rpartition(" | ") for line in lines)}


def drawn(module: str, each: int, seed: int, only: str | None) -> list[Mutant]:
    """Return the changes to try, in the order of the file."""
    lines = (ROOT / module).read_text().splitlines()

    def wanted(places: list[Place]) -> list[Place]:
        if only is not None:
            return [place for place in places if only in lines[place.line - 1]]
        chosen = random.Random(f"{seed} {module}").sample(places, min(each, len(places)))
        return sorted(chosen, key=lambda place: place.line)

    return list(mutants(module, wanted))


def main() -> int:
    """Try them and tell; return 1 if fewer than nine of ten are noticed."""
    reading = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    reading.add_argument("modules", nargs="*", default=EVIDENCE)
    reading.add_argument("--each", type=int, default=7)
    reading.add_argument("--seed", type=int, default=1)
    reading.add_argument("--timeout", type=float, default=30)
    reading.add_argument("--only")
    given = reading.parse_args()
    every = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "crawler").rglob("*.py"))
    modules = [path for path in every if any(fnmatch(path, pattern) for pattern in given.modules)]
    reasons = known()
    tried = noticed = 0
    failed = []
    with tempfile.TemporaryDirectory(prefix="warraq-mutants-") as folder:
        copied = Path(folder) / "tree"
        shutil.copytree(ROOT, copied, ignore=lambda place, _: _NOT_COPIED if Path(place) == ROOT else ())
        tests = Tests(copied, given.timeout)
        for module in modules:
            chosen = drawn(module, given.each, given.seed, given.only)
            if not chosen:
                continue
            reached = tests.unchanged(module)
            if reached is None:
                print(
                    f"{tests.said.read_text()[-2000:]}\n{module}: its tests fail as it is, or take too long", flush=True
                )
                failed.append(module)
                continue
            counted = [one for one in chosen if one.name not in reasons]
            missed = [one for one in counted if not tests.notice(one, reached)]
            tried, noticed = tried + len(counted), noticed + len(counted) - len(missed)
            print(
                f"{module}: {len(counted) - len(missed)} of {len(counted)} noticed, {len(chosen) - len(counted)} "
                "known to change nothing",
                flush=True,
            )
            for one in missed:
                print(f"    {module}:{one.line}: {one.before}  ->  {one.after}", flush=True)
    print(
        f"{noticed} of {tried} noticed ({noticed / max(tried, 1):.0%}), seed {given.seed}; untried: {failed or 'none'}"
    )
    return 0 if noticed >= 0.9 * tried and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
