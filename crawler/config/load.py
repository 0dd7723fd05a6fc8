"""The settings in force: the shipped ``default.toml``, the user's ``warraq.toml`` over it, the command line over both.

Credentials are never read from here: boto3's own chain has them.
"""

from __future__ import annotations

__all__ = ["OWN", "load", "read_settings", "shipped"]

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple

import msgspec

from crawler.config.formats import (
    contact_fault,
    host_fault,
    host_port,
    mail_fault,
    proxy_fault,
    template_fault,
    url_fault,
)
from crawler.config.settings import Config
from crawler.config.structure import drop, sound_values, struct_problems
from crawler.config.toml import read_toml
from crawler.errors import ConfigError, Problem

OWN = "warraq.toml"
_GIVEN = "settings"
"""What stands for the file of a key that the command line gave."""


def shipped(name: Literal["config", "seeds"]) -> Path:
    """Return the folder `name` as it came with this installation."""
    package = Path(__file__).parents[1]
    for folder in (package / "shipped" / name, package.parent / name):  # installed, or a checkout
        if folder.is_dir():
            return folder
    raise ConfigError([Problem(str(package), "", f"the folder {name}/ is missing from this installation")])


def load(folder: Path | None = None, *, overrides: Mapping[str, Any] | None = None) -> Config:
    """Return the settings: the shipped defaults, then ``warraq.toml`` of `folder`, then `overrides`.

    `overrides` maps dotted keys (``storage.url``) to values, as the command line gives them.
    Raises ConfigError with all mistakes of all files.
    """
    reading = read_settings(folder, overrides=overrides)
    if reading.problems:
        raise ConfigError(list(reading.problems))
    return reading.config


class SettingsReading(NamedTuple):
    """Settings, and what is wrong in their files."""

    config: Config
    """In place of what is wrong stands what was shipped."""
    problems: tuple[Problem, ...]
    file_of: Callable[[str], str]
    """Where the value of a dotted key comes from."""


def read_settings(folder: Path | None = None, *, overrides: Mapping[str, Any] | None = None) -> SettingsReading:
    """Return what `load` returns, and every mistake."""
    problems: list[Problem] = []
    default = read_toml(shipped("config") / "default.toml", problems)
    own = _read_own(folder, problems) if folder is not None else {}
    given: dict[str, Any] = {}
    for dotted, value in (overrides or {}).items():
        _merge(given, _nest(dotted, value))

    def file_of(key: str) -> str:
        by_file = folder is not None and _has(own, key) and not _has(given, key)
        return str(folder / OWN) if folder is not None and by_file else _GIVEN

    problems += [problem._replace(file=file_of(problem.key)) for problem in _problems(_over(default, own, given))]
    sound_own, sound_given = _over(own), _over(given)
    for problem in problems:
        drop(sound_own, problem.key)
        drop(sound_given, problem.key)
    config = msgspec.convert(_over(default, sound_own, sound_given), Config)
    return SettingsReading(config, tuple(problems), file_of)


def _read_own(folder: Path, problems: list[Problem]) -> dict[str, Any]:
    path = folder / OWN
    if not folder.is_dir():
        problems.append(Problem(str(folder), "", "no such folder; `warraq init` makes one"))
    elif path.exists():
        return read_toml(path, problems)
    return {}


def _problems(merged: Mapping[str, Any]) -> list[Problem]:
    """Return every mistake in `merged`, files left open."""
    found = struct_problems(Config, merged, "")
    for key, value in sound_values(merged, found):
        found += [Problem("", key, fault) for fault in _value_faults(key, value)]
    faulty = {problem.key for problem in found}
    return found + [problem for problem in _contradictions(merged) if problem.key not in faulty]


def _value_faults(key: str, value: Any) -> Iterator[str]:
    check = _CHECKS.get(key)
    if check is None or value in ("", []):
        if value == "" and key in _NOT_EMPTY:
            yield "expected a value; found none"
        return
    for one in value if isinstance(value, (list, tuple)) else [value]:
        fault = check(one)
        if fault is not None:
            yield fault


def _contradictions(merged: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield what is wrong only together with another key."""
    alarms, fetch = merged.get("alarms"), merged.get("fetch")
    if isinstance(alarms, dict) and bool(alarms.get("smtp")) != bool(alarms.get("email_to")):
        key = "alarms.smtp" if alarms.get("smtp") else "alarms.email_to"
        yield Problem("", key, "mail needs both smtp and email_to")
    if isinstance(fetch, dict):
        least, most = fetch.get("delay_s"), fetch.get("max_delay_s")
        if isinstance(least, (int, float)) and isinstance(most, (int, float)) and least > most:
            yield Problem("", "fetch.delay_s", f"expected no more than fetch.max_delay_s, {most:g}; found {least:g}")


_PLAINLY_WITH_CREDENTIALS = re.compile(r"(?i:https?)://[^\s/?#\"<>\\]+(?:/[^@]*)?")
"""Any other way the end of the password is not seen, and it cannot be masked."""


def _host_port_fault(text: str) -> str | None:
    try:
        host_port(text)
    except ValueError as error:
        return str(error)
    return None


def _secret_url_fault(text: str) -> str | None:
    return None if url_fault(text) is None else "expected an http(s) URL"  # who has it can write there


def _endpoint_fault(text: str) -> str | None:
    if "@" not in text:
        return url_fault(text)
    plain = _PLAINLY_WITH_CREDENTIALS.fullmatch(text) and url_fault(text) is None
    return None if plain else "expected an http(s) URL, what is odd in its password escaped (%2F)"


def _store_fault(text: str) -> str | None:
    if text.startswith("memory:"):
        return "memory is forgotten when the process ends; give a folder"
    if "@" in text and not text.startswith("file:"):  # which may be a key's secret, so it is not shown
        return "expected s3://bucket/prefix; keys come from the environment (AWS_ACCESS_KEY_ID), not in the URL"
    return _folder_fault(text.removeprefix("file:")) if text.startswith("file:") else None


def _folder_fault(text: str) -> str | None:
    if re.match(r"~|\$|%\w+%", text):
        return f"~ and variables are the shell's: write the folder out; found {text!r}"
    return None


_CHECKS: Mapping[str, Callable[[str], str | None]] = {
    "storage.url": _store_fault,
    "storage.endpoint_url": _endpoint_fault,
    "state.dir": _folder_fault,
    "fetch.user_agent": template_fault,
    "fetch.contact": contact_fault,
    "fetch.proxy": proxy_fault,
    "page.listen": _host_port_fault,
    "page.hosts": host_fault,
    "alarms.webhook": _secret_url_fault,
    "alarms.email_to": mail_fault,
    "alarms.email_from": mail_fault,
    "alarms.smtp": _host_port_fault,
    "alarms.heartbeat_url": _secret_url_fault,
}
"""What the value of a key must be besides its type; of a list, each entry."""
_NOT_EMPTY = frozenset(("storage.url", "state.dir", "fetch.user_agent", "fetch.contact"))


def _has(table: Mapping[str, Any], dotted: str) -> bool:
    first, _, rest = dotted.partition(".")
    inner = table.get(first)
    return first in table and (not rest or not isinstance(inner, dict) or _has(inner, rest))


def _over(*tables: Mapping[str, Any]) -> dict[str, Any]:
    """Return the tables laid over each other, the last on top; they stay as they are."""
    merged: dict[str, Any] = {}
    for table in tables:
        _merge(merged, table)
    return merged


def _merge(base: dict[str, Any], over: Mapping[str, Any]) -> None:
    for key, value in over.items():
        if isinstance(value, dict):
            if not isinstance(base.get(key), dict):
                base[key] = {}
            _merge(base[key], value)
        else:
            base[key] = value


def _nest(dotted: str, value: object) -> dict[str, Any]:
    first, _, rest = dotted.partition(".")
    return {first: _nest(rest, value) if rest else value}
