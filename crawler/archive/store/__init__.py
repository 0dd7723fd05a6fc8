"""Where sealed files are kept for good: a folder, an S3-compatible bucket, memory, or what a package adds."""

from __future__ import annotations

__all__ = ["Store", "StoredObject", "open_store"]

from crawler.archive.store.base import Store, StoredObject
from crawler.archive.store.opening import open_store
