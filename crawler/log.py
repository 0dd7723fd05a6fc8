"""The log: events with fields, through the standard library's loggers, to stderr.

What writes the events (structlog, which loads half a second of others' modules) is loaded when there is one to write.
"""

from __future__ import annotations

__all__ = ["EventLog", "bind", "set_up"]

import logging
import sys
from typing import TYPE_CHECKING

from crawler.visible import visible

if TYPE_CHECKING:
    from structlog.typing import EventDict, Processor

_OF_MANY_LINES = ("exception", "stack")


class EventLog:
    """Where the module `name` tells what happens: an event in a few constant words, and fields that say of what.

    Before `set_up`, as in a program that uses these packages as a library, an event is an ordinary record of the
    standard library's logger of that name.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def debug(self, event: str, **fields: object) -> None:
        self._tell(logging.DEBUG, event, fields)

    def info(self, event: str, **fields: object) -> None:
        self._tell(logging.INFO, event, fields)

    def warning(self, event: str, **fields: object) -> None:
        self._tell(logging.WARNING, event, fields)

    def error(self, event: str, **fields: object) -> None:
        self._tell(logging.ERROR, event, fields)

    def exception(self, event: str, **fields: object) -> None:
        """Tell an error, and the exception that is being handled."""
        self._tell(logging.ERROR, event, {"exc_info": True, **fields})

    def _tell(self, level: int, event: str, fields: dict[str, object]) -> None:
        logger = logging.getLogger(self._name)
        if not logger.isEnabledFor(level):
            return
        if any(isinstance(handler.formatter, _Lines) for handler in logging.getLogger().handlers):
            _structured(self._name, level, event, fields)
            return
        fault = bool(fields.pop("exc_info", False))
        logger.log(
            level, "%s", " ".join([event, *(f"{key}={value!r}" for key, value in fields.items())]), exc_info=fault
        )


def set_up(level: str = "warning", *, json: bool = False) -> None:
    """Send every logger's events of at least `level` to stderr, one line each: text, or JSON for machines.

    Scrapy's own chatter is kept at warnings: what it counts is in the ledger.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Lines(json))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for noisy in ("scrapy", "twisted", "botocore", "boto3", "urllib3", "asyncio", "apscheduler"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, root.level))


def bind(**fields: object) -> None:
    """Put `fields` on every event of this task and of those it starts."""
    from structlog.contextvars import bind_contextvars  # noqa: PLC0415 - see above

    bind_contextvars(**fields)


class _Lines(logging.Formatter):
    """One line a record, an event's or anybody's."""

    def __init__(self, json: bool) -> None:
        super().__init__()
        self._json = json
        self._made: logging.Formatter | None = None

    def format(self, record: logging.LogRecord) -> str:
        self._made = self._made or _formatter(json=self._json)
        return self._made.format(record)


def _structured(name: str, level: int, event: str, fields: dict[str, object]) -> None:
    import structlog  # noqa: PLC0415 - see above

    if not structlog.is_configured():
        structlog.configure(
            processors=[*_on_all(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
            logger_factory=structlog.stdlib.LoggerFactory(),
            wrapper_class=structlog.stdlib.BoundLogger,
        )
    structlog.get_logger(name).log(level, event, **fields)


def _on_all() -> list[Processor]:
    import structlog  # noqa: PLC0415 - see above

    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]


def _formatter(*, json: bool) -> logging.Formatter:
    import structlog  # noqa: PLC0415 - see above

    renderer: Processor = (
        structlog.processors.JSONRenderer()
        if json
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(),
            pad_event_to=0,
            exception_formatter=structlog.dev.plain_traceback,  # others print every local variable: pages, settings
        )
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_on_all(),
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            _visible,
            renderer,
        ],
    )


def _visible(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Let nothing in an event's texts, which are others' words often, act on a terminal or tell a secret."""
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = visible(value, lines=key in _OF_MANY_LINES)
    return event
