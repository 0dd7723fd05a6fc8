"""The typed settings: every key with its unit and its bounds; ``config/default.toml`` says why each is so."""

from __future__ import annotations

__all__ = [
    "PROJECT_PAGE",
    "Alarming",
    "Config",
    "Crawling",
    "Daemon",
    "Fetching",
    "PageSettings",
    "Parsing",
    "Spooling",
    "StateSettings",
    "Storage",
]

from typing import Annotated, Literal

import msgspec

PROJECT_PAGE = "https://github.com/warraq/warraq"
"""The contact that is shipped: nobody's who crawls."""
_YEAR_S = 31_536_000

Seconds = Annotated[float, msgspec.Meta(gt=0, le=_YEAR_S)]
Pause = Annotated[float, msgspec.Meta(ge=0, le=_YEAR_S)]
"""Seconds, of which there may be none."""
Days = Annotated[float, msgspec.Meta(ge=0, le=36_500)]
Count = Annotated[int, msgspec.Meta(ge=1, le=1_000_000_000)]
Upto = Annotated[int, msgspec.Meta(ge=0, le=1_000_000_000)]
"""A number of which there may be none."""
Processes = Annotated[int, msgspec.Meta(ge=1, le=1024)]
Bytes = Annotated[int, msgspec.Meta(ge=0, le=1 << 60)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]


class Storage(msgspec.Struct, frozen=True, kw_only=True):
    """Where archive and articles are kept for good."""

    url: str
    """``file:FOLDER`` or ``s3://bucket/prefix``."""
    endpoint_url: str = ""
    """Empty: AWS."""
    region: str = ""
    addressing: Literal["auto", "path", "virtual"] = "auto"
    """auto: virtual on AWS, path elsewhere."""
    anonymous: bool = False
    """Ask without credentials, as public archives may be read."""
    connect_timeout_s: Seconds
    read_timeout_s: Seconds
    attempts: Annotated[int, msgspec.Meta(ge=1, le=100)]
    """Tries of one call before it counts as failed (the file stays in the spool and is tried again later)."""


class StateSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What this machine remembers; can be rebuilt from the store."""

    dir: str


class Spooling(msgspec.Struct, frozen=True, kw_only=True):
    """Local WARC files on their way to the store."""

    rotate_bytes: Annotated[int, msgspec.Meta(ge=4096, le=1 << 40)]
    rotate_s: Seconds
    quota_bytes: Annotated[int, msgspec.Meta(ge=1, le=1 << 60)]
    """Fetching stops when sealed and open files together exceed this."""
    min_free_bytes: Bytes
    """Fetching stops when the file system has less left."""
    grace_s: Pause
    """How long a shipped file stays on the local disk."""
    operator: str
    """Who runs the crawl, for warcinfo; empty: left out."""


class Fetching(msgspec.Struct, frozen=True, kw_only=True):
    """Manners and limits of every request."""

    user_agent: str
    """With a contact: a URL or an address."""
    contact: str
    """Put into the User-Agent's ``{contact}``, and the From header if it is an e-mail address."""
    delay_s: Pause
    """Least time between two requests to one host, unless the site or robots.txt asks for more."""
    max_delay_s: Pause
    """A longer Crawl-delay or Retry-After ends the host's part of a run instead of being waited for."""
    concurrency_per_host: Annotated[int, msgspec.Meta(ge=1, le=1000)]
    requests_per_day: Upto
    """The most a host is asked in a day (UTC), by all runs together; 0: any number."""
    concurrency: Annotated[int, msgspec.Meta(ge=1, le=10_000)]
    connect_timeout_s: Seconds
    head_timeout_s: Seconds
    body_timeout_s: Seconds
    idle_timeout_s: Seconds
    """Longest silence within head or body."""
    max_head_bytes: Annotated[int, msgspec.Meta(ge=1024, le=1 << 30)]
    max_body_bytes: Annotated[int, msgspec.Meta(ge=1024, le=1 << 40)]
    max_redirects: Annotated[int, msgspec.Meta(ge=0, le=100)]
    retries: Annotated[int, msgspec.Meta(ge=0, le=100)]
    robots: Literal["obey", "ignore"]
    robots_ttl_s: Annotated[float, msgspec.Meta(gt=0, le=86_400)]
    tdm_reservations: bool
    """Whether a host's ``/.well-known/tdmrep.json`` (TDM Reservation Protocol) is kept, too, whenever its robots.txt
    is read."""
    allow_private: bool
    proxy: str
    """``http://host:port`` for all requests; empty: none."""


class Parsing(msgspec.Struct, frozen=True, kw_only=True):
    """The parse pool."""

    processes: Annotated[int, msgspec.Meta(ge=0, le=1024)]
    """0: one per core."""
    timeout_s: Seconds
    memory_bytes: Annotated[int, msgspec.Meta(ge=1 << 24, le=1 << 60)]
    """Address-space limit of a parse process above what it needs at start."""
    furniture: Literal["keep", "drop"]


class Crawling(msgspec.Struct, frozen=True, kw_only=True):
    """Bounds of a run."""

    max_pages: Count
    """For one-off crawls; a site's declaration has its own."""
    deadline_s: Seconds
    """A run that takes longer is stopped, sealed, and its open URLs wait for the next one."""


class Daemon(msgspec.Struct, frozen=True, kw_only=True):
    """The resident process."""

    workers: Processes
    runs_per_worker: Processes
    """Runs a worker has under way at once."""
    recycle_runs: Count
    """Runs after which a worker is replaced."""
    recycle_rss_bytes: Annotated[int, msgspec.Meta(ge=1 << 24, le=1 << 60)]
    heartbeat_s: Seconds
    """A worker silent for longer is killed and its runs are queued again."""
    stop_s: Seconds
    """How long a graceful stop may take."""
    catch_up_s: Pause
    """A fire missed by at most this is made good once, at start."""
    history_days: Days
    """Runs that kept nothing, fires, and steps in a URL's history that later ones superseded are forgotten after so
    long."""
    learn_days: Days
    """Sites' profiles are learned anew so often; 0: never."""
    corpus_s: Pause
    """What is new in the store is entered into search index and catalogue so often; 0: never."""
    manifests: bool
    """Each day's manifest is written after the day is over."""


class PageSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The daemon's status page, with metrics and health."""

    listen: str
    """``host:port``; empty: no page. Anything but loopback needs a token in WARRAQ_PAGE_TOKEN."""
    hosts: tuple[str, ...]
    """Names, besides the address listened on, under which browsers reach it."""
    site_metrics: Upto
    """Sites up to which metrics are given for each of them."""


class Alarming(msgspec.Struct, frozen=True, kw_only=True):
    """When the daemon calls for a person, and how. Credentials: WARRAQ_SMTP_USER, WARRAQ_SMTP_PASSWORD."""

    webhook: str
    """URL that gets a POST with JSON; empty: none. WARRAQ_ALARM_WEBHOOK in the environment wins, for URLs that are
    secret."""
    email_to: tuple[str, ...]
    email_from: str
    smtp: str
    """``host:port``; empty: no e-mail."""
    smtp_security: Literal["starttls", "tls", "none"]
    command: tuple[str, ...]
    """Program and its arguments; it gets the JSON of the webhook on stdin. Empty: none."""
    least_gap_s: Pause
    """Least time between two messages of a channel; what happens meanwhile comes in one."""
    heartbeat_url: str
    """GET once a minute while no critical alarm is on: its silence is the alarm. Empty: none."""
    heartbeat_command: tuple[str, ...]
    """The same as a program."""
    settle_s: Pause
    """An alarm is over when nothing was found for so long."""
    window_h: Annotated[int, msgspec.Meta(ge=1, le=168)]
    """Hours whose articles are compared with the same hours of earlier weeks."""
    weeks: Annotated[int, msgspec.Meta(ge=1, le=52)]
    volume_share: Share
    """Fewer than this share of the usual number is too few."""
    volume_least: Upto
    """Sites that usually have fewer articles than this in the window are not judged by their number."""
    silent_gaps: Annotated[float, msgspec.Meta(gt=0, le=1_000_000)]
    """Silent is what lasts so many times longer than the longest usual gap."""
    silent_s: Pause
    """And at least so long."""
    failure_share: Share
    """Of the pages of a day; more is a jump if it is also three times the usual share."""
    length_change: Annotated[float, msgspec.Meta(ge=1, le=1_000_000)]
    """Factor by which the median length of the latest articles may differ from what it was."""
    unshipped_s: Seconds
    """A sealed file that waits longer for the store is trouble."""
    spool_share: Share
    """Of the spool's quota in use."""
    idle_s: Seconds
    """No run at all ended for so long although some were due: the dead man's switch."""
    clock_jump_s: Seconds


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """All settings."""

    storage: Storage
    state: StateSettings
    spool: Spooling
    fetch: Fetching
    parse: Parsing
    crawl: Crawling
    daemon: Daemon
    page: PageSettings
    alarms: Alarming
