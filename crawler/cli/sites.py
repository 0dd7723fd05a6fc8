"""``warraq sites``: what is followed, and how its channels are doing; `check` asks them now."""

from __future__ import annotations

__all__ = ["sites"]

from collections.abc import Mapping

import click
import msgspec
from rich.table import Table

from crawler.cli.channels import tell_site
from crawler.cli.common import Settings, json_text, settings_options
from crawler.cli.consoles import print_table
from crawler.cli.exit_codes import EXIT_FAILED
from crawler.cli.imported import imported
from crawler.clock import SystemClock
from crawler.errors import StateError, StateMissing
from crawler.model.site import Site, Verified
from crawler.state import Checked, read_state
from crawler.visible import visible

_LIST = "list"
_ELSEWHERE = {
    "add": "crawler.cli.sites_add:add",
    "check": "crawler.cli.sites_check:check",
    "import": "crawler.cli.sites_opml:import_",
    "export": "crawler.cli.sites_opml:export",
}
"""Commands whose modules, which fetch, are imported when they are used."""
_WITH_VALUE = ("--config", "--store", "--state", "--country", "--contact", "--name", "--title", "--language", "--out")


class _SitesGroup(click.Group):
    """A group that also takes no command, or a site's name in its place: then it lists, or tells of that site."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted((*super().list_commands(ctx), *_ELSEWHERE))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        target = _ELSEWHERE.get(cmd_name)
        return super().get_command(ctx, cmd_name) if target is None else imported(target)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the name of the command first, wherever it stands."""
        at = _first_word(args)
        if at is not None and args[at] in self.list_commands(ctx):
            args = [args[at], *args[:at], *args[at + 1 :]]
        elif not {"--help", "-h"}.intersection(args):
            args = [_LIST, *args]  # else its options would be taken for the group's
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that `args` begin with, else the list."""
        return super().resolve_command(ctx, args if args[0] in self.list_commands(ctx) else [_LIST, *args])

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write that a name may stand in place of a command."""
        formatter.write_usage(ctx.command_path, "[NAME | COMMAND] [OPTIONS]")


def _first_word(args: list[str]) -> int | None:
    at = 0
    while at < len(args):
        if not args[at].startswith("-"):
            return at
        at += 2 if args[at] in _WITH_VALUE else 1
    return None


@click.group(cls=_SitesGroup)
def sites() -> None:
    """List the sites of seeds/ and when they are crawled; of NAME, how each of its channels has been doing.

    Options of the list: --country CC, --json, --config, --store, --state.
    """


@sites.command(_LIST)
@click.argument("name", required=False)
@settings_options
@click.option("--json", "as_json", is_flag=True, help="JSON Lines instead of a table.")
@click.option("--country", metavar="CC", help="Only sites of this country.")
def list_sites(name: str | None, settings: Settings, as_json: bool, country: str | None) -> int:
    """List the sites of seeds/ and when they are crawled; of NAME, how each of its channels has been doing."""
    if name is not None:
        return tell_site(name, settings, as_json=as_json)
    found = [s for s in settings.sites().values() if country in (None, s.country)]
    if country is not None and not found:
        click.echo(f"warraq: no site of country {country!r}; codes are those of ISO 3166, as in gb", err=True)
        return EXIT_FAILED
    reports = _reports(settings)
    if as_json:
        for site in found:
            click.echo(json_text({**msgspec.to_builtins(site), "checked": _checked_json(site, reports)}))
        return 0
    table = Table("site", "title", "country", "languages", "schedule", "channels", "verified", "last check", box=None)
    for site in sorted(found, key=lambda s: (s.country, s.name)):
        table.add_row(
            site.name,
            site.title,
            site.country,
            " ".join(site.languages),
            site.schedule.told,
            str(len(site.channel_roles)),
            _verified(site),
            _checked(site, reports),
        )
    print_table(table)
    return 0


def _verified(site: Site) -> str:
    if isinstance(site.verified, Verified):
        return f"{site.verified.at}"
    return "yes" if site.verified else "not yet"


def _reports(settings: Settings) -> Mapping[str, Checked]:
    try:
        with read_state(settings.load().state, clock=SystemClock()) as opened:
            return opened.reports()
    except StateMissing:
        return {}
    except StateError as error:  # the sites are there all the same
        click.echo(visible(f"warraq: the last checks cannot be told: {error}", lines=True), err=True)
        return {}


def _of(site: Site, reports: Mapping[str, Checked]) -> list[Checked]:
    return [reports[url] for url in site.channel_roles if url in reports]


def _checked(site: Site, reports: Mapping[str, Checked]) -> str:
    known = _of(site, reports)
    if not known:
        return "never"
    at = max(one.at for one in known)
    return f"{at:%Y-%m-%d}: {sum(one.report.works for one in known)} of {len(known)} work"


def _checked_json(site: Site, reports: Mapping[str, Checked]) -> list[dict[str, object]]:
    return [{"at": one.at, "works": one.report.works, **msgspec.to_builtins(one.report)} for one in _of(site, reports)]
