"""Names of persons in a credit or byline: cut apart, without roles, places and organisations."""

from __future__ import annotations

__all__ = ["BY", "COLON", "is_credit", "is_name", "names_in", "parts_of"]

import re
from collections.abc import Iterable

from crawler.parse.page.text import fold

BY = re.compile(
    r"^(?:(?:written|reported|edited|posted|published|story|text|reporting|words|analysis|opinion|interview)\s+)?(?:by|von|par|por|di|da|door|av|af|przez|автор|authors?|auteurs?|autore?s?|autor(?:en|in)?"
    r"|text|texte|testo|redacción|de|ein(?:e)? \w+ von|eine analyse von|ein kommentar von|bởi|oleh|yazan|כתב|מאת|بقلم|كتب|كتبت|نویسنده|작성자|글|文|作者|撰文|记者|記者|編輯|编辑)\s*[:：|/]?\s+(?=\S)",
    re.IGNORECASE,
)
COLON = re.compile(
    r"^[（(【\[]?(?:by|von|author|autor|auteur|作者|记者|記者|撰文|文|责编|責編|责任编辑|責任編輯|글|editor|text|foto|نویسنده|الكاتب|المصدر)\s*[:：]\s*",
    re.IGNORECASE,
)
_SPLIT = re.compile(
    r"\s*(?:,\s+(?:and|und|et|y|e)\s+|[;|/•·،、]|,|\s+(?:and|und|et|&|y|en|och|og|with|mit|avec|i)\s+|\n|\s+-\s+|\s+–\s+)\s*"
)
_NOT_A_NAME = re.compile(
    r"https?:|www\.|@|\d{2,}|\.(?:com|org|net|de|fr)\b|[{}<>\[\]_=]|^(?:by|von|par|the)$|\b(?:staff|editor|editors|editorial|redaktion|redaction|rédaction|redacción|redazione|redação|newsroom|"
    r"desk|team|admin|administrator|webdesk|agency|agencies|agence|agencia|agentur|press|news|nachrichten|online|media|magazine|corporation|inc|gmbh|ltd|llc|correspondent|reporter|"
    r"contributor|anonymous|unknown|guest|author|autor|log (?:in|out)|sign in|read more|follow|subscribe|min read|minutes|updated|published|comments?|share|korrespondent(?:in)?|redakteur(?:in)?|journalist(?:in)?"
    r"|service|bureau|studio|channel|tv|radio|times|post|zeitung|journal|chefredakteur(?:in)?|ressortleiter(?:in)?|editorial board)\b",
    re.IGNORECASE,
)
_GARBAGE = re.compile(
    r"https?:|www\.|@|[{}<>\[\]_=]|^\d+$|^(?:null|undefined|none|admin|author|unknown)$", re.IGNORECASE
)
_AGENCIES = frozenset((
    "dpa", "afp", "ap", "reuters", "epa", "efe", "ansa", "apa", "sda", "ats", "keystone-sda", "tass", "ria",
    "belga", "pap", "ctk", "tt", "ntb", "stt", "ritzau", "lusa", "agerpres", "anadolu", "bloomberg", "dpa-afx",
    "ots", "sid",
))  # fmt: skip
_UPPER = re.compile(r"[A-Z]{2,6}(?:-[A-Z]{2,6})?")
_ALONE = frozenset((
    "beitrag", "beiträge", "artikel", "agencies", "quelle", "source", "über", "about", "publiziert", "registriert", "stand", "hace", "more", "by", "por", "de", "von", "par",
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december", "januar", "februar", "märz", "mai", "juni", "juli",
    "oktober", "dezember", "montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
))  # fmt: skip
"""What stands in a byline beside the names; a name may hold any of these words, but not be one."""
_LEADS = frozenset(("quelle", "quelle:", "source", "source:", "über", "about", "artikel", "beitrag", "alle", "mehr"))
"""What begins a line that is no name."""
_FOREIGN_DESK = re.compile(
    "^(?:أخبار|وكالات?|صحيفة|رويترز|خبرگزاری|سایت|פורסם|חדשות|מערכת|סוכנויות|编辑部|編集部|編輯部|记者站|新闻中心|通信社|通讯社|편집국|뉴스팀|온라인뉴스팀|tin tức)$|(?:通信社|通讯社|新闻网|新聞網|日报|新聞社|編集部|编辑部|뉴스|일보)$"
)
_AFTER = re.compile(
    r"\s+(?:(?:(?:le|el|il|am|on)\s+)?\d.*|[—–|].*|(?:am|on|um|vor|at)\s.*|(?i:stand|hace|published|updated|posted|veröffentlicht|aktualisiert|publiziert|publié|publicado|actualizado)\b.*)$"
)
_LABEL = re.compile(
    r"^(?:(?:und|and|et|y|&)\s+)?(?:(?:ein|eine)\s+)?(?:text|words|interview|story|bericht|protokoll|aufgezeichnet von|redaktion|reportage|kommentar|übersetzung|analyse|recherche|artikel|beitrag|propos recueillis par)(?:\s*:|\s+(?:von|by|par|de)(?=\s))\s*",
    re.IGNORECASE,
)
_SHORTENED = re.compile(r"(?:^|[\s.])(?:jr|sr|[^\W\d_])$", re.IGNORECASE)
_ARABIC_AND = re.compile(r"(?<=[\u0620-\u064a]) و(?=[\u0620-\u064a]+ [\u0620-\u064a])")
_TRAIL = re.compile(r"\s*(?:\((?:[^)]*)\)|\[[^\]]*\])\s*$")


def names_in(texts: Iterable[str], shun: set[str], *, strict: bool) -> list[str]:
    """Return the names in `texts`, each once, without those in `shun`; only what can be a person's if `strict`."""
    found: dict[str, str] = {}
    for text in texts:
        for name in parts_of(text):
            key = fold(name)
            if key and key not in shun and (not strict or is_name(name)):
                found.setdefault(key, name)
    return list(found.values())


def parts_of(text: str) -> list[str]:
    """Return the names in a credit, without what leads to them and without the place that follows one after a comma."""
    text = _ARABIC_AND.sub(" ; ", BY.sub("", COLON.sub("", text.strip())).strip())
    found: list[str] = []
    end = 0
    for match in [*_SPLIT.finditer(text), None]:
        part = text[end : match.start() if match else len(text)]
        after_comma = text[:end].rstrip().endswith((",", "،"))
        end = match.end() if match else end
        name = _tidy(part)
        if name and not (after_comma and found and " " in found[-1] and _is_place(name)):
            found.append(name)
    return found


def _is_place(name: str) -> bool:
    """Tell whether what follows a full name after a comma is one word, or all in capitals: a place, a paper."""
    return " " not in name and not name.islower()


def _tidy(part: str) -> str:
    """Return a name without label, date, remark in brackets, and punctuation other than an abbreviation's."""
    bare = _AFTER.sub("", _TRAIL.sub("", _LABEL.sub("", BY.sub("", part.strip()))))
    name = bare.strip(" .,:;-–—|*\"'“”)）】]")
    dotted = bare.rstrip(" ,:;-–—|*\"'“”").endswith(".")
    return name + "." if dotted and _SHORTENED.search(name) else name


def is_name(name: str) -> bool:
    """Tell whether `name` can be a person's: short, few words, capitals where the script has them, no organisation."""
    if (
        not 2 <= len(name) <= 60
        or _NOT_A_NAME.search(name)
        or _FOREIGN_DESK.search(name)
        or fold(name) in _AGENCIES
        or _UPPER.fullmatch(name)
    ):
        return False
    parts = name.split()
    if name[0].isdigit() or fold(name) in _ALONE or fold(parts[0]) in _LEADS:
        return False
    if len(parts) > 5 or (name.isascii() and len(parts) == 1 and name.islower()):
        return False
    cased = [part for part in parts if part[0].isalpha() and part[0].lower() != part[0].upper()]
    return not cased or sum(part[0].isupper() for part in cased) * 2 >= len(cased)


def is_credit(name: str) -> bool:
    """Tell whether `name` can be what a page names as author: a person, an agency, a desk."""
    return 1 < len(name) <= 60 and not _GARBAGE.search(name) and len(name.split()) <= 7
