"""Answers as servers send them, damaged at random."""

from __future__ import annotations

from hypothesis import strategies as st

from crawler.capture.selftest.cases import CASES
from crawler.capture.selftest.script import Drip, Send

OK = b"HTTP/1.1 200 OK\r\n"
_SEEDS = [
    b"".join(step.content for step in script if isinstance(step, Send | Drip))[:1500]
    for case in CASES
    for script in case.scripts
]
PIECES = [
    b"\r\n", b"\n", b"\r", b" ", b"\t", b":", b"0", b"5\r\nhello\r\n", b"0\r\n\r\n", b"\x00", b"\xff",
    b"HTTP/1.1 100 C\r\n\r\n",
    OK, b"Transfer-Encoding: chunked\r\n", b"Content-Length: 7\r\n", b"Connection: close\r\n", b";x=y", b"ffffffff\r\n",
    b"x" * 300,
]  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """Return a server's answer with a few things inserted, deleted or replaced."""
    data = bytearray(draw(st.sampled_from(_SEEDS)))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(data)))
        piece = draw(st.sampled_from(PIECES) | st.binary(max_size=8))
        until = at + draw(st.integers(0, 12))
        data[at : draw(st.sampled_from([at, until]))] = piece
    return bytes(data)
