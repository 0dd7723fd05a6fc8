"""The sites of seeds/: what each file declares, checked as far as a file can be by itself."""

from __future__ import annotations

__all__ = ["declaration_problems_of", "load_sites", "read_sites", "site_files", "site_name_fault"]

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from crawler.config.codes import country_fault, language_fault
from crawler.config.formats import (
    dotted_name_fault,
    host_fault,
    interval_s,
    page_fault,
    pattern_fault,
    quiet_minutes,
    zone_fault,
)
from crawler.config.load import shipped
from crawler.config.structure import drop, sound_values, struct_problems
from crawler.config.toml import read_toml, toml_fault
from crawler.errors import ConfigError, Problem
from crawler.model.site import Schedule, Site

_SITE_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t -~\u00a0-\uffff]+")
_COOKIE = re.compile(r"[!#-+\--:<-\[\]-~]*")
_OWN_FIELDS = frozenset(
    ("host", "content-length", "transfer-encoding", "connection", "accept-encoding", "cookie", "range", "te", "upgrade",
     "if-none-match", "if-modified-since", "proxy-authorization", "referer")
)  # fmt: skip
_STAND_IN = {"title": "", "country": "zz", "languages": (), "home": "https://site.invalid/"}
_CHANNELS = ("feeds", "sitemaps", "news_sitemaps", "sections")


def load_sites(folder: Path | None = None) -> dict[str, Site]:
    """Return the sites declared in `folder` (default: those shipped), by name; files may be grouped in subfolders.

    Raises ConfigError with all mistakes of all files.
    """
    sites, problems = read_sites(folder)
    if problems:
        raise ConfigError(problems)
    return sites


def read_sites(folder: Path | None = None) -> tuple[dict[str, Site], list[Problem]]:
    """Return what `load_sites` returns, and every mistake; a declaration lacks what is wrong in it."""
    folder = folder or shipped("seeds")
    if not folder.is_dir():
        return {}, [Problem(str(folder), "", "no such folder; `warraq init` makes one")]
    problems: list[Problem] = []
    sites: dict[str, Site] = {}
    for path in sorted(folder.rglob("*.toml")):
        found = list(_name_problems(path, sites))
        table = read_toml(path, found)
        if table or not found:
            found += _table_problems(table, str(path))
        for problem in found:
            drop(table, problem.key)
        sites[path.stem] = msgspec.convert({**(_STAND_IN if found else {}), **table, "name": path.stem}, Site)
        problems += found
    return sites, problems


def declaration_problems_of(name: str, text: str, file: str) -> list[Problem]:
    """Return every mistake of the declaration `text` of the site `name`, of which messages speak as `file`."""
    problems = list(_name_problems(Path(f"{name}.toml"), {}))
    try:
        return problems + _table_problems(tomllib.loads(text), file)
    except tomllib.TOMLDecodeError as error:
        return [*problems, Problem(file, "", toml_fault(error))]


def site_files(folder: Path | None = None) -> dict[str, Path]:
    """Return the file of each site declared in `folder` (default: those shipped), by name."""
    return {path.stem: path for path in (folder or shipped("seeds")).rglob("*.toml")}


def site_name_fault(name: str) -> str | None:
    """Return why `name` cannot be a site's, None if it can."""
    if _SITE_NAME.fullmatch(name):
        return None
    return f"a site's name is lower-case letters, digits and hyphens; found {name!r}"


def _name_problems(path: Path, sites: Mapping[str, Site]) -> Iterator[Problem]:
    if not _SITE_NAME.fullmatch(path.stem):
        yield Problem(str(path), "", "a site's file name is lower-case letters, digits and hyphens")
    if path.stem in sites:
        yield Problem(str(path), "", f"there is a second site named {path.stem}")


def _table_problems(table: Mapping[str, Any], file: str) -> list[Problem]:
    found = struct_problems(Site, table, file)
    if "name" in table:
        found.append(Problem(file, "name", "unknown key; a site's name is its file's"))
    for key, value in sound_values(table, found):
        found += [Problem(file, key, fault) for fault in _value_faults(key, value)]
    faulty = {problem.key.partition(".")[0] for problem in found}
    return found + [problem for problem in _contradictions(table, file) if problem.key not in faulty]


def _value_faults(key: str, value: Any) -> Iterator[str]:
    check = _CHECKS.get(key)
    if check is None:
        return
    for one in value if isinstance(value, (list, tuple)) else [value]:
        fault = check(one)
        if fault is not None:
            yield fault


def _contradictions(table: Mapping[str, Any], file: str) -> Iterator[Problem]:
    """Yield what is wrong only together with another key, or by its absence."""
    if not any(table.get(key) for key in _CHANNELS):
        yield Problem(file, "feeds", f"a site needs at least one of {', '.join(_CHANNELS)}")
    if table.get("languages") == []:
        yield Problem(file, "languages", 'expected one language at least, as in ["en"]')
    schedule = table.get("schedule")
    if isinstance(schedule, dict):
        yield from (Problem(file, "schedule", fault) for fault in _schedule_faults(schedule))
    for key, fault in (("headers", header_fault), ("cookies", cookie_fault)):
        declared = table.get(key)
        for name, value in declared.items() if isinstance(declared, dict) else ():
            problem = fault(name, value) if isinstance(value, str) else None
            if problem is not None:
                yield Problem(file, f"{key}.{name}", problem)
    rules = table.get("rules")
    for number, rule in enumerate(rules if isinstance(rules, list) else ()):
        since, until = (rule.get(key) if isinstance(rule, dict) else None for key in ("valid_from", "valid_until"))
        if isinstance(since, date) and isinstance(until, date) and since > until:
            yield Problem(file, f"rules[{number}].valid_until", "expected no earlier day than valid_from")


def header_fault(name: str, value: str) -> str | None:
    """Return what is wrong with a header field of a declaration (RFC 9110 section 5)."""
    if not _TOKEN.fullmatch(name):
        return "expected the name of a header field"
    if name.lower() in _OWN_FIELDS:
        return "Warraq answers for this field itself"
    return None if _VALUE.fullmatch(value) else "expected printable characters"


def cookie_fault(name: str, value: str) -> str | None:
    """Return what is wrong with a cookie of a declaration (RFC 6265 section 4.1.1)."""
    if not _TOKEN.fullmatch(name):
        return "expected the name of a cookie"
    return None if _COOKIE.fullmatch(value) else "expected a value without blanks, quotes, commas and semicolons"


def _title_fault(text: str) -> str | None:
    return None if text.strip() else "expected the publisher's name; found none"


def _schedule_faults(schedule: Mapping[str, Any]) -> Iterator[str]:
    if sum((schedule.get("every") is not None, schedule.get("cron") is not None, bool(schedule.get("adaptive")))) != 1:
        yield "expected exactly one of every and cron, or adaptive = true"
    bounds = [key for key in ("min", "max", "quiet") if schedule.get(key)]
    if bounds and not schedule.get("adaptive"):
        yield f"{' and '.join(bounds)} only with adaptive = true"
    try:
        least, most = (interval_s(schedule.get(key) or getattr(Schedule(), key)) for key in ("min", "max"))
    except (ValueError, AttributeError):
        return  # said by its own key
    if least > most:
        yield "expected a min that is not longer than max"


def _quiet_fault(text: str) -> str | None:
    try:
        quiet_minutes(text)
    except ValueError as error:
        return str(error) if text else None
    return None


def _every_fault(text: str) -> str | None:
    try:
        interval_s(text)
    except ValueError as error:
        return str(error)
    return None


_CHECKS: Mapping[str, Callable[[str], str | None]] = {
    "title": _title_fault,
    "country": country_fault,
    "languages": language_fault,
    "home": page_fault,
    "hosts": host_fault,
    **dict.fromkeys(_CHANNELS, page_fault),
    "include": pattern_fault,
    "exclude": pattern_fault,
    "schedule.every": _every_fault,
    "schedule.min": _every_fault,
    "schedule.max": _every_fault,
    "schedule.quiet": _quiet_fault,
    "schedule.timezone": zone_fault,
    "spider": dotted_name_fault,
}
"""What the value of a key must be besides its type; of a list, each entry."""
