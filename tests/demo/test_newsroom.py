from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from lxml import html

from crawler.capture.manners.robot_rules import Rules
from crawler.demo.newsroom import Newsroom
from crawler.demo.stories import PAGES, load_stock
from crawler.demo.web import Visit
from crawler.http.coding import decode_body
from crawler.model.site import Site
from crawler.parse.discover.feed import parse_feed
from crawler.parse.discover.sitemap import parse_sitemap

Visitor = Callable[[Newsroom, aiohttp.ClientSession], Awaitable[Any]]


def in_newsroom(visit: Visitor) -> Any:
    async def main() -> Any:
        async with Newsroom.open() as newsroom, aiohttp.ClientSession(auto_decompress=False) as client:
            return await visit(newsroom, client)

    return asyncio.run(main())


async def fetch(client: aiohttp.ClientSession, url: str, **fields: str) -> tuple[aiohttp.ClientResponse, bytes]:
    """Return the response to a plain request and its body, content-coding undone."""
    fields = {"Accept-Encoding": "gzip", **{name.replace("_", "-"): value for name, value in fields.items()}}
    async with client.get(url, headers=fields, allow_redirects=False) as response:
        return response, decode_body(response.raw_headers, await response.read())[0]


def site(newsroom: Newsroom, name: str) -> Site:
    return next(each for each in newsroom.sites if each.name == name)


async def announced(client: aiohttp.ClientSession, at: Site) -> list[str]:
    """Return what the site's channels announce, each URL once; section pages as any reader of links would."""
    found: list[str] = []
    for url in at.feeds:
        found += [a.url for a in parse_feed((await fetch(client, url))[1], url=url).announcements]
    for url in (*at.news_sitemaps, *at.sitemaps):
        listed = parse_sitemap((await fetch(client, url))[1], url=url)
        found += [a.url for a in listed.announcements]
        for child in listed.children:
            body = (await fetch(client, child.url))[1]
            found += [a.url for a in parse_sitemap(body, url=child.url).announcements]
    for url in at.sections:
        tree = html.document_fromstring((await fetch(client, url))[1])
        tree.make_links_absolute(url)
        found += tree.xpath("//div[@class='resume']/h2/a/@href")
    return list(dict.fromkeys(found))


@pytest.mark.parametrize("name", ["demo-arabic", "demo-persian", "demo-english", "demo-french", "demo-chinese"])
def test_a_site_announces_what_it_says_and_every_page_ends_as_expected(name):
    async def visit(newsroom: Newsroom, client: aiohttp.ClientSession) -> None:
        at, expected = site(newsroom, name), newsroom.expected[name]
        rules = Rules(at.home.rstrip("/"), token="Warraq", body=(await fetch(client, at.home + "robots.txt"))[1])
        assert rules.crawl_delay_s == 0.05
        urls = await announced(client, at)
        allowed = [url for url in urls if rules.refusal(url) is None]
        statuses = [(await fetch(client, url))[0].status for url in allowed]
        assert len(urls) == expected.announced
        assert len(urls) - len(allowed) == expected.disallowed
        assert statuses.count(404) == expected.not_found
        assert statuses.count(301) == expected.redirected
        assert statuses.count(200) + statuses.count(301) == expected.parsed
        newsroom.publish()
        assert len(await announced(client, at)) == expected.announced + expected.fresh

    in_newsroom(visit)


def test_each_site_has_an_address_of_its_own():
    async def visit(newsroom: Newsroom, client: aiohttp.ClientSession) -> list[str]:
        assert all(each.allow_private for each in newsroom.sites)
        return [each.home for each in newsroom.sites]

    homes = in_newsroom(visit)
    assert len(set(homes)) == 5
    assert all(home.startswith("http://127.0.0.") for home in homes)


def test_where_there_is_only_one_loopback_address_each_site_has_a_port_of_its_own(monkeypatch):
    start_server = asyncio.start_server

    async def one_address(client: Any, host: str, port: int, **options: Any) -> asyncio.Server:
        if host != "127.0.0.1":
            raise OSError(99, "Cannot assign requested address")
        return await start_server(client, host, port, **options)

    monkeypatch.setattr(asyncio, "start_server", one_address)

    async def visit(newsroom: Newsroom, client: aiohttp.ClientSession) -> list[str]:
        return [each.home for each in newsroom.sites if (await fetch(client, each.home))[0].status == 200]

    homes = in_newsroom(visit)
    assert len(set(homes)) == 5
    assert all(home.startswith("http://127.0.0.1:") for home in homes)


def test_the_reference_page_is_served_byte_for_byte_and_its_document_lies_beside_it():
    async def visit(newsroom: Newsroom, client: aiohttp.ClientSession) -> None:
        arabic = site(newsroom, "demo-arabic")
        url = next(url for url in await announced(client, arabic) if "iran-russia" in url)
        assert (await fetch(client, url))[1] == (PAGES / "arabic" / "reference.html").read_bytes()

    in_newsroom(visit)
    document = (PAGES / "000_d0f9e8e05ad6c6a8.txt").read_bytes()
    assert len(document) == 5764
    assert hashlib.sha256(document).hexdigest()[:16] == "017c4a46244bcab0"  # not the id its name gives


def story_pages(name: str) -> list[tuple[aiohttp.ClientResponse, bytes, Any]]:
    """Return response, body and story of every page of a paper."""

    async def visit(newsroom: Newsroom, client: aiohttp.ClientSession) -> list[Any]:
        at = site(newsroom, f"demo-{name}")
        stories = [story for story in load_stock(name).story if not story.fresh]
        return [(*(await fetch(client, at.home + story.path[1:])), story) for story in stories]

    return in_newsroom(visit)


@pytest.mark.parametrize(
    ("name", "encoding"),
    [("arabic", "utf-8"), ("english", "utf-8"), ("french", "utf-8"), ("chinese", "gb18030")],
)
def test_pages_are_encoded_as_declared_and_carry_the_story_whole(name, encoding):
    for response, body, story in story_pages(name):
        page = body.decode(encoding)
        assert f"charset={encoding}" in response.headers["Content-Type"] or f'charset="{encoding}"' in page
        tree = html.document_fromstring(page)
        assert tree.findtext(".//h1") == story.title
        assert tree.xpath("//link[@rel='canonical']/@href")[0].endswith(f".example{story.path}")
        for paragraph in story.body.strip().split("\n\n"):
            assert paragraph.lstrip("#*>| ").split("\n")[0].rstrip(" |").split(" | ")[0] in page


def test_persian_pages_are_windows_1256_with_zwnj_declared_by_field_or_page_in_turn():
    declared_by = []
    for response, body, story in story_pages("persian"):
        page = body.decode("windows-1256")
        by_field = "windows-1256" in response.headers["Content-Type"]
        by_page = b"charset=windows-1256" in body
        assert by_field != by_page
        declared_by.append("field" if by_field else "page")
        assert b"\x9d" in body  # ZWNJ
        assert "ی" not in page
        assert story.title.replace("ی", "ي") in page
    assert declared_by == ["page", "field", "page", "field", "page"]


def test_persian_digits_which_windows_1256_lacks_are_character_references():
    bodies = [body for _, body, story in story_pages("persian") if "qanat" in story.path]
    assert b"&#1777;&#1784;" in bodies[0]
    assert "۱۸" in html.document_fromstring(bodies[0].decode("windows-1256")).text_content()


def test_english_is_gzip_and_chunked_french_http_1_0_until_close():
    async def visit(newsroom: Newsroom, client: aiohttp.ClientSession) -> None:
        english, french = site(newsroom, "demo-english"), site(newsroom, "demo-french")
        for url in [english.news_sitemaps[0], english.home]:
            response, _ = await fetch(client, url)
            assert response.headers["Content-Encoding"] == "gzip"
            assert response.headers["Transfer-Encoding"] == "chunked"
        for url in (*french.feeds, *french.sections, french.home):
            response, _ = await fetch(client, url)
            assert response.version == (1, 0)
            assert "Content-Length" not in response.headers

    in_newsroom(visit)


def test_the_moved_story_is_where_its_redirect_leads():
    async def visit(newsroom: Newsroom, client: aiohttp.ClientSession) -> None:
        base = site(newsroom, "demo-english").home.rstrip("/")
        for story in load_stock("english").story:
            if story.moved_from:
                response, _ = await fetch(client, base + story.moved_from)
                assert response.headers["Location"] == story.path
                assert (await fetch(client, base + story.path))[0].status == 200

    in_newsroom(visit)


def channels(at: Site) -> tuple[str, ...]:
    return (*at.feeds, *at.news_sitemaps, *at.sitemaps, *at.sections)


def test_in_the_second_round_only_the_channels_with_news_answer_other_than_304():
    async def visit(newsroom: Newsroom, client: aiohttp.ClientSession) -> dict[str, list[int]]:
        known = {}
        for at in newsroom.sites:
            for url in channels(at):
                known[url] = (await fetch(client, url))[0].headers
        newsroom.publish()
        second: dict[str, list[int]] = {}
        for at in newsroom.sites:
            for url in channels(at):
                conditions = {
                    "If_None_Match": known[url]["ETag"],
                    "If_Modified_Since": known[url]["Last-Modified"],
                }
                second.setdefault(at.name, []).append((await fetch(client, url, **conditions))[0].status)
        return second

    assert in_newsroom(visit) == {
        "demo-arabic": [200],
        "demo-persian": [304],
        "demo-english": [200],
        "demo-french": [304, 304],
        "demo-chinese": [304, 304],
    }


def test_what_the_second_round_brings_is_not_there_before():
    async def visit(newsroom: Newsroom, client: aiohttp.ClientSession) -> tuple[list[int], list[int]]:
        urls = [
            at.home + story.path[1:]
            for at in newsroom.sites
            for story in load_stock(at.name.removeprefix("demo-")).story
            if story.fresh
        ]
        before = [(await fetch(client, url))[0].status for url in urls]
        newsroom.publish()
        return before, [(await fetch(client, url))[0].status for url in urls]

    assert in_newsroom(visit) == ([404, 404], [200, 200])


def test_two_newsrooms_serve_the_same_pages_and_the_visits_are_logged():
    async def visit(newsroom: Newsroom, client: aiohttp.ClientSession) -> tuple[list[bytes], list[Visit]]:
        urls = [
            at.home + story.path[1:]
            for at in newsroom.sites
            for story in load_stock(at.name.removeprefix("demo-")).story
        ]
        return [(await fetch(client, url))[1] for url in urls], newsroom.requests

    first, second = in_newsroom(visit), in_newsroom(visit)
    assert first == second
    assert first[1][0] == Visit("demo-arabic", "GET", "/economy/qasr-port-expansion/", 200)
    assert len(first[1]) == len(first[0])
