"""The rows of the catalogue: one for each capture of a WARC, one for each article of a batch.

Columns are named and typed as Common Crawl's columnar index has them, where it has them. Here they are spelt only.
https://commoncrawl.org/columnar-index
"""

from __future__ import annotations

__all__ = [
    "ARTICLE_FIELDS",
    "CAPTURE_FIELDS",
    "CatalogueArticle",
    "CatalogueCapture",
    "Hosts",
    "article_rows",
    "capture_rows",
    "month_of",
]

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import msgspec

from crawler.archive.articles import ArticleReader, Batch
from crawler.archive.capture_metadata import Notes
from crawler.archive.read.catalogue import Holding, StoredWarc, fetch, survey
from crawler.archive.read.cdxj import url_key
from crawler.archive.read.selection import beside, in_range, notes_of
from crawler.archive.store import Store
from crawler.errors import BadArchive
from crawler.model.article import CaptureRef, RevisionOf, RightsSignal

_ADDRESS = {
    "url_surtkey": "VARCHAR",
    "url": "VARCHAR",
    "url_host_name": "VARCHAR",
    "url_host_tld": "VARCHAR",
    "url_host_registered_domain": "VARCHAR",
    "url_protocol": "VARCHAR",
    "url_path": "VARCHAR",
    "url_query": "VARCHAR",
}
CAPTURE_FIELDS = {
    **_ADDRESS,
    "fetch_time": "TIMESTAMP",
    "fetch_status": "SMALLINT",
    "content_digest": "VARCHAR",
    "content_sha256": "VARCHAR",
    "content_mime_type": "VARCHAR",
    "warc_filename": "VARCHAR",
    "warc_record_offset": "BIGINT",
    "warc_record_length": "INTEGER",
    "kind": "VARCHAR",
    "role": "VARCHAR",
    "site": "VARCHAR",
    "run": "VARCHAR",
}
"""Columns of a capture as they are gathered, with their types; ``content_languages``, ``article_id`` and
``has_article`` come from its article."""

ARTICLE_FIELDS = {
    **_ADDRESS,
    "id": "VARCHAR",
    "site": "VARCHAR",
    "run": "VARCHAR",
    "fetch_time": "TIMESTAMP",
    "captured_at": "VARCHAR",
    "canonical_url": "VARCHAR",
    "canonical_surtkey": "VARCHAR",
    "title": "VARCHAR",
    "authors": "VARCHAR[]",
    "labels": "VARCHAR[]",
    "keywords": "VARCHAR[]",
    "description": "VARCHAR",
    "published_at": "VARCHAR",
    "modified_at": "VARCHAR",
    "language": "VARCHAR",
    "direction": "VARCHAR",
    "word_count": "INTEGER",
    "access": "VARCHAR",
    "rights": "STRUCT(source VARCHAR, value VARCHAR)[]",
    "flags": "VARCHAR[]",
    "fingerprint": "VARCHAR",
    "parser_version": "VARCHAR",
    "revision_of": "STRUCT(id VARCHAR, captured_at VARCHAR)",
    "warc_name": "VARCHAR",
    "warc_record_offset": "BIGINT",
    "warc_record_length": "INTEGER",
    "content_sha256": "VARCHAR",
    "articles_filename": "VARCHAR",
    "articles_line": "INTEGER",
    "body": "VARCHAR",
}
"""Columns of an article, with their types; one row a revision."""

_SMALLINT = 32767


class _Address(msgspec.Struct, frozen=True, kw_only=True):
    """The columns that both tables begin with."""

    url_surtkey: str
    url: str
    url_host_name: str | None
    url_host_tld: str | None
    url_host_registered_domain: str | None
    url_protocol: str | None
    url_path: str | None
    url_query: str | None


class CatalogueCapture(_Address, frozen=True, kw_only=True):
    """One capture; see CAPTURES."""

    fetch_time: str
    fetch_status: int | None
    content_digest: str | None
    """Base32 of the SHA-1 of the payload."""
    content_sha256: str | None
    content_mime_type: str | None
    """As declared; None of a revisit, whose index line does not say."""
    warc_filename: str
    """Store key."""
    warc_record_offset: int
    warc_record_length: int
    kind: str
    role: str | None
    site: str | None
    run: str | None


class CatalogueArticle(_Address, frozen=True, kw_only=True):
    """One article; see ARTICLES."""

    id: str
    site: str | None
    run: str | None
    fetch_time: str
    captured_at: str
    canonical_url: str | None
    canonical_surtkey: str | None
    title: str | None
    authors: tuple[str, ...]
    labels: tuple[str, ...]
    keywords: tuple[str, ...]
    description: str | None
    published_at: str | None
    modified_at: str | None
    language: str | None
    direction: str
    word_count: int
    access: str
    rights: tuple[RightsSignal, ...]
    flags: tuple[str, ...]
    fingerprint: str
    parser_version: str
    revision_of: RevisionOf | None
    warc_name: str | None
    """Without folder, as the record has it: the WARC may be another archive's."""
    warc_record_offset: int | None
    warc_record_length: int | None
    content_sha256: str | None
    articles_filename: str
    """Store key of the JSON Lines."""
    articles_line: int
    """From 0."""
    body: str


class _Line(msgspec.Struct, frozen=True, kw_only=True):
    """So much of an article's line as the catalogue has; what a version before did not write is absent."""

    id: str
    url: str
    captured_at: str
    body: str
    canonical_url: str | None = None
    site: str | None = None
    run: str | None = None
    title: str | None = None
    authors: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    description: str | None = None
    published_at: str | None = None
    modified_at: str | None = None
    language: str | None = None
    direction: str = "ltr"
    word_count: int = 0
    access: str = "full"
    rights: tuple[RightsSignal, ...] = ()
    flags: tuple[str, ...] = ()
    fingerprint: str = ""
    parser_version: str = ""
    revision_of: RevisionOf | None = None
    capture: CaptureRef | None = None


_OF_LINE = tuple(name for name in ARTICLE_FIELDS if name in _Line.__struct_fields__ and name != "url")


class Hosts:
    """Takes URLs apart into the columns of their address; remembers the hosts it has met."""

    _MOST = 100_000

    def __init__(self, domains: Any) -> None:
        """`domains`: what `crawler.corpus.extra.registered_domains` returns."""
        self._domains = domains
        self._known: dict[str, tuple[str | None, str | None]] = {}

    def address(self, url: str) -> dict[str, str | None]:
        """Return the columns of `url`; of what is no web address, none but the URL and its key."""
        try:
            parts = urlsplit(url)
            host = parts.hostname
        except ValueError:
            parts, host = None, None
        tld, domain = self._of(host) if host else (None, None)
        return {
            "url_surtkey": url_key(url),
            "url": url,
            "url_host_name": host,
            "url_host_tld": tld,
            "url_host_registered_domain": domain,
            "url_protocol": (parts.scheme or None) if parts else None,
            "url_path": parts.path if parts and host else None,
            "url_query": (parts.query or None) if parts and host else None,
        }

    def _of(self, host: str) -> tuple[str | None, str | None]:
        known = self._known.get(host)
        if known is None:
            found = self._domains.extract_str(host)
            tld = host.rpartition(".")[2]
            known = (
                tld if not tld.isdigit() and ":" not in host else None,
                found.top_domain_under_public_suffix or None,
            )
            if len(self._known) < self._MOST:
                self._known[host] = known
        return known


def capture_rows(store: Store, warc: StoredWarc, hosts: Hosts) -> Iterator[CatalogueCapture | str]:
    """Yield the row of each capture of `warc`, in the order of the file; of what is damaged, a line that says so.

    Raises StoreError if the store does not answer.
    """
    held, faults = survey(store, warc)
    yield from map(str, faults)
    whole = [one for one in held if not one.is_cut]
    for one in held:
        if one.is_cut:
            yield f"{warc.key}: at byte {one.offset}: the file ends before the record does ({one.fields.url})"
    left = iter(whole)
    for stretch, ranges in fetch(store, warc, [(one.offset + one.length, one.end) for one in whole]):
        for records, broken in in_range(stretch, ranges):
            one = next(left)
            notes = notes_of(beside(records))
            if notes is None:
                yield from map(str, broken)
            yield _capture(one, notes, hosts)


def article_rows(reader: ArticleReader, batch: Batch, hosts: Hosts) -> Iterator[CatalogueArticle | str]:
    """Yield the row of each article of `batch`, in order; of a damaged line, what is wrong. Raises StoreError."""
    for number, line in reader.numbered(batch, _Line):
        if isinstance(line, BadArchive):
            yield str(line)
        elif month_of(line.captured_at) is None:
            yield f"{batch.lines}: line {number + 1} is damaged (not a moment: {line.captured_at!r})"
        else:
            ref = line.capture
            yield CatalogueArticle(
                **hosts.address(line.url),  # type: ignore[arg-type]
                **{name: getattr(line, name) for name in _OF_LINE},
                canonical_surtkey=url_key(line.canonical_url) if line.canonical_url else None,
                fetch_time=line.captured_at.removesuffix("Z"),
                warc_name=ref.warc if ref else None,
                warc_record_offset=ref.offset if ref else None,
                warc_record_length=ref.length if ref else None,
                content_sha256=ref.payload_sha256 if ref else None,
                articles_filename=batch.lines,
                articles_line=number,
            )


def month_of(moment: str) -> str | None:
    """Return the month (``2026-11``) of a moment in ISO 8601; None if it has none."""
    year, dash, rest = moment[:7].partition("-")
    plain = len(year) == 4 and year.isascii() and year.isdigit() and dash and rest.isascii() and rest.isdigit()
    return f"{year}-{rest}" if plain and len(rest) == 2 and "01" <= rest <= "12" else None


def _capture(one: Holding, notes: Notes | None, hosts: Hosts) -> CatalogueCapture:
    fields, stamp = one.fields, one.timestamp
    known = notes.provenance if notes else None
    status = int(fields.status) if fields.status.isascii() and fields.status.isdigit() else None
    return CatalogueCapture(
        **{**hosts.address(fields.url), "url_surtkey": one.urlkey},  # type: ignore[arg-type]
        fetch_time=f"{stamp[:4]}-{stamp[4:6]}-{stamp[6:8]}T{stamp[8:10]}:{stamp[10:12]}:{stamp[12:14]}",
        fetch_status=status if status is not None and status <= _SMALLINT else None,
        content_digest=fields.digest.removeprefix("sha1:") or None,
        content_sha256=fields.sha256,
        content_mime_type=None if one.is_revisit or fields.mime == "unk" else fields.mime,
        warc_filename=one.warc.key,
        warc_record_offset=one.offset,
        warc_record_length=one.length,
        kind="revisit" if one.is_revisit else "conversion" if notes and notes.rendering else "response",
        role=known.role if known else None,
        site=known.site if known else None,
        run=known.run if known else None,
    )
