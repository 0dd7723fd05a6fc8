"""What reaches the log is told on one line, acts on nothing and shows no password."""

from __future__ import annotations

import logging

import pytest
import structlog

from crawler import log


@pytest.fixture(autouse=True)
def _as_it_was():
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.mark.parametrize("json", [False, True])
def test_foreign_text_in_events_and_faults_does_not_act(capsys: pytest.CaptureFixture[str], json: bool) -> None:
    log.set_up("info", json=json)
    hostile = "\x1b[2J\u202egnp\nforged line"
    structlog.get_logger("crawler.x").warning("a title", title=hostile, url="s3://key:secret@store.example/b")
    logging.getLogger("scrapy.x").warning("answered %s", hostile)
    try:
        raise ValueError(hostile)
    except ValueError:
        structlog.get_logger("crawler.x").exception("failed")
    told = capsys.readouterr().err
    assert "\x1b" not in told
    assert "\u202e" not in told
    assert "secret" not in told
    assert "ValueError" in told
    assert [line for line in told.splitlines() if line.startswith("forged")] in ([], ["forged line"])
