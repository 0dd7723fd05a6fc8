"""Where things lie in a store: one name for the beginning of the keys of each kind; nothing else in it is ours."""

from __future__ import annotations

__all__ = ["ARTICLES", "CATALOGUE", "MANIFESTS", "PROFILES", "REPLAY", "RUN_ENDS", "TAKEDOWNS", "WARCS"]

from typing import Final

ARTICLES: Final = "articles/"
CATALOGUE: Final = "catalogue/"
MANIFESTS: Final = "manifests/"
PROFILES: Final = "profiles/"
REPLAY: Final = "replay/"
"""By which recipe the articles beside it were made, where they are a replay's."""
RUN_ENDS: Final = "runs/"
TAKEDOWNS: Final = "takedowns/"
WARCS: Final = "warc/"
"""WARC files and the index beside each, by the day on which they were begun."""
