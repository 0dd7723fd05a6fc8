"""The layout of the article tree, spelt here only: which batch an article belongs to, and what its files are called.

articles/<site>/<yyyy>/<mm>/<dd>/<run>/NNN_<id>.txt  and  articles.jsonl
"""

from __future__ import annotations

__all__ = ["ARTICLES_JSONL", "Batch"]

import hashlib
import re
from typing import NamedTuple
from urllib.parse import quote

from crawler.archive.folders import ARTICLES
from crawler.model.article import ArticleHead

ARTICLES_JSONL = "articles.jsonl"
"""Name of a batch's JSON Lines: what keys end with that are one."""
_LONGEST = 200
_DAY = re.compile(rf"{ARTICLES}[^/]+/(\d{{4}})/(\d\d)/(\d\d)(?:/|\Z)")
_TEXT = re.compile(r"(\d{3,})_([0-9a-f]{16})\.txt")
_PLAIN = re.compile(r"[\w-][\w.-]{0,99}", re.ASCII)


class Batch(NamedTuple):
    """The articles of one run of a site, side by side; without a run, those of a site's day."""

    prefix: str
    """Store key of its folder."""

    @classmethod
    def of(cls, article: ArticleHead) -> Batch:
        """Return the batch that `article` belongs to."""
        return cls.named(article.site, article.run, article.captured_at)

    @classmethod
    def named(cls, site: str | None, run: str | None, captured_at: str) -> Batch:
        """Return the batch of what `run` captured of `site` on the day of `captured_at` (ISO 8601, UTC)."""
        year, month, day = captured_at[:10].split("-")
        folder = f"{ARTICLES}{_segment(site or 'unknown')}/{year}/{month}/{day}"
        return cls(f"{folder}/{_segment(run)}" if run else folder)

    @classmethod
    def holding(cls, key: str) -> Batch:
        """Return the batch whose file has the store key `key`."""
        return cls(key.rpartition("/")[0])

    @classmethod
    def of_site(cls, site: str) -> str:
        """Return what the prefixes of all batches of `site` begin with."""
        return f"{ARTICLES}{_segment(site)}/"

    @property
    def day(self) -> str | None:
        """The day (``2026-11-23``, UTC) on which its articles were captured; None if its folder names none."""
        match = _DAY.match(self.prefix)
        return f"{match[1]}-{match[2]}-{match[3]}" if match else None

    @property
    def lines(self) -> str:
        """Store key of its JSON Lines."""
        return f"{self.prefix}/{ARTICLES_JSONL}"

    def text(self, number: int, article_id: str) -> str:
        """Return the store key of the text of the article that is number `number` in order of (captured_at, url)."""
        return f"{self.prefix}/{number:03d}_{article_id}.txt"

    @classmethod
    def told_by_text(cls, key: str) -> tuple[int, str] | None:
        """Return number and id of the article whose text has the store key `key`; None if that is no text's."""
        match = _TEXT.fullmatch(key.rpartition("/")[2])
        return (int(match[1]), match[2]) if match else None


def _segment(name: str) -> str:
    """Return `name`, of a site or a run, as one part of a key: names in others' records may be anything, paths too.

    No two names give the same part. What is no plain name is percent-encoded, what is too long for a file name cut.
    """
    if _PLAIN.fullmatch(name):
        return name
    safe = quote(name, safe="")
    safe = safe.replace(".", "%2E") if safe.startswith(".") else safe
    return (
        safe if len(safe) <= _LONGEST else f"{safe[: _LONGEST - 17]}-{hashlib.sha256(name.encode()).hexdigest()[:16]}"
    )
