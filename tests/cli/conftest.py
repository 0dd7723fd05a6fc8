from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from crawler.cli import main
from tests.web import Web


class Ran(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture(scope="module")
def web_of_module() -> Iterator[Web]:
    with Web() as served:
        yield served


@pytest.fixture
def web(web_of_module: Web) -> Iterator[Web]:
    """A web without pages. Its address is the same in the whole module, so that `crawl_once` may."""
    yield web_of_module
    web_of_module.pages.clear()
    web_of_module.closing.clear()
    web_of_module.requests.clear()


@pytest.fixture
def warraq(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """The command, run in a folder of its own with settings that do not wait."""
    (tmp_path / "config").mkdir()
    (tmp_path / "seeds").mkdir()
    (tmp_path / "config" / "warraq.toml").write_text(
        "[fetch]\ndelay_s = 0.0\nconnect_timeout_s = 2.0\nhead_timeout_s = 2.0\nidle_timeout_s = 2.0\nretries = 0\n"
        "[spool]\nmin_free_bytes = 0\n[parse]\nprocesses = 1\n"
        "[storage]\nattempts = 1\nconnect_timeout_s = 2.0\nread_timeout_s = 5.0\n"
    )
    monkeypatch.chdir(tmp_path)

    def run(*argv: str) -> Ran:
        code = main(list(argv))
        out, err = capfd.readouterr()
        return Ran(code, out, err)

    return run


class _Crawled(NamedTuple):
    """What a crawl said, left in its folder, and asked of the web."""

    ran: Ran
    folder: Path
    requests: list[str]


@pytest.fixture(scope="module")
def _crawls() -> dict[object, _Crawled]:
    return {}


@pytest.fixture
def crawl_once(
    _crawls: dict[object, _Crawled], warraq: Callable[..., Ran], web: Web, tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[..., Ran]:  # fmt: skip
    """``warraq crawl`` with these words; where a test of the module before had the same crawled, of the same sites and
    pages, its data and state are copied."""

    def crawl(*argv: str) -> Ran:
        declared = tuple(sorted(path.read_text() for path in (tmp_path / "seeds").iterdir()))
        asked = (
            argv,
            declared,
            tuple((path, found) for path, found in sorted(web.pages.items()) if not callable(found)),
        )
        if asked not in _crawls:
            ran = warraq("crawl", *argv)
            kept = tmp_path_factory.mktemp("crawled")
            shutil.copytree(tmp_path, kept, dirs_exist_ok=True)
            _crawls[asked] = _Crawled(ran, kept, list(web.requests))
            return ran
        before = _crawls[asked]
        shutil.copytree(before.folder, tmp_path, dirs_exist_ok=True)
        web.requests[:] = before.requests
        return before.ran

    return crawl


@pytest.fixture
def seed(tmp_path: Path) -> Callable[..., None]:
    """Declare a site that may be crawled on loopback, without pauses."""

    def write(name: str, web: Web, **channels: list[str]) -> None:
        lines = [f"{key} = {[web.base + path for path in paths]}" for key, paths in channels.items()]
        (tmp_path / "seeds" / f"{name}.toml").write_text(
            f'title = "{name}"\ncountry = "gb"\nlanguages = ["en"]\nhome = "{web.base}/"\ndelay_s = 0.0\n'
            f'allow_private = true\n[schedule]\nevery = "1h"\n'.replace("[schedule]", "\n".join([*lines, "[schedule]"]))
        )

    return write
