"""``sites``, ``runs``, ``why``, ``init``, ``config``, ``verify``, ``index``, ``schema``: what they say."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from crawler.clock import SystemClock
from crawler.config import StateSettings
from crawler.state import new_run, open_state
from tests.web import page, rss


@pytest.fixture
def crawled(crawl_once, web, seed):
    seed("paper", web, feeds=["/feed"])
    web.pages["/feed"] = rss(web.base, ["/a/one", "/a/gone"])
    web.pages["/a/one"] = page("One")
    assert crawl_once("paper").code == 3
    return web.base


def test_why_tells_announcement_capture_and_article(warraq, crawled):
    told = warraq("why", f"{crawled}/a/one")
    assert told.code == 0
    assert "outcome    parsed" in told.out
    assert f"announced by feed {crawled}/feed" in told.out
    assert ".warc.gz at " in told.out
    assert "articles/paper/" in told.out
    known = json.loads(warraq("why", f"{crawled}/a/gone", "--json").out)
    assert (known["entry"]["outcome"], known["entry"]["reason"]) == ("failed", "http_404")


def test_why_of_an_unknown_url_says_so(warraq, crawled):
    told = warraq("why", "https://never.example/seen")
    assert told.code == 1
    assert "nothing is known" in told.err


def test_runs_list_state_and_counts(warraq, crawled):
    (run,) = (json.loads(line) for line in warraq("runs", "--json").out.splitlines())
    assert (run["site"], run["state"], run["counts"]["parsed"]) == ("paper", "partial", 1)
    assert "partial (1 failed (http_404))" in warraq("runs", "--site", "paper").out


_READ_ONLY = 'mount --bind state state && mount -o remount,ro,bind state && ! touch state/x 2>/dev/null && exec "$@"'
_MOUNTS = subprocess.run(["unshare", "-rm", "true"], check=False, capture_output=True).returncode == 0


@pytest.mark.skipif(not _MOUNTS, reason="needs a mount namespace")
def test_commands_that_read_do_so_on_a_read_only_state_folder(warraq, crawled, tmp_path: Path):
    def run(*argv: str) -> tuple[int, str, str]:
        command = ["unshare", "-rm", "sh", "-c", _READ_ONLY, "sh", sys.executable, "-m", "crawler", *argv]
        ran = subprocess.run(command, check=False, capture_output=True, text=True)
        return ran.returncode, ran.stdout, ran.stderr

    before = (tmp_path / "state" / "warraq.db").read_bytes()
    for argv in (
        ("runs", "--json"),
        ("why", f"{crawled}/a/one"),
        ("verify",),
        ("sites",),
        ("report", "dedup"),
        ("alarms",),
    ):
        ran = warraq(*argv)
        assert run(*argv) == tuple(ran), argv
    assert run("backup", "copy.db")[0] == 0
    assert run("status") == tuple(warraq("status"))
    code, _, said = run("crawl", "paper")
    assert (code, said.count("\n"), "state" in said) == (1, 1, True)
    with open_state(
        StateSettings(dir=str(tmp_path / "state")), clock=SystemClock()
    ) as state:  # it lies open, as under a daemon
        state.add_run(new_run("late", trigger="manual", clock=SystemClock()))
        assert '"late"' in run("runs", "--json")[1]
    assert (tmp_path / "state" / "warraq.db").read_bytes() != before


def test_runs_before_any_crawl_say_that_there_is_no_state(warraq):
    ran = warraq("runs")
    assert ran.code == 1
    assert "holds no state" in ran.err


def test_verify_finds_a_changed_byte_and_names_file_and_offset(warraq, crawled, tmp_path: Path):
    assert warraq("verify").code == 0
    (warc,) = (tmp_path / "data").rglob("*.warc.gz")
    content = bytearray(warc.read_bytes())
    content[content.index(b"The council") if b"The council" in content else -200] ^= 1
    warc.write_bytes(content)
    ran = warraq("verify")
    assert ran.code == 1
    assert warc.name in ran.out
    assert warraq("verify", str(warc)).code == 1


def test_verify_of_an_empty_store_is_a_usage_error(warraq):
    assert warraq("verify").code == 2


def test_an_index_made_again_equals_the_one_that_was_shipped(warraq, crawled, tmp_path: Path):
    (warc,) = (tmp_path / "data").rglob("*.warc.gz")
    shipped = warc.with_name(warc.name.replace(".warc.gz", ".cdxj")).read_text()
    assert warraq("index", str(warc)).out == shipped


def test_init_makes_a_project_that_checks_and_lists_its_sites(warraq, tmp_path: Path):
    ran = warraq("init", "mine", "--country", "at", "--contact", "me@library.example")
    assert ran.code == 0
    assert (tmp_path / "mine" / "config" / "warraq.toml").exists()
    assert warraq("config", "check", "--config", "mine/config").code == 0
    sites = [json.loads(line) for line in warraq("sites", "--config", "mine/config", "--json").out.splitlines()]
    assert {site["country"] for site in sites} == {"at"}
    shown = json.loads(warraq("config", "show", "--config", "mine/config").out)
    assert shown["fetch"]["contact"] == "me@library.example"
    again = warraq("init", "mine")
    assert again.code == 2
    assert "not empty" in again.err


def test_init_of_an_unknown_country_names_those_there_are(warraq):
    ran = warraq("init", "mine", "--country", "xx")
    assert ran.code == 2
    assert "at," in ran.err


def test_the_shipped_sites_are_listed_and_marked_as_not_verified(warraq, tmp_path: Path, monkeypatch):
    monkeypatch.chdir("/")
    out = warraq("sites").out
    assert out.count("not yet") >= 100


def test_the_schema_is_json_schema_for_a_record(warraq):
    schema = json.loads(warraq("schema").out)
    assert "$defs" in schema


def test_the_catalogue_is_no_stranger_to_verification(warraq, crawled):
    assert warraq("catalogue").code == 0
    ran = warraq("verify")
    assert ran.code == 0, ran.out
