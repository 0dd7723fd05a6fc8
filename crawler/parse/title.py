"""The headline as the page shows it, where it stands, and the site's name cut from what only the title tag says."""

from __future__ import annotations

__all__ = ["Title", "site_name_of", "title_of"]

import re
from typing import NamedTuple
from urllib.parse import urlsplit

from crawler.parse.blocks import Block, Layout
from crawler.parse.metadata import Metadata, texts_of
from crawler.parse.text import fold, words
from crawler.parse.vocabulary import Hint

_SEPARATOR = re.compile(r"\s+[|\-–—·•»:«›/~]+\s+|\s*[|｜»_]\s*|:\s+|\s+::\s+")
_STRONG = re.compile(r"\s+[|\-–—·•»›~]+\s+|\s*[|｜]\s*|\s+::\s+|_")
_UNLIKELY = Hint.NAV | Hint.FOOT | Hint.SIDE | Hint.RELATED | Hint.COMMENT | Hint.SIGNUP | Hint.CONSENT | Hint.HIDDEN


class Title(NamedTuple):
    """The headline, and the number of the block that shows it (-1: no block does)."""

    text: str | None
    block: int


def site_name_of(meta: Metadata) -> str | None:
    """Return the name the site gives itself."""
    publisher = texts_of(meta.article.get("publisher"), "name")
    return meta.first("og:site_name", "application-name", "apple-mobile-web-app-title") or (publisher[0] if publisher else None)


def title_of(meta: Metadata, layout: Layout) -> Title:
    """Return the article's headline: the h1 that agrees with what the page says of itself, else what it says."""
    site = site_name_of(meta)
    claims = _claims(meta, site)
    keys = [set(words(claim)) for claim in claims]
    best: Block | None = None
    best_score = 0.0
    for block in layout.blocks:
        if block.kind == "heading" and block.level <= 3 and block.ink < 600:
            score = _agreement(block, claims, keys, site)
            if score > best_score:
                best, best_score = block, score
    if best is not None and (best_score >= 1.0 or not claims):
        return Title(_whole(best, layout), best.index)
    if not claims:
        return Title(None, -1)
    for block in layout.blocks:
        if block.ink < 400 and block.link_ink * 2 < block.ink and fold(block.text) == fold(claims[0]):
            return Title(block.text, block.index)
    return Title(claims[0], -1)


def _whole(block: Block, layout: Layout) -> str:
    """Return the heading's text; a headline that is set in several blocks or lines is joined by spaces."""
    parts = [b.text for b in layout.blocks[block.index : block.index + 4] if b.element is block.element]
    return " ".join(" ".join(parts).split())


def _claims(meta: Metadata, site: str | None) -> list[str]:
    """Return the headlines the page states in its metadata, the most trusted first, without the site's name."""
    found = [*texts_of(meta.article.get("headline")), *texts_of(meta.article.get("name"))]
    for key in ("og:title", "twitter:title", "dc.title", "dcterms.title", "parsely-title", "sailthru.title", "headline", "title", "cxenseparse:title"):
        found += meta.metas.get(key, ())[:1]
    found = [_cut(text, site, meta) for text in found]
    if meta.title_tag:
        found.append(_cut(meta.title_tag, site, meta, strong=True))
    return [text for text in dict.fromkeys(found) if text]


def _cut(text: str, site: str | None, meta: Metadata, *, strong: bool = False) -> str:
    """Return `text` without the parts at its ends that name the site."""
    text = " ".join(text.split())
    names = {fold(site)} if site else set()
    host = (urlsplit(meta.url).hostname or "").removeprefix("www.")
    label = host.rsplit(".", 1)[0].replace(".", "").replace("-", "")
    for _ in range(3):
        cuts = list(_STRONG.finditer(text))
        if not cuts:
            break
        tail, head = text[cuts[-1].end() :], text[: cuts[0].start()]
        if _names_site(tail, names, host, label):
            text = text[: cuts[-1].start()]
        elif _names_site(head, names, host, label):
            text = text[cuts[0].end() :]
        else:
            if strong and "|" in cuts[-1][0] and len(tail) < 30 < cuts[-1].start():
                text = text[: cuts[-1].start()]
                continue
            break
    return text.strip()


def _names_site(part: str, names: set[str], host: str, label: str) -> bool:
    key = fold(part)
    plain = "".join(c for c in key if c.isalnum())
    if not plain or len(part) > 60:
        return False
    return key in names or plain in (host.replace(".", ""), label) or any(plain == "".join(c for c in n if c.isalnum()) for n in names) or (
        len(plain) > 3 and (plain in label or (len(label) > 3 and label in plain and len(plain) < 2 * len(label)))
    )  # fmt: skip


def _agreement(block: Block, claims: list[str], keys: list[set[str]], site: str | None) -> float:
    """Return how well a heading fits the claims; 1.0 and more is taken."""
    own = set(words(block.text))
    if not own or (site and fold(block.text) == fold(site)):
        return 0.0
    score = {1: 1.0, 2: 0.3, 3: 0.1}[block.level]
    overlap = 0.0
    for rank, key in enumerate(keys):
        shared = len(own & key)
        overlap = max(overlap, 2 * shared / (len(own) + len(key)) - rank * 0.005 if key else 0.0)
    score += 2 * overlap
    if block.element.inherited & _UNLIKELY or block.element.region.find("nav") >= 0 or "aside" in block.element.region:
        score -= 0.6
    if (block.element.hints | block.hints) & Hint.TITLE:
        score += 0.1
    if block.element.hidden:
        score -= 0.3
    if overlap < 0.3 and (block.level > 1 or len(own) < 3):
        score -= 1.0
    return score - block.index / 100_000
