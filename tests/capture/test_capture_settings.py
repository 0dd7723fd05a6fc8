"""What Scrapy is told, and that it exists."""

from __future__ import annotations

import subprocess
import sys

import pytest
from scrapy.settings import default_settings
from scrapy.utils.misc import load_object

from crawler.capture.scrapy.settings import RunSettings, requests_begun, scrapy_settings, user_agent
from crawler.config import load
from crawler.model.site import Site
from tests.capture.harness import with_fetch


def test_every_setting_and_component_is_known_to_this_scrapy() -> None:
    settings = scrapy_settings(load())
    assert [name for name in settings if not hasattr(default_settings, name)] == []
    for path in settings["DOWNLOADER_MIDDLEWARES"]:
        load_object(path)
    for path in (settings["DUPEFILTER_CLASS"], settings["DOWNLOAD_HANDLERS"]["https"], *settings["RETRY_EXCEPTIONS"]):
        load_object(path)


def test_nothing_listens_and_nothing_but_http_is_fetched() -> None:
    settings = scrapy_settings(load())
    assert settings["REMOTE_CONTROL_ENABLED"] is settings["TELNETCONSOLE_ENABLED"] is False
    schemes = {scheme for scheme, handler in settings["DOWNLOAD_HANDLERS"].items() if handler}
    assert schemes == {"http", "https"}
    assert set(settings["DOWNLOAD_HANDLERS"]) == set(default_settings.DOWNLOAD_HANDLERS_BASE)


def test_no_middleware_is_imported_that_is_not_used() -> None:
    program = (
        "import sys\n"
        "from scrapy.core.downloader import Downloader\n"
        "from scrapy.core.spidermw import SpiderMiddlewareManager\n"
        "from scrapy.core.downloader.middleware import DownloaderMiddlewareManager\n"
        "from scrapy.settings import Settings\n"
        "from crawler.capture.scrapy.settings import scrapy_settings\n"
        "from crawler.config import load\n"
        "settings = Settings(scrapy_settings(load()))\n"
        "DownloaderMiddlewareManager._get_mwlist_from_settings(settings)\n"
        "assert SpiderMiddlewareManager._get_mwlist_from_settings(settings) == []\n"
        "assert 'tldextract' not in sys.modules and 'requests' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_the_limits_are_those_of_the_configuration() -> None:
    config = with_fetch(load(), retries=5, max_redirects=3, concurrency=7)
    settings = scrapy_settings(config)
    assert (settings["RETRY_TIMES"], settings["REDIRECT_MAX_TIMES"], settings["CONCURRENT_REQUESTS"]) == (5, 3, 7)


def test_a_contact_that_is_an_address_is_also_in_from() -> None:
    config = with_fetch(load(), contact="desk@news.example")
    assert scrapy_settings(config)["DEFAULT_REQUEST_HEADERS"]["From"] == "desk@news.example"
    assert "desk@news.example" in user_agent(config.fetch)
    assert "From" not in scrapy_settings(load())["DEFAULT_REQUEST_HEADERS"]


@pytest.mark.parametrize(("hosts", "begun"), [((), 8), (("cdn.example",), 16), (tuple("abcdefgh"), 32)])
def test_a_run_begins_as_many_requests_as_its_hosts_can_keep_busy(hosts: tuple[str, ...], begun: int) -> None:
    site = Site(title="News", country="gb", languages=("en",), home="https://news.example/", hosts=hosts)
    config = with_fetch(load(), concurrency=32, concurrency_per_host=2)
    assert requests_begun(config.fetch, site) == begun


def test_a_run_changes_its_own_copy_of_the_settings_alone() -> None:
    settings = RunSettings(scrapy_settings(load()))
    before, middlewares = settings.copy_to_dict(), dict(settings["DOWNLOADER_MIDDLEWARES"])
    copy = settings.copy()
    assert copy.copy_to_dict() == before
    assert [copy.getpriority(name) for name in copy] == [settings.getpriority(name) for name in settings]
    copy.set("CONCURRENT_REQUESTS", 99)
    copy["DOWNLOADER_MIDDLEWARES"].set("x.Y", 1)
    copy["RETRY_HTTP_CODES"].append(418)
    copy.freeze()
    assert settings.copy_to_dict() == before
    assert dict(settings["DOWNLOADER_MIDDLEWARES"]) == middlewares
    settings.set("CONCURRENT_REQUESTS", 3)
    assert copy["CONCURRENT_REQUESTS"] == 99
