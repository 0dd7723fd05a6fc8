"""The spider that a declaration names: loaded by its name, and watched for faults of its own."""

from __future__ import annotations

__all__ = ["SpiderFaults", "load_spider"]

import logging

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.utils.misc import load_object
from twisted.python.failure import Failure

from crawler.errors import UsageError

_DISCOVERY = "spiders.base.Discovery"
_GUIDE = "docs/extending.md tells how to write one"


def load_spider(name: str) -> type[Spider]:
    """Return the class of that dotted name. Raises UsageError with why it cannot crawl, in one line."""
    try:
        found = load_object(name)
    except Exception as error:  # code of others: whatever its module does when imported is its author's to hear of
        why = " ".join(_named(error).split())
        raise UsageError(f"{name} cannot be loaded: {why}", next_step="put it into code/, or install it") from error
    if not (isinstance(found, type) and issubclass(found, Spider)):
        raise UsageError(f"{name} is not a spider", next_step=_GUIDE)
    if not issubclass(found, load_object(_DISCOVERY)):
        raise UsageError(
            f"{name} is a Scrapy spider, but no {_DISCOVERY}: nobody would know what its requests are for",
            next_step=_GUIDE,
        )
    return found


class SpiderFaults(logging.Handler):
    """Keeps the first error that the spider of `crawler` raises or logs, or Scrapy about it; a context manager."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(logging.ERROR)
        self.first: str | None = None
        """In one line."""
        self._crawler = crawler

    def emit(self, record: logging.LogRecord) -> None:
        spider = getattr(record, "spider", None)
        if spider is not None and spider is self._crawler.spider:
            error = record.exc_info[1] if record.exc_info else None
            self._keep(record.getMessage() if error is None else _named(error))

    def __enter__(self) -> SpiderFaults:
        self._crawler.signals.connect(self._raised, signals.spider_error)
        logging.getLogger().addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        logging.getLogger().removeHandler(self)
        self._crawler.signals.disconnect(self._raised, signals.spider_error)

    def _raised(self, failure: Failure) -> None:
        self._keep(_named(failure.value))

    def _keep(self, what: str) -> None:
        self.first = self.first or " ".join(what.split())[:300]


def _named(error: BaseException | None) -> str:
    return f"{type(error).__name__}: {error}"
