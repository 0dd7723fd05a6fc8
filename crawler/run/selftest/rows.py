"""Corruptions of the state: receipts, captures, articles, ledger, runs, the digests of manifests, the file."""

# ruff: noqa: S608 - what the statements are composed of is read from the state itself

from __future__ import annotations

__all__ = ["CORRUPTIONS"]

import sqlite3
from collections.abc import Callable
from contextlib import closing

from crawler.run.selftest.corruption import Archive, Corruption, Place
from crawler.state.opening import DATABASE

_CAPTURE = (
    "FROM captures WHERE kind = 'response' AND status = 200 AND role = 'article' AND warc IN (SELECT warc "
    "FROM receipts) ORDER BY warc, warc_offset"
)


def _receipt(change: str, *, index: bool = False) -> Callable[[Archive], Place]:
    """Alter the first receipt; WARC or index are to be named."""

    def plant(archive: Archive) -> Place:
        warc = str(archive.ask("SELECT warc FROM receipts ORDER BY warc")[0])
        archive.execute(f"{change} WHERE warc = '{warc}'")
        return Place(warc.replace(".warc.gz", ".cdxj") if index else warc)

    return plant


def _capture(change: str) -> Callable[[Archive], Place]:
    """Alter the row of a page; its record is to be named."""

    def plant(archive: Archive) -> Place:
        warc, offset = archive.ask(f"SELECT warc, warc_offset {_CAPTURE}")
        archive.execute(f"{change} WHERE warc = '{warc}' AND warc_offset = {offset}")
        return Place(str(warc), (int(str(offset)),))

    return plant


def _unanswered(archive: Archive) -> Place:
    warc, offset = archive.ask("SELECT warc, warc_offset FROM captures WHERE status = 0")
    archive.execute(f"DELETE FROM captures WHERE warc = '{warc}' AND warc_offset = {offset}")
    return Place(str(warc), (int(str(offset)),))


def _capture_added(archive: Archive) -> Place:
    warc, offset = archive.ask(f"SELECT warc, warc_offset {_CAPTURE}")
    archive.execute(
        "INSERT INTO captures (url, captured_at, kind, warc, warc_offset, warc_length, record_id, status, mime,"
        " payload_sha1, payload_sha256, truncated, run, site, role)"
        " SELECT url || 'x', captured_at, kind, warc, warc_offset + 1, warc_length, record_id, status, mime,"
        f" payload_sha1, payload_sha256, truncated, run, site, role FROM captures WHERE warc = '{warc}' AND "
        f"warc_offset = {offset}"
    )
    return Place(str(warc), (int(str(offset)) + 1,))


def _another(column: str) -> str:
    """Return SQL for a digest that is certainly another than the one in `column`."""
    return f"CASE substr({column}, 1, 1) WHEN 'f' THEN 'e' ELSE 'f' END || substr({column}, 2)"


def _article(change: str, *, text: bool = False) -> Callable[[Archive], Place]:
    """Alter the row of the first article of a batch; its line is to be named, or its `text`."""

    def plant(archive: Archive) -> Place:
        lines, first = archive.batches()[0], archive.texts()[0]
        key = archive.key(first)
        archive.execute(f"{change} WHERE path = '{key}'")
        return Place(key if text else archive.key(lines))

    return plant


def _state(change: str) -> Callable[[Archive], Place]:
    def plant(archive: Archive) -> Place:
        archive.execute(change)
        return Place(DATABASE)

    return plant


def _schema(change: str) -> Callable[[Archive], Place]:
    """Change the tables themselves."""

    def plant(archive: Archive) -> Place:
        with closing(sqlite3.connect(archive.state / DATABASE)) as database:
            database.execute(change)
            database.commit()
        return Place(DATABASE)

    return plant


def _gone(archive: Archive) -> Place:
    (archive.state / DATABASE).unlink()
    return Place(DATABASE)


def _manifest(archive: Archive) -> Place:
    archive.execute(f"UPDATE manifests SET sha256 = {_another('sha256')}")
    return Place(archive.key(archive.manifests()[-1]))


def _page_flipped(archive: Archive) -> Place:
    path = archive.state / "warraq.db"
    content = bytearray(path.read_bytes())
    content[100:200] = b"\xff" * 100  # the head of the table of tables
    archive.write(path, bytes(content))
    return Place(DATABASE)


def _emptied(archive: Archive) -> Place:
    archive.write(archive.state / "warraq.db", b"")
    return Place(DATABASE)


def _cut(archive: Archive) -> Place:
    path = archive.state / "warraq.db"
    archive.write(path, path.read_bytes()[:-4096])
    return Place(DATABASE)


CORRUPTIONS = (
    Corruption("receipt: digest", "the SHA-256 in a receipt is another",
    _receipt(f"UPDATE receipts SET sha256 = {_another('sha256')}")),
    Corruption("receipt: index digest", "the index's SHA-256 in a receipt is another",
    _receipt(f"UPDATE receipts SET cdxj_sha256 = {_another('cdxj_sha256')}", index=True)),
    Corruption("receipt: size", "the size in a receipt is another", _receipt("UPDATE receipts SET size_bytes = "
    "size_bytes + 1")),
    Corruption("receipt: no index digest", "the index's SHA-256 in a receipt is empty",
    _receipt("UPDATE receipts SET cdxj_sha256 = ''", index=True)),
    Corruption("receipt twice", "two receipts are of one file", _state("INSERT INTO receipts (warc, key, size_bytes, "
    "sha256, shipped_at) SELECT warc || 'x', key, size_bytes, sha256, shipped_at FROM receipts")),
    Corruption("receipt: moment", "the moment in a receipt is none", _state("UPDATE receipts SET shipped_at = "
    "'yesterday'")),
    Corruption("receipt: key", "the key in a receipt is another", _receipt("UPDATE receipts SET key = "
    "'warc/2000/01/01/' || warc")),
    Corruption("receipt removed", "a receipt is gone", _receipt("DELETE FROM receipts")),
    Corruption("capture: offset", "the offset in a capture's row is another", _capture("UPDATE captures SET "
    "warc_offset = warc_offset + 1")),
    Corruption("capture: length", "the length in a capture's row is another", _capture("UPDATE captures SET "
    "warc_length = warc_length + 1")),
    Corruption("capture: address", "the URL in a capture's row is another", _capture("UPDATE captures SET url = url "
    "|| '?x'")),
    Corruption("capture: moment", "the moment in a capture's row is another", _capture("UPDATE captures SET "
    "captured_at = '2001-01-01T00:00:00.000000Z'")),
    Corruption("capture: kind", "a capture's row calls it a revisit", _capture("UPDATE captures SET kind = 'revisit'")),
    Corruption("capture: record", "the record's id in a capture's row is another",
    _capture("UPDATE captures SET record_id = '<urn:uuid:0>'")),
    Corruption("capture: status", "the status in a capture's row is another", _capture("UPDATE captures SET status = "
    "404")),
    Corruption("capture: type", "the media type in a capture's row is another", _capture("UPDATE captures SET mime = "
    "'image/png'")),
    Corruption("capture: SHA-256", "the digest in a capture's row is another", _capture("UPDATE captures SET "
    "payload_sha256 = 'f' || substr(payload_sha256, 2)  || 'f'")),
    Corruption("capture: cut", "a capture's row calls it truncated",
    _capture("UPDATE captures SET truncated = 'time'")),
    Corruption("capture: run", "the run in a capture's row is another", _capture("UPDATE captures SET run = 'other'")),
    Corruption("capture: role", "the role in a capture's row is another",
    _capture("UPDATE captures SET role = 'feed'")),
    Corruption("capture removed", "the row of a capture is gone", _capture("DELETE FROM captures")),
    Corruption("capture added", "a row of a capture that is not there is added", _capture_added),
    Corruption("request removed", "the row of a request without an answer is gone", _unanswered),
    Corruption("article: id", "the id in an article's row is another", _article("UPDATE articles SET article_id = "
    "'ffff'", text=True)),
    Corruption("article: title", "the title in an article's row is another", _article("UPDATE articles SET title = "
    "title || '!'")),
    Corruption("article: key", "the text that an article's row names is not there",
    _article("UPDATE articles SET path = replace(path, '000_', '008_')")),
    Corruption("article removed", "the row of an article is gone", _article("DELETE FROM articles")),
    Corruption("article: moment", "an article's row is of a capture that is not there",
    _article("UPDATE articles SET captured_at = '2001-01-01T00:00:00.000000Z'")),
    Corruption("ledger: article", "the ledger names an article that is not there",
    _state("UPDATE ledger SET article_id = 'ffff' WHERE article_id IS NOT NULL")),
    Corruption("ledger: outcome", "the ledger tells an outcome that there is not", _state("UPDATE ledger SET "
    "outcome = 'x'")),
    Corruption("ledger: failed", "the ledger tells that a page failed which gave an article",
    _state("UPDATE ledger SET outcome = 'failed' WHERE outcome = 'parsed'")),
    Corruption("ledger: no article", "the ledger has a page without the article that it gave",
    _state("UPDATE ledger SET article_id = NULL WHERE article_id IS NOT NULL")),
    Corruption("ledger: other article", "the ledger has the article of another page", _state("UPDATE ledger SET "
    "article_id = (SELECT MIN(article_id) FROM articles) WHERE article_id = (SELECT MAX(article_id) FROM articles)")),
    Corruption("ledger: address", "the URL in the ledger is another", _state("UPDATE ledger SET url = url || 'x'")),
    Corruption("ledger: site", "the site in the ledger is another", _state("UPDATE ledger SET site = 'x'")),
    Corruption("ledger: role", "the ledger calls a page a feed", _state("UPDATE ledger SET role = 'feed' WHERE "
    "outcome = 'parsed'")),
    Corruption("ledger: moment", "a moment in the ledger is none", _state("UPDATE ledger SET updated_at = 'soon'")),
    Corruption("ledger: attempts", "the number of attempts in the ledger is none",
    _state("UPDATE ledger SET attempts = 'many'")),
    Corruption("ledger: held", "a page is held by a run that is over", _state("UPDATE ledger SET held_by = run")),
    Corruption("ledger: row removed", "the row of a page in the ledger is gone", _state("DELETE FROM ledger WHERE "
    "outcome = 'parsed'")),
    Corruption("ledger: row added", "a page that nothing happened to is in the ledger",
    _state("INSERT INTO ledger (url, site, role, outcome, first_seen_at, updated_at, run) SELECT url || 'x', site, "
    "role, 'captured', first_seen_at, updated_at, run FROM ledger LIMIT 1")),
    Corruption("event: address", "the URL in an event is another", _state("UPDATE events SET url = url || 'x'")),
    Corruption("event: outcome", "an event tells another outcome", _state("UPDATE events SET outcome = 'failed' WHERE "
    "outcome = 'parsed'")),
    Corruption("event: article", "an event tells of another article", _state("UPDATE events SET article_id = 'ffff' "
    "WHERE article_id IS NOT NULL")),
    Corruption("event: moment", "the moment of an event is none", _state("UPDATE events SET at = 'then'")),
    Corruption("events removed", "the history of all pages is gone", _state("DELETE FROM events")),
    Corruption("event: place", "an event tells of a capture that is not there", _state("UPDATE events SET warc_offset "
    "= warc_offset + 1 WHERE warc IS NOT NULL")),
    Corruption("run: state", "the state of a run is one that there is not", _state("UPDATE runs SET state = 'x'")),
    Corruption("run: end", "a run that is over has no end", _state("UPDATE runs SET finished_at = NULL")),
    Corruption("run: moment", "the moment at which a run ended is none", _state("UPDATE runs SET finished_at = 'x'")),
    Corruption("run: site", "a run is of another site than its captures", _state("UPDATE runs SET site = 'x'")),
    Corruption("runs removed", "the rows of all runs are gone", _state("DELETE FROM runs")),
    Corruption("manifest digests", "the digests of manifests in the state are others", _manifest),
    Corruption("database damaged", "a part of the database's file is overwritten", _page_flipped),
    Corruption("database emptied", "the database's file is empty", _emptied),
    Corruption("run: targets", "the targets of a run are no JSON", _state("UPDATE runs SET targets = '['")),
    Corruption("table removed", "a table of the state is gone", _schema("DROP TABLE robots")),
    Corruption("table renamed", "a column of a table has another name",
    _schema("ALTER TABLE runs RENAME COLUMN site TO place")),
    Corruption("versions removed", "the state does not tell its version", _schema("DELETE FROM migrations")),
    Corruption("index of a table removed", "an index that keeps rows apart is gone",
    _schema("DROP INDEX runs_one_per_lane")),
    Corruption("trigger", "a trigger of somebody else's lies in the state",
    _schema("CREATE TRIGGER late AFTER INSERT ON runs BEGIN DELETE FROM receipts; END")),
    Corruption("foreign table", "a table of somebody else's lies in the state", _schema("CREATE TABLE mine (x TEXT)")),
    Corruption("database gone", "the database's file is gone", _gone),
    Corruption("database cut", "the end of the database's file is gone", _cut),
)  # fmt: skip
