"""The corruptions of ``warraq doctor archive``: each is named, in the archive made for it and in a copy of
another's."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import msgspec
import pytest

from crawler.archive.store import open_store
from crawler.config import Config, load
from crawler.errors import UsageError
from crawler.run.parsing.recipe import Recipe
from crawler.run.selftest import CORRUPTIONS, Corruption, copy_sample, make_sample, run_trial
from crawler.run.selftest.corruption import Archive, Place
from tests.kept_archive import unpack_kept

TRUST = Path(__file__).parents[3] / "docs" / "trust.md"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "sound"
    made.mkdir()
    return made


@pytest.fixture
def config(folder: Path) -> Config:
    return load(
        overrides={
            "storage.url": f"file:{folder}/data",
            "state.dir": str(folder / "state"),
            "spool.min_free_bytes": 0,
            "parse.processes": 1,
        }
    )


@pytest.fixture
def sound(config: Config, folder: Path) -> Path:
    asyncio.run(make_sample(config, Recipe()))
    return folder


def test_every_corruption_is_named_with_file_and_byte(config: Config, sound: Path) -> None:
    outcomes = list(run_trial(config, sound, CORRUPTIONS))
    assert [(one.name, one.problem or one.left_out) for one in outcomes if one.named is None] == []
    assert len(outcomes) == len(CORRUPTIONS) >= 90
    assert [path.name for path in sound.parent.iterdir()] == ["sound"]


def test_what_is_not_found_is_told_as_such(config: Config, sound: Path) -> None:
    def nothing(archive: Archive) -> Place:
        return Place(archive.warcs()[0].name)

    def elsewhere(archive: Archive) -> Place:
        (archive.data / "holiday.jpg").write_bytes(b"x")
        return Place(archive.warcs()[0].name)

    def unplanted(archive: Archive) -> Place:
        raise UsageError("there is none")

    made = [Corruption("x", "x", plant) for plant in (nothing, elsewhere, unplanted)]
    outcomes = list(run_trial(config, sound, made))
    assert [one.named for one in outcomes] == [None] * 3
    assert "it found nothing" in (outcomes[0].problem or "")
    assert "it named holiday.jpg" in (outcomes[1].problem or "")
    assert outcomes[2].left_out == "there is none"


def test_an_archive_that_is_not_sound_is_not_spoiled_further(config: Config, sound: Path) -> None:
    (sound / "data" / "holiday.jpg").write_bytes(b"x")
    with pytest.raises(UsageError, match=r"not sound as it is: holiday\.jpg"):
        list(run_trial(config, sound, CORRUPTIONS[:1]))


def test_a_copy_of_an_archive_of_an_earlier_version_serves_as_well(
    config: Config, folder: Path, tmp_path: Path
) -> None:
    unpack_kept(tmp_path / "kept")
    storage = msgspec.structs.replace(config.storage, url=f"file:{tmp_path / 'kept' / 'data'}")
    asyncio.run(copy_sample(open_store(storage), config, Recipe(), most_bytes=1 << 20))
    outcomes = list(run_trial(config, folder, CORRUPTIONS[::10]))
    assert [(one.name, one.problem) for one in outcomes if one.problem is not None] == []
    assert sum(one.named is not None for one in outcomes) > len(outcomes) // 2
    with pytest.raises(UsageError, match="no WARC file of up to 10 bytes"):
        asyncio.run(copy_sample(open_store(storage), config, Recipe(), most_bytes=10))


def test_the_table_of_the_guide_is_that_of_the_code() -> None:
    rows = re.findall(
        r"^\| ([^|]+?) \| ([^|]+?) \|$", TRUST.read_text().partition("| corruption | what is done |")[2], re.MULTILINE
    )
    assert [row for row in rows if not row[0].startswith("-")] == [(one.name, one.about) for one in CORRUPTIONS]
    assert len({one.name for one in CORRUPTIONS}) == len(CORRUPTIONS)
