"""What reaches the log is told on one line, acts on nothing and shows no password."""

from __future__ import annotations

import logging
import subprocess
import sys

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
    log.EventLog("crawler.x").warning("a title", title=hostile, url="s3://key:secret@store.example/b")
    logging.getLogger("scrapy.x").warning("answered %s", hostile)
    try:
        raise ValueError(hostile)
    except ValueError:
        log.EventLog("crawler.x").exception("failed")
    told = capsys.readouterr().err
    assert "\x1b" not in told
    assert "\u202e" not in told
    assert "secret" not in told
    assert "ValueError" in told
    assert [line for line in told.splitlines() if line.startswith("forged")] in ([], ["forged line"])


def test_without_a_log_of_ours_an_event_is_a_record_like_any(caplog: pytest.LogCaptureFixture) -> None:
    log.EventLog("crawler.x").info("not asked for")
    log.EventLog("crawler.x").warning("a store is gone", store="file:data")
    assert [(record.name, record.getMessage()) for record in caplog.records] == [
        ("crawler.x", "a store is gone store='file:data'")
    ]


def test_what_writes_events_is_loaded_for_the_first_one_alone() -> None:
    script = (
        "import sys; from crawler import log; log.set_up('error'); log.EventLog('x').warning('no'); "
        "assert 'structlog' not in sys.modules; log.EventLog('x').error('yes'); assert 'structlog' in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.split("Z ")[-1]) == (0, "[error    ] yes [x]\n"), done.stderr
