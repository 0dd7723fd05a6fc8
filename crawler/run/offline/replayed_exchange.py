"""Archived exchanges as the crawl saw them: responses for a spider, faults by their ledger names, silence."""

from __future__ import annotations

__all__ = ["UnansweredRequest", "fault_of", "response_of"]

from datetime import datetime
from typing import NamedTuple

from scrapy.http import Headers, Request, Response

from crawler.archive.capture_metadata import Notes
from crawler.archive.read.captures import ArchivedCapture
from crawler.archive.read.records import RawRecord
from crawler.model.capture import Capture, Provenance


class UnansweredRequest(NamedTuple):
    """A request that was sent and got no response."""

    capture: Capture
    """With status 0, at the address of the request's record."""
    notes: Notes

    @classmethod
    def of(cls, request: RawRecord, notes: Notes, *, warc: str) -> UnansweredRequest:
        """Return what the request record and the metadata beside it tell."""
        silent = "without an answer" in (notes.error or "")
        capture = Capture(
            url=request.headers.get("warc-target-uri", ""),
            captured_at=datetime.fromisoformat(request.headers["warc-date"]),
            kind="response",
            warc=warc,
            offset=request.offset,
            length=request.length,
            record_id=request.headers.get("warc-record-id", ""),
            status=0,
            mime="unk",
            payload_sha1=notes.payload_sha1,
            payload_sha256=notes.payload_sha256,
            truncated=None if silent else "time",
        )
        return cls(capture, notes)


def fault_of(item: ArchivedCapture) -> str | None:
    """Return why a response was not taken for an answer; channels are read as far as they came."""
    known, truncated = item.provenance, item.capture.truncated
    if item.head is None:
        return {"time": "head_timeout", "disconnect": "truncated_disconnect"}.get(truncated or "", "broken_response")
    if item.error and truncated is None:
        return "broken_response"
    if truncated is None or (known is not None and known.role in ("feed", "sitemap", "listing")):
        return None
    return "body_timeout" if truncated == "time" else f"truncated_{truncated}"


def response_of(item: ArchivedCapture, known: Provenance, body: bytes) -> Response:
    """Return the response as the download handler gave it to the spider."""
    head = item.head
    assert head is not None
    meta = {"provenance": known, "capture": item.capture, "block": item.response, "head": item.head, "index_depth": 0}
    if known.redirects:
        meta["redirect_urls"] = list(known.redirects)
    response = Response(
        url=item.capture.url,
        status=item.capture.status,
        body=body,
        request=Request(item.capture.url, meta=meta),
    )
    response.headers = Headers([(name, [v for k, v in head.headers if k == name]) for name, _ in head.headers])
    return response
