from __future__ import annotations

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


@pytest.fixture
def web() -> Iterator[Web]:
    with Web() as served:
        yield served


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
