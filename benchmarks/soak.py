"""The daemon under faults: python benchmarks/soak.py

The real ``warraq daemon`` follows sites on loopback and keeps into a real S3 server (OpenStack Swift) behind a proxy.
Every few seconds something goes wrong, by a seeded draw: a worker, the supervisor or a parse process is killed, a
worker stops moving, the store is gone or silent, a site hangs, breaks off or answers 503, the wall clock jumps. Then
the faults stop, it drains, and it is checked that

* each capture the state acknowledged is in the store, once, and each whole page in the store was served whole;
* each page the sites announced has its one article, or was tried again in time;
* no run is stuck, and the daemon answers; after SIGTERM nothing is left in the spool.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from crawler.archive.read.captures import ArchivedCapture, read_captures  # noqa: E402 - found by the line above
from crawler.archive.store import Store, open_store  # noqa: E402
from crawler.config import load  # noqa: E402
from tests.swift import ACCESS_KEY, REGION, SECRET_KEY, running  # noqa: E402
from tests.web import answer, page, rss  # noqa: E402

SITES = 8
PUBLISH_EVERY_S = 2.0
DRAIN_S = 240.0
JUMPING_CLOCK = """
import os
from datetime import datetime, timedelta
import crawler.clock as clock
def off():
    try:
        with open(os.environ["SOAK_CLOCK"]) as file:
            return timedelta(seconds=float(file.read() or 0))
    except OSError:
        return timedelta()
_now = clock.SystemClock.now
clock.SystemClock.now = lambda self: _now(self) + off()
import apscheduler.schedulers.base as base
class Jumping(datetime):
    @classmethod
    def now(cls, tz=None):
        return datetime.now(tz) + off()
base.datetime = Jumping
"""


class Loop:
    """An event loop in a thread of its own."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()

    def run(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(30)


class Sites(Loop):
    """News sites, each on an address of its own, that publish, and fail as told."""

    def __init__(self) -> None:
        super().__init__()
        self.published: list[list[str]] = [[] for _ in range(SITES)]
        self.served: Counter[str] = Counter()
        self.mood = ["well"] * SITES
        self.server = self.run(self._start())
        self.port = self.server.sockets[0].getsockname()[1]
        self.base = [f"http://127.2.0.{n + 1}:{self.port}" for n in range(SITES)]

    async def _start(self) -> asyncio.Server:
        first = await asyncio.start_server(self._talk, "127.2.0.1", 0)
        port = first.sockets[0].getsockname()[1]
        for n in range(1, SITES):
            await asyncio.start_server(self._talk, f"127.2.0.{n + 1}", port)
        return first

    def publish(self, number: int) -> None:
        self.published[number].append(f"/story-{len(self.published[number])}.html")

    @property
    def urls(self) -> set[str]:
        return {base + path for base, paths in zip(self.base, self.published, strict=True) for path in paths}

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        number = int(writer.get_extra_info("sockname")[0].rsplit(".", 1)[1]) - 1
        try:
            while True:
                path = (await reader.readuntil(b"\r\n\r\n")).split(b" ", 2)[1].decode()
                content = self._answer(number, path)
                mood = self.mood[number]
                if mood == "hung":
                    await asyncio.sleep(8)
                elif mood == "breaks off":
                    writer.write(content[: len(content) // 2])
                    break
                elif mood == "busy" and path != "/robots.txt":
                    content = answer("later", status="503 Service Unavailable")
                writer.write(content)
                await writer.drain()
                if content.startswith(b"HTTP/1.1 200"):
                    self.served[self.base[number] + path] += 1
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def _answer(self, number: int, path: str) -> bytes:
        if path == "/feed":
            return rss(self.base[number], self.published[number][-200:])
        if path in self.published[number]:
            return page(f"Story {path} of site {number}")
        return answer("none", status="404 Not Found")


class Proxy(Loop):
    """Stands before the store: up, down (refuses and cuts), or silent."""

    def __init__(self, target: int) -> None:
        super().__init__()
        self.mode = "up"
        self._target = target
        self._open: set[asyncio.StreamWriter] = set()
        server = self.run(asyncio.start_server(self._talk, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]

    def set(self, mode: str) -> None:
        self.mode = mode
        if mode == "down":
            for writer in list(self._open):
                self.loop.call_soon_threadsafe(writer.transport.abort)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.mode == "down":
            writer.transport.abort()
            return
        try:
            onward, out = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.transport.abort()
            return
        self._open |= {writer, out}
        await asyncio.gather(self._pass(reader, out), self._pass(onward, writer))
        self._open -= {writer, out}

    async def _pass(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, OSError):
            while content := await source.read(1 << 16):
                while self.mode == "silent":  # noqa: ASYNC110 - set from another thread
                    await asyncio.sleep(0.1)
                sink.write(content)
                await sink.drain()
        with contextlib.suppress(ConnectionError, OSError, RuntimeError):
            sink.close()


class Soak:
    """The daemon, what is around it, and the faults."""

    def __init__(self, folder: Path, sites: Sites, proxy: Proxy, bucket: str, chance: random.Random) -> None:
        self.folder, self.sites, self.proxy, self.chance = folder, sites, proxy, chance
        self.done: Counter[str] = Counter()
        self.starts = 0
        self.jumps: list[float] = []
        self.clock = folder / "clock"
        self.clock.write_text("0")
        self.mark = f"SOAK_CLOCK={self.clock}".encode()
        (folder / "patch").mkdir()
        (folder / "patch" / "sitecustomize.py").write_text(JUMPING_CLOCK)
        (folder / "config").mkdir()
        (folder / "seeds").mkdir()
        self.page_port = free_port()
        (folder / "config" / "warraq.toml").write_text(
            f'[storage]\nurl = "s3://{bucket}/news"\nendpoint_url = "http://127.0.0.1:{proxy.port}"\nregion = '
            f'"{REGION}"\n'
            "connect_timeout_s = 2.0\nread_timeout_s = 4.0\nattempts = 1\n"
            f'[state]\ndir = "{folder / "state"}"\n[spool]\nrotate_s = 4.0\nmin_free_bytes = 0\ngrace_s = 5.0\n'
            "[fetch]\nconnect_timeout_s = 2.0\nhead_timeout_s = 3.0\nidle_timeout_s = 3.0\nbody_timeout_s = "
            "5.0\nretries = 0\nmax_delay_s = 5.0\n"
            "[parse]\nprocesses = 1\ntimeout_s = 10.0\n"
            f'[daemon]\nworkers = 2\nheartbeat_s = 8.0\nstop_s = 30.0\n[page]\nlisten = "127.0.0.1:{self.page_port}"\n'
        )
        for n, base in enumerate(sites.base):
            (folder / "seeds" / f"site-{n}.toml").write_text(
                f'title = "S"\ncountry = "zz"\nlanguages = ["en"]\nhome = "{base}/"\nfeeds = ["{base}/feed"]\n'
                'delay_s = 0.0\nallow_private = true\nschedule = { every = "5s" }\n'
            )
        self.start()

    def start(self) -> None:
        paths = [str(self.folder / "patch"), str(ROOT)]
        environ = {"PYTHONPATH": os.pathsep.join(paths), "SOAK_CLOCK": str(self.clock), "AWS_REGION": REGION}
        keys = {"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY}
        self.starts += 1
        with (self.folder / "daemon.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "crawler", "daemon", "--config", str(self.folder / "config")],
                cwd=self.folder, stdout=log, stderr=log, env={**os.environ, **environ, **keys},
            )  # fmt: skip

    def family(self, word: str) -> list[int]:
        """Return the daemon's descendants whose command line holds `word`."""
        found = []
        for entry in Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                ours = entry.name.isdigit() and self.mark in (entry / "environ").read_bytes()
                if ours and word.encode() in (entry / "cmdline").read_bytes():
                    found.append(int(entry.name))
        return found

    # faults: each takes a moment and leaves the world whole ----------------------------------------------------------

    def kill_worker(self) -> None:
        self._signal("crawler.daemon.worker", signal.SIGKILL)

    def kill_parser(self) -> None:
        self._signal("crawler.run.parsing.process", signal.SIGKILL)

    def freeze_worker(self) -> None:
        self._signal("crawler.daemon.worker", signal.SIGSTOP)  # for good: the supervisor is to notice

    def kill_supervisor(self) -> None:
        self.process.kill()
        self.process.wait()
        time.sleep(self.chance.random())
        self.start()

    def restart_gracefully(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(self.chance.choice([1.0, 10.0]))
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)
        self.start()

    def store_down(self) -> None:
        self._store("down")

    def store_silent(self) -> None:
        self._store("silent")

    def site_hung(self) -> None:
        self._site("hung")

    def site_breaks_off(self) -> None:
        self._site("breaks off")

    def site_busy(self) -> None:
        self._site("busy")

    def clock_jump(self) -> None:
        self.jumps.append(self.chance.choice([-7200.0, -60.0, 90.0, 3600.0]))
        self.clock.write_text(str(sum(self.jumps)))

    def _signal(self, word: str, number: signal.Signals) -> None:
        pids = self.family(word)
        if pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.chance.choice(pids), number)

    def _store(self, mode: str) -> None:
        self.proxy.set(mode)
        time.sleep(self.chance.uniform(1, 6))
        self.proxy.set("up")

    def _site(self, mood: str) -> None:
        number = self.chance.randrange(SITES)
        self.sites.mood[number] = mood
        time.sleep(self.chance.uniform(1, 5))
        self.sites.mood[number] = "well"

    def faults(self, minutes: float) -> None:
        kinds: list[Callable[[], None]] = [
            self.kill_worker, self.kill_worker, self.kill_parser, self.freeze_worker, self.kill_supervisor,
            self.restart_gracefully, self.store_down, self.store_silent, self.site_hung, self.site_breaks_off,
            self.site_busy, self.clock_jump,
        ]  # fmt: skip
        end = time.monotonic() + minutes * 60
        while time.monotonic() < end:
            time.sleep(self.chance.uniform(1, 5))
            fault = self.chance.choice(kinds)
            fault()
            self.done[fault.__name__] += 1
            if self.process.poll() is not None:
                self.done["DAEMON ENDED BY ITSELF"] += 1
                self.start()

    # after it ---------------------------------------------------------------------------------------------------

    def ask(self, query: str) -> list[tuple]:
        with contextlib.closing(sqlite3.connect(self.folder / "state" / "warraq.db", timeout=30)) as database:
            return database.execute(query).fetchall()

    def open_work(self) -> dict[str, int]:
        """Return what is not done yet."""
        outcomes = dict(self.ask("SELECT url, outcome || CASE WHEN attempts >= 1 THEN '!' ELSE '' END FROM ledger"))
        open_urls = [u for u in self.sites.urls if outcomes.get(u) not in ("parsed", "duplicate", "failed!", "lost!")]
        receipts = {warc for (warc,) in self.ask("SELECT warc FROM receipts")}
        warcs = {warc for (warc,) in self.ask("SELECT DISTINCT warc FROM captures")} - receipts
        staged = list((self.folder / "state" / "staging").glob("*.jsonl"))
        full = [path for path in staged if path.stat().st_size]
        return {"pages": len(open_urls), "files": max(0, len(warcs) - 4), "batches": max(0, len(full) - SITES)}

    def drain(self) -> float:
        start = time.monotonic()
        while any(self.open_work().values()) and time.monotonic() - start < DRAIN_S:
            time.sleep(2)
        return time.monotonic() - start

    def complaints(self, store: Store) -> list[str]:
        wrong = [f"after the drain still open: {self.open_work()}"] if any(self.open_work().values()) else []
        stuck = self.ask("SELECT id, started_at, worker FROM runs WHERE state = 'running'")
        active = {name for (name,) in self.ask("SELECT DISTINCT worker FROM runs WHERE state = 'running'")}
        wrong += self._unanswering()
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(60)
        wrong += [f"the daemon ended with {code}"] if code else []
        wrong += [f"stuck run {row}" for row in self.ask("SELECT id, worker FROM runs WHERE state = 'running'")]
        print(f"at the end of the drain {len(stuck)} runs were under way, by {len(active)} workers")
        return wrong + self._archive(store) + self._articles(store)

    def _unanswering(self) -> list[str]:
        wrong = []
        command = [sys.executable, "-m", "crawler", "status", "--json", "--config", str(self.folder / "config")]
        asked = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, timeout=60)
        if asked.returncode or len(json.loads(asked.stdout)["sites"]) != SITES:
            wrong.append(f"the daemon does not answer: {asked.stderr.decode()[-300:]}")
        for path in ("/healthz", "/readyz", "/"):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.page_port}{path}", timeout=10).close()
            except OSError as error:
                wrong.append(f"the page does not answer {path}: {error}")
        return wrong

    def _archive(self, store: Store) -> list[str]:
        """Compare the captures the state acknowledged with the records the store holds."""
        held: Counter[tuple[str, int, str]] = Counter()
        records: Counter[str] = Counter()
        whole: Counter[str] = Counter()
        wrong = []
        for stored in store.list("warc/"):
            if not stored.key.endswith(".warc.gz"):
                continue
            local = self.folder / "check" / stored.key.rsplit("/", 1)[1]
            local.parent.mkdir(exist_ok=True)
            local.write_bytes(store.get(stored.key))
            for item in read_captures(local):
                if not isinstance(item, ArchivedCapture):
                    wrong.append(f"damaged: {stored.key}: {item}")
                    continue
                capture = item.capture
                held[capture.warc, capture.offset, capture.url] += 1
                records[capture.record_id] += 1
                whole[capture.url] += capture.status == 200 and capture.truncated is None
        rows = self.ask("SELECT warc, warc_offset, url, status FROM captures")
        known = {row[:3] for row in rows}
        answered = {row[:3] for row in rows if row[3]}  # 0: a request with no answer, or with less than its head
        wrong += [f"acknowledged and not in the store: {one}" for one in answered - held.keys()]
        wrong += [f"in the store and not in the state: {one}" for one in held.keys() - known]
        wrong += [f"record twice: {one}" for one, n in records.items() if n > 1]
        pages = {url: n for url, n in whole.items() if n and urlsplit(url).path.startswith("/story")}
        wrong += [f"kept more often than served: {u} {n}" for u, n in pages.items() if n > self.sites.served[u]]
        again = sum(n - 1 for n in pages.values())
        print(
            f"{len(known)} captures acknowledged, {len(held)} in the store; {len(pages)} pages, {again} fetched "
            "again after a fault"
        )
        return wrong

    def _articles(self, store: Store) -> list[str]:
        emitted: Counter[str] = Counter()
        for stored in store.list("articles/"):
            if stored.key.endswith("articles.jsonl"):
                emitted.update(json.loads(line)["url"] for line in store.get(stored.key).splitlines())
        given_up = {u for (u,) in self.ask("SELECT url FROM ledger WHERE outcome IN ('failed', 'lost')")}
        missing = self.sites.urls - emitted.keys() - given_up
        entered = Counter(u for (u,) in self.ask("SELECT url FROM articles"))
        print(
            f"{len(self.sites.urls)} published, {len(emitted)} articles, {len(given_up)} not had yet and tried again "
            "in time"
        )
        states = self.ask("SELECT state, COUNT(*) FROM runs GROUP BY 1 ORDER BY 1")
        print("runs:", dict(states), "fires:", dict(self.ask("SELECT policy, COUNT(*) FROM fires GROUP BY 1")))
        return [
            *(f"no article: {url} {self.ask(f'SELECT outcome, reason, attempts FROM ledger WHERE url = {url!r}')}"
              for url in missing),
            *(f"article twice: {url} {n}" for url, n in emitted.items() if n > 1),
            *(f"state and store differ on articles of {url}" for url in emitted.keys() | entered.keys()
              if emitted[url] != entered[url]),
        ]  # fmt: skip


def free_port() -> int:
    import socket  # noqa: PLC0415 - here only

    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def main(minutes: float = 10.0, seed: int = 1) -> int:
    chance = random.Random(seed)
    keep = os.environ.get("SOAK_DIR")
    with tempfile.TemporaryDirectory(prefix="warraq-soak-") as name, tempfile.TemporaryDirectory() as swift_dir:
        folder = Path(keep or name)
        folder.mkdir(exist_ok=True)
        with running(Path(swift_dir)) as swift:
            os.environ |= {"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY}
            bucket = swift.make_bucket()
            sites, proxy = Sites(), Proxy(swift.port)
            soak = Soak(folder, sites, proxy, bucket, chance)
            publishing = threading.Event()

            def publish() -> None:
                number = 0
                while not publishing.wait(PUBLISH_EVERY_S):
                    sites.publish(number % SITES)
                    number += 1

            thread = threading.Thread(target=publish)
            thread.start()
            try:
                soak.faults(minutes)
                publishing.set()
                thread.join()
                print(f"faults ({minutes} min, seed {seed}): {sum(soak.done.values())}: {dict(soak.done)}")
                print(f"drained in {soak.drain():.0f} s; daemon started {soak.starts} times")
                direct = load(
                    overrides={
                        "storage.url": f"s3://{bucket}/news",
                        "storage.endpoint_url": swift.endpoint_url,
                        "storage.region": REGION,
                    }
                )
                wrong = soak.complaints(open_store(direct.storage))
            finally:
                publishing.set()
                if soak.process.poll() is None:
                    soak.process.kill()
                    soak.process.wait()
                for pid in soak.family("crawler"):
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
    for line in wrong[:30]:
        print("WRONG:", line)
    print(f"{len(wrong)} complaints")
    return 1 if wrong else 0


if __name__ == "__main__":
    reading = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reading.add_argument("minutes", type=float, nargs="?", default=10.0, help="of faults; then it drains (10)")
    reading.add_argument("seed", type=int, nargs="?", default=1)
    sys.exit(main(**vars(reading.parse_args())))
