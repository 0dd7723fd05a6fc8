"""A connection for puts: the status of each answer, and an end where its end cannot be told."""

from __future__ import annotations

import socket

from crawler.archive.store.put_connection import PutConnection


def test_answers_with_bodies_and_interim_ones_are_passed_over() -> None:
    here, there = socket.socketpair()
    with there:
        connection = PutConnection(here)
        for answer, status, stays in (
            (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, True),
            (b"HTTP/1.1 503 Slow Down\r\ncontent-length: 0\r\n\r\n", 503, True),
            (b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", 200, False),
        ):
            there.sendall(answer)
            assert connection.answer() == status
            assert connection.is_open is stays
        assert connection.answer() == 0


def test_what_is_no_answer_closes_the_connection() -> None:
    here, there = socket.socketpair()
    with there:
        connection = PutConnection(here)
        there.sendall(b"220 mail.example ESMTP\r\n\r\n")
        assert connection.answer() == 0
        assert not connection.is_open
