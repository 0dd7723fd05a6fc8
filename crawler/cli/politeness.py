"""``warraq report politeness``: an answer to a publisher in one command."""

from __future__ import annotations

__all__ = ["politeness"]

import difflib
from datetime import UTC, datetime, timedelta

import click
from rich.table import Table

from crawler.capture.manners.gate import lane_key
from crawler.cli.common import Settings, json_text, settings_options
from crawler.cli.consoles import print_table
from crawler.cli.exit_codes import EXIT_FAILED
from crawler.cli.moments import MOMENT, check_span
from crawler.cli.progress import human_bytes
from crawler.clock import SystemClock
from crawler.errors import UsageError
from crawler.hosts import ascii_host
from crawler.model.pace import Pace
from crawler.run.politeness import PoliteDay, polite_days
from crawler.state import State, read_state
from crawler.urls import normalise
from crawler.visible import visible

_EVER = datetime(1970, 1, 1, tzinfo=UTC)
_DAYS = timedelta(days=30)


@click.command()
@click.argument("host")
@settings_options
@click.option("--from", "since", type=MOMENT, help="Only what was asked since.  [default: thirty days ago]")
@click.option("--to", "until", type=MOMENT, help="Only what was asked before.")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines: one a day, then the host's pace as it is now.")
def politeness(
    host: str,
    settings: Settings,
    since: datetime | None,
    until: datetime | None,
    as_json: bool,
) -> int:
    """Tell what HOST (a name, or any address there) was asked, by day: requests, bytes, pauses, refusals.

    Of all sites that share it, by all runs; from the state alone. Days are of UTC.
    """
    check_span(since, until)
    key = _key(host)
    end = until or SystemClock().now()
    begin = since or end - _DAYS
    with read_state(settings.load().state, clock=SystemClock()) as opened:
        days = polite_days(opened.answered(key, begin, end), opened.unanswered(key, begin, end))
        if not days and not _is_known(key, opened, end):
            click.echo(visible(f"warraq: nothing was ever asked of {key}{_near(key, opened)}"), err=True)
            return EXIT_FAILED
        pace = opened.pace(key)
    if as_json:
        for day in days:
            click.echo(json_text(day))
        click.echo(json_text({"host": key, "from": begin, "to": end, "pace": pace}))
        return 0
    if days:
        _show(days)
    else:
        click.echo(f"nothing was asked of {key} from {begin:%Y-%m-%d %H:%MZ} to {end:%Y-%m-%d %H:%MZ}")
    for line in _now(key, pace, end):
        click.echo(line)
    return 0


def _key(host: str) -> str:
    """Return the politeness key of a host's name or of an address there. Raises UsageError."""
    text = host.strip()
    if "://" in text:
        return lane_key(normalise(text))
    name, colon, port = text.rstrip("/").rpartition(":")
    if not (colon and port.isdecimal()) or name.count(":"):
        name, port = text.rstrip("/"), ""
    try:
        return lane_key(f"http://{ascii_host(name)}{':' + port if port else ''}/")
    except (UsageError, ValueError) as error:
        raise UsageError(
            f"{host!r} is no host", next_step="give a name as news.example, or an address there"
        ) from error


def _is_known(key: str, state: State, end: datetime) -> bool:
    return bool(state.pace(key) or state.answered(key, _EVER, end) or state.unanswered(key, _EVER, end))


def _bare(key: str) -> str:
    """Return a host without ``www.`` and port."""
    return (
        key.rpartition(":")[0].removeprefix("www.") if key[-1:].isdecimal() and ":" in key else key.removeprefix("www.")
    )


def _near(key: str, state: State) -> str:
    known = state.hosts_asked()
    near = [name for name in known if _bare(name) == _bare(key)]
    near = near or difflib.get_close_matches(key, known, n=3, cutoff=0.7)
    return f"; near it: {', '.join(near)}" if near else ""


def _show(days: list[PoliteDay]) -> None:
    table = Table(
        "day", "requests", "bytes", "least pause", "median", "robots.txt", "304", "429", "503", "403", "other errors",
        "no answer", "disallowed", "sites", box=None,
    )  # fmt: skip
    for day in days:
        counts = (day.robots_txt, day.not_modified, day.status_429, day.status_503, day.status_403)
        table.add_row(
            day.day,
            str(day.requests),
            human_bytes(day.size_bytes),
            _pause(day.least_gap_s),
            _pause(day.median_gap_s),
            *(str(count or "") for count in (*counts, day.other_errors, day.unanswered, day.disallowed)),
            " ".join(day.sites),
        )
    print_table(table)
    requests, size = sum(day.requests for day in days), sum(day.size_bytes for day in days)
    span = "1 day" if len(days) == 1 else f"{len(days)} days"
    click.echo(f"{requests} requests in {span}, {human_bytes(size)} as they are kept (compressed)")


def _pause(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds:.2f} s" if seconds < 1 else f"{seconds:.1f} s"


def _now(key: str, pace: Pace | None, now: datetime) -> list[str]:
    """Return what holds for the host now."""
    if pace is None:
        return []
    told = []
    if pace.sent_at is not None:
        told.append(f"{key} was last asked at {pace.sent_at:%Y-%m-%d %H:%M:%SZ}")
    if pace.crawl_delay_s:
        told.append(f"its robots.txt asks for {pace.crawl_delay_s:g} s between requests, which is kept to")
    if pace.closed_until is not None and pace.closed_until > now:
        told.append(f"it is left alone until {pace.closed_until:%Y-%m-%d %H:%M:%SZ}: {pace.why}")
    elif pace.penalty_s:
        told.append(f"it is asked slowly, {pace.penalty_s:.1f} s between requests: {pace.why}")
    if pace.narrowed_at is not None:
        told.append("it is asked on one connection at a time, for it reset a second one")
    return told
