"""Language and direction of an article: what the page declares, unless its script says that cannot be."""

from __future__ import annotations

__all__ = ["direction_of", "language_in", "language_of", "languages_around", "script_of"]

import re
from functools import lru_cache
from typing import Literal

from crawler.parse.fields.metadata import Metadata, texts_of

_TAG = re.compile(r"([A-Za-z]{2,3})(?:[-_]([A-Za-z]{4}))?(?:[-_]([A-Za-z]{2}|\d{3}))?(?![A-Za-z0-9])")
_RTL = frozenset(["ar", "fa", "he", "ur", "ps", "ku", "ckb", "sd", "ug", "yi", "dv", "arc", "syr", "iw"])
_SCRIPTS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("arab", re.compile("[\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc]")),
    ("hebr", re.compile("[\u05d0-\u05ea]")),
    ("cyrl", re.compile("[\u0400-\u04ff]")),
    ("grek", re.compile("[\u0370-\u03ff]")),
    ("thai", re.compile("[\u0e00-\u0e7f]")),
    ("deva", re.compile("[\u0900-\u097f]")),
    ("beng", re.compile("[\u0980-\u09ff]")),
    ("taml", re.compile("[\u0b80-\u0bff]")),
    ("hang", re.compile("[\uac00-\ud7a3]")),
    ("kana", re.compile("[\u3040-\u30ff]")),
    ("hani", re.compile("[\u4e00-\u9fff]")),
    ("latn", re.compile("[A-Za-z\u00c0-\u024f]")),
)
_BEYOND_LATIN = re.compile("[\u0370-\u0e7f\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7a3\ufb50-\ufdff\ufe70-\ufefc]")
_LANGUAGES = {
    "arab": ("ar", "ar fa ur ps ku ckb sd ug az"), "hebr": ("he", "he iw yi"), "cyrl": ("ru", "ru uk bg sr mk be kk ky mn tg tt uz az bs"),
    "grek": ("el", "el"), "thai": ("th", "th"), "deva": ("hi", "hi mr ne sa"), "beng": ("bn", "bn as"), "taml": ("ta", "ta"),
    "hang": ("ko", "ko"), "kana": ("ja", "ja"), "hani": ("zh", "zh ja yue"),
}  # fmt: skip
_PERSIAN = re.compile("[پچژگیک]")
_URDU = re.compile("[ٹڈڑےں]")
_ARABIC = re.compile("[ةىيك]")
_UKRAINIAN = re.compile("[іїєґ]")
_STOP_WORDS = {
    "en": "the and of to in that for was with said", "de": "der die und das ist nicht von mit den ein", "fr": "le la les des est une dans que pour et",
    "es": "el la de que los las una por con del", "it": "il di che la per non una del della è", "pt": "o de que não uma para com os do em",
    "nl": "de het een van en dat op te niet zijn", "sv": "och att det som en på är av för med", "da": "og at det en af til er på som ikke",
    "no": "og det som en på er av til ikke har", "pl": "w i na się z do nie że to jest", "cs": "a se v na je že to s z do",
    "tr": "ve bir bu için da de ile olarak çok daha", "fi": "ja on ei että se oli hän myös ovat mutta", "hu": "a az és hogy nem egy is van volt meg",
    "ro": "și de în la cu că pe nu din este", "id": "yang dan di untuk dengan ini dari dalam tidak akan", "vi": "và của là có trong được cho không một người",
}  # fmt: skip


def script_of(text: str) -> str:
    """Return the script most of `text`'s letters are in, as the lower-case ISO 15924 code."""
    return _script(text[:1200])


@lru_cache(maxsize=16)
def _script(sample: str) -> str:
    if sample.isascii() or not _BEYOND_LATIN.search(sample):
        return "latn"
    counts = {name: len(pattern.findall(sample)) for name, pattern in _SCRIPTS}
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
    parts = [
        {"iw": "he", "in": "id", "gr": "el", "jp": "ja", "cn": "zh", "kr": "ko", "ua": "uk", "cz": "cs"}.get(
            language.lower(), language.lower()
        )
    ]
    parts += [script.title()] if script else []
    parts += [region.upper()] if region else []
    return "-".join(parts)


def _fits(language: str, script: str, text: str) -> bool:
    """Tell whether text in `script` can be in `language`."""
    if not text or script not in _LANGUAGES:
        known = {code for default, codes in _LANGUAGES.values() for code in codes.split()} - {
            "sr",
            "uz",
            "az",
            "bs",
            "ku",
            "kk",
        }
        return not text or script != "latn" or language not in known or len(text) < 200
    if script == "arab" and language == "en":
        return False
    return language in _LANGUAGES[script][1].split()


def _guess(script: str, text: str) -> str | None:
    if script == "arab":
        if _URDU.search(text):
            return "ur"
        return "fa" if len(_PERSIAN.findall(text)) > len(_ARABIC.findall(text)) else "ar"
    if script == "cyrl" and _UKRAINIAN.search(text):
        return "uk"
    if script in _LANGUAGES:
        return _LANGUAGES[script][0]
    tokens = text[:6000].lower().split()
    counts = {code: sum(map(tokens.count, stops.split())) for code, stops in _STOP_WORDS.items()}
    best = max(counts, key=lambda code: counts[code])
    return best if counts[best] >= max(3, len(tokens) // 50) else None
