"""What this machine knows of the files it shipped."""

from __future__ import annotations

__all__ = ["known_receipts", "recognise"]

from collections.abc import Sequence

from crawler.archive.store import Store
from crawler.clock import Clock
from crawler.config import StateSettings
from crawler.errors import StateMissing, StoreRefused
from crawler.state import ReceiptRow, read_state


def known_receipts(settings: StateSettings, *, clock: Clock) -> dict[str, str]:
    """Return the SHA-256 (hex) of what was shipped, by key; nothing if there is no state. Raises StateError."""
    try:
        with read_state(settings, clock=clock) as state:
            return {receipt.key: receipt.sha256 for receipt in state.receipts()}
    except StateMissing:
        return {}


def recognise(store: Store, latest: Sequence[ReceiptRow]) -> None:
    """Refuse a store that holds none of the files that were shipped last: a disk that is not mounted, another bucket.

    Writes nothing, so that an empty mount point stays empty. Raises StoreRefused, StoreUnavailable.
    """
    if latest and not any(store.head(receipt.key) for receipt in latest):
        raise StoreRefused(
            f"{store.url} holds none of the last {len(latest)} WARC files that were shipped to it, as {latest[0].key}",
            next_step="mount its disk or correct storage.url; for a new store begin with a new state folder (--state)",
        )
