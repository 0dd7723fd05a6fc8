"""The server of the status page, within the supervisor's process and on its event loop.

Promises: nothing of it blocks the loop, and nothing of it ends the daemon: a port that is taken is said and tried
again. Refuses: to be reachable by others without a token.
"""

from __future__ import annotations

__all__ = ["StatusPage", "make_app"]

import asyncio
import hashlib
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import web

from crawler.archive.store import open_store
from crawler.clock import Clock
from crawler.config import Config
from crawler.daemon.door import BACKLOG, SERVING, Door
from crawler.daemon.housekeeping import Housekeeping
from crawler.daemon.page import alarm_pages, archive_pages, gate, live_pages
from crawler.daemon.page.access import PageAccess, access_from
from crawler.daemon.page.desk import DESK, AlarmRows, Desk, RunningDaemon
from crawler.daemon.page.guard import ACCESS, MIDDLEWARES
from crawler.daemon.page.health import HealthWatch
from crawler.daemon.page.metrics import Metrics
from crawler.daemon.page.render import environment, templates
from crawler.log import EventLog
from crawler.state import State, open_state

_log = EventLog(__name__)

DOOR = web.AppKey("door", Door)
_STATIC = Path(__file__).with_name("static")
_AGAIN_S = 30.0
_THREADS = 4


class StatusPage:
    """The page of one daemon, from `start` to `stop`."""

    def __init__(self, app: web.Application, access: PageAccess, desk: Desk, states: tuple[State, ...],
        threads: ThreadPoolExecutor) -> None:  # fmt: skip
        self._access = access
        self._desk = desk
        self._watch = desk.watch
        self._states = states
        self._threads = threads
        self._runner = web.AppRunner(app, shutdown_timeout=1.0, **SERVING)
        self._door = app[DOOR]
        self._listening: asyncio.Server | None = None
        self._tasks: list[asyncio.Task[None]] = []

    @classmethod
    async def start(
        cls,
        config: Config,
        daemon: RunningDaemon,
        progress: Mapping[str, Mapping[str, Any]],
        housekeeping: Housekeeping,
        *,
        clock: Clock,
        alarms: AlarmRows = tuple,
        environ: Mapping[str, str] = os.environ,
    ) -> StatusPage | None:
        """Begin to serve the page of `daemon`; return None if the settings want none.

        `progress` maps the runs under way to what their workers said last. Raises ConfigError, StateError,
        StoreRefused.
        """
        access = access_from(config.page, environ, clock)
        if access is None:
            return None
        with ExitStack() as opened:
            states = tuple(opened.enter_context(closing(open_state(config.state, clock=clock))) for _ in range(2))
            store = open_store(_impatient(config))
            opened.pop_all()  # from here on they are the page's
        threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="page")
        watch = HealthWatch(config, states[1], store, housekeeping, clock, threads)
        desk = Desk(
            config=config, daemon=daemon, progress=progress, state=states[0], store=store, watch=watch, alarms=alarms,
            clock=clock, threads=threads,
        )  # fmt: skip
        page = cls(make_app(desk, access), access, desk, states, threads)
        await page._begin()
        return page

    @property
    def port(self) -> int | None:
        """The port listened on, also where the settings leave it to the system (0); None if it was taken."""
        port: int | None = self._listening.sockets[0].getsockname()[1] if self._listening is not None else None
        return port

    def set_config(self, config: Config) -> None:
        """Tell of health by these limits; where the page listens and what store it reads stays."""
        self._desk.config = config
        self._watch.set_config(config)

    async def looked(self) -> None:
        """Return when spool, store and state were looked at once more."""
        await self._watch.look_at_store()
        await self._watch.look()

    async def stop(self) -> None:
        """Stop serving."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._listening is not None:
            self._listening.close()
        await self._runner.cleanup()
        self._threads.shutdown(wait=False, cancel_futures=True)
        for state in self._states:
            state.close()

    async def _begin(self) -> None:
        await self._runner.setup()
        self._tasks.append(asyncio.create_task(self._watch.run()))
        if not await self._listen():
            self._tasks.append(asyncio.create_task(self._listen_later()))

    async def _listen(self) -> bool:
        host, port = self._access.listen
        try:
            self._listening = await asyncio.get_running_loop().create_server(
                self._door.guarded(self._runner.server), host, port, backlog=BACKLOG
            )
        except OSError as error:
            _log.error(
                "no status page: the address cannot be listened on; another one is set with [page] listen",
                url=self._access.listen.url,
                error=str(error),
            )
            return False
        _log.info("status page", url=self._access.listen.url)
        return True

    async def _listen_later(self) -> None:
        while True:
            await asyncio.sleep(_AGAIN_S)
            if await self._listen():
                return


def make_app(desk: Desk, access: PageAccess) -> web.Application:
    """Return the application that serves what `desk` has to who has `access`."""
    door = Door()
    app = web.Application(middlewares=[door.middleware, _timed, *MIDDLEWARES], client_max_size=1 << 16)
    app[DOOR] = door
    app[DESK] = desk
    app[ACCESS] = access
    app[gate.METRICS] = Metrics()
    templates(app, environment(desk.clock, static_version=_static_version()))
    app.add_routes(
        [
            *live_pages.ROUTES,
            *alarm_pages.ROUTES,
            *archive_pages.ROUTES,
            *gate.ROUTES,
            web.get("/static/{name}", _static, name="static"),
        ]
    )
    return app


@web.middleware
async def _timed(request: web.Request, handler: Any) -> web.StreamResponse:
    """Measure how long answers take, by route."""
    name = request.match_info.route.name or "other"
    with request.app[gate.METRICS].requests.labels(name).time():
        response: web.StreamResponse = await handler(request)
        return response


async def _static(request: web.Request) -> web.StreamResponse:
    """Return a file of ours; its address holds a digest of all of them, so it may be kept for good."""
    name = request.match_info["name"]
    if name not in {path.name for path in _STATIC.iterdir()}:
        raise web.HTTPNotFound
    return web.FileResponse(_STATIC / name, headers={"Cache-Control": "public, max-age=31536000, immutable"})


def _static_version() -> str:
    digest = hashlib.sha256()
    for path in sorted(_STATIC.iterdir()):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _impatient(config: Config) -> Any:
    """Return the store's settings for people who wait: one try, no long silences."""
    storage = config.storage
    return msgspec.structs.replace(
        storage,
        attempts=1,
        connect_timeout_s=min(storage.connect_timeout_s, 5.0),
        read_timeout_s=min(storage.read_timeout_s, 15.0),
    )
