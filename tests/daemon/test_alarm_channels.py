"""Every kind of alarm, from what causes it to three real receivers: each told once that it is on, once that it is
over."""

from __future__ import annotations

import json
import socket
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from email import message_from_string
from pathlib import Path

import pytest

from crawler.daemon.alarms.kinds import ALARM_KINDS
from crawler.daemon.alarms.rules import Finding
from crawler.daemon.alarms.watch import AlarmWatch
from crawler.daemon.chores.manifests import DailyManifests
from tests.daemon.test_alarm_notify import Receiver
from tests.daemon.test_alarm_watch import HOUR, Bench
from tests.ledger import pages as told_pages

OPERATIONS = Path(__file__).parents[2] / "docs" / "operations.md"
PROGRAM = "import sys; open(sys.argv[1], 'ab').write(sys.stdin.buffer.read() + b'\\n')"


class MailServer:
    """Takes mails one after another, as many as come (RFC 5321, as much of it as is needed)."""

    def __init__(self) -> None:
        self.mails: list[str] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection, connection.makefile("rwb", buffering=0) as stream:
                self._talk(stream)

    def _talk(self, stream) -> None:
        stream.write(b"220 mail.example\r\n")
        while line := stream.readline().decode().strip():
            word = line.split()[0].upper()
            if word == "DATA":
                stream.write(b"354 go on\r\n")
                lines = []
                while (text := stream.readline().decode()) != ".\r\n":
                    lines.append(text)
                self.mails.append("".join(lines))
            stream.write(b"221 bye\r\n" if word == "QUIT" else b"250 ok\r\n")
            if word == "QUIT":
                return

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


class Newsroom(Bench):
    """A watch that tells real receivers; causes and cures of each alarm."""

    def __init__(self, folder: Path, hook: Receiver, mail: MailServer) -> None:
        self._hook, self._mail, self._told = hook, mail, folder / "told"
        self.number = 0
        self.more: Callable[[], list[Finding]] = list  # what others than the watch find
        super().__init__(
            folder,
            **{
                "alarms.webhook": hook.url,
                "alarms.smtp": mail.address,
                "alarms.smtp_security": "none",
                "alarms.email_to": ("desk@library.example",),
                "alarms.command": (sys.executable, "-c", PROGRAM, str(self._told)),
                "alarms.least_gap_s": 0.0,
                "spool.quota_bytes": 1_000_000,
            },
        )

    def restart(self) -> AlarmWatch:
        self.watch = AlarmWatch.start(
            self.config, self.clock, lambda: self.sites, environ={}, more=self._found_by_others
        )
        return self.watch

    def _found_by_others(self) -> list[Finding]:
        return self.more()

    def heard(self) -> dict[str, Counter[tuple[str, str]]]:
        """What each receiver was told: (event, kind), how often."""
        commands = self._told.read_bytes().splitlines() if self._told.exists() else []
        return {
            "webhook": _notices(json.loads(body) for _, body in self._hook.got),
            "command": _notices(map(json.loads, commands)),
            "mail": Counter(
                ("raised" if line.startswith(("[CRIT", "[WARN")) else "cleared", line.split()[1].rstrip(":"))
                for mail in self._mail.mails
                for line in str(message_from_string(mail).get_payload()).splitlines()
                if line.startswith("[")
            ),
        }  # fmt: skip

    def articles(self, count: int, *, every: timedelta, words: int = 400) -> None:
        """So many articles of the last while, the last one now."""
        run = self.run()
        for place in range(count):
            self.number += 1
            self.article(run, self.number, self.clock.now() - place * every, words)
        self.state.finish_run(run, "done")

    def pages(self, outcome: str, count: int) -> None:
        run = self.run()
        urls = [f"http://gazette.example/page/{self.clock.now():%d%H}/{outcome}/{n}" for n in range(count)]
        self.state.announce(run, "gazette", told_pages(*urls))
        for url in urls:
            self.state.settle(url, outcome, run=run, reason="no_article" if outcome == "failed" else None)
        self.state.finish_run(run, "done")

    def hours(self, count: int, *, articles: int = 0) -> None:
        """Let so many hours go by, with a poll and some articles in each."""
        for _ in range(count):
            self.poll()
            self.clock.advance(3600)
            run = self.run()
            for place in range(articles):
                self.number += 1
                self.article(run, self.number, self.clock.now() - timedelta(minutes=place))
            self.state.finish_run(run, "done")


def _notices(messages) -> Counter[tuple[str, str]]:
    return Counter((notice["event"], notice["kind"]) for message in messages for notice in message["notices"])


@contextmanager
def no_runs(room: Newsroom) -> Iterator[None]:
    room.poll()
    room.clock.advance(4 * 3600)
    yield
    room.poll()


@contextmanager
def store(room: Newsroom) -> Iterator[None]:
    path = room.seal_file(age_s=4 * 3600)
    yield
    path.unlink()


@contextmanager
def spool(room: Newsroom) -> Iterator[None]:
    path = room.seal_file(age_s=0)
    path.write_bytes(b"x" * 900_000)
    yield
    path.unlink()


@contextmanager
def disk(room: Newsroom) -> Iterator[None]:
    sound = room.config
    low = {**room.changes, "spool.min_free_bytes": 1 << 60}
    room.watch.set_config(room.load(low), environ={})
    yield
    room.watch.set_config(sound, environ={})


@contextmanager
def state(room: Newsroom) -> Iterator[None]:
    database = room.watch._state._db
    connection, database._connection = database._connection, None
    yield
    database._connection = connection


@contextmanager
def manifest(room: Newsroom) -> Iterator[None]:
    torn = room.folder / "store" / "warc" / "2026" / "03" / "01" / "WARRAQ-20260301120000000-00001-host.warc.gz"
    torn.parent.mkdir(parents=True)
    torn.write_bytes(b"no WARC file")
    config = room.load({**room.changes, "storage.url": f"file:{room.folder / 'store'}"})
    daily = DailyManifests(lambda: config, room.clock)
    room.more = daily.findings
    daily.tend()
    yield
    torn.unlink()
    room.clock.advance(3601)
    daily.tend()


@contextmanager
def foreign(room: Newsroom) -> Iterator[None]:
    path = room.folder / "spool" / "lane-00" / "holiday.jpg"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"not ours")
    yield
    path.unlink()


@contextmanager
def clock(room: Newsroom) -> Iterator[None]:
    room.look()
    room.clock._now += timedelta(hours=5)
    yield
    room.look(after_s=3600)
    room.poll()


@contextmanager
def dead_feed(room: Newsroom) -> Iterator[None]:
    room.poll()
    room.clock.advance(30 * 3600)
    room.poll("failed", reason="http_404")
    yield
    room.poll("not_modified")


@contextmanager
def overrun(room: Newsroom) -> Iterator[None]:
    room.poll()
    now = room.clock.now()
    room.state.add_gap("gazette", "http://gazette.example/feed", begin_at=now - HOUR, end_at=now, run="r")
    yield
    room.clock.advance(25 * 3600)
    room.poll()


@contextmanager
def no_new_articles(room: Newsroom) -> Iterator[None]:
    room.articles(40, every=HOUR)
    room.hours(30)
    yield
    room.articles(1, every=HOUR)


@contextmanager
def few_articles(room: Newsroom) -> Iterator[None]:
    with room.state.transaction():
        room.hours(30 * 24, articles=2)
    room.hours(22)
    room.hours(1, articles=1)
    yield
    room.hours(24, articles=2)


@contextmanager
def failures(room: Newsroom) -> Iterator[None]:
    room.pages("parsed", 100)
    room.clock.advance(2 * 86_400)
    room.poll()
    room.pages("failed", 30)
    yield
    room.pages("parsed", 100)


@contextmanager
def text_length(room: Newsroom) -> Iterator[None]:
    room.articles(100, every=timedelta(minutes=1))
    room.clock.advance(3600)
    room.articles(20, every=timedelta(minutes=1), words=90)
    yield
    room.clock.advance(3600)
    room.articles(20, every=timedelta(minutes=1))
    room.poll()


CAUSES: dict[str, Callable[[Newsroom], object]] = {
    cause.__name__: cause
    for cause in (
        no_runs,
        store,
        spool,
        disk,
        state,
        manifest,
        foreign,
        clock,
        dead_feed,
        overrun,
        no_new_articles,
        few_articles,
        failures,
        text_length,
    )
}


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Newsroom]:
    hook, mail = Receiver(), MailServer()
    made = Newsroom(tmp_path, hook, mail)
    yield made
    made.watch.close()
    made.state.close()
    hook.close()
    mail.close()


def test_every_kind_has_a_cause_here_a_meaning_on_the_page_and_a_row_in_the_documentation():
    told = [
        line.split("|")[1].strip().strip("`") for line in OPERATIONS.read_text().splitlines() if line.startswith("| `")
    ]
    assert list(ALARM_KINDS) == list(CAUSES) == told


@pytest.mark.parametrize("kind", CAUSES)
def test_each_kind_is_told_once_and_its_end_once_by_every_channel(room: Newsroom, kind: str):
    with CAUSES[kind](room):
        for _ in range(3):
            room.look()
        assert kind in room.kinds
        assert {name: heard["raised", kind] for name, heard in room.heard().items()} == {
            "webhook": 1, "command": 1, "mail": 1,
        }  # fmt: skip
    for _ in range(3):
        room.look(after_s=400)
    assert kind not in room.kinds
    for name, heard in room.heard().items():
        assert (heard["raised", kind], heard["cleared", kind]) == (1, 1), name


# the weekly rhythm, learned -----------------------------------------------------------------------------------------

WEEKDAYS, WEEKENDS = 4, 1
"""Articles an hour."""


def weeks(room: Newsroom, count: int, *, holiday: int | None = None, share: float = 1.0) -> list[str]:
    """Let weeks of a paper go by that rests at weekends; on day `holiday` of the last only a `share` appears.

    Returns what was on at any hour of the last week.
    """
    with room.state.transaction():
        for _ in range((count - 1) * 7):
            room.hours(24, articles=_rate(room))
    seen: list[str] = []
    for day in range(7):
        rate = _rate(room)
        for hour in range(24):
            few = round(rate * share) if hour % 2 == 0 else 0
            room.hours(1, articles=few if day == holiday else rate)
            room.look(after_s=0)
            seen += room.kinds
    return seen


def _rate(room: Newsroom) -> int:
    return WEEKENDS if room.clock.now().weekday() >= 5 else WEEKDAYS


def test_a_quiet_weekend_is_no_alarm_once_the_week_is_known(room: Newsroom):
    assert weeks(room, 6) == []


def test_a_new_site_is_not_judged_by_a_history_it_does_not_have(room: Newsroom):
    assert weeks(room, 2, holiday=3, share=0.25) == []


def test_a_public_holiday_with_fewer_articles_is_no_alarm_and_does_not_spoil_the_following_weeks(room: Newsroom):
    assert weeks(room, 6, holiday=3, share=1.0) == []  # half of what is usual
    assert weeks(room, 1) == []


def test_a_day_with_a_tenth_of_the_usual_is_an_alarm_that_ends_with_it(room: Newsroom):
    seen = weeks(room, 6, holiday=3, share=0.25)  # one in two hours instead of four in each
    assert set(seen) == {"few_articles"}
    assert room.kinds == []
