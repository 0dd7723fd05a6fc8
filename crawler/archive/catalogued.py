"""Writing what the catalogue is made of, and the digests by which it is known again: ``catalogue/digests.json``.

A digest is noted before the object is written, beside the one before it: whenever a writer is killed, what lies there
has one of the two, and one that is new may be missing until that is known. Objects from before digests were noted are
named with none.
"""

from __future__ import annotations

__all__ = ["ABSENT", "DIGESTS", "digest_there", "noted_digests", "put_catalogued"]

from contextlib import closing
from hashlib import sha256
from pathlib import Path

import msgspec

from crawler.archive.files import sha256_of
from crawler.archive.folders import CATALOGUE
from crawler.archive.record_values import BAD_JSON
from crawler.archive.store import Store

DIGESTS = f"{CATALOGUE}digests.json"
ABSENT = ""
"""In the place of a digest: there may be no such object yet."""
_PIECE = 1 << 20


def put_catalogued(store: Store, key: str, content: bytes | Path) -> None:
    """Write an object of the catalogue in the place of what lies there. Raises StoreError."""
    digest = (sha256_of(content) if isinstance(content, Path) else sha256(content).digest()).hex()
    noted = noted_digests(store) or {one.key: [] for one in store.list(CATALOGUE) if one.key != DIGESTS}
    known = noted.get(key, [ABSENT]) or [digest_there(store, key)]
    digests = [*[one for one in known if one not in (digest, ABSENT)][-1:], digest]
    _note(store, noted, key, [ABSENT, *digests] if ABSENT in known else digests)
    store.put(key, content, overwrite=True)
    if ABSENT in known:
        _note(store, noted, key, digests)


def _note(store: Store, noted: dict[str, list[str]], key: str, digests: list[str]) -> None:
    noted[key] = digests
    store.put(DIGESTS, msgspec.json.encode(dict(sorted(noted.items()))), overwrite=True)


def noted_digests(store: Store) -> dict[str, list[str]] | None:
    """Return the SHA-256 (hex), one or two, that each object of the catalogue may have, with `ABSENT` if it may be
    missing; None: that cannot be told.

    One that was written before digests were noted has none, and may have any. Raises StoreError.
    """
    if next(iter(store.list(DIGESTS)), None) is None:
        return {}
    try:
        return msgspec.json.decode(store.get(DIGESTS), type=dict[str, list[str]])
    except BAD_JSON:
        return None


def digest_there(store: Store, key: str) -> str:
    """Return the SHA-256 (hex) of an object as it lies there. Raises StoreError."""
    digest = sha256()
    with closing(store.open(key)) as stream:
        while piece := stream.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()
