"""``warraq parse``: pages to articles on stdout, one or many."""

from __future__ import annotations

__all__ = ["parse"]

import asyncio
import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Literal

import click
import msgspec

from crawler.cli.common import Settings, read_profile
from crawler.cli.exit_codes import EXIT_FAILED
from crawler.cli.moments import MOMENT
from crawler.errors import ParseError, UsageError, WarraqError
from crawler.model.reasons import meaning
from crawler.run.parsing.bounded import within
from crawler.urls import normalise
from crawler.visible import visible

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crawler.config import Parsing
    from crawler.model.page import Page
    from crawler.model.profile import SiteProfile
    from crawler.model.site import ParserRules, Site

_STDIN = Path("-")
_NO_RECORD = b'{"ref":'
"""How a line begins that tells an error; a record begins otherwise."""


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, allow_dash=True), metavar="[FILE|-]...")
@click.option("--url", default="", help="The page's address: links become absolute with it, and it may hold the date.")
@click.option("--format", "form", type=click.Choice(["text", "json", "markdown"]), default="text", show_default=True)
@click.option("--furniture", type=click.Choice(["keep", "drop"]), help="Keep the comment form's heading and the like.")
@click.option(
    "--config",
    type=click.Path(path_type=Path, file_okay=False),
    help="Configuration folder; its seeds/ give site rules.",
)
@click.option("--captured-at", type=MOMENT, help="When it was captured.  [default: the file's time]")
@click.option(
    "--profile",
    "profile_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A site's profile, as `warraq learn` stores it: what it knows as furniture is left out.",
)
@click.option("--jsonl", is_flag=True, help='FILE holds lines {"id", "url", "html_path"}; a record a line comes out.')
@click.option("--jobs", type=click.IntRange(1, 256), default=1, show_default=True, help="Processes for --jsonl.")
@click.option("--explain", is_flag=True, help="Show which blocks were kept or dropped, and why.")
@click.option(
    "--explain-html", type=click.Path(path_type=Path, dir_okay=False), help="Write the blocks, shaded, as HTML."
)
def parse(
    files: tuple[Path, ...],
    url: str,
    form: Literal["text", "json", "markdown"],
    furniture: Literal["keep", "drop"] | None,
    config: Path | None,
    captured_at: datetime | None,
    profile_file: Path | None,
    jsonl: bool,
    jobs: int,
    explain: bool,
    explain_html: Path | None,
) -> int:
    """Give the article of each HTML FILE (``-`` or none: standard input; gzipped ones are unpacked).

    Exit codes: 0 done, 1 a page gave no article, 2 usage.
    """
    settings = Settings.of(config, None, None)
    loaded = settings.load()
    url = normalise(url) if url else ""
    kept = furniture or loaded.parse.furniture
    rules = _rules(settings) if config else {}
    profile = read_profile(profile_file) if profile_file else None
    if jsonl:
        sites = settings.sites() if config else {}
        parsing = msgspec.structs.replace(loaded.parse, processes=jobs, furniture=kept)
        return asyncio.run(_many(files or (_STDIN,), parsing, sites, profile))
    failed = 0
    for path in files or (_STDIN,):
        try:
            page = _page(path, url, captured_at)
            bound = partial(within, loaded.parse.timeout_s, name=page.url or str(path))
            found = _for(page.url, rules)
            if explain or explain_html:
                text, html = bound(partial(_explained, page, found, profile, colour=sys.stdout.isatty()))
                _give_explanation(text if explain else None, html, explain_html)
            else:
                _give(page, *bound(partial(_content, page, found, profile, form, kept)))
        except WarraqError as error:
            if isinstance(error, UsageError):
                raise
            click.echo(visible(f"warraq: {_named(path, url, error)}"), err=True)
            failed = EXIT_FAILED
    return failed


def _give(page: Page, content: bytes, has_body: bool) -> None:
    """Write the article of `page`. Raises ParseError if it has no body."""
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()
    if not has_body:
        raise ParseError(f"{page.url}: {meaning('no_article')}", reason="no_article")


def _named(path: Path, url: str, error: WarraqError) -> str:
    """Say which page gave nothing, and why, once."""
    name, address = (str(path), url or path.absolute().as_uri()) if path != _STDIN else ("standard input", url)
    return f"{name}: {str(error).removeprefix(f'{address}: ')}"


async def _many(
    files: tuple[Path, ...], parsing: Parsing, sites: Mapping[str, Site], profile: SiteProfile | None
) -> int:
    """Write a line for each input line; a page without article is a line with ``error``.

    Returns the exit code: it is a failure only if no line gave an article.
    """
    from crawler.run.parsing.html_lines import parse_lines  # noqa: PLC0415 - as the parser
    from crawler.run.parsing.pool import ParsePool  # noqa: PLC0415
    from crawler.run.parsing.profiles_in_force import NoProfiles, OneProfile  # noqa: PLC0415
    from crawler.run.parsing.recipe import Recipe  # noqa: PLC0415

    profiles = OneProfile(profile) if profile is not None else NoProfiles()
    recipe = Recipe(furniture=parsing.furniture, sites=sites, profiles=profiles)
    site = profile.site if profile is not None else None
    out = sys.stdout.buffer
    lines = failed = 0
    async with ParsePool(parsing) as pool:
        for path in files:
            base = Path() if path == _STDIN else path.parent
            with _opened(path) as source:
                async for line in parse_lines(source, base=base, pool=pool, recipe=recipe, site=site):
                    out.write(line + b"\n")
                    out.flush()
                    lines += 1
                    failed += line.startswith(_NO_RECORD)
    if failed < lines:
        return 0
    click.echo(f"warraq: {'none of the lines gave an article' if lines else 'there is no line'}", err=True)
    return EXIT_FAILED


def _opened(path: Path) -> BinaryIO:
    if path == _STDIN:
        return sys.stdin.buffer
    try:
        return path.open("rb")
    except OSError as error:
        raise UsageError(
            f"{path}: {error.strerror}", next_step="give a file that can be read, or - for standard input"
        ) from error


def _page(path: Path, url: str, captured_at: datetime | None) -> Page:
    from crawler.http.coding import decode_body  # noqa: PLC0415
    from crawler.model.page import Page  # noqa: PLC0415 - the parser is heavy

    with _opened(path) as source:
        raw = source.read()
    body, flags = decode_body((), raw)
    moment = captured_at or _moment(path)
    return Page(
        url=url or path.absolute().as_uri() if path != _STDIN else url,
        captured_at=moment,
        body=body,
        flags=tuple(flag for flag in flags if flag != "content_coding_undeclared"),
    )


def _moment(path: Path) -> datetime:
    """Return the file's time; standard input has none but now."""
    return datetime.now(UTC) if path == _STDIN else datetime.fromtimestamp(path.stat().st_mtime, tz=UTC)


def _rules(settings: Settings) -> dict[str, tuple[ParserRules, ...]]:
    """Return the rules of every declared site, by host."""
    from crawler.urls import host_of  # noqa: PLC0415

    found = {}
    for site in settings.sites().values():
        for host in (host_of(site.home), *site.hosts):
            if site.rules:
                found[host.removeprefix("www.")] = site.rules
    return found


def _for(url: str, rules: dict[str, tuple[ParserRules, ...]]) -> tuple[ParserRules, ...]:
    from crawler.urls import host_of  # noqa: PLC0415

    return rules.get(host_of(url).removeprefix("www."), ())


def _content(
    page: Page,
    rules: tuple[ParserRules, ...],
    profile: SiteProfile | None,
    form: str,
    furniture: Literal["keep", "drop"],
) -> tuple[bytes, bool]:
    """Return what is written of the page's article, and whether it has a body."""
    from crawler.parse import render  # noqa: PLC0415
    from crawler.parse.article import parse_article  # noqa: PLC0415

    article = parse_article(page, rules=rules, furniture=furniture, profile=profile)
    if form == "json":
        return render.to_json(article) + b"\n", bool(article.body)
    text = render.to_markdown(article) if form == "markdown" else article.text
    return text.encode("utf-8", "replace"), bool(article.body)


def _explained(
    page: Page, rules: tuple[ParserRules, ...], profile: SiteProfile | None, *, colour: bool
) -> tuple[str, str]:
    """Return the page's explanation as text and as HTML."""
    from crawler.parse.explain import as_text, explain, explanation_page  # noqa: PLC0415

    told = explain(page, rules=rules, profile=profile)
    if not told.blocks:
        raise ParseError(f"{page.url}: there is no text in it to explain", reason="empty_body")
    return as_text(told, colour=colour), explanation_page(told)


def _give_explanation(text: str | None, html: str, path: Path | None) -> None:
    """Keep an explanation as `html` in `path`, and show it as `text`, where that is asked for. Raises UsageError."""
    if path is not None:
        try:
            path.write_text(html, encoding="utf-8")
        except OSError as error:
            raise UsageError(f"{path}: {error.strerror}", next_step="give a file that can be written") from error
    if text is not None:
        click.echo(text)
