"""How runs are shown while they go on."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from crawler.cli import progress as module
from crawler.cli.progress import RunDisplay
from crawler.run.progress import Progress


def moment(pages: int, *, waiting: int = 0) -> Progress:
    return Progress(run="r", counts={"parsed": pages, "queued": waiting}, size_bytes=1024 * pages, elapsed_s=2.0)


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What a display that need not wait says where there is no terminal."""
    monkeypatch.setattr(module, "_QUIET_EVERY_S", 0.0)
    monkeypatch.setattr(module, "_ADD_EVERY_S", 0.0)
    return io.StringIO()


def test_a_few_runs_are_told_one_by_one(said):
    with RunDisplay(Console(file=said, width=200)) as display:
        display.update("paper", moment(4, waiting=6))
    assert said.getvalue() == "paper: 4 pages, 4 articles, 0 failed, 4.0 KiB, 2.0 pages/s, 6 waiting\n"


def test_many_runs_are_told_together(said):
    with RunDisplay(Console(file=said, width=200)) as display:
        for number in range(20):
            display.update(f"site-{number}", moment(2, waiting=1))
    assert said.getvalue().splitlines()[-1] == (
        "20 sites: 40 pages, 40 articles, 0 failed, 40.0 KiB, 20.0 pages/s, 20 waiting"
    )


def test_on_a_terminal_many_runs_share_one_bar(monkeypatch):
    monkeypatch.setattr(module, "_ADD_EVERY_S", 0.0)
    screen = io.StringIO()
    with RunDisplay(Console(file=screen, force_terminal=True, width=160)) as display:
        for number in range(20):
            display.update(f"site-{number}", moment(2))
        shown = [task.description for task in display._bars.tasks if task.visible]
    assert shown == ["20 sites"]
