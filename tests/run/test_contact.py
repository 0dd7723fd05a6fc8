"""Whether publishers would be told nobody to turn to: judged, and said by the commands that fetch."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from crawler.cli import main
from crawler.config import PROJECT_PAGE, load
from crawler.run.contact import is_unsigned
from tests.capture.harness import with_fetch
from tests.web import Web

OWN = "https://library.example/crawl"
AFAR = "https://news.example/feed.xml"


@pytest.mark.parametrize(
    ("fetch", "urls", "unsigned"),
    [
        ({}, [AFAR], True),
        ({}, ["http://127.0.0.1/feed.xml", AFAR], True),
        ({}, ["http://127.0.0.1/feed.xml", "http://localhost:8000/", "http://[::1]/"], False),
        ({"contact": OWN}, [AFAR], False),
        ({"user_agent": "Reader of the National Library (+https://library.example/)"}, [AFAR], False),
    ],
)
def test_the_projects_own_page_is_no_contact_beyond_this_machine(
    fetch: dict[str, Any], urls: list[str], unsigned: bool
) -> None:
    assert is_unsigned(with_fetch(load(), **fetch).fetch, [], urls) is unsigned


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("config", "seeds"):
        (tmp_path / name).mkdir()
    return tmp_path


def _declare(folder: Path, home: str) -> None:
    (folder / "seeds" / "paper.toml").write_text(
        f'title = "Paper"\ncountry = "gb"\nlanguages = ["en"]\nhome = "{home}/"\nfeeds = ["{home}/feed"]\n'
        'allow_private = true\n[schedule]\nevery = "1h"\n'
    )


def test_the_daemon_does_not_start_without_a_contact(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    _declare(folder, "https://news.example")
    assert main(["daemon"]) == 2
    said = capfd.readouterr().err
    assert "fetch.contact" in said
    assert "set a page or an e-mail address of yours" in said
    assert not (folder / "state" / "daemon.sock").exists()


def test_a_crawl_says_in_one_line_how_to_set_it(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with Web() as web:
        (folder / "config" / "warraq.toml").write_text(
            f'[fetch]\nproxy = "{web.base}"\nretries = 0\n[spool]\nmin_free_bytes = 0\n[parse]\nprocesses = 1\n'
        )
        main(["crawl", "http://news.example/feed.xml"])
        unsigned = capfd.readouterr().err
        main(["crawl", "http://news.example/feed.xml", "--contact", OWN])
        signed = capfd.readouterr().err
        main(["crawl", f"{web.base}/feed.xml", "--allow-private"])
        near = capfd.readouterr().err
    lines = [line for line in unsigned.splitlines() if PROJECT_PAGE in line]
    assert len(lines) == 1
    assert "--contact" in lines[0]
    assert "as your contact" not in signed
    assert "as your contact" not in near


def test_init_asks_a_person_until_the_answer_is_a_contact(folder: Path) -> None:
    ours, theirs = pty.openpty()
    asked = subprocess.Popen(
        [sys.executable, "-c", "import sys; from crawler.cli import main; sys.exit(main(['init', 'news']))"],
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=folder,
    )
    os.close(theirs)
    os.write(ours, f"me\n{OWN}\n".encode())
    _, said = asked.communicate(timeout=60)
    os.close(ours)
    assert asked.returncode == 0, said
    assert said.count(b"Your contact") == 2
    assert f'contact = "{OWN}"' in (folder / "news" / "config" / "warraq.toml").read_text()


def test_init_without_a_terminal_says_what_is_left_to_do(folder: Path) -> None:
    asked = subprocess.run(
        [sys.executable, "-c", "import sys; from crawler.cli import main; sys.exit(main(['init', 'news']))"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        cwd=folder,
        check=False,
        text=True,
    )
    assert asked.returncode == 0
    assert "set [fetch] contact" in asked.stderr
