"""The supervisor: one per state folder; it schedules, keeps the workers alive and answers the local API.

Promises: a run that was queued is carried out, whatever dies meanwhile; SIGTERM ends runs so that they can go on
after the next start, seals and ships, within ``stop_s``; a second one ends everything at once and still loses nothing
(captures are in the spool, runs in the state). SIGHUP, or a change in the seeds folder, reloads the schedules; SIGHUP
reads the settings again, too (`crawler.daemon.settings` tells what needs a restart).
"""

from __future__ import annotations

__all__ = ["EXIT_INTERRUPTED", "EXIT_LATE", "LIVE", "Supervisor"]

import asyncio
import os
import signal
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from crawler import __version__
from crawler.clock import Clock, SystemClock
from crawler.config import Config
from crawler.daemon.alarms.watch import AlarmWatch
from crawler.daemon.api import openapi
from crawler.daemon.api.control import Control, DaemonView, RunView, SiteView
from crawler.daemon.chores.corpus import CorpusWatch
from crawler.daemon.chores.learning import LearningWatch
from crawler.daemon.chores.manifests import DailyManifests
from crawler.daemon.chores.restore import restore_state
from crawler.daemon.fleet import Fleet
from crawler.daemon.housekeeping import Housekeeping
from crawler.daemon.instance import socket_path
from crawler.daemon.lasting import lasting
from crawler.daemon.page.server import StatusPage
from crawler.daemon.schedule.scheduler import Scheduler
from crawler.daemon.seeds import Seeds
from crawler.daemon.settings import SettingsInForce
from crawler.daemon.systemd import Systemd
from crawler.errors import ConfigError, StateError, UsageError
from crawler.log import EventLog
from crawler.model.run import Run
from crawler.model.site import Site
from crawler.run.dispatch import QueueDispatcher
from crawler.run.lock import StateLock
from crawler.run.target import plan
from crawler.state import State, new_run, open_state

_log = EventLog(__name__)

LIVE = "crawler.daemon.live_runner:open_live"
"""The runner of the live web."""

EXIT_LATE = 1
EXIT_INTERRUPTED = 130

_TICK_S = 0.2
_SEEDS_EVERY_S = 5.0
_ORPHANS_EVERY_S = 5.0
_HUNG_S = 30.0


class Supervisor:
    """The resident process. `serve` runs it to its end."""

    def __init__(
        self,
        config: Config,
        seeds: Seeds,
        *,
        reread: Callable[[], Config] | None = None,
        clock: Clock | None = None,
        runner: str = LIVE,
        log_level: str = "warning",
        log_json: bool = False,
    ) -> None:
        """`reread` returns the settings as their files have them now; without it SIGHUP reloads seeds/ only."""
        self._settings = SettingsInForce(config, reread)
        self._seeds = seeds
        self._clock: Clock = clock or SystemClock()
        self._runner = runner
        self._log_level = log_level
        self._log_json = log_json
        self._state_dir = Path(config.state.dir)
        self._sites: dict[str, Site] = {}
        self._seeds_error: str | None = None
        self._signals = 0
        self._reload = False
        self._tended = self._clock.monotonic()
        self._page: StatusPage | None = None
        self._stir = asyncio.Event()
        self._systemd = Systemd()

    async def serve(self, *, on_ready: Callable[[Path], None] | None = None) -> int:
        """Run until told to stop; return the exit code: 0, EXIT_LATE if workers had to be ended, EXIT_INTERRUPTED.

        `on_ready` is called with the API's socket once requests are answered. Raises SpoolBusy if another process
        works on this state folder, ConfigError and StateError if it cannot start.
        """
        with StateLock.take(self._state_dir, "daemon", clock=self._clock):
            await restore_state(self._config, self._seeds.read(), self._clock, on_progress=self._on_restored)
            with open_state(self._config.state, clock=self._clock) as state:
                return await self._serve(state, on_ready)

    @property
    def _config(self) -> Config:
        return self._settings.config

    @property
    def sites(self) -> dict[str, Site]:
        """The declarations in force."""
        return self._sites

    # what the local API asks ------------------------------------------------------------------------------------

    def trigger(self, targets: list[str]) -> list[Run]:
        """Queue a run for each site that `targets` (names and URLs) mean. Raises UsageError.

        A site whose queued or running run would do the same gets no second one: that one is returned.
        """
        runs = []
        for name, (_, urls) in plan(targets, self._sites).items():
            open_run = self._state.open_run(name) if not urls else None
            if open_run is None:
                run = new_run(name, trigger="manual", clock=self._clock, targets=urls)
                self._dispatcher.submit(run, lane=self._scheduler.lane(name))
            runs.append(open_run or run)
        return runs

    def set_paused(self, site: str, paused: bool) -> bool:
        """Pause or resume the schedule of `site`; return False if it was so already. Raises UsageError."""
        if site not in self._sites:
            plan([site], self._sites)  # says which names are near
            raise UsageError(f"{site!r} is not the name of a declared site", next_step="`warraq sites` lists them")
        return self._scheduler.set_paused(site, paused)

    def run_view(self, run: str) -> RunView | None:
        """Return what is known of a run, None if there is none of that id."""
        found = self._state.run(run)
        if found is None:
            return None
        return RunView(
            run=found,
            counts=self._state.counts(run),
            progress=dict(self._fleet.progress.get(run, {})),
            failures=self._state.failures(run)[:20],
        )

    def view(self) -> DaemonView:
        """Return the state of the daemon and its sites."""
        pauses = self._state.pauses()
        return DaemonView(
            version=__version__,
            pid=os.getpid(),
            started_at=self._started_at,
            stopping=self._signals > 0,
            seeds_error=self._seeds_error,
            settings_error=self._settings.error,
            settings_waiting=self._settings.waiting,
            workers=self._fleet.views(),
            open_runs=self._state.open_runs(),
            fires=self._state.fires(limit=20),
            sites=[
                SiteView(
                    name=name,
                    enabled=site.enabled,
                    paused_at=pauses.get(name),
                    next_fire_at=self._scheduler.next_fire(name),
                    last_run=self._state.last_run(name),
                )
                for name, site in self._sites.items()
            ],
        )

    # the life of the daemon --------------------------------------------------------------------------------------

    async def _serve(self, state: State, on_ready: Callable[[Path], None] | None) -> int:
        self._take_up(state)
        manifests = DailyManifests(lambda: self._config, self._clock)
        housekeeping = Housekeeping.start(lambda: self._config, self._clock)
        self._alarms = alarms = AlarmWatch.start(
            self._config, self._clock, lambda: self._sites, more=manifests.findings,
            state_trouble=lambda: housekeeping.trouble,
        )  # fmt: skip
        companions = self._accompany(housekeeping, alarms, manifests)
        control = Control(self, socket_path(self._state_dir), described=openapi.api_document)
        try:
            await control.start()
            self._page = await StatusPage.start(
                self._config, self, self._fleet.progress, housekeeping, clock=self._clock, alarms=lambda: alarms.open
            )
            self._scheduler.start()
            self._scheduler.catch_up()
            await self._fleet.tend()
            if on_ready is not None:
                on_ready(control.path)
            self._systemd.ready(f"following {len(self._sites)} sites")
            await self._live()
            return await self._end()
        finally:
            self._scheduler.stop()
            await self._fleet.kill()
            await control.stop()
            if self._page is not None:
                await self._page.stop()
            for task in companions:
                task.cancel()
            await asyncio.gather(*companions, return_exceptions=True)
            manifests.close()
            alarms.close()
            housekeeping.close()

    def _take_up(self, state: State) -> None:
        """Make what queues and carries out runs, and take up those that an earlier process left."""
        self._state = state
        self._started_at: datetime = self._clock.now()
        self._fleet = Fleet(
            self._config, state, self._clock, runner=self._runner, log_level=self._log_level, log_json=self._log_json
        )
        self._dispatcher = QueueDispatcher(state, on_queued=lambda _: self._fleet.wake())
        self._scheduler = Scheduler(
            state, self._clock, catch_up_s=self._config.daemon.catch_up_s, dispatcher=self._dispatcher
        )
        self._follow(self._seeds.read())
        self._listen_to_signals()
        recovered = state.interrupt_runs()
        if recovered.requeued or recovered.ended:
            _log.warning("runs of an earlier process", requeued=recovered.requeued, ended=recovered.ended)

    def _accompany(
        self, housekeeping: Housekeeping, alarms: AlarmWatch, manifests: DailyManifests
    ) -> list[asyncio.Task[None]]:
        """Start what goes on beside the runs, until it is cancelled."""
        learning = LearningWatch(lambda: self._config, self._clock, lambda: self._sites)
        corpus = CorpusWatch(lambda: self._config, self._clock)
        chores = {
            "housekeeping": housekeeping.run, "alarms": alarms.run, "learning": learning.run,
            "manifests": manifests.run, "corpus": corpus.run,
        }  # fmt: skip
        return [
            *(asyncio.create_task(lasting(name, work)) for name, work in chores.items()),
            asyncio.create_task(self._systemd.keep_watchdog(self._moves)),
        ]

    async def _live(self) -> None:
        """Tend workers and schedules until the first signal."""
        next_seeds = next_orphans = self._clock.monotonic()
        while not self._signals:
            await self._fleet.tend()
            now = self._tended = self._clock.monotonic()
            if self._reload:
                self._load_settings()
            if self._reload or (now >= next_seeds and await asyncio.to_thread(self._seeds.changed)):
                self._reload = False
                self._load_again()
            if now >= next_seeds:
                next_seeds = now + _SEEDS_EVERY_S
            if now >= next_orphans:
                next_orphans = now + _ORPHANS_EVERY_S
                self._look_after_state()
            self._stir.clear()
            try:
                await asyncio.wait_for(self._stir.wait(), _TICK_S)
            except TimeoutError:
                continue

    async def _end(self) -> int:
        """Stop in good order, or at once when asked again."""
        self._systemd.stopping()
        self._scheduler.stop()
        _log.info("stopping", within_s=self._config.daemon.stop_s)
        stopping = asyncio.create_task(self._fleet.stop(self._config.daemon.stop_s))
        while not stopping.done() and self._signals < 2:
            self._stir.clear()
            asked = asyncio.create_task(self._stir.wait())
            await asyncio.wait({stopping, asked}, return_when=asyncio.FIRST_COMPLETED)
            asked.cancel()
        if stopping.done():
            return 0 if stopping.result() else EXIT_LATE
        stopping.cancel()
        await asyncio.gather(stopping, return_exceptions=True)
        return EXIT_INTERRUPTED

    def _moves(self) -> bool:
        """Tell whether workers and schedules are still tended, as the watchdog must know."""
        return self._signals > 0 or self._clock.monotonic() - self._tended < _HUNG_S

    def _look_after_state(self) -> None:
        """Queue again what other dead processes left and make good what a busy state refused."""
        try:
            if self._state.interrupt_runs().requeued:
                self._fleet.wake()
            self._scheduler.tend()
        except StateError as error:
            _log.error("the state cannot be written, will try again", error=str(error))

    def _follow(self, sites: dict[str, Site]) -> None:
        self._scheduler.load(sites)
        self._fleet.load(sites)
        self._sites = sites
        self._seeds_error = None

    def _load_settings(self) -> None:
        """Read the settings again; runs under way end with those they began with."""
        if self._settings.read_again():
            self._fleet.set_config(self._config)
            self._scheduler.set_catch_up(self._config.daemon.catch_up_s)
            self._alarms.set_config(self._config)
            if self._page is not None:
                self._page.set_config(self._config)

    def _on_restored(self, done: int, total: int) -> None:
        """Tell the log and systemd how far the database is that is made anew."""
        _log.info("making the database anew", warc_files=done, of=total)
        self._systemd.starting(f"making the database anew: {done} of {total} WARC files")

    def _load_again(self) -> None:
        """Read the declarations again; if they are wrong, those in force stay."""
        try:
            self._follow(self._seeds.read())
            self._scheduler.catch_up()
        except ConfigError as error:
            self._seeds_error = str(error)
            _log.error("declarations not reloaded", error=str(error))
        except StateError as error:
            _log.error("declarations reloaded, new sites wait for their first fire", error=str(error))
        else:
            _log.info("declarations reloaded", sites=len(self._sites))

    def _listen_to_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._on_stop)
        loop.add_signal_handler(signal.SIGHUP, self._on_reload)

    def _on_stop(self) -> None:
        self._signals += 1
        self._stir.set()

    def _on_reload(self) -> None:
        self._reload = True
        self._stir.set()
