"""A small archive to spoil: made here by the writers that a crawl uses, or a part of somebody's store, copied.

Either way the state is made from the archive by `rebuild`, and the manifests anew: what lies there is as a crawl leaves
it.
"""

from __future__ import annotations

__all__ = ["copy_sample", "make_sample"]

import gzip
import hashlib
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from crawler.archive.articles import Batch, LineWriter
from crawler.archive.check.manifest import make_manifests
from crawler.archive.folders import ARTICLES, PROFILES
from crawler.archive.profiles import ProfileShelf, put_profile
from crawler.archive.read.captures import ArchivedCapture, read_captures
from crawler.archive.read.catalogue import stored_warcs
from crawler.archive.store import Store
from crawler.archive.store.folder import FileStore
from crawler.archive.write.ship import Shipper
from crawler.archive.write.spool import Spool
from crawler.clock import Clock
from crawler.config import Config
from crawler.errors import UsageError
from crawler.http.blocks import MemoryBlock
from crawler.http.body import entity
from crawler.http.head import stored_head
from crawler.model.article import ArticleHead
from crawler.model.capture import Announcement, Capture, Provenance, why_no_page
from crawler.model.exchange import Exchange, Timings
from crawler.model.profile import SiteProfile, sealed_profile
from crawler.parse.version import PARSER_VERSION
from crawler.run.live.services import open_spool
from crawler.run.offline.history import ReplayClock
from crawler.run.offline.rebuild import rebuild
from crawler.run.parsing.page_task import in_memory
from crawler.run.parsing.perform import perform
from crawler.run.parsing.pool import ParsePool
from crawler.run.parsing.recipe import Recipe
from crawler.run.receipts import keep_manifests, known_receipts
from crawler.run.state_folder import SHELF, SPOOL

_SITE = "gazette"
_HOST = "news.example"
_DAY = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
_WORDS = [
    "council",
    "bridge",
    "harbour",
    "ferry",
    "morning",
    "market",
    "budget",
    "school",
    "river",
    "library",
    "train",
    "winter",
    "story",
    "street",
    "vote",
]


async def make_sample(config: Config, recipe: Recipe) -> None:
    """Fill the empty folders that `config` names with an archive of two days, and a file that waits in the spool."""
    clock = ReplayClock()
    store = FileStore(Path(config.storage.url.partition(":")[2]))
    spool = open_spool(config, clock)
    kept: dict[int, Capture] = {}
    try:
        for day in range(2):
            run = f"{_DAY + timedelta(days=day):%Y%m%dT%H%M%SZ}-{_SITE}-0a1b{day}"
            await _crawl(spool, clock, day, run, kept)
        shipper = Shipper(Path(config.state.dir) / SPOOL, store, clock=clock, grace_s=0.0, on_receipt=lambda _: None)
        shipper.ship_ready()
        clock.at = _DAY + timedelta(days=2)
        await spool.record(_exchange(9, clock, _page(9)), _provenance(f"{clock.at:%Y%m%dT%H%M%SZ}-{_SITE}-0a1b9", 9))
    finally:
        await spool.close()
    for days in (0, 1):
        put_profile(store, _profile(_DAY + timedelta(days=days)))
    _publish(store, recipe)
    await _complete(config, store, recipe, clock)


async def copy_sample(source: Store, config: Config, recipe: Recipe, *, most_bytes: int) -> None:
    """Copy the first WARC files of `source`, up to `most_bytes`, with what belongs to them, into `config`'s empty
    folders.

    Raises UsageError if there is none of that size, StoreError.
    """
    root = Path(config.storage.url.partition(":")[2])
    room, runs = most_bytes, set()
    for warc in stored_warcs(source):
        if warc.size > room:
            continue
        room -= warc.size
        for key in filter(None, (warc.key, warc.index_key)):
            _copy(source, key, root)
        for item in read_captures(root / warc.key, max_block=0):
            if isinstance(item, ArchivedCapture) and item.provenance is not None:
                known = item.provenance
                runs.add(Batch.named(known.site, known.run, item.capture.captured_at.isoformat()).prefix)
    if room == most_bytes:
        raise UsageError(f"{source.url} holds no WARC file of up to {most_bytes} bytes", next_step="name another store")
    for prefix in (*(f"{run}/" for run in sorted(runs)), PROFILES):
        for stored in source.list(prefix):
            _copy(source, stored.key, root)
    clock = ReplayClock()
    clock.at = datetime.now(UTC) + timedelta(days=1)
    await _complete(config, FileStore(root), recipe, clock)


async def _complete(config: Config, store: Store, recipe: Recipe, clock: Clock) -> None:
    """Make what follows from the files: state, manifests, and the copies of the profiles that were read."""
    async with ParsePool(config.parse) as pool:
        await rebuild(store, config.state, recipe=recipe, pool=pool)
    made = make_manifests(store, clock=clock, receipts=known_receipts(config.state, clock=clock))
    keep_manifests(config.state, made, clock=clock)
    shelf = Path(config.state.dir) / SHELF
    for stored in store.list(PROFILES):
        _copy(store, stored.key, shelf)


def _copy(store: Store, key: str, root: Path) -> None:
    path = root / key
    path.parent.mkdir(parents=True, exist_ok=True)
    with store.open(key) as stream, path.open("wb") as target:
        shutil.copyfileobj(stream, target)


async def _crawl(spool: Spool, clock: ReplayClock, day: int, run: str, kept: dict[int, Capture]) -> None:
    """Record what a run of that day meets: the second finds what the first has `kept` unchanged, and pages of its
    own.
    """
    clock.at = _DAY + timedelta(days=day)
    for number in (0, 1, 2) if day == 0 else (3, 4):
        clock.at += timedelta(seconds=2)
        kept[number] = await spool.record(_exchange(number, clock, _page(number)), _provenance(run, number))
    clock.at += timedelta(seconds=2)
    if day:
        await spool.record(_exchange(0, clock, _page(0)), _provenance(run, 0), revisit_of=kept[0])
        clock.at += timedelta(seconds=2)
        await spool.record(
            _exchange(1, clock, b"HTTP/1.1 304 Not Modified\r\n\r\n"), _provenance(run, 1), revisit_of=kept[1]
        )
    else:
        await spool.record(
            _exchange(8, clock, b"", error="the server closed the connection without an answer"), _provenance(run, 8)
        )
    await spool.seal()


def _provenance(run: str, number: int) -> Provenance:
    announced = Announcement(url=_url(number), role="article", source="seed")
    return Provenance(run=run, site=_SITE, role="article", announcement=announced)


def _url(number: int) -> str:
    return f"http://{_HOST}/2026/story-{number}.html"


def _exchange(number: int, clock: Clock, response: bytes, *, error: str | None = None) -> Exchange:
    block = MemoryBlock(response)
    head = stored_head(block) if response else None
    body = b"".join(entity(block, head)) if response else b""
    asked = 'If-None-Match: "a"\r\n' if head is not None and head.status == 304 else "Accept-Encoding: gzip\r\n"
    return Exchange(
        url=_url(number),
        method="GET",
        captured_at=clock.now(),
        request=f"GET /2026/story-{number}.html HTTP/1.1\r\nHost: {_HOST}\r\n{asked}\r\n".encode(),
        response=block,
        head=head,
        error=error,
        ip_address="192.0.2.7",
        payload_sha1=hashlib.sha1(body, usedforsecurity=False).digest(),
        payload_sha256=hashlib.sha256(body).digest(),
        payload_size=len(body),
        timings=Timings(total_s=0.2),
    )


def _page(number: int) -> bytes:
    """Return a response: as it is, chunked, or gzip-coded, in turn."""
    sentences = [
        " ".join(_WORDS[(number * 7 + place * 5 + word * (place + 2)) % len(_WORDS)] for word in range(12)) + "."
        for place in range(24)
    ]
    paragraphs = "".join(f"<p>{' '.join(sentences[place : place + 3]).capitalize()}</p>" for place in range(0, 24, 3))
    body = (
        f"<!doctype html><html lang=en><head><title>Story {number} of the harbour</title>"
        f'<meta property="article:published_time" content="2026-11-20T0{number % 10}:00:00Z"></head>'
        f"<body><article><h1>Story {number} of the harbour</h1>{paragraphs}</article></body></html>\n"
    ).encode()
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
    if number % 3 == 1:
        return head + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    if number % 3 == 2:
        packed = gzip.compress(body, mtime=0)
        return head + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s" % (len(packed), packed)
    return head + b"Content-Length: %d\r\n\r\n%s" % (len(body), body)


def _profile(at: datetime) -> SiteProfile:
    return sealed_profile(
        SiteProfile(
            site=_SITE, valid_from=at, learned_at=at, since=at, until=at, articles=40, parser_version=PARSER_VERSION
        )
    )


def _publish(store: FileStore, recipe: Recipe) -> None:
    """Write the articles of the store's pages, as the run that fetched them does at its end."""
    batches: dict[Batch, list[bytes]] = {}
    shelf = ProfileShelf(store, ReplayClock())
    for warc in stored_warcs(store):
        with store.open(warc.key) as stream:
            for item in read_captures(stream, name=warc.name):
                assert isinstance(item, ArchivedCapture)
                if why_no_page(item.capture, item.provenance, error=item.error) is None:
                    task = recipe.with_profiles(shelf).task(
                        item.capture, item.provenance, in_memory(item.response), head=item.head
                    )
                    line = perform(task).line
                    batches.setdefault(Batch.of(msgspec.json.decode(line, type=ArticleHead)), []).append(line)
    for batch, lines in batches.items():
        LineWriter(store).write(batch, lines)
    assert all(batch.prefix.startswith(ARTICLES) for batch in batches)
