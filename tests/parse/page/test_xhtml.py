"""XHTML sent as XML."""

from __future__ import annotations

import pytest

from crawler.parse.page.xhtml import as_html, is_xhtml


@pytest.mark.parametrize(
    ("page", "html"),
    [
        (b"<p><![CDATA[A < B & C]]></p>", b"<p>A &lt; B &amp; C</p>"),
        (b'<div class="x"/><p>a</p>', b'<div class="x"></div><p>a</p>'),
        (b'<script src="x.js" /><p/>', b'<script src="x.js"></script><p></p>'),
        (b"<br/><img src='a' />", b"<br/><img src='a' />"),
        (b"<script>//<![CDATA[\nx = '<a/>';\n//]]></script>", b"<script>//<![CDATA[\nx = '<a/>';\n//]]></script>"),
        (b"<svg><path d='x'/></svg>", b"<svg><path d='x'/></svg>"),
        (b"<p>a / b > c</p>", b"<p>a / b > c</p>"),
    ],
)
def test_sections_and_empty_tags_mean_in_html_what_they_mean_in_xml(page, html):
    assert as_html(page) == html


def test_only_what_says_so_is_xhtml():
    assert is_xhtml("application/xhtml+xml; charset=utf-8")
    assert not is_xhtml("text/html")
    assert not is_xhtml(None)


@pytest.mark.parametrize("opened", [b"<script ", b"<script>", b"<![CDATA["])
def test_what_is_never_closed_comes_to_an_end(opened):
    assert len(as_html(opened * 300_000)) >= 300_000
