"""What this machine knows of the files it shipped."""

from __future__ import annotations

__all__ = ["keep_manifests", "keep_receipt", "known_manifests", "known_receipts", "receipts_of", "recognise"]

from collections.abc import Iterable, Sequence

from crawler.archive.check.manifest import ChainedManifest
from crawler.archive.store import Store
from crawler.archive.write.ship import Receipt
from crawler.clock import Clock
from crawler.config import StateSettings
from crawler.errors import StateMissing, StoreRefused
from crawler.state import ReceiptRow, State, open_state, read_state


def known_receipts(settings: StateSettings, *, clock: Clock) -> dict[str, str]:
    """Return the SHA-256 (hex) of what was shipped, by key: WARC files and their indexes; nothing if there is no state.

    Raises StateError.
    """
    try:
        with read_state(settings, clock=clock) as state:
            return receipts_of(state)
    except StateMissing:
        return {}


def receipts_of(state: State) -> dict[str, str]:
    """Return the SHA-256 (hex) of what was shipped, by key: WARC files and, where it is known, their indexes."""
    digests = {}
    for receipt in state.receipts():
        digests[receipt.key] = receipt.sha256
        if receipt.cdxj_sha256 is not None:
            digests[f"{receipt.key.removesuffix('.warc.gz')}.cdxj"] = receipt.cdxj_sha256
    return digests


def keep_receipt(state: State, receipt: Receipt) -> None:
    """Let the state know that the store holds a file that was shipped."""
    state.add_receipt(
        warc=receipt.name,
        key=receipt.key,
        size_bytes=receipt.size,
        sha256=receipt.sha256,
        etag=receipt.etag,
        shipped_at=receipt.shipped_at,
        cdxj_sha256=receipt.cdxj_sha256,
    )


def known_manifests(settings: StateSettings, *, clock: Clock) -> dict[str, str]:
    """Return the SHA-256 (hex) of the manifests written from here, by key. Raises StateError."""
    try:
        with read_state(settings, clock=clock) as state:
            return {row.key: row.sha256 for row in state.manifests()}
    except StateMissing:
        return {}


def keep_manifests(settings: StateSettings, made: Iterable[ChainedManifest], *, clock: Clock) -> None:
    """Let the state know of manifests just written, so that their end cannot be taken back unseen; no state: nothing.

    Raises StateError.
    """
    try:
        read_state(settings, clock=clock).close()
    except StateMissing:
        return
    with open_state(settings, clock=clock) as state, state.transaction():
        for link in made:
            state.add_manifest(key=link.key, sha256=link.sha256, sequence=link.manifest.sequence)


def recognise(store: Store, latest: Sequence[ReceiptRow]) -> None:
    """Refuse a store that holds none of the files that were shipped last: a disk that is not mounted, another bucket.

    Writes nothing, so that an empty mount point stays empty. Raises StoreRefused, StoreUnavailable.
    """
    if latest and not any(store.head(receipt.key) for receipt in latest):
        raise StoreRefused(
            f"{store.url} holds none of the last {len(latest)} WARC files that were shipped to it, as {latest[0].key}",
            next_step="mount its disk or correct storage.url; for a new store begin with a new state folder (--state)",
        )
