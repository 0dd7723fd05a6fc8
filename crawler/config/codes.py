"""Codes of countries and languages: which are registered, and what those who wrote another one may have meant."""

from __future__ import annotations

__all__ = ["country_fault", "language_fault"]

import difflib
import re
from functools import cache
from pathlib import Path

_NO_COUNTRY = frozenset(("eu", "un", "zz"))
"""Reserved for what is more than one country, or none."""
_SCRIPTS = frozenset(
    """
    Adlm Afak Aghb Ahom Arab Aran Armi Armn Avst Bali Bamu Bass Batk Beng Bhks Blis Bopo Brah Brai Bugi Buhd
    Cakm Cans Cari Cham Cher Chrs Cirt Copt Cpmn Cprt Cyrl Cyrs Deva Diak Dogr Dsrt Dupl Egyd Egyh Egyp Elba
    Elym Ethi Geok Geor Glag Gong Gonm Goth Gran Grek Gujr Guru Hanb Hang Hani Hano Hans Hant Hatr Hebr Hira
    Hluw Hmng Hmnp Hrkt Hung Inds Ital Jamo Java Jpan Jurc Kali Kana Khar Khmr Khoj Kitl Kits Knda Kore Kpel
    Kthi Lana Laoo Latf Latg Latn Leke Lepc Limb Lina Linb Lisu Loma Lyci Lydi Mahj Maka Mand Mani Marc Maya
    Medf Mend Merc Mero Mlym Modi Mong Moon Mroo Mtei Mult Mymr Nand Narb Nbat Newa Nkdb Nkgb Nkoo Nshu Ogam
    Olck Orkh Orya Osge Osma Ougr Palm Pauc Pcun Pelm Perm Phag Phli Phlp Phlv Phnx Piqd Plrd Prti Psin Ranj
    Rjng Rohg Roro Runr Samr Sara Sarb Saur Sgnw Shaw Shrd Shui Sidd Sind Sinh Sogd Sogo Sora Soyo Sund Sylo
    Syrc Syre Syrj Syrn Tagb Takr Tale Talu Taml Tang Tavt Telu Teng Tfng Tglg Thaa Thai Tibt Tirh Tnsa Toto
    Ugar Vaii Visp Vith Wara Wcho Wole Xpeo Xsux Yezi Yiii Zanb Zinh Zmth Zsye Zsym Zxxx Zyyy Zzzz
    """.lower().split()
)
"""ISO 15924."""
_TAG = re.compile(
    r"(?P<language>[a-z]{2,3})(?:-(?P<script>[a-z]{4}))?(?:-(?:(?P<region>[a-z]{2})|\d{3}))?(?:-(?:[a-z0-9]{5,8}|"
    r"\d[a-z0-9]{3}))*"
)
"""BCP 47 section 2.1, without extended languages, extensions and private use."""
_UNDETERMINED = "und"
"""BCP 47 section 4.1: nobody has said which language it is."""
_MEANT_COUNTRY = {"uk": "gb", "en": "gb", "ko": "kr", "ja": "jp", "zh": "cn", "cs": "cz", "da": "dk", "el": "gr"}
_MEANT_LANGUAGE = {
    "cn": "zh", "cz": "cs", "dk": "da", "gb": "en", "gr": "el", "iw": "he", "in": "id", "jp": "ja", "ko-kr": "ko",
    "us": "en", "ir": "fa", "vn": "vi", "english": "en", "french": "fr", "german": "de", "deutsch": "de",
    "spanish": "es", "italian": "it", "arabic": "ar", "chinese": "zh", "japanese": "ja", "korean": "ko",
    "portuguese": "pt", "russian": "ru", "eng": "en", "fra": "fr", "fre": "fr", "deu": "de", "ger": "de",
    "spa": "es", "ita": "it", "ara": "ar", "zho": "zh", "chi": "zh", "jpn": "ja", "kor": "ko", "por": "pt", "rus": "ru",
}  # fmt: skip


def country_fault(code: str) -> str | None:
    """Return why `code` names no country, None if it does."""
    if code in _countries() or code in _NO_COUNTRY:
        return None
    lower = code.lower()
    if lower in _countries():
        return f"expected lower case, {lower}; found {code!r}"
    return f"no such country code (ISO 3166, two letters); found {code!r}{_hint(lower, _MEANT_COUNTRY)}"


def language_fault(tag: str) -> str | None:
    """Return why `tag` names no language, None if it does."""
    lower = tag.lower()
    if lower == _UNDETERMINED:
        return None
    found = _TAG.fullmatch(lower)
    if found is None or found["language"] not in _languages():
        near = lower.replace("_", "-")
        meant = f"; did you mean {near}?" if near != lower and _TAG.fullmatch(near) else _hint(lower, _MEANT_LANGUAGE)
        return f"no such language code (BCP 47, as in en or pt-BR); found {tag!r}{meant}"
    if found["script"] and found["script"] not in _SCRIPTS:
        return f"no such script code (ISO 15924); found {found['script']!r} in {tag!r}"
    if found["region"] and found["region"] not in _countries():
        return (
            f"no such country code (ISO 3166); found {found['region']!r} in "
            f"{tag!r}{_hint(found['region'], _MEANT_COUNTRY)}"
        )
    return None


@cache
def _countries() -> frozenset[str]:
    """Return the codes of ISO 3166-1 alpha-2, and xk, which all of Kosovo uses."""
    return _listed("countries.txt")


@cache
def _languages() -> frozenset[str]:
    """Return the primary language subtags of IANA (RFC 5646), without deprecated ones of two letters."""
    return _listed("languages.txt")


def _listed(name: str) -> frozenset[str]:
    return frozenset((Path(__file__).parent / name).read_text(encoding="ascii").split())


def _hint(code: str, meant: dict[str, str]) -> str:
    near = [meant[code]] if code in meant else difflib.get_close_matches(code, meant, n=1, cutoff=0.8)
    return f"; did you mean {meant.get(near[0], near[0])}?" if near else ""
