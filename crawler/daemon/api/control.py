"""The daemon's local API: HTTP over a Unix socket that only its user can open (mode 0600).

    POST /api/runs                  {"targets": [name or URL, ...]} -> 202 and the runs
    GET  /api/runs/{id}             the run with counts, progress and failures
    GET  /api/status                workers, open runs, fires and sites
    POST /api/sites/{name}/pause    also resume -> {"changed": bool}
    GET  /api/openapi.json          all this in detail (`crawler.daemon.api.openapi`)

A mistake of the caller is 400 (404: no such run) with {"error": what, "next_step": what to do}.
"""

from __future__ import annotations

__all__ = [
    "Changed",
    "Control",
    "Controlled",
    "DaemonView",
    "Refusal",
    "RunView",
    "SiteView",
    "TriggerRequest",
    "Triggered",
]

import asyncio
import os
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import msgspec
from aiohttp import web

from crawler.daemon.door import BACKLOG, SERVING, Door
from crawler.daemon.fleet import WorkerView
from crawler.errors import StateError, UsageError
from crawler.model.run import Outcome, Run
from crawler.state import Event, Fire


class RunView(msgspec.Struct, frozen=True, kw_only=True):
    """A run as the API shows it."""

    run: Run
    counts: dict[Outcome, int]
    """From the URL ledger."""
    progress: dict[str, Any]
    """What the worker said last, while the run is under way."""
    failures: list[Event]
    """The first 20."""


class SiteView(msgspec.Struct, frozen=True, kw_only=True):
    """A site as status shows it."""

    name: str
    enabled: bool
    paused_at: datetime | None
    next_fire_at: datetime | None
    last_run: Run | None


class DaemonView(msgspec.Struct, frozen=True, kw_only=True):
    """The daemon as status shows it."""

    version: str
    pid: int
    started_at: datetime
    stopping: bool
    seeds_error: str | None
    """Why the last change of the declarations was not taken over."""
    settings_error: str | None = None
    """Why the last change of the settings was not taken over."""
    settings_waiting: tuple[str, ...] = ()
    """Changed settings that need a restart."""
    workers: list[WorkerView]
    open_runs: list[Run]
    fires: list[Fire]
    sites: list[SiteView]


class TriggerRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of a trigger: names of sites, or URLs."""

    targets: list[str]


class Triggered(msgspec.Struct, frozen=True):
    """The answer to a trigger."""

    runs: list[Run]


class Changed(msgspec.Struct, frozen=True):
    """The answer to a pause or a resumption."""

    changed: bool
    """False: it was so already."""


class Refusal(msgspec.Struct, frozen=True):
    """The answer to a request that cannot be."""

    error: str
    next_step: str = ""


class Controlled(Protocol):
    """What the API needs of the daemon."""

    def trigger(self, targets: list[str]) -> list[Run]:
        """Queue runs. Raises UsageError."""

    def set_paused(self, site: str, paused: bool) -> bool:
        """Pause or resume. Raises UsageError."""

    def run_view(self, run: str) -> RunView | None:
        """Return a run."""

    def view(self) -> DaemonView:
        """Return everything."""


class Control:
    """The server of the API."""

    def __init__(self, daemon: Controlled, path: Path, *, described: Callable[[], object]) -> None:
        """Prepare the server on `path`; `described` returns the OpenAPI document to serve."""
        self.path = path
        self._daemon = daemon
        self._described = described
        self._door = Door()
        self._listening: asyncio.Server | None = None
        app = web.Application(middlewares=[self._door.middleware, _refusals], client_max_size=1 << 20)
        app.add_routes(
            [
                web.post("/api/runs", self._trigger),
                web.get("/api/runs/{id}", self._run),
                web.get("/api/status", self._status),
                web.get("/api/openapi.json", self._describe),
                web.post("/api/sites/{name}/pause", self._pause),
                web.post("/api/sites/{name}/resume", self._resume),
            ]
        )
        self._runner = web.AppRunner(app, **SERVING)

    async def start(self) -> None:
        """Listen; a socket left by a dead daemon is replaced (the caller holds the instance lock)."""
        await self._runner.setup()
        self.path.unlink(missing_ok=True)
        mask = os.umask(0o177)  # there is no moment at which others could open it
        try:
            self._listening = await asyncio.get_running_loop().create_unix_server(
                self._door.guarded(self._runner.server), str(self.path), backlog=BACKLOG
            )
        except OSError as error:
            raise StateError(f"cannot listen on {self.path}: {error}", next_step="choose another --state") from error
        finally:
            os.umask(mask)

    async def stop(self) -> None:
        """Stop listening and remove the socket."""
        if self._listening is not None:
            self._listening.close()
        await self._runner.cleanup()
        self.path.unlink(missing_ok=True)

    async def _trigger(self, request: web.Request) -> web.Response:
        try:
            asked = msgspec.json.decode(await request.read(), type=TriggerRequest)
        except msgspec.DecodeError as error:
            raise UsageError(f"not a request to trigger: {error}", next_step='send {"targets": ["name"]}') from error
        return _answer(Triggered(self._daemon.trigger(asked.targets)), 202)

    async def _run(self, request: web.Request) -> web.Response:
        view = self._daemon.run_view(request.match_info["id"])
        if view is None:
            return _answer(Refusal(f"there is no run {request.match_info['id']}", "`warraq runs` lists them"), 404)
        return _answer(view)

    async def _status(self, _: web.Request) -> web.Response:
        return _answer(self._daemon.view())

    async def _describe(self, _: web.Request) -> web.Response:
        return _answer(self._described())

    async def _pause(self, request: web.Request) -> web.Response:
        return _answer(Changed(self._daemon.set_paused(request.match_info["name"], True)))

    async def _resume(self, request: web.Request) -> web.Response:
        return _answer(Changed(self._daemon.set_paused(request.match_info["name"], False)))


@web.middleware
async def _refusals(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Turn our errors into answers."""
    try:
        return await handler(request)
    except UsageError as error:
        return _answer(Refusal(error.what, error.next_step), 400)
    except StateError as error:
        return _answer(Refusal(error.what, error.next_step), 503)


def _answer(value: object, status: int = 200) -> web.Response:
    return web.Response(body=msgspec.json.encode(value), status=status, content_type="application/json")
