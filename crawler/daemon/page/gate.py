"""Log-in and log-out; and what machines ask: metrics, health."""

from __future__ import annotations

__all__ = ["METRICS", "ROUTES"]

from aiohttp import web

from crawler.daemon.page.desk import DESK
from crawler.daemon.page.guard import ACCESS, LET_IN, SEAT, set_seat
from crawler.daemon.page.metrics import Metrics, gather_scrape
from crawler.daemon.page.render import render_page

METRICS = web.AppKey("metrics", Metrics)
_TEXT = "text/plain; version=0.0.4; charset=utf-8"


async def login(request: web.Request) -> web.Response:
    """Ask for the token."""
    access = request.app[ACCESS]
    to = _ours(request.query.get("to", "/"))
    if access.may_enter(request[SEAT]):
        return web.Response(status=303, headers={"Location": to})
    return render_page(
        request, "login.html", {"to": to, "wrong": False, "waits": access.must_wait(request.remote or "")}
    )


async def log_in(request: web.Request) -> web.Response:
    """Let in who knows the token; a minute's pause is asked of who guessed wrong too often."""
    access = request.app[ACCESS]
    form = await request.post()
    to = _ours(str(form.get("to", "/")))
    peer = request.remote or ""
    waits = access.must_wait(peer)
    seat = access.log_in(str(form.get("token", "")), peer=peer)
    if seat is None and waits:
        answer = render_page(request, "login.html", {"to": to, "wrong": False, "waits": True}, status=429)
        answer.headers["Retry-After"] = "60"
        return answer
    if seat is None:
        return render_page(request, "login.html", {"to": to, "wrong": True, "waits": False}, status=403)
    response = web.Response(status=303, headers={"Location": to})
    set_seat(request, response, seat)
    return response


async def log_out(request: web.Request) -> web.Response:
    """End a seat."""
    request.app[ACCESS].log_out(request[SEAT])
    return web.Response(status=303, headers={"Location": "/"})


async def metrics(request: web.Request) -> web.Response:
    """Return everything Prometheus may want to know."""
    desk = request.app[DESK]
    reading = await gather_scrape(desk)
    return web.Response(body=await desk.read(request.app[METRICS].text, reading), headers={"Content-Type": _TEXT})


async def healthz(request: web.Request) -> web.Response:
    """Tell whether the process answers and can read its database; if not, it should be started again."""
    desk = request.app[DESK]
    await desk.read(desk.state.tallied_sites)
    return web.Response(text="ok\n")


async def readyz(request: web.Request) -> web.Response:
    """Tell whether what is fetched now would be kept: 200, or 503 with what is wrong. Details only for who may
    enter.
    """
    desk = request.app[DESK]
    view = desk.view()
    checks = desk.watch.checks(view.workers, stopping=view.stopping)
    detailed = request[LET_IN]
    lines = [
        f"{check.name}: {'ok' if check.ok else 'NOT OK'}{f' ({check.detail})' if detailed else ''}" for check in checks
    ]
    return web.Response(text="\n".join(lines) + "\n", status=200 if all(check.ok for check in checks) else 503)


def _ours(path: str) -> str:
    """Return `path` if it stays on this server, else the overview's."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() else "/"


ROUTES = (
    web.get("/login", login, name="login"),
    web.post("/login", log_in, name="log_in"),
    web.post("/logout", log_out, name="log_out"),
    web.get("/metrics", metrics, name="metrics"),
    web.get("/healthz", healthz, name="healthz"),
    web.get("/readyz", readyz, name="readyz"),
)
