"""Log set-up: structured events through the standard library's loggers, to stderr."""

from __future__ import annotations

__all__ = ["set_up"]

import logging
import sys

import structlog

from crawler.visible import visible

_OF_MANY_LINES = ("exception", "stack")


def set_up(level: str = "warning", *, json: bool = False) -> None:
    """Send every logger's events of at least `level` to stderr, one line each: text, or JSON for machines.

    Scrapy's own chatter is kept at warnings: what it counts is in the ledger.
    """
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if json
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(),
            pad_event_to=0,
            exception_formatter=structlog.dev.plain_traceback,  # others print every local variable: pages, settings
        )
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                _visible,
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for noisy in ("scrapy", "twisted", "botocore", "boto3", "urllib3", "asyncio", "apscheduler"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, root.level))


def _visible(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Let nothing in an event's texts, which are others' words often, act on a terminal or tell a secret."""
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = visible(value, lines=key in _OF_MANY_LINES)
    return event
