"""The page of what is wrong, and of what was."""

from __future__ import annotations

__all__ = ["ROUTES"]

from aiohttp import web

from crawler.daemon.alarms.kinds import ALARM_KINDS
from crawler.daemon.page.desk import DESK
from crawler.daemon.page.render import render_page

_OVER = 100


async def alarms(request: web.Request) -> web.Response:
    """Return the alarms that are on, then those that are over."""
    desk = request.app[DESK]
    known = await desk.read(desk.state.alarms, _OVER)
    on = desk.alarms()
    values = {
        "on": sorted(on, key=lambda alarm: (alarm.severity != "critical", alarm.raised_at)),
        "over": [alarm for alarm in known if alarm.cleared_at is not None],
        "kinds": ALARM_KINDS,
        "limit": _OVER,
    }
    return render_page(request, "alarms.html", values)


ROUTES = (web.get("/alarms", alarms, name="alarms"),)
