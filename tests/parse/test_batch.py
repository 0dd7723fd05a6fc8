"""Many pages at once: order, errors, crashes and hangs."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

import jsonschema
import pytest

from crawler.parse import batch
from crawler.parse.batch import Limits, parse_lines
from crawler.parse.schema import record_schema

PAGES = Path(__file__).parent / "pages"


@pytest.fixture
def folder(tmp_path):
    body = (PAGES / "en_related.html").read_bytes()
    (tmp_path / "a.html").write_bytes(body)
    (tmp_path / "b.html.gz").write_bytes(gzip.compress(body))
    (tmp_path / "c.html").write_bytes(b"%PDF-1.4")
    return tmp_path


def line(ref: object, path: str, **more: object) -> bytes:
    return json.dumps({"id": ref, "url": "https://n.example/a", "html_path": path, **more}).encode()


def run(lines: list[bytes], base: Path, **more: object) -> list[dict[str, object]]:
    return [json.loads(answer) for answer in parse_lines(lines, base=base, **more)]


def test_each_line_gives_one_in_order_and_errors_do_not_stop_the_rest(folder):
    lines = [
        line("1", "a.html"),
        b"",
        line("2", "c.html"),
        line(3, "gone.html"),
        b"not json",
        b'{"id": 5}',
        line("6", "b.html.gz"),
    ]
    found = run(lines, folder, jobs=2)
    assert [answer["ref"] for answer in found] == ["1", "2", 3, None, 5, "6"]
    assert ["error" in answer for answer in found] == [False, True, True, True, True, False]
    assert str(found[1]["error"]).startswith("not_html")
    assert str(found[2]["error"]).startswith("unreadable")
    assert found[0]["text"] == found[5]["text"]


def test_a_record_has_its_keys_in_order_then_the_ref_and_fits_the_schema(folder):
    (answer,) = run([line("1", "a.html", captured_at="2025-01-02T03:04:05Z", status=200)], folder)
    assert list(answer)[:4] == ["id", "url", "canonical_url", "site"]
    assert list(answer)[-2:] == ["fingerprint", "ref"]
    assert answer["captured_at"] == "2025-01-02T03:04:05.000000Z"
    answer.pop("ref")
    jsonschema.Draft202012Validator(record_schema()).validate(answer)


def test_headers_given_with_a_line_are_used(folder):
    headers = [["Date", "Tue, 05 Mar 2024 10:00:00 GMT"], ["X-Robots-Tag", "noai"]]
    (answer,) = run([line("1", "a.html", http_headers=headers)], folder)
    assert answer["captured_at"] == "2024-03-05T10:00:00.000000Z"
    assert {"source": "x-robots-tag", "value": "noai"} in answer["rights"]


def test_a_page_that_hangs_is_given_up_and_the_rest_goes_on(folder):
    os.mkfifo(folder / "never.html")
    lines = [line("1", "a.html"), line("2", "never.html"), line("3", "a.html")]
    found = run(lines, folder, limits=Limits(timeout_s=1.0))
    assert [("error" in answer) for answer in found] == [False, True, False]
    assert str(found[1]["error"]).startswith("timeout")


def test_a_page_that_kills_its_process_is_named_and_the_rest_goes_on(folder, monkeypatch):
    monkeypatch.setattr(batch, "_work", _dies_of_two)
    found = run([line("1", "a.html"), line("2", "a.html"), line("3", "a.html")], folder)
    assert [answer.get("error", "").split(":")[0] for answer in found] == ["", "crash", ""]


def _dies_of_two(pipe, *_):
    while True:
        try:
            message = json.loads(pipe.recv_bytes())
        except EOFError:
            return
        if message["id"] == "2":
            os.abort()
        pipe.send_bytes(json.dumps({"ref": message["id"]}).encode())
