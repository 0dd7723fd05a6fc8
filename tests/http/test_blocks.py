"""Blocks that spill to disk and read the same."""

from __future__ import annotations

import gc
import os
import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from crawler.http.blocks import MEMORY_BYTES, SpooledBlock


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
    gc.collect()  # what tests before this one left is not counted
    before = len(os.listdir("/proc/self/fd"))
    block = SpooledBlock(10)
    block.write(b"x" * 100)
    assert len(os.listdir("/proc/self/fd")) == before + 1
    del block
    gc.collect()
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_block_that_comes_a_byte_at_a_time_costs_no_object_a_byte() -> None:
    block = SpooledBlock()
    tracemalloc.start()
    for _ in range(MEMORY_BYTES // 2):
        block.write(b"x")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert block.read() == b"x" * (MEMORY_BYTES // 2)
    assert peak < 2 * MEMORY_BYTES
