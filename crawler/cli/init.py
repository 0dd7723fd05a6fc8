"""``warraq init``: a folder to start from."""

from __future__ import annotations

__all__ = ["init"]

import shutil
import sys
from pathlib import Path

import click

from crawler.config import OWN, PROJECT_PAGE, contact_fault, shipped
from crawler.errors import UsageError
from crawler.visible import visible

_OWN = """\
# Your settings; all that is not here is as in default.toml beside this file.

[storage]
url = "file:data"              # or "s3://bucket/prefix"
# endpoint_url = "https://s3.example.org"   # of an S3-compatible service; credentials: AWS_ACCESS_KEY_ID, ...

[fetch]
contact = "{contact}"          # publishers reach you here: a page about your crawl, or an e-mail address

[spool]
operator = ""                  # your name or institution, kept in every WARC file
"""


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=".")
@click.option(
    "--contact", metavar="TEXT", help="A page or e-mail address of yours, for publishers.  [default: asked for]"
)
@click.option("--country", "countries", multiple=True, metavar="CC", help="Only sites of this country; repeatable.")
def init(folder: Path, contact: str | None, countries: tuple[str, ...]) -> int:
    """Make FOLDER/config and FOLDER/seeds to start from; nothing that exists is overwritten."""
    config, seeds = folder / "config", folder / "seeds"
    for path in (config, seeds):
        if path.exists() and any(path.iterdir()):
            raise UsageError(f"{path} exists and is not empty", next_step="choose another folder, or remove it first")
    known = sorted(path.name for path in shipped("seeds").iterdir() if path.is_dir())
    unknown = sorted(set(countries) - set(known))
    if unknown:
        raise UsageError(f"no sites are shipped for {', '.join(unknown)}", next_step=f"there are {', '.join(known)}")
    contact = _contact(contact)
    config.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(shipped("config") / "default.toml", config / "default.toml")
    (config / OWN).write_text(_OWN.format(contact=contact or PROJECT_PAGE), encoding="utf-8")
    for country in countries or known:
        shutil.copytree(shipped("seeds") / country, seeds / country)
    count = sum(1 for _ in seeds.rglob("*.toml"))
    click.echo(f"{config / OWN}   your settings (default.toml beside it says what there is)")
    click.echo(f"{seeds}   {count} sites, not yet verified; delete what you do not want")
    if not contact:
        click.echo(
            f"{config / OWN}: set [fetch] contact to a page or e-mail address of yours before `warraq daemon`", err=True
        )
    where = "" if folder == Path() else f"cd {folder} && "
    click.echo(f"next: {where}warraq config check, then warraq crawl SITE or warraq daemon")
    return 0


def _contact(given: str | None) -> str | None:
    """Return the contact that was given, or what a person at a terminal answers; None: nobody was there to ask."""
    if given is not None:
        fault = contact_fault(given)
        if fault is not None:
            raise UsageError(f"--contact: {fault}")
        return given
    if not sys.stdin.isatty():
        return None
    click.echo(
        "Publishers see whom to turn to in every request: a page about your crawl, or an e-mail address.", err=True
    )
    while True:
        answer: str = click.prompt("Your contact", err=True).strip()
        fault = contact_fault(answer)
        if fault is None:
            return answer
        click.echo(visible(fault), err=True)
