"""What all runs of a process share, opened together and closed together."""

from __future__ import annotations

__all__ = ["Services", "open_spool"]

import asyncio
import hashlib
import platform
import re
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import msgspec

from crawler import __version__
from crawler.archive.profiles import ProfileShelf
from crawler.archive.run_ends import put_since
from crawler.archive.store import Store, open_store
from crawler.archive.store.folder import FileStore
from crawler.archive.store.leftovers import sweep_leftovers
from crawler.archive.write.spool import Spool
from crawler.capture.browser import Browser
from crawler.capture.in_flight import InFlight
from crawler.capture.manners.gate import HostGate
from crawler.capture.manners.robots import RobotsCache
from crawler.capture.scrapy.settings import user_agent
from crawler.capture.wire.client import Client, WireClient
from crawler.clock import Clock
from crawler.config import Config, Fetching
from crawler.errors import StoreError, StoreUnavailable
from crawler.log import EventLog
from crawler.run.parsing.pool import ParsePool
from crawler.run.receipts import recognise
from crawler.run.state_folder import SHELF, SPOOL, STAGING, state_folder
from crawler.state import State, open_state
from crawler.visible import masked

_PRIVATE = (SPOOL, STAGING, SHELF)
"""What holds pages and articles in the state folder, besides the database, which is always its owner's alone."""

_log = EventLog(__name__)

_DNS_S = 30.0
"""No connection takes longer than its timeout and this."""
_LOOKED_FOR = 5
"""Receipts whose files are looked for at start."""
_NOT_HOST = re.compile(r"[^a-z0-9-]+")


class Services(NamedTuple):
    """The live parts, each owned by this process alone except state and store."""

    state: State
    spool: Spool
    store: Store
    client: Client
    gate: HostGate
    in_flight: InFlight
    robots: RobotsCache | None
    pool: ParsePool
    browser: Browser | None
    """None: Playwright is not installed."""
    profiles: ProfileShelf
    folder: Path
    """The state folder."""

    @classmethod
    async def open(
        cls, config: Config, clock: Clock, *, client: Client | None = None, store: Store | None = None
    ) -> Services:
        """Open everything, the store proven to be writable and the one that earlier runs shipped to.

        One that cannot be reached now is no error: the spool takes what is captured until it can. Raises StoreRefused,
        StateError, ArchiveError; then nothing is left open.
        """
        store = store or open_store(config.storage)
        folder = state_folder(config)
        state = open_state(config.state, clock=clock)
        try:
            try:
                await asyncio.to_thread(recognise, store, state.latest_receipts(_LOOKED_FOR))
                await asyncio.to_thread(store.check)
                await _tidy(store, clock)
            except StoreUnavailable as error:
                _log.warning("the store does not answer; captures wait in the spool", error=str(error))
            spool = await asyncio.to_thread(open_spool, config, clock)
            await asyncio.to_thread(_close_to_others, folder)
        except BaseException:
            state.close()
            raise
        fetch = config.fetch
        return cls(
            state=state,
            spool=spool,
            store=store,
            client=client or WireClient(fetch, clock=clock),
            gate=_host_gate(fetch, clock, state),
            in_flight=InFlight(),
            robots=None if fetch.robots == "ignore" else _robots_cache(fetch, clock, state),
            pool=ParsePool(config.parse),
            browser=Browser(user_agent=user_agent(fetch)) if Browser.is_installed() else None,
            profiles=ProfileShelf(store, clock, mirror=FileStore(folder / SHELF)),
            folder=folder,
        )


def _host_gate(fetch: Fetching, clock: Clock, state: State) -> HostGate:
    return HostGate(
        clock,
        max_delay_s=fetch.max_delay_s,
        concurrency_per_host=fetch.concurrency_per_host,
        shared=state,
        connect_s=fetch.connect_timeout_s + _DNS_S,
        answer_s=fetch.head_timeout_s + fetch.body_timeout_s,
        requests_per_day=fetch.requests_per_day,
        heeds_robots=fetch.robots == "obey",
    )


def _robots_cache(fetch: Fetching, clock: Clock, state: State) -> RobotsCache:
    return RobotsCache(
        clock,
        ttl_s=fetch.robots_ttl_s,
        load=state.load_robots,
        save=state.save_robots,
        reservations=fetch.tdm_reservations,
    )


async def _tidy(store: Store, clock: Clock) -> None:
    """Note since when there is an archive in `store`, and remove what killed writers left there."""
    try:
        await asyncio.to_thread(put_since, store, clock.now())
    except StoreError as error:
        _log.warning("since when there is an archive cannot be noted in the store", error=str(error))
    await asyncio.to_thread(sweep_leftovers, store)


def _close_to_others(folder: Path) -> None:
    """Close what this program keeps in the state folder to others, and say so; blocking.

    A folder that was there before is left as its owner made it: something else may lie in it. Where that is open, what
    we made in it is not: it holds pages, and what people said in them.
    """
    if not folder.stat().st_mode & 0o077:
        return
    closed = []
    for path in (folder / name for name in _PRIVATE):
        with suppress(OSError):  # somebody else's, who may have reasons
            path.mkdir(mode=0o700, exist_ok=True)
            if path.stat().st_mode & 0o077:
                path.chmod(0o700)
                closed.append(path.name)
    _log.warning(
        "others may look into the state folder; `chmod 700` keeps them out, what is ours in it is closed to them",
        folder=str(folder),
        closed=closed,
    )


def _digest(config: Config) -> str:
    """Return the SHA-256 (hex) of the settings, secrets left out: who reads it must not be able to try passwords."""
    fields = {**msgspec.to_builtins(config, order="deterministic"), "alarms": None}
    return hashlib.sha256(masked(msgspec.json.encode(fields).decode()).encode()).hexdigest()


def open_spool(config: Config, clock: Clock) -> Spool:
    """Return a lane of the spool for this process, its files introduced by what this program and its settings are."""
    return Spool.open(
        Path(config.state.dir) / SPOOL,
        settings=config.spool,
        software=f"Warraq/{__version__} (Python {platform.python_version()})",
        user_agent=user_agent(config.fetch),
        robots=config.fetch.robots,
        config_digest=_digest(config),
        host=_NOT_HOST.sub("-", platform.node().lower()).strip("-") or "localhost",
        clock=clock,
    )
