"""A page on its way from the crawl to the parse stage: kept already, not yet read."""

from __future__ import annotations

__all__ = ["CapturedPage"]

import msgspec

from crawler.http.blocks import Block
from crawler.http.head import ResponseHead
from crawler.model.capture import Capture, Provenance


class CapturedPage(msgspec.Struct, frozen=True, kw_only=True):
    """An article page that is in the archive; what a spider yields.

    The body is not decoded here: `block` holds the response as the archive has it, head and framing included.
    """

    capture: Capture
    block: Block
    head: ResponseHead | None = None
    """What the wire's reader made of the block's head, so that nobody reads it again; None: it is read when parsed."""
    provenance: Provenance
    truncated: bool = False
    """The response is not whole (capped, or the connection broke): never parsed as if it were."""
