"""Names of persons in a credit or byline: cut apart, without roles, places, organisations and what else stands beside them.

The words are data (words/bylines.json). What can be no person's name is dropped: a wrong author is worse than none.
"""

from __future__ import annotations

__all__ = [
    "after_by",
    "begins_credit",
    "credits_others",
    "is_calling",
    "is_full",
    "is_lead",
    "is_name",
    "is_named",
    "is_of_page",
    "names_in",
    "parts_in",
    "parts_of",
    "says_who_wrote",
    "signs",
    "tells",
    "turned",
    "without_lead",
]

import re
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from functools import cache
from typing import Final, NamedTuple

from crawler.parse.fields.dense_names import dense_names, is_dense
from crawler.parse.page.text import fold
from crawler.parse.words import table

_TAGS: Final = re.compile(r"<[^<>]{1,300}>")
_PUNCTUATED: Final = re.compile(r"\s*(?:\s[-–—]\s|[;|/•●∙·、\n]|,|،|，|\s&\s|\s\+\s)\s*")
_HANDLE: Final = re.compile(r"\s*(?:@\w+|\S+@\S+\.\w+).*$")
_BRACKETS: Final = re.compile(r"\s*(?:\([^)]*\)|\[[^\]]*\]|（[^）]*）|〔[^〕]*〕)\s*$")
_NOISE: Final = re.compile(r"https?:|www\.|@|\d{2,}|\.(?:com|org|net|de|fr|info|co|io|ru|at|ch)\b|[{}<>\[\]_=#%:?!…()\u2190-\u2bff\U0001f000-\U0001faff]", re.IGNORECASE)  # fmt: skip
_NICKNAME: Final = re.compile(r"(?<=\w) \([^\W\d_]{2,15}\) (?=\w)")
"""In brackets within a name: ``Ann (Annie) Berg``."""
_CREDITS_END: Final = re.compile(r"[.,|•·;\n]")
_EDGE: Final = " .,:;-–—|*©\"'“”„«»()（）[]【】《》・●•∙·/\\\u200e\u200f"
_SHORTENED: Final = re.compile(r"(?:^|[\s.])(?:jr|sr|[^\W\d_])$", re.IGNORECASE)
_GLUED: Final = re.compile(r"^([^\W\d_]*[a-zà-ÿ])([A-Z][a-z]+)[:.,]?$")
_NUMBERED: Final = re.compile(r"^([^\W\d_]{2,})(\d{1,2})[.,]?$")
_TURNED: Final = re.compile(r"([^\s,]{2,}), ([^\s,]{2,}(?: [^\s,]{1,3})?)")
_TURNED_EACH: Final = re.compile(r"[^\s,;]{2,30}, [^,;]{2,30}(?:; ?[^\s,;]{2,30}, [^,;]{2,30})+")
"""Several in the way of catalogues: ``Berg, Ann; Holt, Tom``."""
_DOING: Final = re.compile(r"[(（]([^()（）]{2,30})[)）]\s*$")
_EDITED: Final = re.compile(r"(?:تحرير|ویرایش)(?=\s*[:：])")
_MAILED: Final = re.compile(r"\S+@\S+\s+\(([^()]+)\)")
"""How RSS names an author: ``ann@news.example (Ann Berg)``."""
_CHANNEL: Final = re.compile(r"[A-ZÄÖÜ]{3,5} [^\W\d_]*[a-zà-ÿ][^\d]*")
"""A broadcaster and its place: ``ARD Berlin``."""
_CASELESS: Final = re.compile("[\u10d0-\u10ff]")
"""Georgian, whose capitals are not used in names."""
_UPPER: Final = re.compile(r"[A-ZÄÖÜ]{2,6}(?:[-/][A-ZÄÖÜ]{2,6})?")
_INITIALS: Final = re.compile(r"[a-z]{1,4}(?:/[a-z]{1,4})*")
_ARABIC_AND: Final = re.compile(r"(?<=[\u0620-\u06ff]) و(?=\s|[\u0620-\u06ff]+ [\u0620-\u06ff])")
_HEBREW_AND: Final = re.compile("\\s*([א-ת׳״'-]+ [א-ת׳״'-]+(?: [א-ת׳״'-]+)?) ו([א-ת׳״'-]+ [א-ת׳״'-]+)\\s*")
_PICTURED: Final = re.compile(
    r"\s+(?=(?:photos?|fotos?|bild(?:er)?|pictures?|video|kuvat?|zdjęci[ae]|фото|images?|illustrations?)\s*[:/]|(?:photos?|fotos?|bilder|illustration(?:en)?|illustrated|photographs?)\s+(?:by|von|de|par|di)\s)",
    re.IGNORECASE,
)
"""Before what names the photographer."""
_OUR: Final = re.compile(
    r"our|unser\w*|notre|nos|nostr\w+|nuestr\w+|noss[oa]s?|onze|vår|vores|nasz\w*|наш\w*", re.IGNORECASE
)
_BEFORE_PLACE: Final = {False: (",", "،", "-"), True: (",", "،", "-", "/")}
"""What a place stands after; behind one place another stands after a stroke."""
_FIRST_NAMES: Final = frozenset(("april", "avril", "abril", "aprile", "august", "agosto", "augusto", "augustus", "marta", "marto", "julio", "junio", "enero"))  # fmt: skip
"""Months that people are called after."""
_TITLES: Final = frozenset(("professor", "doctor"))
_PARTICLE: Final = re.compile(
    r"d[aeiou]?|de[lrn]|della|dell[ao]|degli|dos|das|du|des|v\.|van|von|vom|z[ou]|zu[mr]|te[rn]?|'?t|het|op|la|le|l[oi]|los|las|el|al|ul|y|e|i|"
    r"ibn|bin|bint|ben|bat|abu|av|af|na|n[aí]|n[ií]c|mac|st\.?|san|santa|auf|am|an|aus|ka|wa|ole|ould|ag|van['’]t|"
    r"(?:al|el|as|ad|an|ar|at|az|ash|ud|ul|d|l|o|m|dell|dall|t|n|qu|s)[-'’].*",
    re.IGNORECASE,
)
"""What is written small in names."""
_OPEN: Final = frozenset(("in", "by", "der", "the", "and", "on", "at", "for"))
"""What no name ends with: more was said behind it."""
_MOST_LETTERS: Final = 5
_MOST_SIGNED: Final = 4
_LONGEST: Final = 60
_MOST_WORDS: Final = 5
_LONGEST_LEAD: Final = 24


_WORD: Final = re.compile(r"[^\W\d_](?:[\w'’-]|\.(?=\w))*")
_LEAST_WORD: Final = 4
"""Shorter words are written small in names, too, and join them."""
_FEW: Final = 2
_LONGEST_UNCASED: Final = 24
_STOPPED: Final = frozenset(".。।۔")
_ABBREVIATED: Final = re.compile(r"(?:^|[\W\d_])[^\W\d_]{0,2}\.$|\d\.$")
"""A stop that ends no sentence: behind a figure or a word of two letters."""


class _Words(NamedTuple):
    """The tables, made ready."""

    by: re.Pattern[str]
    alone: re.Pattern[str]
    wrote: re.Pattern[str]
    lead: re.Pattern[str]
    label: re.Pattern[str]
    within: re.Pattern[str]
    joined: re.Pattern[str]
    joined_short: re.Pattern[str]
    others: re.Pattern[str]
    until: re.Pattern[str]
    not_names: re.Pattern[str]
    desks: re.Pattern[str]
    agencies: frozenset[str]
    places: frozenset[str]
    ands: frozenset[str]
    stops: frozenset[str]
    months: frozenset[str]
    roles: frozenset[str]
    leads: frozenset[str]
    sections: frozenset[str]


@cache
def _words() -> _Words:
    data: dict[str, str] = table("bylines")
    weekdays = table("months")["weekdays"].split("|")
    months = {name for twelve in table("months")["months"].values() for names in twelve for name in names.split("|")}
    heads = data["by_heads"]
    flags = re.IGNORECASE
    return _Words(
        by=re.compile(rf"^[（(【\[«]?(?:(?:{heads})\s+)?(?:{data['by']})(?:\s*[:：|/／՝]\s*|\s+)(?=\S)", flags),
        alone=re.compile(rf"(?:(?:{heads})(?:\s+|$))?(?:{data['by']})?\s*[:：՝]?", flags),
        wrote=re.compile(rf"(?:{heads})\s+(?:{data['by']})(?:\s*[:：]\s*|\s+)(?=\S)", flags),
        lead=re.compile(rf"(?:(?:{heads})\s+)?(?:{data['by']})\s*[:：՝]?", flags),
        label=re.compile(rf"^(?:{data['labels']})(?:\s+(?:und|and|et|y|e|&)\s+[^\W\d_]+)?\s*[:：]\s*", flags),
        within=re.compile(
            r"(?:\b(?:by|von|par|por|автор|bericht(?:et|en))|\b(?:autor(?:in|en)?|author|auteure?|text|redaktion|verfasser(?:in)?)\s*:)\s+(?=[^\W\d_])",
            flags,
        ),
        joined=re.compile(rf"\s+(?:{data['and']})\s+"),
        joined_short=re.compile(rf"\s+(?:{data['and_short']})\s+"),
        others=re.compile(rf"^(?:{data['not_author']})\b", flags),
        until=re.compile(rf"\s+(?:{data['until']})\s.*$"),
        not_names=re.compile(rf"\b(?:{data['not_names']})\b", flags),
        desks=re.compile(data["desks"], flags),
        places=frozenset(fold(name) for name in data["places"].split("|")),
        ands=frozenset(data["and"].split("|")),
        agencies=frozenset(fold(name) for name in data["agencies"].split("|")),
        stops=frozenset(fold(name) for name in (*data["ui"].split("|"), *(m for m in months if len(m) > 4)))
        - _FIRST_NAMES,
        months=frozenset(map(fold, (*months, *weekdays))),
        roles=frozenset(fold(name) for name in data["roles"].split("|")),
        leads=frozenset(fold(name) for name in data["leads"].split("|")),
        sections=frozenset(fold(name) for name in data["sections"].split("|")),
    )


def begins_credit(text: str) -> bool:
    """Tell whether `text` begins like a byline: with "by", "von", "作者：" and their like."""
    return _words().by.match(text) is not None


def credits_others(text: str) -> bool:
    """Tell whether `text`, the words before a name, say that its bearer did not write: "Reviewed by", "Photos:"."""
    said = _CREDITS_END.split(text.strip().rstrip(" :"))[-1].strip()
    match = _words().others.match(said)
    return match is not None and len(said[match.end() :].split()) <= 1  # "Reviewed: the new mill" is a headline


def says_who_wrote(text: str) -> bool:
    """Tell whether `text` begins with "written by" and its like, which says more than "by" alone."""
    return _words().wrote.match(text) is not None


def is_lead(text: str) -> bool:
    """Tell whether `text` is "by" and nothing else: "By", "Von:", "Written by"; the name stands in the next block."""
    return len(text) <= _LONGEST_LEAD and _words().lead.fullmatch(text.strip()) is not None


def after_by(text: str) -> str:
    """Return `text` from the first name that it says has written: ``More stories by Ann`` gives ``Ann``."""
    words = _words()
    match = words.within.search(text)
    return text[match.end() :] if match and match.start() and not words.others.match(text) else text


def names_in(texts: Iterable[str], shun: AbstractSet[str], *, stated: bool = False) -> list[str]:
    """Return the persons' names in `texts`, each once, without those in `shun`.

    In what the page states about itself (`stated`) a name may be written carelessly: ``Mobasir hassan``.
    """
    found: dict[str, str] = {}
    for text in texts:
        for name in parts_of(text, shun):
            key = fold(name)
            if " " not in name and name != text and _words().desks.search(text):
                continue  # a piece of "Center for Evaluation and Research"
            if key and key not in shun and is_name(name, careless=stated):
                found.setdefault(key, name)
    return list(found.values())


def parts_in(texts: Iterable[str]) -> list[str]:
    """Return the parts of credits that are taken on trust, each once: cut where names are joined, and nothing judged."""
    found: dict[str, str] = {}
    for text in texts:
        for part, _ in _split(_words().by.sub("", text.strip())):
            if name := part.strip(_EDGE):
                found.setdefault(fold(name), name)
    return list(found.values())


def parts_of(text: str, shun: AbstractSet[str] = frozenset()) -> list[str]:
    """Return the names in a credit, without what leads to them and without the place that follows one after a comma.

    Behind a name of `shun` (the site's, a publisher's) one word alone is no person's name, but rather where the house is.
    """
    text = _TAGS.sub(" ", text) if "<" in text else text
    words = _words()
    if is_dense(text) and (dense := dense_names(text, words.others)):
        return dense
    if "@" in text and (mailed := _MAILED.fullmatch(text.strip())) is not None:
        text = mailed[1]
    if ";" in text and _TURNED_EACH.fullmatch(text.strip()):
        text = ";".join(turned(name) for name in text.split(";"))
    text = _PICTURED.sub("\n", _hebrew_apart(text))
    text = words.by.sub("", words.label.sub("", text.strip()))
    found: list[str] = []
    full = placed = housed = pictured = False
    for part, mark in _split(text):
        if pictured or words.others.match(part) or words.alone.fullmatch(part):
            pictured = not pictured and words.others.fullmatch(part.rstrip(" :：")) is not None
            continue
        if ((did := _DOING.search(part)) and words.others.fullmatch(did[1].strip())) or (found and _EDITED.match(part)):
            continue
        if fold(part) in shun or _is_of_house(part, shun):
            housed = True
            continue
        name, calling = _tidy(part)
        placed = full and mark in _BEFORE_PLACE[placed] and _is_place(name)
        if not name or placed or (calling and full) or (housed and " " not in name):
            continue
        if full and not found[-1].isupper() and _CHANNEL.fullmatch(name):
            continue
        found.append(name)
        full = " " in name
    return found


def _hebrew_apart(text: str) -> str:
    """Return two names that the Hebrew "and", a letter before the second one, joins on lines of their own."""
    match = _HEBREW_AND.fullmatch(text)
    return f"{match[1]}\n{match[2]}" if match is not None else text


def _is_of_house(part: str, shun: AbstractSet[str]) -> bool:
    """Tell whether `part` begins with the letters that the site is called by: ``MDR THÜRINGEN`` on mdr.de."""
    first = part.split(" ", 1)[0]
    return first.isupper() and 1 < len(first) <= _MOST_LETTERS and fold(first) in shun


def _split(text: str) -> Iterator[tuple[str, str]]:
    """Yield the parts of a credit between what joins names, each with the mark before it."""
    text = _ARABIC_AND.sub("\n", text)
    end, mark = 0, ""
    for match in _PUNCTUATED.finditer(text):
        yield from _split_words(text[end : match.start()], mark)
        end, mark = match.end(), match[0].strip()
        mark = "-" if mark in ("–", "—") else "," if mark == "，" else mark
    yield from _split_words(text[end:], mark)


def _split_words(text: str, mark: str) -> Iterator[tuple[str, str]]:
    """Yield the parts of `text` between words for "and"; between words of one letter only where names stand on both sides."""
    words = _words()
    for part in words.joined.split(f" {text.strip()} "):
        pieces = words.joined_short.split(part.strip())
        if len(pieces) > 1 and all(len(piece.split()) > 1 and piece[:1].isupper() for piece in pieces):
            for piece in pieces:
                yield piece, mark
        elif part.strip():
            yield part.strip(), mark


def _is_place(name: str) -> bool:
    """Tell whether what follows a full name after a comma or a dash is one word that is not in small letters: a place, a paper."""
    return " " not in name and not name.islower()


def _tidy(part: str) -> tuple[str, bool]:
    """Return a name without label, date, role, remark in brackets, and punctuation other than an abbreviation's.

    Also whether a role was behind it: what stands so beside a person's name is no person of its own.
    """
    words = _words()
    bare = part.strip()
    while (label := words.label.match(bare) or words.by.match(bare)) is not None:
        bare = bare[label.end() :]
    bare = words.until.sub("", _HANDLE.sub("", _BRACKETS.sub("", bare)))
    tokens = list(_unglued(bare.split()))
    for at, token in enumerate(tokens):
        plain = fold(token.strip(_EDGE))
        dated = plain in words.months and at + 1 < len(tokens) and tokens[at + 1][:1].isdigit()
        if at and (token[:1].isdigit() or plain in words.stops or dated):
            tokens = tokens[:at]
            break
    size = len(tokens)
    tokens = _beside_role(tokens)
    if len(tokens) > 2 and _OUR.fullmatch(tokens[0]):
        del tokens[0]
        size -= 1
    if len(tokens) > 2 and tokens[0] in words.ands:
        del tokens[0]
        size -= 1
    before = len(tokens)
    while len(tokens) > 2 and fold(tokens[0].strip(_EDGE)) in words.roles - _TITLES:
        del tokens[0]
    if len(tokens) < before and fold(tokens[-1].strip(_EDGE)) in words.roles:
        return "", True  # "Certified Sleep Consultant" is a calling, whatever stands between
    for words_behind in (2, 1):
        if len(tokens) > words_behind + 1 and fold(" ".join(tokens[-words_behind:])) in words.agencies:
            del tokens[-words_behind:]
    while len(tokens) > 2 and tokens[-1].lower() in _OPEN:
        tokens.pop()
    while len(tokens) > 1 and (
        fold(tokens[-1].strip(_EDGE)) in words.roles or (len(tokens) < size and tokens[-1].lower() == "staff")
    ):
        tokens.pop()
    bare = " ".join(tokens)
    name = bare.strip(_EDGE)
    dotted = bare.rstrip(" ,:;-–—|*\"'“”").endswith(".") and _SHORTENED.search(name)
    return (name + "." if dotted else name), len(tokens) < size


def _beside_role(tokens: list[str]) -> list[str]:
    """Return the name before a calling that more is said behind, or the one behind a place and a calling.

    ``Ann Berg Reporter Covers ports`` and ``Brussels correspondent Ann Berg`` give ``Ann Berg``.
    """
    words = _words()
    for at in range(1, len(tokens) - 1):
        if fold(tokens[at].strip(_EDGE)) not in words.roles - _TITLES:
            continue
        before, after = tokens[:at], tokens[at + 1 :]
        if len(before) > 1 and fold(" ".join(before)) not in words.places:
            return before if before[-1].lower() != "staff" else before[:-1]
        return after if len(after) > 1 and before[0][:1].isupper() else tokens
    return tokens


def _unglued(tokens: list[str]) -> Iterator[str]:
    """Yield tokens, those apart that are a name and a word of the page joined without a space: ``BergDecember``."""
    words = _words()
    for at, token in enumerate(tokens):
        numbered = _NUMBERED.match(token)
        if numbered is not None and at + 1 < len(tokens) and fold(tokens[at + 1].strip(_EDGE)) in words.months:
            yield from (numbered[1], numbered[2])
            continue
        glued = _GLUED.match(token)
        if glued is not None and fold(glued[2]) in (words.stops | words.roles):
            yield from (glued[1], glued[2])
        else:
            yield token


def is_name(name: str, *, careless: bool = False) -> bool:
    """Tell whether `name` can be a person's: short, few words, capitals where the script has them, no organisation.

    If `careless`, half of the words with capitals are enough.
    """
    words = _words()
    key = fold(name)
    if (
        not 2 <= len(name) <= _LONGEST
        or _NOISE.search(_NICKNAME.sub(" ", name))
        or words.not_names.search(name)
        or words.desks.search(name)
    ):
        return False
    if (
        key in words.agencies
        or key in words.places
        or key in words.stops
        or key in words.months
        or key in words.roles
        or _UPPER.fullmatch(name)
    ):
        return False
    parts = name.split()
    if name[0].isdigit() or len(parts) > _MOST_WORDS or _INITIALS.fullmatch(name):
        return False
    first = fold(parts[0].strip(_EDGE))
    if first in words.leads or first in words.roles - _TITLES:
        return False
    cased = [
        part for part in parts if part[0].isalpha() and part[0].lower() != part[0].upper() and not _CASELESS.match(part)
    ]
    capitals = sum(part[0].isupper() for part in cased)
    if careless:
        return capitals * 2 >= len(cased) or (not capitals and _is_small(parts))
    if not all(part[0].isupper() or _PARTICLE.fullmatch(part) for part in cased):
        return False
    return (capitals > 0 and not cased[-1].islower()) or not cased


def _is_small(parts: list[str]) -> bool:
    """Tell whether `parts` may be a name that was typed without capitals: two long words, none of which pages are labelled with."""
    return (
        len(parts) == _FEW
        and all(len(part) >= _LEAST_WORD and part.isalpha() for part in parts)
        and not is_of_page(" ".join(parts))
    )


def is_named(text: str) -> bool:
    """Tell whether `text` (what follows "photo:", "source:", "reporting by") is made of names and no sentence.

    In scripts with capitals names have them; in others a sentence shows by its stop or its length.
    """
    every = _WORD.findall(text)
    words = [word for word in every if len(word) >= _LEAST_WORD or word[0].isupper()]
    cased = [word for word in words if word[0].lower() != word[0].upper()]
    if not cased or len(every) <= _FEW:
        return len(text.strip()) <= _LONGEST_UNCASED and text.rstrip()[-1:] not in _STOPPED
    return 2 * sum(1 for word in cased if not word[0].islower()) > len(cased)


def tells(text: str) -> bool:
    """Tell whether `text` is a sentence that only begins as a byline or a date line does: ``By John Smith's account the money was never counted.``"""
    text = text.rstrip()
    if text[-1:] not in _STOPPED or is_named(text):
        return False
    return text[-1] != "." or _ABBREVIATED.search(text) is None


def turned(name: str) -> str:
    """Return a name that catalogues give with the family's name first as people write it: ``Berg, Ann`` gives ``Ann Berg``."""
    match = _TURNED.fullmatch(name.strip())
    if match is None or fold(match[2]) in _words().roles or match[2].isupper() or match[2].islower():
        return name
    return f"{match[2]} {match[1]}"


def without_lead(text: str, languages: Iterable[str]) -> str:
    """Return a byline without the "by" of one of `languages` that is a name in others: ``De``, ``Per``, ``Le``, ``Gan``."""
    leads = table("bylines")["by_in"]
    for language in languages:
        lead = leads.get(language)
        if lead and (match := re.match(rf"(?:{lead})\s+(?=[^\W\d_])", text, re.IGNORECASE)):
            return text[match.end() :]
    return text


def signs(text: str) -> bool:
    """Tell whether `text` is a full name and nothing else, as it stands under what its bearer wrote."""
    parts = text.split()
    if not 2 <= len(parts) <= _MOST_SIGNED or not is_name(text):
        return False
    return all(part[0].isupper() or part[0].lower() == part[0].upper() or _PARTICLE.fullmatch(part) for part in parts)


def is_of_page(text: str) -> bool:
    """Tell whether a word of `text` is one that pages are labelled with: a part of the paper, a calling, a button."""
    words = _words()
    parts = [fold(part.strip(_EDGE)) for part in text.split()]
    return any(part in words.sections or part in words.stops or part in words.roles for part in parts) or (
        parts[0] in words.leads
    )


def is_calling(text: str) -> bool:
    """Tell whether `text` is what somebody is by calling and no more: ``Senior Reporter``, ``Politikredakteurin``."""
    roles = _words().roles
    parts = [fold(part.strip(_EDGE)) for part in text.split()]
    return 0 < len(parts) <= _MOST_WORDS and (parts[-1] in roles or parts[0] in roles) and not text.endswith(".")


def is_full(name: str) -> bool:
    """Tell whether `name` is more than one word, or in a script that writes first and last name as one."""
    return " " in name or is_dense(name)
