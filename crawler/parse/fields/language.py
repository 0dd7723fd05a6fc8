"""Language and direction of an article: what the page declares, unless its script says that cannot be."""

from __future__ import annotations

__all__ = ["direction_of", "language_in", "language_of", "languages_around", "script_of"]

import re
from functools import cache, lru_cache
from typing import Final, Literal, NamedTuple

from crawler.parse.fields.metadata import Metadata, texts_of
from crawler.parse.native import Vocabulary, count_letters, lower
from crawler.parse.words import table

_TAG: Final = re.compile(r"([A-Za-z]{2,3})(?:[-_]([A-Za-z]{4}))?(?:[-_]([A-Za-z]{2}|\d{3}))?(?![A-Za-z0-9])")
_RTL: Final = frozenset(["ar", "fa", "he", "ur", "ps", "ku", "ckb", "sd", "ug", "yi", "dv", "arc", "syr", "iw"])
_OTHER_NAMES: Final = {"iw": "he", "in": "id", "gr": "el", "jp": "ja", "cn": "zh", "kr": "ko", "ua": "uk", "cz": "cs", "nb": "no", "nn": "no", "fil": "tl"}  # fmt: skip
"""Codes that have another one in the tables of words; the first eight are mistakes for it."""
_MISTAKES: Final = ("iw", "in", "gr", "jp", "cn", "kr", "ua", "cz")
_IN_SEVERAL: Final = frozenset(("sr", "uz", "az", "bs", "ku", "kk", "tk", "ha", "ms", "hr", "vi", "ko"))
"""Languages that are written in Latin letters too."""
_BEYOND_LATIN: Final = re.compile(
    "[\u0370-\u1cff\u1f00-\u1fff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\ufb1d-\ufdff\ufe70-\ufefc]"
)
_PERSIAN: Final = re.compile("[پچژگیک]")
_URDU: Final = re.compile("[ٹڈڑےں]")
_ARABIC: Final = re.compile("[ةىيك]")
_NEVER: Final = {
    "en": "æøåäöüßãõñçąęłżźćśğışčřžěůőűăîțșđ", "pt": "ñæøåäöüßąęłżßďěů", "gl": "ãõçàèìòùâêôæøåäöß", "es": "ãõçàèìòùâêôîæøåäöß", "it": "ñãõçæøåäöüß", "da": "äöüßãõñçąęł", "no": "äöüßãõñçąęł",
    "sv": "æøãõñçüß", "de": "æøåãõñçąęłğışčř", "nl": "æøåãõñßąęł", "fr": "æøåäößãõñąęłğışčřìò", "ru": "іїєґўјљњћђѓќѕңғқөұүһәӣӯҳҷ", "uk": "ыэъёўјљњћђѓќѕңғқөұүһә", "be": "ищъїєґјљњћђѓќ", "bg": "ыэіїєґўјљњћђѓќё",
    "sr": "ыэъёщйюяіїєґў", "mk": "ыэъёщйюяіїєґўћђ", "hi": "ळऱऴ", "fa": "ٹڈڑےںة", "ur": "ةأإ", "ar": "پچگژٹڈڑےں",
}  # fmt: skip
"""Letters that a language has in foreign names at most, but others of its script use all the time; not ي ك ی ک, which keyboards decide."""
_MANY_FOREIGN: Final = 0.006
"""Share of a text's letters."""
_DEAD: Final = frozenset(("sa",))
"""Languages that no news is written in: a page that declares one is believed, none is guessed."""
_UKRAINIAN: Final = re.compile("[іїєґ]")
_READ: Final = 4000
"""Letters of a text that are enough to tell its language."""
_PLENTY: Final = 0.15
"""Share of a language's commonest words in a text that is in it beyond doubt."""
_KINDS: Final = 3
"""Different words of a language that a text must have to be in it: a table of names may have one of them often."""
_FEW, _ENOUGH = 8, 50
"""Words below which a text tells nothing, and from which on it may speak against what the page declares."""


class _Script(NamedTuple):
    """A script: its letters as a class of expressions has them, the likeliest language, all those that are written in it."""

    letters: str
    language: str
    languages: frozenset[str]


@cache
def _scripts() -> dict[str, _Script]:
    rows = table("languages")["scripts"].items()
    return {name: _Script(f"[{row['letters']}]", row["language"], frozenset(row["languages"].split())) for name, row in rows}  # fmt: skip


@cache
def _letters_of(script: _Script) -> re.Pattern[str]:
    return re.compile(script.letters)


@cache
def _vocabulary(script: str) -> tuple[tuple[str, ...], Vocabulary]:
    """Return the languages of a script, and their common words in the same order."""
    lists = table("languages")["words"].get(script, {})
    return tuple(lists), Vocabulary([frozenset(words.split()) for words in lists.values()])


def script_of(text: str) -> str:
    """Return the script most of `text`'s letters are in, as the lower-case ISO 15924 code."""
    return _script(text[:1200])


@lru_cache(maxsize=16)
def _script(sample: str) -> str:
    if sample.isascii() or not _BEYOND_LATIN.search(sample):
        return "latn"
    counts = {name: len(_letters_of(script).findall(sample)) for name, script in _scripts().items()}
    if counts["kana"] * 10 > counts["hani"] > 0:
        counts["kana"] += counts["hani"]
    best = max(counts, key=lambda name: counts[name])
    return best if counts[best] else "latn"


def language_of(meta: Metadata, html_lang: str | None, text: str) -> str | None:
    """Return the BCP 47 tag declared for the article, or guessed from its letters and commonest words."""
    script = script_of(text)
    for value in (html_lang, *texts_of(meta.article.get("inLanguage"), "alternateName", "name"),
                  meta.first("og:locale", "content-language", "dc.language", "language")):  # fmt: skip
        tag = _normal(value)
        if tag and _fits(tag.split("-")[0], script, text):
            return tag
    return language_in(text)


def language_in(text: str) -> str | None:
    """Return the language that `text` alone tells, by its letters and commonest words; None if that is not sure."""
    return _guess(script_of(text), text)


def languages_around(meta: Metadata, html_lang: str | None, language: str | None) -> tuple[str, ...]:
    """Return the languages, without regions, that words beside the article may be in: the page's own goes before the text's."""
    tags = (_normal(html_lang), _normal(meta.first("og:locale", "content-language")), language)
    return tuple(dict.fromkeys(tag.split("-")[0] for tag in tags if tag))


def direction_of(language: str | None, text: str) -> Literal["ltr", "rtl"]:
    """Return the direction of the text's script; of the language if there is no text."""
    if text:
        return "rtl" if script_of(text) in ("arab", "hebr") else "ltr"
    return "rtl" if language and language.split("-")[0] in _RTL else "ltr"


def _normal(value: str | None) -> str | None:
    match = _TAG.match(value.strip()) if value else None
    if match is None:
        return None
    language, script, region = match.groups()
    parts = [_OTHER_NAMES[language.lower()] if language.lower() in _MISTAKES else language.lower()]
    parts += [script.title()] if script else []
    parts += [region.upper()] if region else []
    return "-".join(parts)


def _fits(language: str, script: str, text: str) -> bool:
    """Tell whether text in `script` can be in `language`: by its letters, and by its commonest words."""
    if not text:
        return True
    if script == "latn":
        foreign = any(language in known.languages for known in _scripts().values()) and language not in _IN_SEVERAL
        return (not foreign or len(text) < 200) and not _belied(language, script, text)
    return language in _scripts()[script].languages and not _belied(language, script, text)


def _belied(language: str, script: str, text: str) -> bool:
    """Tell whether the commonest words of `language` are missing in a text that has those of another."""
    shares, kinds, size = _shares(script, text[:_READ])
    own = shares.get(_OTHER_NAMES.get(language, language))
    if own is None or size < (_ENOUGH if script == "latn" else _FEW):
        return False
    if _rival(_OTHER_NAMES.get(language, language), text, shares, kinds) is not None:
        return True
    if own >= _PLENTY:
        return False
    best = max((share for language, share in shares.items() if kinds[language] >= _KINDS), default=0.0)
    return (
        (own < 0.04 and best >= max(0.12, 3 * own)) or (script == "latn" and own < 0.015) or best >= max(0.15, 6 * own)
    )


def _is_spelt_otherwise(language: str, text: str) -> bool:
    """Tell whether a text has more letters that `language` does not use than foreign names bring."""
    never = _NEVER.get(_OTHER_NAMES.get(language, language))
    if never is None:
        return False
    sample = lower(text[:_READ])
    foreign = count_letters(sample, never)
    return foreign > 3 and foreign > _MANY_FOREIGN * len(sample)


def _rival(language: str, text: str, shares: dict[str, float], kinds: dict[str, int]) -> str | None:
    """Return the language that a text is in rather than in `language`, whose letters it does not keep to.

    Neighbours share their commonest words, and letters tell them apart. Foreign names alone tell nothing: a text that is
    full of them still has more of its own language's words than of any other's.
    """
    if not _is_spelt_otherwise(language, text):
        return None
    share, kind = shares.get(language, 0.0), kinds.get(language, 0)
    likely = [other for other in shares if shares[other] >= share and kinds[other] >= max(1, kind)]
    spelt = [other for other in likely if other not in _DEAD and not _is_spelt_otherwise(other, text)]
    return max(spelt, key=lambda other: shares[other], default=None)


@lru_cache(maxsize=8)
def _shares(script: str, sample: str) -> tuple[dict[str, float], dict[str, int], int]:
    """Return which share of the words of `sample` is common in each language, how many different ones, and how many words there are."""
    languages, vocabulary = _vocabulary(script)
    counts, kinds, size = vocabulary.counted(sample, script == "latn")
    shares = {language: count / (size or 1) for language, count in zip(languages, counts, strict=True)}
    return shares, dict(zip(languages, kinds, strict=True)), size


def _guess(script: str, text: str) -> str | None:
    shares, kinds, size = _shares(script, text[:_READ])
    alive = [language for language in shares if language not in _DEAD]
    best = max(alive, key=lambda language: shares[language], default=None)
    if best is not None:
        best = _rival(best, text, shares, kinds) or best
    if best is not None and size >= _FEW and shares[best] * size >= 2 and shares[best] >= 0.03:
        return best
    if script == "arab":
        if _URDU.search(text):
            return "ur"
        return "fa" if len(_PERSIAN.findall(text)) > len(_ARABIC.findall(text)) else "ar"
    if script == "cyrl" and _UKRAINIAN.search(text):
        return "uk"
    return _scripts()[script].language if script != "latn" else None
