"""One capture as a browser may show it without harm: its decoded body, read from the spool or the store.

What makes it harmless is how it is served (`FRAME_POLICY`): no scripts, no forms, an origin of its own, and nothing
fetched from anywhere, so that looking at an archived page is not a visit. No policy keeps browsers from opening
connections ahead of need (to where a frame or a link leads, for ``rel=preconnect``): so HTML is decoded, the names that
could ask for it are changed, and it is served as UTF-8. A browser reads such a name from these very characters or not
at all, so nothing need be parsed. The bytes in the archive are not touched.
"""

from __future__ import annotations

__all__ = ["FRAME_POLICY", "Shown", "find_original", "harmless", "show"]

import io
import re
from pathlib import Path

import msgspec

from crawler.archive.read.captures import ArchivedCapture, read_captures
from crawler.archive.store import Store
from crawler.archive.takedowns import taken_down
from crawler.archive.write.spool_folder import OPEN_SUFFIX, lanes
from crawler.daemon.page.neutral import missing, readable
from crawler.errors import BadArchive, ParseError, StoreError, UsageError
from crawler.http.status import is_answer
from crawler.model.capture import Capture
from crawler.parse.charset.decode import decode
from crawler.parse.http import page_from_response
from crawler.run.state_folder import SPOOL
from crawler.state import State

FRAME_POLICY = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; media-src data:; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
)
_MAX_MEMBER = 16 << 20
_MAX_BODY = 16 << 20
_HTML = ("text/html", "application/xhtml+xml")
_IMAGES = ("image/png", "image/jpeg", "image/gif", "image/webp", "image/avif")
_CHANGED = (
    # as empty as those are, allowed where they are, and without effect (HTML, sections 13.2.6.4.4 and 16.3)
    (re.compile(r"<(?:link|meta|base|frame)(?=[\t\n\f\r />])", re.IGNORECASE), "<basefont"),
    # read like one, as raw text, and not shown
    (re.compile(r"<(/?)iframe(?=[\t\n\f\r />])", re.IGNORECASE), r"<\1noembed"),
    # links lead nowhere but within the page
    (re.compile(r"""\bhref(?=\s*=)(?!\s*=\s*["']?#)""", re.IGNORECASE), "data-href"),
)
_CHARSET = re.compile(r"""charset\s*=\s*["']?([A-Za-z0-9_.:-]{1,40})""", re.IGNORECASE)


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """What to serve."""

    body: bytes
    content_type: str
    missing: str = ""
    """What the page asks for and the archive does not have, in words."""


def show(capture: Capture, *, state: State, store: Store, state_dir: Path) -> Shown:
    """Return the body of a capture. Blocking.

    Raises UsageError for what cannot be shown (no answer, too large), BadArchive, StoreError.
    """
    if capture.status == 0:
        raise UsageError("There was no answer to show", next_step="its history tells why")
    row = state.capture_at(capture.warc, capture.offset)
    withheld = taken_down(store).covers(capture.url, row.site if row is not None else None)
    if withheld is not None:
        raise UsageError(f"It was {withheld}", next_step="`warraq takedown` lists what was taken down")
    if capture.length > _MAX_MEMBER:
        raise UsageError("The capture is too large to show", next_step="read it from the archive with a WARC tool")
    archived = _read(capture, state=state, store=store, state_dir=state_dir)
    try:
        page = page_from_response(
            archived.response, url=capture.url, captured_at=capture.captured_at, truncated=archived.truncated,
            max_body=_MAX_BODY,
        )  # fmt: skip
    except ParseError as error:
        raise UsageError("What came is not HTTP", next_step="read it from the archive with a WARC tool") from error
    declared = next((value for name, value in page.headers if name == "content-type"), "")
    kind = _harmless_type(declared)
    body = page.body
    lacks = ""
    if kind == "text/html":
        text = decode(body, declared).text
        lacks = missing(text).told()
        body = harmless(readable(text)).encode("utf-8", "replace")
        kind = "text/html; charset=utf-8"
    return Shown(body=body, content_type=kind, missing=lacks)


def harmless(html: str) -> str:
    """Return `html` without what makes a browser connect to somewhere under `FRAME_POLICY`."""
    for pattern, instead in _CHANGED:
        html = pattern.sub(instead, html)
    return html.removeprefix("\ufeff")


def find_original(capture: Capture, state: State, *, limit: int = 50) -> Capture | None:
    """Return the capture that holds the payload of a revisit: the latest response before it with the same digest."""
    for other in state.latest_captures(capture.url, limit):
        same = capture.status == 304 or other.payload_sha256 == capture.payload_sha256
        if other.kind == "response" and is_answer(other.status) and same and other.captured_at <= capture.captured_at:
            return other
    return None


def _read(capture: Capture, *, state: State, store: Store, state_dir: Path) -> ArchivedCapture:
    member = _from_spool(capture, state_dir) or _from_store(capture, state, store)
    for item in read_captures(io.BytesIO(member), name=capture.warc):
        if isinstance(item, ArchivedCapture):
            return item
    raise BadArchive(f"{capture.warc}: no capture begins at byte {capture.offset}", next_step="`warraq verify`")


def _from_spool(capture: Capture, state_dir: Path) -> bytes | None:
    for folder in lanes(state_dir / SPOOL):
        for name in (capture.warc, capture.warc + OPEN_SUFFIX):
            try:
                with (folder / name).open("rb") as stream:
                    stream.seek(capture.offset)
                    return stream.read(capture.length)
            except FileNotFoundError:
                continue
            except OSError as error:
                raise BadArchive(f"{folder / name}: {error.strerror}", next_step="make it readable") from error
    return None


def _from_store(capture: Capture, state: State, store: Store) -> bytes:
    receipt = state.receipt(capture.warc)
    if receipt is None:
        raise StoreError(f"{capture.warc} is neither in the spool nor known to be in the store")
    with store.open(receipt.key, offset=capture.offset, length=capture.length) as stream:
        return stream.read()


def _harmless_type(declared: str) -> str:
    """Return the type to serve: HTML and pictures as they are, all other text as text, the rest as bytes."""
    kind = declared.partition(";")[0].strip().lower()
    if kind in _HTML or not kind:
        return "text/html"
    if kind in _IMAGES:
        return kind
    if kind.startswith("text/") or kind.endswith(("xml", "json", "javascript")):
        charset = _CHARSET.search(declared)
        return f"text/plain; charset={charset[1] if charset else 'utf-8'}"
    return "application/octet-stream"
