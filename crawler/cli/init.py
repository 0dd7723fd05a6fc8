"""``warraq init``: a folder to start from."""

from __future__ import annotations

__all__ = ["init"]

import shutil
from pathlib import Path

import click

from crawler.config import shipped
from crawler.errors import UsageError

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
    "--contact", default="https://github.com/warraq/warraq", show_default=True, help="Page or e-mail of yours."
)
@click.option("--country", "countries", multiple=True, metavar="CC", help="Only sites of this country; repeatable.")
def init(folder: Path, contact: str, countries: tuple[str, ...]) -> int:
    """Make FOLDER/config and FOLDER/seeds to start from; nothing that exists is overwritten."""
    config, seeds = folder / "config", folder / "seeds"
    for path in (config, seeds):
        if path.exists() and any(path.iterdir()):
            raise UsageError(f"{path} exists and is not empty", next_step="choose another folder, or remove it first")
    known = sorted(path.name for path in shipped("seeds").iterdir() if path.is_dir())
    unknown = sorted(set(countries) - set(known))
    if unknown:
        raise UsageError(f"no sites are shipped for {', '.join(unknown)}", next_step=f"there are {', '.join(known)}")
    config.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(shipped("config") / "default.toml", config / "default.toml")
    (config / "warraq.toml").write_text(_OWN.format(contact=contact), encoding="utf-8")
    for country in countries or known:
        shutil.copytree(shipped("seeds") / country, seeds / country)
    count = sum(1 for _ in seeds.rglob("*.toml"))
    click.echo(f"{config / 'warraq.toml'}   your settings (default.toml beside it says what there is)")
    click.echo(f"{seeds}   {count} sites, not yet verified; delete what you do not want")
    where = "" if folder == Path() else f"cd {folder} && "
    click.echo(f"next: {where}warraq config check, then warraq crawl SITE or warraq daemon")
    return 0
