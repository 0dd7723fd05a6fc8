"""The program of one parse process: length-prefixed msgpack tasks on stdin, results on stdout.

It owns nothing but the page it was given, so it can be killed at any moment. An empty result says that it is ready.
"""

from __future__ import annotations

__all__ = ["limited_memory", "main"]

import gc
import os
import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

import msgspec

from crawler.run.parsing import perform
from crawler.run.parsing.channel_task import ChannelTask, read_channel
from crawler.run.parsing.frame import FRAME
from crawler.run.parsing.page_task import PageTask

_YOUNG = 50_000
"""New containers between two looks for cycles: what a page leaves behind, counting frees."""


def main() -> None:
    """Answer tasks until stdin ends. ``argv[1]``: bytes of address space to grant above what start-up took."""
    gc.freeze()
    gc.set_threshold(_YOUNG, 20, 20)
    source, sink = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not get between the frames
    decoder = msgspec.msgpack.Decoder(PageTask | ChannelTask)
    encoder = msgspec.msgpack.Encoder()
    sink.write(FRAME.pack(0))
    sink.flush()
    with limited_memory(int(sys.argv[1])):
        while message := _read(source):
            task = decoder.decode(message)
            is_channel = isinstance(task, ChannelTask)
            answer = encoder.encode(read_channel(task) if is_channel else perform.perform(task))
            sink.write(FRAME.pack(len(answer)) + answer)
            sink.flush()


@contextmanager
def limited_memory(extra: int) -> Iterator[None]:
    """Let this process have no more than `extra` bytes of address space above what it has now."""
    with open("/proc/self/statm", encoding="ascii") as statm:  # noqa: PTH123  (not a path a user gave)
        used = int(statm.read().split()[0]) * resource.getpagesize()
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (used + extra, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def _read(source: BinaryIO) -> bytes:
    size = source.read(FRAME.size)
    return source.read(FRAME.unpack(size)[0]) if size else b""


if __name__ == "__main__":
    try:
        main()
    except BrokenPipeError:  # who wanted the answer was killed, and what it had to say of that is said
        os._exit(0)
