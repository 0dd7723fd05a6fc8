"""The page in a real Chromium: what it runs, what it fetches, how it looks at each width and in each scheme.

Set WARRAQ_SCREENSHOTS to a folder to look at the pictures.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from crawler.state import ArticleFilter

sync_api = pytest.importorskip("playwright.sync_api")

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
        page.on("request", lambda request: asked.append(request.url))
        page.goto(served.base + path)
        page.said = said
        return page

    yield open_tab
    for context in contexts:
        context.close()
    assert [url for url in asked if not url.startswith((served.base, "data:", "about:"))] == []


def picture(page: Any, name: str, tmp_path: Path) -> None:
    folder = Path(os.environ.get("WARRAQ_SCREENSHOTS", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.png"
    page.screenshot(path=path, full_page=True)
    assert path.stat().st_size > 5000


def article_in(served: Any, language: str) -> str:
    row = served.state.browse_articles(ArticleFilter(language=language), limit=1).rows[0]
    return "/url?" + urlencode({"url": row.url})


PAGES = {
    "overview": lambda served: "/",
    "sites": lambda served: "/sites",
    "site": lambda served: f"/sites/{sorted(served.daemon.sites)[0]}",
    "runs": lambda served: "/runs",
    "run": lambda served: f"/runs/{served.state.last_run('harm').id}",
    "articles": lambda served: "/articles",
    "arabic": lambda served: article_in(served, "ar"),
    "coverage": lambda served: "/coverage",
    "coverage-site": lambda served: "/coverage?site=harm",
}


@pytest.mark.parametrize(
    ("look", "options"),
    [
        ("light", {"color_scheme": "light"}),
        ("dark", {"color_scheme": "dark"}),
        ("phone", {"viewport": PHONE, "device_scale_factor": 2, "is_mobile": True, "has_touch": True}),
    ],
)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_its_window_and_says_nothing_on_the_console(tab, served, tmp_path, name, look, options):
    page = tab(PAGES[name](served), **options)
    page.wait_for_load_state("networkidle")
    picture(page, f"{name}-{look}", tmp_path)
    assert page.said == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
