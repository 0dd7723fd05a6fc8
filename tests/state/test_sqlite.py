"""The state in a file of SQLite: what is made and refused, and who may write beside whom."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from contextlib import closing, suppress
from datetime import UTC, datetime
from errno import ENOSPC
from pathlib import Path

import pytest

from crawler.clock import FixedClock
from crawler.errors import StateDamaged, StateError, StateUnwritable
from crawler.state import State, new_run
from crawler.state.sqlite import SqliteDatabase
from tests.archive.power_cut import PowerCut

CLOCK = FixedClock(datetime(2026, 3, 1, tzinfo=UTC))


def opened(path: Path) -> State:
    database = SqliteDatabase(path)
    database.open(CLOCK)
    return State(database, CLOCK)


def opened_to_read(path: Path) -> State:
    database = SqliteDatabase(path)
    database.open_to_read(CLOCK)
    return State(database, CLOCK)


def test_a_missing_file_and_its_folder_are_made(tmp_path: Path) -> None:
    with opened(tmp_path / "deep" / "er" / "w.db") as state:
        assert state.runs() == []
    assert (tmp_path / "deep" / "er" / "w.db").is_file()


def test_what_was_written_is_there_after_reopening(tmp_path: Path) -> None:
    run = new_run("a", trigger="manual", clock=CLOCK)
    with opened(tmp_path / "w.db") as state:
        state.add_run(run)
    with opened(tmp_path / "w.db") as state:
        assert state.run(run.id) == run


def test_a_file_that_is_no_database_is_refused_with_the_next_step(tmp_path: Path) -> None:
    (tmp_path / "w.db").write_bytes(b"this is not a database, it is a letter to my aunt" * 100)
    with pytest.raises(StateDamaged, match=r"w\.db is damaged: .*; `warraq rebuild --force`"):
        opened(tmp_path / "w.db")


def test_a_damaged_page_is_found_by_check(tmp_path: Path) -> None:
    path = tmp_path / "w.db"
    with opened(path) as state:
        for number in range(300):
            state.add_run(new_run(f"site-{number}", trigger="manual", clock=CLOCK))
    content = bytearray(path.read_bytes())
    content[8192:40960] = b"\x5a" * (40960 - 8192)
    path.write_bytes(content)
    with pytest.raises(StateDamaged, match="damaged"), opened(path) as state:
        state.check()


def test_a_sound_file_passes_check(tmp_path: Path) -> None:
    with opened(tmp_path / "w.db") as state:
        state.check()
        assert state.foreign() == []


def test_a_table_that_is_gone_is_damage_and_one_of_somebody_else_s_is_only_told(tmp_path: Path) -> None:
    path = tmp_path / "w.db"
    opened(path).close()
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("CREATE VIEW mine AS SELECT id FROM runs")
    with opened(path) as state:
        state.check()
        assert state.foreign() == ["the view mine (id TEXT 0)"]
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("DROP TABLE robots")
    with pytest.raises(StateDamaged, match="it lacks the table robots"), opened(path) as state:
        state.check()


def test_a_row_of_which_the_json_is_cut_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "w.db"
    with opened(path) as state:
        state.add_run(new_run("a", trigger="manual", clock=CLOCK))
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("UPDATE runs SET targets = '['")
        raw.commit()
    with opened(path) as state, pytest.raises(StateDamaged, match="a row cannot be read"):
        state.runs()


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    opened(tmp_path / "w.db").close()
    with sqlite3.connect(tmp_path / "w.db") as raw:
        raw.execute("INSERT INTO migrations VALUES (999, 'later')")
    raw.close()
    with pytest.raises(StateError, match=r"newer version of Warraq \(schema 999"):
        opened(tmp_path / "w.db")


def test_a_database_of_another_program_is_refused(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "w.db") as raw:
        raw.execute("CREATE TABLE contacts (name TEXT)")
    raw.close()
    with pytest.raises(StateError, match="another program"):
        opened(tmp_path / "w.db")


def test_an_unwritable_place_is_refused_with_the_next_step(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StateError, match=r"cannot write .*--state"):
        opened(tmp_path / "file" / "w.db")
    with pytest.raises(StateError, match="is a folder"):
        opened(tmp_path)


def without_log_index(folder: Path) -> Path:
    """A state with one run in which SQLite cannot make the index of its log, as on a read-only mount."""
    with opened(folder / "w 1?.db") as state:
        state.add_run(new_run("a", trigger="manual", clock=CLOCK))
    (folder / "w 1?.db-shm").symlink_to(folder / "nowhere" / "shm")
    return folder / "w 1?.db"


def test_where_nothing_can_be_written_it_is_opened_to_read_as_it_lies(tmp_path: Path) -> None:
    path = without_log_index(tmp_path)
    before = path.read_bytes()
    with pytest.raises(StateUnwritable, match="cannot write"):
        opened(path)
    with opened_to_read(path) as state:
        assert [run.site for run in state.runs()] == ["a"]
        with pytest.raises(StateUnwritable, match=r"cannot write .*--state"):
            state.add_run(new_run("b", trigger="manual", clock=CLOCK))
    assert path.read_bytes() == before


def test_a_log_that_cannot_be_read_is_not_passed_over(tmp_path: Path) -> None:
    path = without_log_index(tmp_path)
    (tmp_path / "w 1?.db-wal").write_bytes(b"what was written last")
    with pytest.raises(StateUnwritable, match=r"-wal holds what was written last.*; copy the state folder"):
        opened_to_read(path)


def test_an_older_schema_cannot_be_read_where_it_cannot_be_changed(tmp_path: Path) -> None:
    path = tmp_path / "w.db"
    opened(path).close()
    with sqlite3.connect(path) as raw:
        raw.execute("DELETE FROM migrations WHERE number > 1")
    raw.close()
    (tmp_path / "w.db-shm").symlink_to(tmp_path / "nowhere" / "shm")
    with pytest.raises(StateUnwritable, match="older version of Warraq"):
        opened_to_read(path)


def test_opened_to_read_where_it_can_be_written_it_is_as_ever(tmp_path: Path) -> None:
    path = tmp_path / "w.db"
    with opened_to_read(path) as state:
        assert state.runs() == []
    (tmp_path / "file").write_text("x")
    with pytest.raises(StateUnwritable, match="cannot write"):
        opened_to_read(tmp_path / "file" / "w.db")


def test_a_transaction_that_fails_leaves_nothing(tmp_path: Path) -> None:
    with opened(tmp_path / "w.db") as state:

        def fail() -> None:
            with state.transaction():
                state.add_run(new_run("a", trigger="manual", clock=CLOCK))
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            fail()
        assert state.runs() == []
        assert state.add_run(new_run("a", trigger="manual", clock=CLOCK))


def test_several_connections_write_side_by_side(tmp_path: Path) -> None:
    def write(name: str) -> None:
        with opened(tmp_path / "w.db") as state:
            for _ in range(50):
                assert state.add_run(new_run(name, trigger="manual", clock=CLOCK), lane=name) in (True, False)
                state.claim_run(name)

    threads = [threading.Thread(target=write, args=(f"w{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with opened(tmp_path / "w.db") as state:
        running = [run.site for run in state.runs(limit=1000) if run.state == "running"]
    assert sorted(running) == ["w0", "w1", "w2", "w3"]  # one for each lane, never two


def test_a_closed_state_says_so(tmp_path: Path) -> None:
    state = opened(tmp_path / "w.db")
    state.close()
    with pytest.raises(StateError, match="is closed"):
        state.runs()


@pytest.mark.parametrize("where", ["run", "run_many", "transaction", "flush"])
def test_a_full_disk_costs_nothing_that_was_kept_and_is_over_when_there_is_room(tmp_path: Path, where: str) -> None:
    database = SqliteDatabase(tmp_path / "x.db")
    database.open(CLOCK)
    add = "INSERT INTO site_memory (site, name, value) VALUES (:site, 'x', :value)"
    database.run(add, {"site": "before", "value": "x"})
    pages = database.one("PRAGMA page_count")[0]
    database.all(f"PRAGMA max_page_count = {pages}")
    big = {"site": "big", "value": "x" * 200_000}

    async def soon() -> None:
        assert database.soon((add, big))
        database.flush()

    def write() -> None:
        if where == "run":
            database.run(add, big)
        elif where == "run_many":
            database.run_many(add, [big])
        elif where == "flush":
            asyncio.run(soon())
        else:
            with database.transaction():
                database.run(add, {"site": "small", "value": "x"})
                database.run(add, big)

    with pytest.raises(StateError, match=r"no room left on the disk of .*x\.db; free some"):
        write()
    with suppress(StateError):  # what is to be written soon is tried again first
        assert [row[0] for row in database.all("SELECT site FROM site_memory")] == ["before"]
    database.all("PRAGMA max_page_count = 1000000", fresh=False)
    if where == "flush":
        database.flush()
    else:
        write()
    sites = {row[0] for row in database.all("SELECT site FROM site_memory")}
    assert sites == {"before", "big"} | ({"small"} if where == "transaction" else set())
    database.check()
    database.close()


def test_a_copy_outlives_a_power_cut_under_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk, power = tmp_path / "disk", PowerCut(monkeypatch)
    disk.mkdir()
    with opened(tmp_path / "w.db") as state:
        run = new_run("a", trigger="manual", clock=CLOCK)
        state.add_run(run)
        state.back_up(disk / "copy.db")
    left = power.left(disk, tmp_path / "left")
    assert [path.name for path in left.iterdir()] == ["copy.db"]
    with opened_to_read(left / "copy.db") as copy:
        assert [one.id for one in copy.runs()] == [run.id]


def test_a_folder_that_cannot_be_made_is_told_with_the_path(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StateUnwritable, match=r"file/w\.db.*(Not a directory|File exists)"):
        opened(tmp_path / "file" / "w.db")


def test_a_copy_for_which_there_is_no_place_is_told_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, target: Path) -> Path:
        raise OSError(ENOSPC, "no room")

    with opened(tmp_path / "w.db") as state:
        monkeypatch.setattr(Path, "rename", refuse)
        with pytest.raises(StateError, match=r"copy\.db: no room; make room, or name another folder"):
            state.back_up(tmp_path / "copy.db")
    assert not (tmp_path / "copy.db").exists()
