"""Records as bytes: what is written for each kind of exchange, spelled out."""

from __future__ import annotations

import gzip
import hashlib
import os
import zlib
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.archive.capture_metadata import read_notes, read_provenance
from crawler.archive.record_values import base32
from crawler.archive.write.records import (
    asks_if_changed,
    dns_record,
    exchange_records,
    member,
    rendering_records,
    warcinfo_record,
)
from crawler.http.blocks import SpooledBlock
from crawler.model.capture import Announcement, Capture
from crawler.model.exchange import Exchange, Timings
from crawler.model.rendered import RenderedPage, Rendering
from tests.archive.archive_factory import AT, PLAIN, PROVENANCE, URL, counting_ids, exchange

INFO = "<urn:uuid:info>"


def written(one: Exchange, **options: object) -> list[bytes]:
    """The records of an exchange, decompressed."""
    records = exchange_records(one, PROVENANCE, warcinfo_id=INFO, new_id=counting_ids(), **options)  # type: ignore[arg-type]
    return [gzip.decompress(b"".join(member(record))) for record in records]


def earlier(**changes: object) -> Capture:
    capture = Capture(
        url="https://news.example/a/0", captured_at=AT, kind="response", warc="w", offset=7, length=8,
        record_id="<urn:uuid:earlier>", status=200, mime="text/html",
        payload_sha1=base32(hashlib.sha1(b"hello").digest()), payload_sha256=hashlib.sha256(b"hello").hexdigest(),
    )  # fmt: skip
    return msgspec.structs.replace(capture, **changes)


def test_a_response_is_recorded_as_it_crossed_the_wire() -> None:
    one = exchange(ip_address="192.0.2.1", protocols=("http/1.1", "tls/1.3"), cipher_suite="TLS_AES_128_GCM_SHA256")
    assert written(one)[0] == (
        b"WARC/1.1\r\n"
        b"WARC-Type: response\r\n"
        b"WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-000000000001>\r\n"
        b"WARC-Date: 2026-11-23T18:41:04.000123Z\r\n"
        b"WARC-Target-URI: https://news.example/a/1\r\n"
        b"WARC-Warcinfo-ID: <urn:uuid:info>\r\n"
        b"WARC-IP-Address: 192.0.2.1\r\n"
        b"WARC-Protocol: http/1.1\r\n"
        b"WARC-Protocol: tls/1.3\r\n"
        b"WARC-Cipher-Suite: TLS_AES_128_GCM_SHA256\r\n"
        b"WARC-Payload-Digest: sha1:VL2MMHO4YXUKFWV63YHTWSBM3GXKSQ2N\r\n"
        b"WARC-Block-Digest: sha1:KH6S54PFBRGUD36FSYQSFHPXL62FPTHU\r\n"
        b"Content-Type: application/http;msgtype=response\r\n"
        b"Content-Length: 83\r\n"
        b"\r\n" + PLAIN + b"\r\n\r\n"
    )


def test_the_request_names_its_response() -> None:
    assert written(exchange(ip_address="192.0.2.1"))[1] == (
        b"WARC/1.1\r\n"
        b"WARC-Type: request\r\n"
        b"WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-000000000002>\r\n"
        b"WARC-Date: 2026-11-23T18:41:04.000123Z\r\n"
        b"WARC-Target-URI: https://news.example/a/1\r\n"
        b"WARC-Warcinfo-ID: <urn:uuid:info>\r\n"
        b"WARC-IP-Address: 192.0.2.1\r\n"
        b"WARC-Protocol: http/1.1\r\n"
        b"WARC-Concurrent-To: <urn:uuid:00000000-0000-4000-8000-000000000001>\r\n"
        b"WARC-Block-Digest: sha1:LUMIFKDXKRNG6FDSFT7WZSLSP3JYBHWH\r\n"
        b"Content-Type: application/http;msgtype=request\r\n"
        b"Content-Length: 41\r\n"
        b"\r\n"
        b"GET /a/1 HTTP/1.1\r\nHost: news.example\r\n\r\n"
        b"\r\n\r\n"
    )


def test_the_metadata_record_has_fields_others_read_and_no_payload_digest() -> None:
    head, _, block = written(exchange())[2].partition(b"\r\n\r\n")
    assert head.startswith(b"WARC/1.1\r\nWARC-Type: metadata\r\n")
    assert b"WARC-Concurrent-To: <urn:uuid:00000000-0000-4000-8000-000000000001>\r\n" in head
    assert b"Payload-Digest" not in head
    assert b"Content-Type: application/warc-fields\r\n" in head
    assert block == (
        b"fetchTimeMs: 250\r\n"
        b'warraq-capture: {"provenance":{"run":"20261123T184104Z-example-0a1b","site":"example","role":"article",'
        b'"announcement":null,"redirects":[],"earlier":null},"payload_sha1":"VL2MMHO4YXUKFWV63YHTWSBM3GXKSQ2N",'
        b'"payload_sha256":"2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824","payload_size":5,'
        b'"timings":{"connect_s":null,"tls_s":null,"first_byte_s":null,"total_s":0.25}}\r\n'
        b"\r\n\r\n"
    )


def test_what_the_metadata_record_keeps_comes_back() -> None:
    provenance = msgspec.structs.replace(
        PROVENANCE,
        announcement=Announcement(
            url=URL, role="article", source="feed", via="https://news.example/feed", title="عنوان\r\nline",
            published_at="2026"
        ),
        redirects=("https://t.example/x", "https://t.example/é"),
    )  # fmt: skip
    one = exchange(
        interim=b"HTTP/1.1 103 Early\r\n\r\n\xff", error="reset\r\nin the body", timings=Timings(total_s=1.5)
    )
    record = exchange_records(one, provenance, warcinfo_id=INFO, new_id=counting_ids())[2]
    block = record.block.read()
    notes = read_notes(block)
    assert notes is not None
    assert notes.provenance == read_provenance(block) == provenance
    assert (notes.interim, notes.error, notes.timings) == (one.interim, one.error, one.timings)
    assert block.startswith(b"via: https://t.example/%C3%A9\r\nfetchTimeMs: 1500\r\n")


@pytest.mark.parametrize(
    "block", [b"", b"via: x\r\n", b"not-warraq-capture: {}", b"warraq-capture: {}", b"warraq-capture: {"]
)
def test_somebody_elses_metadata_is_not_ours(block: bytes) -> None:
    assert read_notes(block) is None
    assert read_provenance(block) is None


def test_warcinfo_opens_the_file() -> None:
    fields = [("software", "Warraq/1.0"), ("operator", ""), ("robots", "obey")]
    record = warcinfo_record("WARRAQ-1.warc.gz", AT, fields, new_id=counting_ids())
    block = (
        b"format: WARC File Format 1.1\r\n"
        b"conformsTo: http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/\r\n"
        b"software: Warraq/1.0\r\nrobots: obey\r\n"
    )
    assert gzip.decompress(b"".join(member(record))) == (
        b"WARC/1.1\r\n"
        b"WARC-Type: warcinfo\r\n"
        b"WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-000000000001>\r\n"
        b"WARC-Date: 2026-11-23T18:41:04.000123Z\r\n"
        b"WARC-Filename: WARRAQ-1.warc.gz\r\n"
        b"WARC-Block-Digest: sha1:" + base32(hashlib.sha1(block).digest()).encode() + b"\r\n"
        b"Content-Type: application/warc-fields\r\n"
        b"Content-Length: 158\r\n\r\n" + block + b"\r\n\r\n"
    )  # fmt: skip


@pytest.mark.parametrize(("address", "line"), [("192.0.2.1", b"A\t192.0.2.1"), ("2001:db8::1", b"AAAA\t2001:db8::1")])
def test_the_address_used_is_a_dns_resource(address: str, line: bytes) -> None:
    record = dns_record("news.example", address, AT, warcinfo_id=INFO, new_id=counting_ids())
    text = gzip.decompress(b"".join(member(record)))
    assert text.startswith(b"WARC/1.1\r\nWARC-Type: resource\r\n")
    assert b"WARC-Target-URI: dns:news.example\r\n" in text
    assert b"Content-Type: text/dns\r\n" in text
    assert text.endswith(b"\r\n\r\n20261123184104\nnews.example.\tIN\t" + line + b"\n\r\n\r\n")


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\nTrailer: t\r\n\r\n"


def test_a_chunked_body_has_a_block_digest_only() -> None:
    text = written(exchange(CHUNKED))[0]
    assert b"WARC-Payload-Digest" not in text
    assert b"WARC-Block-Digest: sha1:" + base32(hashlib.sha1(CHUNKED).digest()).encode() in text
    assert text.endswith(b"\r\n\r\n" + CHUNKED + b"\r\n\r\n")


def test_bytes_after_the_message_are_kept_and_leave_out_the_payload_digest() -> None:
    text = written(exchange(PLAIN + b"garbage"))[0]
    assert b"WARC-Payload-Digest" not in text
    assert text.endswith(b"hellogarbage\r\n\r\n")


@pytest.mark.parametrize("reason", ["length", "time", "disconnect"])
def test_a_cut_response_says_why(reason: str) -> None:
    text = written(exchange(PLAIN[:-2], truncated=reason))[0]
    assert f"WARC-Truncated: {reason}\r\n".encode() in text


def test_what_is_not_http_is_recorded_as_it_came() -> None:
    records = written(exchange(b"SSH-2.0-OpenSSH\r\n"))
    assert records[0].endswith(b"\r\n\r\nSSH-2.0-OpenSSH\r\n\r\n\r\n")
    assert b"Payload-Digest" not in records[0]


def test_without_an_answer_there_is_a_request_and_a_metadata_record() -> None:
    records = written(exchange(b"", error="reset"))
    assert [record.split(b"\r\n")[1] for record in records] == [b"WARC-Type: request", b"WARC-Type: metadata"]
    assert b"WARC-Concurrent-To: <urn:uuid:00000000-0000-4000-8000-000000000001>" in records[1]
    assert b"WARC-Concurrent-To" not in records[0]


def test_an_equal_payload_becomes_a_revisit_of_the_earlier_capture() -> None:
    assert written(exchange(), revisit_of=earlier())[0] == (
        b"WARC/1.1\r\n"
        b"WARC-Type: revisit\r\n"
        b"WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-000000000001>\r\n"
        b"WARC-Date: 2026-11-23T18:41:04.000123Z\r\n"
        b"WARC-Target-URI: https://news.example/a/1\r\n"
        b"WARC-Warcinfo-ID: <urn:uuid:info>\r\n"
        b"WARC-Protocol: http/1.1\r\n"
        b"WARC-Refers-To: <urn:uuid:earlier>\r\n"
        b"WARC-Refers-To-Target-URI: https://news.example/a/0\r\n"
        b"WARC-Refers-To-Date: 2026-11-23T18:41:04.000123Z\r\n"
        b"WARC-Payload-Digest: sha1:VL2MMHO4YXUKFWV63YHTWSBM3GXKSQ2N\r\n"
        b"WARC-Profile: http://netpreserve.org/warc/1.1/revisit/identical-payload-digest\r\n"
        b"WARC-Truncated: length\r\n"
        b"WARC-Block-Digest: sha1:Z5A44HTLWJTYMKP7GOVJQ2P324L2RY7X\r\n"
        b"Content-Type: application/http;msgtype=response\r\n"
        b"Content-Length: 78\r\n"
        b"\r\n" + PLAIN[:-5] + b"\r\n\r\n"
    )


@pytest.mark.parametrize(
    ("one", "original"),
    [
        (exchange(), earlier(payload_sha256="0" * 64)),
        (exchange(truncated="time"), earlier()),
    ],
    ids=["another payload", "cut"],
)  # fmt: skip
def test_what_is_not_surely_the_same_is_written_in_full(one: Exchange, original: Capture) -> None:
    text = written(one, revisit_of=original)[0]
    assert b"WARC-Type: response\r\n" in text
    assert text.endswith(b"hello\r\n\r\n")


NOT_MODIFIED = b'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\n\r\n'


def test_304_is_a_revisit_with_its_head_whole() -> None:
    text = written(exchange(NOT_MODIFIED), revisit_of=earlier())[0]
    assert b"WARC-Type: revisit\r\n" in text
    assert b"WARC-Profile: http://netpreserve.org/warc/1.1/revisit/server-not-modified\r\n" in text
    assert b"WARC-Refers-To: <urn:uuid:earlier>\r\n" in text
    assert b"WARC-Truncated" not in text
    assert text.endswith(b"\r\n\r\n" + NOT_MODIFIED + b"\r\n\r\n")


def test_304_without_a_known_original_refers_to_nothing() -> None:
    text = written(exchange(NOT_MODIFIED))[0]
    assert b"server-not-modified" in text
    assert b"Refers-To" not in text
    assert b"Payload-Digest" not in text


@pytest.mark.parametrize(
    ("url", "recorded"),
    [
        ("https://news.example/a#top", b"https://news.example/a"),
        ("https://news.example/خبر?q=ا b", b"https://news.example/%D8%AE%D8%A8%D8%B1?q=%D8%A7%20b"),
        ("https://news.example/%41%zz", b"https://news.example/%41%zz"),
        ("https://news.example/\r\nWARC-Type: x", b"https://news.example/%0D%0AWARC-Type:%20x"),
    ],
)
def test_target_uris_are_printable_ascii_without_fragment(url: str, recorded: bytes) -> None:
    assert b"WARC-Target-URI: " + recorded + b"\r\n" in written(exchange(url=url))[0]


def test_a_compressed_body_is_stored_and_not_deflated_again() -> None:
    body = gzip.compress(b"x" * 10_000, mtime=0)
    response = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + body
    record = exchange_records(exchange(response), PROVENANCE, warcinfo_id=INFO, new_id=counting_ids())[0]
    packed = b"".join(member(record))
    whole = record.head + response + b"\r\n\r\n"

    def stored(piece: bytes, *, final: bool = False) -> bytes:
        size = len(piece).to_bytes(2, "little")
        return bytes([final]) + size + bytes(b ^ 0xFF for b in size) + piece

    assert packed == (
        b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
        + stored(record.head) + stored(response) + stored(b"\r\n\r\n", final=True)
        + zlib.crc32(whole).to_bytes(4, "little") + len(whole).to_bytes(4, "little")
    )  # fmt: skip


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("size", [0, 1, 65534, 65535, 65536, 200_000, 3_000_000])
def test_members_of_any_size_inflate_to_the_record(size: int, packed: bool) -> None:
    body = os.urandom(size // 2) + b"a" * (size - size // 2)
    head = b"HTTP/1.1 200 OK\r\n" + (b"Content-Encoding: gzip\r\n" if packed else b"") + b"\r\n"
    record = exchange_records(exchange(head + body), PROVENANCE, warcinfo_id=INFO, new_id=counting_ids())[0]
    assert record.packed is packed
    assert gzip.decompress(b"".join(member(record))) == record.head + head + body + b"\r\n\r\n"


def test_a_block_on_disk_is_written_like_one_in_memory() -> None:
    block = SpooledBlock()
    content = PLAIN.replace(b"hello", os.urandom(3_000_000))
    block.write(content)
    one = exchange(content)
    ids = counting_ids(), counting_ids()
    first = exchange_records(one, PROVENANCE, warcinfo_id=INFO, new_id=ids[0])[0]
    second = exchange_records(
        msgspec.structs.replace(one, response=block), PROVENANCE, warcinfo_id=INFO, new_id=ids[1]
    )[0]
    assert b"".join(member(first)) == b"".join(member(second))


@settings(max_examples=60, deadline=None)
@given(body=st.binary(max_size=300), coding=st.sampled_from([b"", b"Content-Encoding: gzip\r\n"]), cut=st.booleans())
def test_any_body_survives(body: bytes, coding: bytes, cut: bool) -> None:
    response = b"HTTP/1.1 200 OK\r\n" + coding + b"\r\n" + body
    text = written(exchange(response, truncated="time" if cut else None))[0]
    head, _, block = text.partition(b"\r\n\r\n")
    assert block == response + b"\r\n\r\n"
    assert f"Content-Length: {len(response)}".encode() in head


ODD = {
    "chunked": CHUNKED,
    "after": PLAIN + b"garbage",
    "not http": b"SSH-2.0\r\n",
    "no blank line": b"HTTP/1.1 200 OK\r\nX: y\r\n",
    "lf only": b"HTTP/1.1 200 OK\nContent-Length: 2\n\nhi",
    "no colon": b"HTTP/1.1 200 OK\r\nnonsense\r\nX: y\r\n\r\nbody",
    "obs-fold": b"HTTP/1.1 200 OK\r\nX: a\r\n b\r\nY: c\r\n\r\nbody",
    "no reason": b"HTTP/1.1 200\r\n\r\nbody",
    "latin-1": b"HTTP/1.1 200 \xe9\r\nX: \xe9\x01\r\n\r\nbody",
    "empty body": b"HTTP/1.1 204 No Content\r\n\r\n",
    "one byte": b"H",
    "false gzip": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nnot gzip",
}


def test_checkers_accept_what_is_written_for_odd_responses(tmp_path: Path, accepted: Callable[..., None]) -> None:
    path = tmp_path / "odd.warc.gz"
    new_id = counting_ids()
    info = warcinfo_record(path.name, AT, [], new_id=new_id)
    with path.open("wb") as target:
        target.writelines(member(info))
        for response in ODD.values():
            for record in exchange_records(exchange(response), PROVENANCE, warcinfo_id=info.id, new_id=new_id):
                target.writelines(member(record))
    accepted(path)


RENDERED = RenderedPage(
    capture=earlier(), rendered_at=AT, html=b"<p>made</p>",
    rendering=Rendering(of="<urn:uuid:earlier>", by="Chromium 150.0", asked=2, refused=1),
)  # fmt: skip


def test_a_rendered_page_is_a_conversion_of_the_response_it_was_made_of(
    tmp_path: Path, accepted: Callable[..., None]
) -> None:
    new_id = counting_ids()
    info = warcinfo_record("rendered.warc.gz", AT, [], new_id=new_id)
    (made, notes), sha1, sha256 = rendering_records(RENDERED, PROVENANCE, warcinfo_id=info.id, new_id=new_id)
    assert gzip.decompress(b"".join(member(made))) == (
        b"WARC/1.1\r\n"
        b"WARC-Type: conversion\r\n"
        b"WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-000000000002>\r\n"
        b"WARC-Date: 2026-11-23T18:41:04.000123Z\r\n"
        b"WARC-Target-URI: https://news.example/a/0\r\n"
        b"WARC-Warcinfo-ID: <urn:uuid:00000000-0000-4000-8000-000000000001>\r\n"
        b"WARC-Refers-To: <urn:uuid:earlier>\r\n"
        b"WARC-Block-Digest: sha1:" + base32(hashlib.sha1(b"<p>made</p>").digest()).encode() + b"\r\n"
        b"Content-Type: text/html; charset=utf-8\r\n"
        b"Content-Length: 11\r\n"
        b"\r\n<p>made</p>\r\n\r\n"
    )
    told = read_notes(notes.block.read())
    assert told is not None
    assert (told.rendering, told.provenance) == (RENDERED.rendering, PROVENANCE)
    assert (told.payload_sha1, told.payload_sha256, told.payload_size) == (sha1, sha256, 11)
    path = tmp_path / "rendered.warc.gz"
    path.write_bytes(b"".join(piece for record in (info, made, notes) for piece in member(record)))
    accepted(path)


def test_a_304_that_nobody_asked_for_is_a_response() -> None:
    answer = b"HTTP/1.1 304 Not Modified\r\n\r\n"
    asked = [b"If-None-Match: x", b"if-modified-since: Mon, 23 Nov 2026 18:41:04 GMT"]
    for field in asked:
        request = b"GET / HTTP/1.1\r\nHost: news.example\r\n" + field + b"\r\n\r\n"
        assert asks_if_changed(request)
        records = exchange_records(
            exchange(answer, request=request), PROVENANCE, warcinfo_id="<w>", new_id=counting_ids()
        )
        assert records[0].type == "revisit"
    unasked = b"GET /?if-none-match: HTTP/1.1\r\nHost: news.example\r\nX-If-None-Match: 1\r\n\r\n"
    records = exchange_records(exchange(answer, request=unasked), PROVENANCE, warcinfo_id="<w>", new_id=counting_ids())
    assert records[0].type == "response"
    assert b"WARC-Profile" not in records[0].head
