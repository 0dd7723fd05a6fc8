"""What reaches the log is told on one line, acts on nothing and shows no password."""

from __future__ import annotations

import subprocess
import sys

import pytest

HOSTILE = "\x1b[2J\u202egnp\nforged line"


def told(script: str) -> str:
    """Return what a program that begins with `script` writes to stderr; a log is a whole process's."""
    begin = f"import logging; from crawler import log; hostile = {HOSTILE!r}\n"
    done = subprocess.run([sys.executable, "-c", begin + script], capture_output=True, text=True, check=True)
    return done.stderr


@pytest.mark.parametrize("json", [False, True])
def test_foreign_text_in_events_and_faults_does_not_act(json: bool) -> None:
    err = told(
        f"log.set_up('info', json={json})\n"
        "log.EventLog('crawler.x').warning('a title', title=hostile, url='s3://key:secret@store.example/b')\n"
        "logging.getLogger('scrapy.x').warning('answered %s', hostile)\n"
        "try:\n    raise ValueError(hostile)\n"
        "except ValueError:\n    log.EventLog('crawler.x').exception('failed')\n"
    )
    assert "\x1b" not in err
    assert "\u202e" not in err
    assert "secret" not in err
    assert "ValueError" in err
    assert [line for line in err.splitlines() if line.startswith("forged")] in ([], ["forged line"])


def test_without_a_log_of_ours_an_event_is_a_record_like_any() -> None:
    err = told(
        "logging.basicConfig(format='%(name)s: %(message)s')\n"
        "log.EventLog('crawler.x').info('not asked for')\n"
        "log.EventLog('crawler.x').warning('a store is gone', store='file:data')\n"
    )
    assert err == "crawler.x: a store is gone store='file:data'\n"


def test_what_writes_events_is_loaded_for_the_first_one_alone() -> None:
    script = (
        "import sys; from crawler import log; log.set_up('error'); log.EventLog('x').warning('no'); "
        "assert 'structlog' not in sys.modules; log.EventLog('x').error('yes'); assert 'structlog' in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.split("Z ")[-1]) == (0, "[error    ] yes [x]\n"), done.stderr
