"""What statuses of HTTP say of an answer."""

from __future__ import annotations

__all__ = ["ANSWERED", "TRANSFORMED", "is_answer"]

from typing import Final

TRANSFORMED: Final = 203
"""As 200, but a proxy on the way has changed the content (RFC 9110 section 15.3.4)."""
ANSWERED: Final = (200, TRANSFORMED)
"""The content is the whole of what was asked for."""
_ANSWERED: Final = frozenset((*ANSWERED, *map(str, ANSWERED)))


def is_answer(status: int | str) -> bool:
    """Tell whether an answer of `status`, a number or as an index has it, brings what was asked for."""
    return status in _ANSWERED
