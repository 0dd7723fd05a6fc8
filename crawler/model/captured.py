"""A page on its way from the crawl to the parse stage: kept already, not yet read."""

from __future__ import annotations

__all__ = ["CapturedPage"]

import msgspec

from crawler.model.capture import Capture, Provenance
from crawler.model.exchange import Block


class CapturedPage(msgspec.Struct, frozen=True, kw_only=True):
    """An article page that is in the archive; what a spider yields.

    The body is not decoded here: `block` holds the response as the archive has it, head and framing included.
    """

    capture: Capture
    block: Block
    provenance: Provenance
    truncated: bool = False
    """The response is not whole (capped, or the connection broke): never parsed as if it were."""
