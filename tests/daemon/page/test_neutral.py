"""Pages without their style sheets: what they lack is counted, and what they have of their own wins."""

from __future__ import annotations

import pytest

from crawler.daemon.page.neutral import Missing, missing, readable
from crawler.daemon.page.playback import harmless


def test_what_a_page_asks_for_is_counted():
    html = (
        "<link rel=stylesheet href=a.css><LINK href='b.css' rel='preload stylesheet'><link rel=canonical href=x>"
        '<img src="a.png"><img src="data:image/png;base64,AAAA"><picture><img alt=""></picture>'
        "<video></video><audio></audio><iframe src=x></iframe><script>1</script><script src=s.js></script>"
    )
    assert missing(html) == Missing(sheets=2, pictures=2, media=2, frames=1, scripts=2)
    assert missing(html).told() == "2 style sheets, 2 pictures, 2 videos or sounds, 1 frame, 2 scripts"
    assert missing("<p>text").told() == ""


@pytest.mark.parametrize("before", ["", "<!DOCTYPE html>", "\n<!-- by us -->\n<!doctype html public 'x'>"])
def test_the_style_comes_after_the_document_type(before):
    made = readable(f"{before}<html><head><link rel=stylesheet href=a></head>")
    assert made.startswith(f"{before}<style>@layer warraq{{")
    assert made.endswith("</style><html><head><link rel=stylesheet href=a></head>")


def test_a_page_with_a_style_of_its_own_is_left_as_it_is():
    own = f"<!doctype html><style>{'p{color:red}' * 200}</style><p>x"
    assert readable(own) == own
    assert readable("<!doctype html><style>p{color:red}</style><p>x") != own
    assert readable(own + "<link rel=stylesheet href=more.css>") != own


@pytest.mark.parametrize("piece", ["<link ", "<img ", "<link rel=", "<!doctype ", "<!--", " "])
def test_pages_made_to_be_slow_are_read_in_one_go(piece):
    html = piece * (4_000_000 // len(piece))  # what goes back to the beginning takes hours
    assert missing(html).frames == 0
    assert readable(html).endswith(html)


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "piece",
    [
        "<link rel=" + " " * 1990,
        "<link " + "rel= " * 400,
        "<link rel=" + "a " * 990,
        "<img src=" + " " * 1980,
        "<img " + "src= " * 390,
        "<style " * 300,
        "href" + " " * 2000,
    ],
)
def test_no_page_is_slow_to_be_shown(piece: str) -> None:
    html = piece * 1000
    assert missing(html) is not None
    assert len(harmless(readable(html))) >= len(html)


@pytest.mark.parametrize(
    ("tag", "sheets"),
    [
        ('<link rel="stylesheet" href=a>', 1), ("<link rel=stylesheet>", 1), (('<link href=a rel = "alternate '
        'StyleSheet">'), 1), ("<link rel='preload'>", 0),
        ('<link rel="" rel="stylesheet">', 0), ('<link title="stylesheet">', 0), ("<link rel=stylesheets>", 0),
    ],
)  # fmt: skip
def test_style_sheets_are_told_by_their_links(tag: str, sheets: int) -> None:
    assert missing(tag).sheets == sheets
