"""Manifests: what the store held at a moment, each with the digest of the one before, so that tampering shows.

A manifest lists the WARCs that no earlier one lists; it is made from the store alone, so several machines may share
one, and a file that arrives late is in the next. Sign the newest one (with any tool) and all before it are signed.
"""

from __future__ import annotations

__all__ = ["Manifest", "ManifestEntry", "read_manifests", "verify_manifests", "write_manifest"]

import hashlib
from collections.abc import Iterator

import msgspec

from crawler.archive.records import Fault
from crawler.archive.store import Store
from crawler.clock import Clock, iso_utc, timestamp14
from crawler.errors import BadArchive

_PREFIX = "manifest/"
_CHUNK = 1 << 20


class ManifestEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One WARC with its index."""

    key: str
    size: int
    """Bytes."""
    sha256: str
    """Hex, of the bytes as they were read from the store when the manifest was made."""
    cdxj_sha256: str | None
    """None: there was no index beside it."""
    captures: int
    """Lines of the index."""


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """The content of one manifest object, as JSON with sorted entries."""

    format: str = "warraq-manifest/1"
    made_at: str
    previous_key: str | None
    """None: the first of its store."""
    previous_sha256: str | None
    files: tuple[ManifestEntry, ...]


def write_manifest(store: Store, *, clock: Clock) -> str | None:
    """Read what is new in the store, write its manifest and return the key; None if nothing is new.

    Raises StoreError; ObjectExists if another was written in the same second.
    """
    known: set[str] = set()
    previous: tuple[str, str] | None = None
    for key, sha256, manifest in read_manifests(store):
        known.update(entry.key for entry in manifest.files)
        previous = (key, sha256)
    entries = tuple(_entry(store, key) for key in _warcs(store) if key not in known)
    if not entries:
        return None
    now = clock.now()
    manifest = Manifest(
        made_at=iso_utc(now),
        previous_key=previous[0] if previous else None,
        previous_sha256=previous[1] if previous else None,
        files=entries,
    )
    stamp = timestamp14(now)
    key = f"{_PREFIX}{stamp[:4]}/{stamp}.json"
    store.put(key, msgspec.json.format(msgspec.json.encode(manifest), indent=1) + b"\n")
    return key


def read_manifests(store: Store) -> Iterator[tuple[str, str, Manifest]]:
    """Yield key, SHA-256 (hex) and content of each manifest, oldest first. Raises BadArchive, StoreError."""
    for stored in store.list(_PREFIX):
        content = store.get(stored.key)
        try:
            manifest = msgspec.json.decode(content, type=Manifest)
        except msgspec.DecodeError as error:
            raise BadArchive(f"{store.url}: {stored.key} is not a manifest ({error})") from error
        yield stored.key, hashlib.sha256(content).hexdigest(), manifest


def verify_manifests(store: Store) -> Iterator[Fault]:
    """Yield what is not as the manifests say: a broken chain, a file that is gone or another, one never listed.

    Reads every listed file whole. Raises BadArchive for a manifest that is none, StoreError.
    """
    listed: set[str] = set()
    before: tuple[str | None, str | None] = (None, None)
    for key, sha256, manifest in read_manifests(store):
        if (manifest.previous_key, manifest.previous_sha256) != before:
            yield Fault(file=key, offset=0, what=f"it does not follow {before[0] or 'nothing'} as that is now")
        before = (key, sha256)
        for entry in manifest.files:
            listed.add(entry.key)
            yield from _compare(store, entry)
    for key in _warcs(store):
        if key not in listed:
            yield Fault(file=key, offset=0, what="no manifest lists it")


def _compare(store: Store, entry: ManifestEntry) -> Iterator[Fault]:
    stored = store.head(entry.key)
    if stored is None:
        yield Fault(file=entry.key, offset=0, what="a manifest lists it, and it is gone")
    elif stored.size != entry.size or _sha256(store, entry.key) != entry.sha256:
        yield Fault(file=entry.key, offset=0, what="it is not what its manifest lists")
    index = _index_key(entry.key)
    if entry.cdxj_sha256 is not None and (store.head(index) is None or _sha256(store, index) != entry.cdxj_sha256):
        yield Fault(file=index, offset=0, what="it is not what its manifest lists")


def _warcs(store: Store) -> list[str]:
    return [stored.key for stored in store.list("warc/") if stored.key.endswith(".warc.gz")]


def _entry(store: Store, key: str) -> ManifestEntry:
    stored = store.head(key)
    index = store.get(_index_key(key)) if store.head(_index_key(key)) is not None else None
    return ManifestEntry(
        key=key,
        size=stored.size if stored is not None else 0,
        sha256=_sha256(store, key),
        cdxj_sha256=None if index is None else hashlib.sha256(index).hexdigest(),
        captures=0 if index is None else index.count(b"\n"),
    )


def _index_key(key: str) -> str:
    return key.removesuffix(".warc.gz") + ".cdxj"


def _sha256(store: Store, key: str) -> str:
    digest = hashlib.sha256()
    with store.open(key) as stream:
        while piece := stream.read(_CHUNK):
            digest.update(piece)
    return digest.hexdigest()
