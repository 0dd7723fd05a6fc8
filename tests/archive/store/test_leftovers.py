"""What killed writers left is removed where it can be, and stops nobody where it cannot."""

from __future__ import annotations

import logging
from pathlib import Path

from crawler.archive.store.folder import FileStore
from crawler.archive.store.leftovers import sweep_leftovers
from crawler.archive.store.memory import MemoryStore
from crawler.errors import StoreRefused

LEFT = f".part/.{'0a' * 16}.tmp"


def test_what_a_killed_writer_left_is_removed_and_told(tmp_path: Path, caplog) -> None:
    (tmp_path / ".part").mkdir()
    (tmp_path / LEFT).write_bytes(b"half of an obj")
    with caplog.at_level(logging.INFO):
        sweep_leftovers(FileStore(tmp_path))
    assert not (tmp_path / LEFT).exists()
    assert [(record.levelname, LEFT in record.getMessage()) for record in caplog.records] == [("INFO", True)]


class Forbidden(MemoryStore):
    def sweep(self) -> tuple[str, ...]:
        raise StoreRefused("not allowed to list")


def test_a_store_that_forbids_it_is_told_and_used(caplog) -> None:
    sweep_leftovers(Forbidden())
    ((level, told),) = [(record.levelname, record.getMessage()) for record in caplog.records]
    assert (level, "not allowed to list" in told) == ("WARNING", True)
