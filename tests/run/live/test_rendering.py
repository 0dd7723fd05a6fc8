"""Pages that need a browser, made by a real one that reaches nobody by itself, on loopback."""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from crawler.archive.check.verify import verify_warc
from crawler.archive.read.captures import ArchivedCapture, read_captures
from crawler.archive.read.records import RawRecord, walk
from crawler.capture import browser
from tests.run.live.conftest import Desk, Process
from tests.web import answer, rss

pytest.importorskip("playwright.async_api")
pytestmark = pytest.mark.timeout(400)  # a browser on a busy machine; nothing here depends on how fast it is

SHELL = (
    '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Paper</title>{head}</head>'
    '<body><div id="app"></div><noscript>You need to enable JavaScript to run this '
    "app.</noscript>{scripts}</body></html>"
)
APP = """
fetch('/api/story?path=' + location.pathname).then(r => r.json()).then(story => {
  document.title = story.title;
  document.getElementById('app').innerHTML = '<article><h1>' + story.title + '</h1>'
    + story.text.map(t => '<p>' + t + '</p>').join('') + '</article>';
});
"""


@pytest.fixture(autouse=True)
def chromium() -> None:
    if shutil.which("chromium") is None and shutil.which("chromium-browser") is None:
        reason = "there is no Chromium; `apt-get install chromium`"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)


def shell(*scripts: str, head: str = "") -> bytes:
    return answer(SHELL.format(head=head, scripts="".join(scripts)))


def story(title: str) -> bytes:
    text = [
        f"{title}, paragraph {n}: what the harbour council made of pier {n} on Monday, at length." for n in range(5)
    ]
    return answer(json.dumps({"title": title, "text": text}), kind="application/json")


def serve(web: Any, *paths: str) -> None:
    """An app: every page is the same shell, its script asks for the story."""
    web.pages["/feed"] = rss(web.base, paths)
    web.pages["/app.js"] = answer(APP, kind="text/javascript")
    for path in paths:
        web.pages[path] = shell('<script src="/app.js"></script>')
        web.pages[f"/api/story?path={path}"] = story(f"Story of {path[1:]}")


def records(folder: Path) -> list[RawRecord]:
    found = []
    for path in sorted((folder / "data").rglob("*.warc.gz")):
        with path.open("rb") as stream:
            found += [item for item in walk(stream, name=path.name) if isinstance(item, RawRecord)]
    return found


def ship(desk: Any) -> None:
    desk.process.runner.run(desk.process.crawls.ship())


def test_a_page_without_text_is_made_by_a_browser_and_both_are_archived(newsdesk: Callable[..., Any], web: Any) -> None:
    desk = newsdesk(feeds=["/feed"], render=True)
    serve(web, "/one", "/two")
    report = desk.poll()
    assert [desk.outcome(path) for path in ("/one", "/two")] == [("parsed", None)] * 2, report
    assert sorted(line["title"] for line in desk.articles()) == ["Story of one", "Story of two"]
    assert all("rendered" in line["flags"] for line in desk.articles())
    assert web.requests.count("GET /app.js") <= 2  # at most once for each page that is made at the same time
    ship(desk)
    found = records(desk.process.folder)
    (made,) = [r for r in found if r.type == "conversion" and r.headers["warc-target-uri"] == f"{web.base}/one"]
    (raw,) = [r for r in found if r.type == "response" and r.headers["warc-target-uri"] == f"{web.base}/one"]
    assert made.headers["warc-refers-to"] == raw.headers["warc-record-id"]
    assert made.headers["content-type"] == "text/html; charset=utf-8"
    assert b"<h1>Story of one</h1>" in made.block.read()
    assert b"<h1>" not in raw.block.read()
    asked = {r.headers["warc-target-uri"].removeprefix(web.base) for r in found if r.type == "response"}
    assert {"/app.js", "/api/story?path=/one", "/api/story?path=/two"} <= asked
    for path in (desk.process.folder / "data").rglob("*.warc.gz"):
        notes = [
            c.notes for c in read_captures(path) if isinstance(c, ArchivedCapture) and c.capture.kind == "conversion"
        ]
        assert all(one.rendering.by.startswith("Chromium ") and one.rendering.asked >= 1 for one in notes)  # type: ignore[union-attr]
        assert verify_warc(path).faults == ()


def test_a_page_that_has_its_text_needs_no_browser(newsdesk: Callable[..., Any], web: Any) -> None:
    desk = newsdesk(feeds=["/feed"], render=True)
    serve(web, "/one")
    text = "".join(
        f"<p>Paragraph {n} of what the harbour council made of the pier on Monday, at length.</p>" for n in range(5)
    )
    web.pages["/one"] = answer(
        f"<html lang=en><body><article><h1>One</h1>{text}</article><script src='/app.js'></script></body></html>"
    )
    desk.poll()
    assert desk.outcome("/one") == ("parsed", None)
    assert "GET /app.js" not in web.requests


def test_without_the_declaration_s_leave_it_is_flagged(newsdesk: Callable[..., Any], web: Any) -> None:
    desk = newsdesk(feeds=["/feed"])
    serve(web, "/one")
    desk.poll()
    assert desk.outcome("/one") == ("walled", "needs_javascript")


def test_without_the_extra_it_is_flagged(newsdesk: Callable[..., Any], web: Any) -> None:
    desk = newsdesk(feeds=["/feed"], render=True)
    crawls = desk.process.crawls
    services, crawls._services = crawls._services, crawls._services._replace(browser=None)
    serve(web, "/one")
    desk.poll()
    crawls._services = services
    assert desk.outcome("/one") == ("walled", "needs_javascript")


def test_the_browser_asks_for_nothing_that_a_crawl_would_not(newsdesk: Callable[..., Any], web: Any) -> None:
    """robots.txt, other methods, pictures, frames, sockets, beacons, windows, downloads, other pages, private
    networks."""
    desk = newsdesk(feeds=["/feed"], render=True)
    serve(web, "/one")
    web.pages["/robots.txt"] = answer("User-agent: *\nDisallow: /secret\n", kind="text/plain")
    web.pages["/one"] = shell(
        "<img src='/picture.png'><iframe src='/frame'></iframe><link rel=stylesheet href='/style.css'>"
        "<script src='/secret/x.js'></script><script src='/app.js'></script>",
        f"""<script>
        fetch('/posted', {{method: 'POST', body: 'x'}}).catch(() => 0);
        navigator.sendBeacon('/beacon', 'x');
        try {{ new WebSocket('{web.base.replace("http", "ws")}/socket') }} catch (e) {{}}
        window.open('/window');
        const link = document.createElement('a'); link.href = '/file.zip'; link.download = 'x';
        document.body.append(link); link.click();
        setTimeout(() => {{ location.href = '/elsewhere' }}, 50);
        </script>""",
        head="<link rel=prefetch href='/next'><link rel=preload as=font href='/font.woff'>",
    )
    desk.poll()
    asked = {line.split(" ", 1)[1] for line in web.requests}
    assert asked == {"/robots.txt", "/feed", "/one", "/app.js", "/api/story?path=/one"}
    assert not [line for line in web.requests if not line.startswith("GET ")]


def test_private_networks_are_closed_to_its_scripts(newsdesk: Callable[..., Any], web: Any, tmp_path: Path) -> None:
    other = web.base.replace("127.0.0.1", "127.0.0.3")
    desk = newsdesk(feeds=["/feed"], render=True)
    serve(web, "/one")
    web.pages["/one"] = shell(f"<script src='/app.js'></script><script>fetch('{other}/inner').catch(() => 0)</script>")
    crawls = desk.process.crawls
    before = crawls._config
    crawls._config = msgspec.structs.replace(before, fetch=msgspec.structs.replace(before.fetch, allow_private=False))
    desk.poll()
    crawls._config = before
    assert desk.outcome("/one") == ("parsed", None)
    assert not [line for line in web.requests if "inner" in line]


def test_a_script_s_request_is_not_led_to_where_none_may_go(
    newsdesk: Callable[..., Any], web: Any, tmp_path: Path
) -> None:
    desk = newsdesk(feeds=["/feed"], render=True)
    serve(web, "/one")
    web.pages["/robots.txt"] = answer("User-agent: *\nDisallow: /secret\n", kind="text/plain")
    web.pages["/one"] = shell(
        "<script src='/app.js'></script><script>fetch('/to-secret').catch(() => 0)</script>"
        "<script>fetch('/to-moved').then(r => r.text()).then(t => document.body.append(t))</script>"
    )
    web.pages["/to-secret"] = answer("", status="302 Found", more="Location: /secret/x\r\n")
    web.pages["/to-moved"] = answer("", status="302 Found", more="Location: /moved\r\n")
    web.pages["/moved"] = answer("and the tide", kind="text/plain")
    desk.poll()
    assert desk.outcome("/one") == ("parsed", None)
    assert {"/to-secret", "/moved"} <= set(desk.asked)
    assert "/secret/x" not in desk.asked


def test_behind_a_proxy_what_its_scripts_ask_for_goes_by_it_too(web: Any, tmp_path: Path) -> None:
    process = Process(tmp_path, fetch__proxy=web.base, fetch__allow_private=False)
    try:
        desk = Desk(process, web, "proxied", render=True)
        site = "http://paper.example"
        desk.site = msgspec.structs.replace(desk.site, home=f"{site}/", feeds=(f"{site}/feed",), allow_private=False)
        serve(web, "/one")
        web.pages["/robots.txt"] = answer("User-agent: *\nDisallow: /secret\n", kind="text/plain")
        web.pages["/feed"] = rss(site, ["/one"])
        web.pages["/one"] = shell("<script src='/app.js'></script><script src='/secret/x.js'></script>")
        web.pages = {site + path: found for path, found in web.pages.items()}
        desk.poll()
        assert desk.outcome(f"{site}/one") == ("parsed", None)
        paths = ("/robots.txt", "/feed", "/one", "/app.js", "/api/story?path=/one")
        assert web.requests == [f"GET {site}{path}" for path in paths]
    finally:
        process.close()


def test_scripts_keep_the_pace_and_are_sent_the_contact(newsdesk: Callable[..., Any], web: Any) -> None:
    desk = newsdesk(feeds=["/feed"], render=True)
    serve(web, "/one")
    heads: list[bytes] = []

    def app(request: bytes) -> bytes:
        heads.append(request)
        return answer(
            APP.replace(
                "'/api/story?path=' +", "'/api/story?agent=' + encodeURIComponent(navigator.userAgent) + '&path=' +"
            ),
            kind="text/javascript",
        )

    def api(request: bytes) -> bytes:
        heads.append(request)
        return story("One")

    web.pages["/app.js"] = app
    web.pages = _Any(web.pages, "/api/story?agent=", api)
    desk.poll()
    assert desk.outcome("/one") == ("parsed", None)
    assert len(heads) == 2
    assert all(b"warraq" in head.lower() for head in heads)
    assert b"Warraq" in heads[1].split(b"\r\n", 1)[0]  # as its scripts see it, too
    assert all(b"cookie" not in head.lower() for head in heads)


class _Any(dict[str, Any]):
    """Pages, and one answer for all addresses that begin alike."""

    def __init__(self, pages: dict[str, Any], prefix: str, found: Any) -> None:
        super().__init__(pages)
        self.prefix, self.found = prefix, found

    def get(self, key: str, default: Any = None) -> Any:
        return self.found if key.startswith(self.prefix) else super().get(key, default)


@pytest.mark.parametrize(
    "script",
    [
        "<script>while (true) {}</script>",
        "<script>setInterval(() => fetch('/app.js?' + Math.random()), 100)</script>",
        "<script>const all = []; for (;;) all.push(new Array(1e6).fill(Math.random()))</script>",
    ],
    ids=["busy for ever", "asks for ever", "eats memory"],
)
def test_a_page_without_end_costs_itself_alone(
    newsdesk: Callable[..., Any], web: Any, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    monkeypatch.setattr(browser, "_BUSY_S", 1.0)
    monkeypatch.setattr(browser, "_ANSWER_S", 3.0)
    monkeypatch.setattr(browser, "_WHOLE_S", 90.0)
    desk = newsdesk(feeds=["/feed"], render=True)
    serve(web, "/one", "/two")
    web.pages["/one"] = shell(script)
    desk.poll()
    assert desk.outcome("/one")[0] in ("failed", "walled")
    assert desk.outcome("/two") == ("parsed", None)
    assert sum("/app.js?" in line for line in web.requests) <= browser._MOST_REQUESTS


def test_a_browser_that_crashed_costs_one_page_which_is_tried_again(newsdesk: Callable[..., Any], web: Any) -> None:
    desk = newsdesk(feeds=["/feed"], render=True)
    serve(web, "/one", "/two")
    normal = web.pages["/app.js"]

    def crashing(_: bytes) -> bytes:
        for pid in _browsers(os.getpid()):
            os.kill(pid, signal.SIGKILL)
        web.pages["/app.js"] = normal
        return normal  # type: ignore[no-any-return]

    web.pages["/feed"] = rss(web.base, ["/one"])
    web.pages["/app.js"] = crashing
    desk.poll()
    assert desk.outcome("/one") == ("failed", "render_failed")
    web.pages["/feed"] = rss(web.base, ["/one", "/two"])
    desk.poll(1)
    assert [desk.outcome(path) for path in ("/one", "/two")] == [("parsed", None)] * 2


def _browsers(parent: int) -> list[int]:
    found = []
    for pid in browser._children(parent):
        found += _browsers(pid)
        if b"chrom" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0]:
            found.append(pid)
    return found
