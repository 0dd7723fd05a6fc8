"""Pages, feeds, sitemaps and listings: bytes to values, as pure functions."""

from __future__ import annotations

__all__: list[str] = []

import warnings
from pathlib import Path

from crawler.parse.compiled import stale_sources

if _stale := stale_sources(Path(__file__).parent):
    warnings.warn(
        f"the compiled parser is older than {', '.join(_stale)}: compile it again with `make setup`", stacklevel=2
    )
