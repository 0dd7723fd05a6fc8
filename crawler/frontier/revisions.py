"""What kind of edit is it? From the texts of two revisions of one article, told as readers would tell it.

By text alone: what a template shows around an article is no part of either. A revision may be of several kinds.
"""

from __future__ import annotations

__all__ = ["RevisionKind", "kinds_of"]

import re
from difflib import SequenceMatcher
from typing import Literal

from crawler.frontier.differences import Change, differences

RevisionKind = Literal["typo", "headline", "correction", "added", "removed", "rewritten", "deleted", "redirected"]
"""``deleted`` and ``redirected`` are told from what a visit met, the others from the texts."""

_CORRECTION = re.compile(
    r"\bcorrect(?:ion|ed)\b|\bclarification\b|\b(?:an earlier|a previous) version\b|\beditor(?:['’]s)? note\b|"
    r"\bkorrektur\b|\bberichtig|"
    r"\bin einer früheren (?:version|fassung)\b|\brectificati(?:f|on)\b|\bune version précédente\b|\bcorrecci[oó]n\b|"
    r"\bfe de erratas\b|"
    r"\brettifica\b|\bcorreção\b|\berramos\b|\brectificatie\b|\brättelse\b|\brettelse\b|\bsprostowanie\b|"
    r"\bdüzeltme\b|\bуточнение\b|\bисправлен|"
    r"تصحيح|تصويب|اصلاحیه|תיקון טעות|訂正|更正|정정",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_]+")
_FEW_WORDS = 4
_LIKE = 0.6
_MOSTLY = 3


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
    if (not new and not gone) or _is_typo(new, gone):
        return [*found, "typo"]
    if len(new) > _MOSTLY * len(gone):
        return [*found, "added"]
    if len(gone) > _MOSTLY * len(new):
        return [*found, "removed"]
    return [*found, "rewritten"]


def _is_typo(new: list[str], gone: list[str]) -> bool:
    """Tell whether few words stand in for as many that are spelt much like them."""
    if len(new) > _FEW_WORDS or len(gone) > _FEW_WORDS or not new or not gone:
        return False
    return SequenceMatcher(None, "".join(gone), "".join(new), autojunk=False).ratio() >= _LIKE


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())
