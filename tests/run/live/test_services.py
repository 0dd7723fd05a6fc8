"""What this program keeps in the state folder is its owner's alone, whoever made the folder and however."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from structlog.testing import CapturingLogger

from crawler.clock import SystemClock
from crawler.config import load
from crawler.run.live import services as services_module
from crawler.run.live.services import Services


def modes(folder: Path) -> dict[str, int]:
    return {
        path.name: path.stat().st_mode & 0o077
        for path in folder.iterdir()
        if path.name in ("spool", "staging", "shelf", "warraq.db")
    }


def opened(folder: Path, store: Path) -> list[str]:
    """Open and close the services; return what was logged of the folder."""
    config = load(overrides={"state.dir": str(folder), "storage.url": f"file:{store}", "spool.min_free_bytes": 0})

    async def work() -> None:
        services = await Services.open(config, SystemClock())
        await services.spool.close()
        await services.client.close()
        await services.pool.close()
        services.state.close()

    log = CapturingLogger()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(services_module, "_log", log)  # a test before may have had the real one made for good
        asyncio.run(work())
    return [f"{call.args[0]} {call.kwargs['closed']}" for call in log.calls if "others may look" in call.args[0]]


@pytest.mark.parametrize("mask", [0o022, 0o000])
def test_in_a_folder_that_is_open_what_is_ours_is_closed_and_that_is_said(tmp_path: Path, mask: int) -> None:
    folder = tmp_path / "state"
    folder.mkdir(0o755)
    folder.chmod(0o755)
    (folder / "spool").mkdir()
    (folder / "spool").chmod(0o777)
    (folder / "notes.txt").write_text("mine")
    before = os.umask(mask)
    try:
        (said,) = opened(folder, tmp_path / "data")
    finally:
        os.umask(before)
    assert "chmod 700" in said
    assert "spool" in said
    assert modes(folder) == {"spool": 0, "staging": 0, "shelf": 0, "warraq.db": 0}
    assert folder.stat().st_mode & 0o777 == 0o755
    assert (folder / "notes.txt").stat().st_mode & 0o044


def test_a_folder_that_we_make_is_closed_and_nothing_is_said(tmp_path: Path) -> None:
    assert opened(tmp_path / "state", tmp_path / "data") == []
    assert (tmp_path / "state").stat().st_mode & 0o077 == 0
