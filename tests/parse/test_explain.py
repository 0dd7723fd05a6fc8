"""What --explain shows."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from crawler.model.page import Page
from crawler.parse.explain import as_text, explain, explanation_page

BODY = (Path(__file__).parent / "pages" / "en_related.html").read_bytes()


def told():
    return explain(Page(url="https://n.example/a?<b>", captured_at=datetime(2025, 1, 1, tzinfo=UTC), body=BODY))


def test_every_block_has_a_verdict_a_reason_and_a_place():
    blocks = {block.text[:20]: block for block in told().blocks}
    assert blocks["The first lorries cr"].kept
    assert not blocks["Sign up to our newsl"].kept
    assert blocks["Sign up to our newsl"].reason
    assert blocks["Harbour bridge reope"].role == "headline"
    assert blocks["The first lorries cr"].path.startswith("p < div.article-body")


def test_the_list_is_coloured_only_when_asked():
    assert "\x1b[32m" in as_text(told(), colour=True)
    plain = as_text(told(), colour=False)
    assert "\x1b" not in plain
    assert plain.count("\n") + 1 == len(told().blocks)


def test_the_html_shades_blocks_and_escapes_what_the_page_says():
    page = explanation_page(told())
    assert "https://n.example/a?&lt;b&gt;" in page
    assert page.count('class="kept"') == sum(block.kept for block in told().blocks)
