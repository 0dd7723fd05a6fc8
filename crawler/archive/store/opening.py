"""Which kind of store a URL names: a registry by scheme, open to others.

A package adds a kind with an entry point of the group ``warraq.stores`` whose name is the scheme and whose object takes
the settings (`crawler.config.Storage`) and returns a `Store`. A store of one's own passes
tests/archive/store/test_base.py.
"""

from __future__ import annotations

__all__ = ["STORE_KINDS", "open_store"]

import re
from collections.abc import Callable
from importlib.metadata import entry_points
from pkgutil import resolve_name

from crawler.archive.store.base import Store
from crawler.config import Storage
from crawler.errors import BadStoreUrl, StoreRefused

STORE_KINDS = {
    "file": "crawler.archive.store.folder:FileStore.of",
    "s3": "crawler.archive.store.s3:S3Store.of",
    "memory": "crawler.archive.store.memory:MemoryStore.of",
}
"""What opens a store, by the scheme of its URL; loaded when it is needed: boto3 costs 0.3 s, a folder does without."""

_GROUP = "warraq.stores"
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*(?=:)")


def open_store(storage: Storage) -> Store:
    """Return the store that the settings name; nothing is contacted yet.

    Raises BadStoreUrl for a URL that no kind of store knows, or of which its kind can make nothing; StoreRefused for a
    kind that cannot be loaded.
    """
    match = _SCHEME.match(storage.url)
    opener = _opener(match[0]) if match else None
    if opener is None:
        raise BadStoreUrl(
            f"storage.url {storage.url!r} is not a store", next_step="give file:FOLDER or s3://bucket/prefix"
        )
    return opener(storage)


def _opener(scheme: str) -> Callable[[Storage], Store] | None:
    if scheme in STORE_KINDS:
        found: Callable[[Storage], Store] = resolve_name(STORE_KINDS[scheme])
        return found
    for added in entry_points(group=_GROUP, name=scheme):
        try:
            opener: Callable[[Storage], Store] = added.load()
        except (ImportError, AttributeError) as error:
            raise StoreRefused(
                f"the store of {scheme}: cannot be loaded from {added.value}: {error}",
                next_step="install its package again, or set another storage.url",
            ) from error
        return opener
    return None
