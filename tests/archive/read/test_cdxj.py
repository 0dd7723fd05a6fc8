"""Index lines as other programs read them, spelled out."""

from __future__ import annotations

import io

import msgspec
import pytest

from crawler.archive.read.cdxj import format_line, index_warc, parse_line, render_index
from crawler.errors import BadArchive
from crawler.model.capture import Capture
from tests.archive.archive_factory import AT

CAPTURE = Capture(
    url="https://www.news.example/A?b=2&a=1", captured_at=AT, kind="response", warc="W.warc.gz", offset=12, length=34,
    record_id="<urn:uuid:x>", status=200, mime="text/html", payload_sha1="VL2MMHO4YXUKFWV63YHTWSBM3GXKSQ2N",
    payload_sha256="2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
)  # fmt: skip
LINE = (
    b'example,news)/a?a=1&b=2 20261123184104 {"url":"https://www.news.example/A?b=2&a=1","mime":"text/html",'
    b'"status":"200","digest":"sha1:VL2MMHO4YXUKFWV63YHTWSBM3GXKSQ2N",'
    b'"sha256":"2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824","length":"34","offset":"12",'
    b'"filename":"W.warc.gz"}\n'
)


def test_a_line_has_key_time_and_fields() -> None:
    assert format_line(CAPTURE) == LINE


def test_a_revisit_says_so_in_its_media_type() -> None:
    line = format_line(msgspec.structs.replace(CAPTURE, kind="revisit"))
    assert line == LINE.replace(b"text/html", b"warc/revisit")


def test_a_response_that_could_not_be_read_has_no_status() -> None:
    assert b'"status":"-"' in format_line(msgspec.structs.replace(CAPTURE, status=0))


def test_an_index_is_sorted_by_its_bytes() -> None:
    later = msgspec.structs.replace(CAPTURE, url="https://a.example/")
    assert render_index([CAPTURE, later]) == format_line(later) + LINE


def test_what_of_a_file_cannot_be_read_is_told_beside_its_index() -> None:
    lines, (fault,) = index_warc(io.BytesIO(b"no archive"), name="a.warc")
    assert (lines, fault.file, fault.offset) == (b"", "a.warc", 0)


def test_a_line_of_a_hundred_thousand_brackets_is_none() -> None:
    with pytest.raises(BadArchive, match="not a CDXJ line"):
        parse_line(b"example,news)/x 20261120100000 " + b'{"a":' * 100_000)
