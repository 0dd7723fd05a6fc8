"""What supervisor and workers say to each other: one JSON object a line, over a socket pair only they hold.

A closed socket is a message, too: a worker whose supervisor is gone finishes as if it had been told to stop.
"""

from __future__ import annotations

__all__ = [
    "LINE_LIMIT",
    "Beat",
    "Drain",
    "Setup",
    "SitesChanged",
    "Stop",
    "Update",
    "Wake",
    "decode_order",
    "decode_word",
    "encode",
]

from typing import Any

import msgspec

from crawler.config import Config
from crawler.model.site import Site

LINE_LIMIT = 1 << 26
"""Longest line in bytes: the declarations of tens of thousands of sites."""


class Setup(msgspec.Struct, frozen=True, kw_only=True, tag="setup"):
    """The first line a worker reads."""

    config: Config
    sites: dict[str, Site]
    runner: str
    """``module:function`` that opens the `crawler.daemon.runner.Runner`."""
    share: int
    shares: int
    """The worker takes the lanes whose hash is `share` modulo `shares`."""
    log_level: str = "warning"
    log_json: bool = False


class SitesChanged(msgspec.Struct, frozen=True, tag="sites"):
    """The declarations changed."""

    sites: dict[str, Site]


class Wake(msgspec.Struct, frozen=True, tag="wake"):
    """Something was queued."""


class Drain(msgspec.Struct, frozen=True, tag="drain"):
    """Take no more runs, finish those under way, exit."""


class Stop(msgspec.Struct, frozen=True, tag="stop"):
    """Stop the runs under way so that they can go on later, seal, ship, exit."""

    within_s: float


class Beat(msgspec.Struct, frozen=True, kw_only=True, tag="beat"):
    """The worker's loop is alive."""

    worker: str
    """Its name in the state, see `crawler.state.owner`."""
    rss_bytes: int
    runs_done: int
    active: tuple[str, ...]
    """Ids of the runs under way."""


class Update(msgspec.Struct, frozen=True, tag="update"):
    """How far a run is."""

    run: str
    progress: dict[str, Any]


_ORDER: msgspec.json.Decoder[Setup | SitesChanged | Wake | Drain | Stop] = msgspec.json.Decoder(
    Setup | SitesChanged | Wake | Drain | Stop
)
_WORD: msgspec.json.Decoder[Beat | Update] = msgspec.json.Decoder(Beat | Update)


def encode(message: msgspec.Struct) -> bytes:
    """Return `message` as one line."""
    return msgspec.json.encode(message) + b"\n"


def decode_order(line: bytes) -> Setup | SitesChanged | Wake | Drain | Stop:
    """Return what the supervisor said. Raises msgspec.DecodeError."""
    return _ORDER.decode(line)


def decode_word(line: bytes) -> Beat | Update:
    """Return what a worker said. Raises msgspec.DecodeError."""
    return _WORD.decode(line)
