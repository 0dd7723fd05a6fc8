"""What stands inside a paragraph and is none of its text: tips that open over a word, words for screen readers, badges, "read more".

An inset is known by two things together: what its element is called, and what it says or where it stands.
"""

from __future__ import annotations

__all__ = ["BADGE", "MORE", "TIP", "UNSEEN", "inset_of", "says_more"]

import re
from typing import Final

from crawler.parse.native import Phrases
from crawler.parse.page.hints import Hint

TIP: Final = 1
"""A box that opens over the word before it."""
UNSEEN: Final = 2
"""For screen readers only."""
BADGE: Final = 4
"""A label such as "new" or "premium"."""
MORE: Final = 8
"""A link to more, if it says so."""

_TIP: Final = re.compile(
    r"(?:tool-?tip|popover|roll-?over|hover-?card|pop-?up|flyout|infotip|glossary)[-_]*(?:[a-z]+[-_]+)*"
    r"(?:text|content|body|block|box|inner|card|panel|container|wrap(?:per)?|list|menu|message|desc(?:ription)?|tip)\b"
)
_UNSEEN: Final = re.compile(
    r"(?:^|[\s_-])(?:sr-only|(?:visually|accessibl[ey])-?hidden|hidden-visually|screen-?reader(?:-only|-text)?|assistive-text|a11y-hidden|offscreen)"
    r"(?=$|[\s_])"
)
_BADGE: Final = re.compile(r"(?:^|[\s_-])(?:badge|pill|chip|sticker|ribbon)s?(?=$|[\s_-])")
_MORE: Final = re.compile(
    r"(?:read|view|see|show)-?more|more-?(?:link|btn|button|tag)|continue-?reading|(?:^|[\s_-])more(?=$|[\s_-])|weiterlesen"
)
_HINTED: Final = Hint.HIDDEN | Hint.RELATED
_ON_STEMS: Final = Phrases([(
    "badge", "pill", "chip", "sticker", "ribbon", "roll", "hover", "tip", "glossary", "assistive", "a11y", "pop", "flyout", "reader",
)])  # fmt: skip
"""What is in every name that the patterns below match and `_HINTED` misses."""
_MARKS: Final = " \t\r\n\xa0.…:›»>→▶⟩«‹<←◀⟨[]()"
_SAYINGS: Final = frozenset(["read more", "read on", "more", "show more", "see more", "view more", "learn more", "continue reading", "keep reading", "read full story", "read the full story", "read full article", "full story", "weiterlesen", "mehr lesen", "mehr", "mehr erfahren", "zum artikel", "lire la suite", "lire plus", "en savoir plus", "lire l'article", "leer más", "seguir leyendo", "ver más", "leer nota completa", "leia mais", "ler mais", "saiba mais", "continue lendo", "leggi tutto", "leggi di più", "continua a leggere", "lees meer", "lees verder", "läs mer", "les mer", "læs mere", "lue lisää", "czytaj więcej", "czytaj dalej", "więcej", "číst dále", "čítať ďalej", "více", "tovább", "olvass tovább", "citește mai mult", "прочети още", "читать далее", "читать полностью", "подробнее", "далее", "читати далі", "детальніше", "διαβάστε περισσότερα", "devamını oku", "devamı", "baca selengkapnya", "selengkapnya", "xem thêm", "đọc thêm", "اقرأ المزيد", "المزيد", "إقرأ المزيد", "تفاصيل أكثر", "ادامه مطلب", "بیشتر بخوانید", "مزید پڑھیں", "קראו עוד", "המשך קריאה", "और पढ़ें", "आगे पढ़ें", "আরও পড়ুন", "อ่านต่อ", "続きを読む", "もっと見る", "더보기", "더 보기", "阅读更多", "阅读全文", "查看更多", "更多", "閱讀更多", "繼續閱讀"])  # fmt: skip
_LONGEST: Final = max(map(len, _SAYINGS)) + 6
_KNOWN: Final[dict[str, int]] = {}
_MAX_KNOWN: Final = 20_000


def inset_of(name: str, hints: int) -> int:
    """Return what an inline element with these class names, and their `hints`, may be: bits of the constants above."""
    known = _KNOWN.get(name)
    if known is None:
        if len(_KNOWN) > _MAX_KNOWN:
            _KNOWN.clear()
        known = _KNOWN[name] = _bits(name.lower(), hints)
    return known


def _bits(lowered: str, hints: int) -> int:
    if not hints & _HINTED and not _ON_STEMS.found(lowered):
        return 0
    bits = TIP if _TIP.search(lowered) else 0
    if _UNSEEN.search(lowered):
        bits |= UNSEEN
    if _BADGE.search(lowered):
        bits |= BADGE
    return bits | MORE if _MORE.search(lowered) else bits


def says_more(text: str) -> bool:
    """Tell whether `text` says that there is more to read, and nothing else."""
    return len(text) <= _LONGEST and " ".join(text.strip(_MARKS).lower().replace("’", "'").split()) in _SAYINGS
