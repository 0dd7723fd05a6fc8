"""Do two articles say the same? Told from small sketches of their texts, in any script, whole or in part.

A sketch holds the hashes of some of a text's shingles: those below a threshold that depends on the text's length alone
(Broder's modulo sketches; "FracMinHash"). Whoever takes over a part of a text takes the hashes of that part with it, so
two sketches tell how much of the one is in the other, which a SimHash cannot. A shingle is as many words as hold about
four words' worth of text; in scripts that are written without spaces each character counts half a word.

What many texts have in common that else have nothing in common (an agency's line on its rights, a house's foot) proves
nothing: `likeness` leaves such hashes out.
"""

from __future__ import annotations

__all__ = [
    "LEAST_SHARE", "MOST_HOLDERS", "CopyKind", "Holder", "Likeness", "Sketch", "copy_kind", "likeness", "phrases_of",
    "sketch_of",
]  # fmt: skip

import hashlib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from typing import Literal, NamedTuple

import msgspec

CopyKind = Literal["first", "exact", "near", "part"]
"""``exact``: the same letters and digits; ``near``: four fifths of either are the other's; ``part``: less."""

LEAST_SHARE = 0.3
"""So much of the shorter text must be in the other, or they have nothing to do with each other."""
MOST_HOLDERS = 24
"""Nobody need know of more articles that hold a hash."""

_UNLIKE = 6
_OF_ONE_SITE = 4

_NEAR = 0.8
_WORTH = 8
"""Of a shingle: a word is worth 2, a character that stands for half a word 1."""
_LEAST_COMMON = 5
_LEAST_SHINGLES_TAKEN = 48
"""A part that is taken over has some fifty words at least: feet and notes on rights are shorter."""
_LEAST_SHINGLES = 16
"""Texts with less than that are headlines."""
_FULL = 32
"""Hashes that a sketch should have if the text has as many shingles."""
_COARSEST = 32
_MOST_LETTERS = 200_000
_SPACE = 2**63
_DENSE = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
_WORD = re.compile(r"[^\W_]+")
_MARKS = frozenset(("Mn", "Cf", "Lm"))


class Sketch(msgspec.Struct, frozen=True):
    """What of a text is kept for comparing it."""

    scale: int
    """One in so many shingles is in it: a power of two, or 0 for a text that is too short to compare."""
    hashes: frozenset[int]
    """Each below 2**63 / scale."""
    digest: str
    """Of the text's letters and digits: equal for exact copies."""

    def at(self, scale: int) -> frozenset[int]:
        """Return the hashes that a coarser sketch of the same text would have."""
        if scale == self.scale:
            return self.hashes
        limit = _SPACE // scale
        return frozenset(one for one in self.hashes if one < limit)


class Holder(NamedTuple):
    """An article that holds a hash."""

    hash: int
    sketch: int
    """Its number."""
    cluster: int
    """Of articles that say the same."""
    site: str


class Likeness(msgspec.Struct, frozen=True):
    """How much two texts have in common."""

    of_this: float
    """The part of the one that is in the other."""
    of_other: float
    common: int
    """Hashes that both have."""
    scale: int = 1
    """Each stands for so many shingles."""

    @property
    def share(self) -> float:
        """The part of the shorter one that is in the longer."""
        return max(self.of_this, self.of_other)

    @property
    def is_copy(self) -> bool:
        """Tell whether that is too much for chance, and for what articles have at their foot."""
        if self.common < _LEAST_COMMON or self.share < LEAST_SHARE:
            return False
        return self.is_near or self.common * self.scale >= _LEAST_SHINGLES_TAKEN

    @property
    def is_near(self) -> bool:
        """Tell whether they are nearly the same."""
        return min(self.of_this, self.of_other) >= _NEAR


def sketch_of(text: str) -> Sketch:
    """Return the sketch of `text`: the same on every machine. Takes about a microsecond a letter."""
    tokens = _tokens(text[:_MOST_LETTERS])
    digest = hashlib.blake2b("".join(tokens).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    shingles = _shingles(tokens)
    if len(shingles) < _LEAST_SHINGLES:
        return Sketch(0, frozenset(), digest)
    scale = 1
    while scale < _COARSEST and len(shingles) > 2 * _FULL * scale:
        scale *= 2
    limit = _SPACE // scale
    return Sketch(scale, frozenset(one for one in map(_hash, shingles) if one < limit), digest)


def likeness(this: Sketch, other: Sketch, *, common_phrases: frozenset[int] = frozenset()) -> Likeness:
    """Compare two sketches; `common_phrases` are the hashes that prove nothing."""
    scale = max(this.scale, other.scale)
    if not this.scale or not other.scale:
        same = 1.0 if this.digest == other.digest else 0.0
        return Likeness(same, same, 0)
    ours, theirs = this.at(scale) - common_phrases, other.at(scale) - common_phrases
    common = len(ours & theirs)
    return Likeness(common / max(len(ours), 1), common / max(len(theirs), 1), common, scale)


def phrases_of(holders: Iterable[Holder]) -> frozenset[int]:
    """Return the hashes that prove nothing: six texts hold them that are unlike else, or four pages of one site do.

    A turn of phrase, an agency's line on its rights, a house's foot.
    """
    clusters: dict[int, set[int]] = defaultdict(set)
    pages: dict[tuple[int, str], int] = defaultdict(int)
    for holder in holders:
        clusters[holder.hash].add(holder.cluster)
        pages[holder.hash, holder.site] += 1
    found = {one for one, of in clusters.items() if len(of) >= _UNLIKE}
    return frozenset(found | {one for (one, _), count in pages.items() if count >= _OF_ONE_SITE})


def copy_kind(this: Sketch, first: Sketch, alike: Likeness) -> CopyKind:
    """Return what kind of copy of `first` the text of `this` is."""
    if this.digest == first.digest:
        return "exact"
    return "near" if alike.is_near else "part"


def _tokens(text: str) -> list[str]:
    """Return the words, and the characters of scripts without spaces, without what is only written now and then."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
        text = "".join(one for one in text if one.isascii() or unicodedata.category(one) not in _MARKS)
    found: list[str] = []
    for word in _WORD.findall(text.casefold()):
        if word.isascii() or not _DENSE.search(word):
            found.append(word)
        else:
            found.extend(word)
    return found


def _shingles(tokens: list[str]) -> set[str]:
    """Return the runs of tokens that are together worth a shingle, one from each token on."""
    worth = [1 if len(token) == 1 and _DENSE.match(token) else 2 for token in tokens]
    found: set[str] = set()
    end = total = 0
    for start in range(len(tokens)):
        while end < len(tokens) and total < _WORTH:
            total += worth[end]
            end += 1
        if total < _WORTH:
            break
        found.add(" ".join(tokens[start:end]))
        total -= worth[start]
    return found


def _hash(shingle: str) -> int:
    digest = hashlib.blake2b(shingle.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1
