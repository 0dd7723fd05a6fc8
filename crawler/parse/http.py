"""A raw HTTP/1.x response, as it was sent or as it lies in an archive, to a page.

What head and body mean is `crawler.http`'s to say. Flags tell what had to be put up with: ``truncated``,
``chunking_false`` (declared, but the body is not), ``chunking_broken`` (only what came before is the page),
``body_capped``, and those of `crawler.http.coding`.
"""

from __future__ import annotations

__all__ = ["page_from_response"]

from datetime import datetime

from crawler.errors import ParseError
from crawler.http.blocks import Block
from crawler.http.body import read_entity
from crawler.http.coding import MAX_BODY, decode_body
from crawler.http.head import ResponseHead, stored_head
from crawler.model.page import Page


def page_from_response(
    block: Block,
    *,
    url: str,
    captured_at: datetime,
    head: ResponseHead | None = None,
    truncated: str | None = None,
    max_body: int = MAX_BODY,
) -> Page:
    """Return the page in a response block: transfer- and content-coding undone, at most `max_body` bytes of body.

    `head` is the block's as somebody has read it already, on the wire or in the archive; None: it is read here.
    `truncated` is the record's WARC-Truncated value. Raises ParseError (``broken_response``) if there is no HTTP head.
    """
    head = head or stored_head(block)
    if head is None:
        raise ParseError(
            f"{url}: the record holds no HTTP response head",
            reason="broken_response",
            next_step="see it with a WARC tool",
        )
    flags = ["truncated"] if truncated else []
    body, flaw, cut = read_entity(block, head, limit=max_body)
    if flaw:
        flags.append(flaw)
    if head.unchunked:
        flags.append("chunking_false")
    if cut:
        flags.append("body_capped")
    body, found = decode_body(head.headers, body, max_body=max_body)
    return Page(
        url=url,
        captured_at=captured_at,
        status=head.status,
        headers=tuple((n.decode("latin-1").lower(), v.decode("latin-1")) for n, v in head.headers),
        body=body,
        flags=tuple(dict.fromkeys((*flags, *found))),
    )
