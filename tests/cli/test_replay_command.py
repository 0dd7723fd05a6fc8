"""``warraq replay`` as a user types it: any number of processes, killed anywhere, the same bytes."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from crawler.archive.articles import Batch, LineWriter
from crawler.archive.store.folder import FileStore
from crawler.config import load
from crawler.model.selection import Selection
from crawler.run.offline.sources import find_sources
from crawler.run.offline.unit import Order, Unit, replay_file
from crawler.run.parsing.recipe import Recipe
from tests.run.offline.test_replay import someone_elses

BRIDGES = ["An Old Bridge", "A New Bridge", "A Third Bridge", "A Wide Bridge", "A Narrow Bridge"]
FILES = 6


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    folder = tmp_path / "archive"
    folder.mkdir()
    for number in range(FILES):
        someone_elses(folder / f"{number}.warc.gz", *(f"{title} {number}" for title in BRIDGES))
    return folder


def tree(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def wait_for_writers(parts: Path) -> None:
    folder = os.open(parts, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
    finally:
        os.close(folder)


def test_the_number_of_processes_changes_no_byte(warraq, archive, tmp_path):
    for jobs in ("1", "2"):
        ran = warraq("replay", str(archive), "--jobs", jobs, "--out", f"out-{jobs}", "--json")
        assert ran.code == 0, ran.err
        report = json.loads(ran.out)
        assert (report["files"], report["articles"], report["counts"]) == (FILES, 30, {"parsed": 30})
    assert tree(tmp_path / "out-1") == tree(tmp_path / "out-2")


@pytest.mark.parametrize("done", [1, 4, FILES])
def test_killed_in_the_middle_and_run_again_it_ends_as_if_never_stopped(warraq, archive, tmp_path, done):
    warraq("replay", str(archive), "--out", "never-stopped")
    command = [sys.executable, "-m", "crawler", "replay", str(archive), "--out", "stopped", "--jobs", "2"]
    stopped = subprocess.Popen(command, start_new_session=True, stderr=subprocess.DEVNULL)
    until = time.monotonic() + 60
    while len(list((tmp_path / "state").glob("replay/*-*.json"))) < done and time.monotonic() < until:
        if stopped.poll() is not None:
            break  # it was quicker than we
        time.sleep(0.01)
    if stopped.poll() is None:
        os.killpg(stopped.pid, signal.SIGKILL)
    stopped.wait()
    killed_while_writing = tmp_path / "stopped" / ".part" / f".{'0a' * 16}.tmp"  # what its own kill leaves, at times
    killed_while_writing.parent.mkdir(parents=True, exist_ok=True)
    wait_for_writers(killed_while_writing.parent)  # the processes of one that is gone take a moment longer to die
    killed_while_writing.write_bytes(b"half of an obj")
    ran = warraq("replay", str(archive), "--out", "stopped", "--json")
    assert ran.code == 0, ran.err
    report = json.loads(ran.out)
    assert (report["articles"], report["counts"], report["faults"]) == (30, {"parsed": 30}, [])
    assert tree(tmp_path / "stopped") == tree(tmp_path / "never-stopped")


def test_texts_can_be_left_off(warraq, archive, tmp_path):
    assert warraq("replay", str(archive), "--out", "lines", "--no-texts").code == 0
    assert {Path(name).name for name in tree(tmp_path / "lines" / "articles")} == {"articles.jsonl"}


def test_a_damaged_file_is_named_the_rest_is_done_and_the_code_says_partial(warraq, archive):
    (archive / "3.warc.gz").write_bytes(b"this was an archive")
    ran = warraq("replay", str(archive))
    assert ran.code == 3
    assert "3.warc.gz" in ran.err
    assert "25 articles" in ran.out


def test_archives_come_from_lists_and_standard_input(warraq, archive, tmp_path, monkeypatch):
    (tmp_path / "paths").write_text("archive/0.warc.gz\narchive/none.warc.gz\narchive/1.warc.gz\n")
    ran = warraq("replay", "-i", "paths", "--out", "listed", "--json")
    report = json.loads(ran.out)
    assert (ran.code, report["files"], report["articles"]) == (3, 2, 10)
    assert report["faults"] == ["paths line 2: archive/none.warc.gz does not exist"]
    command = [sys.executable, "-m", "crawler", "replay", "-", "--out", "piped", "--json"]
    with (archive / "0.warc.gz").open("rb") as content:
        piped = subprocess.run(command, stdin=content, capture_output=True, check=False)
    assert (piped.returncode, json.loads(piped.stdout)["articles"]) == (0, 5), piped.stderr
    assert list((tmp_path / "state" / "replay").iterdir()) == []


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        (["--url", "news.example/*"], "begin with the scheme or a star"),
        (["--url", "regex:("], "is no regular expression"),
        (["--mime", "html"], "is no media type"),
        (["--status", "20"], "is not in the range"),
        (["--language", "english"], "is no language"),
        (["--from", "tomorow"], "is no moment"),
        (["--from", "2026", "--to", "2025"], "nothing lies between"),
        (["--base", "s3://x"], "name the list with -i"),
        (["-", "-i", "-"], "standard input is read once"),
        (["nowhere.warc.gz"], "nowhere.warc.gz does not exist"),
    ],
)
def test_a_typo_is_told(warraq, archive, typed, says):
    ran = warraq("replay", *typed)
    assert (ran.code, says in ran.err) == (2, True), ran.err


@pytest.fixture
def outputs(tmp_path: Path) -> tuple[str, str]:
    """What two parsers made of four captures: one title changed, one author gained, one article gone, one new."""
    one = tmp_path / "x.warc.gz"
    someone_elses(one, "An Old Bridge", "A New Bridge", "A Third Bridge", "A Wide Bridge")
    (tmp_path / "work").mkdir()
    config = load()
    order = Order(recipe=Recipe(), selection=Selection(), parsing=config.parse, work=str(tmp_path / "work"))
    (source,) = find_sources([str(one)], config.storage)
    unit = Unit.of(source, order, order.digest)
    replay_file(source, unit, order)
    records = [json.loads(line) for line in unit.lines.read_text().splitlines()]
    for name, kept in (("old", records[:3]), ("new", records[1:])):
        made = [dict(record) for record in kept]
        if name == "new":
            made[0]["title"] = "Another title"
            made[1]["authors"] = ["A. Writer"]
        batch = Batch("articles/news-example/2026/11/20")
        LineWriter(FileStore(tmp_path / name)).write(batch, [json.dumps(record).encode() for record in made])
    return str(tmp_path / "old"), f"file:{tmp_path / 'new'}"


def test_two_outputs_are_compared_by_field_and_site_with_limits(warraq, outputs):
    ran = warraq("replay", "--compare", *outputs, "--json")
    found = json.loads(ran.out)
    assert (ran.code, found["both"], found["changed"], found["only_old"], found["only_new"]) == (0, 2, 2, 1, 1)
    assert {name: (one["changed"], one["gained"]) for name, one in found["fields"].items()} == {
        "title": (1, 0),
        "authors": (1, 1),
    }
    assert found["fields"]["title"]["samples"][0]["new"] == "Another title"
    assert found["sites"]["news-example"] == {"both": 2, "changed": 2, "only_old": 1, "only_new": 1}
    ran = warraq("replay", "--compare", *outputs, "--fail-over", "60%", "--fail-over", "title=10%")
    assert (ran.code, "title changed in 50.00%" in ran.err, "authors" in ran.err) == (1, True, False)
    assert warraq("replay", "--compare", outputs[0], outputs[0], "--fail-over", "0%").code == 0
    assert "Another title" in warraq("replay", "--compare", *outputs).out


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        (["--compare", "old"], "two outputs are compared"),
        (["--compare", "old", "none"], "holds no articles"),
        (["--compare", "old", "old", "--fail-over", "a lot"], "is no limit"),
        (["--compare", "old", "old", "--fail-over", "titel=1%"], "is no field"),
        (["--fail-over", "1%"], "is for --compare"),
    ],
)
def test_a_typo_of_a_comparison_is_told(warraq, outputs, typed, says):
    ran = warraq("replay", *typed)
    assert (ran.code, says in ran.err) == (2, True), ran.err
