"""The parser's version moves with what the parser is made of, and with nothing else."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import crawler
from crawler.parse import version
from crawler.parse.version import PARSER_VERSION

PACKAGE = Path(crawler.__file__).parent


@pytest.fixture
def package(tmp_path) -> Path:
    """A copy of the package's sources and data."""
    return shutil.copytree(PACKAGE, tmp_path / "crawler", ignore=shutil.ignore_patterns("*.so", "__pycache__"))


def test_it_is_the_same_wherever_the_same_parser_is_installed(package):
    assert PARSER_VERSION.endswith("+" + version._digest(package))
    (package / "parse" / "__pycache__").mkdir()
    (package / "parse" / "__pycache__" / "article.cpython-311.pyc").write_bytes(b"compiled")
    (package / "parse" / "article.cpython-311-x86_64-linux-gnu.so").write_bytes(b"compiled")
    assert PARSER_VERSION.endswith("+" + version._digest(package))


@pytest.mark.parametrize("part", ["parse/article.py", "parse/choose/selection.json", "http/coding.py", "urls.py"])
def test_it_moves_with_sources_and_data(package, part):
    with (package / part).open("ab") as file:
        file.write(b"\n")
    assert version._digest(package) != version._digest(PACKAGE)


def test_it_moves_when_a_module_comes_or_gets_another_name(package):
    seen = {version._digest(package)}
    (package / "parse" / "render.py").rename(package / "parse" / "rendering.py")
    seen.add(version._digest(package))
    (package / "parse" / "extra.py").write_text("")
    seen.add(version._digest(package))
    assert len(seen) == 3


def test_it_does_not_move_with_what_articles_do_not_depend_on(package):
    (package / "cli" / "parse.py").write_text("")
    (package / "run" / "lock.py").unlink()
    assert version._digest(package) == version._digest(PACKAGE)


def test_all_that_the_parser_imports_of_the_project_is_in_it():
    code = "import sys, crawler.run.parsing.perform\nprint(*[m for m in sys.modules if m.startswith('crawler.')])"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    parts = tuple(f"crawler.{part.removesuffix('.py')}" for part in version._PARTS)
    outside = {name for name in loaded if not name.startswith(parts)}
    # where pages lie and how they are handed over, errors' words and moments as text: nothing of an article's content
    assert {name.split(".")[1] for name in outside} <= {"archive", "run", "errors", "clock", "config", "log"}
