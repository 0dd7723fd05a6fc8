"""A channel that moved on by more than it holds: the gap is told, and filled from sitemaps."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta

from tests.cli.test_channel_leads import asked, stories
from tests.web import answer, page, rss

ROBOTS = "User-agent: *\nDisallow: /private/\nSitemap: {base}/sitemap.xml\n"


def sitemap(web, listed: dict[str, datetime]) -> bytes:
    urls = "".join(
        f"<url><loc>{web.base}{path}</loc><lastmod>{at.isoformat()}</lastmod></url>" for path, at in listed.items()
    )
    return answer(
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>', kind="application/xml"
    )


def overrun(warraq, web, *, sitemap_at: str) -> None:
    """Let a feed of one story lose three between two readings, which a sitemap lists among old ones."""
    now = datetime.now(UTC)
    web.pages |= {f"/a/story-number-{n}": page(f"Story {n}") for n in range(20)}
    web.pages["/feed"] = rss(web.base, ["/a/story-number-1"])
    assert warraq("crawl", "paper").code == 0
    web.pages["/feed"] = rss(web.base, ["/a/story-number-5"])
    old = {f"/a/story-number-{n}": now - timedelta(days=90) for n in range(10, 20)}
    lost = {f"/a/story-number-{n}": now + timedelta(minutes=10) for n in range(2, 6)}
    web.pages[sitemap_at] = sitemap(web, old | lost)
    assert warraq("crawl", "paper").code == 0


def test_a_gap_is_filled_from_the_sitemaps_that_robots_txt_names(warraq, web, seed, tmp_path) -> None:
    seed("paper", web, feeds=["/feed"])
    web.pages["/robots.txt"] = answer(ROBOTS.format(base=web.base), kind="text/plain")
    overrun(warraq, web, sitemap_at="/sitemap.xml")
    assert stories(tmp_path) == [f"Story {n}" for n in range(1, 6)]  # nothing of the archive
    gaps = [
        line["gap"]
        for line in map(json.loads, warraq("report", "coverage", "--json").out.splitlines())
        if "gap" in line
    ]
    assert [(gap["url"], gap["found"]) for gap in gaps] == [(f"{web.base}/feed", 3)]
    assert "3 were found in sitemaps" in warraq("report", "coverage").out
    web.pages["/feed"] = rss(web.base, ["/a/story-number-6", "/a/story-number-5"])
    assert warraq("crawl", "paper").code == 0
    assert asked(web, "/sitemap.xml") == 1  # it is read for gaps alone


def test_without_a_sitemap_the_gap_is_told_all_the_same(warraq, web, seed, tmp_path) -> None:
    seed("paper", web, feeds=["/feed"])
    overrun(warraq, web, sitemap_at="/nowhere.xml")
    assert stories(tmp_path) == ["Story 1", "Story 5"]
    assert "0 were found in sitemaps" in warraq("report", "coverage").out


def test_a_site_that_is_read_by_its_news_tells_when_and_why(warraq, web, seed, tmp_path) -> None:
    seed("paper", web, feeds=["/feed"])
    path = tmp_path / "seeds" / "paper.toml"
    path.write_text(path.read_text().replace('every = "1h"', 'adaptive = true\nmax = "2h"'))
    assert "as soon as it may be" in warraq("sites", "paper").out
    web.pages["/feed"] = rss(web.base, ["/a/story-number-1"])
    web.pages["/a/story-number-1"] = page("Story 1")
    assert warraq("crawl", "paper").code == 0
    told = warraq("sites", "paper").out
    assert "by its news, 5m to 2h" in told
    (status,) = map(json.loads, warraq("sites", "paper", "--json").out.splitlines())
    assert status["due_at"] > status["read_at"]
    assert status["why"]


WORDPRESS = b"<generator>https://wordpress.org/?v=6.8.3</generator>"


def wordpress(web, numbers: list[int]) -> bytes:
    return rss(web.base, [f"/a/story-number-{n}" for n in numbers]).replace(b"<channel>", b"<channel>" + WORDPRESS, 1)


def lengths_mended(raw: bytes) -> bytes:
    """Return an answer with the Content-Length that its body has now."""
    head, _, body = raw.partition(b"\r\n\r\n")
    return re.sub(rb"Content-Length: \d+", b"Content-Length: %d" % len(body), head) + b"\r\n\r\n" + body


def test_what_scrolled_by_a_wordpress_feed_is_found_on_its_next_pages(warraq, web, seed, tmp_path) -> None:
    seed("paper", web, feeds=["/feed/"])
    web.pages |= {f"/a/story-number-{n}": page(f"Story {n}") for n in range(1, 10)}
    web.pages["/feed/"] = lengths_mended(wordpress(web, [2, 1]))
    assert warraq("crawl", "paper").code == 0
    web.pages |= {
        "/feed/": lengths_mended(wordpress(web, [8, 7])),
        "/feed/?paged=2": lengths_mended(wordpress(web, [6, 5])),
        "/feed/?paged=3": lengths_mended(wordpress(web, [4, 3, 2])),
    }
    assert warraq("crawl", "paper").code == 0
    assert stories(tmp_path) == [f"Story {n}" for n in range(1, 9)]
    assert asked(web, "/feed/?paged=4") == 0


def test_a_next_page_that_nobody_spoke_of_and_is_not_there_is_no_failure(warraq, web, seed, tmp_path) -> None:
    seed("paper", web, feeds=["/feed/"])
    web.pages |= {f"/a/story-number-{n}": page(f"Story {n}") for n in range(1, 6)}
    web.pages["/robots.txt"] = answer(ROBOTS.format(base=web.base), kind="text/plain")
    web.pages["/feed/"] = lengths_mended(wordpress(web, [1]))
    assert warraq("crawl", "paper").code == 0
    later = datetime.now(UTC) + timedelta(minutes=10)
    web.pages["/feed/"] = lengths_mended(wordpress(web, [5]))
    web.pages["/sitemap.xml"] = sitemap(web, {f"/a/story-number-{n}": later for n in range(2, 6)})
    assert warraq("crawl", "paper").code == 0
    assert stories(tmp_path) == [f"Story {n}" for n in range(1, 6)]  # the sitemap has them
    assert asked(web, "/feed/?paged=2") == 1


def test_the_numbered_pages_of_a_section_are_followed_after_an_overrun(warraq, web, seed, tmp_path) -> None:
    seed("paper", web, sections=["/news/"])
    web.pages |= {f"/2026/11/a-long-story-number-{n}": page(f"Story {n}") for n in range(1, 12)}

    def section(numbers: list[int], pager: str = "") -> bytes:
        links = "".join(
            f"<h2><a href='/2026/11/a-long-story-number-{n}'>The long report of the harbour, number {n}</a></h2>"
            for n in numbers
        )
        return answer(f"<html><body>{links}<div>{pager}</div></body></html>")

    web.pages["/news/"] = section([2, 1])
    assert warraq("crawl", "paper").code == 0
    pager = "<a href='/news/page/2/'>2</a> <a href='/news/page/3/'>3</a> <a href='/news/page/40/'>40</a>"
    web.pages |= {"/news/": section([7, 6], pager), "/news/page/2/": section([5, 4], pager)}
    web.pages["/news/page/3/"] = section([3, 2, 1], pager)
    assert warraq("crawl", "paper").code == 0
    assert stories(tmp_path) == [f"Story {n}" for n in range(1, 8)]
