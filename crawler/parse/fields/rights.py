"""Statements about use in force when a page was captured: robots directives, text-and-data-mining, licence.

Collected as stated, with their source; what follows from them is not decided here.
"""

from __future__ import annotations

__all__ = ["rights_of"]

from typing import Final

from crawler.model.article import RightsSignal
from crawler.model.page import Page
from crawler.parse.fields.metadata import Metadata, texts_of

_ROBOTS: Final = frozenset((
    "noindex", "none", "noarchive", "nocache", "nosnippet", "noimageindex", "notranslate", "noai", "noimageai",
    "noml", "indexifembedded", "nofollow", "max-snippet:0",
))  # fmt: skip
_DEFAULTS: Final = frozenset(("index", "follow", "all", "archive", "max-image-preview:large", ""))
_HEADERS: Final = ("tdm-reservation", "tdm-policy", "content-usage", "x-ai-training")
_METAS: Final = (
    "tdm-reservation",
    "tdm-policy",
    "content-usage",
    "dcterms.rights",
    "dc.rights",
    "dcterms.license",
    "rights",
    "copyright",
    "cc:license",
)


def rights_of(page: Page, meta: Metadata) -> tuple[RightsSignal, ...]:
    """Return each restriction or licence that header, meta tag, link or JSON-LD states, once, in that order."""
    found: list[RightsSignal] = []
    for name, value in page.headers:
        if name == "x-robots-tag":
            found += _directives("x-robots-tag", value)
        elif name in _HEADERS:
            found.append(RightsSignal(f"header:{name}", value))
    for key, values in meta.metas.items():
        if key == "robots" or (key.endswith("bot") and len(key) < 40) or key.startswith("googlebot"):
            found += [signal for value in values for signal in _directives(f"meta:{key}", value)]
    found += [RightsSignal(f"meta:{key}", value) for key, value in meta.every(*_METAS)]
    found += [RightsSignal("link:license", link) for link in meta.links.get("license", ())]
    for key in ("license", "usageInfo", "copyrightNotice"):
        found += [RightsSignal(f"json-ld:{key}", v) for v in texts_of(meta.article.get(key), "url", "@id", "name")]
    return tuple(dict.fromkeys(found))


def _directives(source: str, value: str) -> list[RightsSignal]:
    """Return the restrictive directives of a robots value; ``user-agent: directive`` keeps its agent."""
    agent = ""
    found = []
    for part in value.lower().split(","):
        words = part.strip()
        head, colon, rest = words.partition(":")
        if colon and head not in ("max-snippet", "max-image-preview", "max-video-preview", "unavailable_after"):
            agent, words = head.strip(), rest.strip()
        if words in _DEFAULTS:
            continue
        if words in _ROBOTS or words.startswith("unavailable_after"):
            found.append(RightsSignal(f"{source}:{agent}" if agent else source, words))
    return found
