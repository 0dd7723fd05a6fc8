"""What the parser is given: one response's entity, decoded as far as HTTP goes."""

from __future__ import annotations

__all__ = ["Page"]

from datetime import datetime

import msgspec


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """A response with its transfer- and content-coding undone; character decoding is the parser's."""

    url: str
    captured_at: datetime
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    """Names in lower case, values as Latin-1 text, in wire order."""
    body: bytes
    flags: tuple[str, ...] = ()
    """What the decoding had to put up with: ``body_capped``, ``truncated``, ``content_coding_broken``, ..."""

    def get(self, name: str) -> str | None:
        """Return the first value of the field `name` (lower case), None if it was not sent."""
        for key, value in self.headers:
            if key == name:
                return value
        return None
