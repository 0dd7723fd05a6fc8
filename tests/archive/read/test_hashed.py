"""A stream that is hashed in passing, however its reader moves."""

from __future__ import annotations

import hashlib
import io
import random

import pytest

from crawler.archive.read.hashed import HashedStream

CONTENT = random.Random(5).randbytes(3000)


@pytest.mark.parametrize("seed", range(20))
def test_every_byte_is_hashed_once_and_in_order_whatever_is_read(seed: int) -> None:
    chance = random.Random(seed)
    hashed = HashedStream(io.BytesIO(CONTENT))
    for _ in range(chance.randint(0, 8)):
        if chance.random() < 0.5:
            at = hashed.seek(chance.randint(0, len(CONTENT)))
            assert hashed.tell() == at
        else:
            at = hashed.tell()
            assert hashed.read(chance.randint(0, 900)) == CONTENT[at : hashed.tell()]
        assert hashed.digest.digest() == hashlib.sha256(CONTENT[: hashed.size]).digest()
    hashed.drain()
    assert (hashed.size, hashed.digest.digest()) == (len(CONTENT), hashlib.sha256(CONTENT).digest())


def test_offsets_count_from_where_the_stream_stood() -> None:
    stream = io.BytesIO(CONTENT)
    stream.seek(1000)
    hashed = HashedStream(stream)
    assert hashed.read(10) == CONTENT[1000:1010]
    hashed.seek(0)
    assert hashed.read() == CONTENT[1000:]
    assert (hashed.size, hashed.digest.digest()) == (2000, hashlib.sha256(CONTENT[1000:]).digest())
