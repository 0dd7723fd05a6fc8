"""Typed settings from config/*.toml and the sites of seeds/; every mistake is reported at once.

`load` reads the shipped ``default.toml`` (every key, its unit, its why), then ``warraq.toml`` of the user's
configuration folder over it. Credentials are never read from here: boto3's own chain has them.
"""

from __future__ import annotations

__all__ = [
    "Alarms",
    "Config",
    "Crawling",
    "Daemon",
    "Fetching",
    "Page",
    "Parsing",
    "Spooling",
    "StateSettings",
    "Storage",
    "interval_s",
    "load",
    "load_sites",
    "shipped",
]

import difflib
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_type_hints

import msgspec

from crawler.errors import ConfigError, Problem
from crawler.model.site import Site
from crawler.urls import host_of

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_INTERVAL = re.compile(r"(\d+)\s*([smhdw])")
_SITE_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


class Storage(msgspec.Struct, frozen=True, kw_only=True):
    """Where archive and articles are kept for good."""

    url: str
    """``file:FOLDER`` or ``s3://bucket/prefix``."""
    endpoint_url: str = ""
    """Empty: AWS."""
    region: str = ""
    addressing: Literal["auto", "path", "virtual"] = "auto"
    """auto: virtual on AWS, path elsewhere."""
    connect_timeout_s: float
    read_timeout_s: float
    attempts: int
    """Tries of one call before it counts as failed (the file stays in the spool and is tried again later)."""


class StateSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What this machine remembers; can be rebuilt from the store."""

    dir: str


class Spooling(msgspec.Struct, frozen=True, kw_only=True):
    """Local WARC files on their way to the store."""

    rotate_bytes: int
    rotate_s: float
    quota_bytes: int
    """Fetching stops when sealed and open files together exceed this."""
    min_free_bytes: int
    """Fetching stops when the file system has less left."""
    grace_s: float
    """How long a shipped file stays on the local disk."""
    operator: str
    """Who runs the crawl, for warcinfo; empty: left out."""


class Fetching(msgspec.Struct, frozen=True, kw_only=True):
    """Manners and limits of every request."""

    user_agent: str
    """With a contact: a URL or an address."""
    contact: str
    """Put into the User-Agent's ``{contact}``, and the From header if it is an e-mail address."""
    delay_s: float
    """Least time between two requests to one host, unless the site or robots.txt asks for more."""
    max_delay_s: float
    """A longer Crawl-delay or Retry-After ends the host's part of a run instead of being waited for."""
    concurrency_per_host: int
    concurrency: int
    connect_timeout_s: float
    head_timeout_s: float
    body_timeout_s: float
    idle_timeout_s: float
    """Longest silence within head or body."""
    max_head_bytes: int
    max_body_bytes: int
    max_redirects: int
    retries: int
    robots: Literal["obey", "ignore"]
    robots_ttl_s: float
    allow_private: bool
    proxy: str
    """``http://host:port`` for all requests; empty: none."""


class Parsing(msgspec.Struct, frozen=True, kw_only=True):
    """The parse pool."""

    processes: int
    """0: one per core."""
    timeout_s: float
    memory_bytes: int
    """Address-space limit of a parse process above what it needs at start."""
    furniture: Literal["keep", "drop"]


class Crawling(msgspec.Struct, frozen=True, kw_only=True):
    """Bounds of a run."""

    max_pages: int
    """For one-off crawls; a site's declaration has its own."""
    deadline_s: float
    """A run that takes longer is stopped, sealed, and its open URLs wait for the next one."""


class Daemon(msgspec.Struct, frozen=True, kw_only=True):
    """The resident process."""

    workers: int
    runs_per_worker: int
    """Runs a worker has under way at once."""
    recycle_runs: int
    """Runs after which a worker is replaced."""
    recycle_rss_bytes: int
    heartbeat_s: float
    """A worker silent for longer is killed and its runs are queued again."""
    stop_s: float
    """How long a graceful stop may take."""
    catch_up_s: float
    """A fire missed by at most this is made good once, at start."""
    history_days: float
    """Runs that kept nothing, fires, and steps in a URL's history that later ones superseded are forgotten after so long."""
    learn_days: float
    """Sites' profiles are learned anew so often; 0: never."""
    manifests: bool
    """Each day's manifest is written after the day is over."""


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """The daemon's status page, with metrics and health."""

    listen: str
    """``host:port``; empty: no page. Anything but loopback needs a token in WARRAQ_PAGE_TOKEN."""
    hosts: tuple[str, ...]
    """Names, besides the address listened on, under which browsers reach it."""
    site_metrics: int
    """Sites up to which metrics are given for each of them."""


class Alarms(msgspec.Struct, frozen=True, kw_only=True):
    """When the daemon calls for a person, and how. Credentials: WARRAQ_SMTP_USER, WARRAQ_SMTP_PASSWORD."""

    webhook: str
    """URL that gets a POST with JSON; empty: none. WARRAQ_ALARM_WEBHOOK in the environment wins, for URLs that are secret."""
    email_to: tuple[str, ...]
    email_from: str
    smtp: str
    """``host:port``; empty: no e-mail."""
    smtp_security: Literal["starttls", "tls", "none"]
    command: tuple[str, ...]
    """Program and its arguments; it gets the JSON of the webhook on stdin. Empty: none."""
    least_gap_s: float
    """Least time between two messages of a channel; what happens meanwhile comes in one."""
    heartbeat_url: str
    """GET once a minute while no critical alarm is on: its silence is the alarm. Empty: none."""
    heartbeat_command: tuple[str, ...]
    """The same as a program."""
    settle_s: float
    """An alarm is over when nothing was found for so long."""
    window_h: int
    """Hours whose articles are compared with the same hours of earlier weeks."""
    weeks: int
    volume_share: float
    """Fewer than this share of the usual number is too few."""
    volume_least: int
    """Sites that usually have fewer articles than this in the window are not judged by their number."""
    silent_gaps: float
    """Silent is what lasts so many times longer than the longest usual gap."""
    silent_s: float
    """And at least so long."""
    failure_share: float
    """Of the pages of a day; more is a jump if it is also three times the usual share."""
    length_change: float
    """Factor by which the median length of the latest articles may differ from what it was."""
    unshipped_s: float
    """A sealed file that waits longer for the store is trouble."""
    spool_share: float
    """Of the spool's quota in use."""
    idle_s: float
    """No run at all ended for so long although some were due: the dead man's switch."""
    clock_jump_s: float


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """All settings."""

    storage: Storage
    state: StateSettings
    spool: Spooling
    fetch: Fetching
    parse: Parsing
    crawl: Crawling
    daemon: Daemon
    page: Page
    alarms: Alarms


def shipped(name: Literal["config", "seeds"]) -> Path:
    """Return the folder `name` as it came with this installation."""
    package = Path(__file__).parent
    for folder in (package / "shipped" / name, package.parent / name):  # installed, or a checkout
        if folder.is_dir():
            return folder
    raise ConfigError([Problem(str(package), "", f"the folder {name}/ is missing from this installation")])


def load(folder: Path | None = None, *, overrides: dict[str, Any] | None = None) -> Config:
    """Return the settings: the shipped defaults, then ``warraq.toml`` of `folder`, then `overrides`.

    `overrides` maps dotted keys (``storage.url``) to values, as the command line gives them.
    Raises ConfigError with all mistakes of all files.
    """
    problems: list[Problem] = []
    merged = _read(shipped("config") / "default.toml", problems)
    if folder is not None:
        path = folder / "warraq.toml"
        if path.is_file():
            own = _read(path, problems)
            problems += _check(Config, own, str(path), partial=True)
            _merge(merged, own)
        elif not folder.is_dir():
            problems.append(Problem(str(folder), "", "no such folder; `warraq init` makes one"))
    for dotted, value in (overrides or {}).items():
        _merge(merged, _nest(dotted, value))
    if not problems:
        problems = _check(Config, merged, "settings", partial=False)
    if not problems and str(merged["storage"]["url"]).startswith("memory:"):
        problems.append(Problem("settings", "storage.url", "memory is forgotten when the process ends; give a folder"))
    if problems:
        raise ConfigError(problems)
    return msgspec.convert(merged, Config)


def load_sites(folder: Path | None = None) -> dict[str, Site]:
    """Return the sites declared in `folder` (default: those shipped), by name; files may be grouped in subfolders.

    Raises ConfigError with all mistakes of all files.
    """
    folder = folder or shipped("seeds")
    problems: list[Problem] = []
    sites: dict[str, Site] = {}
    if not folder.is_dir():
        raise ConfigError([Problem(str(folder), "", "no such folder; `warraq init` makes one")])
    for path in sorted(folder.rglob("*.toml")):
        table = _read(path, problems)
        faults = _check(Site, table, str(path), partial=False) if table else []
        if not _SITE_NAME.fullmatch(path.stem):
            faults.append(Problem(str(path), "", "a site's file name is lower-case letters, digits and hyphens"))
        if path.stem in sites:
            faults.append(Problem(str(path), "", f"there is a second site named {path.stem}"))
        if table and not faults:
            site = msgspec.convert({**table, "name": path.stem}, Site)
            faults = list(_check_site(site, str(path)))
            sites[path.stem] = site
        problems += faults
    if problems:
        raise ConfigError(problems)
    return sites


def interval_s(text: str) -> float:
    """Return the seconds of an interval like ``90s``, ``15m``, ``6h``, ``1d``. Raises ValueError."""
    match = _INTERVAL.fullmatch(text.strip())
    if match is None or int(match[1]) == 0:
        raise ValueError(f"expected a number and a unit (s, m, h, d, w), as in 15m; found {text!r}")
    return float(int(match[1]) * _UNITS[match[2]])


def _read(path: Path, problems: list[Problem]) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problems.append(Problem(str(path), "", f"not valid TOML: {error}"))
    except OSError as error:
        problems.append(Problem(str(path), "", f"cannot be read: {error.strerror}"))
    return {}


def _merge(base: dict[str, Any], over: dict[str, Any]) -> None:
    for key, value in over.items():
        if isinstance(value, dict) and isinstance(base.get(key), dict):
            _merge(base[key], value)
        else:
            base[key] = value


def _nest(dotted: str, value: object) -> dict[str, Any]:
    first, _, rest = dotted.partition(".")
    return {first: _nest(rest, value) if rest else value}


def _check(
    struct: type[msgspec.Struct], table: dict[str, Any], file: str, *, partial: bool, at: str = ""
) -> list[Problem]:
    """Return every key of `table` that `struct` does not have, lacks, or types otherwise."""
    hints = get_type_hints(struct)
    fields = {field.name: field for field in msgspec.structs.fields(struct)}
    problems = []
    for key, value in table.items():
        dotted = f"{at}{key}"
        if key not in fields or (struct is Site and key == "name"):
            near = difflib.get_close_matches(key, fields, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            problems.append(Problem(file, dotted, f"unknown key{hint}"))
            continue
        kind = hints[key]
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and isinstance(value, dict):
            problems += _check(kind, value, file, partial=partial, at=f"{dotted}.")
            continue
        try:
            msgspec.convert(value, kind)
        except msgspec.ValidationError as error:
            problems.append(Problem(file, dotted, str(error)))
    if not partial:
        problems += [Problem(file, f"{at}{n}", "missing") for n, f in fields.items() if f.required and n not in table]
    return problems


def _check_site(site: Site, file: str) -> Iterator[Problem]:
    """Yield what types cannot say about a site."""
    if (site.schedule.every is None) == (site.schedule.cron is None):
        yield Problem(file, "schedule", "expected exactly one of every and cron")
    if site.schedule.every is not None:
        try:
            interval_s(site.schedule.every)
        except ValueError as error:
            yield Problem(file, "schedule.every", str(error))
    for key in ("feeds", "sitemaps", "news_sitemaps", "sections"):
        for url in getattr(site, key):
            if not url.startswith(("http://", "https://")) or not host_of(url):
                yield Problem(file, key, f"expected an http(s) URL; found {url!r}")
    if not host_of(site.home):
        yield Problem(file, "home", f"expected an http(s) URL; found {site.home!r}")
    if not (site.feeds or site.sitemaps or site.news_sitemaps or site.sections):
        yield Problem(file, "feeds", "a site needs at least one of feeds, sitemaps, news_sitemaps, sections")
    for key in ("include", "exclude"):
        for pattern in getattr(site, key):
            try:
                re.compile(pattern)
            except re.error as error:
                yield Problem(file, key, f"not a regular expression: {pattern!r} ({error})")
    if site.delay_s < 0:
        yield Problem(file, "delay_s", "expected seconds, not negative")
