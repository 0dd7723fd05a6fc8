"""A spool on a disk of its own that is full: said in a line, nothing lost, and the rest had when there is room."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.web import Web, answer, rss

if TYPE_CHECKING:
    from conftest import Ran

STORIES = [f"/2026/11/23/story-of-the-harbour-{number}" for number in range(12)]


@pytest.fixture
def small_spool(tmp_path: Path) -> Iterator[Callable[[], None]]:
    """Give the spool little room, on a disk of its own where that may be mounted, else by its quota.

    Calling it gives it as much as there is.
    """
    spool, settings = tmp_path / "state" / "spool", tmp_path / "config" / "warraq.toml"
    spool.mkdir(parents=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "none", spool], capture_output=True, check=False
    )
    whole = settings.read_text()
    if mounted.returncode:
        settings.write_text(whole.replace("[spool]\n", "[spool]\nquota_bytes = 200000\n"))

    def more() -> None:
        settings.write_text(whole)
        if not mounted.returncode:
            subprocess.run(["mount", "-o", "remount,size=64m", spool], check=True)

    yield more
    if not mounted.returncode:
        subprocess.run(["umount", "-l", spool], check=True)


def test_a_spool_whose_disk_is_full_stops_the_run_and_loses_nothing(
    warraq: Callable[..., Ran],
    web: Web,
    seed: Callable[..., None],
    tmp_path: Path,
    small_spool: Callable[[], None],
) -> None:
    web.pages["/feed"] = rss(web.base, STORIES)
    for path in STORIES:
        text = "".join(
            f"<p>The council of the harbour met about part {n}. {os.urandom(400).hex()}</p>" for n in range(60)
        )
        web.pages[path] = answer(f"<html lang=en><body><article><h1>{path}</h1>{text}</article></body></html>")
    seed("paper", web, feeds=["/feed"])
    full = warraq("crawl", "paper")
    assert full.code == 1
    assert "No space left" in full.err or "quota" in full.err or "bytes left" in full.err
    assert "Traceback" not in full.err
    small_spool()
    assert warraq("crawl", "paper").code == 0
    assert warraq("verify").code == 0
    asked = [path for path in STORIES if f"GET {path}" in web.requests]
    assert asked == STORIES
    told = [warraq("why", web.base + path).out for path in STORIES]
    assert all("parsed" in out or "captured" in out for out in told)
