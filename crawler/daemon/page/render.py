"""Templates to answers: Jinja2 with autoescape always on, and the few filters that pages share."""

from __future__ import annotations

__all__ = ["FORM_TOKEN", "environment", "render_page", "templates"]

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import jinja2
from aiohttp import web
from markupsafe import Markup, escape

from crawler import __version__
from crawler.clock import Clock
from crawler.daemon.page.charts import day_chart, hour_chart
from crawler.model.reasons import meaning
from crawler.visible import UNSEEN_CHARACTER, masked

FORM_TOKEN = web.RequestKey("form_token", str)
"""Key of what forms carry, in the request."""
_ENVIRONMENT = web.AppKey("environment", jinja2.Environment)

_UNITS = ("bytes", "kB", "MB", "GB", "TB", "PB")


def environment(clock: Clock, *, static_version: str) -> jinja2.Environment:
    """Return the environment of all templates."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.globals.update(version=__version__, static_version=static_version, query=_query, day_chart=day_chart,
        hour_chart=hour_chart, now=clock.now)  # fmt: skip
    made.filters.update(
        plain=plain,
        foreign=foreign,
        shown=shown,
        size=size,
        number=lambda value: f"{value:,}".replace(",", "\u202f"),
        moment=moment,
        ago=lambda value: ago(value, clock.now()),
        seconds=seconds,
        weblink=weblink,
        meaning=meaning,
        sum_of_kinds=lambda hour: sum(hour[1:]),
        words=lambda value: str(value).replace("_", " "),
    )
    return made


def templates(app: web.Application, made: jinja2.Environment) -> None:
    """Let the handlers of `app` render with `made`; all templates are read now, so that nobody waits for it later."""
    for name in made.list_templates():
        made.get_template(name)
    app[_ENVIRONMENT] = made


def render_page(request: web.Request, template: str, values: Mapping[str, Any], *, status: int = 200) -> web.Response:
    """Return the page that `template` makes of `values`."""
    made = request.app[_ENVIRONMENT]
    text = made.get_template(template).render(
        {"path": request.path, "form_token": request.get(FORM_TOKEN, ""), **values}
    )
    return web.Response(text=text, content_type="text/html", charset="utf-8", status=status)


def plain(text: object) -> str:
    """Return text of others' on one line, without what is not seen or turns the order of letters around."""
    return " ".join(UNSEEN_CHARACTER.sub("", masked(str(text))).split())


def shown(text: object) -> str:
    """Return text of others' with its lines, without what is not seen or turns the order of letters around."""
    return UNSEEN_CHARACTER.sub("", str(text))


def foreign(text: object) -> Markup:
    """Return text of others' so that its direction stays its own and does not spill over."""
    return Markup('<bdi dir="auto">{}</bdi>').format(plain(text))


def weblink(url: object, label: object = None) -> Markup:
    """Return a link to a page of the live web, if it is one; anything else (``javascript:``) stays text."""
    text = str(url)
    shown = foreign(label if label is not None else text)
    try:
        parts = urlsplit(text)
        is_web = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        is_web = False
    if not is_web:
        return shown
    return Markup('<a href="{}" rel="noreferrer noopener external">{}</a>').format(text, shown)


def size(value: float) -> str:
    """Return bytes with a unit that fits."""
    amount = float(value)
    for unit in _UNITS[:-1]:
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "bytes" or amount >= 100 else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} {_UNITS[-1]}"


def moment(value: datetime | str | None) -> Markup:
    """Return a moment in UTC, to the second in its tooltip."""
    if value is None or value == "":
        return Markup('<span class="none">–</span>')
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return escape(plain(value))
        if value.tzinfo is None:
            return escape(plain(value.isoformat(sep=" ")))
    at = value.astimezone(UTC)
    return Markup('<time dir="ltr" datetime="{0}" title="{0}">{1}</time>').format(
        at.isoformat(timespec="seconds").replace("+00:00", "Z"), at.strftime("%Y-%m-%d %H:%M")
    )


def ago(value: datetime | None, now: datetime) -> Markup:
    """Return how long ago (or how soon) a moment is."""
    if value is None:
        return Markup('<span class="none">never</span>')
    distance = (now - value).total_seconds()
    words = (
        "now"
        if abs(distance) < 1
        else f"in {seconds(round(-distance))}"
        if distance < 0
        else f"{seconds(round(distance))} ago"
    )
    at = value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return Markup('<time datetime="{0}" title="{0}">{1}</time>').format(at, words)


def seconds(value: float | None) -> str:
    """Return a length of time in the one or two units that matter."""
    if value is None:
        return "–"
    if isinstance(value, float) and 0 < value < 10:
        return f"{value:.1f} s"
    rest = round(value)
    if rest < 120:
        return f"{rest} s"
    for unit, length, below in (("min", 60, 120 * 60), ("h", 3600, 48 * 3600)):
        if rest < below:
            return f"{rest // length} {unit}"
    return f"{rest // 86400} d"


def _query(**values: object) -> str:
    """Return a query string of what is neither None nor empty."""
    return urlencode({name: value for name, value in values.items() if value not in (None, "")})
