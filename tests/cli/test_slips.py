"""Slips of somebody who begins: each is named with the file or the word, and with how it is written."""

from __future__ import annotations

import pytest

SETTINGS = [
    ("[fetch]\ncontact = me@library.example\n", 'texts stand in "quotes", true and false in lower case'),
    ("[fetch]\nallow_private = True\n", 'texts stand in "quotes", true and false in lower case'),
    ("[fetch]\ncontact = “me@library.example”\n", 'texts stand in "quotes"'),
    ("fetch:\n  delay_s: 1\n", "a line is KEY = VALUE"),
    ('{"fetch": {}}', "a line is KEY = VALUE, or [TABLE]"),
    ("[fetch]\ndelay_s = 1,5\n", "decimals have a point"),
    ("[fetch]\nretries = 1 delay_s = 1.0\n", "one key stands in a line"),
    ("[fetch]\nretries = 1\n[fetch]\ndelay_s = 1.0\n", "may stand once"),
    ('[storage]\nurl = "D:\\data"\n', "in 'single quotes'"),
    ('[storage]\nurl = "C:\\x"\n', "in 'single quotes'"),
    ('[spool]\noperator = "us\n', "a text ends on its line"),
    ("[fetch]\nretries = 1\n".encode("utf-16"), "save it as UTF-8"),
    (b'[spool]\noperator = "Biblioth\xe8que"\n', "not UTF-8, from byte 28 on; save it as UTF-8"),
    ('contact = "me@library.example"\n', "contact: unknown key; did you mean fetch.contact?"),
    ('[fetch]\nurl = "file:x"\n', "fetch.url: unknown key; did you mean storage.url?"),
    (
        '[fetch]\ndelay_s = "2s"\n',
        "fetch.delay_s: Expected `float`, got `str`; found '2s'; write a number, without quotes",
    ),
    ('[spool]\nmin_free_bytes = "10GB"\n', "found '10GB'; write a whole number, without quotes"),
    ("[crawl]\nmax_pages = 10.5\n", "found 10.5; write a whole number"),
    ('[fetch]\nallow_private = "yes"\n', "found 'yes'; write true or false, without quotes"),
    ('[fetch]\ncontact = ["a@b.example"]\n', "fetch.contact: Expected `str`, got `array`; write it in quotes"),
    ('[alarms]\nemail_to = "a@b.example"\n', 'found \'a@b.example\'; write a list, as in ["one", "two"]'),
    ('[fetch]\nrobots = "Obey"\n', "expected obey or ignore"),
    ('[storage]\nurl = "file:~/news"\n', "storage.url: ~ and variables are the shell's: write the folder out"),
    ('[storage]\nurl = "file:$HOME/news"\n', "storage.url: ~ and variables are the shell's"),
    ('[storage]\nurl = "s3://MyArchive"\n', "storage.url: S3 has no bucket 'MyArchive': names are in small letters"),
    ('[storage]\nurl = "s3://192.168.5.4/news"\n', "storage.url: S3 has no bucket '192.168.5.4': a name is no IP"),
    ('[state]\ndir = "~/state"\n', "state.dir: ~ and variables are the shell's"),
    ('[state]\ndir = "%APPDATA%/state"\n', "state.dir: ~ and variables are the shell's"),
]
SITE = [
    ('[rules]\nbody = "p"\n', "rules: Expected `array`, got `object`; write [[rules]]"),
    ('rules = ["p"]\n', "rules: Expected `object`, got `str`"),
    (
        'feeds = "https://a.example/rss"\n',
        "feeds: Expected `array`, got `str`; found 'https://a.example/rss'; write a list",
    ),
    (
        'cookies = "a=b"\n',
        "cookies: Expected `object`, got `str`; found 'a=b'; write a table, as in { name = \"value\" }",
    ),
    ('furniture = "Keep"\n', "furniture: Invalid enum value 'Keep'; expected keep or drop"),
    ('[[rules]]\nbody = "p"\nvalid_until = "01.02.2026"\n', "found '01.02.2026'; write a day, as in 2026-02-01"),
    ('every = "1h"\n', "every: unknown key; did you mean schedule.every?"),
    (
        '[schedule]\nevery = "1h"\ndelay_s = 1.0\n',
        "schedule.delay_s: unknown key; delay_s stands above the first [table]",
    ),
    ('[[rules]]\nbody = "p"\nfeeds = ["x"]\n', "rules[0].feeds: unknown key; feeds stands above the first [table]"),
    (
        "schedule = { every = 3600 }\n",
        "schedule.every: Expected `str | null`, got `int`; found 3600; write it in quotes",
    ),
    (
        "schedule = { adaptive = true, min = 5 }\n",
        "schedule.min: Expected `str`, got `int`; found 5; write it in quotes",
    ),
    ('headers = ["X-Key: 1"]\n', "headers: Expected `object`, got `array`; write a table"),
]
GOOD = 'title = "A"\ncountry = "gb"\nlanguages = ["en"]\nhome = "https://a.example/"\n'
_FEED = 'feeds = ["https://a.example/rss"]\n'
_EMPTY = "file:data holds no WARC file"


@pytest.mark.parametrize(("text", "said"), SETTINGS)
def test_a_slip_in_the_settings_is_told_with_how_it_is_written(warraq, tmp_path, text, said):
    content = text if isinstance(text, bytes) else text.encode()
    (tmp_path / "config" / "warraq.toml").write_bytes(content)
    (tmp_path / "seeds" / "a.toml").write_text(GOOD + _FEED)
    ran = warraq("config", "check")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("config/warraq.toml: ")
    assert said in ran.err
    assert ran.err.endswith("\n1 mistake\n")


@pytest.mark.parametrize(("text", "said"), SITE)
def test_a_slip_in_a_declaration_is_told_once_with_how_it_is_written(warraq, tmp_path, text, said):
    feed = "" if text.startswith("feeds") else _FEED
    (tmp_path / "seeds" / "a.toml").write_text(GOOD + feed + text)
    ran = warraq("config", "check")
    assert (ran.code, ran.out) == (2, "")
    assert f"seeds/a.toml: {said}" in ran.err or said in ran.err
    assert ran.err.endswith("\n1 mistake\n")


@pytest.mark.parametrize("name", ["b.tml", "b.toml.txt", "b.TOML", "b.yaml", "b.json"])
def test_a_declaration_that_is_not_read_is_noted(warraq, tmp_path, name):
    (tmp_path / "seeds" / "a.toml").write_text(GOOD + _FEED)
    for other in (name, ".a.toml.swp", "a.toml~", "README.md"):
        (tmp_path / "seeds" / other).write_text(GOOD)
    ran = warraq("config", "check")
    assert (ran.code, ran.err) == (0, f"note: seeds/{name} is not read; the file of a site ends in .toml\n")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("crawl", "urls.txt"), 2, "urls.txt is a file, and no target; `-i urls.txt` reads targets from it"),
        (("crawl", "a", "--since", "2900-01-01"), 2, "--since is still to come"),
        (("articles", "0123456789abcdef"), 2, "`warraq articles show 0123456789abcdef` shows one"),
        (("articles", "https://a.example/x"), 2, "`warraq articles show https://a.example/x` shows one"),
        (("manifest",), 2, _EMPTY),
        (("replay", "urls.txt", "--out", "out"), 1, "damaged: urls.txt: at byte 0: neither a WARC nor an ARC record"),
        (("replay", "empty.warc.gz", "--out", "out"), 1, "damaged: empty.warc.gz: at byte 0: the file holds no record"),
    ],
)
def test_a_slip_in_a_command_is_told_with_what_to_write(warraq, tmp_path, words, code, said):
    (tmp_path / "seeds" / "a.toml").write_text(GOOD + _FEED)
    (tmp_path / "urls.txt").write_text("https://a.example/x\n")
    (tmp_path / "empty.warc.gz").touch()
    ran = warraq(*words)
    assert ran.code == code
    assert said in ran.err
    assert "Traceback" not in ran.err
