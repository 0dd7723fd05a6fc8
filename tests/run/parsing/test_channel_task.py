"""Long channels are read in a parse process: the same is found, and a bomb costs only itself."""

from __future__ import annotations

import asyncio

import msgspec

from crawler.config import load
from crawler.parse.discover.feed import parse_feed
from crawler.parse.discover.sitemap import parse_sitemap
from crawler.run.parsing.channel_task import ChannelResult, ChannelTask, read_channel
from crawler.run.parsing.pool import ParsePool

URL = "https://paper.example/x"
FEED = (
    b"<rss><channel><language>pl</language><item><link>/a/one</link><pubDate>12 listopad "
    b"2019</pubDate></item></channel></rss>"
)
MAP = b"<urlset><url><loc>https://paper.example/a/one-two-three</loc><lastmod>2020-01-01</lastmod></url></urlset>"


def read(*tasks: ChannelTask, **settings: int) -> list[ChannelResult]:
    async def all_of_them() -> list[ChannelResult]:
        async with ParsePool(msgspec.structs.replace(load().parse, processes=1, **settings)) as pool:
            return [await pool.read(task) for task in tasks]

    return asyncio.run(all_of_them())


def test_a_process_finds_what_the_parser_finds() -> None:
    found = read(
        ChannelTask(kind="feed", url=URL, body=FEED),
        ChannelTask(kind="sitemap", url=URL, body=MAP),
        ChannelTask(kind="feed", url=URL, body=b"<html>"),
    )
    assert found[0] == ChannelResult(feed=parse_feed(FEED, url=URL))
    assert found[1] == ChannelResult(sitemap=parse_sitemap(MAP, url=URL))
    assert "not a feed" in (found[2].fault or "")


def test_a_bomb_costs_itself_alone() -> None:
    bomb = ChannelTask(kind="feed", url=URL, body=b"<rss><channel><item>" + b"<b>" * 2_000_000)
    found = read(bomb, ChannelTask(kind="feed", url=URL, body=FEED), memory_bytes=64 << 20)
    assert found[0].reason in ("parse_memory", "parse_crash") or found[0].feed is not None
    assert found[1].feed is not None


def test_memory_that_gives_out_is_told(monkeypatch) -> None:
    def out_of_memory(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr("crawler.run.parsing.channel_task.parse_feed", out_of_memory)
    assert read_channel(ChannelTask(kind="feed", url=URL, body=b"x")) == ChannelResult(reason="parse_memory")


def test_a_task_and_its_result_travel() -> None:
    result = ChannelResult(feed=parse_feed(FEED, url=URL))
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(result), type=ChannelResult) == result
