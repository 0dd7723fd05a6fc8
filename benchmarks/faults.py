"""The store under faults: python benchmarks/faults.py

A process keeps pages, seals, ships and publishes, as in benchmarks/kills.py, into a real S3 server (OpenStack Swift)
behind a proxy that misbehaves in one of the ways of `FAULTS`, at a seeded half of the requests it is meant for. Then on
disks that are full or cannot be written to (a tmpfs for each; needs root), and under a clock that jumps. In the end all
is well again, the next start finishes, and it is judged as there: nothing lost, doubled, unknown to the state, no
litter, nothing that `verify` finds, the state made anew equal. A process may stop with a line that says why; a
traceback is a failure.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

import kills  # noqa: E402 - found by the line above

from crawler.archive.store import open_store  # noqa: E402
from crawler.clock import SystemClock  # noqa: E402
from crawler.config import Config, load  # noqa: E402
from crawler.errors import WarraqError  # noqa: E402
from tests.swift import ACCESS_KEY, REGION, SECRET_KEY, running  # noqa: E402

WRONG = ("lost", "doubled", "unknown", "litter", "verify", "rebuilt", "failed")


class Request(NamedTuple):
    """One request, read whole."""

    head: bytes
    body: bytes

    @property
    def method(self) -> str:
        return self.head.split(b" ", 1)[0].decode()

    def has(self, name: bytes) -> bool:
        return b"\r\n" + name.lower() + b":" in self.head.lower()

    def sent(self) -> bytes:
        return self.head + self.body


Onward = Callable[[bytes], Awaitable[bytes]]
"""Asks the server; returns its whole answer."""
Fault = Callable[[Request, Onward, asyncio.StreamWriter], Awaitable[None]]


def refusal(status: str, code: str) -> Fault:
    async def answered(request: Request, _: Onward, out: asyncio.StreamWriter) -> None:
        xml = f'<?xml version="1.0"?><Error><Code>{code}</Code><Message>no</Message></Error>'.encode()
        xml = b"" if request.method == "HEAD" or not code else xml
        out.write(
            f"HTTP/1.1 {status}\r\nContent-Type: application/xml\r\nContent-Length: {len(xml)}\r\n\r\n".encode() + xml
        )

    return answered


def raw(answer: bytes) -> Fault:
    async def answered(_: Request, __: Onward, out: asyncio.StreamWriter) -> None:
        out.write(answer)
        await out.drain()
        out.close()

    return answered


async def reset(_: Request, __: Onward, out: asyncio.StreamWriter) -> None:
    out.transport.abort()


async def reset_after(request: Request, onward: Onward, out: asyncio.StreamWriter) -> None:
    await onward(request.sent())
    out.transport.abort()


async def half_answer(request: Request, onward: Onward, out: asyncio.StreamWriter) -> None:
    answer = await onward(request.sent())
    out.write(answer[: len(answer) // 2])
    await out.drain()
    out.close()


async def silent(_: Request, __: Onward, ___: asyncio.StreamWriter) -> None:
    await asyncio.sleep(6)


async def silent_after(request: Request, onward: Onward, _: asyncio.StreamWriter) -> None:
    await onward(request.sent())
    await asyncio.sleep(6)


async def slow(request: Request, onward: Onward, out: asyncio.StreamWriter) -> None:
    for byte in await onward(request.sent()):
        out.write(bytes([byte]))
        await out.drain()
        await asyncio.sleep(0.001)


async def late(request: Request, onward: Onward, out: asyncio.StreamWriter) -> None:
    await asyncio.sleep(1.5)
    out.write(await onward(request.sent()))


async def keep_nothing(_: Request, __: Onward, out: asyncio.StreamWriter) -> None:
    out.write(b'HTTP/1.1 200 OK\r\nETag: "0"\r\nContent-Length: 0\r\n\r\n')


def answer_changed(change: Callable[[bytes, bytes], bytes]) -> Fault:
    """Let the server answer, and change head and body of that."""

    async def answered(request: Request, onward: Onward, out: asyncio.StreamWriter) -> None:
        head, gap, body = (await onward(request.sent())).partition(b"\r\n\r\n")
        out.write(change(head + gap, body))

    return answered


def without_etag(head: bytes, body: bytes) -> bytes:
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"etag:")]
    return b"\r\n".join(lines) + body


def wrong_etag(head: bytes, body: bytes) -> bytes:
    lines = [
        b'ETag: "00000000000000000000000000000000"' if line.lower().startswith(b"etag:") else line
        for line in head.split(b"\r\n")
    ]
    return b"\r\n".join(lines) + body


def flipped(head: bytes, body: bytes) -> bytes:
    return head + (
        body[: len(body) // 2] + bytes([body[len(body) // 2] ^ 1]) + body[len(body) // 2 + 1 :] if body else b""
    )


PAGE = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 25\r\n\r\n<html>Log in first</html>"
FAULTS: dict[str, tuple[str, Fault]] = {
    "500": ("any", refusal("500 Internal Server Error", "InternalError")),
    "502 without a body": ("any", refusal("502 Bad Gateway", "")),
    "503 SlowDown": ("any", refusal("503 Service Unavailable", "SlowDown")),
    "504": ("any", refusal("504 Gateway Timeout", "")),
    "429": ("any", refusal("429 Too Many Requests", "TooManyRequests")),
    "409 to a PUT": ("PUT", refusal("409 Conflict", "OperationAborted")),
    "403": ("any", refusal("403 Forbidden", "AccessDenied")),
    "clock is off": ("any", refusal("403 Forbidden", "RequestTimeTooSkewed")),
    "token is over": ("any", refusal("400 Bad Request", "ExpiredToken")),
    "501 to a condition": ("If-None-Match", refusal("501 Not Implemented", "NotImplemented")),
    "400 to a checksum": ("x-amz-checksum-sha256", refusal("400 Bad Request", "InvalidArgument")),
    "no bucket": ("any", refusal("404 Not Found", "NoSuchBucket")),
    "412 to a PUT": ("PUT", refusal("412 Precondition Failed", "PreconditionFailed")),
    "200 that keeps nothing": ("PUT", keep_nothing),
    "reset before": ("any", reset),
    "reset after a PUT": ("PUT", reset_after),
    "half an answer": ("any", half_answer),
    "silence": ("any", silent),
    "silence after a PUT": ("PUT", silent_after),
    "slow": ("any", slow),
    "late": ("any", late),
    "no HTTP": ("any", raw(b"\x15\x03\x01\x00\x02\x02\x28")),
    "a page to log in": ("any", raw(PAGE)),
    "moved": ("any", raw(b"HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n")),
    "wrong ETag": ("any", answer_changed(wrong_etag)),
    "no ETag": ("any", answer_changed(without_etag)),
    "404 to a HEAD": ("HEAD", refusal("404 Not Found", "")),
    "flipped in a GET": ("GET", answer_changed(flipped)),
    "cut GET": ("GET", answer_changed(lambda head, body: head + body[: len(body) // 2])),
    "empty answers": ("GET", raw(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")),
}
ALWAYS = ("501 to a condition", "400 to a checksum", "slow", "wrong ETag", "no ETag")
"""A server that is like this always is one that things are kept in all the same."""


class Proxy:
    """Stands before the store, in a thread of its own; does as `fault` says to a half of what it is meant for."""

    def __init__(self, target: int, chance: random.Random) -> None:
        self.fault: str | None = None
        self.done = 0
        self._target = target
        self._chance = chance
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        starting = asyncio.start_server(self._talk, "127.0.0.1", 0)
        server = asyncio.run_coroutine_threadsafe(starting, self._loop).result(30)
        self.port = server.sockets[0].getsockname()[1]

    async def _talk(self, reader: asyncio.StreamReader, out: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while not out.is_closing():
                request = await self._request(reader, out)
                if self._is_due(request):
                    self.done += 1
                    await FAULTS[self.fault or ""][1](request, self._onward, out)
                else:
                    out.write(await self._onward(request.sent()))
                await out.drain()
                break  # one request a connection: what is cut is cut
        out.close()

    async def _request(self, reader: asyncio.StreamReader, out: asyncio.StreamWriter) -> Request:
        head = await reader.readuntil(b"\r\n\r\n")
        if b"100-continue" in head.lower():
            out.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            head = b"\r\n".join(line for line in head.split(b"\r\n") if not line.lower().startswith(b"expect:"))
        sizes = [line[15:] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        return Request(head, await reader.readexactly(int(sizes[0]) if sizes else 0))

    def _is_due(self, request: Request) -> bool:
        if self.fault is None:
            return False
        meant = FAULTS[self.fault][0]
        fits = meant in ("any", request.method) or request.has(meant.encode())
        return fits and (self.fault in ALWAYS or self._chance.random() < 0.5)

    async def _onward(self, content: bytes) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._target)
        head, gap, body = content.partition(b"\r\n\r\n")
        writer.write(head + b"\r\nConnection: close" + gap + body)
        answer = await reader.read(-1)
        writer.close()
        begin, gap, rest = answer.partition(b"\r\n\r\n")
        lines = [line for line in begin.split(b"\r\n") if not line.lower().startswith(b"connection:")]
        return b"\r\n".join([*lines, b"Connection: close"]) + gap + rest


class Jumping(SystemClock):
    """A wall clock that is set to another time now and then."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._off = timedelta()

    def now(self) -> datetime:
        if self._chance.random() < 0.1:
            self._off = timedelta(seconds=self._chance.choice([-7200, -60, 0, 90, 3600, 86400]))
        return super().now() + self._off


def episode(config: Config, folder: Path, run: str) -> str | None:
    """Do it in a process of its own; return why it stopped, None if it came to its end. A traceback raises."""
    child = os.fork()
    if not child:
        code = 1
        try:
            log = os.open(folder / "log", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
            work = kills.live(
                config, open_store(config.storage), run, lambda line: os.write(log, line.encode() + b"\n") and None
            )
            asyncio.run(work)
            code = 0
        except WarraqError as error:
            (folder / "error").write_text(str(error))
            code = 3
        except BaseException as error:  # noqa: BLE001 - told by the code
            (folder / "error").write_text(repr(error))
        finally:
            os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code == 0:
        return None
    if code == 3:
        return (folder / "error").read_text()
    raise AssertionError(f"ended with {code}: {(folder / 'error').read_text()}")


def settings(folder: Path, **more: object) -> Config:
    own = {
        "state.dir": str(folder / "state"),
        "spool.min_free_bytes": 0,
        "spool.grace_s": 0.0,
        "storage.url": f"file:{folder / 'data'}",
    }
    return load(overrides={**own, **more})


def judged(name: str, config: Config, folder: Path, total: Counter[str], told: list[str]) -> None:
    """Finish with the next start, judge, and tell."""
    wrong: Counter[str] = Counter()
    try:
        stopped = episode(config, folder, kills.RUNS[1])
        if stopped:
            wrong["failed"] += 1
            told.append(f"the next start: {stopped}")
        wrong += kills.judged(config, folder)
    except Exception as error:  # noqa: BLE001 - told
        told.append(repr(error))
        wrong["failed"] += 1
    total += wrong
    total["kinds"] += 1
    print(f"{name:<24} {dict(wrong) or 'well'}  {'; '.join(told)[:300]}", flush=True)


def by_proxy(seed: int, total: Counter[str]) -> None:
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as root, running(Path(root)) as swift:
        os.environ |= {"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY}
        bucket = swift.make_bucket()
        proxy = Proxy(swift.port, chance)
        for number, name in enumerate(FAULTS):
            folder = Path(tempfile.mkdtemp(prefix="warraq-faults-"))
            own = {
                "storage.url": f"s3://{bucket}/{seed}/{number}", "storage.region": REGION, "storage.attempts": 2,
                "storage.connect_timeout_s": 2.0, "storage.read_timeout_s": 4.0,
            }  # fmt: skip
            through = settings(folder, **own, **{"storage.endpoint_url": f"http://127.0.0.1:{proxy.port}"})
            straight = settings(folder, **own, **{"storage.endpoint_url": swift.endpoint_url})
            proxy.fault, proxy.done = name, 0
            told = []
            try:
                told += [one for one in [episode(through, folder, kills.RUNS[0])] if one]
            except AssertionError as error:
                total["failed"] += 1
                told.append(str(error))
            told.insert(0, f"{proxy.done} times")
            proxy.fault = None
            judged(name, straight, folder, total, told)
            shutil.rmtree(folder)


@contextlib.contextmanager
def mounted(folder: Path, size: str) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)


def remount(folder: Path, option: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{option}", str(folder)], check=True)


def on_disks(seed: int, total: Counter[str]) -> None:
    """Full and read-only places, for each of what is written: at the first byte, and somewhere later."""
    chance = random.Random(seed)
    for place in ("data", "state", "state/spool", "state/staging"):
        for size in (4, chance.randint(8, 60), chance.randint(60, 400)):
            one_disk(f"full {place} ({size} KiB)", place, f"size={size}k", total)
        one_disk(f"read-only {place}", place, "ro", total)


def one_disk(name: str, place: str, option: str, total: Counter[str]) -> None:
    folder = Path(tempfile.mkdtemp(prefix="warraq-faults-"))
    config = settings(folder)
    told: list[str] = []
    with mounted(folder / place, "64m"):
        remount(folder / place, option)
        try:
            told += [one for one in [episode(config, folder, kills.RUNS[0])] if one]
        except AssertionError as error:
            total["failed"] += 1
            told.append(str(error))
        remount(folder / place, "rw" if option == "ro" else "size=64m")
        judged(name, config, folder, total, told)
    shutil.rmtree(folder)


def under_jumps(seed: int, total: Counter[str]) -> None:
    for number in range(4):
        folder = Path(tempfile.mkdtemp(prefix="warraq-faults-"))
        config, told = settings(folder), []
        kills.CLOCK = Jumping(random.Random(f"{seed} {number}"))
        try:
            told += [one for one in [episode(config, folder, kills.RUNS[0])] if one]
        except AssertionError as error:
            total["failed"] += 1
            told.append(str(error))
        kills.CLOCK = SystemClock()
        judged("clock that jumps", config, folder, total, told)
        shutil.rmtree(folder)


def main(seed: int = 1, rounds: int = 1) -> int:
    started, total = time.monotonic(), Counter[str]()
    for number in range(rounds):
        under_jumps(seed + number, total)
        if os.geteuid() == 0:
            on_disks(seed + number, total)
        else:
            print("full and read-only disks are left out: they need root, for a tmpfs of their own")
        by_proxy(seed + number, total)
    print(
        ", ".join(f"{kind} {total[kind]}" for kind in WRONG),
        f"({total['kinds']} kinds, seed {seed}, {time.monotonic() - started:.0f} s)",
    )
    return 1 if any(total[kind] for kind in WRONG) else 0


if __name__ == "__main__":
    reading = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reading.add_argument("seed", type=int, nargs="?", default=1)
    reading.add_argument("rounds", type=int, nargs="?", default=1)
    sys.exit(main(**vars(reading.parse_args())))
