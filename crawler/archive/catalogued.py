"""Writing what the catalogue is made of, and the digests by which it is known again: ``catalogue/digests.json``.

A digest is noted before the object is written, beside the one before it: whenever a writer is killed, what lies there
has one of the two.
"""

from __future__ import annotations

__all__ = ["DIGESTS", "noted_digests", "put_catalogued"]

from hashlib import sha256
from pathlib import Path

import msgspec

from crawler.archive.files import sha256_of
from crawler.archive.folders import CATALOGUE
from crawler.archive.record_values import BAD_JSON
from crawler.archive.store import Store

DIGESTS = f"{CATALOGUE}digests.json"
_KEPT = 2


def put_catalogued(store: Store, key: str, content: bytes | Path) -> None:
    """Write an object of the catalogue in the place of what lies there. Raises StoreError."""
    digest = (sha256_of(content) if isinstance(content, Path) else sha256(content).digest()).hex()
    noted = noted_digests(store) or {}
    before = [one for one in noted.get(key, ()) if one != digest]
    noted[key] = [*before, digest][-_KEPT:]
    store.put(DIGESTS, msgspec.json.encode(dict(sorted(noted.items()))), overwrite=True)
    store.put(key, content, overwrite=True)


def noted_digests(store: Store) -> dict[str, list[str]] | None:
    """Return the SHA-256 (hex), one or two, that each object of the catalogue may have; None: that cannot be told.

    One that was written before digests were noted has none. Raises StoreError.
    """
    if next(iter(store.list(DIGESTS)), None) is None:
        return {}
    try:
        return msgspec.json.decode(store.get(DIGESTS), type=dict[str, list[str]])
    except BAD_JSON:
        return None
