"""The headline as the page shows it, where it stands, and the site's name cut from what only the title tag says."""

from __future__ import annotations

__all__ = ["Title", "title_of"]

import html
import re
from typing import Final, NamedTuple

from crawler.parse.fields.decoration import without_decoration
from crawler.parse.fields.language import script_of
from crawler.parse.fields.metadata import Metadata, urlsplit_path
from crawler.parse.fields.stated_titles import (
    Claim,
    address_words,
    claims_of,
    covered,
    letters,
    site_name_of,
    states,
    twin,
    votes_of,
)
from crawler.parse.page.blocks import Element, Layout, PageBlock
from crawler.parse.page.hints import Hint, hints_of
from crawler.parse.page.text import clean, fold, folds_to, words

_HOME: Final = frozenset(("", "index.html", "index.htm", "index.php"))
_UNLIKELY: Final = (
    Hint.NAV | Hint.FOOT | Hint.SIDE | Hint.RELATED | Hint.COMMENT | Hint.SIGNUP | Hint.CONSENT | Hint.HIDDEN
)


_ESCAPED: Final = re.compile(
    r"&(?:amp|quot|apos|nbsp|[lr][sd]quo|[mn]dash|hellip|[lr]aquo|#(?!60;|62;)\d{2,5}|#x(?!3[ce];)[\da-f]{2,4});",
    re.IGNORECASE,
)
"""Not the signs of tags, which a headline about HTML may mean."""


class Title(NamedTuple):
    """The headline, and the number of the block that shows it (-1: no block does)."""

    text: str | None
    block: int


def title_of(meta: Metadata, layout: Layout) -> Title:
    """Return the article's headline: as a heading shows it, unless the page's other statements agree on another.

    Without a heading that fits, what the page states; a statement that differs from the heading by white space or
    punctuation alone has it where parts of the heading are joined without. Characters that were escaped twice, and so show as
    ``&amp;`` or ``&#8217;``, are what they stand for.
    """
    title = _chosen(meta, layout)
    return (
        title if not title.text or "&" not in title.text else Title(_ESCAPED.sub(_unescaped, title.text), title.block)
    )


def _unescaped(escaped: re.Match[str]) -> str:
    return clean(html.unescape(escaped[0])) or " "


def _chosen(meta: Metadata, layout: Layout) -> Title:
    """Return the headline as it is written, and its block."""
    brand = _brand(layout)
    names = [name for name in (site_name_of(meta), brand) if name]
    claims = claims_of(meta, names)
    shown = _shown(layout, claims, names)
    address = address_words(meta)
    if shown is None:
        if not claims:
            return Title(None, -1)
        best = _voted(claims, None, address) or claims[0].text
        return Title(best, _block_of(best, layout))
    text = _headline(shown, layout, claims)
    agreed = _better(claims, text, address, layout) if _in_trail(shown) else None
    agreed = agreed or _voted(claims, text, address, whole=shown.level > 1 and text.endswith(":"))
    if agreed is not None:
        block = _block_of(agreed, layout)
        return Title(agreed, block if block >= 0 else shown.index)
    stated = twin(claims, text)
    if stated is not None and (len(stated.split()) > len(text.split()) or (":" in stated and ":" not in text)):
        return Title(stated, shown.index)
    return Title(text, shown.index)


def _better(claims: list[Claim], shown: str, address: frozenset[str], layout: Layout) -> str | None:
    """Return the headline that goes before a heading in a breadcrumb, which may be one made for search engines.

    That is the JSON-LD's if the address was made of it, else the one given for sharing if another heading shows it.
    """
    for claim in claims:
        if claim.source == "json-ld" and covered(claim.text, address) >= max(covered(shown, address) + 0.3, 0.75):
            return claim.text
    shared = next((claim for claim in claims if claim.source == "og"), None)
    if shared is None:
        return None
    for block in layout.blocks:
        if block.kind == "heading" and letters(block.text) == shared.key and not _in_trail(block):
            return shared.text
    return None


def _brand(layout: Layout) -> str | None:
    """Return the name in a heading that is the site's logo: its link leads to the home page."""
    for block in layout.blocks[:60]:
        if block.kind == "heading" and block.level == 1 and block.ink < 60 and _leads_home(block):
            return block.text
    return None


def _leads_home(block: PageBlock) -> bool:
    """Tell whether a heading is one link to the home page."""
    if block.links != 1 or block.link_ink < block.ink:
        return False
    link = block.element.node.css_first("a[href]")
    href = (link.attributes.get("href") or "").strip() if link is not None else ""
    return bool(href) and href[0] not in "#?" and urlsplit_path(href).strip("./") in _HOME


def _shown(layout: Layout, claims: list[Claim], names: list[str]) -> PageBlock | None:
    """Return the heading that shows the headline."""
    keys = [set(words(claim.text)) for claim in claims]
    folded = [fold(name) for name in names]
    best: PageBlock | None = None
    best_score = 0.0
    for block in layout.blocks:
        if block.kind == "heading" and block.level <= 3 and block.ink < 600:
            score = _agreement(block, keys, folded)
            if score > best_score:
                best, best_score = block, score
    return best if best is not None and (best_score >= 1.0 or not claims) else None


def _voted(claims: list[Claim], shown: str | None, address: frozenset[str], *, whole: bool = False) -> str | None:
    """Return the text that two independent statements share and that is to go before the `shown` headline, if any.

    It is when it is a part of what is shown, or when the JSON-LD is one of the two and the address sides with it; it is
    not when a statement agrees with what is shown, when it only adds to it (a kicker, the site's name) and the `whole`
    headline is not wanted, or when it is in another script: a translation for search engines.
    """
    if shown is not None:
        claims = [claim for claim in claims if script_of(claim.text) == script_of(shown)]
    votes = votes_of(claims)
    own = letters(shown) if shown is not None else ""
    if own and own in votes:
        return None
    for claim in claims:
        key = claim.key
        if not key or len(votes[key]) < 2:
            continue
        if shown is None or key in own or (whole and own in key):
            return claim.text
        if own not in key and "json-ld" in votes[key] and covered(claim.text, address) > covered(shown, address):
            return claim.text
    return None


def _block_of(text: str, layout: Layout) -> int:
    key = fold(text)
    for block in layout.blocks:
        if block.ink < 400 and block.link_ink * 2 < block.ink and folds_to(block.text, key):
            return block.index
    return -1


def _headline(block: PageBlock, layout: Layout, claims: list[Claim]) -> str:
    """Return the heading's text, without a kicker that is an element of its own in it.

    A kicker that more of the page's statements have than leave out belongs to the headline, and they say how the two
    are joined.
    """
    whole = without_decoration(block.element.node, _whole(block, layout), lambda text: states(claims, text))
    rest = _without_kicker(block, whole)
    if rest != whole:
        votes = votes_of(claims)
        if len(votes.get(letters(whole), ())) > len(votes.get(letters(rest), ())):
            return twin(claims, whole) or whole
    return rest


def _without_kicker(block: PageBlock, whole: str) -> str:
    """Return `whole` without an element at its start that is named a kicker."""
    for node in block.element.node.css("span, small, em, strong, div")[:8]:
        name = node.attributes.get("class") or ""
        if not hints_of(name) & Hint.KICKER:
            continue
        kicker = " ".join(clean(node.text()).split())
        rest = whole.removeprefix(kicker).lstrip(" :|/-–—·") if kicker else ""
        if rest and rest != whole and len(rest) > len(kicker) // 2:
            return rest
    return whole


def _whole(block: PageBlock, layout: Layout) -> str:
    """Return the heading's text; a headline that is set in several blocks or lines is joined by spaces."""
    parts = [b.text for b in layout.blocks[block.index : block.index + 4] if b.element is block.element]
    return " ".join(" ".join(parts).split())


def _agreement(block: PageBlock, keys: list[set[str]], sites: list[str]) -> float:
    """Return how well a heading fits the claims; 1.0 and more is taken."""
    own = set(words(block.text))
    if not own or any(abs(len(site) - len(block.text)) < 4 and fold(block.text) == site for site in sites):
        return 0.0
    score = {1: 1.0, 2: 0.3, 3: 0.1}[block.level]
    overlap = 0.0
    for rank, key in enumerate(keys):
        shared = len(own & key)
        overlap = max(overlap, 2 * shared / (len(own) + len(key)) - rank * 0.005 if key else 0.0)
    score += 2 * overlap
    score -= _displaced(block)
    if (block.element.hints | block.hints) & Hint.TITLE:
        score += 0.1
    if block.element.hidden:
        score -= 0.3
    if keys and overlap < 0.3 and (block.level > 1 or len(own) < 3):
        score -= 1.0
    return score - block.index / 100_000


def _displaced(block: PageBlock) -> float:
    """Return what a heading loses for where it stands."""
    element = block.element
    unlikely = element.inherited & _UNLIKELY or "nav" in element.region or "aside" in element.region
    return 0.5 if unlikely else 0.0


def _in_trail(block: PageBlock) -> bool:
    """Tell whether a heading stands in a breadcrumb or other navigation."""
    at: Element | None = block.element
    for _ in range(4):
        if at is None or at.tag == "body":
            return False
        if at.tag == "nav" or at.hints & Hint.NAV:
            return True
        at = at.parent
    return "nav" in block.element.region
