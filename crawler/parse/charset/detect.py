"""Guess the encoding of a page in a legacy charset from its text: which reading gives the most likely letters.

Small on purpose: the encodings that news sites have used, judged by how often the commonest letters of each script
appear and by what real text never has (capitals inside words, control characters, rare ideographs).
"""

from __future__ import annotations

__all__ = ["detect", "plausible"]

import re
from collections import Counter

_SAMPLE = 40_000
_HEAD = 65_536
_LANGUAGE = re.compile(
    rb"""(?:<(?:dc:)?language>\s*|<html\b[^>]{0,300}?\blang\s*=\s*["']?|xml:lang\s*=\s*["'])([A-Za-z]{2,3})\b""",
    re.IGNORECASE,
)
_BY_LANGUAGE = {
    "ar": "cp1256", "fa": "cp1256", "ur": "cp1256", "he": "cp1255", "iw": "cp1255", "ru": "cp1251", "uk": "cp1251",
    "bg": "cp1251", "be": "cp1251", "sr": "cp1251", "mk": "cp1251", "el": "cp1253", "tr": "cp1254", "ja": "cp932",
    "zh": "gb18030", "ko": "cp949", "th": "cp874", "pl": "cp1250", "cs": "cp1250", "hu": "cp1250", "sk": "cp1250",
}  # fmt: skip
_NEARLY = 0.2
"""What a reading may be less likely than the best one if it is that of the page's language."""
_CODE = re.compile(
    rb"<(script|style)\b.*?(?:</\1\s*>|\Z)|<[^>]*(?:>|\Z)|&[#a-zA-Z0-9]{1,32};", re.DOTALL | re.IGNORECASE
)
"""What is never closed goes on to the end, as in browsers: so no page makes the search begin again and again."""
_HIGH_RUN = re.compile(rb"[\x80-\xff][\x20-\xff]*")

_MARKS = "’‘‚“”„–—…«»°§€·´"
_CENTRAL = ("áčďéěíňóřšťúůýžľĺŕôäČŘŠŽ", "ąćęłńóśźżĄĆĘŁŃÓŚŹŻ", "áéíóöőúüűÁÉÍÖŐ", "ăâîşţĂÎŞŢ", "čćđšžČĆĐŠŽ")
_ARABIC = "اليمونرتبهسعفدكقحجةأ،"
_COMMON: dict[str, tuple[str, ...]] = {
    "cp1252": (
        "äöüßÄÖÜé",
        "éèàùâêîôûçëïœÉÀÈÇÊ",
        "áéíóúñüÁÉÍÓÚÑ¿¡ºª",
        "àèéìòùÀÈ",
        "áâãàçéêíóôõúÁÉÓºª",
        "åäöæøéÅÄÖÆØ",
        "áéíóúýþæöðÁÉÍÓÚÞÆÖ",
        "àçèéíïòóúüÀÈÉÒ",
    ),
    "cp1250": _CENTRAL,
    "iso8859_2": _CENTRAL,
    "cp1254": ("ıİşŞğĞçÇöÖüÜâîû",),
    "cp1257": ("ąčęėįšųūžĄČĘĖĮŠŲŪŽ", "āčēģīķļņšūžĀČĒĢĪĶĻŅŠŪŽ", "äõöüšžÄÕÖÜ"),
    "cp1256": (_ARABIC + "پچیگ",),
    "iso8859_6": (_ARABIC,),
    "cp1251": ("оеаинтсрвлкмдпуяыьгзбчйіїєґёОПВСНКМА",),
    "koi8-r": ("оеаинтсрвлкмдпуяыьгзбчйёОПВСНКМА",),
    "cp1255": ("יוהלארתבמשנעםדקחפגכצןטסזךףץ",),
    "cp1253": ("αοιετνσςρκπμλυηάίόέήώύγδθχφβωΑΕΤΠΚΗΟ",),
    "cp874": ("านรอกเงมยลวดทตสะปบคหผพจชไข่้ีัิุูาำ็์แโใ",),
    "iso8859_5": ("оеаинтсрвлкмдпуяыьгзбчйОПВСНКМА",),
}
"""What the languages of an encoding write with beyond ASCII; where readings are equal the first is taken."""
_WIDE = {
    "cp949": re.compile("[\uac00-\ud7a3]"),
    "cp932": re.compile("[\u3040-\u30ff\u3001\u3002]"),
    "euc_jp": re.compile("[\u3040-\u30ff\u3001\u3002]"),
    "gb18030": re.compile("[的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动，。、：]"),
    "big5hkscs": re.compile(
        "[的一是在不了有和人這中大為上個國我以要他時來用們生到作地於出就分對成會可主發年動，。、：]"
    ),
}
_WIDE_EXPECTED = {"cp949": 0.75, "cp932": 0.4, "euc_jp": 0.4, "gb18030": 0.2, "big5hkscs": 0.2}

_LEVELS = {"gb18030": ("gb2312", b"\xb0", b"\xd7"), "big5hkscs": ("big5", b"\xa4", b"\xc6")}
"""The lead bytes of the usual ideographs: level 1 of GB 2312 and of Big5."""
_FIRST_LEVEL = 0.6
"""What it says for a reading that all ideographs are usual ones; Korean and Japanese texts read as Chinese have them too."""
_IDEOGRAPH = re.compile("[\u4e00-\u9fff\uf900-\ufaff]")
"""Korean pages have next to none."""
_LOOK = 400
_LATIN = frozenset(("cp1250", "cp1252", "cp1254", "cp1257", "iso8859_2"))
_LONG_RUN = re.compile("[\x80-\U0010ffff]{3,}")
"""Letters beyond ASCII stand alone in Latin text; three together are another script's."""
_MIXED = re.compile("[A-Za-z][\u0370-\u0e7f]|[\u0370-\u0e7f][A-Za-z]")
"""Words of Greek, Cyrillic, Hebrew, Arabic or Thai have no Latin letters in them; Latin text read as one of these does."""


def detect(body: bytes) -> str:
    """Return the Python codec that most likely wrote `body`, which is not UTF-8; its language decides between likely ones."""
    sample = _sample(body)
    best, best_score = "cp1252", 0.0
    for name in (*_WIDE, *_COMMON):
        score = _score(sample, name)
        if score > best_score + 1e-9:
            best, best_score = name, score
    usual = _usual(body)
    return usual if usual is not None and _score(sample, usual) > best_score - _NEARLY else best


def _usual(body: bytes) -> str | None:
    """Return the codec that the language which a page or feed names for itself was mostly written in."""
    match = _LANGUAGE.search(body[:_HEAD])
    return _BY_LANGUAGE.get(match[1].decode("ascii").lower()) if match else None


def plausible(body: bytes, name: str) -> bool:
    """Tell whether reading `body` in codec `name` gives likely text; unknown codecs are taken on trust."""
    if name not in _COMMON and name not in _WIDE:
        return True
    sample = _sample(body)
    if len(sample) < 40:
        return True
    score = _score(sample, name)
    if score >= 0.5:
        return True
    best = detect(body)
    return best == name or _score(sample, best) < score + 0.25


def _sample(body: bytes) -> bytes:
    """Return the text of the page that has bytes above ASCII, without markup."""
    text = _CODE.sub(b" ", body[: 20 * _SAMPLE])
    return b" ".join(_HIGH_RUN.findall(text))[:_SAMPLE]


def _score(sample: bytes, name: str) -> float:
    if name in _WIDE:
        return _wide_score(sample, name)
    text = sample.decode(name, "replace")
    letters = [c for c in text if c > "\x7f"]
    if not letters:
        return 0.0
    counts = Counter(letters)
    marks = sum(counts[c] for c in _MARKS) if name in _LATIN else 0
    known = marks + max(sum(counts[c] for c in set(alphabet)) for alphabet in _COMMON[name])
    bad = (
        text.count("\ufffd")
        + len(re.findall("[\x80-\x9f]", text))
        + len(re.findall(r"[^\W\d_A-Z][A-Z\u00c0-\u00de\u0410-\u042f]", text))
    )
    if name in _LATIN:
        bad += sum(map(len, _LONG_RUN.findall(text))) // 2
    else:
        bad += len(_MIXED.findall(text))
    return (known - 2 * bad) / len(letters)


def _wide_score(sample: bytes, name: str) -> float:
    text = sample.decode(name, "replace")
    wide = [c for c in text if c > "\x7f"]
    if not wide:
        return 0.0
    errors = text.count("\ufffd")
    if errors * 50 > len(wide):
        return 0.0
    share = len(_WIDE[name].findall(text)) / len(wide) / _WIDE_EXPECTED[name]
    rare = len(re.findall("[\ue000-\uf8ff\uff61-\uff9f\u0080-\u00a0]", text)) / len(wide)
    if name == "cp949":
        rare += len(_IDEOGRAPH.findall(text)) / len(wide) / 2
    elif name in _LEVELS:
        share = max(share, _FIRST_LEVEL * _first_level(wide[:_LOOK], name))
    return min(1.0, share) - 2 * rare - errors / len(wide)


def _first_level(wide: list[str], name: str) -> float:
    """Return the share of the characters that the standard of `name` counts among the usual ones."""
    codec, least, most = _LEVELS[name]
    leads = [letter.encode(codec, "ignore")[:1] for letter in wide]
    return sum(least <= lead <= most for lead in leads) / len(leads)
