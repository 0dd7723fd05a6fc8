"""An open state whose time the test owns."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.clock import FixedClock
from crawler.config import StateSettings
from crawler.model.capture import Capture
from crawler.state import State, memory_state, open_state

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)


@pytest.fixture(params=["file", "memory"])
def state(request: pytest.FixtureRequest, tmp_path: Path, clock: FixedClock) -> Iterator[State]:
    """One suite for every place a state can be kept in: all tests with a `state` pass on each."""
    memory = request.param == "memory"
    with memory_state(clock=clock) if memory else open_state(StateSettings(dir=str(tmp_path)), clock=clock) as opened:
        yield opened


@pytest.fixture
def capture() -> Capture:
    return Capture(
        url="http://x/1",
        captured_at=NOON,
        kind="response",
        warc="WARRAQ-1.warc.gz",
        offset=100,
        length=50,
        record_id="<urn:uuid:1>",
        status=200,
        mime="text/html",
        payload_sha1="A" * 32,
        payload_sha256="a" * 64,
    )
