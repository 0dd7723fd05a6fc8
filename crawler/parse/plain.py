"""In Python what _native.c, _text.c and _dom.c do in C: sums over decision trees, a look at a page's bytes, measures of text."""

from __future__ import annotations

__all__ = [
    "Cursor", "Finder", "Openings", "Phrases", "Stems", "Trees", "Vocabulary", "capitals", "clean", "count_letters", "has_crowded_tag", "is_utf8", "lower", "simhash", "squeezed", "straight", "tags_and_options", "unit_length",
    "word_count", "words",
]  # fmt: skip

import re
from collections import Counter
from collections.abc import Callable
from typing import Final
from zlib import crc32

from selectolax.lexbor import LexborNode

_MIX: Final = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)
_SLOT: Final = 16
"""Bytes of one word in a row of words held as one integer: room for a product of two 64-bit numbers."""
_COMMON: Final = 24
"""Longer words are rare, and not worth remembering."""
_MARKS: Final[dict[str, bytes]] = {}
_MAX_MARKS: Final = 1 << 16

_NO_WORDS: Final = re.compile(r"[^\w\x00-\x7f]+")
_ASCII_WORDS: Final = bytes(code if code > 127 or re.match(r"\w", chr(code), re.ASCII) else 32 for code in range(256))
"""ASCII letters, digits, underscores and what is not ASCII as they are, all else a space."""

_JUNK: Final = re.compile("[\x01-\x08\x0b\x0e-\x1f\x7f-\x9f\xad\u200b\u2060-\u2064\ufeff]")
_SPACE: Final = re.compile("[ \t\n\r\f]+")
_SPACED_BREAK: Final = re.compile(" ?\x00 ?")
_DENSE: Final = (
    "\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3040-\u30ff"
    "\u3100-\u312f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9d\U00020000-\U0003ffff"
)
_DENSE_CHAR: Final = re.compile(f"[{_DENSE}]")
_DENSE_RUN: Final = re.compile(f"[{_DENSE}]+")
_IDEOGRAPH: Final = re.compile(
    "[\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7a3]"
)
_WORD: Final = re.compile(r"\w+")
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_TOKEN: Final = re.compile(r"[a-z]+")
_ASCII_LOWER: Final = bytes(range(128)).lower() + bytes(range(128, 256))
_ASCII_OTHER: Final = bytes(code for code in range(128) if not chr(code).isalnum())
_NOT_LETTER: Final = re.compile(r"[\W_]+")
_FORMAT: Final = re.compile("[\xad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")

_QUOTES: Final = str.maketrans(
    dict.fromkeys("“”„‟«»″〝〞＂", '"') | dict.fromkeys("‘’‚‛′`´‹›＇", "'") | dict.fromkeys("‐‑‒–—―−", "-")
)
_SPOKEN: Final = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_OTHER_MARKS: Final = re.compile(r"(?:(?![\u0900-\u0963\u0970-\u0dff])[^\w\x00-\x7f’])+")
"""What is neither ASCII nor of a word; the vowel signs of India's scripts are of one, though they are no letters."""
_OTHER_DIGITS: Final = re.compile(r"(?:(?![\x00-\x7f])\d)+")
_LETTERS: Final = bytes(code if code > 127 or chr(code).isalpha() or chr(code) == "'" else 32 for code in range(256))
"""ASCII letters, the apostrophe and what is not ASCII as they are, all else a space."""
_UPPER: Final = re.compile("[A-Z\u00c0-\u00de\u0410-\u042f]")


class Trees:
    """Decision trees whose leaves are summed over rows of `width` numbers, beginning with `base`.

    A tree is a leaf, or [feature, threshold, at most, above]; a negative feature is ``~feature`` and its threshold a bit
    mask (no bit set, some bit set). TypeError for what is no tree of whole numbers.
    """

    __slots__ = ("_total",)

    def __init__(self, trees: list[object], base: int, width: int) -> None:
        self._total = _function(trees, base, width)

    def totals(self, rows: list[list[int] | None]) -> list[int | None]:
        """Return the sum for each row; None where there is none."""
        return [None if row is None else self._total(*row) for row in rows]


def _function(trees: list[object], base: int, width: int) -> Callable[..., int]:
    """Return a function of the row's numbers that gives the sum of the trees: four times faster than walking them."""
    source = "+".join([str(base), *[_expression(tree, width) for tree in trees]])
    names = ",".join([f"r{feature:d}" for feature in range(width)])
    function: Callable[..., int] = eval(  # noqa: S307 - the source is made of whole numbers only
        compile(f"lambda {names}: {source}", "selection.json", "eval")
    )
    return function


def _expression(node: object, width: int) -> str:
    """Return a tree as a conditional expression over ``r0``, ``r1`` ...; TypeError for what is no tree of whole numbers."""
    if isinstance(node, int):
        return f"({node:d})"
    if not isinstance(node, list) or len(node) != 4 or not isinstance(node[0], int) or not isinstance(node[1], int):
        raise TypeError(f"not a node of a tree: {node!r:.80}")
    feature, threshold, low, high = node
    if max(feature, ~feature) >= width:
        raise TypeError("a node of a tree asks for a number that the rows have not")
    if feature >= 0:
        return f"({_expression(low, width)} if r{feature:d}<={threshold:d} else {_expression(high, width)})"
    return f"({_expression(high, width)} if r{~feature:d}&{threshold:d} else {_expression(low, width)})"


class Finder:
    """Ways in which elements of a page fulfil a selector: tag, and name, value and kind of comparison for each attribute (crawler.parse.page.query)."""

    __slots__ = ()

    def __init__(self, ways: tuple[tuple[str | None, tuple[tuple[str, str | None, int], ...]], ...]) -> None:
        pass

    def find(self, root: LexborNode) -> list[LexborNode] | None:  # noqa: ARG002 - as in C
        """Return the elements at and below `root` that fulfil one, in page order; None if selectolax is to be asked."""
        return None


class Cursor:
    """A walk over all that is in `root`, node by node: a step goes into the node where it stands, or past it.

    `names` are of tags by lexbor's numbers: None for those that are passed over; all others are asked for their name.
    """

    __slots__ = ("_inner", "_names", "_naming", "_node", "_noted", "_open")

    def __init__(
        self, root: LexborNode, names: dict[int, str | None], naming: frozenset[str], noted: frozenset[str]
    ) -> None:
        self._node: LexborNode | None = root
        self._inner: LexborNode | None = None
        self._open: list[LexborNode] = []
        self._names, self._naming, self._noted = names, naming, noted

    def step(self, into: bool) -> str | None:
        """Return the tag of the next node; ``-text`` and ``-blank`` (ASCII white space) for texts, ``-end`` where an element is left, None behind the last.

        Where an element is left the cursor stands on it again. Comments and their like are passed over.
        """
        at = self._node
        if at is None:
            return None
        if into:
            self._open.append(at)
            following = (self._inner or at).first_child
        else:
            following = at.next
        self._inner = None
        while following is not None:
            self._node = following
            if following.is_text_node:
                return "-blank" if following.is_empty_text_node else "-text"
            if following.is_element_node:
                number = following.tag_id
                name = self._names[number] if number in self._names else following.tag  # noqa: SIM401 - not asked without need
                if name is not None:
                    return name
            following = following.next
        outer = self._open.pop()
        self._node = outer if self._open else None
        return "-end" if self._open else None

    def enter(self, inner: LexborNode) -> None:
        """Let the next step into an element go into `inner` instead."""
        self._inner = inner

    def node(self) -> LexborNode | None:
        """Return the node where the walk stands."""
        return self._node

    def text(self) -> str | None:
        """Return the text where the walk stands; None if it is none."""
        return self._node.text_content if self._node is not None else None

    def attributes(self) -> dict[str, str | None]:
        """Return the attributes of the element where the walk stands."""
        return self._node.attributes if self._node is not None else {}

    def named(self) -> tuple[str, bool]:
        """Return the values of those attributes that are `naming`, a space between any two, and whether there are any that are `noted`."""
        given = self.attributes()
        name = " ".join([value for key, value in given.items() if value and key in self._naming])
        return name, any(key in self._noted for key in given if key not in self._naming)


def simhash(text: str, most: int) -> int:
    """Return the 64-bit simhash of the triples of the first `most` words of `text`: near texts differ in few bits.

    0 if there are no words.
    """
    tokens = words(text)[:most]
    if not tokens:
        return 0
    grams = _triples(_marks(tokens) + [bytes(_SLOT)] * (3 - len(tokens)))
    hashes = b"".join(grams)
    lowest = int.from_bytes(b"\1" * len(grams), "little")
    masks = [lowest << bit for bit in range(8)]
    value = 0
    for lane in range(8):
        column = int.from_bytes(hashes[lane::8], "little")
        for bit, mask in enumerate(masks):
            if (column & mask).bit_count() * 2 > len(grams):
                value |= 1 << lane * 8 + bit
    return value


def _triples(marks: list[bytes]) -> set[bytes]:
    """Return ``a * _MIX[0] + b * _MIX[1] + c * _MIX[2]`` modulo 2**64 of every three marks that follow each other.

    The row is one integer with a number in every slot, so that each factor takes a single multiplication.
    """
    size = _SLOT * (len(marks) - 2)
    low = int.from_bytes((b"\xff" * 8 + b"\0" * 8) * (len(marks) - 2), "little")
    row = int.from_bytes(b"".join(marks), "little")
    total = 0
    for place, factor in enumerate(_MIX):
        total += (row >> 8 * _SLOT * place) * factor & low
    sums = (total & low).to_bytes(size, "little")
    return {sums[at : at + 8] for at in range(0, size, _SLOT)}


def _marks(tokens: list[str]) -> list[bytes]:
    """Return the mark of each word; those of common words are remembered from page to page."""
    if len(_MARKS) > _MAX_MARKS:
        _MARKS.clear()
    found = []
    for token in tokens:
        mark = _MARKS.get(token)
        if mark is None:
            mark = _mark(token)
            if len(token) < _COMMON:
                _MARKS[token] = mark
        found.append(mark)
    return found


def _mark(token: str) -> bytes:
    """Return 64 bits for a word, in its slot; the sum over three words with odd factors mixes them."""
    raw = token.encode("utf-8", "surrogatepass")
    return (crc32(raw) << 32 | crc32(raw, 0x5BD1E995)).to_bytes(_SLOT, "little")


def _runs(text: str) -> list[str]:
    """Return the runs of letters, digits and underscores in `text`."""
    spaced = text if text.isascii() else _NO_WORDS.sub(" ", text)
    return spaced.encode("utf-8", "surrogatepass").translate(_ASCII_WORDS).decode("utf-8", "surrogatepass").split()


def is_utf8(body: bytes) -> bool:
    """Tell whether `body` is valid UTF-8."""
    if body.isascii():
        return True
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def tags_and_options(html: bytes) -> tuple[int, int]:
    """Return how many tags begin in `html`, or seem to, and how many of them with ``<opt`` in letters of any case."""
    return html.count(b"<"), html.lower().count(b"<opt")


def has_crowded_tag(html: bytes, size: int, values: int, spaces: int) -> bool:
    """Tell whether a tag of `html` has `size` bytes and more before its ``>`` or the next tag, and in them so many ``=`` or spaces."""
    long = (part.partition(b">")[0] for part in html.split(b"<") if len(part) >= size and part[:1].isalpha())
    return any(len(tag) >= size and (tag.count(b"=") >= values or tag.count(b" ") >= spaces) for tag in long)


def lower(text: str) -> str:
    """Return `text` in lower case."""
    return text.lower()


def count_letters(text: str, letters: str) -> int:
    """Return how many letters of `text` are one of `letters`, each as often as it stands there."""
    return sum(map(text.count, letters))


def clean(raw: str) -> str:
    r"""Return `raw` as inline text of a block: ASCII white space collapsed, NBSP a space, invisible junk gone.

    A NUL stands for a line break of the page and leaves as ``\\n``.
    """
    if raw.isprintable():  # no junk, no NUL, and no white space but spaces
        return " ".join(raw.split())
    plain = raw.replace("\n", " ").replace("\t", " ").replace("\r", " ").replace("\xa0", " ")
    if plain.isprintable():
        return " ".join(plain.split())
    text = _SPACE.sub(" ", _JUNK.sub("", raw).replace("\xa0", " "))
    if "\x00" in text:
        text = _SPACED_BREAK.sub("\n", text)
    return text.strip(" \n\u3000\u2002\u2003\u2009\u200a\u202f")


def unit_length(text: str) -> int:
    """Return a length that compares across scripts: an ideograph, kana or Hangul syllable counts as three letters."""
    size = len(text)
    if text.isascii() or len(text.encode("utf-8", "surrogatepass")) * 10 < size * 13:
        return size  # mostly ASCII letters: a stray ideograph does not matter, and counting costs
    return size + 2 * len(_IDEOGRAPH.findall(text))


def words(text: str) -> list[str]:
    """Return the words of `text`, case folded; scripts written without spaces give one word per character."""
    if text.isascii():
        return _runs(text.lower())
    if not text.replace("\n", " ").isprintable():
        text = _FORMAT.sub("", text)
    plain = _runs(text.lower())
    if not _DENSE_CHAR.search(text):
        return plain
    found: list[str] = []
    for word in plain:
        if word.isascii() or not _DENSE_CHAR.search(word):
            found.append(word)
            continue
        start = 0
        for run in _DENSE_RUN.finditer(word):
            if run.start() > start:
                found.append(word[start : run.start()])
            found.extend(run[0])
            start = run.end()
        if start < len(word):
            found.append(word[start:])
    return found


def word_count(text: str) -> int:
    """Return how many words a reader would count: by spaces, and two characters a word in scripts without spaces."""
    dense = 0 if text.isascii() else len(_DENSE_CHAR.findall(text))
    rest = _DENSE_RUN.sub(" ", text) if dense else text
    return (dense + 1) // 2 + sum(1 for part in rest.split() if part[0].isalnum() or _WORD.search(part))


def squeezed(text: str) -> str:
    """Return the letters and digits of `text` alone, in lower case, for comparison."""
    if text.isascii():
        return text.encode().translate(_ASCII_LOWER, _ASCII_OTHER).decode()
    return _NOT_LETTER.sub("", text).lower()


class Phrases:
    """Groups of phrases that are looked for in one pass: at most 62, of strings that are not empty."""

    __slots__ = ("_groups",)

    def __init__(self, groups: list[tuple[str, ...]]) -> None:
        self._groups = groups

    def found(self, text: str) -> int:
        """Return a bit for each group of which a phrase is in `text`, the first group's the lowest."""
        return sum(1 << order for order, group in enumerate(self._groups) if any(phrase in text for phrase in group))


class Openings:
    """Phrases of up to three words, joined by spaces, in lower case: bits of those that count among the first `look` words, and anywhere."""

    __slots__ = ("_anywhere", "_firsts", "_look", "_openings")

    def __init__(self, openings: dict[str, int], anywhere: dict[str, int], look: int) -> None:
        self._openings, self._anywhere, self._look = openings, anywhere, look
        self._firsts = frozenset(phrase.split(" ", 1)[0] for phrase in (*openings, *anywhere) if " " in phrase)

    def read(self, text: str, also: list[str]) -> tuple[int, int, int, int]:
        """Return the bits of all phrases in `text`, those of what it begins with, how many words it has, and how many of those are in `also`."""
        tokens = words(text)
        found = first = 0
        for start, token in enumerate(tokens):
            sizes = (1, 2, 3) if token in self._firsts else (1,)
            for size in sizes:
                phrase = " ".join(tokens[start : start + size])
                bits = self._anywhere.get(phrase, 0)
                if start < self._look:
                    bits |= self._openings.get(phrase, 0)
                found |= bits
                if not start:
                    first |= bits
        return found, first, len(tokens), sum(token in also for token in tokens)


class Stems:
    """How the tokens of class names begin, and what that says: (stem, bits, whether a token is that and no more).

    A stem has 2 to 24 letters from a to z. Of a whole token that is given twice the last bits hold.
    """

    __slots__ = ("_begun", "_whole")

    def __init__(self, stems: list[tuple[str, int, bool]]) -> None:
        self._whole: dict[str, int] = {}
        self._begun: dict[str, list[tuple[str, int]]] = {}
        for stem, bits, is_whole in stems:
            if is_whole:
                self._whole[stem] = bits
            else:
                self._begun.setdefault(stem[:2], []).append((stem, bits))

    def bits(self, name: str) -> int:
        """Return the bits of all tokens in `name`: ``articleBody``, ``article-body`` and ``article_body`` have the same two."""
        found = 0
        for token in _TOKEN.findall(_CAMEL.sub(" ", name).lower()):
            found |= self._whole.get(token, 0)
            for stem, bits in self._begun.get(token[:2], ()):
                if token.startswith(stem):
                    found |= bits
        return found


class Vocabulary:
    """Lists of words, in lower case, whose words are counted in texts."""

    __slots__ = ("_having", "_lists")

    def __init__(self, lists: list[frozenset[str]]) -> None:
        self._lists = len(lists)
        self._having: dict[str, list[int]] = {}
        for order, words_of_list in enumerate(lists):
            for word in words_of_list:
                self._having.setdefault(word, []).append(order)

    def counted(self, text: str, with_digits: bool) -> tuple[list[int], list[int], int]:
        """Return for every list how many words of `text` it has and how many different ones, and how many words there are.

        Digits that are not ASCII are of words if they are to be: ``with_digits``.
        """
        tokens = _tokens(text, with_digits=with_digits)
        counts, kinds = [0] * self._lists, [0] * self._lists
        for token, times in Counter(tokens).items():
            for order in self._having.get(token, ()):
                counts[order] += times
                kinds[order] += 1
        return counts, kinds, len(tokens)


def _tokens(sample: str, *, with_digits: bool) -> list[str]:
    """Return the words of `sample` in lower case, each letter of which may stand in one; an apostrophe joins two parts."""
    text = _OTHER_MARKS.sub(" ", sample.lower())
    if not with_digits:
        text = _OTHER_DIGITS.sub(" ", text)
    found: list[str] = []
    for token in text.encode("utf-8", "surrogatepass").translate(_LETTERS).decode("utf-8", "surrogatepass").split():
        if "'" in token or "’" in token:
            found += _SPOKEN.findall(token)
        else:
            found.append(token)
    return found


def straight(text: str) -> str:
    """Return `text` with one form of double quotes, of single ones and of dashes."""
    return text.translate(_QUOTES)


def capitals(text: str) -> int:
    """Return how many capital letters `text` has, as far as Latin and Cyrillic have them in one block."""
    return len(_UPPER.findall(text))
