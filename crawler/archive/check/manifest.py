"""The manifest: for each day, which WARC files the store holds, chained so that later tampering shows.

One JSON object a day, under ``manifests/<yyyy>/<mm>/<yyyy-mm-dd>.json``: SHA-256, size and record counts of each WARC
begun that day (its key says the day), and the SHA-256 of the manifest before it. Written once, under a condition, never
changed; a file that comes later goes into a successor, ``<yyyy-mm-dd>.1.json``. Canonical JSON (RFC 8785: keys sorted,
no white space), so that a signature over the file holds for its meaning.
"""

from __future__ import annotations

__all__ = [
    "PREFIX",
    "ChainedManifest",
    "Manifest",
    "ManifestReport",
    "Previous",
    "WarcNote",
    "load_chain",
    "make_manifests",
    "verify_manifests",
]

import hashlib
import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import BinaryIO, Literal, NamedTuple, cast

import msgspec

from crawler.archive.read.catalogue import StoredWarc, stored_warcs
from crawler.archive.read.hashed import HashedStream
from crawler.archive.read.records import Fault, walk
from crawler.archive.store import Store
from crawler.clock import Clock, iso_utc
from crawler.errors import BadArchive, ObjectExists, StoreError

PREFIX = "manifests/"
FORMAT: Literal["warraq-manifest/1"] = "warraq-manifest/1"

_DAY = re.compile(r"warc/(\d{4})/(\d\d)/(\d\d)/[^/]+")


class WarcNote(msgspec.Struct, frozen=True, kw_only=True):
    """One WARC as it was when the manifest was made."""

    key: str
    size: int
    """Bytes."""
    sha256: str
    """Hex."""
    records: dict[str, int]
    """How many of each WARC-Type."""


class Previous(msgspec.Struct, frozen=True, kw_only=True):
    """The manifest before this one."""

    key: str
    sha256: str
    """Hex, of its bytes in the store."""


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What was in the store of one day."""

    format: Literal["warraq-manifest/1"] = FORMAT
    sequence: int
    """Place in the chain, from 0."""
    day: str
    """``2026-11-23``: the day the files were begun, UTC."""
    made_at: str
    previous: Previous | None
    """None for the first."""
    warcs: tuple[WarcNote, ...]
    """Sorted by key."""


class ChainedManifest(NamedTuple):
    """A manifest as it lies in the store."""

    key: str
    sha256: str
    manifest: Manifest


class ManifestReport(msgspec.Struct, frozen=True, kw_only=True):
    """What the check of the chain found."""

    manifests: int
    warcs: int
    """Files the manifests name."""
    read: int
    """Of them, how many were read through."""
    waiting: int
    """Files of days that have no manifest yet."""
    breaks: tuple[str, ...]
    """What is not as it was, the first break first."""


def make_manifests(
    store: Store,
    *,
    clock: Clock,
    days: Iterable[date] | None = None,
    before: date | None = None,
    receipts: Mapping[str, str] | None = None,
    on_file: Callable[[str], None] | None = None,
) -> list[ChainedManifest]:
    """Write a manifest for each of `days` that has files no manifest names; return them.

    Without `days`, for all before the day `before` (default: today). `receipts` maps keys to the SHA-256 (hex) of what
    was shipped; `on_file` is called before each file is read. Raises BadArchive if a file is not what was shipped,
    or the chain is broken; StoreError if another process writes manifests at the same time.
    """
    chain = load_chain(store)
    known = {note.key for link in chain for note in link.manifest.warcs}
    waiting: dict[str, list[StoredWarc]] = {}
    for warc in stored_warcs(store):
        if warc.key not in known:
            waiting.setdefault(_day_of(warc.key), []).append(warc)
    end = f"{before or clock.now():%Y-%m-%d}"
    wanted = sorted(f"{day:%Y-%m-%d}" for day in days) if days is not None else sorted(d for d in waiting if d < end)
    made = []
    for day in wanted:
        if day in waiting:
            chain.append(_write(store, chain, day, waiting[day], clock=clock, receipts=receipts or {}, on_file=on_file))
            made.append(chain[-1])
    return made


def load_chain(store: Store) -> list[ChainedManifest]:
    """Return the manifests of `store` in the order of the chain. Raises BadArchive where it is first broken."""
    chain, breaks = _read_chain(store)
    if breaks:
        raise BadArchive(f"{store.url}: {breaks[0]}", next_step="`warraq verify --manifest` tells more")
    return chain


def verify_manifests(
    store: Store, *, sample: float = 1.0, seed: int = 0, on_file: Callable[[str], None] | None = None
) -> ManifestReport:
    """Check chain and files: each WARC is there, as long as noted, and (of a share `sample`) has its digest.

    A file of a day that has a manifest, or of an earlier one, that none names is a break too. Raises StoreError.
    """
    chain, breaks = _read_chain(store)
    there = {warc.key: warc for warc in stored_warcs(store)}
    chosen = random.Random(seed)  # noqa: S311 - a sample, not a secret
    named: set[str] = set()
    read = 0
    for link in chain:
        for note in link.manifest.warcs:
            named.add(note.key)
            warc = there.get(note.key)
            fault = _light_fault(note, warc)
            if fault is None and chosen.random() < sample:
                read += 1
                if on_file is not None:
                    on_file(note.key)
                if _sha256(store, note.key) != note.sha256:
                    fault = "does not have its digest"
            if fault is not None:
                breaks.append(f"{note.key} {fault} (manifest {link.key})")
    last = max((link.manifest.day for link in chain), default="")
    extra = [key for key in there if key not in named]
    breaks += [f"{key} is in no manifest" for key in extra if _day_of(key) <= last]
    return ManifestReport(
        manifests=len(chain),
        warcs=len(named),
        read=read,
        waiting=sum(_day_of(key) > last for key in extra),
        breaks=tuple(breaks),
    )


def _write(
    store: Store,
    chain: list[ChainedManifest],
    day: str,
    warcs: Iterable[StoredWarc],
    *,
    clock: Clock,
    receipts: Mapping[str, str],
    on_file: Callable[[str], None] | None,
) -> ChainedManifest:
    notes = []
    for warc in sorted(warcs, key=lambda warc: warc.key):
        if on_file is not None:
            on_file(warc.key)
        notes.append(_note(store, warc, receipts.get(warc.key)))
    number = sum(link.manifest.day == day for link in chain)
    last = chain[-1] if chain else None
    manifest = Manifest(
        sequence=len(chain),
        day=day,
        made_at=iso_utc(clock.now()),
        previous=Previous(key=last.key, sha256=last.sha256) if last else None,
        warcs=tuple(notes),
    )
    content = msgspec.json.encode(manifest, order="sorted")
    key = f"{PREFIX}{day[:4]}/{day[5:7]}/{day}{f'.{number}' if number else ''}.json"
    digest = hashlib.sha256(content).digest()
    try:
        store.put(key, content, sha256=digest)
    except ObjectExists as error:
        raise StoreError(f"{store.url}: {key} was written meanwhile", next_step="try again") from error
    if store.get(key) != content:  # not every server decides between two writers
        raise StoreError(f"{store.url}: {key} was written by another process", next_step="try again")
    return ChainedManifest(key, digest.hex(), manifest)


def _note(store: Store, warc: StoredWarc, shipped: str | None) -> WarcNote:
    """Read `warc` through; it must be sound, and what was shipped."""
    records: Counter[str] = Counter()
    with store.open(warc.key) as stream:
        hashed = HashedStream(stream)
        for item in walk(cast("BinaryIO", hashed), name=warc.name, max_block=0):
            if isinstance(item, Fault):
                raise BadArchive(f"{store.url}: {warc.key}: {item}", next_step="`warraq verify` tells more")
            records[item.type] += 1
        hashed.drain()
    digest = hashed.digest.hexdigest()
    if shipped not in (None, digest):
        raise BadArchive(f"{store.url}: {warc.key} is not what was shipped", next_step="`warraq verify` tells more")
    return WarcNote(key=warc.key, size=hashed.size, sha256=digest, records=dict(sorted(records.items())))


def _read_chain(store: Store) -> tuple[list[ChainedManifest], list[str]]:
    """Return the manifests in order, and where the chain is broken."""
    links, breaks = [], []
    for stored in store.list(PREFIX):
        if not stored.key.endswith(".json"):
            continue  # signatures lie beside them
        content = store.get(stored.key)
        try:
            manifest = msgspec.json.decode(content, type=Manifest)
        except msgspec.DecodeError as error:
            breaks.append(f"{stored.key} is not a manifest ({error})")
            continue
        links.append(ChainedManifest(stored.key, hashlib.sha256(content).hexdigest(), manifest))
    links.sort(key=lambda link: (link.manifest.sequence, link.key))
    return links, breaks + list(_chain_breaks(links))


def _chain_breaks(links: list[ChainedManifest]) -> Iterator[str]:
    last: ChainedManifest | None = None
    for link in links:
        previous = link.manifest.previous
        expected = last.manifest.sequence + 1 if last else 0
        if link.manifest.sequence != expected:
            missing = previous.key if previous else "the one before it"
            yield f"{link.key} follows {missing}, which is missing"
        elif last is None and previous is not None:
            yield f"{link.key} follows {previous.key}, which is missing"
        elif last is not None and (previous is None or previous.key != last.key):
            yield f"{link.key} does not follow {last.key}"
        elif last is not None and previous is not None and previous.sha256 != last.sha256:
            yield f"{last.key} was altered: {link.key} has another digest of it"
        last = link


def _light_fault(note: WarcNote, warc: StoredWarc | None) -> str | None:
    if warc is None:
        return "is missing"
    return f"has {warc.size} bytes instead of {note.size}" if warc.size != note.size else None


def _sha256(store: Store, key: str) -> str:
    with store.open(key) as stream:
        hashed = HashedStream(stream)
        hashed.drain()
    return hashed.digest.hexdigest()


def _day_of(key: str) -> str:
    match = _DAY.fullmatch(key)
    return "-".join(match.groups()) if match else "0000-00-00"
