"""``warraq parse`` as a person and a script use it."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest

PAGES = Path(__file__).parent.parent / "parse" / "pages"
REFERENCE = Path(__file__).parent.parent / "parse" / "reference"
URL = "https://news.example/world/iran-russia/"


def warraq(*args: object, data: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "crawler", "parse", *map(str, args)]
    return subprocess.run(command, input=data, capture_output=True, check=False)


def test_a_file_gives_the_reference_document_on_stdout():
    done = warraq(REFERENCE / "page.html", "--url", URL, "--furniture", "keep")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == (REFERENCE / "article.txt").read_bytes()


def test_standard_input_may_be_gzipped_and_json_is_one_line():
    body = gzip.compress((PAGES / "en_related.html").read_bytes())
    done = warraq("-", "--url", URL, "--format", "json", "--captured-at", "2025-01-02", data=body)
    record = json.loads(done.stdout)
    assert done.stdout.count(b"\n") == 1
    assert (record["url"], record["captured_at"]) == (URL, "2025-01-02T00:00:00.000000Z")


def test_a_page_without_article_is_a_line_on_stderr_and_exit_code_one(tmp_path):
    (tmp_path / "x.pdf").write_bytes(b"%PDF-1.4 ...")
    done = warraq(tmp_path / "x.pdf", "--url", URL)
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"x.pdf" in done.stderr
    assert done.stderr.count(b"\n") == 1


def test_a_file_that_is_not_there_is_a_usage_error(tmp_path):
    done = warraq(tmp_path / "gone.html")
    assert done.returncode == 2
    assert b"gone.html" in done.stderr


@pytest.mark.parametrize("jobs", [1, 2])
def test_jsonl_lines_name_their_pages_relative_to_their_file(tmp_path, jobs):
    (tmp_path / "a.html").write_bytes((PAGES / "he_short.html").read_bytes())
    lines = [
        json.dumps({"id": i, "url": URL, "html_path": path}) for i, path in enumerate(["a.html", "b.html", "a.html"])
    ]
    (tmp_path / "in.jsonl").write_text("\n".join(lines), encoding="utf-8")
    done = warraq("--jsonl", tmp_path / "in.jsonl", "--jobs", jobs)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0
    assert [answer["ref"] for answer in answers] == [0, 1, 2]
    assert ["error" in answer for answer in answers] == [False, True, False]


def test_explain_lists_what_was_kept_and_writes_the_shaded_page(tmp_path):
    done = warraq(PAGES / "en_related.html", "--url", URL, "--explain", "--explain-html", tmp_path / "why.html")
    lines = done.stdout.decode().splitlines()
    assert any(line.startswith("+ ") and "first lorries" in line for line in lines)
    assert any(line.startswith("- ") and "newsletter" in line for line in lines)
    assert "first lorries" in (tmp_path / "why.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("options", "why"), [((), "the body is empty"), (("--explain",), "there is no text in it to explain")]
)
@pytest.mark.parametrize("url", [(), ("--url", URL)])
def test_a_page_that_is_empty_is_named_once_and_is_a_failure(tmp_path, options, why, url):
    (tmp_path / "page.html").touch()
    done = warraq(tmp_path / "page.html", *url, *options)
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.decode() == f"warraq: {tmp_path / 'page.html'}: {why}\n"
    done = warraq("-", *url, *options)
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.decode() == f"warraq: standard input: {why}\n"
