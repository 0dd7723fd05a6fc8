"""The catalogue as it lies in a store: made from all the rest, so only that its files are such, and nothing beside
them.
"""

from __future__ import annotations

__all__ = ["wrong_in_catalogue"]

import re
from contextlib import closing

import msgspec

from crawler.archive.record_values import BAD_JSON
from crawler.archive.store import Store, StoredObject

_TABLE = re.compile(r"catalogue/(captures|articles)/[^/]*\.parquet")
_SOURCES = re.compile(r"catalogue/sources/[^/]*\.json")
_MAGIC = b"PAR1"
_TAIL = 8
"""Bytes: the length of the footer, and the magic again (https://parquet.apache.org/docs/file-format/)."""


def wrong_in_catalogue(store: Store, stored: StoredObject) -> str | None:
    """Return what is wrong with an object of the catalogue, None: nothing that shows. Raises StoreError."""
    if _TABLE.fullmatch(stored.key):
        return None if _is_parquet(store, stored) else "it is no whole Parquet file; `warraq catalogue --rebuild`"
    if not _SOURCES.fullmatch(stored.key):
        return "nothing of this program lies there"
    try:
        msgspec.json.decode(store.get(stored.key), type=dict[str, object])
    except BAD_JSON as error:
        return f"it cannot be read ({error}); `warraq catalogue --rebuild`"
    return None


def _is_parquet(store: Store, stored: StoredObject) -> bool:
    if stored.size < len(_MAGIC) + _TAIL or _part(store, stored, 0, len(_MAGIC)) != _MAGIC:
        return False
    tail = _part(store, stored, stored.size - _TAIL, _TAIL)
    footer = int.from_bytes(tail[:4], "little")
    return tail.endswith(_MAGIC) and 0 < footer <= stored.size - len(_MAGIC) - _TAIL


def _part(store: Store, stored: StoredObject, offset: int, length: int) -> bytes:
    with closing(store.open(stored.key, offset=offset, length=length)) as stream:
        return stream.read()
