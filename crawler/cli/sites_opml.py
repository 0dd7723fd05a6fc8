"""``warraq sites import`` and ``export``: lists of subscriptions in and out, as every feed reader has them."""

from __future__ import annotations

__all__ = ["export", "import_"]

import sys
from pathlib import Path

import click
from rich.table import Table

from crawler.cli.common import Settings, json_text, settings_options
from crawler.cli.consoles import print_table
from crawler.cli.exit_codes import EXIT_FAILED, EXIT_NOTHING_NEW, EXIT_PARTIAL
from crawler.clock import SystemClock
from crawler.config import declaration_text, write_new
from crawler.errors import DiscoveryError, UsageError
from crawler.model.site import Site
from crawler.parse.discover.opml import read_opml
from crawler.run.subscriptions import LeftOutChannel, opml_of, sites_of
from crawler.run.target import no_such_site
from crawler.visible import visible


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@settings_options
@click.option("--dry-run", is_flag=True, help="Show what would be written, and write nothing.")
@click.option("--json", "as_json", is_flag=True, help="JSON Lines: a site, or what was left out, a line.")
def import_(file: Path, settings: Settings, dry_run: bool, as_json: bool) -> int:
    """Write a declaration into seeds/ for each site of the OPML list FILE (-: standard input); those declared stay."""
    if settings.seeds_dir is None and not dry_run:
        raise UsageError(
            "there is no seeds/ here to write to", next_step="`warraq init` makes one; --dry-run writes nothing"
        )
    try:
        body = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
        outlines, is_whole = read_opml(body, name=str(file))
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}", next_step="name an OPML file") from error
    except DiscoveryError as error:
        raise UsageError(error.what, next_step=error.next_step) from error
    listed = sites_of(outlines, settings.sites())
    left_out = list(listed.left_out)
    written: list[tuple[Site, Path | None]] = []
    for site in listed.sites:
        path = None if settings.seeds_dir is None else settings.seeds_dir / site.country / f"{site.name}.toml"
        try:
            if path is not None and not dry_run:
                write_new(path, declaration_text(site))
        except UsageError as error:
            left_out += [LeftOutChannel(url, error.what) for url in site.channel_roles]
        else:
            written.append((site, path))
    _tell(written, left_out, as_json=as_json)
    done = f"{len(written)} site{'' if len(written) == 1 else 's'} {'would be ' if dry_run else ''}written"
    faults = [one for one in left_out if not one.is_known]
    click.echo(f"{done}; {len(left_out) - len(faults)} channels declared already, {len(faults)} left out", err=True)
    if not is_whole:
        click.echo(f"{file}: it is cut off or too large; what could be read was taken", err=True)
    if not outlines:
        click.echo(f"warraq: {file}: there is no feed in it", err=True)
        return EXIT_FAILED
    if written:
        return EXIT_PARTIAL if faults or not is_whole else 0
    return EXIT_FAILED if faults else EXIT_NOTHING_NEW


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@settings_options
@click.option("--country", metavar="CC", help="Only sites of this country.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file.  [default: stdout]")
def export(
    names: tuple[str, ...],
    settings: Settings,
    country: str | None,
    out: Path | None,
) -> int:
    """Write the sites of seeds/ as an OPML 2.0 list: feeds for any reader, all else for `warraq sites import`."""
    sites = settings.sites()
    for name in names:
        if name not in sites:
            raise no_such_site(name, sites)
    chosen = [site for site in sites.values() if country in (None, site.country) and (not names or site.name in names)]
    if not chosen:
        raise UsageError("there is no such site", next_step="`warraq sites` lists them")
    text, held_back = opml_of(chosen, at=SystemClock().now())
    try:
        if out is None:
            click.echo(text, nl=False)
        else:
            out.write_bytes(text)
    except OSError as error:
        raise UsageError(f"{out}: {error.strerror}", next_step="name a file that can be written") from error
    for name in held_back:
        click.echo(
            f"{name}: what would run code, open private networks or give secrets away is not in the list", err=True
        )
    return 0


def _tell(written: list[tuple[Site, Path | None]], left_out: list[LeftOutChannel], *, as_json: bool) -> None:
    if as_json:
        for site, path in written:
            click.echo(json_text({"file": None if path is None else str(path), "site": site}))
        for one in left_out:
            click.echo(json_text({"url": one.url, "left_out": one.why, "known": one.is_known}))
        return
    table = Table("site", "title", "country", "languages", "channels", "file", box=None)
    for site, path in written:
        count = str(len(site.channel_roles))
        table.add_row(
            site.name,
            visible(site.title),
            site.country,
            " ".join(site.languages),
            count,
            "" if path is None else str(path),
        )
    if written:
        print_table(table)
    for one in left_out:
        click.echo(visible(f"left out: {one.url}: {one.why}"), err=True)
