"""What a declaration means to those who carry it out: its timetable, its spider, its selectors, its pace.

`crawler.config.load_sites` checks a file by itself; here each part is made as a run would make it, so that a mistake is
told before anything is fetched.
"""

from __future__ import annotations

__all__ = ["declaration_problems", "read_declarations", "require_sound"]

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from selectolax.lexbor import LexborHTMLParser

from crawler.config import Fetching, load_sites, site_files
from crawler.daemon.schedule.timetable import timetable
from crawler.errors import ConfigError, ParseError, Problem, UsageError
from crawler.model.site import SHIPPED_SPIDER, ParserRules, Site
from crawler.parse.rules import selected
from crawler.parse.site_parser import load_site_parser
from crawler.run.contact import is_unsigned

_UNSIGNED = "publishers would be told the project's own page: set a page or an e-mail address of yours"
_SOME_DAY = datetime(2026, 1, 1, tzinfo=UTC)
_SELECTORS = ("body", "title", "labels", "authors", "published", "remove")


def read_declarations(folder: Path | None, fetch: Fetching) -> dict[str, Site]:
    """Return the sites declared in `folder` (None: those shipped).

    Raises ConfigError with every mistake of every file, or if those who are crawled would not be told by whom.
    """
    sites = load_sites(folder)
    require_sound(sites, fetch, folder)
    if is_unsigned(fetch, (site for site in sites.values() if site.enabled)):
        raise ConfigError([Problem("settings", "fetch.contact", _UNSIGNED)])
    return sites


def require_sound(sites: Mapping[str, Site], fetch: Fetching, folder: Path | None) -> None:
    """Raise ConfigError if a run of any of `sites`, which `folder` declares, would trip over its declaration."""
    problems = declaration_problems(sites, fetch, site_files(folder))
    if problems:
        raise ConfigError(problems)


def declaration_problems(sites: Mapping[str, Site], fetch: Fetching, files: Mapping[str, Path]) -> list[Problem]:
    """Return what a run of each of `sites` would trip over."""
    spiders: dict[str, str | None] = {}
    found = []
    for name, site in sites.items():
        if site.spider not in spiders:
            spiders[site.spider] = _spider_fault(site.spider)
        faults = [*_schedule_faults(site), *_pace_faults(site, fetch), *_rule_faults(site.rules)]
        if (fault := spiders[site.spider]) is not None:
            faults.append(("spider", fault))
        found += [Problem(str(files.get(name, name)), key, message) for key, message in faults]
    return found


def _schedule_faults(site: Site) -> Iterator[tuple[str, str]]:
    if not (site.schedule.every or site.schedule.cron or site.schedule.adaptive):
        return  # whoever read the file has said what is wrong with it
    try:
        if timetable(site.name, site.schedule).next_after(_SOME_DAY) is None:
            yield "schedule.cron", f"there is no such moment; found {site.schedule.cron!r}"
    except ValueError as error:
        yield "schedule.cron" if site.schedule.cron else "schedule", str(error)


def _pace_faults(site: Site, fetch: Fetching) -> Iterator[tuple[str, str]]:
    if site.delay_s is not None and site.delay_s > fetch.max_delay_s:
        yield "delay_s", f"expected no more than fetch.max_delay_s, {fetch.max_delay_s:g}; found {site.delay_s:g}"


def _rule_faults(rules: Iterable[ParserRules]) -> Iterator[tuple[str, str]]:
    page = LexborHTMLParser("<p></p>")
    for number, rule in enumerate(rules):
        if rule.parser is not None:
            try:
                load_site_parser(rule.parser)
            except ParseError as error:
                yield f"rules[{number}].parser", error.what
        for key in _SELECTORS:
            value = getattr(rule, key)
            for selector in value if isinstance(value, tuple) else [value]:
                try:
                    selected(page, "*" if selector is None else selector)
                except ParseError as error:
                    yield f"rules[{number}].{key}", error.what


def _spider_fault(name: str) -> str | None:
    """Return why `name` cannot crawl."""
    if name == SHIPPED_SPIDER:
        return None
    from crawler.run.live.spiders import load_spider  # noqa: PLC0415 - Scrapy takes a second, and few need it here

    try:
        load_spider(name)
    except UsageError as error:
        return error.what
    return None
