"""The headline as the page shows it, where it stands, and the site's name cut from what only the title tag says."""

from __future__ import annotations

__all__ = ["Title", "site_name_of", "title_of"]

import re
from typing import NamedTuple
from urllib.parse import urlsplit

from crawler.parse.blocks import Block, Layout
from crawler.parse.metadata import Metadata, texts_of
from crawler.parse.text import clean, fold, words
from crawler.parse.vocabulary import Hint, hints_of

_METAS = (
    "og:title",
    "twitter:title",
    "dc.title",
    "dcterms.title",
    "parsely-title",
    "sailthru.title",
    "headline",
    "title",
    "cxenseparse:title",
)
_STRONG = re.compile(r"\s+[|\-–—·•»›~]+\s+|\s*[|｜]\s*|\s+::\s+|_")
_UNLIKELY = Hint.NAV | Hint.FOOT | Hint.SIDE | Hint.RELATED | Hint.COMMENT | Hint.SIGNUP | Hint.CONSENT | Hint.HIDDEN


class Title(NamedTuple):
    """The headline, and the number of the block that shows it (-1: no block does)."""

    text: str | None
    block: int


class _Claim(NamedTuple):
    text: str
    source: str


def site_name_of(meta: Metadata) -> str | None:
    """Return the name the site gives itself."""
    publisher = texts_of(meta.article.get("publisher"), "name")
    return meta.first("og:site_name", "application-name", "apple-mobile-web-app-title") or (
        publisher[0] if publisher else None
    )


def title_of(meta: Metadata, layout: Layout) -> Title:
    """Return the article's headline: the h1, unless the page's other statements agree on another.

    Without an h1 that fits, what the page states; a statement that differs from the h1 by white space or punctuation
    alone has it where parts of the h1 are joined without.
    """
    site = site_name_of(meta)
    claims = _claims(meta, site)
    shown = _shown(layout, claims, site)
    if shown is None:
        if not claims:
            return Title(None, -1)
        best = _voted(claims, None) or claims[0].text
        return Title(best, _block_of(best, layout))
    text = _without_kicker(shown, layout)
    agreed = _voted(claims, text)
    if agreed is not None:
        return Title(agreed, shown.index)
    key = _letters(text)
    twin = next((claim.text for claim in claims if _letters(claim.text) == key), None)
    return Title(twin if twin is not None and len(twin.split()) > len(text.split()) else text, shown.index)


def _shown(layout: Layout, claims: list[_Claim], site: str | None) -> Block | None:
    """Return the heading that shows the headline."""
    keys = [set(words(claim.text)) for claim in claims]
    name = fold(site) if site else ""
    best: Block | None = None
    best_score = 0.0
    for block in layout.blocks:
        if block.kind == "heading" and block.level <= 3 and block.ink < 600:
            score = _agreement(block, keys, name)
            if score > best_score:
                best, best_score = block, score
    return best if best is not None and (best_score >= 1.0 or not claims) else None


def _voted(claims: list[_Claim], shown: str | None) -> str | None:
    """Return the text that two independent statements share and that is to go before the `shown` headline, if any.

    It is not when a statement agrees with what is shown, or when it only adds to it: a kicker, the site's name.
    """
    votes: dict[str, set[str]] = {}
    for claim in claims:
        votes.setdefault(_letters(claim.text), set()).add(claim.source)
    own = _letters(shown) if shown is not None else ""
    if own and own in votes:
        return None
    for claim in claims:
        key = _letters(claim.text)
        if len(votes[key]) > 1 and not (own and own in key) and (not own or key in own or "json-ld" in votes[key]):
            return claim.text
    return None


def _block_of(text: str, layout: Layout) -> int:
    key = fold(text)
    for block in layout.blocks:
        if block.ink < 400 and block.link_ink * 2 < block.ink and fold(block.text) == key:
            return block.index
    return -1


def _letters(text: str) -> str:
    return "".join(c for c in fold(text) if c.isalnum())


def _without_kicker(block: Block, layout: Layout) -> str:
    """Return the heading's text without a kicker that is an element of its own in it."""
    whole = _whole(block, layout)
    for node in block.element.node.css("span, small, em, strong, div")[:8]:
        name = node.attributes.get("class") or ""
        if not hints_of(name) & Hint.KICKER:
            continue
        kicker = " ".join(clean(node.text()).split())
        rest = whole.removeprefix(kicker).lstrip(" :|/-–—·") if kicker else ""
        if rest and rest != whole and len(rest) > len(kicker) // 2:
            return rest
    return whole


def _whole(block: Block, layout: Layout) -> str:
    """Return the heading's text; a headline that is set in several blocks or lines is joined by spaces."""
    parts = [b.text for b in layout.blocks[block.index : block.index + 4] if b.element is block.element]
    return " ".join(" ".join(parts).split())


def _claims(meta: Metadata, site: str | None) -> list[_Claim]:
    """Return the headlines the page states in its metadata, the most trusted first, without the site's name."""
    found = [
        _Claim(text, "json-ld")
        for text in (*texts_of(meta.article.get("headline")), *texts_of(meta.article.get("name")))[:2]
    ]
    for key in _METAS:
        found += [
            _Claim(text, "og" if key in ("og:title", "twitter:title") else key) for text in meta.metas.get(key, ())[:1]
        ]
    found = [_Claim(_cut(claim.text, site, meta), claim.source) for claim in found]
    if meta.title_tag:
        found.append(_Claim(_cut(meta.title_tag, site, meta, strong=True), "title"))
    return [claim for claim in dict.fromkeys(found) if claim.text]


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


def _agreement(block: Block, keys: list[set[str]], site: str) -> float:
    """Return how well a heading fits the claims; 1.0 and more is taken."""
    own = set(words(block.text))
    if not own or (site and abs(len(site) - len(block.text)) < 4 and fold(block.text) == site):
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
    if keys and overlap < 0.3 and (block.level > 1 or len(own) < 3):
        score -= 1.0
    return score - block.index / 100_000
