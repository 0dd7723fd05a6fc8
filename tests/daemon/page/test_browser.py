"""The page in a real Chromium: what it runs, what it fetches, how it looks at each width and in each scheme.

Set WARRAQ_SCREENSHOTS to a folder to look at the pictures.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from crawler.config import Config
from crawler.state import ArticleFilter
from tests.daemon.page.page_server import revise

sync_api = pytest.importorskip("playwright.sync_api")

pytestmark = pytest.mark.timeout(400)  # a browser on a busy machine; nothing here depends on how fast it is

WIDE = {"width": 1280, "height": 900}
PHONE = {"width": 375, "height": 800}


def find_chromium() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        reason = "there is no Chromium; `apt-get install chromium`"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    path = find_chromium()
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture
def tab(chromium, served, tmp_path) -> Iterator[Callable[..., Any]]:
    """Open a page; afterwards nothing was said on its console, and nothing fetched from elsewhere."""
    contexts = []
    said: list[str] = []
    asked: list[str] = []

    def open_tab(path: str, **options: Any) -> Any:
        context = chromium.new_context(**{"viewport": WIDE, **options})
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: said.append(f"error: {error}"))
        page.on("response", lambda response: asked.append(response.url))
        page.goto(served.base + path)
        page.said = said
        return page

    yield open_tab
    for context in contexts:
        context.close()
    assert [url for url in asked if not url.startswith((served.base, "data:", "about:"))] == []


def enliven(served: Any, config: Config) -> str:
    """Let a run be under way, alarms be on and over, and an article have two revisions; return how they differ."""
    run = served.daemon.trigger(["harm"])[0]
    served.state.start_run(run.id, worker="1@here/w")
    served.progress[run.id] = {
        "run": run.id, "counts": {"parsed": 31, "failed": 2, "queued": 90}, "size_bytes": 2_800_000, "elapsed_s": 61.0,
    }  # fmt: skip
    served.state.see_alarm("failures", "warning", "harm", "55% of the 22 pages of the last day gave no article")
    served.state.clear_alarm(served.state.open_alarms()[0].id)
    served.state.see_alarm("store", "critical", None, "3 sealed files wait for the store, the oldest for 4 hours")
    served.state.see_alarm("dead_feed", "warning", "harm", "1 of 2 channels not read with success: http://h.example/f")
    served.state.set_paused("demo-french", True)
    return revise(served, config)


def picture(page: Any, name: str, tmp_path: Path) -> None:
    folder = Path(os.environ.get("WARRAQ_SCREENSHOTS", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.png"
    page.screenshot(path=path, full_page=True)
    assert path.stat().st_size > 5000


def article_in(served: Any, language: str) -> str:
    row = served.state.browse_articles(ArticleFilter(language=language), limit=1).rows[0]
    return "/url?" + urlencode({"url": row.url})


def capture_of(served: Any, language: str) -> str:
    row = served.state.browse_articles(ArticleFilter(language=language), limit=1).rows[0]
    capture = served.state.captures(row.url)[-1]
    return "/capture?" + urlencode({"warc": capture.warc, "offset": capture.offset})


PAGES = {
    "overview": lambda served: "/",
    "sites": lambda served: "/sites",
    "site": lambda served: f"/sites/{min(served.daemon.sites)}",
    "runs": lambda served: "/runs",
    "run": lambda served: f"/runs/{served.state.runs('harm')[-1].id}",
    "articles": lambda served: "/articles",
    "arabic": lambda served: article_in(served, "ar"),
    "coverage": lambda served: "/coverage",
    "coverage-site": lambda served: "/coverage?site=harm",
    "run-live": lambda served: f"/runs/{next(iter(served.progress))}",
    "alarms": lambda served: "/alarms",
    "capture": lambda served: capture_of(served, "ar"),
}


@pytest.mark.parametrize(
    ("look", "options"),
    [
        ("light", {"color_scheme": "light"}),
        ("dark", {"color_scheme": "dark"}),
        ("phone", {"viewport": PHONE, "device_scale_factor": 2, "is_mobile": True, "has_touch": True}),
    ],
)
def test_every_page_fits_its_window_and_says_nothing_on_the_console(tab, served, config, tmp_path, look, options):
    differences = enliven(served, config)
    page = tab("/", **options)
    for name, path in {**PAGES, "differences": lambda _: differences}.items():
        page.goto(served.base + path(served))
        if name == "capture":
            page.frame_locator("iframe.playback").locator("h1").wait_for()
        picture(page, f"{name}-{look}", tmp_path)
        if name == "capture":
            page.said.clear()  # Chromium tells of the scripts it refused
        assert page.said == [], name
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name


CONTRAST = """() => {
  const part = c => { c /= 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
  const light = c => 0.2126 * part(c[0]) + 0.7152 * part(c[1]) + 0.0722 * part(c[2]);
  const colour = text => (text.match(/[0-9.]+/g) || []).map(Number);
  const ground = node => { for (; node; node = node.parentElement) {
    const c = colour(getComputedStyle(node).backgroundColor); if (c.length && (c.length < 4 || c[3] > 0.5)) return c; }
    return [255, 255, 255]; };
  const poor = [];
  for (const node of document.querySelectorAll('body *')) {
    if (![...node.childNodes].some(child => child.nodeType === 3 && child.textContent.trim())) continue;
    if (!node.checkVisibility() || node.closest('svg, .unseen, .skip, option, progress')) continue;
    const [a, b] = [light(colour(getComputedStyle(node).color)), light(ground(node))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) poor.push(
      `${ratio.toFixed(2)} ${node.tagName}.${node.className} ${node.textContent.trim().slice(0, 30)}`);
  }
  return poor;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_stands_out_from_its_ground(tab, served, config, scheme):
    differences = enliven(served, config)
    for path in (
        "/",
        "/alarms",
        "/sites",
        differences,
        f"/runs/{served.state.runs('harm')[-1].id}",
        "/sites/harm",
        "/coverage?site=harm",
        article_in(served, "ar"),
        "/articles",
        "/nothing",
    ):
        page = tab(path, color_scheme=scheme)
        assert page.evaluate(CONTRAST) == [], path
        page.said.clear()


def test_an_arabic_article_is_set_from_right_to_left(tab, served):
    page = tab(article_in(served, "ar"))
    assert page.evaluate("getComputedStyle(document.querySelector('article.text p')).direction") == "rtl"
    assert page.evaluate("document.querySelector('article.text').lang") == "ar"
    assert page.evaluate("getComputedStyle(document.querySelector('aside')).direction") == "ltr"


def test_a_hostile_page_is_played_back_without_touching_the_live_web(tab, served, archive, tmp_path):
    before = archive.live.touched
    capture = served.state.captures(archive.hostile_url)[0]
    page = tab("/capture?" + urlencode({"warc": capture.warc, "offset": capture.offset}))
    frame = page.frame_locator("iframe.playback")
    frame.locator("h1").wait_for()
    assert frame.locator("h1").evaluate("node => getComputedStyle(node).color") == "rgb(1, 2, 3)"  # its own style
    frame.locator("#out").click()
    frame.locator("#send").click()
    page.wait_for_timeout(1500)  # longer than its refresh, and time for whatever would be fetched ahead
    picture(page, "capture-hostile", tmp_path)
    assert archive.live.touched == before
    assert page.evaluate("window.harmed") is None
    page.said.clear()  # Chromium tells of everything it refused


def test_the_archived_page_by_itself_runs_nothing_either(tab, served, archive):
    before = archive.live.touched
    capture = served.state.captures(archive.hostile_url)[0]
    page = tab("/capture/content?" + urlencode({"warc": capture.warc, "offset": capture.offset}))
    page.wait_for_timeout(1000)
    assert page.url.startswith(served.base + "/capture?")  # a tab is led to the page with the frame
    assert archive.live.touched == before
    page.said.clear()


def test_hostile_titles_harm_no_page(tab, served, archive):
    for path in (
        "/",
        "/articles",
        "/sites",
        "/sites/harm",
        "/url?" + urlencode({"url": archive.hostile_url}),
        "/coverage?site=harm",
    ):
        page = tab(path)
        assert page.evaluate("window.harmed") is None, path
        assert page.locator("main script, main img, main [onerror]").count() == 0, path
        assert page.said == [], path


def test_a_running_run_is_followed_until_it_ends(tab, served):
    run = served.daemon.trigger(["harm"])[0]
    served.state.start_run(run.id, worker="1@here/w")
    served.progress[run.id] = {"run": run.id, "counts": {"parsed": 3, "queued": 9}, "size_bytes": 10, "elapsed_s": 1.0}
    page = tab(f"/runs/{run.id}")
    page.get_by_text("3 pages, 9 to come").wait_for()
    served.progress[run.id] = {"run": run.id, "counts": {"parsed": 8, "queued": 4}, "size_bytes": 20, "elapsed_s": 2.0}
    page.get_by_text("8 pages, 4 to come").wait_for()
    del served.progress[run.id]
    served.state.finish_run(run.id, "done")
    page.locator(".state.done").wait_for()
    assert page.locator("[hx-trigger]").count() == 0


def test_a_schedule_is_paused_and_resumed_by_keyboard(tab, served):
    page = tab("/sites/harm")
    page.get_by_role("button", name="Pause schedule").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Resume schedule").wait_for()
    assert served.state.paused("harm")
    page.get_by_role("button", name="Resume schedule").press("Enter")
    page.get_by_role("button", name="Pause schedule").wait_for()
    assert not served.state.paused("harm")


def test_the_first_tab_stop_skips_to_the_content(tab):
    page = tab("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_further_articles_come_without_loading_the_page_anew(tab, served):
    run = served.state.last_run("harm")
    for number in range(120):
        served.state.add_article(
            article_id="0" * 16, url=f"http://x.example/{number}", site="harm", run=run.id,
            captured_at=run.queued_at.replace(year=2020, microsecond=number), title=f"Old news {number}",
            published_at=None, path="articles/harm/2020/01/01/000_0.txt", language="en",
        )  # fmt: skip
    page = tab("/articles?until=2021-01-01")
    assert page.locator(".headline").count() == 50
    page.get_by_role("link", name="Earlier articles").click()
    page.locator(".headline").nth(99).wait_for()
    assert "before_at" not in page.url


def test_a_search_goes_further_back_by_itself(tab, served, monkeypatch):
    monkeypatch.setattr("crawler.daemon.page.archive_pages._STRETCH", 10)
    page = tab("/articles?q=COUNCIL+meets")
    page.get_by_text("These are all.").wait_for()
    assert page.locator(".headline").count() == 1
