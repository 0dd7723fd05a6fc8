"""Questions to a catalogue of many captures, and how long each takes: made up, in a scratch folder, with our own
columns.

    python benchmarks/catalogue.py --captures 10000000 --folder scratch

Hosts, days, kinds and statuses are spread as news is: 200 hosts, one year, a few of them large. Each question is asked
by a connection of its own, as `warraq query` does, three times; the median is told, start included.
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path

import duckdb

from crawler.archive.store.folder import FileStore
from crawler.corpus.rows import CAPTURE_FIELDS
from crawler.corpus.sql import open_query

QUESTIONS = {
    "captures in all": "SELECT count(*) FROM captures",
    "captures by site": "SELECT site, count(*) FROM captures GROUP BY ALL",
    "one host's captures": (
        "SELECT url, fetch_time FROM captures WHERE url_host_name = 'www.paper7.example' AND "
        "fetch_time >= '2026-03-01' AND fetch_time < '2026-03-08'"
    ),
    "one page's captures": "SELECT fetch_time, content_digest FROM captures WHERE url_surtkey = '{page}'",
    "a day's failures by site": (
        "SELECT site, fetch_status, count(*) FROM captures WHERE fetch_time >= '2026-05-04' "
        "AND fetch_time < '2026-05-05' AND fetch_status >= 400 GROUP BY ALL"
    ),
    "articles by language and month": (
        "SELECT content_languages, month(fetch_time), count(*) FILTER (has_article) FROM captures GROUP BY ALL"
    ),
    "the same by their ids": (
        "SELECT content_languages, month(fetch_time), count(article_id) FROM captures GROUP BY ALL"
    ),
    "bytes by site": "SELECT site, sum(warc_record_length) FROM captures GROUP BY ALL",
    "coverage of a week": "SELECT * FROM coverage WHERE day BETWEEN '2026-06-01' AND '2026-06-07'",
    "distinct domains": "SELECT count(DISTINCT url_host_registered_domain) FROM captures",
}


def make(folder: Path, captures: int) -> None:
    """Write twelve months of captures."""
    database = duckdb.connect()
    database.execute(f"SET temp_directory = '{folder}'; SET memory_limit = '2GB'")
    target = folder / "data/catalogue/captures"
    target.mkdir(parents=True, exist_ok=True)
    of_month = captures // 12
    for month in range(1, 13):
        at = f"2026-{month:02d}"
        columns = {
            "url_surtkey": f"'example,paper' || h || ')/2026/{month:02d}/story-' || s",
            "url": f"'https://www.paper' || h || '.example/2026/{month:02d}/story-' || s",
            "url_host_name": "'www.paper' || h || '.example'",
            "url_host_tld": "'example'",
            "url_host_registered_domain": "'paper' || h || '.example'",
            "url_protocol": "'https'",
            "url_path": f"'/2026/{month:02d}/story-' || s",
            "url_query": "NULL::VARCHAR",
            "fetch_time": f"TIMESTAMP '{at}-01' + to_seconds(hash(i, 3) % {28 * 86400})",
            "fetch_status": "(CASE WHEN i % 23 = 0 THEN 404 WHEN i % 11 = 0 THEN 304 ELSE 200 END)::SMALLINT",
            "content_digest": "upper(left(md5(i::VARCHAR), 32))",
            "content_sha256": "sha256(i::VARCHAR)",
            "content_mime_type": "CASE WHEN i % 11 = 0 THEN NULL ELSE 'text/html' END",
            "warc_filename": (
                f"'warc/2026/{month:02d}/01/WARRAQ-2026{month:02d}01000000000-' || lpad((i // "
                "5000)::VARCHAR, 5, '0') || '-box.warc.gz'"
            ),
            "warc_record_offset": "(i % 5000) * 30000",
            "warc_record_length": "(15000 + hash(i, 4) % 20000)::INTEGER",
            "kind": "CASE WHEN i % 11 = 0 THEN 'revisit' ELSE 'response' END",
            "role": "CASE WHEN i % 11 = 0 THEN 'feed' ELSE 'article' END",
            "site": "'paper' || h",
            "run": "'run-' || h || '-' || (i // 400)",
        }
        assert list(columns) == list(CAPTURE_FIELDS)
        told = ", ".join(f"{made} AS {name}" for name, made in columns.items())
        database.execute(
            f"""COPY (SELECT {told}, CASE WHEN i % 11 = 0 THEN NULL
            ELSE ['en','ar','fa','zh','fr'][1 + (h % 5)::BIGINT] END AS content_languages,
            CASE WHEN i % 11 = 0 OR i % 23 = 0 THEN NULL ELSE left(md5(i::VARCHAR), 16) END AS article_id,
            i % 11 <> 0 AND i % 23 <> 0 AS has_article
            FROM (SELECT i, least(hash(i, 1) % 200, hash(i, 2) % 200) AS h, i * 3 // 4 AS s FROM range({of_month}) r(i))
            ORDER BY url_surtkey, fetch_time) TO '{target}/{at}.parquet'
            (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880)"""
        )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--captures", type=int, default=1_000_000)
    options.add_argument("--folder", type=Path, required=True)
    given = options.parse_args()
    if not (given.folder / "data/catalogue").exists():
        make(given.folder, given.captures)
    store = FileStore(given.folder / "data")
    size = sum(one.size for one in store.list("catalogue/"))
    print(f"{size / 1e6:.0f} MB of Parquet")
    with open_query(store) as asked:
        page = next(asked.run("SELECT min(url_surtkey) FROM captures WHERE site = 'paper7'").rows)[0]
    for name, question in QUESTIONS.items():
        sql = question.replace("{page}", page)
        took, worked, rows = [], [], 0
        for _ in range(3):
            began, busy = time.perf_counter(), time.process_time()
            with open_query(store) as asked:
                rows = sum(1 for _ in asked.run(sql).rows)
            took.append(time.perf_counter() - began)
            worked.append(time.process_time() - busy)
        print(f"{statistics.median(took):6.2f} s, {statistics.median(worked):6.2f} CPU s  {rows:8} rows  {name}")


if __name__ == "__main__":
    main()
