"""``warraq retry``: what was not obtained is tried anew by the next run."""

from __future__ import annotations

__all__ = ["retry"]


import click

from crawler.cli.common import Settings, json_text, settings_options
from crawler.cli.exit_codes import EXIT_FAILED
from crawler.clock import SystemClock
from crawler.errors import UsageError
from crawler.model.run import BARRED, MISSED, Outcome
from crawler.state import open_state, read_state
from crawler.urls import normalise
from crawler.visible import visible

_SHOWN = 20


@click.command()
@click.argument("urls", nargs=-1, metavar="[URL]...")
@settings_options
@click.option("--site", metavar="SITE", help="All of this site.")
@click.option("--outcome", type=click.Choice([*MISSED, *BARRED]), help="Only those that ended so.")
@click.option("--reason", metavar="REASON", help="Only those that ended for this reason: http_404, no_article ...")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines: one URL a line.")
def retry(
    urls: tuple[str, ...],
    settings: Settings,
    site: str | None,
    outcome: Outcome | None,
    reason: str | None,
    as_json: bool,
) -> int:
    """Have URLs that were not obtained tried anew by the next run of their site, however often they were tried."""
    if not (urls or site or outcome or reason):
        raise UsageError("nothing says what to try again", next_step="give URLs, --site, --outcome or --reason")
    stored = settings.load().state
    with read_state(stored, clock=SystemClock()) as there:  # a folder without a state is a mistake, not a new one
        settings.check_site(site, there)
    wanted: list[str | None] = [normalise(url) for url in urls] or [None]
    with open_state(stored, clock=SystemClock()) as opened:
        found = [one for url in wanted for one in opened.retry(site=site, url=url, outcome=outcome, reason=reason)]
    if as_json:
        for url in found:
            click.echo(json_text({"url": url}))
    else:
        for url in found[:_SHOWN]:
            click.echo(visible(url))
        more = f", of which {len(found) - _SHOWN} are not shown" if len(found) > _SHOWN else ""
        click.echo(f"{len(found)} URLs are tried again by the next run{more}", err=True)
    missed = {url for url in wanted if url is not None} - set(found)
    for url in sorted(missed):
        click.echo(visible(f"{url}: nothing to try again; `warraq why {url}` tells what is known"), err=True)
    return 0 if found and not missed else EXIT_FAILED
