"""The pages of what goes on: overview, sites, runs; and the three things a person may do: trigger, pause, resume."""

from __future__ import annotations

__all__ = ["ROUTES"]

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
from aiohttp import web

from crawler.daemon.api.control import SiteView
from crawler.daemon.page.desk import DESK, Desk
from crawler.daemon.page.render import render_page
from crawler.model.run import MISSED, Counted, Run
from crawler.run.progress import Progress
from crawler.state import Hour

_HOURS = 48
_DAYS = 30
_SITES = 50
_RUNS = 50
_DUE = 8
_RECENT = 8


class _RunRow(Counted, frozen=True, kw_only=True):
    run: Run
    progress: Progress | None

    @property
    def took_s(self) -> float | None:
        if self.run.started_at is None or self.run.finished_at is None:
            return None
        return (self.run.finished_at - self.run.started_at).total_seconds()


class _SiteRow(msgspec.Struct, frozen=True):
    name: str
    title: str
    view: SiteView | None
    """None: not declared (any more)."""
    last_article_at: datetime | None
    days: tuple[int, ...]


async def overview(request: web.Request) -> web.Response:
    """Return what runs, what is due, and whether all is well."""
    return render_page(request, "overview.html", await _overview(request.app[DESK]))


async def overview_live(request: web.Request) -> web.Response:
    """Return the part of it that changes."""
    return render_page(request, "overview_live.html", await _overview(request.app[DESK]))


async def sites(request: web.Request) -> web.Response:
    """Return the list of sites, some at a time."""
    desk = request.app[DESK]
    search = request.query.get("q", "").strip()[:100]
    after = request.query.get("after", "")
    views = {view.name: view for view in desk.view().sites}
    titles = {name: site.title for name, site in desk.daemon.sites.items()}
    names = sorted(views.keys() | set(desk.watch.sites))
    wanted = [n for n in names if n > after and search.casefold() in f"{n} {titles.get(n, '')}".casefold()]
    shown = wanted[:_SITES]
    rows = await desk.read(_site_rows, desk, shown, views, titles)
    more = shown[-1] if len(wanted) > len(shown) else None
    return render_page(
        request, "sites.html", {"rows": rows, "q": search, "more": more, "after": after, "all": len(names)}
    )


async def site(request: web.Request) -> web.Response:
    """Return one site."""
    desk = request.app[DESK]
    name = request.match_info["name"]
    views = {view.name: view for view in desk.view().sites}
    declared = desk.daemon.sites.get(name)
    if declared is None and name not in desk.watch.sites:
        raise web.HTTPNotFound(reason=f"No site of the name {name[:80]} is known")
    titles = {name: declared.title if declared else name}
    row = (await desk.read(_site_rows, desk, [name], views, titles))[0]
    values = {
        "row": row,
        "site": declared,
        "totals": await desk.read(desk.state.totals, name),
        "runs": await desk.read(lambda: _run_rows(desk, desk.state.runs(name, limit=_RECENT))),
        "fires": await desk.read(desk.state.fires, name, _RECENT),
        "rhythms": await desk.read(desk.state.rhythms, name),
        "articles": await desk.read(desk.state.latest_articles, name, _RECENT),
        "checks": await desk.read(desk.state.reports, name),
        "channels": [] if declared is None else list(declared.channel_roles),
    }
    return render_page(request, "site.html", values)


async def runs(request: web.Request) -> web.Response:
    """Return the list of runs, the latest first."""
    desk = request.app[DESK]
    name = request.query.get("site") or None
    at, identity = request.query.get("before_at"), request.query.get("before_id")
    before = (at, identity) if at and identity else None
    page = await desk.read(desk.state.browse_runs, name, before=before, limit=_RUNS)
    rows = await desk.read(_run_rows, desk, list(page.rows))
    return render_page(request, "runs.html", {"rows": rows, "next": page.next, "site": name, "first": before is None})


async def run(request: web.Request) -> web.Response:
    """Return one run with what became of its URLs."""
    return render_page(request, "run.html", await _run(request))


async def run_live(request: web.Request) -> web.Response:
    """Return the part of it that changes while it is under way."""
    return render_page(request, "run_live.html", await _run(request))


async def trigger(request: web.Request) -> web.Response:
    """Queue a run of a site and show it."""
    desk = request.app[DESK]
    queued = desk.daemon.trigger([_declared(request)])
    desk.forget_view()
    return _see(f"/runs/{queued[0].id}")


async def pause(request: web.Request) -> web.Response:
    """Pause a site's schedule."""
    return _set_paused(request, True)


async def resume(request: web.Request) -> web.Response:
    """Let a site's schedule go on."""
    return _set_paused(request, False)


def _set_paused(request: web.Request, paused: bool) -> web.Response:
    desk = request.app[DESK]
    name = _declared(request)
    desk.daemon.set_paused(name, paused)
    desk.forget_view()
    return _see(f"/sites/{name}")


def _declared(request: web.Request) -> str:
    name = request.match_info["name"]
    if name not in request.app[DESK].daemon.sites:
        raise web.HTTPNotFound(reason=f"No site of the name {name[:80]} is declared")
    return name


def _see(path: str) -> web.Response:
    return web.Response(status=303, headers={"Location": path})


async def _overview(desk: Desk) -> dict[str, Any]:
    view = desk.view()
    now = desk.clock.now()
    hours = await desk.read(desk.state.hours, now - timedelta(hours=_HOURS - 1))
    since = f"{now - timedelta(hours=23):%Y-%m-%dT%H}"
    day = [hour for hour in hours if hour.hour >= since]
    due = sorted((site for site in view.sites if site.next_fire_at), key=lambda site: (site.next_fire_at, site.name))
    return {
        "view": view,
        "alarms": desk.alarms(),
        "checks": desk.watch.checks(view.workers, stopping=view.stopping),
        "spool": desk.watch.spool,
        "store_url": desk.store.url,
        "running": await desk.read(_run_rows, desk, [run for run in view.open_runs if run.state == "running"][:50]),
        "queued": sum(run.state == "queued" for run in view.open_runs),
        "recent": await desk.read(lambda: _run_rows(desk, _ended(desk))),
        "due": due[:_DUE],
        "hours": _chart(hours, now),
        "articles": sum(hour.urls for hour in day if hour.outcome == "parsed"),
        "fetched": sum(hour.urls for hour in day),
        "failed": sum(hour.urls for hour in day if hour.outcome in MISSED),
        "size_bytes": sum(hour.size_bytes for hour in day),
        "behind": desk.watch.behind,
        "fires": [fire for fire in view.fires if fire.policy not in ("ran", "first")][:_RECENT],
    }


def _ended(desk: Desk) -> list[Run]:
    page = desk.state.browse_runs(limit=_RECENT * 3)
    return [run for run in page.rows if run.finished_at is not None][:_RECENT]


def _chart(hours: list[Hour], now: datetime) -> list[tuple[str, int, int, int]]:
    counts: dict[str, list[int]] = {}
    for place in range(_HOURS):
        counts[f"{now - timedelta(hours=_HOURS - 1 - place):%Y-%m-%dT%H}"] = [0, 0, 0]
    for hour in hours:
        if hour.hour in counts:
            kind = 0 if hour.outcome == "parsed" else 2 if hour.outcome in MISSED else 1
            counts[hour.hour][kind] += hour.urls
    return [(name.replace("T", " ") + ":00", a, o, f) for name, (a, o, f) in counts.items()]


def _site_rows(
    desk: Desk, names: list[str], views: Mapping[str, SiteView], titles: Mapping[str, str]
) -> list[_SiteRow]:
    today = desk.clock.now().date()
    return [
        _SiteRow(
            name=name,
            title=titles.get(name, name),
            view=views.get(name),
            last_article_at=desk.state.last_article_at(name),
            days=_articles_a_day(desk, name, today),
        )
        for name in names
    ]


def _articles_a_day(desk: Desk, name: str, today: date) -> tuple[int, ...]:
    since = today - timedelta(days=_DAYS - 1)
    counts = desk.state.articles_a_day(name, since, today)
    return tuple(counts.get((since + timedelta(days=place)).isoformat(), 0) for place in range(_DAYS))


def _run_rows(desk: Desk, found: list[Run]) -> list[_RunRow]:
    rows = []
    for run in found:
        progress = desk.progress(run.id) if run.finished_at is None else None
        counts = progress.counts if progress else desk.state.run_tally(run.id)
        rows.append(_RunRow(run=run, counts=counts, progress=progress))
    return rows


async def _run(request: web.Request) -> dict[str, Any]:
    desk = request.app[DESK]
    found = await desk.read(desk.state.run, request.match_info["id"])
    if found is None:
        raise web.HTTPNotFound(reason=f"No run {request.match_info['id'][:80]} is known")
    row = (await desk.read(_run_rows, desk, [found]))[0]
    ended = found.finished_at is not None
    return {
        "row": row,
        "run": found,
        "counting": not row.counts and (not ended or desk.watch.behind),
        "live": not ended,
        "failures": await desk.read(desk.state.latest_failures, found.id, 100),
        "articles": await desk.read(desk.state.articles_of_run, found.id, 50) if ended else [],
    }


ROUTES = (
    web.get("/", overview, name="overview"),
    web.get("/live", overview_live, name="overview_live"),
    web.get("/sites", sites, name="sites"),
    web.get("/sites/{name}", site, name="site"),
    web.post("/sites/{name}/trigger", trigger, name="trigger"),
    web.post("/sites/{name}/pause", pause, name="pause"),
    web.post("/sites/{name}/resume", resume, name="resume"),
    web.get("/runs", runs, name="runs"),
    web.get("/runs/{id}", run, name="run"),
    web.get("/runs/{id}/live", run_live, name="run_live"),
)
