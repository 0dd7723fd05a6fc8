"""``warraq sites add``: find the channels of a site, show what each yields, write its declaration."""

from __future__ import annotations

__all__ = ["add"]

from collections.abc import Mapping, Sequence
from pathlib import Path

import click
import msgspec
import uvloop
from rich.table import Table

from crawler import log
from crawler.cli.common import Settings, json_text, settings_options
from crawler.cli.consoles import console, print_table
from crawler.cli.exit_codes import EXIT_FAILED
from crawler.cli.interrupts import on_interrupt
from crawler.clock import SystemClock
from crawler.config import Config, declaration_problems_of, declaration_text, site_files, site_name_fault, write_new
from crawler.config.codes import country_fault, language_fault
from crawler.errors import ConfigError, UsageError
from crawler.model.capture import Role
from crawler.model.reasons import explain_reason
from crawler.model.site import Site
from crawler.run.contact import is_unsigned
from crawler.run.declaring import ChannelChoice, choose_channels, site_of
from crawler.run.live.crawls import Crawls
from crawler.run.live.exploring import Exploration, explore
from crawler.run.live.looking import Seen, look_at
from crawler.run.lock import StateLock
from crawler.run.target import as_url, site_for_url
from crawler.visible import visible

_NO_SCHEME_FAULTS = ("connect", "connect_timeout", "tls", "certificate")


@click.command()
@click.argument("host")
@settings_options
@click.option("--name", metavar="NAME", help="The site's name.  [default: from its host]")
@click.option("--title", metavar="TEXT", help="The publisher's name.  [default: what its pages say]")
@click.option("--country", metavar="CC", help="ISO 3166 code.  [default: by its domain and language]")
@click.option(
    "--language", "languages", multiple=True, metavar="TAG", help="BCP 47; repeatable.  [default: what it says]"
)
@click.option("--dry-run", is_flag=True, help="Show what was found and what would be written, and write nothing.")
@click.option("--contact", metavar="TEXT", help="A page or e-mail address of yours, for publishers.")
@click.option("--allow-private", is_flag=True, help="Permit loopback and private addresses.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def add(
    host: str,
    settings: Settings,
    name: str | None,
    title: str | None,
    country: str | None,
    languages: tuple[str, ...],
    dry_run: bool,
    contact: str | None,
    allow_private: bool,
    as_json: bool,
) -> int:
    """Find the feeds, sitemaps and sections of HOST, show what each yields, and write its declaration into seeds/."""
    log.set_up("error")
    loaded = settings.load(fetch__contact=contact, fetch__allow_private=allow_private or None)
    url, sites = as_url(host), settings.sites()
    _require_sound_words(name, country, languages)
    known = site_for_url(url, sites)
    if not dry_run:
        _require_new(host, known, name, settings, sites)
    elif known.name in sites:
        console().print(_declared_already(host, known, settings), markup=False)
    clock = SystemClock()
    if is_unsigned(loaded.fetch, (), [url]):
        console().print("publishers are told the project's page as your contact: give your own with --contact")
    with StateLock.beside_daemon(Path(loaded.state.dir), "sites", clock=clock):
        found = uvloop.run(_explore(loaded, url, may_be_plain="://" not in host))
    choices = choose_channels(found.seen, now=clock.now())
    followed = sum(choice.key is not None for choice in choices)
    site = site_of(
        found.home,
        choices,
        now=clock.now(),
        how=f"warraq sites add: {followed} channel{'' if followed == 1 else 's'} answered and listed stories",
        taken=sites,
        name=name,
        title=title,
        country=country,
        languages=languages,
        allow_private=allow_private,
    )
    if not followed:
        _tell(choices, None, "", as_json=as_json, file=None)
        return _nothing(found, out_of=host)
    return _declare(site, choices, settings, dry_run=dry_run, as_json=as_json)


def _declare(site: Site, choices: Sequence[ChannelChoice], settings: Settings, *, dry_run: bool, as_json: bool) -> int:
    """Write the declaration of `site`, or show it: in a `dry_run`, or where no folder is. Raises ConfigError."""
    text = declaration_text(site)
    path = None if settings.seeds_dir is None else settings.seeds_dir / site.country / f"{site.name}.toml"
    problems = declaration_problems_of(site.name, text, str(path or f"{site.name}.toml"))
    if problems:
        raise ConfigError(problems)
    if dry_run or path is None:
        _tell(choices, site, text, as_json=as_json, file=None, shown=True)
        return 0
    write_new(path, text)
    _tell(choices, site, text, as_json=as_json, file=path)
    told = f"{path}: written; `warraq crawl {site.name} --max-pages 5` shows its stories"
    console().print(told, markup=False)
    return 0


def _require_sound_words(name: str | None, country: str | None, languages: Sequence[str]) -> None:
    """Raise UsageError before anything is asked for if what was given cannot stand in a declaration."""
    faults = [country_fault(country)] if country is not None else []
    faults += [site_name_fault(name)] if name is not None else []
    faults += [language_fault(tag) for tag in languages]
    for fault in faults:
        if fault is not None:
            raise UsageError(fault)


def _require_new(host: str, known: Site, name: str | None, settings: Settings, sites: Mapping[str, Site]) -> None:
    """Raise UsageError before anything is asked for if no declaration of the site `known`, at `host`, can be written.

    There is one already, or no folder for it, or another site has its `name`.
    """
    if known.name in sites:
        raise UsageError(
            _declared_already(host, known, settings), next_step=f"`warraq sites check {known.name}` asks its channels"
        )
    if settings.seeds_dir is None:
        raise UsageError(
            "there is no seeds/ here to write to", next_step="`warraq init` makes one; --dry-run writes nothing"
        )
    if name is not None and name in sites:
        raise UsageError(f"there is a site named {name}", next_step="give another --name")


def _declared_already(host: str, known: Site, settings: Settings) -> str:
    return f"{host} is declared already as {known.name}, in {site_files(settings.seeds_dir)[known.name]}"


async def _explore(config: Config, url: str, *, may_be_plain: bool) -> Exploration:
    """Look `url` over; if no scheme was given and nobody answers by https, by http."""
    clock = SystemClock()
    async with await Crawls.open(config, clock=clock) as crawls:
        on_interrupt(crawls.stop)
        found = await _explored(crawls, url, clock)
        if may_be_plain and found.seen[0].report.reason in _NO_SCHEME_FAULTS:
            plain = await _explored(crawls, url.replace("https://", "http://", 1), clock)
            found = plain if plain.seen[0].report.status is not None else found
    return found


async def _explored(crawls: Crawls, url: str, clock: SystemClock) -> Exploration:
    site = site_for_url(url, {})

    async def ask(channels: Sequence[tuple[str, Role]]) -> list[Seen]:
        for asked, _ in channels:
            click.echo(visible(f"asking {asked}"), err=True)
        return await look_at(crawls, site, channels, clock=clock, keep=False)

    return await explore(url, ask)


def _tell(
    choices: Sequence[ChannelChoice],
    site: Site | None,
    text: str,
    *,
    as_json: bool,
    file: Path | None,
    shown: bool = False,
) -> None:
    if as_json:
        channels = [{"key": one.key, "why": one.why or None, **msgspec.to_builtins(one.seen.report)} for one in choices]
        told = {"site": site, "declaration": text or None, "file": None if file is None else str(file)}
        click.echo(json_text({**told, "channels": channels}))
        return
    table = Table("channel", "kind", "items", "newest", "language", "taken as", box=None)
    for one in choices:
        report = one.seen.report
        table.add_row(
            visible(one.url),
            report.kind or "none",
            str(report.items) if report.kind else "",
            (report.newest_at or "")[:16],
            visible((report.language or "")[:12]),
            one.key or f"left out: {visible(one.why)}",
        )
    print_table(table)
    if shown:
        click.echo(f"\n{text}", nl=False)


def _nothing(found: Exploration, *, out_of: str) -> int:
    """Say that there is nothing to follow, and why, as far as that is known."""
    first = found.seen[0].report
    asked = f"{len(found.seen)} address{'' if len(found.seen) == 1 else 'es'} asked"
    click.echo(visible(f"warraq: no feed, sitemap or section page was found at {out_of} ({asked})"), err=True)
    if first.reason is not None:
        click.echo(visible(f"  {first.url}: {explain_reason(first.reason)}"), err=True)
    click.echo("  next: open its home page in a browser and give the address of a feed or section page", err=True)
    return EXIT_FAILED
