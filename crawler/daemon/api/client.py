"""How commands talk to the running daemon."""

from __future__ import annotations

__all__ = ["DaemonClient"]

import os
from pathlib import Path
from types import TracebackType
from typing import TypeVar
from urllib.parse import quote

import aiohttp
import msgspec

from crawler.daemon.api.control import Changed, DaemonView, Refusal, RunView, Triggered, TriggerRequest
from crawler.daemon.instance import socket_path
from crawler.errors import StateError, UsageError
from crawler.model.run import Run

_T = TypeVar("_T")
_TIMEOUT_S = 30.0


class DaemonClient:
    """The API of the daemon that runs on a state folder; an async context manager.

    Every call raises UsageError if no daemon answers or it refuses, StateError if its database is in trouble.
    """

    def __init__(self, state_dir: Path) -> None:
        self._path = socket_path(state_dir)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> DaemonClient:
        try:
            foreign = self._path.stat().st_uid not in (os.getuid(), 0)
        except OSError:
            foreign = False  # there is none: connecting says so
        if foreign:
            raise UsageError(f"{self._path} belongs to another user", next_step="name your own --state")
        self._session = aiohttp.ClientSession(
            connector=aiohttp.UnixConnector(path=str(self._path)), timeout=aiohttp.ClientTimeout(total=_TIMEOUT_S)
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def trigger(self, targets: list[str]) -> list[Run]:
        """Have a run queued for each site that `targets` mean."""
        return (await self._ask("POST", "/api/runs", Triggered, TriggerRequest(targets))).runs

    async def run(self, run: str) -> RunView:
        """Return what is known of a run."""
        return await self._ask("GET", f"/api/runs/{quote(run)}", RunView)

    async def status(self) -> DaemonView:
        """Return the state of the daemon."""
        return await self._ask("GET", "/api/status", DaemonView)

    async def set_paused(self, site: str, paused: bool) -> bool:
        """Pause or resume the schedule of `site`; return False if it was so already."""
        verb = "pause" if paused else "resume"
        return (await self._ask("POST", f"/api/sites/{quote(site, safe='')}/{verb}", Changed)).changed

    async def _ask(self, method: str, path: str, kind: type[_T], body: object = None) -> _T:
        assert self._session is not None, "used outside its context"
        data = None if body is None else msgspec.json.encode(body)
        try:
            async with self._session.request(method, f"http://warraq{path}", data=data) as response:
                content = await response.read()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise UsageError(f"no daemon answers at {self._path}", next_step="start it with `warraq daemon`") from error
        try:
            if response.status < 400:
                return msgspec.json.decode(content, type=kind)
            refusal = msgspec.json.decode(content, type=Refusal)
        except msgspec.DecodeError as error:
            raise UsageError(
                f"the daemon's answer is not understood ({response.status})", next_step="is it of another version?"
            ) from error
        trouble = StateError if response.status >= 500 else UsageError
        raise trouble(refusal.error, next_step=refusal.next_step)
