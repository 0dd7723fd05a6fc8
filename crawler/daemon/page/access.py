"""Who may see the page: addresses and names it answers to, the token, seats of browsers, and how often one may guess.

A browser has a *seat*, a random value in a cookie; forms carry a keyed digest of it (CSRF). With a token set, a seat is
let in by a log-in, for twelve hours or until the daemon ends; programs send ``Authorization: Bearer TOKEN``.
"""

from __future__ import annotations

__all__ = ["TOKEN_VARIABLE", "Listen", "PageAccess", "access_from"]

import hashlib
import hmac
import ipaddress
import re
import secrets
from collections import deque
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from crawler.clock import Clock
from crawler.config import PageSettings, host_port
from crawler.errors import ConfigError, Problem
from crawler.urls import is_loopback

TOKEN_VARIABLE = "WARRAQ_PAGE_TOKEN"  # noqa: S105 - its name, not the token

_HOST = re.compile(r"(?:\[(?P<six>[0-9a-fA-F:.]+)\]|(?P<host>[A-Za-z0-9._-]+))(?::\d{1,5})?")
_SEAT = re.compile(r"[A-Za-z0-9_-]{43}")
_TOKEN_LENGTH = 16
_SESSION_S = 12 * 3600.0
_SEATS = 1000
_WINDOW_S = 60.0
_TRIES = 5
"""Wrong tokens of one address in a minute; of all together: ten times that."""


class Listen(NamedTuple):
    """The address listened on."""

    host: str
    port: int

    @property
    def is_loopback(self) -> bool:
        """Tell whether only this machine can connect."""
        return is_loopback(self.host)

    @property
    def url(self) -> str:
        """Where a browser on this machine goes."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}/"


class PageAccess:
    """The rules of one server."""

    def __init__(self, listen: Listen, *, hosts: Sequence[str], token: str | None, clock: Clock) -> None:
        self.listen = listen
        self.cookie = f"warraq_seat_{listen.port}"  # cookies do not tell ports apart
        self._hosts = {host.lower().rstrip(".") for host in hosts} | {listen.host.lower()}
        self._token = hashlib.sha256(token.encode()).digest() if token else None
        self._clock = clock
        self._secret = secrets.token_bytes(32)
        self._let_in: dict[str, float] = {}
        self._failures: dict[str, deque[float]] = {}
        self._all_failures: deque[float] = deque(maxlen=_TRIES * 10)

    @property
    def has_token(self) -> bool:
        """Tell whether one must log in."""
        return self._token is not None

    def knows_host(self, header: str | None) -> bool:
        """Tell whether a request with that Host field is meant for us; another's name is DNS rebinding.

        Addresses cannot be rebound: they are fine where any address is listened on, loopback's where loopback is.
        """
        match = _HOST.fullmatch(header or "")
        if match is None:
            return False
        host = (match["six"] or match["host"]).lower().rstrip(".")
        anywhere = self.listen.host in ("0.0.0.0", "::")  # noqa: S104 - compared, not bound
        if host in self._hosts or (host == "localhost" and (self.listen.is_loopback or anywhere)):
            return True
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            return False
        return address.is_loopback if self.listen.is_loopback else anywhere

    def seat(self, cookie: str | None) -> tuple[str, bool]:
        """Return the seat of a browser and whether it is a new one."""
        if cookie is not None and _SEAT.fullmatch(cookie):
            return cookie, False
        return secrets.token_urlsafe(32), True

    def form_token(self, seat: str) -> str:
        """Return what forms given to `seat` carry."""
        return hmac.new(self._secret, seat.encode(), hashlib.sha256).hexdigest()

    def is_form_token(self, seat: str, token: str) -> bool:
        """Tell whether `token` was given to `seat`."""
        return hmac.compare_digest(self.form_token(seat).encode(), token.encode())

    def may_enter(self, seat: str) -> bool:
        """Tell whether the seat is let in."""
        return self._token is None or self._let_in.get(seat, 0.0) > self._clock.monotonic()

    def log_in(self, token: str, *, peer: str) -> str | None:
        """Return a new seat that is let in; None if the token is wrong, which counts as a failure of `peer`."""
        if not self.is_token(token, peer=peer):
            return None
        now = self._clock.monotonic()
        self._let_in = {seat: end for seat, end in self._let_in.items() if end > now}
        while len(self._let_in) >= _SEATS:
            del self._let_in[next(iter(self._let_in))]
        seat, _ = self.seat(None)
        self._let_in[seat] = now + _SESSION_S
        return seat

    def log_out(self, seat: str) -> None:
        """Let the seat in no longer."""
        self._let_in.pop(seat, None)

    def is_token(self, token: str, *, peer: str) -> bool:
        """Tell whether it is the token; a wrong one counts as a failure of `peer`."""
        given = hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()
        if self._token is not None and hmac.compare_digest(given, self._token):
            return True
        now = self._clock.monotonic()
        if len(self._failures) >= _SEATS:
            self._failures = {who: when for who, when in self._failures.items() if when[-1] > now - _WINDOW_S}
        if peer in self._failures or len(self._failures) < _SEATS:
            self._failures.setdefault(peer, deque(maxlen=_TRIES)).append(now)
        self._all_failures.append(now)
        return False

    def must_wait(self, peer: str) -> bool:
        """Tell whether `peer`, or everybody together, guessed wrong too often in the last minute. (The right token
        counts all the same.)
        """
        since = self._clock.monotonic() - _WINDOW_S
        return _full(self._failures.get(peer), since) or _full(self._all_failures, since)


def access_from(settings: PageSettings, environment: Mapping[str, str], clock: Clock) -> PageAccess | None:
    """Return the rules that the settings ask for, None if there is to be no page.

    Raises ConfigError for a token that can be guessed, and a missing one where it is needed.
    """
    if not settings.listen:
        return None
    listen = Listen(*host_port(settings.listen))
    token = environment.get(TOKEN_VARIABLE) or None
    if token is None and not listen.is_loopback:
        raise _wrong("page.listen", f"{listen.host} can be reached by others: set {TOKEN_VARIABLE} in the environment")
    if token is not None and len(token) < _TOKEN_LENGTH:
        raise _wrong(TOKEN_VARIABLE, f"can be guessed: give {_TOKEN_LENGTH} characters or more")
    return PageAccess(listen, hosts=settings.hosts, token=token, clock=clock)


def _full(failures: deque[float] | None, since: float) -> bool:
    return failures is not None and len(failures) == failures.maxlen and failures[0] > since


def _wrong(key: str, message: str) -> ConfigError:
    return ConfigError([Problem("settings", key, message)])
