"""The manifest: for each day, which WARC files the store holds, chained so that later tampering shows.

One JSON object a day, under ``manifests/<yyyy>/<mm>/<yyyy-mm-dd>.json``: SHA-256, size and record counts of each WARC
begun that day (its key says the day), and the SHA-256 of the manifest before it. Written once, under a condition, never
changed; a file that comes later goes into a successor, ``<yyyy-mm-dd>.1.json``. Canonical JSON (RFC 8785: keys sorted,
no white space), so that a signature over the file holds for its meaning. What the chain cannot show, that its end is
gone or was rolled back, shows where somebody knows the digests of what was written.
"""

from __future__ import annotations

__all__ = [
    "ChainedManifest",
    "Manifest",
    "ManifestReport",
    "Previous",
    "SeenWarc",
    "WarcNote",
    "check_manifests",
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

from crawler.archive.folders import MANIFESTS, WARCS
from crawler.archive.read.catalogue import StoredWarc, stored_warcs
from crawler.archive.read.hashed import HashedStream
from crawler.archive.read.records import Fault, walk
from crawler.archive.record_values import BAD_JSON
from crawler.archive.store import Store
from crawler.archive.takedowns import digests_after, is_or_became
from crawler.clock import Clock, iso_utc
from crawler.errors import BadArchive, ObjectExists, StoreError

MANIFEST_FORMAT: Literal["warraq-manifest/1"] = "warraq-manifest/1"

_KEY = re.compile(r"manifests/(\d{4})/(\d\d)/\1-\2-\d\d(?:\.\d+)?\.json")
_DAY = re.compile(rf"{WARCS}(\d{{4}})/(\d\d)/(\d\d)/[^/]+")


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

    format: Literal["warraq-manifest/1"] = MANIFEST_FORMAT
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


class SeenWarc(NamedTuple):
    """A WARC file as it was just read."""

    size: int
    sha256: str
    types: Mapping[str, int]
    """How many records of each WARC-Type."""


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
    chain, faults = _read_chain(store, {})
    if faults:
        what = f"{faults[0].file} {faults[0].what}"
        raise BadArchive(f"{store.url}: {what}", next_step="`warraq verify --manifest` tells more")
    return chain


def check_manifests(
    store: Store, seen: Mapping[str, SeenWarc], *, known: Mapping[str, str] | None = None
) -> tuple[int, list[Fault]]:
    """Return how many manifests `store` has, and what is wrong: with them, or with a file they name as it was `seen`.

    `seen` has the WARC files that were read, by key; a file that was not read is only looked for. `known` maps the keys
    of manifests to the SHA-256 (hex) that they were written with. Raises StoreError.
    """
    chain, faults = _read_chain(store, known or {})
    there = {warc.key: warc for warc in stored_warcs(store)}
    rewritten = digests_after(store)
    noted: set[str] = set()
    for link in chain:
        for note in link.manifest.warcs:
            noted.add(note.key)
            what = _light_fault(note, there.get(note.key))
            if what is None and (found := seen.get(note.key)) is not None:
                erased = found.sha256 != note.sha256 and is_or_became(rewritten, note.key, note.sha256, found.sha256)
                what = None if erased else _deep_fault(note, found)
            if what is not None:
                faults.append(Fault(file=note.key, what=f"it {what} (manifest {link.key})"))
    last = max((link.manifest.day for link in chain), default="")
    faults += [
        Fault(file=key, what="it is in no manifest, though those of its day are made")
        for key in there
        if key not in noted and _day_of(key) <= last
    ]
    return len(chain), faults


def verify_manifests(
    store: Store,
    *,
    sample: float = 1.0,
    seed: int = 0,
    on_file: Callable[[str], None] | None = None,
    known: Mapping[str, str] | None = None,
) -> ManifestReport:
    """Check chain and files: each WARC is there, as long as noted, and (of a share `sample`) has its digest.

    A file of a day that has a manifest, or of an earlier one, that none names is a break too. `known`: see
    `check_manifests`. Raises StoreError.
    """
    chain, found = _read_chain(store, known or {})
    breaks = [f"{fault.file} {fault.what}" for fault in found]
    there = {warc.key: warc for warc in stored_warcs(store)}
    chosen = random.Random(seed)  # noqa: S311 - a sample, not a secret
    named: set[str] = set()
    rewritten = digests_after(store)
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
                if not is_or_became(rewritten, note.key, note.sha256, _sha256(store, note.key)):
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
    content = _canonical(manifest)
    key = f"{MANIFESTS}{day[:4]}/{day[5:7]}/{day}{f'.{number}' if number else ''}.json"
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
    if shipped is not None and not is_or_became(digests_after(store), warc.key, shipped, digest):
        raise BadArchive(f"{store.url}: {warc.key} is not what was shipped", next_step="`warraq verify` tells more")
    return WarcNote(key=warc.key, size=hashed.size, sha256=digest, records=dict(sorted(records.items())))


def _read_chain(store: Store, known: Mapping[str, str]) -> tuple[list[ChainedManifest], list[Fault]]:
    """Return the manifests in order, and what is wrong with them or with what lies beside them, the chain's breaks
    last.
    """
    links: list[ChainedManifest] = []
    faults: list[Fault] = []
    keys = [stored.key for stored in store.list(MANIFESTS)]
    for key in keys:
        if _KEY.fullmatch(key):
            link, offset, what = _read_manifest(key, store.get(key))
            if link is not None:
                links.append(link)
            if what:
                faults.append(Fault(file=key, offset=offset, what=what))
        elif not _is_signature(key, keys):
            faults.append(Fault(file=key, what="is neither a manifest nor a signature of one"))
    links.sort(key=lambda link: (link.manifest.sequence, known.get(link.key) != link.sha256, link.key))
    faults += [Fault(file=key, what=what) for key, what in _chain_breaks(links)]
    digests = {link.key: link.sha256 for link in links}
    for key in sorted(known):
        if key not in keys:
            faults.append(Fault(file=key, what="was written here, and is not there any more"))
        elif digests.get(key, known[key]) != known[key]:
            faults.append(Fault(file=key, what=f"is not what was written, which has SHA-256 {known[key]}"))
    return links, faults


def _read_manifest(key: str, content: bytes) -> tuple[ChainedManifest | None, int, str]:
    """Return the manifest that `content` is, and at which byte what is wrong with it ("": nothing)."""
    try:
        manifest = msgspec.json.decode(content, type=Manifest)
    except BAD_JSON as error:
        return None, 0, f"is not a manifest ({error})"
    link = ChainedManifest(key, hashlib.sha256(content).hexdigest(), manifest)
    due = _canonical(manifest)
    if content != due:
        at = next(
            (n for n, (a, b) in enumerate(zip(content, due, strict=False)) if a != b), min(len(content), len(due))
        )
        return link, at, "is not in the canonical form"
    if key.rpartition("/")[2][:10] != manifest.day:
        return link, 0, f"is the manifest of {manifest.day}"
    keys = [note.key for note in manifest.warcs]
    if keys != sorted(set(keys)):
        return link, 0, "names files twice or out of order"
    return link, 0, ""


def _chain_breaks(links: list[ChainedManifest]) -> Iterator[tuple[str, str]]:
    """Yield key and what is wrong there."""
    last: ChainedManifest | None = None
    for link in links:
        previous = link.manifest.previous
        expected = last.manifest.sequence + 1 if last else 0
        if last is not None and link.manifest.sequence == last.manifest.sequence:
            yield link.key, f"has the place in the chain that {last.key} has"
            continue
        if link.manifest.sequence != expected:
            missing = previous.key if previous else "the one before it"
            yield link.key, f"follows {missing}, which is missing"
        elif last is None and previous is not None:
            yield link.key, f"follows {previous.key}, which is missing"
        elif last is not None and (previous is None or previous.key != last.key):
            yield link.key, f"does not follow {last.key}"
        elif last is not None and previous is not None and previous.sha256 != last.sha256:
            yield last.key, f"was altered: {link.key} has another digest of it"
        last = link


def _canonical(manifest: Manifest) -> bytes:
    return msgspec.json.encode(manifest, order="sorted")


def _is_signature(key: str, keys: Iterable[str]) -> bool:
    """Tell whether `key` is a manifest's name with another suffix, or one more, as who signs one puts it there."""
    stem = key.rpartition(".")[0]
    return stem in keys or (f"{stem}.json" in keys and f"{stem}.json" != key)


def _deep_fault(note: WarcNote, seen: SeenWarc) -> str | None:
    if seen.sha256 != note.sha256:
        return "does not have its digest"
    if seen.size != note.size or dict(seen.types) != note.records:
        return f"has {seen.size} bytes and {dict(sorted(seen.types.items()))}, not what was noted"
    return None


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
