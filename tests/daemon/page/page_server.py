"""The status page over an archive of a real crawl: the demo's newsroom, and a site that means harm."""

from __future__ import annotations

import asyncio
import http.client
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import msgspec

from crawler.archive.store import open_store
from crawler.clock import Clock, SystemClock
from crawler.config import Config
from crawler.daemon.api.control import DaemonView, SiteView
from crawler.daemon.fleet import WorkerView
from crawler.daemon.housekeeping import Housekeeping
from crawler.daemon.page.server import StatusPage
from crawler.demo.newsroom import Newsroom
from crawler.errors import UsageError
from crawler.model.run import Run
from crawler.model.site import Site
from crawler.run.live.crawls import Crawls
from crawler.state import AlarmRow, State, new_run, open_state
from tests.web import answer

HOSTILE_TITLE = (
    'Council "meets" <script>window.harmed=1</script><img src=x onerror=window.harmed=1> \u202egnp.exe & more'
)
STARTED = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


class Live:
    """A port that counts who connects: the live web, which nobody may touch by looking at the archive."""

    def __init__(self) -> None:
        self.touched = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.base = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.touched += 1
            connection.close()

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


def hostile_page(live: str) -> bytes:
    text = "".join(
        f"<p>The council met on Monday to talk about the bridge, part {n}. {'It was long. ' * 9}</p>" for n in range(5)
    )
    title = HOSTILE_TITLE.replace("&", "&amp;").replace("<", "&lt;")
    return answer(
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta property="og:type" content="article"><meta http-equiv="refresh" content="0;url={live}/refresh">'
        f'<base href="{live}/"><link rel="canonical" href="javascript:window.top.harmed=1">'
        f'<link rel="stylesheet" href="{live}/style.css"><link rel="preconnect" href="{live}">'
        f'<link rel="dns-prefetch" href="{live}"><link rel="prefetch" href="{live}/next">'
        f'<link rel="preload" as="image" href="{live}/pre.png"><link rel="modulepreload" href="{live}/m.js">'
        f'<link rel="icon" href="{live}/icon.png"><link rel="manifest" href="{live}/manifest.json">'
        f'<script type="speculationrules">{{"prefetch":[{{"urls":["{live}/spec"]}}]}}</script>'
        f'<style>@import "{live}/import.css"; @font-face {{font-family:x;src:url({live}/font.woff2)}} '
        f"body{{font-family:x;background:#fed url({live}/bg.png)}} h1{{color:rgb(1, 2, 3)}}</style>"
        f'</head><body onload="window.top.harmed=1"><script>window.top.harmed=1;document.title="harmed"</script>'
        f'<script src="{live}/script.js"></script><img src="{live}/picture.png"><iframe src="{live}/frame"></iframe>'
        f'<video src="{live}/v.mp4" autoplay></video><object data="{live}/o"></object><embed src="{live}/e">'
        f'<article><h1>{title}</h1>{text}<a id="out" href="{live}/link">out</a></article>'
        f'<form action="{live}/form"><button id="send">send</button></form></body></html>'
    )


class StubDaemon:
    """The supervisor as the page sees it, without workers."""

    def __init__(self, state: State, sites: dict[str, Site]) -> None:
        self.sites = sites
        self.workers = [
            WorkerView(pid=7, share=0, retiring=False, silent_s=0.5, rss_bytes=90_000_000, runs_done=3, active=())
        ]
        self.stopping = False
        self.seeds_error: str | None = None
        self.settings_error: str | None = None
        self.settings_waiting: tuple[str, ...] = ()
        self.triggered: list[list[str]] = []
        self._state = state

    def view(self) -> DaemonView:
        pauses = self._state.pauses()
        return DaemonView(
            version="0", pid=1, started_at=STARTED, stopping=self.stopping, seeds_error=self.seeds_error,
            settings_error=self.settings_error, settings_waiting=self.settings_waiting,
            workers=self.workers, open_runs=self._state.open_runs(), fires=self._state.fires(limit=20),
            sites=[
                SiteView(
                    name=name, enabled=site.enabled, paused_at=pauses.get(name), next_fire_at=None,
                    last_run=self._state.last_run(name),
                )
                for name, site in self.sites.items()
            ],
        )  # fmt: skip

    def trigger(self, targets: list[str]) -> list[Run]:
        self.triggered.append(targets)
        if targets == ["gazette-broken"]:
            raise UsageError("no", next_step="never")
        run = new_run(targets[0], trigger="manual", clock=SystemClock())
        self._state.add_run(run)
        return [run]

    def set_paused(self, site: str, paused: bool) -> bool:
        return self._state.set_paused(site, paused)


class Archive(msgspec.Struct):
    """What was crawled."""

    config: Config
    sites: dict[str, Site]
    live: Live
    hostile_url: str


class Answer(msgspec.Struct):
    status: int
    headers: dict[str, str]
    cookies: list[str]
    text: str


class Served:
    """A status page in a thread of its own, asked over a real connection."""

    def __init__(self, page: StatusPage, state: State, daemon: StubDaemon, progress: dict[str, Any]) -> None:
        assert page.port is not None
        self.port = page.port
        self.page = page
        self.state = state
        self.daemon = daemon
        self.progress = progress
        self.base = f"http://127.0.0.1:{self.port}"
        self.cookie = ""

    def ask(self, method: str, path: str, body: str | None = None, **headers: str) -> Answer:
        """Send one request; underscores in names of headers are hyphens."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            fields = {name.replace("_", "-"): value for name, value in headers.items()}
            if self.cookie:
                fields.setdefault("Cookie", self.cookie)
            connection.request(method, path, body, fields)
            response = connection.getresponse()
            content = response.read().decode("utf-8", "replace")
            cookies = response.headers.get_all("Set-Cookie") or []
            return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, cookies, content)
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, **headers)

    def post(self, path: str, form: dict[str, str], **headers: str) -> Answer:
        return self.ask("POST", path, urlencode(form), Content_Type="application/x-www-form-urlencoded", **headers)

    def sit(self, path: str = "/login") -> str:
        """Take a seat like a browser; return the token its forms carry."""
        answer = self.get(path)
        if answer.cookies:
            self.cookie = answer.cookies[0].partition(";")[0]
            answer = self.get(path)
        return answer.text.partition('name="form_token" value="')[2].partition('"')[0]


def revise(served: Served, config: Config) -> str:
    """Enter a later revision of the hostile site's article; return the address of what changed."""
    row = served.state.latest_articles("harm")[0]
    store = open_store(config.storage)
    record = msgspec.json.decode(store.get(row.path.rpartition("/")[0] + "/articles.jsonl"))
    later = row.captured_at + timedelta(days=1)
    text = record["text"].replace("the bridge, part 1", "the <i>tunnel</i>, part 1")
    line = msgspec.json.encode({**record, "captured_at": later.isoformat(), "text": text})
    store.put("articles/harm/later/articles.jsonl", line + b"\n", overwrite=True)
    served.state.add_article(
        article_id=row.article_id, url=row.url, site="harm", run=row.run, captured_at=later, title=row.title,
        published_at=None, path="articles/harm/later/000_x.txt",
    )  # fmt: skip
    return "/url?" + urlencode({"url": row.url, "at": later.isoformat(), "since": row.captured_at.isoformat()})


@contextmanager
def serving(
    config: Config, sites: dict[str, Site], *, clock: Clock | None = None, environ: dict[str, str] | None = None,
    alarms: Callable[[], list[AlarmRow]] | None = None, settle: bool = True, **page: Any,
) -> Iterator[Served]:  # fmt: skip
    """A page on a free port over what `config` names."""
    clock = clock or SystemClock()
    config = msgspec.structs.replace(
        config, page=msgspec.structs.replace(config.page, **{"listen": "127.0.0.1:0", **page})
    )
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def on_loop(what: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(what, loop).result(60)

    progress: dict[str, Any] = {}
    with open_state(config.state, clock=clock) as state:
        while settle and state.tally():
            continue
        daemon = StubDaemon(state, sites)
        housekeeping = Housekeeping(lambda: config, state, clock)
        served = on_loop(
            StatusPage.start(
                config,
                daemon,
                progress,
                housekeeping,
                clock=clock,
                alarms=alarms or state.open_alarms,
                environ=environ or {},
            )
        )
        assert served is not None
        try:
            if settle:
                housekeeping.tend()
                on_loop(served.looked())
            yield Served(served, state, daemon, progress)
        finally:
            on_loop(served.stop())
            loop.call_soon_threadsafe(loop.stop)
            thread.join(10)
            loop.close()


async def _crawl(config: Config, sites: dict[str, Site]) -> None:
    clock = SystemClock()
    async with await Crawls.open(config, clock=clock, sites=sites) as crawls:
        for site in sites.values():
            run = crawls.begin(new_run(site.name, trigger="demo", clock=clock))
            await crawls.run(run, site, on_progress=lambda _: None)


async def crawl_everything(config: Config, hostile: Site) -> dict[str, Site]:
    async with Newsroom.open() as newsroom:
        sites = {site.name: site for site in newsroom.sites}
        await _crawl(config, sites | {hostile.name: hostile})
        newsroom.publish()
        await _crawl(config, sites)
    return sites | {hostile.name: hostile}
