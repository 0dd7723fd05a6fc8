"""Declarations of sites: what is read, and how every mistake is named at once."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from crawler.config import load_sites, read_sites, shipped, site_files
from crawler.errors import ConfigError
from crawler.model.site import ParserRules, Schedule, Site

SITE = (
    'title = "A"\ncountry = "gb"\nlanguages = ["en"]\nhome = "https://a.example/"\nfeeds = ["https://a.example/rss"]\n'
)


def mistakes(folder: Path) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_sites(folder)
    return [f"{problem.key}: {problem.message}" for problem in caught.value.problems]


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
        ("delay_s = -1.0", "delay_s: Expected `float` >= 0.0"),
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
    ("line", "said"),
    [
        ('hosts = ["https://b.example/"]', "hosts: expected a host's name alone"),
        ('hosts = ["*.b.example"]', "hosts: subdomains are in scope by themselves: write b.example"),
        ('hosts = ["b example"]', "hosts: expected a host's name"),
        ('sections = ["/news"]', "sections: expected an http(s) URL"),
        ('sitemaps = ["https://a.example:99999/map"]', "sitemaps: expected an http(s) URL"),
        ('news_sitemaps = [""]', "news_sitemaps: expected an http(s) URL"),
        ('sitemaps = ["https://a..example/map"]', "sitemaps: expected an http(s) URL"),
        ('exclude = ["*"]', "exclude: not a regular expression"),
        ('include = [""]', "include: an empty pattern"),
        ("delay_s = nan", "delay_s: Expected `float` >= 0.0"),
        ("max_pages = 0", "max_pages: Expected `int` >= 1"),
        ("max_pages = -5", "max_pages: Expected `int` >= 1"),
        ('schedule = { cron = "5 6 * * *", timezone = "Europe/Nowhere" }', "schedule.timezone: no such time zone"),
        ('schedule = { every = "0m" }', "schedule.every: expected a number and a unit"),
        ('schedule = { every = "900d" }', "schedule.every: expected a year at most"),
        ('schedule = { evry = "1h" }', "schedule.evry: unknown key; did you mean every?"),
        ('schedule = "1h"', "schedule: expected a table"),
        ('spider = "NewsSpider"', "spider: expected a class by its dotted name"),
        ('rules = [{ boddy = "p" }]', "rules[0].boddy: unknown key; did you mean body?"),
        ("rules = [{ body = 5 }]", "rules[0].body: Expected"),
        (
            "rules = [{}, { valid_from = 2024-01-02, valid_until = 2023-01-02 }]",
            "rules[1].valid_until: expected no earlier day than valid_from",
        ),
        ("enabled = 1", "enabled: Expected `bool`, got `int`"),
    ],
)
def test_a_value_that_a_run_would_trip_over_is_a_mistake(tmp_path, line, said):
    (tmp_path / "a.toml").write_text(SITE + line + "\n")
    (told,) = mistakes(tmp_path)
    assert said in told


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ('"gb"', '"uk"', "country: no such country code (ISO 3166, two letters); found 'uk'; did you mean gb?"),
        ('["en"]', '["english"]', "languages: no such language code"),
        ('["en"]', "[]", "languages: expected one language at least"),
        ('title = "A"', 'title = " "', "title: expected the publisher's name"),
        ('https://a.example/"', 'a.example"', "home: expected an http(s) URL"),
    ],
)
def test_what_every_site_must_say_is_checked(tmp_path, was, now, said):
    (tmp_path / "a.toml").write_text(SITE.replace(was, now))
    (told,) = mistakes(tmp_path)
    assert said in told


def test_a_declaration_lacks_what_is_wrong_in_it_and_keeps_the_rest(tmp_path):
    (tmp_path / "a.toml").write_text(SITE + 'delay_s = -1\nrules = [{ body = "p", boddy = "q" }]\n')
    sites, problems = read_sites(tmp_path)
    assert (sites["a"].delay_s, sites["a"].rules[0].body, sites["a"].home) == (None, "p", "https://a.example/")
    assert [problem.key for problem in problems] == ["delay_s", "rules[0].boddy"]


def test_the_file_of_each_site_is_known(tmp_path):
    (tmp_path / "gb").mkdir()
    (tmp_path / "gb" / "the-paper.toml").write_text(SITE)
    assert site_files(tmp_path) == {"the-paper": tmp_path / "gb" / "the-paper.toml"}


_ODD = ("1", "-1.5", "nan", "true", '""', '"x"', "[]", "[1]", '["x"]', "[[]]", "[{}]", "{}", "{ a = 1 }", "2026-02-01")


def test_whatever_stands_in_a_declaration_it_is_read_and_what_is_wrong_told(tmp_path):
    keys = [field.name for field in msgspec.structs.fields(Site) if field.name != "name"]
    lines = [f"{key} = {value}" for key in (*keys, "unknown") for value in _ODD]
    for table, kind in (("schedule", Schedule), ("rules", ParserRules)):
        begin = f"[[{table}]]" if table == "rules" else f"[{table}]"
        lines += [f"{begin}\n{field.name} = {value}" for field in msgspec.structs.fields(kind) for value in _ODD]
    for number, line in enumerate(lines):
        (tmp_path / f"s{number}.toml").write_text(line + "\n")
    sites, problems = read_sites(tmp_path)
    assert len(sites) == len(lines)
    assert {Path(problem.file).stem for problem in problems} == set(sites)
