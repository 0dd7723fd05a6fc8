"""The live parts of a run, as the handler and the middlewares find them at ``crawler.live``."""

from __future__ import annotations

__all__ = ["Gate", "GateTurn", "KeepExchange", "Live"]

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Protocol

from crawler.capture.in_flight import InFlight
from crawler.capture.manners.gate import lane_key
from crawler.capture.manners.robots import RobotsCache
from crawler.capture.wire.client import Client
from crawler.config import Fetching
from crawler.errors import ArchiveError, StateError
from crawler.model.capture import Capture, Provenance
from crawler.model.exchange import Exchange
from crawler.urls import in_scope

KeepExchange = Callable[[Exchange, Provenance], Awaitable[Capture | None]]
"""Keeps an exchange; returns when it is on disk. None: an exchange without a response, of which only the fact is
kept."""


class GateTurn(Protocol):
    """A place at a host."""

    def sent(self) -> None:
        """Say that the request is being written."""

    def answered(self, status: int, retry_after: str | None = None) -> None:
        """Say that the host answered with `status` and, if it was sent, this Retry-After."""

    def broken_off(self, reason: str) -> None:
        """Say that an answer began and did not end."""

    def failed(self, reason: str) -> None:
        """Say that no answer came."""


class Gate(Protocol):
    """What decides when a host may be asked; `crawler.capture.manners.gate.HostGate` is the one used."""

    def turn(
        self, url: str, *, delay_s: float, admit: Callable[[], None] = ...
    ) -> AbstractAsyncContextManager[GateTurn]:
        """Wait for the host's turn and hold it, unless `admit` raises before. Raises BackedOff."""

    def crawl_delay(self, host: str, seconds: float) -> None:
        """Take note of robots.txt's Crawl-delay."""


async def _at_once(_url: str, _provenance: Provenance) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Live:
    """One run's share of the services of its process."""

    admit: Callable[[], None] = lambda: None
    """Called when a request's turn has come: raises if it must not be sent any more (run stopped, no room to keep
    it)."""

    fail: Callable[[ArchiveError | StateError], None] = lambda _: None
    """Told what keeps the run from going on, whoever met it: no room, a state that cannot be written."""

    refusal: Callable[[str, Provenance], str | None] = lambda *_: None
    """Called then, too: why the page is not to be asked for any more; None if it is."""

    ready: Callable[[str, Provenance], Awaitable[None]] = _at_once
    """Awaited before a page waits for its turn."""

    client: Client
    gate: Gate
    in_flight: InFlight = field(default_factory=InFlight)
    """The budget of bytes that all runs of the process share."""
    record: KeepExchange
    fetch: Fetching
    robots: RobotsCache | None = None
    """None: robots.txt is neither fetched nor obeyed."""
    allow_private: bool = False
    """Any private address may be asked, because who runs this said so."""
    private_hosts: frozenset[str] = frozenset()
    """Hosts whose addresses may be private: those of a site that declares it, and nobody else's. As `lane_key` has
    them, without ``www.``: what else listens there, on another port, is none of the site's.
    """
    delay_s: float = 1.0
    """Least time between two requests to one host."""

    site_fields: tuple[tuple[bytes, bytes], ...] = ()
    """Header fields that the site's declaration asks for."""
    site_hosts: tuple[str, ...] = ()
    """Hosts that are sent those, with their subdomains; nobody else is."""

    def fields_for(self, url: str) -> tuple[tuple[bytes, bytes], ...]:
        """Return the header fields that the declaration asks for at `url`."""
        return self.site_fields if self.site_fields and in_scope(url, self.site_hosts) else ()

    def may_be_private(self, url: str) -> bool:
        """Tell whether `url`'s host may have a private address, at its port; asked for every request: redirects,
        robots.txt, channels.
        """
        return self.allow_private or lane_key(url).removeprefix("www.") in self.private_hosts
