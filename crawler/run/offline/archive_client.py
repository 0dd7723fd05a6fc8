"""Archives in the place of the web: a client that answers each request with what was captured, and knows no other way.

What was never captured is a 404. Of several captures of one URL the latest that answered is given; a revisit, with what
it refers to. Nothing here can open a connection.
"""

from __future__ import annotations

__all__ = ["ArchiveClient", "OfflineStore", "index_archives"]

import asyncio
import hashlib
import sqlite3
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import closing, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from crawler.archive.folders import ARTICLES, PROFILES, TAKEDOWNS
from crawler.archive.read.captures import ArchivedCapture, pair_records, read_one, warcs_in
from crawler.archive.read.cdxj import url_key
from crawler.archive.read.records import Fault, walk
from crawler.archive.store import Store, StoredObject
from crawler.capture.wire.client import VIEW_BYTES, WireAnswer
from crawler.capture.wire.request import WireRequest, serialise, target_of
from crawler.clock import Clock, iso_utc
from crawler.errors import BadArchive, StoreError
from crawler.http.blocks import Block, MemoryBlock, SpooledBlock
from crawler.http.body import entity
from crawler.http.head import stored_head
from crawler.model.capture import Capture
from crawler.model.exchange import Exchange, Timings
from crawler.run.offline.reading import read_source
from crawler.run.offline.sources import Source

_MISSING = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_SCHEMA = """
    CREATE TABLE capture (
        urlkey TEXT NOT NULL, url TEXT NOT NULL, captured_at TEXT NOT NULL, source INTEGER NOT NULL, warc TEXT NOT NULL,
        offset INTEGER NOT NULL, digest TEXT NOT NULL, revisit INTEGER NOT NULL
    );
    CREATE INDEX by_key ON capture (urlkey, captured_at);
    CREATE INDEX by_digest ON capture (digest) WHERE NOT revisit;
"""


def index_archives(sources: Sequence[Source], path: Path) -> list[str]:
    """Write to `path` where each capture of `sources` lies; return what of them cannot be read."""
    faults: list[str] = []
    with closing(sqlite3.connect(path)) as database, database:
        database.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;" + _SCHEMA)
        for number, source in enumerate(sources):
            database.executemany("INSERT INTO capture VALUES (?, ?, ?, ?, ?, ?, ?, ?)", _rows(number, source, faults))
    return faults


class ArchiveClient:
    """Answers from the archives; see `crawler.capture.wire.client.WireClient`, in whose place it stands."""

    def __init__(self, sources: Sequence[Source], index: Path, *, clock: Clock) -> None:
        self._sources = sources
        self._database = sqlite3.connect(index, check_same_thread=False)
        self._clock = clock
        self.missing = 0
        """Requests for what was never captured."""

    async def ask(
        self,
        request: WireRequest,
        *,
        allow_private: bool = False,  # noqa: ARG002 - nothing is asked of any address
        on_exchange: Callable[[Exchange], Awaitable[Capture | None]],
        on_sent: Callable[[], None] = lambda: None,
        before_again: Callable[[], Awaitable[None]] | None = None,  # noqa: ARG002 - nothing is sent twice
    ) -> WireAnswer:
        """Return what was captured of the request's URL, handed over as if it had just come; a 404 if nothing was."""
        on_sent()
        found = await asyncio.to_thread(self._found, request.url)
        self.missing += found is None
        block: Block = found[0] if found is not None else MemoryBlock(_MISSING)
        head = stored_head(block)
        sha1, sha256, size, beginning = _payload(block)
        target = target_of(request.url)
        exchange = Exchange(
            url=target.url,
            method=request.method,
            captured_at=found[1] if found is not None else self._clock.now(),
            request=serialise(request, target, absolute=False),
            response=block,
            head=head,
            payload_sha1=sha1,
            payload_sha256=sha256,
            payload_size=size,
            timings=Timings(total_s=0.0),
        )
        return WireAnswer(exchange=exchange, capture=await on_exchange(exchange), entity=beginning, error=None)

    @property
    def open_connections(self) -> int:
        """Return none: there are no connections."""
        return 0

    async def close(self) -> None:
        """Let go of the index."""
        self._database.close()

    def _found(self, url: str) -> tuple[Block, datetime] | None:
        """Return the latest response of `url`, at its own address if there is one, and when it was captured."""
        rows = self._database.execute(
            "SELECT source, warc, offset, digest, revisit, captured_at FROM capture WHERE urlkey = ?"
            " ORDER BY url = ? DESC, captured_at DESC",
            (url_key(url), url),
        )
        for number, warc, offset, digest, revisit, captured_at in rows.fetchall():
            place = (number, warc, offset) if not revisit else self._original(digest)
            block = _response_at(self._sources[place[0]], place[1], place[2]) if place is not None else None
            if block is not None:
                return block, datetime.fromisoformat(captured_at).astimezone(UTC)
        return None

    def _original(self, digest: str) -> tuple[int, str, int] | None:
        found: tuple[int, str, int] | None = self._database.execute(
            "SELECT source, warc, offset FROM capture WHERE digest = ? AND NOT revisit", (digest,)
        ).fetchone()
        return found if digest else None


class OfflineStore:
    """Articles go to one store, what belongs to them is read from the archive's own, and all else stays in a folder of
    its own.
    """

    def __init__(self, articles: Store, archive: Store, rest: Store) -> None:
        self._articles = articles
        self._archive = archive
        self._rest = rest
        self.url = articles.url

    def put(
        self,
        key: str,
        source: Path | bytes,
        *,
        sha256: bytes | None = None,
        overwrite: bool = False,
        settled: bool = False,
    ) -> StoredObject:
        return self._to_write(key).put(key, source, sha256=sha256, overwrite=overwrite, settled=settled)

    def put_many(self, objects: Iterable[tuple[str, bytes]], *, in_flight: int = 1) -> None:
        self._articles.put_many(objects, in_flight=in_flight)

    def get(self, key: str) -> bytes:
        return self._to_read(key).get(key)

    def open(self, key: str, *, offset: int = 0, length: int | None = None) -> BinaryIO:
        return self._to_read(key).open(key, offset=offset, length=length)

    def delete(self, key: str) -> None:
        self._to_write(key).delete(key)

    def head(self, key: str) -> StoredObject | None:
        return self._to_read(key).head(key)

    def list(self, prefix: str = "", *, ends: str = "") -> Iterator[StoredObject]:
        return self._to_read(prefix).list(prefix, ends=ends)

    def check(self) -> None:
        self._articles.check()
        self._rest.check()

    def leftovers(self) -> Iterator[str]:
        return iter(())

    def strays(self) -> Iterator[str]:
        return iter(())

    def sweep(self) -> tuple[str, ...]:
        return ()

    def _to_write(self, key: str) -> Store:
        return self._articles if key.startswith(ARTICLES) else self._rest

    def _to_read(self, key: str) -> Store:
        return self._archive if key.startswith((PROFILES, TAKEDOWNS)) else self._to_write(key)


def _rows(number: int, source: Source, faults: list[str]) -> Iterator[tuple[object, ...]]:
    try:
        for item in read_source(source):
            if isinstance(item, Fault):
                faults.append(str(item))
                continue
            capture = item.capture
            is_revisit = capture.kind == "revisit"
            if capture.status and not (is_revisit and capture.status == 304):
                moment = iso_utc(capture.captured_at)
                yield (
                    url_key(capture.url), capture.url, moment, number, capture.warc, capture.offset,
                    capture.payload_sha1,
                    is_revisit,
                )  # fmt: skip
    except (BadArchive, StoreError) as error:
        faults.append(f"{source}: {error}")


def _response_at(source: Source, warc: str, offset: int) -> Block | None:
    """Return the response at that place; None if it cannot be read any more."""
    store = source.store
    try:
        with store.open(source.place) if store is not None else nullcontext(Path(source.place)) as content:
            if warc == source.name:
                try:
                    return read_one(content, offset, name=warc).response
                except BadArchive:
                    pass  # the offset is one in the decoded content
        with store.open(source.place) if store is not None else nullcontext(Path(source.place)) as content:
            for part in warcs_in(content, name=source.name):
                if isinstance(part, Fault) or part.name != warc:
                    continue
                for item in pair_records(walk(part.stream, name=part.name), name=part.name):
                    if isinstance(item, ArchivedCapture) and item.capture.offset == offset:
                        return item.response
    except (BadArchive, StoreError):
        pass
    return None


def _payload(block: Block) -> tuple[bytes, bytes, int, bytes]:
    """Return the digests, the size and the beginning of the entity in `block`."""
    sha1, sha256, size = hashlib.sha1(usedforsecurity=False), hashlib.sha256(), 0
    beginning = SpooledBlock()
    for piece in entity(block, stored_head(block)):
        sha1.update(piece)
        sha256.update(piece)
        if size < VIEW_BYTES:
            beginning.write(piece[: VIEW_BYTES - size])
        size += len(piece)
    return sha1.digest(), sha256.digest(), size, beginning.read()
