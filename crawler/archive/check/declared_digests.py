"""Digests as records and indexes declare them: of any algorithm here, in Base32, hex or Base64, labelled or not."""

from __future__ import annotations

__all__ = ["is_other_sha1", "is_usual", "matches", "matches_digest"]

import base64
import binascii
import hashlib
from collections.abc import Iterator
from typing import Any

from crawler.archive.record_values import base32, is_base32
from crawler.http.blocks import Block, MemoryBlock

_PIECE = 1 << 20


def is_other_sha1(said: str, ours: str) -> bool:
    """Tell whether `said` is a SHA-1 (Base32, hex; labelled or not) that is not `ours` (``sha1:`` and Base32)."""
    label, _, value = said.rpartition(":")
    if label.lower().replace("-", "") not in ("", "sha1") or not ours.removeprefix("sha1:"):
        return False
    return all(base32(digest) != ours.removeprefix("sha1:") for digest in _readings(value) if len(digest) == 20)


def is_usual(declared: str, block: Block) -> bool:
    """Tell whether `block` is in memory and `declared` its digest as nearly all programs write it."""
    if not isinstance(block, MemoryBlock):
        return False
    return is_base32(declared.encode(), hashlib.sha1(block.read(), usedforsecurity=False).digest())


def matches(declared: str, block: Block, skip: int = 0) -> bool:
    """Tell whether the bytes of `block` from `skip` on have the digest `declared`."""
    return matches_digest(declared, _from(block.chunks(_PIECE), skip))


def _from(pieces: Iterator[bytes], skip: int) -> Iterator[bytes]:
    for piece in pieces:
        yield piece[skip:]
        skip = max(skip - len(piece), 0)


def matches_digest(declared: str, pieces: Iterator[bytes]) -> bool:
    """Compare with a labelled digest in Base32, hex or Base64; one of an algorithm unknown here counts as matched."""
    label, _, value = declared.partition(":")
    algorithm = label.strip().lower().replace("-", "")
    if algorithm not in hashlib.algorithms_guaranteed or algorithm.startswith("shake"):
        return True
    digest: Any = hashlib.new(algorithm, usedforsecurity=False)
    for piece in pieces:
        digest.update(piece)
    if algorithm == "sha1" and value == base32(digest.digest()):
        return True
    return digest.digest() in set(_readings(value.strip()))


def _readings(value: str) -> Iterator[bytes]:
    """Yield the bytes that `value` may stand for; the encoding is not labelled (WARC 1.1 section 5.8)."""
    for decode in (
        lambda text: base64.b32decode(text + "=" * (-len(text) % 8), casefold=True),
        bytes.fromhex,
        lambda text: base64.urlsafe_b64decode(text.replace("+", "-").replace("/", "_") + "=" * (-len(text) % 4)),
    ):
        try:
            yield decode(value)
        except (ValueError, binascii.Error):
            continue
