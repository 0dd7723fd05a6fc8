"""Commands and parse processes of the tests, forked from one process that has imported what they need.

A fresh interpreter works half a second on imports before it does anything, and the suite starts hundreds. What is
forked runs the same code with its own folder, environment, streams and end. What a start itself does is left to the
tests that start an interpreter (`REAL_STARTS`). Under coverage nothing is forked: it would not be counted.
"""

from __future__ import annotations

__all__ = ["REAL_STARTS", "fork_commands", "fork_programs", "main"]

import asyncio
import contextlib
import gc
import importlib
import os
import runpy
import selectors
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from crawler.parse import read_page

REAL_STARTS = ("run/parsing/", "parse/", "daemon/", "archive/test_crash")
"""Where tests ask what the start of a parse process does, or what it weighs."""

_ROOT = Path(__file__).parents[1]
_PLACE = "WARRAQ_TESTS_FORKS"
"""Names the socket of the process that forks, for what it has forked."""
_COMMAND = "crawler"
_PROGRAMS = ("crawler.run.parsing.process", "crawler.daemon.worker")
_FD = "fd:"
"""Begins what stands among arguments for the number of a file that was handed over."""
_IMPORTED = (
    *_PROGRAMS, "crawler.cli.crawl", "crawler.cli.replay", "crawler.cli.daemon", "crawler.cli.config",
    "crawler.cli.report", "crawler.daemon.page.server", "spiders.news", "boto3", "pyarrow",
)  # fmt: skip
_PAGE = b"<html><body><article><h1>A bridge</h1><p>" + b"The council met on Monday. " * 20 + b"</p></article></body>"
_CONNECT = socket.socket.connect
"""Kept: tests that forbid the network do not mean this."""
_WORD = struct.Struct("!i")
"""What goes over a link: the length of an order; then the pid of what was forked, and how it ended."""
_CLIENT = """#!{python} -IS
import array, os, signal, socket, struct, sys
link = socket.socket(socket.AF_UNIX)
link.connect(os.environ["{place}"])
order = b"\\0".join(map(os.fsencode, ["{module}", "", os.getcwd(), str(len(sys.argv) - 1), *sys.argv[1:],
                                      *map("=".join, os.environ.items())]))
link.sendmsg([struct.pack("!i", len(order))],
             [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0, 1, 2]))])
link.sendall(order)
pid, = struct.unpack("!i", link.recv(4))
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
    signal.signal(number, lambda number, _: os.kill(pid, number))
ended, = struct.unpack("!i", link.recv(4))
if ended < 0:
    signal.signal(-ended, signal.SIG_DFL)
    os.kill(os.getpid(), -ended)
os._exit(ended)
"""


def fork_commands(folder: Path) -> dict[str, str]:
    """Make a ``warraq`` in `folder`; return what the environment needs for it."""
    if _counted():
        return {}
    program = folder / "warraq"
    program.write_text(_CLIENT.format(python=sys.executable, place=_PLACE, module=_COMMAND))
    program.chmod(0o755)
    return {_PLACE: _place()}


def fork_programs(patch: Callable[..., object] = setattr) -> None:
    """Have the parse processes and workers that this process starts forked; `patch` is what sets the attribute."""
    if _counted():
        return
    real = asyncio.create_subprocess_exec

    async def start(*words: Any, **streams: Any) -> _Forked | asyncio.subprocess.Process:
        module = next(iter(words[words.index("-m") + 1 :]), "") if "-m" in words else ""
        if module not in _PROGRAMS or words[0] != sys.executable:
            return await real(*words, **streams)
        return await _Forked.start(module, words[words.index(module) + 1 :], **streams)

    patch(asyncio, "create_subprocess_exec", start)


class _Forked:
    """What was forked, as asyncio has a process that it started: with pipes to it and from it, in a session of its
    own."""

    stdin: asyncio.StreamWriter | None = None
    stdout: asyncio.StreamReader | None = None

    def __init__(self, link: socket.socket, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._link = link
        self._source: asyncio.ReadTransport | None = None
        self._end = asyncio.create_task(self._ended())

    @classmethod
    async def start(
        cls, module: str, argv: Sequence[str], *, stdin: int, stdout: int, start_new_session: bool,
        pass_fds: Sequence[int] = (),
    ) -> _Forked:  # fmt: skip
        assert start_new_session
        loop = asyncio.get_running_loop()
        with contextlib.ExitStack() as theirs:
            ours = our_out = None
            if stdin == asyncio.subprocess.PIPE:
                ours, there = socket.socketpair()
                stdin = theirs.enter_context(there).fileno()
            else:
                stdin = os.open(os.devnull, os.O_RDONLY)
                theirs.callback(os.close, stdin)
            if stdout == asyncio.subprocess.PIPE:
                our_out, stdout = os.pipe()
                theirs.callback(os.close, stdout)
            link = socket.socket(socket.AF_UNIX)
            _CONNECT(link, _place())
            numbered = [f"{_FD}{pass_fds.index(int(word))}" if word in map(str, pass_fds) else word for word in argv]
            environ = [f"{name}={value}" for name, value in os.environ.items()]
            words = [module, "session", os.getcwd(), str(len(numbered)), *numbered, *environ]
            order = b"\0".join(map(os.fsencode, words))
            socket.send_fds(link, [_WORD.pack(len(order))], [stdin, stdout, 2, *pass_fds])
            link.sendall(order)
        link.setblocking(False)
        forked = cls(link, await _received(link))
        if our_out is not None:
            reader = forked.stdout = asyncio.StreamReader()
            forked._source, _ = await loop.connect_read_pipe(
                lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(our_out, "rb", buffering=0)
            )
        if ours is not None:
            _, forked.stdin = await asyncio.open_connection(sock=ours)
        return forked

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)

    async def wait(self) -> int:
        return await asyncio.shield(self._end)

    async def _ended(self) -> int:
        with self._link:
            self.returncode = await _received(self._link)
        if self._source is not None:
            self._source.close()
        return self.returncode


async def _received(link: socket.socket) -> int:
    number: int = _WORD.unpack(await asyncio.get_running_loop().sock_recv(link, _WORD.size))[0]
    return number


def _counted() -> bool:
    return "coverage" in sys.modules


@cache
def _place() -> str:
    """Return where the process that forks listens; begun by the first who asks, it ends with this process."""
    if found := os.environ.get(_PLACE):
        return found
    place = f"{tempfile.mkdtemp(prefix='warraq-forks-')}/socket"
    program = f"from tests.forking import main; main({place!r})"
    forker = subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        start_new_session=True, env={**os.environ, "PYTHONPATH": str(_ROOT), _PLACE: place},
    )  # fmt: skip
    assert forker.stdout is not None
    assert forker.stdout.read(1) == b"!"
    _begun.append(forker)
    return place


_begun: list[subprocess.Popen[bytes]] = []


def _serve(place: str) -> tuple[str, list[str]] | None:
    """Fork for whoever asks at `place` until stdin ends: None. In what was forked, return module and arguments."""
    for module in _IMPORTED:
        importlib.import_module(module)
    for module in _PROGRAMS:  # what is run is not what was imported, as with ``python -m``
        del sys.modules[module]
    read_page(_PAGE, "https://news.example/a-bridge")  # what the parser loads for its first page
    gc.collect()
    gc.freeze()
    woken, wake = socket.socketpair()
    for end in (woken, wake):
        end.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)
    links: dict[int, socket.socket] = {}
    with selectors.PollSelector() as ready, socket.socket(socket.AF_UNIX) as door:
        door.bind(place)
        door.listen(128)
        for source in (door, woken, sys.stdin):
            ready.register(source, selectors.EVENT_READ)
        os.write(1, b"!")
        while True:
            for key, _ in ready.select():
                if key.fileobj is sys.stdin:
                    for pid in links:
                        os.kill(pid, signal.SIGKILL)
                    return None
                if key.fileobj is woken:
                    woken.recv(4096)
                    _tell_ends(links, ready)
                elif key.fileobj is door:
                    link = door.accept()[0]
                    pid, order = _forked(link)
                    if not pid:
                        signal.set_wakeup_fd(-1)
                        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                        for other in (woken, wake, *links.values()):
                            other.close()
                        return order
                    links[pid] = link
                    ready.register(link, selectors.EVENT_READ, pid)
                elif key.data in links:  # who asked is gone
                    ready.unregister(key.fileobj)
                    os.kill(key.data, signal.SIGKILL)


def _tell_ends(links: dict[int, socket.socket], ready: selectors.BaseSelector) -> None:
    with contextlib.suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            link = links.pop(ended[0])
            with contextlib.suppress(KeyError):
                ready.unregister(link)
            with contextlib.suppress(OSError), link:
                link.sendall(_WORD.pack(os.waitstatus_to_exitcode(ended[1])))


def _forked(link: socket.socket) -> tuple[int, tuple[str, list[str]]]:
    """Fork for who asks over `link`: return the pid and nothing, or, in what was forked, 0 and module and arguments."""
    size, streams, *_ = socket.recv_fds(link, _WORD.size, 8)
    order = b""
    while len(order) < _WORD.unpack(size)[0]:
        order += link.recv(1 << 20)
    pid = os.fork()
    if pid:
        for stream in streams:
            os.close(stream)
        link.sendall(_WORD.pack(pid))
        return pid, ("", [])
    link.close()
    for number, stream in enumerate(streams[:3]):
        os.dup2(stream, number)
        os.close(stream)
    module, session, folder, count, *rest = map(os.fsdecode, order.split(b"\0"))
    if session:
        os.setsid()
    os.chdir(folder)
    argv = [
        str(streams[3 + int(word.removeprefix(_FD))]) if word.startswith(_FD) else word for word in rest[: int(count)]
    ]
    environ = rest[int(count) :]
    os.environ.clear()
    os.environ.update(pair.split("=", 1) for pair in environ)
    time.tzset()
    inherited = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    sys.path[:0] = [place for place in inherited if place and place not in sys.path]
    return 0, (module, argv)


def main(place: str) -> None:
    """Be the process that forks; and what it forked."""
    asked = _serve(place)
    if asked is None:
        shutil.rmtree(Path(place).parent)
        return
    module, sys.argv[1:] = asked
    fork_programs()
    runpy.run_module(module, run_name="__main__", alter_sys=True)
