"""Datasets that hold what was taken down since they were frozen are named."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crawler.archive.store.folder import FileStore

STORE = ("--store", "file:data", "--state", "state")
BRIDGE = "https://www.ferrow.example/bridge"


@pytest.mark.parametrize(
    ("form", "told"), [("jsonl.gz", "holds"), ("parquet", "holds"), ("text", "may hold"), ("wacz", "may hold")]
)
def test_a_dataset_that_holds_what_is_taken_down_is_named_and_one_made_after_it_is_not(
    here: FileStore, warraq: Callable[..., Any], tmp_path: Path, form: str, told: str
) -> None:
    assert warraq("export", "old", *STORE, "--format", form).code == 0
    assert warraq("export", "others", *STORE, "--site", "pont").code == 0
    assert warraq("export", "gone", *STORE).code == 0
    shutil.rmtree("exports/gone")
    ran = warraq("takedown", BRIDGE, "--reason", "asked", *STORE)
    assert ran.code == 0
    assert ran.err.count("exports") == 1
    assert ran.err.startswith(f"{tmp_path / 'exports/old'} {told} it: a dataset is never changed")
    shutil.rmtree("exports/old")
    assert warraq("export", "new", *STORE).code == 0
    assert warraq("takedown", "ferrow.example", "--reason", "asked", *STORE).err.startswith(
        f"{tmp_path}/exports/new holds"
    )
    assert warraq("takedown", BRIDGE, "--reason", "again", *STORE).err == ""


def test_a_dataset_that_cannot_be_read_may_hold_it(here: FileStore, warraq: Callable[..., Any], tmp_path: Path) -> None:
    assert warraq("export", "old", *STORE).code == 0
    (data,) = Path("exports/old/data").iterdir()
    data.write_bytes(data.read_bytes()[:-30])
    assert "may hold it" in warraq("takedown", "https://nowhere.example/x", "--reason", "asked", *STORE).err


def test_a_site_that_is_declared_no_more_is_taken_down_by_its_name_in_the_archive(
    here: FileStore, warraq: Callable[..., Any], tmp_path: Path
) -> None:
    assert warraq("takedown", "pont", "--reason", "asked", *STORE).code == 0
    assert warraq("articles", "--site", "pont", *STORE).code == 4
    shutil.rmtree(tmp_path / "data/articles/pont")
    assert warraq("takedown", "pont", "--undo", *STORE).code == 0
    assert warraq("takedown", "pomt", "--reason", "asked", *STORE).code == 2
