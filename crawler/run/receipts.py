"""What this machine knows of the files it shipped."""

from __future__ import annotations

__all__ = ["known_receipts"]

from crawler.clock import Clock
from crawler.config import StateSettings
from crawler.errors import StateMissing
from crawler.state import read_state


def known_receipts(settings: StateSettings, *, clock: Clock) -> dict[str, str]:
    """Return the SHA-256 (hex) of what was shipped, by key; nothing if there is no state. Raises StateError."""
    try:
        with read_state(settings, clock=clock) as state:
            return {receipt.key: receipt.sha256 for receipt in state.receipts()}
    except StateMissing:
        return {}
