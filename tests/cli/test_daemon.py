"""``warraq daemon`` as a process, and the commands that talk to it, over a real web."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.forking import fork_commands
from tests.web import Web, page, rss

if TYPE_CHECKING:
    from conftest import Ran

ROOT = Path(__file__).parent.parent.parent
Daemon = Callable[..., subprocess.Popen[bytes]]
"""Starts a daemon with the options it is given."""
STARTED = ("-m", "crawler")
"""Started as a user does, where its process is killed or asked for by its number."""


@pytest.fixture
def daemon(tmp_path: Path, warraq: Callable[..., Ran]) -> Iterator[Daemon]:
    """Start a daemon on the settings of `warraq`; it is ready when this returns.

    It is forked (`tests.forking`), unless the interpreter's words for it are given as `program`.
    """
    programs = tmp_path / "programs"
    programs.mkdir()
    forking = fork_commands(programs)
    started: list[subprocess.Popen[bytes]] = []

    def start(*options: str, program: tuple[str, ...] = ()) -> subprocess.Popen[bytes]:
        if not (program or forking):
            program = STARTED
        with (tmp_path / "daemon.err").open("wb") as said:
            process = subprocess.Popen(
                [*((sys.executable, *program) if program else (programs / "warraq",)), "daemon", *options],
                cwd=tmp_path,
                env={**os.environ, **forking, "PYTHONPATH": str(ROOT)},
                stderr=said,
            )
        started.append(process)
        end = time.monotonic() + 60
        while b"answering at" not in (tmp_path / "daemon.err").read_bytes():
            assert process.poll() is None, (tmp_path / "daemon.err").read_text()
            assert time.monotonic() < end
            time.sleep(0.05)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def paper(web: Web, seed: Callable[..., None], *paths: str, slow: bool = False) -> None:
    """Declare a paper whose feed lists the stories at `paths`."""
    web.pages["/feed"] = rss(web.base, list(paths))
    stories = {path: page(f"Story {path}") for path in paths}
    web.pages |= {path: slowly(story) for path, story in stories.items()} if slow else stories
    seed("paper", web, feeds=["/feed"])


def slowly(answer: bytes) -> Callable[[bytes], bytes]:
    def reply(_: bytes) -> bytes:
        time.sleep(0.05)
        return answer

    return reply


def stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0


def test_trigger_wait_crawls_archives_and_ships_and_says_how_it_was(
    daemon: Daemon,
    warraq: Callable[..., Ran],
    web: Web,
    seed: Callable[..., None],
    tmp_path: Path,
) -> None:
    paper(web, seed, "/a/one", "/a/two")
    declared = tmp_path / "seeds" / "paper.toml"
    declared.write_text(
        declared.read_text().replace('every = "1h"', 'cron = "0 0 1 1 *"')
    )  # no run but the one asked for
    process = daemon()
    ran = warraq("trigger", "paper", "--wait", "--json")
    assert ran.code == 0, ran.err
    (view,) = map(json.loads, ran.out.splitlines())
    assert (view["run"]["state"], view["counts"]["parsed"]) == ("done", 2)
    stop(process)
    assert list((tmp_path / "data").rglob("*.warc.gz"))
    assert list((tmp_path / "data").rglob("articles.jsonl"))
    assert not list((tmp_path / "state" / "spool").rglob("*.open"))


def kill(process: subprocess.Popen[bytes], worker: int) -> None:
    process.kill()
    os.killpg(worker, signal.SIGKILL)
    process.wait()


def terminate(process: subprocess.Popen[bytes], worker: int) -> None:
    stop(process)


@pytest.mark.parametrize("end", [kill, terminate])
def test_ended_in_the_middle_and_started_again_it_loses_nothing_and_doubles_no_article(
    end: Callable[[subprocess.Popen[bytes], int], None],
    daemon: Daemon,
    warraq: Callable[..., Ran],
    web: Web,
    seed: Callable[..., None],
    tmp_path: Path,
) -> None:
    paths = [f"/a/{number}" for number in range(16)]
    paper(web, seed, *paths, slow=True)
    process = daemon(program=STARTED)
    (run,) = warraq("trigger", "paper").out.split()
    while sum(request.startswith("GET /a/") for request in web.requests) < 6:
        time.sleep(0.02)
    (worker,) = json.loads(warraq("status", "--json").out)["workers"]
    end(process, worker["pid"])
    process = daemon(program=STARTED)
    (again,) = warraq("trigger", "paper", "--wait").out.split()
    assert again == run
    stop(process)
    batches = list((tmp_path / "data").rglob("articles.jsonl"))
    urls = [json.loads(line)["url"] for batch in batches for line in batch.read_text().splitlines()]
    assert sorted(urls) == sorted(web.base + path for path in paths)


def lose(database: Path) -> None:
    for path in database.parent.glob(f"{database.name}*"):
        path.unlink()


def damage(database: Path) -> None:
    with sqlite3.connect(database) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    content = bytearray(database.read_bytes())
    content[8192 : len(content) // 2] = b"\x5a" * (len(content) // 2 - 8192)
    database.write_bytes(content)


@pytest.mark.parametrize(("harm", "kept"), [(lose, 0), (damage, 1)])
def test_a_daemon_without_a_sound_database_makes_it_anew_and_fetches_no_article_twice(
    harm: Callable[[Path], None],
    kept: int,
    daemon: Daemon,
    warraq: Callable[..., Ran],
    web: Web,
    seed: Callable[..., None],
    tmp_path: Path,
) -> None:
    paper(web, seed, "/a/one", "/a/two")
    assert warraq("crawl", "paper").code == 0
    harm(tmp_path / "state" / "warraq.db")
    process = daemon()
    assert warraq("trigger", "paper", "--wait").code == 4  # nothing new
    stop(process)
    assert sum(request.startswith("GET /a/") for request in web.requests) == 2
    batches = list((tmp_path / "data").rglob("articles.jsonl"))
    assert sum(batch.read_text().count("\n") for batch in batches) == 2
    assert len(list((tmp_path / "state").glob("warraq.db.damaged-*Z"))) == kept
    assert b"the database was made anew" in (tmp_path / "daemon.err").read_bytes()


def test_runs_and_urls_that_were_missed_are_in_the_log_as_json(
    daemon: Daemon, warraq: Callable[..., Ran], web: Web, seed: Callable[..., None],
    tmp_path: Path
) -> None:  # fmt: skip
    web.pages["/feed"] = rss(web.base, ["/a/gone"])
    seed("paper", web, feeds=["/feed"])
    process = daemon("--log-json")
    ran = warraq("trigger", "paper", "--wait")
    assert ran.out, ran.err
    run = ran.out.strip()
    stop(process)
    lines = [line for line in (tmp_path / "daemon.err").read_text().splitlines() if line.startswith("{")]
    of_run = {event["event"]: event for event in map(json.loads, lines) if event.get("run") == run}
    assert of_run["run begun"]["site"] == "paper"
    assert (of_run["url missed"]["url"], of_run["url missed"]["reason"]) == (f"{web.base}/a/gone", "http_404")
    assert of_run["run ended"]["state"] in {"partial", "failed"}


def test_status_pause_and_resume(
    daemon: Daemon, warraq: Callable[..., Ran], web: Web, seed: Callable[..., None]
) -> None:
    seed("paper", web, feeds=["/missing"])
    daemon()
    assert warraq("pause", "paper").code == 0
    shown = warraq("status")
    assert (shown.code, "paused" in shown.out) == (0, True)
    assert warraq("resume", "paper").code == 0
    (site,) = json.loads(warraq("status", "--json").out)["sites"]
    assert site["paused_at"] is None
    assert site["next_fire_at"] is not None
    failed = warraq("trigger", "paper", "--wait")
    assert failed.code in {1, 3}
    assert "/missing" in failed.err
    unknown = warraq("trigger", "papper")
    assert (unknown.code, "did you mean paper?" in unknown.err) == (2, True)


@pytest.mark.parametrize("command", [("trigger", "paper"), ("pause", "paper"), ("resume", "paper"), ("status",)])
def test_without_a_daemon_each_command_says_what_to_do(warraq: Callable[..., Ran], command: tuple[str, ...]) -> None:
    ran = warraq(*command)
    assert ran.code == 2
    assert ran.out == ""
    assert "no daemon answers at" in ran.err
    assert "start it with `warraq daemon`" in ran.err


def test_a_crawl_beside_the_daemon_is_refused_in_a_line_and_what_only_reads_is_not(
    daemon: Daemon, warraq: Callable[..., Ran], web: Web, seed: Callable[..., None]
) -> None:
    paper(web, seed, "/a/one")
    process = daemon(program=STARTED)
    assert warraq("trigger", "paper", "--wait").code == 0
    asked = len(web.requests)
    ran = warraq("crawl", "paper")
    assert (ran.code, ran.out, ran.err.count("\n")) == (1, "", 1), ran.err
    assert f"state is in use by `warraq daemon` (process {process.pid}, since 20" in ran.err
    assert "`warraq trigger SITE`" in ran.err
    assert warraq("rebuild", "--force").code == 1
    assert len(web.requests) == asked
    assert warraq("crawl", "paper", "--state", "another").code == 0
    for command in (["status"], ["runs"], ["why", f"{web.base}/a/one"], ["verify"], ["replay", "--out", "file:again"]):
        assert warraq(*command).code == 0, command
    process.kill()
    process.wait()
    ran = warraq("crawl", "paper")
    assert ran.code == 4, ran.err  # nothing new


LOOKING_OFTEN = """
import sys
from crawler.cli import main
from crawler.daemon.alarms import watch
watch._EVERY_S = 0.2
sys.exit(main())
"""
"""The daemon, whose watch looks more often than once a minute."""


def test_a_site_added_while_it_runs_whose_channels_are_all_dead_is_told_at_the_second_poll(
    daemon: Daemon,
    warraq: Callable[..., Ran],
    web: Web,
    seed: Callable[..., None],
    tmp_path: Path,
) -> None:
    web.pages["/feed"] = rss(web.base, ["/a/one"])
    web.pages["/a/one"] = page("One")
    seed("lively", web, feeds=["/feed"])
    with (tmp_path / "config" / "warraq.toml").open("a") as settings:
        settings.write("[daemon]\ncatch_up_s = 0.0\n")  # no fire of an hour that has begun: polls are those asked for
    daemon(program=("-c", LOOKING_OFTEN))
    seed("dead", web, feeds=["/gone"], sitemaps=["/gone.xml"])
    until(lambda: "dead" in warraq("status").out)
    assert warraq("trigger", "lively", "dead", "--wait").code == 1
    told = warraq("sites", "dead").out
    assert told.count("http_404: it is not there") == 2
    assert warraq("alarms").code == 0
    assert warraq("trigger", "dead", "--wait").code == 1
    until(lambda: warraq("alarms").code == 1)
    (alarm,) = map(json.loads, warraq("alarms", "--json").out.splitlines())
    assert (alarm["kind"], alarm["severity"], alarm["site"]) == ("dead_feed", "critical", "dead")
    assert alarm["message"] == f"2 of 2 channels not read with success: {web.base}/gone in 2 runs, never yet (http_404)"
    assert "dead_feed" in warraq("alarms").out
    assert web.requests.count("GET /gone") == 2


def until(what: Callable[[], bool]) -> None:
    end = time.monotonic() + 120
    while not what():
        assert time.monotonic() < end
        time.sleep(0.1)


def test_sites_are_added_and_checked_beside_the_daemon_also_while_it_crawls_them(
    daemon: Daemon,
    warraq: Callable[..., Ran],
    web: Web,
    seed: Callable[..., None],
    tmp_path: Path,
) -> None:
    paths = [f"/a/{number}" for number in range(8)]
    paper(web, seed, *paths, slow=True)
    daemon()
    assert warraq("trigger", "paper").code == 0
    web.wait_for("GET /a/0")
    checked = warraq("sites", "check", "paper", "--json")
    assert (checked.code, json.loads(checked.out)["works"]) == (0, True), checked.err
    assert "paper: it is being crawled; it is asked when that has ended" in checked.err
    assert "1 of 1 work" in warraq("sites").out
    other = f"{web.base.replace('127.0.0.1', 'localhost')}/feed"
    added = warraq("sites", "add", other, "--allow-private", "--name", "second", "--country", "gb")
    assert added.code == 0, added.err
    until(lambda: "second" in warraq("status").out)
    assert warraq("trigger", "paper", "--wait").code == 4
    batches = list((tmp_path / "data").rglob("articles.jsonl"))
    assert sum(batch.read_text().count("\n") for batch in batches) == len(paths)
    assert warraq("verify").code == 0
