"""One connection, driven as an event loop drives it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from crawler.capture.wire.connection import Connection, ExchangeEnd, Limits
from crawler.capture.wire.response import ResponseReader
from crawler.errors import SpoolFull

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
PATIENT = Limits(60.0, 60.0, 60.0)


class Wire:
    """A transport that keeps what is written."""

    def __init__(self) -> None:
        self.written = b""
        self.aborted = False

    def write(self, data: bytes) -> None:
        self.written += data

    def abort(self) -> None:
        self.aborted = True


class Talk:
    """A connection over a `Wire`, with an exchange under way."""

    def __init__(self, limits: Limits = PATIENT, block: Any = None) -> None:
        self.wire: Any = Wire()
        self.block = bytearray()
        self.connection = Connection(asyncio.get_running_loop())
        self.connection.connection_made(self.wire)
        self.reader = ResponseReader(
            head_only=False,
            max_head_bytes=100,
            max_body_bytes=100,
            block=block or self.block.extend,
            entity=lambda _: None,
        )
        self.task = asyncio.create_task(self.connection.converse(b"GET", self.reader, limits))

    async def begun(self) -> Connection:
        await asyncio.sleep(0)
        assert self.wire.written == b"GET"
        return self.connection


def test_a_whole_answer_leaves_the_connection_usable() -> None:
    async def main() -> None:
        talk = Talk()
        (await talk.begun()).data_received(ANSWER)
        assert await talk.task == "complete"
        assert (talk.connection.usable, talk.wire.aborted) == (True, False)
        talk.connection.data_received(b"unasked")
        assert not talk.connection.usable

    asyncio.run(main())


def test_it_is_told_that_a_request_was_sent_when_it_has_been_and_a_fault_of_who_is_told_ends_the_connection() -> None:
    async def main() -> None:
        talk = Talk()
        (await talk.begun()).data_received(ANSWER)
        await talk.task
        written: list[bytes] = []

        def told() -> None:
            written.append(talk.wire.written)
            raise ValueError("nobody can take note of it")

        with pytest.raises(ValueError, match="take note"):
            await talk.connection.converse(b"AGAIN", talk.reader, PATIENT, on_sent=told)
        assert (written, talk.wire.aborted) == ([b"GETAGAIN"], True)

    asyncio.run(main())


def test_bytes_that_follow_before_anyone_looked_spoil_the_connection() -> None:
    async def main() -> None:
        talk = Talk()
        connection = await talk.begun()
        connection.data_received(ANSWER)
        connection.data_received(b"more")
        assert await talk.task == "complete"
        assert (talk.wire.aborted, bytes(talk.block)) == (True, ANSWER)

    asyncio.run(main())


@pytest.mark.parametrize(
    ("received", "error", "ending"),
    [
        (b"", None, "closed"),
        (b"", ConnectionResetError(), "reset"),
        (ANSWER[:-1], None, "closed"),
        (b"HTTP/1.1 200 OK\r\n\r\nabc", None, "complete"),
        (b"HTTP/1.1 200 OK\r\n\r\nabc", ConnectionResetError(), "reset"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", ConnectionResetError(), "complete"),
    ],
)
def test_how_the_connection_ends_decides_what_was_received(
    received: bytes, error: Exception | None, ending: ExchangeEnd
) -> None:
    async def main() -> None:
        talk = Talk()
        connection = await talk.begun()
        if received:
            connection.data_received(received)
        if error is None:
            connection.eof_received()
        connection.connection_lost(error)
        assert await talk.task == ending
        assert bytes(talk.block) == received

    asyncio.run(main())


@pytest.mark.parametrize(
    ("limits", "received", "ending"),
    [
        (Limits(0.02, 9, 9), b"HTTP", "head_timeout"),
        (Limits(9, 0.02, 9), ANSWER[:-1], "body_timeout"),
        (Limits(9, 9, 0.02), ANSWER[:-1], "idle_timeout"),
        (Limits(9, 9, 0.02), b"SSH-2.0", "closed"),
    ],
)
def test_limits_end_an_exchange_and_keep_what_came(limits: Limits, received: bytes, ending: ExchangeEnd) -> None:
    async def main() -> None:
        talk = Talk(limits)
        (await talk.begun()).data_received(received)
        assert await asyncio.wait_for(talk.task, 5) == ending
        assert bytes(talk.block) == received
        assert talk.wire.aborted

    asyncio.run(main())


def test_an_answer_that_cannot_be_kept_is_an_error_and_ends_the_connection() -> None:
    def full(_: bytes) -> None:
        raise OSError(28, "No space left on device")

    async def main() -> None:
        talk = Talk(block=full)
        (await talk.begun()).data_received(ANSWER)
        with pytest.raises(SpoolFull, match="No space left on device"):
            await talk.task
        assert talk.wire.aborted

    asyncio.run(main())


def test_cancelling_aborts() -> None:
    async def main() -> None:
        talk = Talk()
        await talk.begun()
        talk.task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await talk.task
        assert talk.wire.aborted

    asyncio.run(main())
