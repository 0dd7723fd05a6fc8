"""Columns and conditions that the statements of several parts have in common."""

from __future__ import annotations

__all__ = ["ARTICLE_COLUMNS", "ARTICLE_ROLES", "CAPTURE_COLUMNS", "MISSED_LIST", "OPEN_LIST", "RUN_COLUMNS", "urls_of"]

from collections.abc import Sequence

from crawler.model import run

RUN_COLUMNS = "id, site, cause, targets, scheduled_at, queued_at, started_at, finished_at, state, reason"
CAPTURE_COLUMNS = (
    "captures.url, captures.captured_at, captures.kind, captures.warc, captures.warc_offset, captures.warc_length, "
    "captures.record_id, captures.status, captures.mime, captures.payload_sha1, captures.payload_sha256, "
    "captures.truncated"
)
ARTICLE_COLUMNS = "url, captured_at, article_id, site, run, title, published_at, language, word_count, path"
ARTICLE_ROLES = "role IN ('article', 'probe')"


def one_of(values: Sequence[str]) -> str:
    """Return `values`, words of ours, as SQL lists them."""
    listed = ", ".join(f"'{value}'" for value in values)
    return f"({listed})"


OPEN_LIST = one_of(run.OPEN)
MISSED_LIST = one_of(run.MISSED)


def urls_of(sql: str, urls: Sequence[str]) -> tuple[str, dict[str, str]]:
    """Return `sql` with its ``{urls}`` replaced by one placeholder per URL, and their values."""
    names = {f"u{number}": url for number, url in enumerate(urls)}
    return sql.format(urls=", ".join(f":{name}" for name in names)), names
