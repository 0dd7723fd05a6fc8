"""Settings: what is read, and how every mistake is named at once."""

from __future__ import annotations

from pathlib import Path
from typing import get_type_hints

import msgspec
import pytest

from crawler.config import Config, load, read_settings
from crawler.errors import ConfigError


def mistakes(folder: Path, text: str) -> list[str]:
    (folder / "warraq.toml").write_text(text)
    reading = read_settings(folder)
    assert all(problem.file == str(folder / "warraq.toml") for problem in reading.problems)
    return [f"{problem.key}: {problem.message}" for problem in reading.problems]


def test_the_shipped_settings_are_whole_and_manners_are_on():
    config = load()
    assert config.fetch.robots == "obey"
    assert not config.fetch.allow_private
    assert config.storage.url.startswith("file:")


def test_own_settings_win_over_the_shipped_ones_and_the_command_line_over_both(tmp_path):
    (tmp_path / "warraq.toml").write_text('[storage]\nurl = "s3://b/p"\n[fetch]\ndelay_s = 9.0\n')
    config = load(tmp_path, overrides={"storage.url": "file:x"})
    assert (config.storage.url, config.fetch.delay_s, config.fetch.retries) == ("file:x", 9.0, load().fetch.retries)


def test_every_mistake_is_reported_with_file_key_and_what_was_expected(tmp_path):
    path = tmp_path / "warraq.toml"
    path.write_text('[fetch]\ndelay = 1.0\nretries = "two"\n[storage]\naddressing = "diagonal"\n[nonsense]\nx = 1\n')
    with pytest.raises(ConfigError) as caught:
        load(tmp_path)
    said = str(caught.value)
    assert f"{path}: fetch.delay: unknown key; did you mean delay_s?" in said
    assert f"{path}: fetch.retries: Expected `int`, got `str`" in said
    assert f"{path}: storage.addressing: Invalid enum value 'diagonal'" in said
    assert f"{path}: nonsense: unknown key" in said
    assert len(caught.value.problems) == 4


def test_a_missing_folder_and_broken_toml_are_named(tmp_path):
    with pytest.raises(ConfigError, match="no such folder"):
        load(tmp_path / "nowhere")
    (tmp_path / "warraq.toml").write_text("[fetch\n")
    with pytest.raises(ConfigError, match="not valid TOML"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("section", "line", "said"),
    [
        ("fetch", 'user_agent = "{nope}"', "expected a text with {version} and {contact}"),
        ("fetch", 'user_agent = "{"', "expected a text with {version} and {contact}"),
        ("fetch", 'user_agent = "{}"', "expected a text with {version} and {contact}"),
        ("fetch", 'user_agent = "{version.real}"', "expected a text with {version} and {contact}"),
        ("fetch", 'user_agent = "Wärräq"', "expected printable ASCII"),
        ("fetch", 'user_agent = ""', "expected a value"),
        ("fetch", 'contact = "me"', "expected a page (https://...) or an e-mail address"),
        ("fetch", 'contact = ""', "expected a value"),
        ("fetch", "delay_s = -1", "Expected `float` >= 0.0; found -1"),
        ("fetch", "delay_s = nan", "Expected `float` >= 0.0; found nan"),
        ("fetch", "body_timeout_s = inf", "Expected `float` <="),
        ("fetch", "body_timeout_s = 0", "Expected `float` > 0.0; found 0"),
        ("fetch", "delay_s = 300.0", "expected no more than fetch.max_delay_s, 120; found 300"),
        ("fetch", "concurrency = 0", "Expected `int` >= 1"),
        ("fetch", "concurrency_per_host = 0", "Expected `int` >= 1"),
        ("fetch", "retries = true", "Expected `int`, got `bool`"),
        ("fetch", "robots_ttl_s = 1e6", "Expected `float` <= 86400.0"),
        ("fetch", 'proxy = "socks5://proxy.example:1080"', "expected an HTTP proxy"),
        ("fetch", 'proxy = "http://proxy.example:99999"', "expected an HTTP proxy"),
        ("crawl", "max_pages = 0", "Expected `int` >= 1"),
        ("crawl", "max_pages = 10_000_000_000_000_000_000", "Expected `int` <="),
        ("daemon", "workers = 0", "Expected `int` >= 1"),
        ("daemon", "runs_per_worker = -3", "Expected `int` >= 1"),
        ("daemon", "history_days = 1e300", "Expected `float` <="),
        ("page", 'listen = "127.0.0.1:99999"', "expected host:port"),
        ("page", 'listen = "8080"', "expected host:port"),
        ("page", 'hosts = ["https://news.example/"]', "expected a host's name alone"),
        ("storage", 'endpoint_url = "s3.example"', "expected an http(s) URL"),
        ("storage", 'endpoint_url = "https://s3.example:70000"', "expected an http(s) URL"),
        ("storage", 'url = ""', "expected a value"),
        ("storage", "url = 5", "Expected `str`, got `int`"),
        ("alarms", 'webhook = "hooks.example/x"', "expected an http(s) URL"),
        ("alarms", 'email_to = ["nobody"]\nsmtp = "mail.example:25"', "expected an e-mail address"),
        ("alarms", 'smtp = "mail.example:25"', "mail needs both smtp and email_to"),
        ("alarms", 'email_to = ["a@x.example"]', "mail needs both smtp and email_to"),
        ("alarms", "failure_share = 30", "Expected `float` <= 1.0"),
        ("alarms", "window_h = 0", "Expected `int` >= 1"),
        ("spool", 'operator = "a\\r\\nb"', "expected no control characters"),
        ("parse", 'furniture = "some"', "Invalid enum value"),
    ],
)
def test_a_value_that_a_later_command_would_trip_over_is_a_mistake(tmp_path, section, line, said):
    (told,) = mistakes(tmp_path, f"[{section}]\n{line}\n")
    assert told.startswith(f"{section}.{line.split(' ')[0]}: ") or "email_to" in line
    assert said in told


@pytest.mark.parametrize("line", ['webhook = "hooks.example/s3cret"', 'heartbeat_url = "ping/s3cret"'])
def test_an_address_that_is_a_secret_is_not_shown(tmp_path, line):
    (told,) = mistakes(tmp_path, f"[alarms]\n{line}\n")
    assert "s3cret" not in told


@pytest.mark.parametrize(
    "line",
    [
        'fetch.proxy = "https://me:s3cret@proxy.example:3128"', 'fetch.proxy = "http://me:s3cret x@proxy.example:3128"',
        'storage.endpoint_url = "https://me:s3cret/x@s3.example"',
        'storage.endpoint_url = "http:/me:s3cret@s3.example"',
        'storage.endpoint_url = "me:s3cret@s3.example"', 'storage.endpoint_url = "http://me:s3cret?x@s3.example"',
        'storage.endpoint_url = "http://me:s3cret x@s3.example"', 'storage.url = "s3://AKIA:s3cret/x@bucket/news"',
        'storage.url = "s3://AKIA:s3cret@bucket/news"', 'storage.url = "AKIA:s3cret@bucket"',
    ],
)  # fmt: skip
def test_a_password_whose_end_is_not_seen_is_a_mistake_and_not_shown(tmp_path, line):
    (told,) = mistakes(tmp_path, line + "\n")
    assert "s3cret" not in told


def test_a_password_in_an_endpoint_s_url_may_hold_what_is_escaped(tmp_path):
    assert mistakes(tmp_path, 'storage.endpoint_url = "https://me:s3%2Fcret@s3.example/path"\n') == []


def test_a_section_that_is_no_table_is_one_mistake(tmp_path):
    assert mistakes(tmp_path, "fetch = 1\n") == ["fetch: expected a table, [fetch]; found 1"]


def test_what_is_wrong_is_replaced_by_what_was_shipped_and_the_rest_is_kept(tmp_path):
    (tmp_path / "warraq.toml").write_text("[fetch]\ndelay_s = -1\nretries = 7\n")
    config = read_settings(tmp_path).config
    assert (config.fetch.delay_s, config.fetch.retries) == (load().fetch.delay_s, 7)


def test_a_mistake_of_the_command_line_is_not_blamed_on_the_file(tmp_path):
    (tmp_path / "warraq.toml").write_text('[storage]\nurl = "file:data"\n')
    (problem,) = read_settings(tmp_path, overrides={"storage.url": ""}).problems
    assert problem.file == "settings"


def test_settings_may_begin_with_a_byte_order_mark(tmp_path):
    (tmp_path / "warraq.toml").write_bytes(b"\xef\xbb\xbf[fetch]\nretries = 7\n")
    assert load(tmp_path).fetch.retries == 7


@pytest.mark.parametrize(
    "contact",
    ["https://library.example/crawl", "crawl@library.example", "mailto:a@b.example", "The Library <a@b.example>"],
)
def test_a_contact_is_a_page_or_an_address_also_among_words(tmp_path, contact):
    assert mistakes(tmp_path, f'[fetch]\ncontact = "{contact}"\n') == []


def test_every_number_has_bounds():
    for section, struct in get_type_hints(Config).items():
        for key, kind in get_type_hints(struct, include_extras=True).items():
            if kind in (int, float):
                pytest.fail(f"{section}.{key} takes any number")
            for meta in getattr(kind, "__metadata__", ()):
                assert isinstance(meta, msgspec.Meta)
                assert meta.le is not None, f"{section}.{key}"
                assert meta.ge is not None or meta.gt is not None, f"{section}.{key}"
