"""Lists of feeds, as other programs write them."""

from __future__ import annotations

import pytest

from crawler.parse.discover.opml import read_opml

FEED = "https://news.example/feed"


@pytest.mark.parametrize(
    "outline",
    [
        f'<outline text="A" type="rss" xmlUrl="{FEED}"/>',
        f'<outline text="Folder"><outline text="A" xmlurl=" {FEED} "/></outline>',
        f'<OUTLINE TEXT="A" XMLURL="{FEED}"/>',
        f'<outline text="A" type="rss" url="{FEED}"/>',
    ],
)
def test_a_feed_is_found_however_its_address_is_written(outline: str) -> None:
    outlines, _ = read_opml(f'<opml version="2.0"><body>{outline}</body></opml>'.encode(), name="list.opml")
    assert [one.url for one in outlines] == [FEED]
