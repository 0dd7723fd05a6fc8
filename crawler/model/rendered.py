"""A page as a browser made it of a capture and of what its scripts asked for: beside what crossed the wire, never in
its place.
"""

from __future__ import annotations

__all__ = ["RenderedPage", "Rendering"]

from datetime import datetime

import msgspec

from crawler.model.capture import Capture


class Rendering(msgspec.Struct, frozen=True, kw_only=True):
    """How a rendered page came about; goes into the metadata record beside it."""

    of: str
    """Record id of the response that the browser was given."""
    by: str
    """The browser and its version."""
    asked: int = 0
    """Requests of its scripts that were answered; they are in the archive, too."""
    refused: int = 0
    """Those that were not made or not answered: robots.txt, other methods than GET, what no text needs, failures."""


class RenderedPage(msgspec.Struct, frozen=True, kw_only=True):
    """The document when its scripts had come to rest."""

    capture: Capture
    """Of the page as it came."""
    rendered_at: datetime
    html: bytes
    """UTF-8."""
    rendering: Rendering
