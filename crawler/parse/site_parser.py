"""A site's own parser in code, where selectors do not reach: a pure function from the page as it came to a plain one.

Named by a declaration's rules (``parser = "module.function"``), so dated as they are. What it returns goes the way of every
page; the selectors of the same rules apply to it. For articles in JSON state, in attributes, in the wrong order.
"""

from __future__ import annotations

__all__ = ["SiteParser", "code_digest", "load_site_parser", "plain_page", "rewritten"]

import html
import json
from collections.abc import Callable, Iterable
from functools import cache
from hashlib import sha256
from pathlib import Path
from pkgutil import resolve_name
from sys import modules

import msgspec

from crawler.errors import ParseError
from crawler.model.page import Page
from crawler.model.site import ParserRules

SiteParser = Callable[[Page], Page]
"""Returns the page as the parser shall see it, or the page itself. Pure: the same page gives the same answer for ever."""


def rewritten(page: Page, rules: ParserRules | None) -> Page:
    """Return `page` as the parser that `rules` name, if any, has it.

    Raises ParseError: ``bad_rules`` if there is no such parser, ``site_parser`` if it fails.
    """
    if rules is None or rules.parser is None:
        return page
    parser = load_site_parser(rules.parser)
    try:
        made = parser(page)
    except Exception as error:
        raise _failed(rules.parser, page, f"{type(error).__name__}: {error}") from error
    if not isinstance(made, Page):
        raise _failed(rules.parser, page, f"it returned {type(made).__name__}, not a Page")
    return made


@cache
def load_site_parser(name: str) -> SiteParser:
    """Return the function of that dotted name. Raises ParseError (``bad_rules``)."""
    try:
        found = resolve_name(name)
    except Exception as error:
        raise _unloadable(name, f"{type(error).__name__}: {error}") from error
    if not callable(found):
        raise _unloadable(name, "it is not a function")
    parser: SiteParser = found
    return parser


@cache
def code_digest(name: str) -> str:
    """Return a digest of the module in which the parser of that name is written: another text, another parser."""
    module = modules[load_site_parser(name).__module__]
    source = getattr(module, "__file__", None)
    return sha256(Path(source).read_bytes() if source else name.encode()).hexdigest()[:12]


def plain_page(
    page: Page,
    *,
    title: str,
    paragraphs: Iterable[str],
    authors: Iterable[str] = (),
    published_at: str | None = None,
    modified_at: str | None = None,
    language: str | None = None,
) -> Page:
    """Return `page` with a body that says just this, as a site parser may return it; moments are ISO 8601."""
    told = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": title,
        "author": [{"@type": "Person", "name": name} for name in authors],
        "datePublished": published_at,
        "dateModified": modified_at,
        "inLanguage": language,
    }
    state = json.dumps({key: value for key, value in told.items() if value}).replace("<", "\\u003c")
    body = "".join(f"<p>{html.escape(text)}</p>\n" for text in paragraphs)
    lang = f' lang="{html.escape(language)}"' if language else ""
    document = (
        f'<!DOCTYPE html>\n<html{lang}><head><meta charset="utf-8"><title>{html.escape(title)}</title>\n'
        f'<script type="application/ld+json">{state}</script></head>\n'
        f"<body><article><h1>{html.escape(title)}</h1>\n{body}</article></body></html>\n"
    )
    headers = (("content-type", "text/html; charset=utf-8"),)
    return msgspec.structs.replace(page, body=document.encode(), headers=headers)


def _unloadable(name: str, why: str) -> ParseError:
    return ParseError(
        f"the site's parser {name} cannot be loaded: {why}",
        reason="bad_rules",
        next_step="correct the site's rules; `warraq config check` finds such",
    )


def _failed(name: str, page: Page, why: str) -> ParseError:
    return ParseError(
        f"{page.url}: the site's parser {name} failed: {why}",
        reason="site_parser",
        next_step=f"mend it, then `warraq replay` the page: its capture of {page.captured_at:%Y-%m-%d} is kept",
    )
