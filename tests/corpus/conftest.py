"""Fixtures of the corpus' tests: a filled store, in a folder and on a real S3 server."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from crawler.archive.store import Store
from crawler.archive.store.folder import FileStore
from crawler.cli import main
from tests.corpus.corpus_factory import fill


class Ran(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def store(store: Store, tmp_path: Path) -> Store:
    """The archive in each kind of store."""
    fill(store, tmp_path / "spool")
    return store


@pytest.fixture
def here(tmp_path: Path) -> FileStore:
    """The archive in a folder."""
    made = FileStore(tmp_path / "data")
    fill(made, tmp_path / "spool")
    return made


@pytest.fixture
def warraq(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """The command, run in a folder whose store is ``data``."""
    monkeypatch.chdir(tmp_path)

    def run(*argv: str) -> Ran:
        code = main(list(argv))
        out, err = capfd.readouterr()
        return Ran(code, out, err)

    return run
