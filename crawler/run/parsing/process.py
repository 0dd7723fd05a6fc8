"""The program of one parse process: length-prefixed msgpack tasks on stdin, results on stdout.

It owns nothing but the page it was given, so it can be killed at any moment.
"""

from __future__ import annotations

__all__ = ["FRAME", "main"]

import os
import resource
import struct
import sys
from typing import BinaryIO

import msgspec

from crawler.run.parsing.page_task import PageTask, TaskResult, perform

FRAME = struct.Struct(">I")
"""Length of the message that follows."""


def main() -> None:
    """Answer tasks until stdin ends. ``argv[1]``: bytes of address space to grant above what start-up took."""
    _limit_memory(int(sys.argv[1]))
    source, sink = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not get between the frames
    decoder = msgspec.msgpack.Decoder(PageTask)
    encoder = msgspec.msgpack.Encoder()
    while message := _read(source):
        try:
            result = perform(decoder.decode(message))
        except MemoryError:
            result = TaskResult(outcome="lost", reason="parse_memory")
        except RecursionError:
            result = TaskResult(outcome="lost", reason="parse_depth")
        answer = encoder.encode(result)
        sink.write(FRAME.pack(len(answer)) + answer)
        sink.flush()


def _read(source: BinaryIO) -> bytes:
    size = source.read(FRAME.size)
    return source.read(FRAME.unpack(size)[0]) if size else b""


def _limit_memory(extra: int) -> None:
    with open("/proc/self/statm", encoding="ascii") as statm:  # noqa: PTH123  (not a path a user gave)
        used = int(statm.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + extra, resource.RLIM_INFINITY))


if __name__ == "__main__":
    main()
