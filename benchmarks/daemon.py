"""Cost of the resident process: python benchmarks/daemon.py MODE [NUMBERS]

    polls [SITES INTERVAL_S SECONDS]    stories [SITES INTERVAL_S SECONDS]    growth [RUNS SITES]

``polls``: the real daemon (page and alarms on) and the real spider follow SITES sites, each on a loopback address of
its own; feeds answer 304. Measured after every site had its first run: CPU seconds of all processes of the daemon by
poll (hence, at one poll in five minutes, the share of a core), their memory, the files and connections they hold open,
and how late runs start. ``stories``: the same, but that each reading of a feed finds one story that was not there
before, a page of some 240 KB; what it costs beyond a poll is the story's. ``growth``: the same daemon with a runner
that does nothing, without recycling, over RUNS runs: what supervisor and worker keep by run.

CPU seconds are of the processes, so a busy machine does not spoil them; lateness it does spoil.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import hashlib
import os
import resource
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from crawler import log
from crawler.clock import Clock
from crawler.config import Config, load
from crawler.daemon.runner import Ended, OnProgress
from crawler.daemon.seeds import Seeds
from crawler.daemon.supervisor import LIVE, Supervisor
from crawler.model.run import Run
from crawler.model.site import Site

sys.path.insert(0, str(Path(__file__).parent))

from newsroom import page

POLL_EVERY_S = 300.0
TICK = os.sysconf("SC_CLK_TCK")
PAGE = resource.getpagesize()


# the web: one process, an address for each site --------------------------------------------------------------------


def address(number: int) -> str:
    return f"127.1.{number // 250}.{number % 250 + 1}"


def answer(request: bytes, base: str, number: int | None) -> bytes:
    """Return the answer to a request; `number`: of the story that the feed has by now, None: always the same one."""
    path = request.split(b" ", 2)[1].decode()
    if path == "/robots.txt":
        return head("200 OK", "text/plain", b"User-agent: *\nDisallow:\n")
    if path == "/feed":
        if number is not None:
            return head(
                "200 OK", "application/rss+xml", feed_of([f"{base}/story-{n}" for n in range(number, -1, -1)][:20])
            )
        if b"If-None-Match" in request or b"if-none-match" in request:
            return b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\n\r\n'
        return head("200 OK", "application/rss+xml", feed_of([f"{base}/story"]), 'ETag: "1"\r\n')
    if number is not None:
        told = f"</h1><p>Report {path} of {base}: the council met on Monday about pier {path[7:]}, at length.</p>"
        return head(
            "200 OK", "text/html; charset=utf-8", full_page(int(path[7:]) % 10).replace(b"</h1>", told.encode(), 1)
        )
    text = "<p>The council met on Monday, and the mayor spoke for an hour about the harbour and its cranes.</p>" * 12
    short = (
        '<html lang="en"><head><title>A story</title><meta property="og:type" '
        f'content="article"></head><body><article><h1>A story</h1>{text}</article></body></html>'
    )
    return head("200 OK", "text/html; charset=utf-8", short.encode())


def feed_of(urls: Sequence[str]) -> bytes:
    items = "".join(f"<item><title>{url}</title><link>{url}</link></item>" for url in urls)
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>t</title>{items}</channel></rss>'.encode()


def head(status: str, kind: str, body: bytes, more: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{more}\r\n".encode() + body


@functools.cache
def full_page(seed: int) -> bytes:
    return page(seed)


async def serve(sites: int, port: int, *, fresh: bool) -> None:
    readings: Counter[str] = Counter()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, own_port = writer.get_extra_info("sockname")
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                request = await reader.readuntil(b"\r\n\r\n")
                readings[host] += b" /feed " in request
                number = readings[host] if fresh else None
                writer.write(answer(request, f"http://{host}:{own_port}", number))
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(talk, [address(n) for n in range(sites)], port, backlog=64)
    print("serving", flush=True)
    await server.serve_forever()


# the daemon ----------------------------------------------------------------------------------------------------------


class Idle:
    """A runner that does nothing: what is left is the daemon's own."""

    async def run(self, run: Run, site: Site, *, on_progress: OnProgress) -> Ended:  # noqa: ARG002 - the seam's signature
        on_progress({"run": run.id, "counts": {}, "size_bytes": 0, "elapsed_s": 0.0})
        await asyncio.sleep(0)
        return Ended("done")

    def stop(self) -> None:
        pass

    async def close(self) -> None:
        pass


async def open_idle(config: Config, sites: Mapping[str, Site], clock: Clock) -> Idle:  # noqa: ARG001 - the seam's signature
    return Idle()


def daemon(folder: Path, runner: str) -> int:
    log.set_up("error")
    config = load(
        overrides={
            "state.dir": str(folder / "state"),
            "storage.url": f"file:{folder / 'store'}",
            "page.listen": "127.0.0.1:0",
            "spool.min_free_bytes": 0,
            "parse.processes": 1,
            "daemon.recycle_runs": 1_000_000_000,
            "daemon.stop_s": 20.0,
        }
    )
    supervisor = Supervisor(config, Seeds(folder / "seeds"), runner=runner, log_level="error")
    return asyncio.run(supervisor.serve(on_ready=lambda _: print("ready", flush=True)))


@contextlib.contextmanager
def child(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    path = os.pathsep.join([str(Path(__file__).parent), str(Path(__file__).parents[1])])
    process = subprocess.Popen(
        [sys.executable, __file__, *arguments],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
        cwd=Path(__file__).parents[1],
    )
    assert process.stdout is not None
    process.stdout.readline()
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()
        process.stdout.close()


def declare(folder: Path, sites: int, every: str, port: int) -> None:
    (folder / "seeds").mkdir()
    for n in range(sites):
        base = f"http://{address(n)}:{port}"
        (folder / "seeds" / f"site-{n:04}.toml").write_text(
            f'title = "T"\ncountry = "zz"\nlanguages = ["en"]\nhome = "{base}/"\nfeeds = ["{base}/feed"]\n'
            f'delay_s = 0.0\nallow_private = true\nschedule = {{ every = "{every}" }}\n'
        )


# measuring -----------------------------------------------------------------------------------------------------------


def family(pid: int) -> list[int]:
    """Return `pid` and its descendants."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
    found = [pid]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found


def cpu_s(pid: int) -> float:
    """Return the CPU seconds of all processes of the daemon, those that ended included."""
    total = 0
    for one in family(pid):
        with contextlib.suppress(OSError):
            total += sum(map(int, Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()[11:15]))
    return total / TICK


def memory(pid: int) -> dict[int, int]:
    """Return what each process holds for itself and its part of what they share (PSS), in bytes."""
    held = {}
    for one in family(pid):
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{one}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    held[one] = int(line.split()[1]) * 1024
    return held


def open_files(pid: int) -> int:
    """Return how many files, sockets and pipes all processes hold open."""
    count = 0
    for one in family(pid):
        with contextlib.suppress(OSError):
            count += sum(1 for _ in Path(f"/proc/{one}/fd").iterdir())
    return count


def most_open(pid: int, seconds: int) -> int:
    """Wait for `seconds`; return how many files were open at most, looked at once a second."""
    until, most = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        most = max(most, open_files(pid))
        time.sleep(1)
    return most


def ask(folder: Path, query: str, *values: object) -> list[tuple]:
    with contextlib.closing(sqlite3.connect(folder / "state" / "warraq.db", timeout=30)) as database:
        return database.execute(query, values).fetchall()


def ended_runs(folder: Path) -> int:
    return int(ask(folder, "SELECT COUNT(*) FROM runs WHERE finished_at IS NOT NULL")[0][0])


def stories(sites: int = 100, interval_s: int = 20, seconds: int = 60) -> None:
    polls(sites, interval_s, seconds, fresh=True)


def polls(sites: int = 1000, interval_s: int = 60, seconds: int = 90, *, fresh: bool = False) -> None:
    port = 20_000 + int(hashlib.sha256(str(os.getpid()).encode()).hexdigest(), 16) % 10_000
    with (
        tempfile.TemporaryDirectory(prefix="warraq-bench-") as name,
        child("web", str(sites), str(port), *(["fresh"] if fresh else [])),
    ):
        folder = Path(name)
        declare(folder, sites, f"{interval_s}s", port)
        with child("daemon", name, LIVE) as process:
            started = time.monotonic()
            while ask(folder, "SELECT COUNT(DISTINCT site) FROM runs WHERE finished_at IS NOT NULL")[0][0] < sites:
                time.sleep(1)
            print(f"first runs of {sites} sites: {time.monotonic() - started:.0f} s, {cpu_s(process.pid):.1f} CPU s")
            while ask(folder, "SELECT COUNT(*) FROM runs WHERE state = 'queued'")[0][0] > sites // 20:
                time.sleep(0.5)
            since = ask(folder, "SELECT strftime('%Y-%m-%dT%H:%M:%fZ', 'now')")[0][0]
            before_cpu, before, held = cpu_s(process.pid), ended_runs(folder), memory(process.pid)
            files = most_open(process.pid, seconds)
            used, done, held_after = cpu_s(process.pid) - before_cpu, ended_runs(folder) - before, memory(process.pid)
            report(folder, since, used, done, seconds, held, held_after, sites)
            print(f"  files, sockets and pipes open, all processes: {files} at most")
            read = ask(folder, "SELECT COUNT(*) FROM articles WHERE captured_at >= ?", since)[0][0]
            if fresh:
                print(f"  {read} stories meanwhile: {used / max(read, 1) * 1000:.1f} ms CPU each, its poll included")


def report(folder: Path, since: str, used: float, done: int, seconds: int, held: dict, after: dict, sites: int) -> None:
    each = used / max(done, 1)
    print(f"{done} polls in {seconds} s: {each * 1000:.1f} ms CPU each, all processes")
    share = each * sites / POLL_EVERY_S
    print(f"  {sites} sites every five minutes: {share:.1%} of a core (target < 10 %)")
    print(
        f"  memory of all processes: {sum(after.values()) / 2**20:.0f} MiB PSS, {len(after)} processes (target < 400)"
    )
    print(f"  growth meanwhile: {(sum(after.values()) - sum(held.values())) / 2**20:+.1f} MiB")
    rows = ask(
        folder,
        "SELECT (julianday(started_at) - julianday(scheduled_at)) * 86400, "
        "(julianday(queued_at) - julianday(scheduled_at)) * 86400 "
        "FROM runs WHERE scheduled_at >= ? AND started_at IS NOT NULL",
        since,
    )
    for place, what in ((1, "queued"), (0, "started")):
        late = sorted(row[place] for row in rows)
        if late:
            p50, p99 = late[len(late) // 2], late[int(len(late) * 0.99)]
            print(
                f"  {what} after due: p50 {p50 * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms, worst {late[-1] * 1000:.0f} ms"
            )
    took = sorted(
        row[0]
        for row in ask(
            folder,
            (
                "SELECT (julianday(finished_at) - julianday(started_at)) * 86400 FROM runs WHERE started_at >= ? AND "
                "finished_at IS NOT NULL"
            ),
            since,
        )
    )
    print(f"  a run took: p50 {took[len(took) // 2] * 1000:.0f} ms, p99 {took[int(len(took) * 0.99)] * 1000:.0f} ms")
    states = ask(folder, "SELECT state, reason, COUNT(*) FROM runs GROUP BY 1, 2")
    print("  runs:", ", ".join(f"{state}{f' ({why})' if why else ''} {n}" for state, why, n in states))
    skipped = ask(folder, "SELECT policy, COUNT(*) FROM fires WHERE scheduled_at >= ? GROUP BY 1", since)
    print("  fires:", dict(skipped))


def growth(runs: int = 100_000, sites: int = 300) -> None:
    with tempfile.TemporaryDirectory(prefix="warraq-bench-") as name:
        folder = Path(name)
        declare(folder, sites, "1s", 1)
        with child("daemon", name, "daemon:open_idle") as process:
            warm = runs // 10
            while ended_runs(folder) < warm:
                time.sleep(1)
            start, start_cpu, start_runs, at = memory(process.pid), cpu_s(process.pid), ended_runs(folder), time.time()
            while ended_runs(folder) < runs:
                time.sleep(2)
            end, used, done = memory(process.pid), cpu_s(process.pid) - start_cpu, ended_runs(folder) - start_runs
            print(f"{done} runs of a runner that does nothing, {time.time() - at:.0f} s, after {start_runs} to warm up")
            print(f"  {used / done * 1000:.2f} ms CPU each, supervisor and worker, page and alarms on")
            for pid in start:
                grown = end.get(pid, 0) / start[pid] - 1
                print(
                    f"  process {pid}: {start[pid] / 2**20:.1f} MiB, then {end.get(pid, 0) / 2**20:.1f} ({grown:+.1%})"
                )
            grown = sum(end.values()) / sum(start.values()) - 1
            print(
                f"  all: {sum(start.values()) / 2**20:.1f} MiB, then {sum(end.values()) / 2**20:.1f} ({grown:+.1%}; "
                "target < 5 %)"
            )
            size = (folder / "state" / "warraq.db").stat().st_size
            print(f"  database: {size / ended_runs(folder):.0f} bytes a run before pruning")


def main(words: list[str]) -> None:
    if words[0] == "web":
        asyncio.run(serve(int(words[1]), int(words[2]), fresh="fresh" in words))
    elif words[0] == "daemon":
        sys.exit(daemon(Path(words[1]), words[2]))
    else:
        {"polls": polls, "stories": stories, "growth": growth}[words[0]](*map(int, words[1:]))


if __name__ == "__main__":
    main(sys.argv[1:] or ["polls"])
