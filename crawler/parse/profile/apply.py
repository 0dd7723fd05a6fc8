"""What a site's profile does to a page: blocks that recur on the site's other pages leave the body.

A block is known by its whole text in its place: the same words as a teaser elsewhere do not cost an article its first
paragraph, and a report whose figures change every day is no furniture. Learning (`crawler.parse.profile.learn`) goes by the same
fingerprints. Pure, and free where there is no profile.
"""

from __future__ import annotations

__all__ = ["Without", "marks_of", "without_furniture"]

import re
from collections.abc import Iterable
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

from crawler.model.profile import BlockMark, SiteProfile
from crawler.parse.choose.select import Choice
from crawler.parse.page.blocks import Layout, PageBlock
from crawler.parse.page.text import fold

REASON = "recurs on this site's pages"

_LONGEST = 2000
"""Ink of a block; what is longer is nobody's furniture."""
_MOST_MARKS = 400
_EXCERPT = 80
_LABEL = 40
_PASSED_OVER = "navigation or links"
_DIGITS = re.compile(r"\d+")
_LETTERS = re.compile(r"(?:[^\W\d_].*?){3}", re.DOTALL)


class Without(NamedTuple):
    """A choice of blocks as the profile leaves it."""

    choice: Choice
    removed: int
    """Blocks that left the body."""
    refused: bool
    """The profile would have taken most of the body and was not applied."""


def without_furniture(
    choice: Choice, layout: Layout, profile: SiteProfile, *, spared: Iterable[str | None] = ()
) -> Without:
    """Return `choice` without what `profile` knows as furniture; texts equal to one of `spared` stay.

    A third of the text must be left: where a profile takes more it does not fit the page, and nothing is dropped.
    """
    own = {fold(text) for text in spared if text}
    known = {i for i in choice.kept if _is_furniture(layout.blocks[i], profile, own)}
    if not known:
        return Without(choice, removed=0, refused=False)
    gone = list(known)
    kept = [i for i in choice.kept if i not in known]
    while kept and layout.blocks[kept[-1]].kind == "heading":
        gone.append(kept.pop())
    before = sum(layout.blocks[i].ink for i in choice.kept)
    if sum(layout.blocks[i].ink for i in kept) * 3 < before:
        return Without(choice, removed=0, refused=True)
    reasons = list(choice.reasons)
    for index in gone:
        reasons[index] = REASON
    return Without(Choice(tuple(kept), tuple(reasons), choice.scores), removed=len(gone), refused=False)


def marks_of(choice: Choice, layout: Layout) -> tuple[BlockMark, ...]:
    """Return the marks of a page's blocks, in reading order; at most some hundreds, the kept ones first of all."""
    kept = set(choice.kept)
    chosen = [b for b in layout.blocks if b.index in kept or choice.reasons[b.index] != _PASSED_OVER]
    if len(chosen) > _MOST_MARKS:
        chosen = [b for b in chosen if b.index in kept][:_MOST_MARKS]
    return tuple(_mark(block, block.index in kept) for block in chosen if _may_recur(block))


def _mark(block: PageBlock, kept: bool) -> BlockMark:
    place = _place_mark(_names(block))
    excerpt = " ".join(block.text[:_EXCERPT].split()) if kept else ""
    return BlockMark(place, _text_mark(place, block), block.ink, kept, _announces(block), excerpt)


def _is_furniture(block: PageBlock, profile: SiteProfile, own: set[str]) -> bool:
    if not _may_recur(block):
        return False
    place = _place_mark(_names(block))
    known = _text_mark(place, block) in profile.texts or (place in profile.places and not _announces(block))
    return known and fold(block.text) not in own


def _may_recur(block: PageBlock) -> bool:
    """Tell whether a block has words, and not too many."""
    return block.ink <= _LONGEST and _LETTERS.search(block.text, 0, _EXCERPT) is not None


def _announces(block: PageBlock) -> bool:
    """Tell whether a block is a heading or label, which belongs to what follows it."""
    return block.kind == "heading" or (block.ink < _LABEL and (block.tag == "dt" or block.text.endswith((":", "："))))


def _names(block: PageBlock) -> str:
    """Return what the block's element and the two around it are called."""
    element = block.element
    outer = element.parent
    grand = outer.parent if outer is not None else None
    return "\n".join([f"{one.tag} {one.name[:80]}" for one in (element, outer, grand) if one is not None])


@lru_cache(maxsize=4096)
def _place_mark(names: str) -> str:
    """Return the fingerprint of a place; numbers in its names do not count."""
    return _digest(_DIGITS.sub("", names))


def _text_mark(place: str, block: PageBlock) -> str:
    """Return the fingerprint of a text in its place: all of it counts, digits as well."""
    return _digest(f"{place} {fold(block.text)}")


def _digest(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
