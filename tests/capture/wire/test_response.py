"""The tolerant reader: heads and framing as sent by real servers, any split, any bytes."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from crawler.capture.wire.response import ResponseReader
from crawler.http.body import MAX_LINE, MOST_CHUNKS
from crawler.http.head import MAX_INTERIM
from tests.capture.mutations import PIECES, mutated

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


class Read(NamedTuple):
    block: bytes
    entity: bytes
    interim: bytes
    complete: bool
    capped: bool
    fault: str | None
    surplus: int
    reusable: bool
    status: int | None


def read(
    data: bytes, cuts: tuple[int, ...] = (), *, head_only: bool = False, close: bool = True, cap: int = 10_000
) -> Read:
    """Feed `data` in pieces that end at `cuts`, close, and return what the reader made of it."""
    block, entity = bytearray(), bytearray()
    reader = ResponseReader(
        head_only=head_only, max_head_bytes=2000, max_body_bytes=cap, block=block.extend, entity=entity.extend
    )
    edges = [0, *sorted(cuts), len(data)]
    for start, stop in pairwise(edges):
        if start < stop:
            assert reader.feed(data[start:stop]) == reader.ended
    reusable = reader.reusable
    if close:
        reader.close()
    status = reader.head.status if reader.head else None
    found = (bytes(block), bytes(entity), reader.interim, reader.complete, reader.capped)
    return Read(*found, reader.fault, reader.surplus, reusable, status)


def test_a_body_of_known_length_ends_there_and_what_follows_is_no_part_of_it() -> None:
    message = OK + b"Content-Length: 5\r\n\r\nhello"
    found = read(message + b"HTTP/1.1 200 OK\r\n\r\n")
    assert (found.block, found.entity, found.complete) == (message, b"hello", True)
    assert (found.surplus, found.reusable) == (19, False)
    assert read(message).reusable


def test_chunks_are_undone_in_the_entity_and_kept_in_the_block() -> None:
    message = CHUNKED + b"5;a=b\r\nhello\r\n0A \r\n, world!!!\r\n0\r\nX-Sum: 1\r\n\r\n"
    found = read(message)
    assert (found.block, found.entity, found.complete, found.reusable) == (message, b"hello, world!!!", True, True)


@pytest.mark.parametrize("line", [b"", b"-1", b"0x5", b"g", b"5 5", b"10000000000000000", b" ", b"+5", b"5_0"])
def test_a_bad_chunk_size_breaks_the_message_but_all_of_it_is_kept(line: bytes) -> None:
    message = CHUNKED + b"2\r\nok\r\n" + line + b"\r\nrest\r\n0\r\n\r\n"
    found = read(message)
    assert found.block == message
    assert found.entity == b"ok"
    assert found.fault is not None
    assert (found.complete, found.reusable) == (False, False)


@pytest.mark.parametrize(
    ("fields", "entity", "reusable"),
    [
        (b"Content-Length: 2\r\nContent-Length: 2\r\n", b"ab", True),
        (b"Content-Length: 2,2\r\n", b"ab", True),
        (b"content-length : 2\r\n", b"ab", True),
        (b"Content-Length: 2\r\nContent-Length: 3\r\n", b"abcdef", False),
        (b"Content-Length: two\r\n", b"abcdef", False),
        (b"Content-Length: -2\r\n", b"abcdef", False),
        (b"Content-Length: 9999999999999999999999\r\n", b"abcdef", False),
        (b"Content-Length:\r\n", b"abcdef", False),
        (b"Transfer-Encoding: gzip\r\nContent-Length: 2\r\n", b"abcdef", False),
        (b"Transfer-Encoding: identity\r\nContent-Length: 2\r\n", b"ab", True),
        (b"Connection: close\r\nContent-Length: 2\r\n", b"ab", False),
        (b"Connection: foo, Close\r\nContent-Length: 2\r\n", b"ab", False),
    ],
)
def test_what_says_how_long_a_body_is(fields: bytes, entity: bytes, reusable: bool) -> None:
    found = read(OK + fields + b"\r\n" + b"abcdef")
    assert found.entity == entity
    assert read(OK + fields + b"\r\n" + b"ab").reusable == reusable


def test_transfer_coding_wins_over_length_and_the_connection_is_not_trusted_again() -> None:
    found = read(
        OK + b"Content-Length: 3\r\nTransfer-Encoding: gzip\r\ntransfer-encoding: Chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"
    )
    assert (found.entity, found.complete, found.reusable) == (b"ok", True, False)


@pytest.mark.parametrize("version", [b"HTTP/1.0", b"HTTP/1"])
def test_old_versions_close_unless_they_say_otherwise(version: bytes) -> None:
    assert not read(version + b" 200 OK\r\nContent-Length: 0\r\n\r\n").reusable
    assert read(version + b" 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 0\r\n\r\n").reusable


@pytest.mark.parametrize("status", [b"204 No Content", b"304 Not Modified"])
def test_some_answers_have_no_body_whatever_they_say(status: bytes) -> None:
    message = b"HTTP/1.1 " + status + b"\r\nContent-Length: 500\r\n\r\n"
    assert read(message, close=False).complete
    assert read(OK + b"Content-Length: 500\r\n\r\n", head_only=True, close=False).complete


def test_interim_answers_are_kept_apart_and_counted() -> None:
    interim = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
    found = read(interim + OK + b"Content-Length: 0\r\n\r\n")
    assert (found.interim, found.status) == (interim, 200)
    endless = read(b"HTTP/1.1 100 Continue\r\n\r\n" * (MAX_INTERIM + 3))
    assert endless.fault is not None
    assert endless.interim + endless.block == b"HTTP/1.1 100 Continue\r\n\r\n" * (MAX_INTERIM + 3)


def test_an_unasked_switch_of_protocols_is_the_answer_and_the_end() -> None:
    found = read(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\nother words")
    assert (found.status, found.complete, found.reusable, found.surplus) == (101, True, False, 11)


@pytest.mark.parametrize(
    "cut",
    [CHUNKED + b"5\r\nhel", CHUNKED + b"5\r\nhello\r\n", CHUNKED, OK + b"Content-Length: 9\r\n\r\nabc", OK, b"HT"],
)
def test_a_connection_that_ends_early_leaves_the_message_incomplete_and_kept(cut: bytes) -> None:
    found = read(cut)
    assert (found.block, found.complete, found.fault) == (cut, False, None)


def test_the_zero_chunk_ends_the_entity_even_if_the_trailers_are_cut() -> None:
    assert read(CHUNKED + b"2\r\nok\r\n0\r\nX-S").complete
    assert not read(CHUNKED + b"2\r\nok\r\n0").complete


@pytest.mark.parametrize(
    "head", [b"220 smtp\r\n", b"<html>", b"HTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 OK\r\n\r\n", b"HTTP/1.1 20\r\n\r\n"]
)
def test_what_is_not_http_is_kept_with_its_fault(head: bytes) -> None:
    found = read(head + b"more\r\n\r\nand more")
    assert found.block == head + b"more\r\n\r\nand more"
    assert found.fault is not None
    assert found.status is None


def test_a_head_beyond_the_limit_is_kept_up_to_the_cap_and_refused() -> None:
    message = OK + b"X: " + b"x" * 5000
    found = read(message, cap=4000)
    assert found.block == message[:4000]
    assert found.capped
    assert "exceeds 2000 bytes" in (found.fault or "")


@pytest.mark.parametrize(
    "framing", [b"Content-Length: 500\r\n\r\n", b"\r\n", b"Transfer-Encoding: chunked\r\n\r\n1f4\r\n"]
)
def test_the_cap_counts_bytes_of_the_wire_after_the_head(framing: bytes) -> None:
    _, _, begun = framing.partition(b"\r\n\r\n") if framing != b"\r\n" else (b"", b"", b"")
    message = OK + framing + b"x" * 500
    found = read(message, cap=100)
    start = len(message) - 500 - len(begun)
    assert found.block == message[: start + 100]
    assert (found.capped, found.complete) == (True, False)


def test_a_body_exactly_as_long_as_the_cap_is_whole() -> None:
    found = read(OK + b"Content-Length: 100\r\n\r\n" + b"x" * 100, cap=100)
    assert (found.complete, found.capped) == (True, False)


@pytest.mark.parametrize("size", [7, 500_000])
def test_endless_chunk_lines_and_trailers_are_faults_and_kept(size: int) -> None:
    for message in (CHUNKED + b"5;" + b"x" * MAX_LINE, CHUNKED + b"0\r\n" + b"X: y\r\n" * (MAX_LINE // 5 + 1)):
        found = read(message, tuple(range(0, len(message), size)), cap=10 * MAX_LINE)
        assert "exceed" in (found.fault or "")
        assert (found.block, found.complete) == (message, False)


@pytest.mark.timeout(60)
def test_a_million_tiny_chunks_are_too_many_and_kept_all_the_same() -> None:
    message = CHUNKED + b"1\r\nx\r\n" * (MOST_CHUNKS + 1)
    found = read(message, tuple(range(0, len(message), 1 << 16)), cap=1 << 30)
    assert "chunks" in (found.fault or "")
    assert found.entity == b"x" * MOST_CHUNKS
    assert found.block == message


@pytest.mark.timeout(20)
def test_a_head_that_comes_a_byte_at_a_time_costs_no_more_than_its_length() -> None:
    block: list[bytes] = []
    reader = ResponseReader(
        head_only=False, max_head_bytes=300_000, max_body_bytes=10, block=block.append, entity=block.append
    )
    for byte in OK + b"X: " + b"x" * 250_000 + b"\r\n\r\n":
        reader.feed(bytes((byte,)))
    assert reader.head is not None


@st.composite
def split(draw: st.DrawFn) -> tuple[bytes, tuple[int, ...]]:
    data = draw(mutated() | st.binary(max_size=200) | st.lists(st.sampled_from(PIECES), max_size=12).map(b"".join))
    cuts = draw(st.lists(st.integers(0, len(data)), max_size=8) | st.just(list(range(len(data)))))
    return data, tuple(cuts)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(split(), st.booleans(), st.sampled_from([0, 50, 10_000]))
@example((b"\r\n\r\nHTTP/1.1 200 OK\n\n", (3,)), False, 0)
def test_any_bytes_in_any_split_are_read_alike_and_none_is_lost(
    sent: tuple[bytes, tuple[int, ...]], head_only: bool, cap: int
) -> None:
    data, cuts = sent
    whole = read(data, head_only=head_only, cap=cap)
    pieces = read(data, cuts, head_only=head_only, cap=cap)
    assert pieces._replace(fault=None) == whole._replace(fault=None)  # its text quotes what had come by then
    assert (pieces.fault is None) == (whole.fault is None)
    kept = whole.interim + whole.block
    assert data.startswith(kept)
    assert len(kept) + whole.surplus == len(data)
    assert not (whole.complete and (whole.capped or whole.fault))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=300), max_size=6), st.data())
def test_any_body_in_any_chunks_comes_back(pieces: list[bytes], data: st.DataObject) -> None:
    body = b"".join(b"%x%b\r\n%b\r\n" % (len(p), data.draw(st.sampled_from([b"", b";e", b" ;a=b"])), p) for p in pieces)
    message = CHUNKED + body + b"0\r\n\r\n"
    cuts = data.draw(st.lists(st.integers(0, len(message)), max_size=10))
    found = read(message, tuple(cuts))
    assert (found.entity, found.block, found.complete, found.surplus) == (b"".join(pieces), message, True, 0)
