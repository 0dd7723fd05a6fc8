"""Fixtures of the corpus' tests: a filled store, in a folder and on a real S3 server."""

from __future__ import annotations

import shutil
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


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the archive and its spool, to be copied."""
    folder = tmp_path_factory.mktemp("corpus")
    fill(FileStore(folder / "data"), folder / "spool")
    return folder


@pytest.fixture
def here(filled: Path, tmp_path: Path) -> FileStore:
    """The archive in a folder of its own."""
    shutil.copytree(filled, tmp_path, dirs_exist_ok=True)
    return FileStore(tmp_path / "data")


@pytest.fixture
def warraq(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """The command, run in a folder whose store is ``data``."""
    monkeypatch.chdir(tmp_path)

    def run(*argv: str) -> Ran:
        code = main(list(argv))
        out, err = capfd.readouterr()
        return Ran(code, out, err)

    return run
