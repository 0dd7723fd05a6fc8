"""The program of one parse process: length-prefixed msgpack tasks on stdin, results on stdout.

It owns nothing but the page it was given, so it can be killed at any moment. An empty result says that it is ready.
"""

from __future__ import annotations

__all__ = ["main"]

import gc
import os
import sys
from typing import BinaryIO

import msgspec

from crawler.run.parsing import perform
from crawler.run.parsing.channel_task import ChannelTask, read_channel
from crawler.run.parsing.frame import FRAME
from crawler.run.parsing.limits import limited_memory
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


def _read(source: BinaryIO) -> bytes:
    size = source.read(FRAME.size)
    return source.read(FRAME.unpack(size)[0]) if size else b""


if __name__ == "__main__":
    try:
        main()
    except BrokenPipeError:  # who wanted the answer was killed, and what it had to say of that is said
        os._exit(0)
