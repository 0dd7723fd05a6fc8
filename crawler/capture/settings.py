"""The Scrapy settings of every run, in one place; each differs from Scrapy's default for the reason beside it.

Spiders do not set settings. Scrapy's part in a run is the scheduler, the callbacks and retries; politeness, scope,
storage, decoding and the ledger are Warraq's own.
"""

from __future__ import annotations

__all__ = ["scrapy_settings", "user_agent"]

from typing import Any

import crawler
from crawler.config import Config, Fetching

_HANDLER = "crawler.capture.handler.CaptureHandler"


def scrapy_settings(config: Config) -> dict[str, Any]:
    """Return the settings for `crawler.capture.engine.RunCrawler` under `config`."""
    return {**_process(), **_limits(config.fetch), **_manners(config.fetch), **_components()}


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
        "DOWNLOADER_STATS": False,  # rebuilds each response's head only to count its bytes
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
        "URLLENGTH_LIMIT": 0,  # a URL dropped here would leave the ledger without an outcome
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
        "ROBOTSTXT_OBEY": False,  # crawler.capture.robots does: one copy for all runs, archived
        # A visitor without history: what is archived is what anyone would be sent.
        "COOKIES_ENABLED": False,
        "HTTPPROXY_ENABLED": False,  # fetch.proxy, not the environment, and the wire client speaks to it
    }


def _components() -> dict[str, Any]:
    return {
        "DOWNLOAD_HANDLERS": {
            "http": _HANDLER,
            "https": _HANDLER,
            # Nothing that is not archived may be fetched.
            **dict.fromkeys(("data", "file", "ftp", "s3")),
        },
        "DOWNLOADER_MIDDLEWARES": {
            "crawler.capture.robots.RobotsMiddleware": 100,
            # Scope is decided by the frontier, with an outcome; this one drops silently.
            "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
            "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
            "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware": None,
            "scrapy.downloadermiddlewares.downloadtimeout.DownloadTimeoutMiddleware": None,
            "scrapy.downloadermiddlewares.httpcache.HttpCacheMiddleware": None,
            # Off by their own settings; so that they are not even imported (the list of public suffixes and all).
            "scrapy.downloadermiddlewares.cookies.CookiesMiddleware": None,
            "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
            "scrapy.downloadermiddlewares.httpproxy.HttpProxyMiddleware": None,
            "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware": None,
            "scrapy.downloadermiddlewares.stats.DownloaderStats": None,
            # The handler adds them to what a request has of its own: they are the same for all.
            "scrapy.downloadermiddlewares.defaultheaders.DefaultHeadersMiddleware": None,
            "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": None,
            "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,
            "crawler.capture.redirects.PlainRedirects": 600,
        },
        # Bodies stay as they crossed the wire; the parse pool decodes them, away from the loop.
        "COMPRESSION_ENABLED": False,
        "METAREFRESH_ENABLED": False,  # decodes and searches every body for something news sites hardly do
        "SPIDER_MIDDLEWARES": {
            # Every answer is an outcome: the spider sees 304, 404 and 503 too.
            "scrapy.spidermiddlewares.httperror.HttpErrorMiddleware": None,
            "scrapy.spidermiddlewares.depth.DepthMiddleware": None,  # the frontier knows how far to go
            "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware": None,
            "scrapy.spidermiddlewares.metacopy.MetaCopyDetectionMiddleware": None,
            "scrapy.spidermiddlewares.start.StartSpiderMiddleware": None,  # marks requests for nobody
            # No Referer is sent: what is archived is what a visitor without history would be sent.
            "scrapy.spidermiddlewares.referer.RefererMiddleware": None,
        },
        "EXTENSIONS_BASE": {},  # statistics, exporters, memory watch: each has its counterpart outside the run
        "SCHEDULER": "crawler.capture.queue.RunScheduler",
        "DOWNLOADER": "crawler.capture.queue.DirectDownloader",
        "DUPEFILTER_CLASS": "crawler.capture.seen.SeenUrls",
        "WARN_ON_GENERATOR_RETURN_VALUE": False,  # parses the source of every callback
    }
