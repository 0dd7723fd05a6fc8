"""How long the status page takes over a large archive: ``python benchmarks/page.py [--urls N] [--sites N]``.

Makes a state of a million URLs in a temporary folder (rows written in bulk, tallies by the daemon's own code), serves
the page over it, and asks each page forty times over a real connection. Prints median, 95th percentile and worst time,
and the worst of CPU time, which a busy machine does not spoil; exit code 1 if a page's 95th percentile reaches 100 ms.
What the store adds is not measured: article texts and captures are read from a folder.
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import sqlite3
import statistics
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import msgspec

from crawler.clock import SystemClock, iso_utc
from crawler.config import Config, load
from crawler.daemon.api.control import DaemonView, SiteView
from crawler.daemon.fleet import WorkerView
from crawler.daemon.housekeeping import Housekeeping
from crawler.daemon.page.server import StatusPage
from crawler.model.run import Run
from crawler.model.site import Schedule, Site
from crawler.state import State, open_state

LIMIT_S = 0.1
ROUNDS = 40
LANGUAGES = ("ar", "en", "fr", "fa", "zh-CN")
WORDS = [
    "council",
    "harbour",
    "bridge",
    "budget",
    "storm",
    "school",
    "election",
    "market",
    "museum",
    "strike",
    "river",
    "theatre",
    "سوق",
    "السمك",
    "الميناء",
    "مجلس",
]
OUTCOMES = (("parsed", None),) * 17 + (("failed", "http_404"), ("failed", "timeout"), ("walled", "paywall"))


class Daemon:
    def __init__(self, state: State, sites: dict[str, Site]) -> None:
        self._state = state
        self.sites = sites
        self._started = datetime.now(UTC)

    def view(self) -> DaemonView:
        pauses = self._state.pauses()
        views = [
            SiteView(
                name=name,
                enabled=True,
                paused_at=pauses.get(name),
                next_fire_at=self._started,
                last_run=self._state.last_run(name),
            )
            for name in self.sites
        ]
        worker = WorkerView(pid=1, share=0, retiring=False, silent_s=0.1, rss_bytes=1, runs_done=1, active=())
        return DaemonView(
            version="0", pid=1, started_at=self._started, stopping=False, seeds_error=None, workers=[worker],
            open_runs=self._state.open_runs(), fires=self._state.fires(limit=20), sites=views,
        )  # fmt: skip

    def trigger(self, targets: list[str]) -> list[Run]:
        raise NotImplementedError

    def set_paused(self, site: str, paused: bool) -> bool:
        raise NotImplementedError


def fill(path: Path, urls: int, sites: int) -> None:
    """Write `urls` URLs of `sites` sites over 90 days, in runs of 100, with two events each and a capture."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA synchronous = OFF")
    now = datetime.now(UTC)
    begin = now - timedelta(days=90)
    step = timedelta(days=90) / urls
    for start in range(0, urls, 10_000):
        runs, ledger, events, captures, articles = [], [], [], [], []
        for block in range(start, min(start + 10_000, urls), 100):
            site = f"site-{block // 100 % sites:04}"
            run = f"{begin + block * step:%Y%m%dT%H%M%SZ}-{site}-{block:07x}"
            at = begin + block * step
            runs.append(
                (
                    run,
                    site,
                    site,
                    1,
                    "schedule",
                    "[]",
                    None,
                    iso_utc(at),
                    iso_utc(at),
                    iso_utc(at + timedelta(seconds=90)),
                    "done",
                    None,
                    None,
                    1,
                    0,
                )
            )
            for number in range(block, min(block + 100, urls)):
                moment = iso_utc(begin + number * step)
                url = f"https://www.{site}.example/2026/news/{number:08}/a-headline-that-is-as-long-as-they-are-{number:08}"
                outcome, reason = OUTCOMES[number % len(OUTCOMES)]
                title = " ".join(WORDS[(number * 7 + place * place) % len(WORDS)] for place in range(8)) + f" {number}"
                warc = f"WARRAQ-20261123{block:09}-00001-bench.warc.gz"
                article = f"{number:016x}" if outcome == "parsed" else None
                ledger.append(
                    (
                        url,
                        site,
                        "article",
                        outcome,
                        reason,
                        f"https://www.{site}.example/feed",
                        "feed",
                        title,
                        moment,
                        None,
                        moment,
                        moment,
                        run,
                        0,
                        article,
                        None,
                    )
                )
                events.append(
                    (
                        url,
                        moment,
                        run,
                        "announced",
                        None,
                        "feed",
                        f"https://www.{site}.example/feed",
                        None,
                        None,
                        None,
                        None,
                    )
                )
                events.append((url, moment, run, outcome, reason, None, None, article, warc, number * 9000, 8000))
                captures.append(
                    (
                        warc,
                        number * 9000,
                        8000,
                        url,
                        moment,
                        "response",
                        f"<urn:uuid:{number:032x}>",
                        200,
                        "text/html",
                        "A" * 32,
                        f"{number:064x}",
                        None,
                        run,
                        site,
                        "article",
                    )
                )
                if article:
                    articles.append(
                        (
                            url,
                            moment,
                            article,
                            site,
                            run,
                            title,
                            moment,
                            f"articles/{site}/{run}/000_{article}.txt",
                            LANGUAGES[number % 5],
                            title,
                        )
                    )
        with connection:
            connection.executemany(
                "INSERT INTO runs (id, site, lane, lane_hash, cause, targets, scheduled_at, queued_at, started_at, "
                f"finished_at, state, reason, worker, attempts, tallied) VALUES ({', '.join('?' * 15)})",
                runs,
            )
            connection.executemany(
                "INSERT INTO ledger (url, site, role, outcome, reason, via, source, title, published_at, "
                "modified_at, first_seen_at, updated_at, run, attempts, article_id, held_by) VALUES "
                f"({', '.join('?' * 16)})",
                ledger,
            )
            connection.executemany(
                "INSERT INTO events (url, at, run, outcome, reason, source, via, article_id, warc, warc_offset, "
                f"warc_length) VALUES ({', '.join('?' * 11)})",
                events,
            )
            connection.executemany(
                "INSERT INTO captures (warc, warc_offset, warc_length, url, captured_at, kind, record_id, status, "
                f"mime, payload_sha1, payload_sha256, truncated, run, site, role) VALUES ({', '.join('?' * 15)})",
                captures,
            )
            connection.executemany(
                "INSERT INTO articles (url, captured_at, article_id, site, run, title, published_at, path, "
                f"language, folded) VALUES ({', '.join('?' * 10)})",
                articles,
            )
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def pages(state: State, urls: int) -> dict[str, str]:
    middle = state.browse_runs("site-0003", limit=20).rows[-1]
    article = state.latest_articles("site-0003", 1)[0]
    capture = state.captures(article.url)[0]
    deep = urlencode({"before_at": iso_utc(datetime.now(UTC) - timedelta(days=80)), "before_url": "x"})
    return {
        "overview": "/", "overview, live part": "/live", "sites": "/sites", "sites, found": "/sites?q=site-007",
        "site": "/sites/site-0003", "runs": "/runs",
        "runs, deep": "/runs?" + urlencode({"before_at": iso_utc(middle.queued_at), "before_id": middle.id}),
        "runs of a site": "/runs?site=site-0003", "run": f"/runs/{middle.id}", "articles": "/articles",
        "articles, deep": "/articles?" + deep,
        "articles of a site": "/articles?site=site-0003", "articles in a language": "/articles?language=ar",
        "articles of both, deep": "/articles?site=site-0003&language=fr&" + deep,
        "search, frequent word": "/articles?q=harbour",
        "search, rare word": f"/articles?q={urls // 2}", "search, no hit": "/articles?q=nowhere",
        "search, rare site and language": "/articles?q=nowhere&site=site-0003&language=fr&since=2000-01-01",
        "URL": "/url?" + urlencode({"url": article.url}),
        "capture": "/capture?" + urlencode({"warc": capture.warc, "offset": capture.offset}), "coverage": "/coverage",
        "coverage, 31 days": "/coverage?since=2000-01-01",
        "coverage of a site": "/coverage?site=site-0003&since=2000-01-01", "alarms": "/alarms", "metrics": "/metrics",
        "readyz": "/readyz",
    }  # fmt: skip


def ask(port: int, path: str) -> tuple[float, float]:
    """Return seconds on the wall and of CPU, server and client together."""
    began, cpu = time.perf_counter(), time.process_time()
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", path)
    response = connection.getresponse()
    response.read()
    connection.close()
    if response.status != 200:
        raise SystemExit(f"{path}: {response.status}")
    return time.perf_counter() - began, time.process_time() - cpu


def measure(config: Config, urls: int, sites: int) -> float:
    clock = SystemClock()
    with open_state(config.state, clock=clock) as state:
        path = Path(state.name)
    began = time.perf_counter()
    fill(path, urls, sites)
    print(
        f"{urls} URLs of {sites} sites written in {time.perf_counter() - began:.0f} s, "
        f"{path.stat().st_size / 1e6:.0f} MB"
    )
    declared = {
        f"site-{n:04}": Site(name=f"site-{n:04}", title=f"Site {n}", country="gb", languages=("en",),
        home="https://x.example/", feeds=("https://x.example/f",), schedule=Schedule(every="1h"))
        for n in range(sites)
    }  # fmt: skip
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()
    with open_state(config.state, clock=clock) as state:
        began, steps = time.perf_counter(), [0.0]
        while True:
            at = time.perf_counter()
            if not state.tally():
                break
            steps.append(time.perf_counter() - at)
        print(f"tallied in {time.perf_counter() - began:.0f} s, longest step {max(steps) * 1000:.0f} ms")
        page = asyncio.run_coroutine_threadsafe(
            StatusPage.start(
                config, Daemon(state, declared), {}, Housekeeping(lambda: config, state, clock), clock=clock, environ={}
            ),
            loop,
        ).result()
        assert page is not None
        assert page.port is not None
        asyncio.run_coroutine_threadsafe(page.looked(), loop).result()
        worst = 0.0
        for name, path_of in pages(state, urls).items():
            times = [ask(page.port, path_of) for _ in range(ROUNDS)]
            walls, cpus = (sorted(column) for column in zip(*times, strict=True))
            p95 = walls[int(ROUNDS * 0.95)]
            told = {"median": statistics.median(walls), "p95": p95, "worst": walls[-1], "worst CPU": cpus[-1]}
            print(
                f"{name:<30}",
                "  ".join(f"{what} {seconds * 1000:6.1f} ms" for what, seconds in told.items()),
                flush=True,
            )
            worst = max(worst, p95)
        asyncio.run_coroutine_threadsafe(page.stop(), loop).result()
    return worst


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--urls", type=int, default=1_000_000)
    parser.add_argument("--sites", type=int, default=200)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        config = load(
            overrides={
                "storage.url": f"file:{folder}/data",
                "state.dir": f"{folder}/state",
                "page.listen": "127.0.0.1:0",
                "spool.min_free_bytes": 0,
            }
        )
        worst = measure(msgspec.structs.replace(config), options.urls, options.sites)
    return 0 if worst < LIMIT_S else 1


sys.exit(main())
