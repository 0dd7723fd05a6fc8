"""What a server sends oddly means the same to a crawl and to a replay of what the crawl archived."""

from __future__ import annotations

import pytest

from tests.web import page


def coded(
    body: bytes, *, end: bytes = b"\r\n", after: bytes = b"\r\n", last: bytes = b"0\r\n\r\n", size: bytes = b""
) -> bytes:
    """Return `body` in chunks of 100 bytes, their lines ended by `end`, their data by `after`."""
    pieces = [body[start : start + 100] for start in range(0, len(body), 100)]
    return b"".join(b"%x%b%b%b%b" % (len(piece), size, end, piece, after) for piece in pieces) + last


def as_chunked(answer: bytes, coding: bytes = b"chunked", head_end: bytes = b"\r\n\r\n", **odd: bytes) -> bytes:
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith((b"content-length", b"connection"))]
    return b"\r\n".join([*lines, b"Connection: close", b"Transfer-Encoding: " + coding]) + head_end + coded(body, **odd)


PLAIN = page("A story about water")
ODD = {
    "plain": as_chunked(PLAIN),
    "longer-than-said": as_chunked(PLAIN, after=b"XX\r\n"),
    "cr-cr-lf-after-sizes": as_chunked(PLAIN, end=b"\r\r\n"),
    "cr-cr-lf-after-data": as_chunked(PLAIN, after=b"\r\r\n"),
    "cr-alone-after-data": as_chunked(PLAIN, after=b"\r"),
    "cr-alone-after-sizes": as_chunked(PLAIN, end=b"\r"),
    "lf-alone": as_chunked(PLAIN, end=b"\n", after=b"\n", last=b"0\n\n"),
    "nothing-after-data": as_chunked(PLAIN, after=b""),
    "blanks": as_chunked(PLAIN, size=b"  \t", after=b" \r\n"),
    "extension-with-cr": as_chunked(PLAIN, size=b";a=\rb"),
    "another-coding": as_chunked(PLAIN, coding=b"xchunked"),
    "not-the-last-coding": as_chunked(PLAIN, coding=b"chunked, gzip"),
    "no-last-chunk": as_chunked(PLAIN, last=b""),
    "garbage-at-the-end": as_chunked(PLAIN, last=b"<!-- served in 3 ms -->\r\n"),
    "trailers": as_chunked(PLAIN, last=b"0\r\nX-Sum: 1\r\n\r\n"),
    "cr-in-the-head": as_chunked(PLAIN, coding=b"chunked\r\nX-Served-By: a\rb"),
    "not-chunked-at-all": as_chunked(PLAIN).partition(b"\r\n\r\n")[0] + b"\r\n\r\n" + PLAIN.partition(b"\r\n\r\n")[2],
}


@pytest.mark.parametrize("kind", ODD)
def test_odd_chunking_gives_the_same_article_or_none_live_and_in_replay(warraq, web, tmp_path, kind: str) -> None:
    web.pages["/2026/11/23/a-story-about-water"] = ODD[kind]
    web.closing.add("/2026/11/23/a-story-about-water")
    warraq("crawl", f"{web.base}/2026/11/23/a-story-about-water", "--allow-private")
    warraq("replay", "--out", "file:again")
    live, again = (
        {path.name: path.read_bytes() for path in root.rglob("*.txt")}
        for root in (tmp_path / "data", tmp_path / "again")
    )
    assert live == again
    if kind in (
        "plain",
        "lf-alone",
        "blanks",
        "cr-cr-lf-after-sizes",
        "cr-cr-lf-after-data",
        "extension-with-cr",
        "trailers",
    ):
        assert len(live) == 1
    if kind in ("longer-than-said", "not-chunked-at-all", "no-last-chunk", "cr-alone-after-data"):
        assert live == {}
