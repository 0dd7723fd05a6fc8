"""A generated press that publishes, edits and misbehaves in accelerated time, followed by live runs, judged from its
servers' logs.

Every paper has a loopback address, one of ten kinds of channel and one of fifteen kinds of trouble. A day of news is
published, polled every half hour, then looked after for a week. Nothing of Warraq's own counters is believed: recall,
delay, requests, edits seen, trap pages and violations are what the servers saw; only the reasons of misses, and whether
they are told, come from the ledger.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import resource
import socket
import statistics
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar

from crawler.capture.manners import gate
from crawler.config import load
from crawler.demo.channels import (
    Item,
    atom,
    json_feed,
    news_sitemap,
    robots_txt,
    rss1,
    rss2,
    sitemap,
    sitemap_index,
)
from crawler.model.site import Site
from crawler.run.live.crawls import Crawls
from crawler.state import new_run

CHANNELS = ("rss", "atom", "rdf", "json", "news", "sitemap", "index", "listing", "oldest-first", "feed+sitemap")
TROUBLES = (
    "none", "error", "down", "late", "tracking", "moved", "cookie", "busy", "empty", "etag",
    "pace", "calendar", "session", "pages", "deeper",
)  # fmt: skip
TRAPS = ("calendar", "session", "pages", "deeper")
"""Papers whose channels announce addresses without end: days to come, visitors' ids, pages of a list, deeper and deeper
folders."""
TRAP_BOUND = 40
"""Trap pages that may be fetched of a paper in nine days: what it takes to see that they give nothing, and a look a
day."""
CRAWL_DELAY_S = 0.25
RETRY_AFTER_S = 900
POLL = timedelta(minutes=30)
BEGIN = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)
SIGNALLED = ("atom", "sitemap", "index", "feed+sitemap")
"""Channels that say when a page changed."""
_JIFFIES_S = 0.01
"""As exactly as the kernel tells when something arrived, at both ends of a gap."""
_MOST_LOOKS = 100
_TCPI_LAST_DATA_RECV = 52
"""Where `struct tcp_info` has it (linux/tcp.h): milliseconds since the last data arrived."""
WINDOW = 15
"""Items that a feed holds."""


@dataclass
class Story:
    """One page: when it is published, when it is edited, and what was fetched of it."""

    number: int
    path: str
    published: datetime
    edited: datetime | None
    forbidden: bool = False
    empty: bool = False
    fetched: list[tuple[datetime, int]] = field(default_factory=list)
    """Moment and version of each whole answer of 200."""
    asked: int = 0
    first_path: str = ""
    next_is: str = "first"
    """What the next request is, as far as this story's answers so far tell."""

    def version(self, now: datetime) -> int:
        return int(self.edited is not None and now >= self.edited)


@dataclass
class Paper:
    """One site with its server's habits."""

    number: int
    host: str
    channel: str
    trouble: str
    stories: list[Story]
    requests: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    """Requests by what they were."""
    violations: Counter[str] = field(default_factory=Counter)
    last_at: float | None = None
    """When the last request but robots.txt arrived, in monotonic seconds."""
    last_read_at: float = 0.0
    """When this server read it."""
    early: list[dict[str, object]] = field(default_factory=list)
    """Requests before their Crawl-delay was over: the gap as the server has it, and as the gate has it."""
    least_gap_s: float = float("inf")
    """Between two requests, where the paper asks for a pace."""
    closed_until: datetime | None = None
    """The end of a Retry-After."""
    channel_reads: int = 0

    @property
    def name(self) -> str:
        return f"paper-{self.number:03}"


class PressClock:
    """The press's time: put forward between polls; seconds within a poll are real."""

    def __init__(self) -> None:
        self._shift = BEGIN - datetime.now(UTC)
        self._moved_s = 0.0

    def now(self) -> datetime:
        return datetime.now(UTC) + self._shift

    def monotonic(self) -> float:
        return time.monotonic() + self._moved_s

    def move_to(self, moment: datetime) -> None:
        step = moment - self.now()
        self._shift += step
        self._moved_s += max(0.0, step.total_seconds())


def press(papers: int, stories: int, seed: int) -> list[Paper]:
    """Return the papers, the same for the same seed."""
    chance = random.Random(seed)
    made = []
    for number in range(papers):
        channel = CHANNELS[number % len(CHANNELS)]
        trouble = TROUBLES[(number + number // len(CHANNELS)) % len(TROUBLES)]  # each meets each in a hundred papers
        host = f"127.0.{1 + number // 200}.{1 + number % 200}"
        told = []
        for n in range(stories):
            published = BEGIN + timedelta(seconds=chance.uniform(0, 23 * 3600))
            edited = published + timedelta(hours=chance.expovariate(1 / 8) + 0.2) if chance.random() < 0.25 else None
            path = f"/2026/03/02/{chance.choice(('harbour', 'council', 'ferry', 'storm'))}-report-number-{number}-{n}"
            story = Story(n, path, published, edited)
            story.empty = trouble == "empty" and n % 5 == 0
            if trouble == "none" and n % 10 == 9:
                story.forbidden, story.path = True, f"/private{path}"
            told.append(story)
        made.append(Paper(number, host, channel, trouble, sorted(told, key=lambda s: s.published)))
    return made


class TimedTurn(gate.Turn):
    """A turn that keeps when it was given and when its request had been written: for judging whose clock is wrong."""

    __slots__ = ()
    given_at: ClassVar[dict[str, list[float]]] = defaultdict(list)
    written_at: ClassVar[dict[str, list[float]]] = defaultdict(list)

    def __init__(self, of: gate.HostGate, key: str, lane: gate.Lane, *, holds: bool) -> None:
        super().__init__(of, key, lane, holds=holds)
        self.given_at[key].append(of.clock.monotonic())

    def sent(self) -> None:
        super().sent()
        self.written_at[self._key].append(self._started_at)

    @classmethod
    def gap_s(cls, key: str) -> float:
        """Return how long after the last request had been written the last turn was given."""
        given = cls.given_at[key][-1]
        return given - max((at for at in cls.written_at[key][-3:] if at < given), default=float("-inf"))


class Servers:
    """All papers behind one asyncio server on many loopback addresses."""

    def __init__(self, papers: Sequence[Paper], clock: PressClock) -> None:
        self.port = 0
        self._papers = {paper.host: paper for paper in papers}
        self._clock = clock

    async def open(self) -> None:
        first, *rest = self._papers
        server = await asyncio.start_server(self._serve, first, 0)
        self.port = server.sockets[0].getsockname()[1]
        self._servers = [server, *[await asyncio.start_server(self._serve, host, self.port) for host in rest]]

    def base(self, paper: Paper) -> str:
        return f"http://{paper.host}:{self.port}"

    async def close(self) -> None:
        for server in self._servers:
            server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        paper = self._papers[writer.get_extra_info("sockname")[0]]
        sock = writer.get_extra_info("socket")
        try:
            while head := (await reader.readuntil(b"\r\n\r\n")).decode("latin-1"):
                read_at = self._clock.monotonic()
                answer = self._answer(
                    paper, head.split(" ")[1], head.lower(), at=self._arrived_at(sock), read_at=read_at
                )
                if answer is None:
                    break
                writer.write(answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def _arrived_at(self, sock: socket.socket) -> float:
        """Return when the request that was read now arrived: crawler and servers share a loop, which may be busy."""
        for _ in range(_MOST_LOOKS):
            asked = self._clock.monotonic()
            waited_s = _waited_s(sock)
            if self._clock.monotonic() - asked < _JIFFIES_S / 5:
                break  # nobody else had the processor in between
        return asked - waited_s

    def _answer(self, paper: Paper, path: str, head: str, *, at: float, read_at: float) -> bytes | None:
        now = self._clock.now()
        paper.requests += 1
        self._judge_manners(paper, path, now, at=at, read_at=read_at)
        if paper.trouble == "down" and timedelta(hours=9) <= now - BEGIN < timedelta(hours=11):
            paper.kinds["while down"] += 1
            return None
        if path == "/robots.txt":
            paper.kinds["robots.txt"] += 1
            delay_s = CRAWL_DELAY_S if paper.trouble == "pace" else 0.0
            return _whole(robots_txt(disallow="/private/", crawl_delay_s=delay_s), "text/plain")
        if path.startswith("/channel"):
            paper.kinds["channel"] += 1
            return self._channel(paper, path, now)
        if path.startswith("/trap/"):
            paper.kinds["trap"] += 1
            return _whole(_trap_page(path))
        return self._story(paper, path, now, head)

    def _judge_manners(self, paper: Paper, path: str, now: datetime, *, at: float, read_at: float) -> None:
        if path == "/robots.txt":
            return
        if paper.trouble == "pace" and paper.last_at is not None:
            gap_s = at - paper.last_at
            paper.least_gap_s = min(paper.least_gap_s, gap_s)
            if gap_s < CRAWL_DELAY_S - _JIFFIES_S:
                paper.violations["Crawl-delay"] += 1
                told = {"arrived": gap_s, "read": read_at - paper.last_read_at, "waited": read_at - at}
                told["gate"] = TimedTurn.gap_s(f"{paper.host}:{self.port}")
                paper.early.append({"path": path, **{name: round(gap, 4) for name, gap in told.items()}})
        paper.last_at, paper.last_read_at = at, read_at
        closed = paper.closed_until
        if closed is not None and closed - now < timedelta(seconds=RETRY_AFTER_S - 1.0) and now < closed:
            paper.violations["Retry-After"] += 1  # 1 s: what was under way when it was said; one loop serves all here

    def _story(self, paper: Paper, path: str, now: datetime, head: str) -> bytes | None:
        plain = path.partition("?")[0].removeprefix("/go")
        story = next((s for s in paper.stories if s.path == plain), None)
        if story is None or now < story.published:
            return _whole(b"not found", status="404 Not Found")
        paper.violations["robots"] += story.forbidden
        story.asked += 1
        first = story.asked == 1
        kind, story.next_is = story.next_is, "again"
        story.first_path = story.first_path or path
        if paper.trouble == "session" and path != story.first_path:
            kind = "trap"
        paper.kinds[kind] += 1
        if paper.trouble == "error" and first and story.number % 3 == 0:
            story.next_is = "retry"
            return _whole(b"error", status="500 Internal Server Error")
        if paper.trouble == "late" and now < story.published + timedelta(minutes=20) and story.number % 2:
            story.next_is = "retry"
            return _whole(b"not yet", status="404 Not Found")
        if paper.trouble == "busy" and first and story.number % 4 == 0:
            story.next_is = "retry"
            paper.closed_until = now + timedelta(seconds=RETRY_AFTER_S)
            return _whole(b"busy", status="429 Too Many Requests", more=f"Retry-After: {RETRY_AFTER_S}\r\n")
        if paper.trouble == "moved" and path.startswith("/go"):
            story.next_is = "redirect"
            return _whole(b"", status="301 Moved Permanently", more=f"Location: {plain}\r\n")
        if paper.trouble == "cookie" and "cookie: seen=1" not in head:
            story.next_is = "redirect"
            return _whole(b"", status="302 Found", more=f"Location: {path}\r\nSet-Cookie: seen=1; Path=/\r\n")
        version = story.version(now)
        tag = '"same"' if paper.trouble == "etag" else f'"{story.number}-{version}"'
        if f"if-none-match: {tag}" in head:
            paper.kinds["of them 304"] += 1
            return _whole(b"", status="304 Not Modified", more=f"ETag: {tag}\r\n")
        story.fetched.append((now, version))
        return _whole(_page(paper, story, version), more=f"ETag: {tag}\r\n")

    def _channel(self, paper: Paper, path: str, now: datetime) -> bytes:
        out = [s for s in paper.stories if s.published <= now]
        recent = sorted(out, key=lambda s: s.published, reverse=True)[:WINDOW]
        base, title = self.base(paper), paper.name
        kind = path.removeprefix("/channel/")
        paper.channel_reads += 1
        trap = _trap(paper.trouble, paper.channel_reads)
        body, mime = _channel(kind, title, base, out, recent, trap, paper, now)
        return _whole(body, mime)


def _channel(
    kind: str,
    title: str,
    base: str,
    out: list[Story],
    recent: list[Story],
    trap: list[str],
    paper: Paper,
    now: datetime,
) -> tuple[bytes, str]:
    more = [Item(url=base + path, title=f"More {n} of today", published=now) for n, path in enumerate(trap)]
    items = [_item(base, s, paper, now) for s in recent] + more
    if kind == "rdf":
        return rss1(title, base, items), "application/rdf+xml"
    if kind == "atom":
        return _updated(atom(title, base, items), recent, now), "application/atom+xml"
    if kind == "json":
        return json_feed(title, base, items), "application/feed+json"
    if kind == "news":
        return news_sitemap(title, "en", items), "application/xml"
    if kind == "index":
        return sitemap_index([(f"{base}/channel/sitemap", now)]), "application/xml"
    if kind == "sitemap":
        pages = [Item(url=base + _address(paper, s), title="", published=_modified(s, now)) for s in out]
        return sitemap([*pages, *more]), "application/xml"
    if kind == "listing":
        links = "".join(
            f'<h2><a href="{_address(paper, s)}">Report of the day number {s.number}</a></h2>' for s in recent
        ) + "".join(f'<h2><a href="{path}">More of the programme of the day</a></h2>' for path in trap)
        return f"<html><body>{links}</body></html>".encode(), "text/html"
    return rss2(title, base, items[::-1] if kind == "oldest-first" else items), "application/rss+xml"


def _trap(trouble: str, read: int) -> list[str]:
    """Return what a trap adds to the reading `read` of its channel: always something new."""
    if trouble == "calendar":
        days = (BEGIN + timedelta(days=10 * read + n) for n in range(10))
        return [f"/trap/events/{day:%Y/%m/%d}/programme-of-the-whole-town" for day in days]
    if trouble == "pages":
        return [f"/trap/browse/reports-of-the-harbour-and-the-town?page={10 * read + n}" for n in range(10)]
    if trouble == "deeper":
        return ["/trap" + "/archive" * (read + n) + "/reports-of-the-harbour-and-the-town" for n in range(5)]
    return []


def _trap_page(path: str) -> bytes:
    """Return a page with links and no story: always the same few words, whatever its address."""
    links = "".join(f"<li><a href='{path}/{n}'>Entry {n}</a></li>" for n in range(30))
    return f"<html><head><title>Programme</title></head><body><h1>Programme</h1><ul>{links}</ul></body></html>".encode()


def _address(paper: Paper, story: Story) -> str:
    """Return the path by which a channel announces a story now."""
    if paper.trouble == "session":
        return f"{story.path}?visitor={random.Random(f'{paper.number}-{paper.channel_reads}').randbytes(8).hex()}"
    return story.path


def _modified(story: Story, now: datetime) -> datetime:
    return story.edited if story.edited is not None and now >= story.edited else story.published


def _updated(feed: bytes, recent: list[Story], now: datetime) -> bytes:
    """Give each entry of an Atom feed the moment of its last change."""
    text = feed.decode()
    for story in recent:
        stamp = story.published.isoformat()
        changed = _modified(story, now).isoformat()
        text = text.replace(f"<updated>{stamp}</updated>", f"<updated>{changed}</updated>")
    return text.encode()


def _item(base: str, story: Story, paper: Paper, now: datetime) -> Item:
    address = base + ("/go" if paper.trouble == "moved" else "") + _address(paper, story)
    if paper.trouble == "tracking":
        address += f"?utm_source=rss&utm_medium=poll-{now:%H%M}&fbclid={now:%d%H%M}"
    return Item(url=address, title=f"Report {story.number}", published=story.published)


def _page(paper: Paper, story: Story, version: int) -> bytes:
    if story.empty:
        return b"<html><head><title>x</title></head><body></body></html>"
    edit = "<p>Correction: an earlier version of this report gave the wrong pier.</p>" if version else ""
    text = "".join(
        f"<p>Paragraph {n} of report {story.number} in {paper.name} tells what the council made of pier {n} at "
        "length.</p>"
        for n in range(6)
    )
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Report {story.number}</title></head>'
        f"<body><nav><a href='/'>Home</a></nav><article><h1>Report number {story.number} of "
        f"{paper.name}</h1>{text}{edit}"
        "</article></body></html>"
    ).encode()


def _waited_s(sock: socket.socket) -> float:
    """Return for how long a request that was read now had been there."""
    told = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)
    return int.from_bytes(told[_TCPI_LAST_DATA_RECV : _TCPI_LAST_DATA_RECV + 4], sys.byteorder) / 1000


def _whole(body: bytes, mime: str = "text/html", *, status: str = "200 OK", more: str = "") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {mime}; charset=utf-8\r\nContent-Length: {len(body)}\r\n{more}\r\n"
    return head.encode() + body


def polls() -> list[datetime]:
    """A day and two hours every half hour, then now and then until the last visits are over."""
    day = [BEGIN + POLL * n for n in range(1, 53)]
    return day + [day[-1] + timedelta(hours=h) for h in (2, 4, 8, 12, 20, 26, 36, 48, 72, 120, 168, 192)]


async def follow(papers: Sequence[Paper], folder: Path, at_once: int) -> dict[str, object]:
    """Poll every paper at every moment; return the figures."""
    clock = PressClock()
    servers = Servers(papers, clock)
    await servers.open()
    overrides = {
        "storage.url": f"file:{folder / 'data'}", "state.dir": str(folder / "state"), "spool.min_free_bytes": 0,
        "fetch.allow_private": True, "fetch.max_delay_s": 5.0, "fetch.robots_ttl_s": 86_400.0,
    }  # fmt: skip
    door = asyncio.Semaphore(at_once)
    runs = 0
    begun = time.monotonic()
    before = _cpu_s()
    async with await Crawls.open(load(overrides=overrides), clock=clock) as crawls:

        async def one(paper: Paper) -> None:
            async with door:
                run = crawls.begin(new_run(paper.name, trigger="schedule", clock=clock))
                await crawls.run(run, site_of(paper, servers.base(paper)))

        for moment in polls():
            clock.move_to(moment)
            await asyncio.gather(*(one(paper) for paper in papers))
            runs += len(papers)
        cpu_s = _cpu_s() - before
        figures = judge(papers, crawls, servers)
    await servers.close()
    return {
        **figures,
        "runs": runs,
        "cpu_ms_per_run": round(1000 * cpu_s / runs, 2),
        "cpu_ms_per_story": round(1000 * cpu_s / figures["stories"], 1),
        "wall_s": time.monotonic() - begun,
    }


def site_of(paper: Paper, base: str) -> Site:
    """Return the declaration by which a paper is followed."""
    own = f"{base}/channel/{paper.channel}"
    channels: dict[str, tuple[str, ...]] = {
        "news": {"news_sitemaps": (own,)}, "sitemap": {"sitemaps": (own,)}, "index": {"sitemaps": (own,)},
        "listing": {"sections": (own,)},
        "feed+sitemap": {"feeds": (f"{base}/channel/rss",), "sitemaps": (f"{base}/channel/sitemap",)},
    }.get(paper.channel, {"feeds": (own,)})  # fmt: skip
    return Site(
        name=paper.name, title=paper.name, country="gb", languages=("en",), home=f"{base}/", delay_s=0.0,
        allow_private=True, **channels,
    )  # fmt: skip


def judge(papers: Sequence[Paper], crawls: Crawls, servers: Servers) -> dict[str, Any]:
    """Return the figures, from what the servers saw."""
    state = crawls._services.state
    wanted: Counter[str] = Counter()
    had: Counter[str] = Counter()
    delays: list[float] = []
    edits: dict[bool, list[bool]] = defaultdict(list)
    seen_by: dict[str, list[bool]] = defaultdict(list)
    unchanged_by: Counter[str] = Counter()
    unchanged = story_requests = explained = missed = 0
    for paper in papers:
        for story in paper.stories:
            story_requests += story.asked
            if story.forbidden:
                continue
            kinds = (paper.channel, paper.trouble)
            wanted.update(kinds)
            if not story.fetched:
                missed += 1
                known = state.entry(servers.base(paper) + story.path)
                explained += known is not None and known.reason is not None
                continue
            had.update(kinds)
            ready = max(story.published, BEGIN)
            delays.append((story.fetched[0][0] - ready) / POLL)
            versions = [version for _, version in story.fetched]
            again = sum(a == b for a, b in pairwise(versions)) if not story.empty else 0
            unchanged += again
            unchanged_by.update({kind: again for kind in kinds if again})
            if story.edited is not None and versions[0] == 0 and not story.empty:
                edits[paper.channel in SIGNALLED].append(1 in versions)
                if paper.channel not in SIGNALLED:
                    seen_by[paper.trouble].append(1 in versions)
    stories = sum(len(paper.stories) for paper in papers)
    kinds_of_requests: Counter[str] = Counter()
    violations: Counter[str] = Counter({"robots": 0, "Crawl-delay": 0, "Retry-After": 0})
    for paper in papers:
        kinds_of_requests.update(paper.kinds)
        violations.update(paper.violations)
    traps = [paper for paper in papers if paper.trouble in TRAPS]
    delays.sort()
    return {
        "stories": stories,
        "recall": {kind: round(100 * had[kind] / wanted[kind], 2) for kind in (*CHANNELS, *TROUBLES) if wanted[kind]},
        "recall_all": round(100 * sum(had[c] for c in CHANNELS) / sum(wanted[c] for c in CHANNELS), 2),
        "delay_polls_p50": round(statistics.median(delays), 2),
        "delay_polls_p95": round(delays[int(len(delays) * 0.95)], 2),
        "requests_per_story": round(sum(paper.requests for paper in papers) / stories, 2),
        "story_requests_per_story": round(story_requests / stories, 2),
        "requests_by_kind_per_story": {kind: round(n / stories, 3) for kind, n in kinds_of_requests.most_common()},
        "story_requests_by_trouble": _by_trouble(papers),
        "fetched_again_unchanged_percent": round(100 * unchanged / max(1, story_requests), 2),
        "edits_signalled_percent": _percent(edits[True]),
        "edits_unsignalled_percent": _percent(edits[False]),
        "edits_unsignalled": {trouble: f"{sum(seen)} of {len(seen)}" for trouble, seen in seen_by.items()},
        "fetched_again_unchanged": dict(unchanged_by.most_common()),
        "violations": violations,
        "early": [early for paper in papers for early in paper.early],
        "least_gap_s": round(min((paper.least_gap_s for paper in papers), default=0.0), 4),
        "trap_pages": {paper.name: paper.kinds["trap"] for paper in traps},
        "trap_pages_beyond_the_bound": sum(max(0, paper.kinds["trap"] - TRAP_BOUND) for paper in traps),
        "missed": missed,
        "missed_explained": explained,
    }


def _by_trouble(papers: Sequence[Paper]) -> dict[str, float]:
    asked: dict[str, list[int]] = defaultdict(list)
    for paper in papers:
        asked[paper.trouble] += [story.asked for story in paper.stories]
    return {trouble: round(statistics.mean(counts), 2) for trouble, counts in asked.items()}


def _percent(seen: Sequence[bool]) -> float | None:
    return round(100 * sum(seen) / len(seen), 2) if seen else None


def _cpu_s() -> float:
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--papers", type=int, default=100)
    parser.add_argument("--stories", type=int, default=30, help="of each paper")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--at-once", type=int, default=8, help="runs")
    parser.add_argument("--troubles", nargs="+", choices=TROUBLES, default=TROUBLES, help="only papers that have these")
    given = parser.parse_args()
    gate.Turn = TimedTurn  # type: ignore[misc] - the gate makes its turns of it
    with tempfile.TemporaryDirectory() as folder:
        papers = [p for p in press(given.papers, given.stories, given.seed) if p.trouble in given.troubles]
        figures = asyncio.run(follow(papers, Path(folder), given.at_once))
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
