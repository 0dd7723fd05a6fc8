"""What a failed request means for its URL: one table from errors to outcomes."""

from __future__ import annotations

__all__ = ["outcome_of"]

import re
from collections.abc import Iterator

from scrapy.exceptions import IgnoreRequest, NotSupported, UnsupportedURLSchemeError

from crawler.errors import FetchError, WarraqError
from crawler.model.run import Outcome

_OUTCOMES: dict[str, Outcome] = {
    "robots": "disallowed",
    "disallowed": "disallowed",
    "out_of_scope": "out_of_scope",
    "other_host": "out_of_scope",
    "barren_pattern": "out_of_scope",
}
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def outcome_of(error: BaseException) -> tuple[Outcome, str] | None:
    """Return outcome and reason for a URL whose request ended in `error`.

    None: the fault is not the URL's but ours (disk full, state damaged). It stays queued for the next run, and this
    one must stop.
    """
    chain = tuple(_causes(error))
    for cause in chain:
        if isinstance(cause, FetchError):
            return _OUTCOMES.get(cause.reason, "failed"), cause.reason
    if any(isinstance(cause, WarraqError) for cause in chain):
        return None
    if isinstance(error, IgnoreRequest):  # of redirects alone, which say why in words only
        return "failed", "too_many_redirects"
    if isinstance(error, NotSupported | UnsupportedURLSchemeError):  # of a scheme that nobody fetches
        return "failed", "scheme"
    return "failed", _CAMEL.sub("_", type(error).__name__).lower()


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__
