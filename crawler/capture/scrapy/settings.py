"""The Scrapy settings of every run, in one place; each differs from Scrapy's default for the reason beside it.

Spiders do not set settings. Scrapy's part in a run is the scheduler, the callbacks and retries; politeness, scope,
storage, decoding and the ledger are Warraq's own.
"""

from __future__ import annotations

__all__ = ["RunSettings", "requests_begun", "scrapy_settings", "user_agent"]

import copy
from typing import Any, Self

from scrapy.settings import BaseSettings, Settings, SettingsAttribute

import crawler
from crawler.config import Config, Fetching
from crawler.model.site import Site

_AHEAD = 4
"""Requests begun for each that a host is asked at once: one is answered while others are recorded and parsed."""

_HANDLER = "crawler.capture.scrapy.handler.CaptureHandler"


class RunSettings(Settings):
    """Scrapy's settings, made once for all runs of a process: each run's crawler makes a copy of them for itself.

    Scrapy copies deeply, some three hundred objects, which is a third of what a poll without news costs. Here a copy
    has attributes and collections of its own, and shares with the others what is in these.
    """

    def copy(self) -> Self:
        """Return settings that can be changed without these; values within lists and dicts are the same ones."""
        made: Self = type(self).__new__(type(self))
        made.frozen = self.frozen
        made.attributes = _copied(self.attributes)
        return made


def _copied(attributes: dict[str, SettingsAttribute]) -> dict[str, SettingsAttribute]:
    copied = {}
    for name, attribute in attributes.items():
        one = copied[name] = SettingsAttribute.__new__(SettingsAttribute)
        one.value, one.priority = _own(attribute.value), attribute.priority
    return copied


def _own(value: Any) -> Any:
    if isinstance(value, BaseSettings):
        made = type(value).__new__(type(value))
        made.frozen, made.attributes = value.frozen, _copied(value.attributes)
        return made
    return copy.copy(value) if isinstance(value, (list, dict, set)) else value


def scrapy_settings(config: Config) -> dict[str, Any]:
    """Return the settings for `crawler.capture.scrapy.engine.RunCrawler` under `config`."""
    return {**_process(), **_limits(config.fetch), **_manners(config.fetch), **_components()}


def requests_begun(fetch: Fetching, site: Site) -> int:
    """Return how many requests of one run of `site` are begun at once: as many as its hosts can keep busy.

    More would only wait at the hosts' gate, each with a task of its own; the requests that are not begun cost a tenth.
    """
    hosts = 1 + len(site.hosts)
    return max(1, min(fetch.concurrency, _AHEAD * fetch.concurrency_per_host * hosts))


def user_agent(fetch: Fetching) -> str:
    """Return the User-Agent field, with the version and the contact filled in."""
    return fetch.user_agent.format(version=crawler.__version__, contact=fetch.contact)


def _process() -> dict[str, Any]:
    """Return what keeps a run from harming the process it shares with others."""
    return {
        # Many runs share one asyncio loop, without Twisted's reactor: a run costs milliseconds, not a process.
        "TWISTED_REACTOR_ENABLED": False,
        # Both open a port that runs Python code; the first is on by default.
        "REMOTE_CONTROL_ENABLED": False,
        "TELNETCONSOLE_ENABLED": False,
        # Logging belongs to the command that was given; a library does not install handlers.
        "LOG_ENABLED": False,
        "LOG_INSTALL_ROOT_HANDLER": False,
        "STATS_DUMP": False,  # the run's report is derived from the ledger
        "STATS_CLASS": "scrapy.statscollectors.DummyStatsCollector",
    }


def _limits(fetch: Fetching) -> dict[str, Any]:
    return {
        "CONCURRENT_REQUESTS": fetch.concurrency,
        # The host gate decides, for all runs together; Scrapy's own slots must not queue in front of it.
        "CONCURRENT_REQUESTS_PER_DOMAIN": fetch.concurrency,
        "DOWNLOAD_DELAY": 0,
        # Scrapy starts this many tasks for every response, needed or not: the default of 100 costs up to half of a
        # crawl's processor time. A page is one item; responses are still worked on side by side.
        "CONCURRENT_ITEMS": 1,
        "DOWNLOAD_TIMEOUT": 0,  # the wire client times connect, head, body and silence
        "DOWNLOAD_MAXSIZE": 0,  # the wire client cuts at max_body_bytes and keeps what came
        "DOWNLOAD_WARNSIZE": 0,
        "REDIRECT_MAX_TIMES": fetch.max_redirects,
        "RETRY_TIMES": fetch.retries,
        # 429 and 503 come with the gate's pause; 403 and other 4xx are answers.
        "RETRY_HTTP_CODES": [408, 429, 500, 502, 503, 504, 522, 524],
        # Only what the handler translates: a wrapped OSError elsewhere is a fault of ours and must not be retried.
        "RETRY_EXCEPTIONS": [
            "scrapy.exceptions.CannotResolveHostError",
            "scrapy.exceptions.DownloadConnectionRefusedError",
            "scrapy.exceptions.DownloadFailedError",
            "scrapy.exceptions.DownloadTimeoutError",
            "scrapy.exceptions.ResponseDataLossError",
        ],
        "RETRY_GIVE_UP_LOG_LEVEL": "DEBUG",  # the ledger says what was given up, and why
    }


def _manners(fetch: Fetching) -> dict[str, Any]:
    headers = {
        "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        "Accept-Language": "*;q=0.5",  # the site's own language, whatever it is
        "Accept-Encoding": "gzip, deflate",  # common WARC readers cannot decode br and zstd
    }
    if "@" in fetch.contact and "/" not in fetch.contact:
        headers["From"] = fetch.contact.removeprefix("mailto:")  # RFC 9110 section 10.1.2: robots should
    return {
        "USER_AGENT": user_agent(fetch),
        "DEFAULT_REQUEST_HEADERS": headers,
    }


def _components() -> dict[str, Any]:
    return {
        "DOWNLOAD_HANDLERS": {
            "http": _HANDLER,
            "https": _HANDLER,
            # Nothing that is not archived may be fetched.
            **dict.fromkeys(("data", "file", "ftp", "s3")),
        },
        # Scrapy imports all it lists, switched off or not (the list of public suffixes, two HTTP clients); so the lists
        # are ours. Not in them: cookies (but within a chain of redirects) and Referer (what is archived is what a
        # visitor without history would be sent),
        # the environment's proxies (fetch.proxy; the wire client speaks to it), authentication, caching, statistics,
        # robots.txt (ours: one copy for all runs, archived), default fields (the handler adds them), scope, depth and
        # length of URLs (the frontier decides, with an outcome), decoding (bodies stay as they crossed the wire, the
        # parse pool decodes them), meta refresh (searches every body; ours looks at small ones), HTTP errors
        # (every answer is an outcome: the spider sees 304, 404 and 503 too).
        "DOWNLOADER_MIDDLEWARES_BASE": {},
        "DOWNLOADER_MIDDLEWARES": {
            "crawler.capture.manners.robots.RobotsMiddleware": 100,
            "scrapy.downloadermiddlewares.retry.RetryMiddleware": 550,
            "crawler.capture.scrapy.redirects.ChainRedirects": 600,
        },
        "SPIDER_MIDDLEWARES_BASE": {},
        "EXTENSIONS_BASE": {},  # statistics, exporters, memory watch: each has its counterpart outside the run
        "SCHEDULER": "crawler.capture.scrapy.queue.RunScheduler",
        "DOWNLOADER": "crawler.capture.scrapy.queue.DirectDownloader",
        "DUPEFILTER_CLASS": "crawler.capture.scrapy.seen.SeenUrls",
        "WARN_ON_GENERATOR_RETURN_VALUE": False,  # parses the source of every callback
    }
