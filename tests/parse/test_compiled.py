"""Compiled and interpreted, the parser gives the same bytes; and what was compiled says when it is out of date."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from crawler.parse.compiled import is_compiled, stale_sources

ROOT = Path(__file__).parents[2]
PAGES = Path(__file__).parent / "pages"
NOT_SOURCE = shutil.ignore_patterns("*.so", ".compiled", "__pycache__")

READ = """
import sys
from datetime import UTC, datetime
from pathlib import Path
import msgspec
from crawler.errors import ParseError
from crawler.model.page import Page
from crawler.parse.article import Reading, parse_article
from crawler.parse.compiled import is_compiled

prose = b"".join(b"<p>Paragraph %d tells of the m\\xc3\\xbcll, of \\xe6\\xb0\\xb4\\xe8\\xbb\\x8a and of much else; it ends here.</p>" % n for n in range(60))
pages = [path.read_bytes() for path in sorted(Path(sys.argv[1]).glob("*.html"))]
pages += [
    b"", b"%PDF-1.7", b"<p>", b"<html><body>" + prose, b"<div>" * 100_000 + prose, b"<p " + b"a=1 " * 50_000 + b">" + prose,
    b"<html><body><h1>M\\xfcll</h1>" + prose.replace(b"\\xc3\\xbc", b"\\xfc"), b"<ol start=7><li>" + b"<li>".join([prose[:200]] * 40),
    b"<table><tr><td>1<td>2<tr><td>3<td>4</table><pre>a\\n b</pre>" + prose * 30, b"<p>" + "x\\u200c \\u0131\\u0130 \\U0001f600 ".encode() * 5000,
    b"<script type=application/ld+json>" + b"[" * 5000 + b"</script>" + prose,
]
out = sys.stdout.buffer
out.write(b"%d\\n" % is_compiled())
for body in pages:
    page = Page(url="https://news.example/2024/05/06/a", captured_at=datetime(2025, 1, 2, tzinfo=UTC), body=body)
    try:
        reading = Reading(page, None, "keep")
        out.write(msgspec.json.encode([parse_article(page), reading.choice, reading.article()]) + b"\\n")
    except ParseError as error:
        out.write(f"{error}\\n".encode())
"""


def read_by(tree: Path) -> list[bytes]:
    """What the parser below `tree` makes of the pages; the first line says whether it is compiled."""
    done = subprocess.run(
        [sys.executable, "-c", READ, str(PAGES)],
        env={**os.environ, "PYTHONPATH": str(tree), "COVERAGE_PROCESS_START": ""},
        cwd=tree,
        capture_output=True,
        check=True,
    )
    return done.stdout.splitlines()


@pytest.fixture
def interpreted(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "crawler", tmp_path / "plain" / "crawler", ignore=NOT_SOURCE)
    return tmp_path / "plain"


@pytest.fixture
def compiled(tmp_path: Path) -> Path:
    """This tree, or a copy that is compiled for the test."""
    if is_compiled() and not stale_sources(ROOT / "crawler" / "parse"):
        return ROOT
    compiler = (os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc").split()[0]
    if shutil.which(compiler) is None or not Path(sysconfig.get_path("include"), "Python.h").exists():
        pytest.skip("no C compiler or no Python headers: there is no compiled parser to compare with")
    tree = tmp_path / "compiled"
    shutil.copytree(ROOT / "crawler", tree / "crawler", ignore=NOT_SOURCE)
    for name in ("hatch_build.py", "pyproject.toml"):
        shutil.copy(ROOT / name, tree)
    plain = {name: value for name, value in os.environ.items() if name not in ("WARRAQ_PURE", "PYTHONPATH")}
    subprocess.run([sys.executable, "hatch_build.py"], cwd=tree, env=plain, check=True)
    return tree


@pytest.mark.timeout(600)
def test_compiled_and_interpreted_give_the_same_bytes(compiled, interpreted):
    plain, fast = read_by(interpreted), read_by(compiled)
    assert (plain[0], fast[0]) == (b"0", b"1")
    assert len(plain) == 17
    assert plain[1:] == fast[1:]


def test_an_edited_source_is_named_until_it_is_compiled_again(tmp_path):
    source, module, stamp = (
        tmp_path / name for name in ("text.py", "text.cpython-311-x86_64-linux-gnu.so", ".compiled")
    )
    for age, path in ((30, module), (20, stamp), (10, source)):
        path.touch()
        os.utime(path, (1_000_000 - age, 1_000_000 - age))
    assert stale_sources(tmp_path) == ["text.py"]
    os.utime(stamp, (1_000_000, 1_000_000))
    assert stale_sources(tmp_path) == []


def test_an_installed_package_is_never_out_of_date(tmp_path):
    (tmp_path / "text.cpython-311-x86_64-linux-gnu.so").touch()
    (tmp_path / "text.py").touch()
    assert stale_sources(tmp_path) == []


def test_a_stale_parser_says_so_when_it_is_imported(interpreted):
    folder = interpreted / "crawler" / "parse"
    for at, name in ((1, ".compiled"), (1, "text.other.so"), (2, "text.py")):
        (folder / name).touch()
        os.utime(folder / name, (at, at))
    done = subprocess.run(
        [sys.executable, "-c", "import crawler.parse"],
        env={**os.environ, "PYTHONPATH": str(interpreted)},
        cwd=interpreted,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "the compiled parser is older than text.py: compile it again with `make setup`" in done.stderr
