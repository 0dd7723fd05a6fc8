"""The state folder is made for its owner alone, or it is said why not."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler.config import Config, load
from crawler.errors import StateError
from crawler.run.state_folder import state_folder


def at(folder: Path) -> Config:
    return load(overrides={"state.dir": str(folder)})


def test_the_folder_is_made_with_those_above_it_and_is_its_owners_alone(tmp_path: Path) -> None:
    folder = state_folder(at(tmp_path / "a" / "state"))
    assert folder.stat().st_mode & 0o777 == 0o700
    assert state_folder(at(folder)) == folder


def test_a_folder_that_cannot_be_made_is_told_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StateError, match="cannot be made: Not a directory") as told:
        state_folder(at(tmp_path / "file" / "state"))
    assert "--state" in str(told.value.next_step)
