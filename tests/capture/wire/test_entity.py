"""Entities are measured whole and kept in part."""

from __future__ import annotations

import hashlib

from crawler.capture.wire.entity import Entity


def test_an_entity_is_digested_whole_and_kept_to_its_limit() -> None:
    entity = Entity(5)
    for piece in (b"abc", b"def", b"ghi"):
        entity.write(piece)
    assert (entity.size, entity.beginning()) == (9, b"abcde")
    assert entity.sha1 == hashlib.sha1(b"abcdefghi").digest()
    assert entity.sha256 == hashlib.sha256(b"abcdefghi").digest()
    assert Entity(5).beginning() == b""
