"""What is kept: captures, receipts, articles, robots.txt."""

# ruff: noqa: S608 - what the statements are composed of are constants

from __future__ import annotations

__all__ = [
    "ADD_ARTICLE",
    "ADD_CAPTURE",
    "ADD_MANIFEST",
    "ADD_RECEIPT",
    "ARTICLES_OF_SITE",
    "ARTICLES_OF_URL",
    "ARTICLE_LINES",
    "CAPTURED",
    "CAPTURES",
    "CAPTURES_IN",
    "FORGET_ARTICLE",
    "FORGET_ARTICLE_OF_PAGE",
    "FORGET_CAPTURE",
    "FORGET_PLACE_OF_EVENTS",
    "LATEST_PAYLOAD",
    "LATEST_RECEIPTS",
    "LOAD_ROBOTS",
    "MANIFEST_ROWS",
    "RECEIPT",
    "RECEIPTS",
    "SAME_PAYLOAD",
    "SAVE_ROBOTS",
]

from crawler.http.status import ANSWERED
from crawler.state.statements.columns import ARTICLE_COLUMNS, CAPTURE_COLUMNS

ADD_CAPTURE = """
    INSERT INTO captures (url, captured_at, kind, warc, warc_offset, warc_length, record_id, status, mime,
        payload_sha1, payload_sha256, truncated, run, site, role)
    VALUES (:url, :captured_at, :kind, :warc, :warc_offset, :warc_length, :record_id, :status, :mime,
        :payload_sha1, :payload_sha256, :truncated, :run, :site, :role)
    ON CONFLICT (warc, warc_offset) DO NOTHING
"""
CAPTURES = f"SELECT {CAPTURE_COLUMNS} FROM captures WHERE url = :url ORDER BY captured_at, warc_offset"
CAPTURED = "SELECT DISTINCT url FROM captures WHERE url IN ({urls})"
CAPTURES_IN = f"SELECT {CAPTURE_COLUMNS}, captures.run, captures.site, captures.role FROM captures WHERE warc = :warc"
SAME_PAYLOAD = f"""
    SELECT {CAPTURE_COLUMNS} FROM captures JOIN receipts ON receipts.warc = captures.warc
    WHERE captures.url = :url AND captures.payload_sha256 = :sha256
        AND captures.kind = 'response' AND captures.truncated IS NULL
    ORDER BY captures.captured_at DESC LIMIT 1
"""
LATEST_PAYLOAD = f"""
    SELECT {CAPTURE_COLUMNS} FROM captures
    WHERE captures.url = :url AND captures.kind = 'response' AND captures.truncated IS NULL
        AND captures.payload_sha256 = (
            SELECT latest.payload_sha256 FROM captures AS latest
            WHERE latest.url = :url AND latest.status IN {ANSWERED} AND latest.truncated IS NULL
            ORDER BY latest.captured_at DESC LIMIT 1
        )
    ORDER BY captures.captured_at DESC LIMIT 1
"""
ADD_RECEIPT = """
    INSERT INTO receipts (warc, key, size_bytes, sha256, etag, shipped_at, cdxj_sha256)
    VALUES (:warc, :key, :size_bytes, :sha256, :etag, :shipped_at, :cdxj_sha256)
    ON CONFLICT (warc) DO UPDATE SET key = excluded.key, size_bytes = excluded.size_bytes,
        sha256 = excluded.sha256, etag = excluded.etag, shipped_at = excluded.shipped_at,
        cdxj_sha256 = excluded.cdxj_sha256
"""
_RECEIPT_COLUMNS = "warc, key, size_bytes, sha256, etag, shipped_at, cdxj_sha256"
RECEIPTS = f"SELECT {_RECEIPT_COLUMNS} FROM receipts ORDER BY shipped_at, warc"
LATEST_RECEIPTS = f"SELECT {_RECEIPT_COLUMNS} FROM receipts ORDER BY shipped_at DESC, warc DESC LIMIT :count"
RECEIPT = f"SELECT {_RECEIPT_COLUMNS} FROM receipts WHERE warc = :warc"
ADD_MANIFEST = """
    INSERT INTO manifests (key, sha256, sequence) VALUES (:key, :sha256, :sequence)
    ON CONFLICT (key) DO UPDATE SET sha256 = excluded.sha256, sequence = excluded.sequence
"""
MANIFEST_ROWS = "SELECT key, sha256, sequence FROM manifests ORDER BY sequence, key"
ADD_ARTICLE = """
    INSERT INTO articles (url, captured_at, article_id, site, run, title, published_at, language, word_count, path,
        folded, line_sha256)
    VALUES (:url, :captured_at, :article_id, :site, :run, :title, :published_at, :language, :word_count, :path,
        :folded, :line_sha256)
    ON CONFLICT (url, captured_at) DO UPDATE SET article_id = excluded.article_id, site = excluded.site,
        run = excluded.run, title = excluded.title, published_at = excluded.published_at,
        language = excluded.language, word_count = excluded.word_count, path = excluded.path,
        folded = excluded.folded, line_sha256 = excluded.line_sha256
"""
FORGET_CAPTURE = "DELETE FROM captures WHERE warc = :warc AND warc_offset = :warc_offset"
FORGET_PLACE_OF_EVENTS = """
    UPDATE events SET warc = NULL, warc_offset = NULL WHERE warc = :warc AND warc_offset = :warc_offset
"""
FORGET_ARTICLE = "DELETE FROM articles WHERE url = :url AND captured_at = :captured_at"
FORGET_ARTICLE_OF_PAGE = """
    UPDATE ledger SET article_id = NULL
    WHERE url = :url AND NOT EXISTS (SELECT 1 FROM articles WHERE articles.url = :url)
"""
ARTICLE_LINES = "SELECT path, line_sha256 FROM articles WHERE run = :run AND line_sha256 IS NOT NULL"
ARTICLES_OF_URL = f"SELECT {ARTICLE_COLUMNS} FROM articles WHERE url = :url ORDER BY captured_at"
ARTICLES_OF_SITE = f"SELECT {ARTICLE_COLUMNS} FROM articles WHERE site = :site ORDER BY captured_at DESC LIMIT :limit"
LOAD_ROBOTS = "SELECT origin, status, body, fetched_at, expires_at FROM robots WHERE origin = :origin"
SAVE_ROBOTS = """
    INSERT INTO robots (origin, status, body, fetched_at, expires_at)
    VALUES (:origin, :status, :body, :fetched_at, :expires_at)
    ON CONFLICT (origin) DO UPDATE SET status = excluded.status, body = excluded.body,
        fetched_at = excluded.fetched_at, expires_at = excluded.expires_at
"""
