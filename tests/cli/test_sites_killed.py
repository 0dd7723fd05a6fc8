"""A command that writes declarations, killed at each step: a file is there whole or not at all, and the next command
goes on."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from crawler.config import load_sites
from tests.web import answer, page, rss

KILLED = """
import os, signal, sys
from pathlib import Path
from crawler.cli import main

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

step = sys.argv.pop(1)
original = getattr(Path, step.removeprefix("after "))
def dies(self, *args, **named):
    if self.parent.parent.name != "seeds":
        return original(self, *args, **named)
    if step.startswith("after "):
        original(self, *args, **named)
    die()
setattr(Path, step.removeprefix("after "), dies)
sys.exit(main())
"""
"""The command, which kills itself when it comes to one step of writing a declaration."""


def killed(folder: Path, step: str, *argv: str) -> None:
    command = [sys.executable, "-c", textwrap.dedent(KILLED), step, *argv]
    ended = subprocess.run(command, cwd=folder, capture_output=True, timeout=120, check=False)
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()


@pytest.fixture
def home(web) -> str:
    web.pages["/"] = answer(
        '<html lang="en"><head><title>Paper</title><link rel="alternate" type="application/rss+xml" '
        'href="/feed"></head></html>'
    )
    web.pages["/feed"] = rss(web.base, ["/a/one-story", "/a/two-story"])
    web.pages["/a/one-story"] = web.pages["/a/two-story"] = page("One")
    return f"{web.base}/"


@pytest.mark.parametrize(
    ("step", "is_there"), [("open", False), ("hardlink_to", False), ("after hardlink_to", True), ("unlink", True)]
)
def test_sites_add_leaves_a_whole_declaration_or_none(warraq, home, tmp_path: Path, step, is_there):
    argv = ("sites", "add", home, "--allow-private", "--name", "paper", "--country", "gb")
    (tmp_path / "seeds" / "gb").mkdir(parents=True)
    killed(tmp_path, step, *argv)
    found = load_sites(tmp_path / "seeds")
    assert set(found) == ({"paper"} if is_there else set())
    if not is_there:
        assert warraq(*argv).code == 0
    assert warraq("sites", "check", "paper").code == 0
    assert warraq("crawl", "paper").code == 0
    assert warraq("verify").code == 0


@pytest.mark.parametrize(
    ("step", "is_written"), [("open", False), ("chmod", False), ("replace", False), ("after replace", True)]
)
def test_sites_check_leaves_the_file_as_it_was_or_with_its_line(warraq, home, tmp_path: Path, step, is_written):
    assert warraq("sites", "add", home, "--allow-private", "--name", "paper", "--country", "gb").code == 0
    path = tmp_path / "seeds" / "gb" / "paper.toml"
    before = path.read_text().replace("sites add", "hand")
    path.write_text(before)
    killed(tmp_path, step, "sites", "check", "--write")
    assert (path.read_text() != before) == is_written
    assert set(load_sites(tmp_path / "seeds")) == {"paper"}
    assert warraq("sites", "check", "--write").code == 0


def test_sites_import_leaves_whole_declarations_and_a_second_one_writes_the_rest(warraq, tmp_path: Path):
    outlines = "".join(f'<outline type="rss" text="P{n}" xmlUrl="https://p{n}.example/feed"/>' for n in range(4))
    (tmp_path / "list.opml").write_text(f'<opml version="2.0"><body>{outlines}</body></opml>')
    (tmp_path / "seeds").mkdir(exist_ok=True)
    killed(tmp_path, "after hardlink_to", "sites", "import", "list.opml")
    assert len(load_sites(tmp_path / "seeds")) == 1
    assert warraq("sites", "import", "list.opml").code == 0
    assert len(load_sites(tmp_path / "seeds")) == 4
