"""The five papers of the newsroom: what each serves where, how it is encoded and framed, and what it announces."""

from __future__ import annotations

__all__ = ["CRAWL_DELAY_S", "PUBLISHERS", "ExpectedCrawl", "Publisher"]

import gzip
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import msgspec

from crawler.demo.channels import (
    Item,
    atom,
    json_feed,
    news_sitemap,
    robots_txt,
    rss1,
    rss2,
    sitemap,
    sitemap_index,
)
from crawler.demo.layout import Paper, article_page, front_page, not_found_page
from crawler.demo.stories import PAGES, Astray, Story, load_stock
from crawler.demo.web import Reply
from crawler.model.site import Site

CRAWL_DELAY_S = 0.05
_REFERENCE = Item(
    url="/world/iran-russia/",
    title="لماذا تضاعف التعاون الاستراتيجي بين روسيا وإيران؟",
    published=datetime(2022, 8, 14, 9, 30, tzinfo=UTC),
)
_META_1256 = '<meta http-equiv="Content-Type" content="text/html; charset=windows-1256">'

Routes = dict[str, Reply]
Stories = tuple[Story, ...]


class ExpectedCrawl(msgspec.Struct, frozen=True, kw_only=True):
    """What a crawl of one site must come to."""

    announced: int
    """URLs of articles its channels announce in the first round, the ones that cannot be had included."""
    parsed: int
    redirected: int = 0
    not_found: int = 0
    disallowed: int = 0
    fresh: int = 0
    """Articles that only the second round announces."""


class Publisher(msgspec.Struct, frozen=True, kw_only=True):
    """One paper with its server's habits."""

    paper: Paper
    site: Site
    """Its declaration; channels are paths until `site_at` gives them a base."""
    expected: ExpectedCrawl
    disallow: str
    routes: Callable[[Paper, str, Stories, Sequence[Astray]], Routes]
    """Given paper, base URL, the stories that are out and what is announced in vain: replies by path."""

    def site_at(self, base: str) -> Site:
        """Return the declaration with the channels' full URLs."""
        channels = ("feeds", "sitemaps", "news_sitemaps", "sections")
        full = {name: tuple(base + path for path in getattr(self.site, name)) for name in channels}
        return msgspec.structs.replace(self.site, home=f"{base}/", **full)

    def serve(self, base: str, *, second_round: bool) -> tuple[Routes, Reply]:
        """Return the replies by path, and the one for all other paths."""
        stock = load_stock(self.paper.folder)
        out = tuple(story for story in stock.story if second_round or not story.fresh)
        routes = self.routes(self.paper, base, out, stock.astray)
        robots = robots_txt(disallow=self.disallow, crawl_delay_s=CRAWL_DELAY_S)
        routes["/robots.txt"] = Reply(content_type="text/plain; charset=utf-8", body=robots)
        missing = Reply(status=404, content_type=_html(self.paper), body=not_found_page(self.paper, out))
        return routes, missing


def _html(paper: Paper) -> str:
    """Return a Content-Type that says what the page's own meta element would otherwise have to."""
    return f"text/html; charset={paper.encoding}"


def _items(base: str, stories: Sequence[Story], astray: Sequence[Astray] = ()) -> list[Item]:
    """Return what is announced, the latest first."""
    items = [
        Item(url=base + (s.moved_from or s.path), title=s.title, published=s.published, summary=s.summary)
        for s in stories
    ]
    items += [Item(url=base + a.path, title=a.title, published=a.published) for a in astray]
    return sorted(items, key=lambda item: item.published, reverse=True)


def _others(stories: Sequence[Story], story: Story) -> list[Story]:
    return [other for other in stories if other is not story]


def _channel(content_type: str, body: bytes, items: Sequence[Item]) -> Reply:
    return Reply(content_type=content_type, body=body, modified_at=max(item.published for item in items))


def _pages(paper: Paper, stories: Sequence[Story], like: Reply) -> Routes:
    """Return the pages of `stories` and the home page, framed as `like`."""
    routes = {
        story.path: msgspec.structs.replace(
            like, body=article_page(paper, story, _others(stories, story)), modified_at=story.published
        )
        for story in stories
    }
    return {**routes, "/": msgspec.structs.replace(like, body=front_page(paper, stories))}


def _arabic(paper: Paper, base: str, out: Stories, astray: Sequence[Astray]) -> Routes:
    """RSS 2.0; one announced page is disallowed; the reference page is served as it is, byte for byte."""
    reference = msgspec.structs.replace(_REFERENCE, url=base + _REFERENCE.url)
    items = [*_items(base, out, astray), reference]
    page = (PAGES / "arabic" / "reference.html").read_bytes()
    return {
        **_pages(paper, out, Reply(body=b"")),
        _REFERENCE.url: Reply(body=page, modified_at=_REFERENCE.published),
        "/feed/": _channel("application/rss+xml; charset=UTF-8", rss2(paper.title, f"{base}/", items), items),
    }


def _persian(paper: Paper, base: str, out: Stories, astray: Sequence[Astray]) -> Routes:
    """Atom; pages in windows-1256, declared by the field or by the page in turn; one announced page is disallowed."""
    items = _items(base, out, astray)
    routes = _pages(paper, out, Reply(content_type=_html(paper), body=b""))
    for story in out[::2]:
        routes[story.path] = Reply(
            content_type="text/html",
            body=article_page(paper, story, _others(out, story), charset=_META_1256),
            modified_at=story.published,
        )
    routes["/atom.xml"] = _channel("application/atom+xml", atom(paper.title, f"{base}/", items), items)
    return routes


def _english(paper: Paper, base: str, out: Stories, astray: Sequence[Astray]) -> Routes:
    """News sitemap; gzip and chunked throughout; one announced page has moved, one is not there."""
    items = _items(base, out, astray)
    like = Reply(body=b"", framing="chunked", compress=True)
    news = _channel("application/xml", news_sitemap(paper.title, paper.language, items), items)
    moved = {
        story.moved_from: Reply(status=301, body=b"<p>Moved</p>", location=story.path)
        for story in out
        if story.moved_from
    }
    return {
        **_pages(paper, out, like),
        **moved,
        "/news-sitemap.xml": msgspec.structs.replace(news, framing="chunked", compress=True),
    }


def _french(paper: Paper, base: str, out: Stories, astray: Sequence[Astray]) -> Routes:
    """RSS 1.0 and a section page that lists more; HTTP/1.0, every body ends with the connection."""
    items = _items(base, [story for story in out if not story.listed], astray)
    culture = [story for story in out if story.path.startswith("/culture/")]
    routes = _pages(paper, out, Reply(body=b""))
    routes["/culture/"] = Reply(body=front_page(paper, culture), modified_at=culture[0].published)
    routes["/index.rdf"] = _channel("application/rdf+xml", rss1(paper.title, f"{base}/", items), items)
    return {path: msgspec.structs.replace(reply, framing="close") for path, reply in routes.items()}


def _chinese(paper: Paper, base: str, out: Stories, astray: Sequence[Astray]) -> Routes:
    """Sitemap index with a gzip file, and a JSON Feed of the latest; pages in GB18030, declared by the page."""
    items = _items(base, out, astray)
    child = gzip.compress(sitemap(items), mtime=0)
    index = sitemap_index([(f"{base}/sitemap-2026-03.xml.gz", items[0].published)])
    feed = json_feed(paper.title, f"{base}/", items[:2])
    return {
        **_pages(paper, out, Reply(content_type="text/html", body=b"")),
        "/sitemap.xml": _channel("application/xml", index, items),
        "/sitemap-2026-03.xml.gz": _channel("application/gzip", child, items),
        "/feed.json": _channel("application/feed+json", feed, items),
    }


def _site(name: str, title: str, country: str, language: str, **channels: object) -> Site:
    declared = {"home": "", "allow_private": True, "delay_s": 0.02, **channels}
    return msgspec.convert(
        {"name": name, "title": title, "country": country, "languages": [language], **declared}, Site
    )


PUBLISHERS: tuple[Publisher, ...] = (
    Publisher(
        paper=Paper(
            folder="arabic",
            title="المرسى",
            domain="almarsa.example",
            language="ar",
            label_link='<a class="post-cat" href="/category/$section/">$label</a>',
            label_joint="",
            date=lambda at: f"{at.day} مارس {at.year}، {at:%H:%M}",
        ),
        site=_site("demo-arabic", "المرسى", "eg", "ar", feeds=["/feed/"]),
        expected=ExpectedCrawl(announced=7, parsed=6, disallowed=1, fresh=1),
        disallow="/preview/",
        routes=_arabic,
    ),
    Publisher(
        paper=Paper(
            folder="persian",
            title="کاریز",
            domain="kariz.example",
            language="fa",
            label_link='<a href="/section/$section">$label</a>',
            label_joint=" &raquo; ",
            # The stories are all of Esfand 1404, whose first day was 20 February 2026.
            date=lambda at: f"{at.day + 9} اسفند 1404 - {at:%H:%M}",
            encoding="windows-1256",
            substitutes={ord("ی"): "ي"},
        ),
        site=_site("demo-persian", "کاریز", "ir", "fa", feeds=["/atom.xml"]),
        expected=ExpectedCrawl(announced=6, parsed=5, disallowed=1),
        disallow="/print/",
        routes=_persian,
    ),
    Publisher(
        paper=Paper(
            folder="english",
            title="The Harbour Ledger",
            domain="harbour-ledger.example",
            language="en",
            label_link='<a href="/$section/">$label</a>',
            label_joint=" ",
            date=lambda at: f"{at.day} March {at.year}, {at:%H:%M}",
            json_ld=True,
        ),
        site=_site("demo-english", "The Harbour Ledger", "gb", "en", news_sitemaps=["/news-sitemap.xml"]),
        expected=ExpectedCrawl(announced=7, parsed=6, redirected=1, not_found=1, fresh=1),
        disallow="/search",
        routes=_english,
    ),
    Publisher(
        paper=Paper(
            folder="french",
            title="Le Courrier des Îles",
            domain="courrier-des-iles.example",
            language="fr",
            label_link='<a href="/$section/">$label</a>',
            label_joint=", ",
            date=lambda at: f"{at.day} mars {at.year} à {at.hour}h{at.minute:02}",
        ),
        site=_site("demo-french", "Le Courrier des Îles", "fr", "fr", feeds=["/index.rdf"], sections=["/culture/"]),
        expected=ExpectedCrawl(announced=5, parsed=5),
        disallow="/imprimer/",
        routes=_french,
    ),
    Publisher(
        paper=Paper(
            folder="chinese",
            title="江湾晚报",
            domain="jiangwan.example",
            language="zh-CN",
            label_link='<a href="/c/$section/">$label</a>',
            label_joint=" ",
            date=lambda at: f"{at.year}年{at.month}月{at.day}日 {at:%H:%M}",
            json_ld=True,
            encoding="gb18030",
        ),
        site=_site("demo-chinese", "江湾晚报", "cn", "zh", feeds=["/feed.json"], sitemaps=["/sitemap.xml"]),
        expected=ExpectedCrawl(announced=5, parsed=5),
        disallow="/login",
        routes=_chinese,
    ),
)
