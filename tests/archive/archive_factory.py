"""Exchanges, spools and ids for the archive's tests."""

from __future__ import annotations

import hashlib
import itertools
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.archive.write.spool import Spool
from crawler.clock import Clock, FixedClock
from crawler.config import Spooling
from crawler.http.blocks import MemoryBlock
from crawler.http.body import entity
from crawler.http.head import stored_head
from crawler.model.capture import Provenance
from crawler.model.exchange import Exchange, Timings

AT = datetime(2026, 11, 23, 18, 41, 4, 123, tzinfo=UTC)
URL = "https://news.example/a/1"
PLAIN = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: 5\r\n\r\nhello"
PROVENANCE = Provenance(run="20261123T184104Z-example-0a1b", site="example", role="article")


def exchange(response: bytes = PLAIN, *, url: str = URL, **changes: object) -> Exchange:
    """An exchange whose head and digests follow from the response's bytes."""
    block = MemoryBlock(response)
    head = stored_head(block)
    body = b"".join(entity(block, head))
    fields = {
        "url": url,
        "method": "GET",
        "captured_at": AT,
        "request": request_for(url, 'If-None-Match: "a"\r\n' if head is not None and head.status == 304 else ""),
        "response": block,
        "head": head,
        "payload_sha1": hashlib.sha1(body).digest(),
        "payload_sha256": hashlib.sha256(body).digest(),
        "payload_size": len(body),
        "timings": Timings(total_s=0.25),
    }
    return Exchange(**{**fields, **changes})  # type: ignore[arg-type]


def request_for(url: str, fields: str = "") -> bytes:
    host, _, path = url.partition("://")[2].partition("/")
    return f"GET /{path} HTTP/1.1\r\nHost: {host}\r\n{fields}\r\n".encode()


def counting_ids() -> Callable[[], str]:
    numbers = itertools.count(1)
    return lambda: f"<urn:uuid:00000000-0000-4000-8000-{next(numbers):012}>"


def spooling(**changes: object) -> Spooling:
    settings = {
        "rotate_bytes": 1 << 30,
        "rotate_s": 900.0,
        "quota_bytes": 1 << 40,
        "min_free_bytes": 0,
        "grace_s": 3600.0,
        "operator": "The Library",
    }
    return Spooling(**{**settings, **changes})  # type: ignore[arg-type]


def open_spool(root: Path, *, clock: Clock | None = None, **changes: object) -> Spool:
    own = {key: changes.pop(key) for key in ("new_id", "sync") if key in changes}
    return Spool.open(
        root,
        settings=spooling(**changes),
        software="Warraq/1.0",
        user_agent="Warraq/1.0 (+https://library.example)",
        robots="obey",
        config_digest="sha256:abc",
        host="box.example",
        clock=clock or FixedClock(AT),
        **own,  # type: ignore[arg-type]
    )


@pytest.fixture
def spool_root(tmp_path: Path) -> Path:
    return tmp_path / "spool"


@pytest.fixture
def accepted() -> Callable[..., None]:
    """Assert that the field's two checkers find nothing wrong with a file."""
    binaries = Path(sys.executable).parent

    def check(path: Path, *, payloads: bool = True) -> None:
        commands = [
            [binaries / "warcio", "check", path],
            # FastWARC compares a revisit's payload digest with the payload that is left out on purpose
            [binaries / "fastwarc", "check", "-q", *(["-p"] if payloads else []), path],
        ]
        for command in commands:
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            assert done.returncode == 0, f"{command[0]}: {done.stdout}{done.stderr}"

    return check
