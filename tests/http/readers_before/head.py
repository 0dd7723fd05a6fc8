"""What the readers before gave for a head."""

from __future__ import annotations

__all__ = ["ResponseHead"]

from typing import NamedTuple


class ResponseHead(NamedTuple):
    """The response's status line and header fields as a tolerant reader understood them."""

    status: int
    reason: bytes
    version: bytes
    headers: tuple[tuple[bytes, bytes], ...]
    size: int
    chunked: bool

    def get(self, name: bytes) -> bytes | None:
        """Return the first value of the field `name` (lower case), None if it was not sent."""
        for key, value in self.headers:
            if key.lower() == name:
                return value
        return None
