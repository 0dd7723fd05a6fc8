"""The layout of the article tree, spelt here only: which batch an article belongs to, and what its files are called.

articles/<site>/<yyyy>/<mm>/<dd>/<run>/NNN_<id>.txt  and  articles.jsonl
"""

from __future__ import annotations

__all__ = ["ROOT", "Batch"]

from typing import NamedTuple

from crawler.model.article import ArticleHead

ROOT = "articles/"
_LINES = "articles.jsonl"


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
        return cls(f"{ROOT}{site or 'unknown'}/{year}/{month}/{day}" + (f"/{run}" if run else ""))

    @classmethod
    def holding(cls, key: str) -> Batch:
        """Return the batch whose file has the store key `key`."""
        return cls(key.rpartition("/")[0])

    @property
    def lines(self) -> str:
        """Store key of its JSON Lines."""
        return f"{self.prefix}/{_LINES}"

    def text(self, number: int, article_id: str) -> str:
        """Return the store key of the text of the article that is number `number` in order of (captured_at, url)."""
        return f"{self.prefix}/{number:03d}_{article_id}.txt"
