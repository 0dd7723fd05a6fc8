"""What a process that parses may take."""

from __future__ import annotations

import resource

import pytest

from crawler.run.parsing.limits import limited_memory


def test_more_memory_than_is_granted_is_an_error_and_after_it_all_is_as_before() -> None:
    before = resource.getrlimit(resource.RLIMIT_AS)
    with limited_memory(64 << 20), pytest.raises(MemoryError):
        bytearray(256 << 20)
    assert resource.getrlimit(resource.RLIMIT_AS) == before
    assert len(bytearray(256 << 20)) == 256 << 20
