"""What kind of edit is it? From the texts of two revisions of one article, told as readers would tell it.

By text alone: what a template shows around an article is no part of either. A revision may be of several kinds.
"""

from __future__ import annotations

__all__ = ["RevisionKind", "kinds_of"]

import re
import unicodedata
from difflib import SequenceMatcher
from typing import Literal

from crawler.frontier.differences import UNSPACED, Change, differences

RevisionKind = Literal["typo", "headline", "correction", "added", "removed", "rewritten", "deleted", "redirected"]
"""``deleted`` and ``redirected`` are told from what a visit met, the others from the texts."""

_CORRECTION = re.compile(
    r"\bcorrect(?:ion|ed)\b|\bclarification\b|\b(?:an earlier|a previous) version\b|\beditor(?:['’]s)? note\b|"
    r"\bkorrektur\b|\bberichtig|"
    r"\bin einer früheren (?:version|fassung)\b|\brectificati(?:f|on)\b|\bune version précédente\b|\bcorrecci[oó]n\b|"
    r"\bfe de erratas\b|"
    r"\brettifica\b|\bcorreção\b|\berramos\b|\brectificatie\b|\brättelse\b|\brettelse\b|\bsprostowanie\b|"
    r"\bdüzeltme\b|\bуточнение\b|\bисправлен|"
    r"\bпоправка\b|\bпредыдущей версии\b|\bвиправлен|\bуточнення\b|\bпопередній версії\b|\bпоправк[аи]\b|"
    r"\bδιόρθωση\b|\bπροηγούμενη έκδοση\b|\berrat(?:a|um)\b|\boprav[ay]\b|\bpředchozí verzi\b|\boikaisu\b|"
    r"\bhelyesbítés\b|\bispravak\b|\bispravka\b|\berată\b|\bđính chính\b|\bralat\b|\bkoreksi\b|\bpembetulan\b|"
    r"\bönceki sürüm|تصحيح|تصحیح|تصويب|اصلاحیه|(?<!\w)اصلاح\s*:|نسخه قبلی|نسخة سابقة|תיקון(?: טעות|\s*:)|גרסה קודמת|"
    r"सुधार\s*:|शुद्धिपत्र|भूल सुधार|সংশোধন(?:ী|\s*:)|திருத்தம்\s*:|訂正|更正|勘误|勘誤|정정|바로잡습니다|바로 잡습니다",
    re.IGNORECASE,
)
_WORD = re.compile(
    r"(?:[^\W_]|[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u200c\u200d]"
    r"|[\u0900-\u0963\u0966-\u0df3\u0e00-\u0e4e\u0e80-\u0ece\u0f18-\u0fbc\u1000-\u1049\u1050-\u109f\u1780-\u17d3])+"
)
"""With the signs that stand on, under and around letters, which for Python are none."""
_ALIKE = str.maketrans({"ي": "ی", "ك": "ک", "\u200c": "", "\u200d": "", "\u0640": ""})
"""Letters that Arabic and Persian keyboards write differently, and what is no letter."""
_FEW_WORDS = 4
_FEW_LETTERS = 2
"""Of Chinese and Japanese; there is nothing in a letter that could be like another."""
_LIKE = 0.6
_MOSTLY = 3
_IDEOGRAPHS = re.compile(rf"[{UNSPACED}]+")


def kinds_of(old_title: str | None, old_body: str, new_title: str | None, new_body: str) -> tuple[RevisionKind, ...]:
    """Return the kinds of edit that made the new revision of the old one; none if they say the same."""
    found: list[RevisionKind] = []
    if _words(old_title or "") != _words(new_title or ""):
        found.append("headline")
    if old_body != new_body:
        found += _of_body(differences(old_body, new_body), old_body)
    return tuple(found)


def _of_body(changes: list[Change], old_body: str) -> list[RevisionKind]:
    added = " ".join(run.text for change in changes for run in change.runs if run.kind == "added")
    removed = " ".join(run.text for change in changes for run in change.runs if run.kind == "removed")
    new, gone = _words(added), _words(removed)
    found: list[RevisionKind] = []
    if _CORRECTION.search(added) and not _CORRECTION.search(old_body):
        found.append("correction")
    if new == gone or _is_typo(new, gone):
        return [*found, "typo"]
    if _letters(new) > _MOSTLY * _letters(gone):
        return [*found, "added"]
    if _letters(gone) > _MOSTLY * _letters(new):
        return [*found, "removed"]
    return [*found, "rewritten"]


def _is_typo(new: list[str], gone: list[str]) -> bool:
    """Tell whether few words stand in for as many that are spelt much like them."""
    if len(new) > _FEW_WORDS or len(gone) > _FEW_WORDS or not new or not gone:
        return False
    before, after = "".join(gone), "".join(new)
    if max(len(before), len(after)) <= _FEW_LETTERS and _IDEOGRAPHS.fullmatch(before + after):
        return True
    return SequenceMatcher(None, before, after, autojunk=False).ratio() >= _LIKE


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKC", text).casefold().translate(_ALIKE)
    return _WORD.findall(plain)


def _letters(words: list[str]) -> int:
    return sum(map(len, words))
