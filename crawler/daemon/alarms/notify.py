"""Telling people: webhook, e-mail, command; and the heartbeat whose silence tells when nothing else can.

A channel takes one message with all that is new. It raises NoticeError and is asked again later; what it was told
is remembered by the state, so that nothing is told twice and nothing is forgotten over a restart.
"""

from __future__ import annotations

__all__ = ["Channel", "Heartbeat", "Message", "channels_from", "heartbeat_from"]

import base64
import smtplib
import socket
import ssl
import subprocess
import threading
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from email.message import EmailMessage
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Literal, NamedTuple
from urllib.error import HTTPError, URLError
from urllib.parse import unquote, urlsplit, urlunsplit

import msgspec

from crawler import __version__
from crawler.config import Alarming, host_port, url_fault
from crawler.errors import ConfigError, NoticeError, Problem
from crawler.state import Notice, Severity
from crawler.visible import visible

WEBHOOK_VARIABLE = "WARRAQ_ALARM_WEBHOOK"

_PATIENCE_S = 10.0
"""With each step."""
_WHOLE_S = 30.0
"""With a webhook or a heartbeat, from the connection on."""
_MOST_SAID = 200
"""Letters of what a server says of its refusal."""


class _Told(msgspec.Struct, frozen=True, kw_only=True):
    event: Literal["raised", "cleared"]
    kind: str
    severity: Severity
    site: str | None
    message: str
    raised_at: datetime
    cleared_at: datetime | None


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """What is sent: everything that happened since the last message of the channel."""

    source: str
    host: str
    sent_at: datetime
    summary: str
    """One line, as a mail's subject or a chat's text."""
    text: str
    """One line for each notice: also what chat services look for in a webhook's body."""
    notices: tuple[_Told, ...]

    @classmethod
    def of(cls, notices: Sequence[Notice], *, host: str, at: datetime) -> Message:
        """Return the message that tells of `notices`."""
        told = tuple(
            _Told(
                event=notice.event, kind=notice.alarm.kind, severity=notice.alarm.severity,
                site=notice.alarm.site and visible(notice.alarm.site),
                message=visible(notice.alarm.message), raised_at=notice.alarm.raised_at,
                cleared_at=notice.alarm.cleared_at,
            )
            for notice in notices
        )  # fmt: skip
        lines = [_line(one) for one in told]
        return cls(
            source=f"Warraq/{__version__}",
            host=host,
            sent_at=at,
            summary=f"Warraq on {host}: {_summary(told)}",
            text="\n".join(lines),
            notices=told,
        )


class Channel(NamedTuple):
    """One way to tell people."""

    name: str
    send: Callable[[Message], None]
    """Raises NoticeError."""


Heartbeat = Callable[[], None]
"""Raises NoticeError."""


def channels_from(settings: Alarming, environ: Mapping[str, str]) -> tuple[Channel, ...]:
    """Return the channels that the settings and the environment ask for. Raises ConfigError."""
    channels = []
    webhook = environ.get(WEBHOOK_VARIABLE) or settings.webhook
    if webhook:
        if url_fault(webhook) is not None:  # of the environment: a secret, so it is not shown
            raise ConfigError([Problem("settings", WEBHOOK_VARIABLE, "expected an http(s) URL")])
        channels.append(Channel("webhook", lambda message: _post(webhook, message)))
    if settings.smtp and settings.email_to:
        channels.append(Channel("email", lambda message: _mail(settings, environ, message)))
    if settings.command:
        channels.append(Channel("command", lambda message: _call(settings.command, msgspec.json.encode(message))))
    return tuple(channels)


def heartbeat_from(settings: Alarming) -> tuple[Heartbeat, ...]:
    """Return what is to be called while all is well."""
    calls: list[Heartbeat] = []
    if settings.heartbeat_url:
        calls.append(lambda: _ask(_request(settings.heartbeat_url)))
    if settings.heartbeat_command:
        calls.append(lambda: _call(settings.heartbeat_command, b""))
    return tuple(calls)


def _post(url: str, message: Message) -> None:
    headers = {"Content-Type": "application/json", "User-Agent": message.source}
    _ask(_request(url, msgspec.json.encode(message), headers))


def _request(
    url: str, content: bytes | None = None, headers: Mapping[str, str] | None = None
) -> urllib.request.Request:
    """Return the request; a name and password in `url`, which urllib takes for part of the host, are Basic's."""
    parts = urlsplit(url)
    pair, _, host = parts.netloc.rpartition("@")
    fields = dict(headers or {})
    if pair:
        fields["Authorization"] = "Basic " + base64.b64encode(unquote(pair).encode()).decode("ascii")
    plain = urlunsplit(parts._replace(netloc=host))
    return urllib.request.Request(plain, content, fields)  # noqa: S310 - the settings were checked


def _ask(request: urllib.request.Request) -> None:
    """Send `request`; any answer of 2xx will do. The error does not name the URL, which may be a secret."""
    try:
        with _OPENER.open(request, timeout=_PATIENCE_S):
            return
    except HTTPError as error:
        error.close()
        raise NoticeError(f"{_host(request)} did not take it: {error.code} {error.reason[:_MOST_SAID]}") from error
    except URLError as error:
        raise NoticeError(f"{_host(request)} did not take it: {error.reason}") from error
    except (OSError, ValueError, HTTPException) as error:
        raise NoticeError(f"{_host(request)} did not take it: {repr(error)[:_MOST_SAID]}") from error


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """An answer that sends us elsewhere is none: what is told is for the address that was declared."""

    def redirect_request(self, *_: object) -> None:
        """Follow none; the answer is then the error it is."""


class _Plain(HTTPConnection):
    def connect(self) -> None:
        super().connect()
        _end_later(self.sock)


class _Secure(HTTPSConnection):
    def connect(self) -> None:
        super().connect()
        _end_later(self.sock)


class _PlainHandler(urllib.request.HTTPHandler):
    def http_open(self, req: urllib.request.Request) -> HTTPResponse:
        return self.do_open(_Plain, req)


class _SecureHandler(urllib.request.HTTPSHandler):
    def https_open(self, req: urllib.request.Request) -> HTTPResponse:
        return self.do_open(_Secure, req)


def _end_later(sock: socket.socket) -> None:
    """Let nobody keep us by a byte now and then, or by ``100 Continue`` without end: timeouts are of one step only."""

    def end() -> None:
        with suppress(OSError):  # it was closed long ago
            sock.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(_WHOLE_S, end)
    timer.daemon = True
    timer.start()


_OPENER = urllib.request.build_opener(_NoRedirects, _PlainHandler, _SecureHandler)


def _host(request: urllib.request.Request) -> str:
    return request.host.rpartition("@")[2]


def _mail(settings: Alarming, environ: Mapping[str, str], message: Message) -> None:
    host, port = host_port(settings.smtp)
    secure = ssl.create_default_context()
    try:
        mail = _letter(settings, message)
        with (
            smtplib.SMTP_SSL(host, port, timeout=_PATIENCE_S, context=secure)
            if settings.smtp_security == "tls"
            else smtplib.SMTP(host, port, timeout=_PATIENCE_S)
        ) as server:
            if settings.smtp_security == "starttls":
                server.starttls(context=secure)
            if environ.get("WARRAQ_SMTP_USER"):
                server.login(environ["WARRAQ_SMTP_USER"], environ.get("WARRAQ_SMTP_PASSWORD", ""))
            server.send_message(mail)
    except (smtplib.SMTPException, OSError, ValueError) as error:
        raise NoticeError(f"the mail server {settings.smtp} did not take it: {error}") from error


def _letter(settings: Alarming, message: Message) -> EmailMessage:
    mail = EmailMessage()
    mail["Subject"] = message.summary
    mail["From"] = settings.email_from or settings.email_to[0]
    mail["To"] = ", ".join(settings.email_to)
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday notice is to answer
    mail.set_content(f"{message.text}\n\n-- \n{message.source} on {message.host}\n")
    return mail


def _call(command: Sequence[str], content: bytes) -> None:
    try:
        subprocess.run(command, input=content, check=True, timeout=_PATIENCE_S, stdout=subprocess.DEVNULL)  # noqa: S603 - the administrator's own
    except subprocess.CalledProcessError as error:
        raise NoticeError(f"{command[0]} ended with exit code {error.returncode}") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NoticeError(f"{command[0]} could not be run: {error}") from error


def _line(told: _Told) -> str:
    what = told.severity.upper() if told.event == "raised" else "recovered"
    where = f" {told.site}:" if told.site else ""
    return f"[{what}] {told.kind}:{where} {told.message}"


def _summary(told: Sequence[_Told]) -> str:
    raised = [one for one in told if one.event == "raised"]
    cleared = len(told) - len(raised)
    if len(told) == 1:
        return _line(told[0]).splitlines()[0][:160]
    parts = [f"{len(raised)} alarm{'s' * (len(raised) > 1)}"] if raised else []
    return ", ".join([*parts, *([f"{cleared} recovered"] if cleared else [])])
