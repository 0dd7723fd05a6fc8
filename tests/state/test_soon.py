"""What is written soon: together, in order, before anything else of this process, and not lost by a full disk."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from crawler.clock import SystemClock
from crawler.errors import StateError
from crawler.state.sqlite import SqliteDatabase

ADD = "INSERT INTO lines (text) VALUES (:text)"


@pytest.fixture
def database(tmp_path: Path):
    made = SqliteDatabase(tmp_path / "soon.db")
    made.open(SystemClock())
    made.run("CREATE TABLE lines (text TEXT NOT NULL)")
    yield made
    made.close()


def on_disk(database: SqliteDatabase) -> list[str]:
    with closing(sqlite3.connect(database.name)) as other:
        return [row[0] for row in other.execute("SELECT text FROM lines ORDER BY rowid")]


def test_without_an_event_loop_nothing_is_put_off(database):
    assert not database.soon((ADD, {"text": "a"}))
    assert on_disk(database) == []


def test_within_a_transaction_nothing_is_put_off(database):
    async def main():
        with database.transaction():
            return database.soon((ADD, {"text": "a"}))

    assert asyncio.run(main()) is False


def test_it_is_written_before_anything_else_is_read_or_written(database):
    async def main():
        assert database.soon((ADD, {"text": "a"}), (ADD, {"text": "b"}))
        assert on_disk(database) == []
        assert database.all("SELECT text FROM lines", fresh=False) == []
        assert [row["text"] for row in database.all("SELECT text FROM lines")] == ["a", "b"]
        assert database.soon((ADD, {"text": "c"}))
        database.run(ADD, {"text": "d"})

    asyncio.run(main())
    assert on_disk(database) == ["a", "b", "c", "d"]


def test_it_is_written_after_a_moment_by_itself(database):
    async def main():
        assert database.soon((ADD, {"text": "a"}))
        async with asyncio.timeout(10):
            while not on_disk(database):  # noqa: ASYNC110 - another connection sees it
                await asyncio.sleep(0.01)

    asyncio.run(main())


def test_it_is_written_when_there_is_much_of_it_and_on_closing(database):
    async def main():
        for number in range(511):
            assert database.soon((ADD, {"text": str(number)}))
            assert len(on_disk(database)) == (number + 1) // 256 * 256
        for number in range(511, 513):
            assert database.soon((ADD, {"text": str(number)}))
        assert len(on_disk(database)) == 512

    asyncio.run(main())
    database.close()
    assert len(on_disk(database)) == 513


def test_a_copy_has_it(database, tmp_path):
    async def main():
        assert database.soon((ADD, {"text": "a"}))
        database.back_up(tmp_path / "copy.db")

    asyncio.run(main())
    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        assert copy.execute("SELECT text FROM lines").fetchall() == [("a",)]


def test_what_could_not_be_written_is_kept_and_told_to_whoever_comes_next(database):
    async def main():
        assert database.soon((ADD, {"text": "a"}))
        database._connected.execute("PRAGMA query_only = ON")
        with pytest.raises(StateError):
            database.all("SELECT text FROM lines")
        database._connected.execute("PRAGMA query_only = OFF")
        assert [row["text"] for row in database.all("SELECT text FROM lines")] == ["a"]

    asyncio.run(main())
