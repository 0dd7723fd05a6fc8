"""Archives of others with all that may be wrong in them: each a fault with its place, the rest is read."""

from __future__ import annotations

import gzip
from io import BytesIO

import pytest

from crawler.archive.articles import Batch
from crawler.archive.check.verify import checked_index, verify_warc
from crawler.archive.read.captures import ArchivedCapture, read_captures, response_at
from crawler.archive.read.cdxj import parse_line
from crawler.archive.read.records import Fault
from crawler.archive.store.base import checked_key
from crawler.archive.write.records import base32
from tests.archive.check.test_verify import PLAIN, record

SOUND = record("response", PLAIN, {"WARC-Target-URI": "https://news.example/sound"})
REVISIT = b"HTTP/1.1 200 OK\r\n\r\n"


def read(*records: bytes) -> list[ArchivedCapture | Fault]:
    return list(read_captures(BytesIO(b"".join(records)), name="a.warc.gz"))


@pytest.mark.parametrize(
    ("fields", "what"),
    [
        ({"WARC-Date": "0001-01-01T00:00:00+14:00"}, "not a WARC-Date"),
        ({"WARC-Date": "9999-12-31T23:59:59-14:00"}, "not a WARC-Date"),
        ({"WARC-Date": "2020-13-45T99:99:99Z"}, "not a WARC-Date"),
        ({"WARC-Target-URI": "http:foo"}, "is no web address"),
        ({"WARC-Target-URI": "http://news.example:abc/"}, "is no web address"),
        ({"WARC-Target-URI": "http://news.example:99999/"}, "is no web address"),
        ({"WARC-Target-URI": "https://[::1/"}, "is no web address"),
    ],
)
def test_what_a_record_says_of_itself_may_be_impossible(fields: dict[str, str], what: str) -> None:
    odd = record("response", PLAIN, fields)
    found = read(SOUND, odd, SOUND)
    (fault,) = [item for item in found if isinstance(item, Fault)]
    assert (fault.file, fault.offset, what in fault.what) == ("a.warc.gz", len(SOUND), True)
    assert [item.capture.offset for item in found if isinstance(item, ArchivedCapture)] == [0, len(SOUND + odd)]
    index, faults = checked_index(BytesIO(SOUND + odd), name="a.warc.gz")
    assert (len(index.splitlines()), what in str(faults)) == (1, True)


def test_an_impossible_date_of_the_original_is_an_original_without_a_date() -> None:
    (revisit,) = read(record("revisit", REVISIT, {"WARC-Refers-To-Date": "0001-01-01T00:00:00+14:00"}))
    assert isinstance(revisit, ArchivedCapture)
    assert revisit.original is not None
    assert revisit.original.captured_at is None


def test_millions_of_blank_lines_are_passed_over_in_bounded_memory() -> None:
    blank = gzip.compress(b"\n" * 20_000_000)
    (capture,) = read(blank, SOUND)
    assert isinstance(capture, ArchivedCapture)
    assert capture.capture.offset == len(blank)


def test_a_resource_of_a_web_address_is_a_capture_of_what_it_holds() -> None:
    content = b"<html><p>As it was saved</p></html>"
    saved = record("resource", content, {"Content-Type": "text/html; charset=utf-8"})
    found = read(saved, record("resource", b"1.2.3.4", {"WARC-Target-URI": "dns:news.example"}), SOUND)
    first, second = found
    assert isinstance(first, ArchivedCapture)
    assert isinstance(second, ArchivedCapture)
    assert (first.capture.status, first.capture.mime, first.capture.kind) == (200, "text/html", "response")
    assert first.response.read().endswith(b"\r\n\r\n" + content)
    assert response_at(BytesIO(saved), 0, name="a").read() == first.response.read()
    index, faults = checked_index(BytesIO(saved + SOUND), name="a.warc.gz")
    assert (len(index.splitlines()), faults) == (2, [])
    assert verify_warc(BytesIO(saved + SOUND), name="a.warc.gz", cdxj=index).faults == ()


@pytest.mark.parametrize("spelt", ["sha1:{}", "SHA-1:{}", "sha1:{:hex}"])
def test_an_index_of_others_records_keeps_the_digests_they_have(spelt: str) -> None:
    digest = bytes(range(20))
    noted = spelt.replace("{:hex}", digest.hex()).format(base32(digest))
    records = [
        record("response", PLAIN, {"WARC-Payload-Digest": noted}),
        record("revisit", REVISIT, {"WARC-Payload-Digest": noted, "WARC-Record-ID": "<urn:uuid:2>"}),
    ]
    found = [item.capture.payload_sha1 for item in read(*records) if isinstance(item, ArchivedCapture)]
    assert found == [base32(digest)] * 2


def test_blanks_in_the_addresses_of_an_arc_cost_nothing() -> None:
    body = b"HTTP/1.0 200 OK\r\n\r\nhello"
    about = b"1 0 Maker\nURL IP-address Archive-date Content-type Archive-length\n"
    head = b"filedesc://a.arc 0.0.0.0 20050101000000 text/plain %d\n%s\n" % (len(about), about)
    urls = ["http://news.example/a b.html", "http://news.example/c"]
    arc = head + b"".join(b"%s 1.2.3.4 20050101000000 text/html %d\n%s\n" % (u.encode(), len(body), body) for u in urls)
    assert [item.capture.url for item in read(arc) if isinstance(item, ArchivedCapture)] == urls


def test_lines_of_others_indexes_may_say_less() -> None:
    _, _, line = parse_line(
        b'com,example)/ 20200101000000 {"url":"http://example.com/","length":"9","offset":"0","filename":"a.warc.gz"}'
    )
    assert (line.status, line.digest, line.mime) == ("-", "", "unk")


@pytest.mark.parametrize(
    "name", ["../../etc", "/etc/passwd", "..", ".", "a/b", "a\\b", "nul\0", "", "x" * 5000, ".hidden", "ملف", "a\nb"]
)
def test_names_in_others_records_are_names_and_not_paths(name: str) -> None:
    batch = Batch.named(name, name, "2020-01-02T00:00:00Z")
    key = checked_key(batch.lines)
    parts = key.split("/")
    assert (parts[0], parts[2:5]) == ("articles", ["2020", "01", "02"])
    assert len(parts) == (7 if name else 6)
    assert all(len(part) < 255 and not part.startswith(".") for part in parts)


def test_no_two_names_share_a_place() -> None:
    names = ["a/b", "a%2Fb", "a b", "..", "%2E%2E", "x" * 300, "x" * 301]
    assert len({Batch.named(name, None, "2020-01-02").prefix for name in names}) == len(names)
