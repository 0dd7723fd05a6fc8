"""Newspapers for the documented commands: every host they name, over HTTPS, by a proxy on loopback that is all of
them."""

from __future__ import annotations

__all__ = ["STORIES", "Newspaper"]

import re
import socket
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from crawler.capture.selftest.certificate import make_certificate
from crawler.capture.selftest.script import Send
from crawler.capture.selftest.server import Origin
from tests.documented import DOCUMENTS
from tests.web import answer, page

STORIES = tuple(f"/2026/11/23/story-{n:02}-of-the-harbour" for n in range(14))
_NAMED = re.compile(r"https?://([a-z.-]+\.example)(/[\w./-]*)?")
_APPEAL = "Our newsletter brings the harbour to your table every morning, and it costs you nothing."


class Newspaper(Origin):
    """A proxy that answers for every host under ``.example`` that a document names, with `certificate` over TLS.

    Each has a home page, robots.txt, a feed and a news sitemap of the same stories; any other path that a document
    names is a story too.
    """

    def __init__(self, *more_hosts: str) -> None:
        super().__init__()
        named = [found for path in DOCUMENTS for found in _NAMED.findall(path.read_text(encoding="utf-8"))]
        hosts = sorted({host for host, _ in named} | set(more_hosts))
        made = make_certificate(names=tuple(hosts))
        self.certificate = made.certificate
        self._inner = made.server_context()
        stories = dict.fromkeys([*STORIES, *(path for _, path in named if len(path) > 1)])
        self._answers = {
            **{path: _story(n) for n, path in enumerate(stories)},
            "/": answer(_home()),
            "/robots.txt": answer("User-agent: *\nDisallow:\n", kind="text/plain"),
            "/rss.xml": answer(_feed(), kind="application/rss+xml"),
            "/news-sitemap.xml": answer(_sitemap(), kind="application/xml"),
        }
        for path, whole in self._answers.items():
            self.page(path, (Send(whole),))

    def body_of(self, path: str) -> bytes:
        """Return the page at `path`."""
        return self._answers[path].partition(b"\r\n\r\n")[2]

    def _tunnel(self, connection: socket.socket, target: str, request: bytes) -> None:
        """Grant the tunnel and be its other end."""
        self.tunnels.append(target)
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with self._secure(connection, self._inner) as secured:
            self._converse(secured, 0)


def _story(n: int) -> bytes:
    own = [
        f"The harbour office counted {n * 7 + 3} ships on the {n + 1}th day of its survey, {n + 2} more than in spring."
        * 2,
        f"Quay number {n + 11} was closed for {n + 5} hours, said the harbour master, because of the storm. " * 3,
        f"A ferry with {n * 13 + 40} passengers had to wait outside until the {n % 5 + 2} pilots were back. " * 3,
    ]
    return page(f"Survey of the harbour, part {n}: the ships of quay {n + 11}", *own, _APPEAL)


def _home() -> str:
    links = "".join(
        f'<li><a href="{path}">Survey of the harbour and its many ships, part {path}</a></li>' for path in STORIES
    )
    head = '<title>News</title><link rel="alternate" type="application/rss+xml" href="/rss.xml" title="News">'
    return f'<!DOCTYPE html><html lang="en"><head>{head}</head><body><ul>{links}</ul></body></html>'


def _feed() -> str:
    """The stories, an hour old, at whatever host is asked."""
    at = format_datetime(datetime.now(UTC) - timedelta(hours=1))
    items = "".join(f"<item><title>{p}</title><link>{p}</link><pubDate>{at}</pubDate></item>" for p in STORIES)
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>News</title>{items}</channel></rss>'


def _sitemap() -> str:
    space = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
    return f"<urlset {space}>{''.join(f'<url><loc>https://news.example{p}</loc></url>' for p in STORIES)}</urlset>"
