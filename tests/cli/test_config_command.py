"""``warraq config check``: every mistake at once, and nothing said of what is right."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

GOOD = (
    'title = "A"\ncountry = "gb"\nlanguages = ["en"]\nhome = "https://a.example/"\nfeeds = ["https://a.example/rss"]\n'
)

SETTINGS = {
    "storage.url": '"ftp://store.example/x"',
    "storage.endpoint_url": '"store.example"',
    "storage.attempts": "0",
    "spool.rotate_s": "0",
    "spool.operator": '"a\\nb"',
    "fetch.user_agent": '"{nope}"',
    "fetch.contact": '"me"',
    "fetch.delay_s": "-1",
    "fetch.max_delay_s": "nan",
    "fetch.concurrency": "0",
    "fetch.concurrency_per_host": "0",
    "fetch.idle_timeout_s": "inf",
    "fetch.robots": '"sometimes"',
    "fetch.proxy": '"socks5://proxy.example"',
    "parse.memory_bytes": "1",
    "crawl.max_pages": "0",
    "crawl.deadline_s": '"an hour"',
    "daemon.workers": "0",
    "daemon.hearbeat_s": "5",
    "page.listen": '"127.0.0.1:99999"',
    "page.hosts": '["https://a.example"]',
    "alarms.webhook": '"hook"',
    "alarms.smtp": '"mail.example"',
    "alarms.email_to": '["nobody"]',
    "alarms.command": '["/no/such/program"]',
    "alarms.failure_share": "30",
}
SITE = {
    "title": '""',
    "country": '"uk"',
    "languages": '["english"]',
    "home": '"a.example"',
    "hosts": '["*.b.example"]',
    "feeds": '["https://a.example:99999/rss"]',
    "include": '["("]',
    "schedule.cron": '"61 * * * *"',
    "schedule.timezone": '"Europe/Nowhere"',
    "delay_s": "-1.0",
    "max_pages": "0",
    "spider": '"no.such.Spider"',
    "furnitur": '"keep"',
    "rules[0].body": "p >",
    "rules[0].boddy": "p",
}


def write(tmp_path: Path) -> None:
    sections: dict[str, list[str]] = {}
    for dotted, value in SETTINGS.items():
        section, _, key = dotted.partition(".")
        sections.setdefault(section, []).append(f"{key} = {value}")
    lines = [f"[{section}]\n" + "\n".join(keys) for section, keys in sections.items()]
    (tmp_path / "config" / "warraq.toml").write_text("\n".join(lines))
    plain = [f"{key} = {value}" for key, value in SITE.items() if "[0]" not in key]
    (tmp_path / "seeds" / "paper.toml").write_text("\n".join([*plain, '[[rules]]\nbody = "p >"\nboddy = "p"\n']))
    (tmp_path / "seeds" / "deep.toml").write_text("a = " + "[" * 4000 + "]" * 4000)


def test_every_mistake_is_told_at_once_with_file_and_key(warraq, tmp_path):
    write(tmp_path)
    ran = warraq("config", "check")
    told = ran.err.splitlines()
    expected = {f"config/warraq.toml: {key}: " for key in SETTINGS} | {f"seeds/paper.toml: {key}: " for key in SITE}
    expected.add("seeds/deep.toml: nested too deeply")
    missed = {start for start in expected if not any(line.startswith(start) for line in told)}
    assert missed == set()
    assert told[-1] == f"{len(expected)} mistakes"
    assert len(told) == len(expected) + 1, ran.err
    assert (ran.code, ran.out) == (2, "")


@pytest.mark.parametrize("command", [("crawl", "paper"), ("daemon",), ("replay",), ("status",), ("config", "show")])
def test_no_other_command_starts_on_wrong_settings(warraq, tmp_path, command):
    write(tmp_path)
    ran = warraq(*command)
    assert ran.code == 2
    assert "fetch.concurrency_per_host" in ran.err
    assert "Traceback" not in ran.err
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('spider = "pathlib.Path"', "spider: pathlib.Path is not a spider"),
        ('spider = "spiders.news.NoSpider"', "spider: spiders.news.NoSpider cannot be loaded"),
        ('schedule = { cron = "0 0 30 2 *" }', "schedule.cron: Bad day-of-month"),
        ('schedule = { cron = "every hour" }', "schedule.cron: expected five fields"),
        ("delay_s = 500.0", "delay_s: expected no more than fetch.max_delay_s, 120"),
        ('rules = [{ remove = [".ad", "div:has("] }]', "rules[0].remove: not a CSS selector: 'div:has('"),
    ],
)
@pytest.mark.parametrize("command", [("config", "check"), ("daemon",), ("crawl", "a")])
def test_what_a_run_would_trip_over_is_told_before_anything_starts(warraq, tmp_path, line, said, command):
    (tmp_path / "seeds" / "a.toml").write_text(GOOD + line + "\n")
    ran = warraq(*command)
    assert ran.code == 2
    assert f"seeds/a.toml: {said}" in ran.err


def test_what_is_right_is_said_to_be(warraq, tmp_path):
    (tmp_path / "seeds" / "a.toml").write_text(GOOD)
    ran = warraq("config", "check")
    assert (ran.code, ran.out, ran.err) == (0, "config: settings and 1 site are right\n", "")


def test_a_file_that_nobody_reads_is_noted(warraq, tmp_path):
    (tmp_path / "seeds" / "a.toml").write_text(GOOD)
    (tmp_path / "config" / "settings.toml").write_text("[fetch]\n")
    ran = warraq("config", "check")
    assert (ran.code, ran.err) == (
        0,
        "note: config/settings.toml is not read; settings of yours belong into warraq.toml\n",
    )


def test_secrets_of_the_environment_are_checked_too(warraq, tmp_path, monkeypatch):
    (tmp_path / "seeds" / "a.toml").write_text(GOOD)
    monkeypatch.setenv("WARRAQ_PAGE_TOKEN", "short")
    monkeypatch.setenv("WARRAQ_ALARM_WEBHOOK", "hooks.example/s3cret")
    ran = warraq("config", "check")
    assert ran.code == 2
    assert "WARRAQ_PAGE_TOKEN: can be guessed" in ran.err
    assert "WARRAQ_ALARM_WEBHOOK: expected an http(s) URL" in ran.err
    assert "s3cret" not in ran.err


def test_a_folder_that_is_a_file_is_told(warraq, tmp_path):
    (tmp_path / "seeds" / "a.toml").write_text(GOOD)
    (tmp_path / "data").write_text("")
    ran = warraq("config", "check")
    assert ran.err.splitlines()[0] == "settings: storage.url: expected a folder; data is a file"


def test_secrets_in_addresses_are_shown_nowhere(warraq, tmp_path) -> None:
    (tmp_path / "config" / "warraq.toml").write_text(
        '[fetch]\nproxy = "http://me:secret-a@proxy.example:3128"\n[storage]\nurl = "s3://bucket/x"\n'
        'endpoint_url = "http://me:secret-b@store.example"\n'
        '[alarms]\nwebhook = "https://hooks.example/T0/secret-c"\nheartbeat_url = "https://beat.example/secret-d"\n'
    )
    shown = warraq("config", "show")
    checked = warraq("config", "check")
    assert "proxy.example" in shown.out
    assert "https://hooks.example/***" in shown.out
    assert "secret-" not in shown.out + shown.err + checked.out + checked.err


def test_mistakes_in_secret_addresses_are_told_without_them(warraq, tmp_path) -> None:
    (tmp_path / "config" / "warraq.toml").write_text(
        '[fetch]\nproxy = "https://me:secret-a@proxy.example"\n[storage]\nendpoint_url = "ftp://me:secret-b@store.example"\n'
        '[alarms]\nwebhook = "htps://hooks.example/T0/secret-c"\nheartbeat_url = "beat.example/secret-d"\n'
    )
    checked = warraq("config", "check")
    assert checked.code == 2
    assert "secret-" not in checked.out + checked.err
    assert "secret-" not in warraq("sites").err


def test_settings_of_ones_own_count_without_sites_of_ones_own(warraq, tmp_path):
    (tmp_path / "seeds").rmdir()
    (tmp_path / "config" / "warraq.toml").write_text("[fetch]\nretries = 7\n")
    assert json.loads(warraq("config", "show").out)["fetch"]["retries"] == 7
