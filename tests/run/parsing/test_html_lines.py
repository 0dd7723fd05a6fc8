"""Many pages at once: order, errors, crashes and hangs."""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import threading
from pathlib import Path

import jsonschema
import msgspec
import pytest

from crawler.config import load
from crawler.parse.schema import record_schema
from crawler.run.parsing.html_lines import parse_lines
from crawler.run.parsing.pool import ParsePool
from crawler.run.parsing.recipe import Recipe

PAGES = Path(__file__).parents[2] / "parse" / "pages"


@pytest.fixture
def folder(tmp_path):
    body = (PAGES / "en_related.html").read_bytes()
    (tmp_path / "a.html").write_bytes(body)
    (tmp_path / "b.html.gz").write_bytes(gzip.compress(body))
    (tmp_path / "c.html").write_bytes(b"%PDF-1.4")
    return tmp_path


def line(ref: object, path: str, **more: object) -> bytes:
    return json.dumps({"id": ref, "url": "https://n.example/a", "html_path": path} | more).encode()


def run(lines: list[bytes], base: Path, *, processes: int = 1, **limits: object) -> list[dict[str, object]]:
    parsing = msgspec.structs.replace(load().parse, processes=processes, **limits)

    async def work() -> list[bytes]:
        async with ParsePool(parsing) as pool:
            return [answer async for answer in parse_lines(lines, base=base, pool=pool, recipe=Recipe())]

    return [json.loads(answer) for answer in asyncio.run(work())]


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
    found = run(lines, folder, processes=2)
    assert [answer["ref"] for answer in found] == ["1", "2", 3, None, 5, "6"]
    assert ["error" in answer for answer in found] == [False, True, True, True, True, False]
    assert str(found[1]["error"]).startswith("not_html")
    assert str(found[2]["error"]).startswith("unreadable")
    assert found[0]["text"] == found[5]["text"]


def test_a_record_has_its_keys_in_order_then_the_ref_and_fits_the_schema(folder):
    (answer,) = run([line("1", "a.html", captured_at="2025-01-02T03:04:05Z", status=200)], folder)
    assert list(answer)[:4] == ["id", "url", "canonical_url", "site"]
    assert list(answer)[-2:] == ["revision_of", "ref"]
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
    found = run(lines, folder, timeout_s=1.0)
    assert [("error" in answer) for answer in found] == [False, True, False]
    assert str(found[1]["error"]).startswith("timeout")


def test_a_page_that_kills_its_process_is_named_and_the_rest_goes_on(folder, monkeypatch):
    (folder / "sitecustomize.py").write_text(
        "import sys\n"
        "if 'crawler.run.parsing.process' in sys.orig_argv:\n"
        "    import os\n"
        "    import crawler.run.parsing.perform as module\n"
        "    real = module.read_page\n"
        "    module.read_page = lambda page, **more: os.abort() if page.url.endswith('two') else real(page, **more)\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(folder))
    lines = [line("1", "a.html"), line("2", "a.html", url="https://n.example/two"), line("3", "a.html")]
    found = run(lines, folder)
    assert [str(answer.get("error", "")).split(":")[0] for answer in found] == ["", "crash", ""]


def test_an_answer_does_not_wait_for_the_next_line(folder):
    answered = threading.Event()

    def lines():
        yield line("1", "a.html")
        assert answered.wait(30), "the first answer did not come before the second line"
        yield line("2", "a.html")

    async def work() -> int:
        count = 0
        async with ParsePool(msgspec.structs.replace(load().parse, processes=1)) as pool:
            async for _ in parse_lines(lines(), base=folder, pool=pool, recipe=Recipe()):
                count += 1
                answered.set()
        return count

    assert asyncio.run(work()) == 2


def test_what_stops_the_reading_of_lines_is_raised(folder):
    def lines():
        yield line("1", "a.html")
        raise OSError("the pipe broke")

    async def work() -> None:
        async with ParsePool(msgspec.structs.replace(load().parse, processes=1)) as pool:
            async for _ in parse_lines(lines(), base=folder, pool=pool, recipe=Recipe()):
                pass

    with pytest.raises(OSError, match="the pipe broke"):
        asyncio.run(work())
