"""Notices reach real receivers: a web server, a mail server, a program; all on loopback."""

from __future__ import annotations

import base64
import json
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from email import message_from_string
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import msgspec
import pytest

from crawler.config import Alarming, load
from crawler.daemon.alarms import notify
from crawler.daemon.alarms.notify import Message, channels_from, heartbeat_from
from crawler.errors import ConfigError, NoticeError
from crawler.state import AlarmRow, Notice

AT = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ALARM = AlarmRow(
    id=1, kind="dead_feed", severity="warning", site="gazette", message="no feed", raised_at=AT, seen_at=AT
)  # fmt: skip
RAISED = Notice(event="raised", alarm=ALARM)
CLEARED = Notice(event="cleared", alarm=msgspec.structs.replace(ALARM, cleared_at=AT))


def settings(**changes: object) -> Alarming:
    return msgspec.structs.replace(load().alarms, **changes)


def message(*notices: Notice) -> Message:
    return Message.of(notices or (RAISED,), host="archive-1", at=AT)


class Receiver:
    """A web server that keeps what it is sent and answers as told."""

    def __init__(self) -> None:
        self.got: list[tuple[str, bytes]] = []
        self.status = 204
        self.authorization: str | None = None
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                outer.authorization = self.headers["Authorization"]
                outer.got.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(outer.status)
                self.end_headers()

            def do_GET(self) -> None:
                outer.got.append((self.path, b""))
                self.send_response(outer.status)
                self.end_headers()

            def log_message(self, *args: object) -> None:
                pass

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


@contextmanager
def mail_server(*, refuse: bool = False) -> Iterator[tuple[int, list[str], list[str]]]:
    """Speak just enough SMTP (RFC 5321) for one mail; yields port, commands and the mails' lines."""
    commands: list[str] = []
    mails: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection, connection.makefile("rwb", buffering=0) as stream:
                stream.write(b"220 mail.example\r\n")
                while line := stream.readline().decode().strip():
                    commands.append(line)
                    word = line.split()[0].upper()
                    if word == "DATA":
                        stream.write(b"354 go on\r\n")
                        lines = []
                        while (text := stream.readline().decode()) != ".\r\n":
                            lines.append(text)
                        mails.append("".join(lines))
                    if word == "EHLO":
                        stream.write(b"250-mail.example\r\n250 AUTH PLAIN\r\n")
                    elif word == "RCPT" and refuse:
                        stream.write(b"550 no such person\r\n")
                    elif word == "AUTH":
                        stream.write(b"235 welcome\r\n")
                    elif word == "QUIT":
                        stream.write(b"221 bye\r\n")
                        return
                    else:
                        stream.write(b"250 ok\r\n")

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1], commands, mails
        thread.join(5)


def test_a_webhook_gets_one_json_message_with_every_notice(receiver):
    (channel,) = channels_from(settings(webhook=receiver.url), {})
    channel.send(message(RAISED, CLEARED))
    ((path, body),) = receiver.got
    sent = json.loads(body)
    assert path == "/hook"
    assert sent["summary"] == "Warraq on archive-1: 1 alarm, 1 recovered"
    assert sent["text"] == "[WARNING] dead_feed: gazette: no feed\n[recovered] dead_feed: gazette: no feed"
    assert [(n["event"], n["kind"], n["site"], n["cleared_at"]) for n in sent["notices"]] == [
        ("raised", "dead_feed", "gazette", None),
        ("cleared", "dead_feed", "gazette", "2026-03-02T12:00:00Z"),
    ]


def test_a_webhook_of_the_environment_wins_and_is_never_told(receiver):
    (channel,) = channels_from(settings(webhook="http://127.0.0.1:9/"), {"WARRAQ_ALARM_WEBHOOK": receiver.url})
    receiver.status = 500
    with pytest.raises(NoticeError) as refused:
        channel.send(message())
    assert "/hook" not in str(refused.value)
    assert len(receiver.got) == 1


def test_a_name_and_password_in_a_webhook_s_url_are_sent_as_such_and_told_nobody(receiver):
    url = receiver.url.replace("//", "//archive:se%40cret@")
    (channel,) = channels_from(settings(webhook=url), {})
    channel.send(message(RAISED))
    assert receiver.authorization == "Basic " + base64.b64encode(b"archive:se@cret").decode()
    receiver.status = 403
    with pytest.raises(NoticeError, match="403") as refused:
        channel.send(message(RAISED))
    assert "cret" not in str(refused.value)


def test_a_mail_is_sent_with_the_credentials_of_the_environment():
    with mail_server() as (port, commands, mails):
        wanted = settings(smtp=f"127.0.0.1:{port}", smtp_security="none", email_to=("a@x.example", "b@x.example"))
        (channel,) = channels_from(wanted, {"WARRAQ_SMTP_USER": "me", "WARRAQ_SMTP_PASSWORD": "secret"})
        channel.send(message())
    mail = message_from_string(mails[0])
    assert mail["Subject"] == "Warraq on archive-1: [WARNING] dead_feed: gazette: no feed"
    assert (mail["From"], mail["To"]) == ("a@x.example", "a@x.example, b@x.example")
    assert mail.get_payload().startswith("[WARNING] dead_feed: gazette: no feed")
    assert commands[1] == "AUTH PLAIN AG1lAHNlY3JldA=="
    assert sum(command.lower().startswith("rcpt") for command in commands) == 2


def test_a_mail_that_is_refused_is_an_error():
    with mail_server(refuse=True) as (port, _, mails):
        wanted = settings(smtp=f"127.0.0.1:{port}", smtp_security="none", email_to=("a@x.example",))
        (channel,) = channels_from(wanted, {})
        with pytest.raises(NoticeError, match="did not take it"):
            channel.send(message())
    assert mails == []


def test_a_mail_server_without_encryption_gets_no_mail_unless_permitted():
    with mail_server() as (port, _, mails):
        wanted = settings(smtp=f"127.0.0.1:{port}", email_to=("a@x.example",))
        (channel,) = channels_from(wanted, {})
        with pytest.raises(NoticeError, match="STARTTLS"):
            channel.send(message())
    assert mails == []


def test_a_command_gets_the_json_on_stdin(tmp_path: Path):
    program = f"import sys; open({str(tmp_path / 'got')!r}, 'wb').write(sys.stdin.buffer.read())"
    (channel,) = channels_from(settings(command=(sys.executable, "-c", program)), {})
    channel.send(message())
    assert json.loads((tmp_path / "got").read_bytes())["notices"][0]["kind"] == "dead_feed"


@pytest.mark.parametrize("command", [(sys.executable, "-c", "raise SystemExit(3)"), ("/nonexistent/program",)])
def test_a_command_that_fails_is_an_error(command):
    (channel,) = channels_from(settings(command=command), {})
    with pytest.raises(NoticeError):
        channel.send(message())


def test_a_heartbeat_is_a_request_or_a_program(receiver, tmp_path: Path):
    program = (sys.executable, "-c", f"open({str(tmp_path / 'beat')!r}, 'w')")
    for beat in heartbeat_from(settings(heartbeat_url=receiver.url, heartbeat_command=program)):
        beat()
    assert receiver.got == [("/hook", b"")]
    assert (tmp_path / "beat").exists()


@pytest.mark.parametrize("wrong", [{"webhook": "file:///etc/passwd"}, {"smtp": "mail:25"}, {"email_to": ("a@x",)}])
def test_settings_that_cannot_work_are_refused(wrong):
    with pytest.raises(ConfigError):
        load(overrides={f"alarms.{key}": value for key, value in wrong.items()})


def test_a_webhook_of_the_environment_that_is_none_is_refused_without_showing_it():
    with pytest.raises(ConfigError, match=r"WARRAQ_ALARM_WEBHOOK: expected an http\(s\) URL$"):
        channels_from(settings(), {"WARRAQ_ALARM_WEBHOOK": "hooks.example/secret"})


def test_nothing_is_told_when_nothing_is_set_up():
    assert channels_from(settings(), {}) == ()
    assert heartbeat_from(settings()) == ()


ODD_ANSWERS = {
    "not HTTP": b"220 mail.example ESMTP\r\n",
    "nothing": b"",
    "a status that is none": b"HTTP/1.1 2x0 OK\r\n\r\n",
    "a line without end": b"HTTP/1.1 200 " + b"x" * 70_000,
    "fields without end": b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 500 + b"\r\n",
    "broken off": b"HTTP/1.1 200 OK\r\nContent-Le",
    "control characters": b"HTTP/1.1 500 \x1b[2J\xe2\x80\xae\r\n\r\n",
    "too short": b"HTTP/1.1 500 No\r\nContent-Length: 99\r\n\r\nabc",
}


@contextmanager
def answering(content: bytes, *, for_ever: bool = False) -> Iterator[str]:
    """Take connections one after another, and answer each with `content`, or with that again and again."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection, suppress(OSError):
                connection.recv(1 << 16)
                connection.sendall(content)
                while for_ever:
                    connection.sendall(content)
                    time.sleep(0.01)

    threading.Thread(target=serve, daemon=True).start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}/hook"
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()


@pytest.mark.parametrize("kind", [kind for kind in ODD_ANSWERS if kind not in ("broken off", "fields without end")])
def test_an_odd_answer_of_a_webhook_is_a_notice_not_delivered(kind: str):
    with answering(ODD_ANSWERS[kind]) as url:
        (channel,) = channels_from(settings(webhook=url), {})
        with pytest.raises(NoticeError):
            channel.send(message())
        with pytest.raises(NoticeError):
            heartbeat_from(settings(heartbeat_url=url))[0]()


@pytest.mark.parametrize("piece", [b"HTTP/1.1 100 Continue\r\n\r\n", b"H"])
def test_an_answer_that_goes_on_for_ever_is_ended(monkeypatch: pytest.MonkeyPatch, piece: bytes):
    monkeypatch.setattr(notify, "_WHOLE_S", 0.2)
    with answering(piece, for_ever=True) as url:
        (channel,) = channels_from(settings(webhook=url), {})
        with pytest.raises(NoticeError):
            channel.send(message())


def test_of_what_a_server_says_of_its_refusal_so_much_is_told():
    with answering(b"HTTP/1.1 500 " + b"x" * 50_000 + b"\r\nContent-Length: 0\r\n\r\n") as url:
        (channel,) = channels_from(settings(webhook=url), {})
        with pytest.raises(NoticeError) as refused:
            channel.send(message())
    assert len(str(refused.value)) < 300


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_no_delivery_and_is_not_followed(receiver: Receiver, status: int):
    with answering(f"HTTP/1.1 {status} Moved\r\nLocation: {receiver.url}\r\nContent-Length: 0\r\n\r\n".encode()) as url:
        (channel,) = channels_from(settings(webhook=url), {})
        with pytest.raises(NoticeError, match=str(status)):
            channel.send(message())
    assert receiver.got == []


def test_foreign_text_does_not_act_where_it_is_told(receiver: Receiver):
    hostile = msgspec.structs.replace(ALARM, site="ga\x1bzette", message="\x1b[2J\u202egnp.exe\r\nBcc: all@example")
    told = message(Notice(event="raised", alarm=hostile))
    with mail_server() as (port, _, lines):
        changes = {"smtp": f"127.0.0.1:{port}", "smtp_security": "none", "email_to": ("desk@library.example",)}
        for channel in channels_from(settings(webhook=receiver.url, **changes), {}):
            channel.send(told)
    mail = message_from_string("\n".join(lines))
    seen = (receiver.got[0][1].decode(), str(mail["Subject"]), mail.get_payload(decode=True).decode(), told.text)
    for text in seen:
        assert not any(character in text for character in "\x1b\u202e")
    assert mail["Bcc"] is None
    assert json.loads(receiver.got[0][1])["notices"][0]["message"] == "\\x1b[2J\\u202egnp.exe\\r\\nBcc: all@example"
