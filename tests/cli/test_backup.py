"""``warraq backup``: a whole copy, made while others write, from which the daemon can start."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

from crawler.clock import SystemClock
from crawler.config import StateSettings
from crawler.state import State, new_run, open_state
from tests.web import page, rss


def state_of(folder: Path) -> State:
    return open_state(StateSettings(dir=str(folder)), clock=SystemClock())


def test_a_copy_made_while_runs_are_written_is_whole_and_holds_all_that_was_committed(warraq, tmp_path: Path):
    with state_of(tmp_path / "state") as state:
        for number in range(50):
            state.add_run(new_run(f"before-{number}", trigger="manual", clock=SystemClock()))
    done, begun = threading.Event(), threading.Event()

    def write() -> None:
        with state_of(tmp_path / "state") as state:
            while not done.is_set():
                state.add_run(new_run("meanwhile", trigger="manual", clock=SystemClock()))
                begun.set()

    writer = threading.Thread(target=write)
    writer.start()
    begun.wait(20)
    ran = warraq("backup", "copy.db")
    done.set()
    writer.join()
    assert ran.code == 0, ran.err
    (tmp_path / "copy").mkdir()
    shutil.copy(tmp_path / "copy.db", tmp_path / "copy" / "warraq.db")
    with state_of(tmp_path / "copy") as copy:
        copy.check()
        assert sum(run.site.startswith("before-") for run in copy.runs(limit=100_000)) == 50
    assert not list(tmp_path.glob("copy.db.part*"))


def test_what_was_restored_from_a_copy_fetches_nothing_twice(warraq, web, seed, tmp_path: Path):
    web.pages["/feed"], web.pages["/a/story"] = rss(web.base, ["/a/story"]), page("Story")
    seed("paper", web, feeds=["/feed"])
    assert warraq("crawl", "paper").code == 0
    assert warraq("backup", "copy.db").code == 0
    for file in (tmp_path / "state").glob("warraq.db*"):
        file.unlink()
    shutil.copy(tmp_path / "copy.db", tmp_path / "state" / "warraq.db")
    assert warraq("crawl", "paper").code == 4  # nothing new
    assert web.requests.count("GET /a/story") == 1


def test_a_file_that_is_there_is_not_replaced(warraq, tmp_path: Path):
    state_of(tmp_path / "state").close()
    (tmp_path / "copy.db").write_text("something of mine")
    ran = warraq("backup", "copy.db")
    assert (ran.code, "is there already" in ran.err) == (2, True)
    assert (tmp_path / "copy.db").read_text() == "something of mine"


def test_without_a_database_there_is_nothing_to_copy(warraq):
    ran = warraq("backup", "copy.db")
    assert (ran.code, "nothing was run here" in ran.err) == (1, True)


def test_the_copy_is_a_plain_database(warraq, tmp_path: Path):
    state_of(tmp_path / "state").close()
    assert warraq("backup", "copy.db").code == 0
    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        assert copy.execute("PRAGMA quick_check").fetchone() == ("ok",)


def test_a_place_that_is_none_is_told_and_the_state_is_not_blamed(warraq, tmp_path: Path):
    with state_of(tmp_path / "state"):
        ran = warraq("backup", "nowhere/copy.db")
    assert (ran.code, ran.out) == (2, "")
    assert "nowhere/copy.db cannot be made: nowhere is not there; name a file in a folder of yours" in ran.err
