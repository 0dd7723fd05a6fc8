"""The catalogue as it lies in a store: its files are such, and those that were written; nothing lies beside them."""

from __future__ import annotations

__all__ = ["verify_catalogue", "wrong_in_catalogue"]

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing

import msgspec

from crawler.archive.catalogued import ABSENT, DIGESTS, digest_there, noted_digests
from crawler.archive.folders import CATALOGUE
from crawler.archive.record_values import BAD_JSON
from crawler.archive.store import Store, StoredObject

_TABLE = re.compile(r"catalogue/(captures|articles)/[^/]*\.parquet")
_SOURCES = re.compile(r"catalogue/sources/[^/]*\.json")
_ANEW = "`warraq catalogue --rebuild`"
_MAGIC = b"PAR1"
_TAIL = 8
"""Bytes: the length of the footer, and the magic again (https://parquet.apache.org/docs/file-format/)."""


def verify_catalogue(store: Store) -> Iterator[tuple[str, str]]:
    """Yield the key of each object of the catalogue that is not as it was written, and what is wrong. Raises
    StoreError.
    """
    noted = noted_digests(store)
    if noted is None:
        yield DIGESTS, f"it cannot be read; {_ANEW}"
        noted = {}
    there = set()
    for stored in store.list(CATALOGUE):
        there.add(stored.key)
        what = wrong_in_catalogue(store, stored, noted)
        if what is not None and noted:  # a writer may have gone on meanwhile
            noted = noted_digests(store) or noted
            what = wrong_in_catalogue(store, stored, noted)
        if what is not None:
            yield stored.key, what
    for key in sorted(noted.keys() - there):
        if ABSENT not in noted[key] and store.head(key) is None:
            yield key, f"it was written, and is not there; {_ANEW}"


def wrong_in_catalogue(
    store: Store, stored: StoredObject, noted: Mapping[str, Sequence[str]] | None = None
) -> str | None:
    """Return what is wrong with an object of the catalogue, None: nothing that shows; `noted`: the digests that each
    may have. Raises StoreError.
    """
    if stored.key == DIGESTS:
        return None
    if _TABLE.fullmatch(stored.key):
        if not _is_parquet(store, stored):
            return f"it is no whole Parquet file; {_ANEW}"
    elif not _SOURCES.fullmatch(stored.key):
        return "nothing of this program lies there"
    else:
        try:
            msgspec.json.decode(store.get(stored.key), type=dict[str, object])
        except BAD_JSON as error:
            return f"it cannot be read ({error}); {_ANEW}"
    if not noted:
        return None
    if stored.key not in noted:
        return f"nobody wrote it here; {_ANEW}"
    known = noted[stored.key]
    return None if not known or digest_there(store, stored.key) in known else f"it is not what was written; {_ANEW}"


def _is_parquet(store: Store, stored: StoredObject) -> bool:
    if stored.size < len(_MAGIC) + _TAIL or _part(store, stored, 0, len(_MAGIC)) != _MAGIC:
        return False
    tail = _part(store, stored, stored.size - _TAIL, _TAIL)
    footer = int.from_bytes(tail[:4], "little")
    return tail.endswith(_MAGIC) and 0 < footer <= stored.size - len(_MAGIC) - _TAIL


def _part(store: Store, stored: StoredObject, offset: int, length: int) -> bytes:
    with closing(store.open(stored.key, offset=offset, length=length)) as stream:
        return stream.read()
