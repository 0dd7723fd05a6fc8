"""The state anew, from the store alone: for a lost disk, a damaged database, or a second machine.

Every WARC is read through once and hashed on the way; a receipt is entered only for one in which nothing is wrong, so
that no revisit will ever refer to less. The new database gets its name when it is complete.
"""

from __future__ import annotations

__all__ = ["Rebuilt", "rebuild"]

import hashlib
import io
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import BinaryIO, cast

import msgspec

from crawler.archive.articles import Batch, LineReader, line_digest
from crawler.archive.capture_metadata import read_notes
from crawler.archive.check.manifest import load_chain
from crawler.archive.check.verify import WarcCheck
from crawler.archive.profiles import ProfileShelf
from crawler.archive.read.captures import ArchivedCapture, pair_records, read_one
from crawler.archive.read.catalogue import StoredWarc, lonely_indexes, stored_warcs
from crawler.archive.read.hashed import HashedStream
from crawler.archive.read.records import Fault, RawRecord, walk_whole
from crawler.archive.run_ends import RunEnds
from crawler.archive.store import Store
from crawler.archive.takedowns import digests_after, is_or_became
from crawler.clock import iso_utc
from crawler.config import StateSettings
from crawler.errors import BadArchive, UsageError
from crawler.http.body import entity
from crawler.model.article import ArticleHead
from crawler.model.takedown import NOTHING_TAKEN_DOWN
from crawler.run.offline.history import History, ReplayClock
from crawler.run.offline.replayed_exchange import UnansweredRequest
from crawler.run.parsing.pool import ParsePool
from crawler.run.parsing.recipe import Recipe
from crawler.run.parsing.road import Road
from crawler.state import State, replaced_state

_BATCHES = 64
_NOTES_LIMIT = 1 << 22


class Rebuilt(msgspec.Struct, frozen=True, kw_only=True):
    """What was found in the store."""

    warcs: int
    receipts: int
    """WARCs in which nothing is wrong."""
    captures: int
    foreign: int
    """Captures that Warraq did not make; they are left out."""
    runs: int
    articles: int
    unpublished: int
    """Pages that give an article which the store does not have."""
    faults: tuple[str, ...]


async def rebuild(
    store: Store,
    settings: StateSettings,
    *,
    recipe: Recipe,
    pool: ParsePool,
    force: bool = False,
    on_progress: Callable[[int, int], None] | None = None,
) -> Rebuilt:
    """Make the state that `settings` name from `store`; pages are parsed by `recipe` with the store's profiles.

    `on_progress` is told WARCs done and in all.

    Raises UsageError if there is a state and `force` is off, or nothing in the store; StoreError; StateError. Then
    the old state is still there.
    """
    clock = ReplayClock()
    with replaced_state(settings, clock=clock, force=force) as state:
        warcs = stored_warcs(store)
        if not warcs:
            raise UsageError(f"{store.url} holds no WARC file", next_step="name the store with --store URL")
        road = Road(recipe.with_profiles(ProfileShelf(store, clock)), pool)
        work = _Rebuild(store, state, clock, road)
        work.miss(lonely_indexes(store))
        for done, warc in enumerate(warcs, 1):
            await work.read(warc)
            if on_progress is not None:
                on_progress(done, len(warcs))
        work.enter_manifests()
        return work.finish(len(warcs))


class _Rebuild:
    """The state being made, and what was counted on the way."""

    def __init__(
        self,
        store: Store,
        state: State,
        clock: ReplayClock,
        road: Road,
    ) -> None:
        self._store = store
        self._state = state
        self._clock = clock
        self._reader = LineReader(store, withheld=NOTHING_TAKEN_DOWN)  # the state knows it, and shows it to nobody
        self._batches: OrderedDict[Batch, dict[tuple[str, str], str]] = OrderedDict()
        self._runs: set[str] = set()
        self._articles = 0
        self._captures = 0
        self._foreign = 0
        self._receipts = 0
        self._faults: list[str] = []
        self._noted = _noted(store)
        self._rewritten = digests_after(store)
        self._history = History(
            state,
            clock,
            sites=road.recipe.sites,
            road=road,
            article_id=self._article_of,
            payload=self._payload_of,
            ends=RunEnds(store),
        )

    async def read(self, warc: StoredWarc) -> None:
        """Enter all that one WARC holds, then its receipt."""
        check = WarcCheck(warc.name, in_place=True)
        with self._store.open(warc.key) as stream:
            hashed = HashedStream(stream)
            tap = _Tap(check.watched(walk_whole(cast("BinaryIO", hashed), name=warc.name)), warc.name)
            for item in pair_records(iter(tap), name=warc.name):
                self._enter_unanswered(tap)
                check.remember(item)
                if isinstance(item, Fault):
                    continue
                if item.provenance is None:
                    self._foreign += 1
                else:
                    self._captures += 1
                    self._runs.add(item.provenance.run)
                    await self._history.enter(item)
            self._enter_unanswered(tap)
            hashed.drain()
        if not hashed.size:
            self._faults.append(f"{warc.key}: the file is empty")
            return
        index = self._compared_index(warc, check)
        self._faults += [str(fault) for fault in check.faults]
        if not check.faults:
            self._add_receipt(warc, hashed, index)

    def _compared_index(self, warc: StoredWarc, check: WarcCheck) -> str | None:
        """Hold the index beside a WARC against it and return its SHA-256 (hex).

        None: it is not there; `warraq index` makes it, it is no damage.
        """
        if warc.index_key is None:
            return None
        index = self._store.get(warc.index_key)
        check.compare(index)
        return hashlib.sha256(index).hexdigest()

    def enter_manifests(self) -> None:
        """Enter the manifests of the store, as far as their chain is whole."""
        try:
            chain = load_chain(self._store)
        except BadArchive as damage:
            self._faults.append(str(damage))
            return
        for link in chain:
            self._state.add_manifest(key=link.key, sha256=link.sha256, sequence=link.manifest.sequence)

    def miss(self, indexes: Iterable[str]) -> None:
        """Note that WARC files are gone whose indexes are there."""
        self._faults += [f"{key}: an index whose WARC is not there; its captures are not restored" for key in indexes]

    def finish(self, warcs: int) -> Rebuilt:
        """End the runs; return the counts."""
        self._history.finish()
        return Rebuilt(
            warcs=warcs,
            receipts=self._receipts,
            captures=self._captures,
            foreign=self._foreign,
            runs=len(self._runs),
            articles=self._articles,
            unpublished=self._history.unpublished,
            faults=tuple(self._faults),
        )

    def _enter_unanswered(self, tap: _Tap) -> None:
        for item in tap.taken():
            self._runs.add(item.notes.provenance.run)
            self._history.enter_unanswered(item)

    def _add_receipt(self, warc: StoredWarc, hashed: HashedStream, cdxj_sha256: str | None) -> None:
        stored = self._store.head(warc.key)
        digest = hashed.digest.digest()
        if stored is None or stored.size != hashed.size or stored.sha256 not in (None, digest):
            self._faults.append(f"{warc.key}: what was read is not what the store says it holds")
            return
        noted = self._noted.get(warc.key)
        if noted is not None and not is_or_became(self._rewritten, warc.key, noted, digest.hex()):
            self._faults.append(f"{warc.key}: it is not what a manifest noted, which has SHA-256 {noted}")
            return
        self._receipts += 1
        self._state.add_receipt(
            warc=warc.name,
            key=warc.key,
            size_bytes=hashed.size,
            sha256=digest.hex(),
            etag=stored.etag,
            shipped_at=stored.modified_at or datetime.now(UTC),
            cdxj_sha256=cdxj_sha256,
        )

    def _article_of(self, item: ArchivedCapture) -> str | None:
        known = item.provenance
        assert known is not None
        moment = iso_utc(item.capture.captured_at)
        batch = self._batch(Batch.named(known.site, known.run, moment))
        return batch.get((moment, item.capture.url))

    def _payload_of(self, item: ArchivedCapture) -> bytes | None:
        """Return the payload that a revisit shares with a capture whose file was found sound."""
        same = self._state.same_payload(item.capture.url, item.capture.payload_sha256)
        receipt = self._state.receipt(same.warc) if same is not None else None
        if same is None or receipt is None:
            return None
        with self._store.open(receipt.key, offset=same.offset, length=same.length) as stream:
            original = read_one(stream, 0, name=same.warc)
        return b"".join(entity(original.response, original.head))

    def _batch(self, batch: Batch) -> dict[tuple[str, str], str]:
        """Return the ids of a batch's articles; they are entered into the state when it is read first."""
        known = self._batches.get(batch)
        if known is not None:
            self._batches.move_to_end(batch)
            return known
        ids: dict[tuple[str, str], str] = {}
        digests = [line_digest(line) for line in self._lines(batch)]
        for number, article in self._reader.numbered(batch, ArticleHead):
            if isinstance(article, BadArchive):
                self._faults.append(f"{article}; it is passed over, `warraq republish` mends it")
                continue
            ids[article.captured_at, article.url] = article.id
            if article.run is not None:
                path = batch.text(number, article.id)
                self._state.enter_article(article, path=path, line_sha256=digests[number])
        self._articles += len(ids)
        self._batches[batch] = ids
        if len(self._batches) > _BATCHES:
            self._batches.popitem(last=False)
        return ids

    def _lines(self, batch: Batch) -> list[bytes]:
        there = self._store.head(batch.lines) is not None
        return io.BytesIO(self._store.get(batch.lines)).readlines() if there else []


class _Tap:
    """Passes records on and keeps those of requests that got no response."""

    def __init__(self, records: Iterator[RawRecord | Fault], warc: str) -> None:
        self._records = records
        self._warc = warc
        self._alone: RawRecord | None = None
        self._found: list[UnansweredRequest] = []

    def __iter__(self) -> Iterator[RawRecord | Fault]:
        for record in self._records:
            if isinstance(record, RawRecord):
                self._look(record)
            yield record

    def taken(self) -> list[UnansweredRequest]:
        """Return what was found since the last call."""
        found, self._found = self._found, []
        return found

    def _look(self, record: RawRecord) -> None:
        headers = record.headers
        if record.type == "request":
            self._alone = record if "warc-concurrent-to" not in headers else None
        elif record.type == "metadata" and self._alone is not None:
            notes = read_notes(record.block.read(_NOTES_LIMIT))
            if notes is not None and headers.get("warc-concurrent-to") == self._alone.headers.get("warc-record-id"):
                self._found.append(UnansweredRequest.of(self._alone, notes, warc=self._warc))


def _noted(store: Store) -> dict[str, str]:
    """Return the SHA-256 (hex) of each WARC file that the manifests note; nothing by a chain that is broken, of which
    `_Rebuild.enter_manifests` tells.
    """
    try:
        return {note.key: note.sha256 for link in load_chain(store) for note in link.manifest.warcs}
    except BadArchive:
        return {}
