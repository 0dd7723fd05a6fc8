"""The options that say which captures or articles are wanted, the same for all commands that take a `Selection`."""

from __future__ import annotations

__all__ = ["selected_urls", "selection_options"]

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import wraps
from typing import Any, Literal, TypeVar

import click

from crawler.cli.common import Settings
from crawler.cli.exit_codes import EXIT_NOTHING_NEW
from crawler.cli.moments import MOMENT, check_span
from crawler.errors import UsageError
from crawler.model.selection import Selection, check_mime, check_url_pattern
from crawler.visible import visible

_F = TypeVar("_F", bound=Callable[..., object])
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_URL_HELP = (
    "Only this URL: an address, a pattern ('https://news.example/2026/*'), regex:EXPRESSION or "
    "surt:example,news)/2026; "
    "repeatable."
)

_OPTIONS = {
    "site": click.option("--site", "sites", multiple=True, help="Only captures of this site; repeatable."),
    "run": click.option("--run", "runs", multiple=True, help="Only captures of this run; repeatable."),
    "url": click.option("--url", "urls", multiple=True, metavar="URL", help=_URL_HELP),
    "from": click.option("--from", "since", type=MOMENT, help="Only captures since (2d, yesterday, 2026-11)."),
    "to": click.option("--to", "until", type=MOMENT, help="Only captures before."),
    "mime": click.option(
        "--mime", "mimes", multiple=True, help="Only this media type (text/html, image/*); repeatable."
    ),
    "status": click.option(
        "--status", "statuses", multiple=True, type=click.IntRange(100, 999), help="Only this HTTP status; repeatable."
    ),
    "language": click.option(
        "--language", "languages", multiple=True, help="Only articles in this language (ar, pt-BR); repeatable."
    ),
    "latest": click.option("--latest", "is_latest", is_flag=True, help="Only the latest capture of each page."),
    "first": click.option("--first", "is_first", is_flag=True, help="Only the first capture of each page."),
    "all": click.option("--all", "is_all", is_flag=True, help="All captures of each page.  [default]"),
}
_OF_PAGE: tuple[Literal["latest", "first", "all"], ...] = ("latest", "first", "all")
"""Which captures of a page are wanted: one of them."""
_FIELDS = (
    "sites",
    "runs",
    "urls",
    "since",
    "until",
    "mimes",
    "statuses",
    "languages",
    *(f"is_{name}" for name in _OF_PAGE),
)


def selection_options(*names: str, statuses: Sequence[int] = ()) -> Callable[[_F], Callable[..., object]]:
    """Return a decorator that adds the options `names` (``site``, ``which``, ...) and gives the command their
    `selection`.

    `statuses`: wanted unless others are named. What is mistyped ends the command with what may be written.
    """
    wanted = [name for given in names for name in (_OF_PAGE if given == "which" else (given,))]

    def decorate(command: _F) -> Callable[..., object]:
        @wraps(command)
        def with_selection(**options: Any) -> object:
            given = {field: options.pop(field) for field in _FIELDS if field in options}
            selection = _selection(given, statuses)
            try:
                code = command(selection=selection, **options)
            except UsageError:
                _name_stranger(selection, options)
                raise
            if code == EXIT_NOTHING_NEW:
                _name_stranger(selection, options)
            return code

        decorated: Callable[..., object] = with_selection
        for name in reversed(wanted):
            decorated = _OPTIONS[name](decorated)
        return decorated

    return decorate


def selected_urls(patterns: Iterable[str]) -> tuple[str, ...]:
    """Return the `patterns`, checked. Raises UsageError."""
    return tuple(check_url_pattern(pattern) for pattern in patterns)


def _selection(given: dict[str, Any], statuses: Sequence[int]) -> Selection:
    check_span(given.get("since"), given.get("until"))
    given["urls"] = selected_urls(given.get("urls", ()))
    given["mimes"] = tuple(check_mime(mime) for mime in given.get("mimes", ()))
    given["statuses"] = tuple(given.get("statuses", ())) or tuple(statuses)
    given["languages"] = tuple(_language(text) for text in given.get("languages", ()))
    chosen = [name for name in _OF_PAGE if given.pop(f"is_{name}", False)]
    if len(chosen) > 1:
        raise UsageError(f"--{chosen[0]} and --{chosen[1]} exclude each other", next_step="give one of them")
    return Selection(**given, which=chosen[0] if chosen else "all")


def _name_stranger(selection: Selection, options: Mapping[str, Any]) -> None:
    """Say which site of a selection that gave nothing is not declared: its name may be mistyped."""
    settings = options.get("settings", Settings.of(None, None, None))
    error = settings.stranger(selection.sites) if selection.sites else None
    if error is not None:
        click.echo(visible(f"warraq: {error}"), err=True)


def _language(text: str) -> str:
    if not _LANGUAGE.fullmatch(text.strip()):
        raise UsageError(f"{text!r} is no language", next_step="write its code: en, ar, pt-BR")
    return text.strip()
