"""Settings and sites: what is read, and how every mistake is named at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler.config import interval_s, load, load_sites, shipped
from crawler.errors import ConfigError

SITE = (
    'title = "A"\ncountry = "gb"\nlanguages = ["en"]\nhome = "https://a.example/"\nfeeds = ["https://a.example/rss"]\n'
)


def mistakes(folder: Path) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_sites(folder)
    return [f"{problem.key}: {problem.message}" for problem in caught.value.problems]


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


def test_a_site_is_named_after_its_file(tmp_path):
    (tmp_path / "gb").mkdir()
    (tmp_path / "gb" / "the-paper.toml").write_text(SITE)
    (site,) = load_sites(tmp_path).values()
    assert (site.name, site.schedule.every, site.furniture) == ("the-paper", "1h", "drop")


def test_every_mistake_in_every_site_is_reported(tmp_path):
    (tmp_path / "a.toml").write_text(SITE + 'feed = ["x"]\nschedule = { every = "often" }\n')
    (tmp_path / "b.toml").write_text(SITE.replace("https://a.example/rss", "a.example/rss") + 'include = ["("]\n')
    (tmp_path / "C.toml").write_text(SITE)
    said = "\n".join(mistakes(tmp_path))
    assert "feed: unknown key; did you mean feeds?" in said
    assert "feeds: expected an http(s) URL; found 'a.example/rss'" in said
    assert "include: not a regular expression" in said
    assert "lower-case letters, digits and hyphens" in said


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('schedule = { every = "often" }', "schedule.every: expected a number and a unit"),
        ('schedule = { every = "1h", cron = "0 * * * *" }', "schedule: expected exactly one of every and cron"),
        ('name = "other"', "name: unknown key"),
        ("delay_s = -1.0", "delay_s: expected seconds, not negative"),
        ('furniture = "some"', "furniture: Invalid enum value"),
    ],
)
def test_what_types_cannot_say_is_checked_too(tmp_path, line, said):
    (tmp_path / "a.toml").write_text(SITE + line + "\n")
    assert said in "\n".join(mistakes(tmp_path))


def test_a_site_without_any_channel_is_a_mistake(tmp_path):
    (tmp_path / "a.toml").write_text(SITE.replace("feeds", "hosts").replace("https://a.example/rss", "b.example"))
    assert "needs at least one of" in mistakes(tmp_path)[0]


def test_two_sites_of_one_name_are_a_mistake(tmp_path):
    for folder in ("x", "y"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.toml").write_text(SITE)
    assert "second site named a" in mistakes(tmp_path)[0]


def test_a_hundred_real_sites_are_shipped_and_none_claims_to_be_verified():
    sites = load_sites()
    assert len(sites) >= 100
    assert not any(site.verified for site in sites.values())
    assert shipped("seeds").is_dir()


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("15m", 900), ("6h", 21600), ("1d", 86400), ("2w", 1209600)]
)
def test_intervals(text, seconds):
    assert interval_s(text) == seconds


@pytest.mark.parametrize("text", ["", "m", "0m", "1.5h", "-1h", "1y", "15"])
def test_what_is_no_interval_is_refused(text):
    with pytest.raises(ValueError, match="number and a unit"):
        interval_s(text)
