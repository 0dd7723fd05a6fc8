"""Blocks that spill to disk and read the same; entities that are measured whole and kept in part."""

from __future__ import annotations

import gc
import hashlib
import os

from hypothesis import given
from hypothesis import strategies as st

from crawler.capture.wire.entity import Entity
from crawler.http.blocks import SpooledBlock


@given(st.lists(st.binary(max_size=40), max_size=12), st.integers(0, 100), st.integers(1, 50), st.integers(-1, 300))
def test_a_block_reads_as_written_wherever_it_lies(pieces: list[bytes], memory: int, size: int, limit: int) -> None:
    block = SpooledBlock(memory)
    for piece in pieces:
        block.write(piece)
    content = b"".join(pieces)
    assert block.size == len(content)
    assert block.read() == content
    assert block.read(limit) == (content if limit < 0 else content[:limit])
    chunks = list(block.chunks(size))
    assert b"".join(chunks) == content
    assert all(len(chunk) == size for chunk in chunks[:-1])


def test_a_block_may_grow_after_it_was_read() -> None:
    block = SpooledBlock(4)
    block.write(b"abc")
    assert block.read() == b"abc"
    block.write(b"def")
    assert (block.read(), b"".join(block.chunks(4))) == (b"abcdef", b"abcdef")


def test_a_spilled_block_leaves_nothing_behind() -> None:
    before = len(os.listdir("/proc/self/fd"))
    block = SpooledBlock(10)
    block.write(b"x" * 100)
    assert len(os.listdir("/proc/self/fd")) == before + 1
    del block
    gc.collect()
    assert len(os.listdir("/proc/self/fd")) == before


def test_an_entity_is_digested_whole_and_kept_to_its_limit() -> None:
    entity = Entity(5)
    for piece in (b"abc", b"def", b"ghi"):
        entity.write(piece)
    assert (entity.size, entity.beginning()) == (9, b"abcde")
    assert entity.sha1 == hashlib.sha1(b"abcdefghi").digest()
    assert entity.sha256 == hashlib.sha256(b"abcdefghi").digest()
    assert Entity(5).beginning() == b""
