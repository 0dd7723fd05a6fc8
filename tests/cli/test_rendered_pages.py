"""A site whose pages need a browser, from the crawl to every command that reads the archive."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.run.live.test_rendering import chromium, serve

pytest.importorskip("playwright.async_api")
pytestmark = pytest.mark.timeout(400)  # a browser on a busy machine; nothing here depends on how fast it is

__all__ = ["chromium"]


def tree(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_what_a_browser_made_is_replayed_verified_indexed_rebuilt_and_packed(warraq, web, seed, tmp_path: Path):
    seed("paper", web, feeds=["/feed"])
    (declared,) = (tmp_path / "seeds").rglob("paper.toml")
    declared.write_text(f"render = true\n{declared.read_text()}")
    serve(web, "/one", "/two")
    ran = warraq("crawl", "paper")
    assert ran.code == 0, ran.err
    live = tree(tmp_path / "data" / "articles")
    assert len(live) == 3
    assert warraq("verify").code == 0
    for name, more in (("all", ()), ("chosen", ("--site", "paper")), ("url", ("--url", f"{web.base}/*"))):
        replayed = warraq("replay", "--out", f"file:{name}", *more)
        assert replayed.code == 0, replayed.err
        assert tree(tmp_path / name / "articles") == live, name
    for warc in (tmp_path / "data").rglob("*.warc.gz"):
        (line,) = [one for one in warraq("index", str(warc)).out.splitlines() if "/one" in one and "api" not in one][1:]
        assert '"mime":"text/html"' in line
        assert line.encode() in warc.with_name(warc.name.removesuffix(".warc.gz") + ".cdxj").read_bytes()
    told = warraq("why", f"{web.base}/one")
    assert "parsed" in told.out
    before = json.loads(warraq("why", f"{web.base}/one", "--json").out)
    rebuilt = warraq("rebuild", "--force")
    assert rebuilt.code == 0, rebuilt.err
    after = json.loads(warraq("why", f"{web.base}/one", "--json").out)
    assert (after["entry"]["outcome"], after["entry"]["article_id"]) == ("parsed", before["entry"]["article_id"])
    assert [one["kind"] for one in after["captures"]] == ["response", "conversion"]
    again = warraq("crawl", "paper")
    assert again.code == 4, again.err  # nothing new
    assert warraq("wacz", "paper.wacz", "--site", "paper").code == 0
    assert warraq("verify", "paper.wacz").code == 0


def test_a_rendered_page_has_its_kind_in_the_catalogue_and_was_asked_of_nobody(warraq, web, seed, tmp_path: Path):
    seed("paper", web, feeds=["/feed"])
    (declared,) = (tmp_path / "seeds").rglob("paper.toml")
    declared.write_text(f"render = true\n{declared.read_text()}")
    serve(web, "/one")
    assert warraq("crawl", "paper").code == 0
    day, _ = map(json.loads, warraq("report", "politeness", web.base, "--json").out.splitlines())
    assert day["requests"] == len(web.requests)
    pytest.importorskip("duckdb")
    assert warraq("catalogue").code == 0
    asked = "SELECT kind, role, site FROM captures WHERE url LIKE '%/one' AND url NOT LIKE '%api%' ORDER BY kind DESC"
    rows = [json.loads(line) for line in warraq("query", asked, "--format", "jsonl").out.splitlines()]
    assert [tuple(row.values()) for row in rows] == [
        ("response", "article", "paper"),
        ("conversion", "article", "paper"),
    ]
