"""What is kept: captures, the receipts of the WARC files that hold them, the articles made of them, robots.txt."""

from __future__ import annotations

__all__ = ["Captures"]

from collections.abc import Sequence
from datetime import datetime

import msgspec

from crawler.clock import iso_utc
from crawler.model.article import ArticleHead
from crawler.model.capture import Capture, Role
from crawler.state.protocol import Part
from crawler.state.records import ArticleRow, CaptureRow, ManifestRow, ReceiptRow, RobotsRow
from crawler.state.rows import capture_of, search_form
from crawler.state.statements import captures as sql
from crawler.state.statements.columns import urls_of


class Captures(Part):
    """Addresses of what is in the archive."""

    def add_capture(self, capture: Capture, *, run: str, site: str, role: Role) -> None:
        """Keep the address of `capture`; the same record twice changes nothing. On disk soon (see `Database.soon`)."""
        fields = msgspec.structs.asdict(capture)
        fields["warc_offset"] = fields.pop("offset")
        fields["warc_length"] = fields.pop("length")
        fields["captured_at"] = iso_utc(capture.captured_at)
        fields |= {"run": run, "site": site, "role": role}
        if not self._db.soon((sql.ADD_CAPTURE, fields)):
            self._db.run(sql.ADD_CAPTURE, fields)

    def forget_capture(self, warc: str, offset: int) -> None:
        """Forget the capture at that address, which was erased from the archive; that it was made stays known."""
        address = {"warc": warc, "warc_offset": offset}
        self._db.run(sql.FORGET_CAPTURE, address)
        self._db.run(sql.FORGET_PLACE_OF_EVENTS, address)

    def forget_article(self, url: str, captured_at: str) -> None:
        """Forget the article of that capture: it was erased, or must not be shown."""
        self._db.run(sql.FORGET_ARTICLE, {"url": url, "captured_at": captured_at})
        self._db.run(sql.FORGET_ARTICLE_OF_PAGE, {"url": url})

    def captures(self, url: str) -> list[Capture]:
        """Return the captures of `url`, the oldest first."""
        return [capture_of(row) for row in self._db.all(sql.CAPTURES, {"url": url})]

    def captures_in(self, warc: str) -> list[CaptureRow]:
        """Return what lies in the file `warc` (name without folder), requests without an answer included, in no
        order.
        """
        return [
            CaptureRow(capture=capture_of(fields), run=fields["run"], site=fields["site"], role=fields["role"])
            for fields in map(dict, self._db.all(sql.CAPTURES_IN, {"warc": warc}))
        ]

    def captured(self, urls: Sequence[str]) -> set[str]:
        """Return those of `urls` (a few hundred) that were ever captured."""
        return {row["url"] for row in self._db.all(*urls_of(sql.CAPTURED, urls))}

    def same_payload(self, url: str, sha256: str) -> Capture | None:
        """Return the latest whole response of `url` with that payload which the store has confirmed to hold.

        A revisit record may refer to nothing less safe.
        """
        # What is still to be written has no receipt yet.
        row = self._db.one(sql.SAME_PAYLOAD, {"url": url, "sha256": sha256}, fresh=False)
        return capture_of(row) if row else None

    def latest_payload(self, url: str) -> Capture | None:
        """Return the whole response that has what `url` last gave: what a 304 says is still so."""
        row = self._db.one(sql.LATEST_PAYLOAD, {"url": url}, fresh=False)
        return capture_of(row) if row else None

    def add_receipt(
        self,
        *,
        warc: str,
        key: str,
        size_bytes: int,
        sha256: str,
        etag: str | None,
        shipped_at: datetime,
        cdxj_sha256: str | None = None,
    ) -> None:
        """Keep the store's confirmation that it holds the file `warc` (name without folder) whole, under `key`.

        `cdxj_sha256` is that of the index beside it.
        """
        self._db.run(
            sql.ADD_RECEIPT,
            {
                "warc": warc,
                "key": key,
                "size_bytes": size_bytes,
                "sha256": sha256,
                "etag": etag,
                "shipped_at": iso_utc(shipped_at),
                "cdxj_sha256": cdxj_sha256,
            },
        )

    def receipt(self, warc: str) -> ReceiptRow | None:
        """Return the receipt of the file `warc`, None if the store has not confirmed it."""
        row = self._db.one(sql.RECEIPT, {"warc": warc})
        return msgspec.convert(dict(row), ReceiptRow) if row else None

    def latest_receipts(self, count: int) -> list[ReceiptRow]:
        """Return the last `count` receipts, the latest first."""
        return [msgspec.convert(dict(row), ReceiptRow) for row in self._db.all(sql.LATEST_RECEIPTS, {"count": count})]

    def receipts(self) -> list[ReceiptRow]:
        """Return all receipts, the oldest first."""
        return [msgspec.convert(dict(row), ReceiptRow) for row in self._db.all(sql.RECEIPTS)]

    def add_manifest(self, *, key: str, sha256: str, sequence: int) -> None:
        """Keep that the store holds the manifest `key` with that digest (hex), `sequence` its place in the chain."""
        self._db.run(sql.ADD_MANIFEST, {"key": key, "sha256": sha256, "sequence": sequence})

    def manifests(self) -> list[ManifestRow]:
        """Return the manifests that are known to have been written, in the order of their chain."""
        return [msgspec.convert(dict(row), ManifestRow) for row in self._db.all(sql.MANIFEST_ROWS)]

    def add_article(
        self,
        *,
        article_id: str,
        url: str,
        site: str,
        run: str,
        captured_at: datetime,
        title: str | None,
        published_at: str | None,
        path: str,
        language: str | None = None,
        word_count: int | None = None,
        line_sha256: str | None = None,
    ) -> None:
        """Keep where the article of one capture was written, and the digest of its line; written again, the new one
        counts.
        """
        self._db.run(
            sql.ADD_ARTICLE,
            {
                "article_id": article_id,
                "url": url,
                "site": site,
                "run": run,
                "captured_at": iso_utc(captured_at),
                "title": title,
                "published_at": published_at,
                "language": language,
                "word_count": word_count,
                "path": path,
                "folded": search_form(title) if title else None,
                "line_sha256": line_sha256,
            },
        )

    def enter_article(self, article: ArticleHead, *, path: str, line_sha256: str) -> None:
        """Keep that the store holds `article`, made by a run of ours, under the key `path`; see `add_article`."""
        self.add_article(
            article_id=article.id,
            url=article.url,
            site=article.site or "",
            run=article.run or "",
            captured_at=datetime.fromisoformat(article.captured_at),
            title=article.title,
            published_at=article.published_at,
            path=path,
            language=article.language,
            word_count=article.word_count,
            line_sha256=line_sha256,
        )

    def article_lines(self, run: str) -> dict[str, str]:
        """Return the SHA-256 (hex) of the line of each article of `run`, by the key of its text; of old ones it is not
        known.
        """
        return {row["path"]: row["line_sha256"] for row in self._db.all(sql.ARTICLE_LINES, {"run": run})}

    def articles(self, url: str) -> list[ArticleRow]:
        """Return the articles made of the captures of `url`, the oldest first."""
        return [msgspec.convert(dict(row), ArticleRow) for row in self._db.all(sql.ARTICLES_OF_URL, {"url": url})]

    def latest_articles(self, site: str, limit: int = 50) -> list[ArticleRow]:
        """Return articles of `site`, the latest first."""
        rows = self._db.all(sql.ARTICLES_OF_SITE, {"site": site, "limit": limit})
        return [msgspec.convert(dict(row), ArticleRow) for row in rows]

    def load_robots(self, origin: str) -> RobotsRow | None:
        """Return robots.txt of `origin` as it was last fetched, also if it has expired."""
        row = self._db.one(sql.LOAD_ROBOTS, {"origin": origin})
        if row is None:
            return None
        return RobotsRow(
            origin=row["origin"],
            status=row["status"],
            body=bytes(row["body"]),
            fetched_at=datetime.fromisoformat(row["fetched_at"]),
            expires_at=datetime.fromisoformat(row["expires_at"]),
        )

    def save_robots(
        self, origin: str, *, status: int | None, body: bytes, fetched_at: datetime, expires_at: datetime
    ) -> None:
        """Keep robots.txt of `origin`. `status` None: no answer came."""
        self._db.run(
            sql.SAVE_ROBOTS,
            {
                "origin": origin,
                "status": status,
                "body": body,
                "fetched_at": iso_utc(fetched_at),
                "expires_at": iso_utc(expires_at),
            },
        )
