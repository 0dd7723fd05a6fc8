"""The headlines a page states in its metadata, without the site's name, and the words its address was made of."""

from __future__ import annotations

__all__ = ["Claim", "address_words", "claims_of", "covered", "letters", "site_name_of", "states", "twin", "votes_of"]

import re
import unicodedata
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from crawler.parse.fields.metadata import Metadata, texts_of, urlsplit_path
from crawler.parse.page.text import fold, words

_METAS: Final = (
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
_STRONG: Final = re.compile(r"\s+[|\-–—·•»›~<>«‹/\\]+\s+|\s*[|｜]\s*|\s+::\s+|_")
_SIGN: Final = re.compile(r"[|\-–—·•»›~<>«‹/\\｜:_]")
"""One of these is in all that is found."""
_DENSE_SITE: Final = re.compile(
    r"(?<=\S)[-_–—|]{1,2}\s?[^-_–—|\s]{1,8}(?:网|網|报|報|新聞|新闻|在线|频道|ニュース|뉴스|일보)$"
)
"""A site's name at the end, joined without spaces, as Chinese, Japanese and Korean title tags have it."""
_BRACKETED: Final = re.compile(r"\s*[\[(]([^\[\]()]{2,40})[\])]$")
_EDGES: Final = " |-–—·•»›~<>/"
_NO_LETTER: Final = re.compile(r"[\W_]+")
_SLUG_WORD: Final = re.compile(r"[a-z]+|\d+")
_SPELT: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "oe", "å": "aa", "æ": "ae"})


class Claim(NamedTuple):
    """A headline as one kind of statement has it, and its letters."""

    text: str
    source: str
    key: str


def site_name_of(meta: Metadata) -> str | None:
    """Return the name the site gives itself."""
    publisher = texts_of(meta.article.get("publisher"), "name")
    return meta.first("og:site_name", "application-name", "apple-mobile-web-app-title") or (
        publisher[0] if publisher else None
    )


def claims_of(meta: Metadata, sites: list[str]) -> list[Claim]:
    """Return the headlines the page states in its metadata, the most trusted first, without the site's name."""
    stated = [("json-ld", text) for key in ("headline", "name") for text in texts_of(meta.article.get(key))][:2]
    for key in _METAS:
        kind = "og" if key in ("og:title", "twitter:title") else key
        stated += [(kind, text) for text in meta.metas.get(key, ())[:1]]
    names = {fold(site) for site in sites}
    host = (urlsplit(meta.url).hostname or "").removeprefix("www.")
    found = [(_cut(text, names, host), kind) for kind, text in stated]
    if meta.title_tag:
        found.append((_cut(meta.title_tag, names, host, strong=True), "title"))
    return [Claim(text, kind, letters(text)) for text, kind in dict.fromkeys(found) if text]


def _cut(text: str, names: set[str], host: str, *, strong: bool = False) -> str:
    """Return `text` without the parts at its ends that name the site, whose `names` are folded."""
    text = " ".join(text.split())
    label = host.rsplit(".", 1)[0].replace(".", "").replace("-", "")
    for _ in range(3):
        cuts = list(_STRONG.finditer(text)) if _SIGN.search(text) else []
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
    if strong:
        text = _without_name(_DENSE_SITE.sub("", text), names)
    return text.strip(_EDGES)


def _without_name(text: str, names: set[str]) -> str:
    """Return `text` without the site's name before a colon, in brackets at the end, or before a motto at the end."""
    head, colon, rest = text.partition(": ")
    if colon and fold(head) in names:
        return rest
    bracketed = _BRACKETED.search(text)
    if bracketed is not None and fold(bracketed[1]) in names:
        return text[: bracketed.start()]
    for cut in _STRONG.finditer(text):
        if any(fold(text[cut.end() :]).startswith(name + " ") for name in names if len(name) > 3):
            return text[: cut.start()]
    return text


def _names_site(part: str, names: set[str], host: str, label: str) -> bool:
    key = fold(part)
    plain = "".join(c for c in key if c.isalnum())
    if not plain or len(part) > 60:
        return False
    return key in names or plain in (host.replace(".", ""), label) or any(plain == "".join(c for c in n if c.isalnum()) for n in names) or (
        len(plain) > 3 and (plain in label or (len(label) > 3 and label in plain and len(plain) < 2 * len(label)))
    )  # fmt: skip


def votes_of(claims: list[Claim]) -> dict[str, set[str]]:
    """Return the kinds of statement that stand behind each headline, by its letters."""
    votes: dict[str, set[str]] = {}
    for claim in claims:
        votes.setdefault(claim.key, set()).add(claim.source)
    return votes


def twin(claims: list[Claim], text: str) -> str | None:
    """Return the statement that has the letters of `text`."""
    key = letters(text)
    return next((claim.text for claim in claims if claim.key == key), None)


def states(claims: list[Claim], text: str) -> bool:
    """Tell whether the page states `text` as a headline: alone, or before what looks like the site's name."""
    key = letters(text)
    return bool(key) and any(
        claim.key == key or (claim.text.startswith(text) and _STRONG.match(claim.text, len(text))) for claim in claims
    )


def letters(text: str) -> str:
    """Return the letters and digits of `text`: what is left when spaces, quotes and dashes do not count."""
    return _NO_LETTER.sub("", fold(text))


def address_words(meta: Metadata) -> frozenset[str]:
    """Return the words of the address's longest hyphenated part, which was made of the first headline."""
    parts = [part for part in urlsplit_path(meta.canonical or meta.url).lower().split("/") if part.count("-") >= 2]
    longest = max(parts, key=_hyphens, default="")
    found = frozenset(word for word in _SLUG_WORD.findall(longest) if len(word) > 2)
    return found if len(found) > 3 else frozenset()


def _hyphens(part: str) -> int:
    return part.count("-")


def covered(text: str, address: frozenset[str]) -> float:
    """Return the share of the address's words that `text` has."""
    if not address:
        return 0.0
    own = {_plain_latin(word) for word in words(text)}
    return len(address & own) / len(address)


def _plain_latin(word: str) -> str:
    """Return `word` as addresses spell it."""
    if word.isascii():
        return word
    return unicodedata.normalize("NFKD", word.translate(_SPELT)).encode("ascii", "ignore").decode()
