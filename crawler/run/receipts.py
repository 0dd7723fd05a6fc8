"""What this machine knows of the files it shipped."""

from __future__ import annotations

__all__ = ["known_receipts"]

from pathlib import Path

from crawler.clock import Clock
from crawler.state import DATABASE, State


def known_receipts(folder: Path, *, clock: Clock) -> dict[str, str]:
    """Return the SHA-256 (hex) of what was shipped, by key; nothing if the state folder has no database.

    Raises StateError.
    """
    if not (folder / DATABASE).is_file():
        return {}
    with State.open_to_read(folder / DATABASE, clock=clock) as state:
        return {receipt.key: receipt.sha256 for receipt in state.receipts()}
