"""What a server does once it has read a request: a sequence of steps."""

from __future__ import annotations

__all__ = ["Close", "Drip", "Hold", "Reset", "Script", "Send", "Step", "Wait"]

import msgspec


class Send(msgspec.Struct, frozen=True, tag=True):
    """Write these bytes, in one piece."""

    content: bytes


class Drip(msgspec.Struct, frozen=True, tag=True):
    """Write these bytes in pieces of `size`, each a packet of its own, `every_s` apart."""

    content: bytes
    size: int = 1
    every_s: float = 0.0


class Wait(msgspec.Struct, frozen=True, tag=True):
    """Wait."""

    seconds: float


class Close(msgspec.Struct, frozen=True, tag=True):
    """Close in an orderly way: everything sent arrives, then the end; `notify`: TLS says so too, as it should."""

    notify: bool = True


class Reset(msgspec.Struct, frozen=True, tag=True):
    """Tear the connection down (TCP RST)."""


class Hold(msgspec.Struct, frozen=True, tag=True):
    """Say nothing more until the client closes."""


Step = Send | Drip | Wait | Close | Reset | Hold
Script = tuple[Step, ...]
"""After its last step, unless that ended the connection, the server reads the next request."""
