"""A crawled archive, and the status page over a copy of its state."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from crawler.config import Config, load
from crawler.model.site import Schedule, Site
from tests.daemon.page.page_server import Archive, Live, Served, crawl_everything, hostile_page, serving
from tests.web import Web, rss


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    folder = tmp_path_factory.mktemp("page")
    config = load(
        overrides={
            "storage.url": f"file:{folder / 'data'}",
            "state.dir": str(folder / "state"),
            "spool.min_free_bytes": 0,
            "parse.processes": 1,
        }
    )
    live = Live()
    with Web() as web:
        web.pages["/harm"] = hostile_page(live.base)
        web.pages["/feed"] = rss(web.base, ["/harm", "/gone", "/%22%3E%3Cscript%3Ealert(1)%3C/script%3E"])
        hostile = Site(
            name="harm", title="<b>Harm</b> & Co", country="gb", languages=("en",), home=web.base + "/",
            feeds=(web.base + "/feed",), schedule=Schedule(every="1h"), delay_s=0.0, allow_private=True,
        )  # fmt: skip
        sites = asyncio.run(crawl_everything(config, hostile))
        yield Archive(config, sites, live, web.base + "/harm")
    live.close()


@pytest.fixture
def config(archive: Archive, tmp_path: Path) -> Config:
    """Settings for a copy of the archive's state, so that a test may change it."""
    folder = tmp_path / "state"
    shutil.copytree(archive.config.state.dir, folder)
    return msgspec.structs.replace(archive.config, state=msgspec.structs.replace(archive.config.state, dir=str(folder)))


@pytest.fixture
def served(archive: Archive, config: Config) -> Iterator[Served]:
    """The page over the archive, as a daemon on loopback serves it."""
    with serving(config, archive.sites) as page:
        yield page
