"""``warraq alarms``: what is wrong, and what was."""

from __future__ import annotations

__all__ = ["alarms"]

from datetime import datetime
from pathlib import Path

import click
from rich.table import Table

from crawler.cli.common import Settings, json_text, settings_options
from crawler.cli.consoles import print_table
from crawler.cli.exit_codes import EXIT_FAILED
from crawler.clock import SystemClock
from crawler.daemon.instance import is_running
from crawler.state import AlarmRow, read_state


@click.command()
@settings_options
@click.option(
    "--limit",
    default=20,
    show_default=True,
    type=click.IntRange(0),
    help="At most so many that are over, the latest first.",
)
@click.option("--json", "as_json", is_flag=True, help="JSON Lines instead of a table.")
def alarms(settings: Settings, *, limit: int, as_json: bool) -> int:
    """List the alarms that are on, then those that are over.

    The exit code is 1 while a critical one is on, and where no daemon watches.
    """
    stored = settings.load().state
    watched = is_running(Path(stored.dir))
    with read_state(stored, clock=SystemClock()) as opened:
        found = opened.alarms(limit)
    if as_json:
        for alarm in found:
            click.echo(json_text(alarm))
    elif found or watched:
        _show(found)
    if not watched:
        left = "what is listed is what the last one saw" if found else "nobody looks for trouble"
        click.echo(f"no daemon runs on {stored.dir}: {left}; start it with `warraq daemon`", err=True)
        return EXIT_FAILED
    return EXIT_FAILED if any(a.cleared_at is None and a.severity == "critical" for a in found) else 0


def _show(found: list[AlarmRow]) -> None:
    if not found:
        click.echo("no alarms")
        return
    table = Table("", "alarm", "site", "since", "until", "what", box=None)
    for alarm in found:
        mark = alarm.severity if alarm.cleared_at is None else "over"
        until = _when(alarm.cleared_at) if alarm.cleared_at else ""
        table.add_row(mark, alarm.kind, alarm.site or "", _when(alarm.raised_at), until, alarm.message)
    print_table(table)


def _when(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%MZ}"
