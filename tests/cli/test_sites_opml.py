"""``warraq sites import`` and ``export``: OPML in and out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crawler.config import load_sites, shipped, write_new

LIST = """<?xml version="1.0" encoding="ISO-8859-1"?>
<!DOCTYPE opml [<!ENTITY x "y">]>
<opml version="1.0"><head><title>Mine &amp; yours</title></head><body>
<outline text="Europe"><outline text="fr">
  <outline text="Le Monde &mdash; Une" type="rss" xmlUrl="https://www.lemonde.fr/rss/une.xml"
    htmlUrl="https://www.lemonde.fr/" language="fr"/>
  <outline text="Sport | Le Monde" type="rss" XMLURL="https://www.lemonde.fr/rss/sport.xml" htmlUrl="http://www.lemonde.fr/sport"/>
  <outline text="again" xmlUrl="https://www.lemonde.fr/rss/une.xml" htmlUrl="https://www.lemonde.fr/"/>
</outline></outline>
<outline text="BBC & more" xmlUrl="feed://feeds.bbci.co.uk/news/rss.xml"/>
<outline text="Caf\xe9" xmlUrl="https://caf\xe9.example/feed" language="xx-nonsense"/>
<outline text="Burner" xmlUrl="https://feeds.feedburner.com/Whose"/>
<outline text="Broken" xmlUrl="ht!tp://"/>
<outline text="A link" type="link" url="https://x.example/"/>
<outline text="Known" xmlUrl="https://known.example/feed"/>
<outline text="Known host" xmlUrl="https://known.example/other"/>
</body></opml>"""


def declared(folder: Path) -> None:
    write_new(
        folder / "seeds" / "known.toml",
        (
            'title = "K"\ncountry = "gb"\nlanguages = ["en"]\nhome = "https://known.example/"\nfeeds = '
            '["https://known.example/feed"]\n'
        ),
    )


def test_a_list_of_others_becomes_sites_one_for_each_host(warraq, tmp_path: Path):
    declared(tmp_path)
    (tmp_path / "mine.opml").write_bytes(LIST.encode("latin-1"))
    ran = warraq("sites", "import", "mine.opml")
    assert ran.code == 3, ran.err
    sites = load_sites(tmp_path / "seeds")
    paper = sites["lemonde"]
    assert paper.feeds == ("https://www.lemonde.fr/rss/une.xml", "https://www.lemonde.fr/rss/sport.xml")
    assert (paper.title, paper.country, paper.languages, paper.home) == (
        "Le Monde",
        "fr",
        ("fr",),
        "https://www.lemonde.fr/",
    )
    assert (tmp_path / "seeds" / "fr" / "lemonde.toml").is_file()
    bbc = sites["bbci"]
    assert (bbc.home, bbc.country, bbc.feeds) == ("http://bbci.co.uk/", "gb", ("http://feeds.bbci.co.uk/news/rss.xml",))
    assert (bbc.title, bbc.languages) == ("BBC & more", ("und",))
    assert next(site.title for site in sites.values() if "xn--caf" in site.home) == "Café"
    assert "it does not say whose it is" in ran.err
    assert "declared already, by known" in ran.err
    assert "its host is declared already, as known" in ran.err
    assert "ht!tp://: it is no address" in ran.err
    assert sites["known"].feeds == ("https://known.example/feed",)
    assert warraq("config", "check").code == 0


def test_a_second_import_finds_nothing_new_and_overwrites_nothing(warraq, tmp_path: Path):
    (tmp_path / "a.opml").write_text(
        '<opml><body><outline text="P" xmlUrl="https://p.example/feed" language="en"/></body></opml>'
    )
    assert warraq("sites", "import", "a.opml").code == 0
    path = tmp_path / "seeds" / "zz" / "p.toml"
    path.write_text(path.read_text() + "# mine\n")
    assert warraq("sites", "import", "a.opml").code == 4
    assert path.read_text().endswith("# mine\n")


def test_what_is_exported_comes_back_as_it_was(warraq, tmp_path: Path):
    extra = (
        'title = "A <b>bold</b> & \\"odd\\" title"\ncountry = "de"\nlanguages = ["de", "en"]\nhome = '
        '"https://odd.example/x?a=1&b=2"\n'
        'hosts = ["cdn.example"]\nfeeds = ["https://odd.example/feed?a=1&b=2"]\nnews_sitemaps = '
        '["https://odd.example/n.xml"]\n'
        'sitemaps = ["https://odd.example/s.xml"]\nsections = ["https://odd.example/s"]\ninclude = '
        '["/\\\\d+<"]\ndelay_s = 3.5\n'
        'schedule = { cron = "5 6 * * *", timezone = "Europe/Berlin" }\nverified = { at = 2026-11-30, how = "seen" '
        "}\nenabled = false\n"
        '[[rules]]\nvalid_from = 2020-01-01\nbody = "div > p"\nremove = ["x"]\n'
    )
    write_new(tmp_path / "seeds" / "odd.toml", extra)
    for path in list(shipped("seeds").rglob("*.toml"))[::7]:
        write_new(tmp_path / "seeds" / path.name, path.read_text())
    before = load_sites(tmp_path / "seeds")
    assert warraq("sites", "export", "--out", "all.opml").code == 0
    (tmp_path / "seeds").rename(tmp_path / "old")
    (tmp_path / "seeds").mkdir()
    ran = warraq("sites", "import", "all.opml")
    assert ran.code == 0, ran.err
    assert load_sites(tmp_path / "seeds") == before


def test_what_would_run_code_or_give_secrets_away_stays_here_both_ways(warraq, tmp_path: Path):
    secret = 'headers = { X-Key = "s3cret" }\nallow_private = true\nspider = "spiders.news.NewsSpider"\n'
    declared(tmp_path)
    path = tmp_path / "seeds" / "known.toml"
    path.write_text(path.read_text() + secret)
    ran = warraq("sites", "export")
    assert (ran.code, "s3cret" in ran.out, "known: what would run code" in ran.err) == (0, False, True)
    forged = ran.out.replace("{", "{&quot;allow_private&quot;:true,&quot;spider&quot;:&quot;os.system&quot;,", 1)
    (tmp_path / "forged.opml").write_text(forged)
    path.unlink()
    assert warraq("sites", "import", "forged.opml").code == 0
    site = load_sites(tmp_path / "seeds")["known"]
    assert (site.allow_private, site.spider, site.headers) == (False, "spiders.news.NewsSpider", {})


@pytest.mark.parametrize(
    ("body", "code", "said"),
    [
        ("", 2, "is no OPML: it is empty"),
        ("<rss><channel/></rss>", 2, "its root element is rss"),
        ("hello", 2, "it is no XML"),
        ("<opml><body/></opml>", 1, "there is no feed in it"),
        ("<opml><body><outline xmlUrl='https://a.example/f' text='A'/><outline xmlUrl='https://b.exa", 3, "cut off"),
        (
            "<opml><body>" + "<outline text='x'>" * 150 + "<outline xmlUrl='https://a.example/f' text='A'/>",
            3,
            "cut off",
        ),
    ],
)
def test_a_list_that_is_none_or_broken_is_told(warraq, tmp_path: Path, body: str, code: int, said: str):
    (tmp_path / "x.opml").write_text(body)
    ran = warraq("sites", "import", "x.opml")
    assert ran.code == code, ran.err
    assert said in ran.err


def test_a_missing_file_is_told(warraq):
    ran = warraq("sites", "import", "missing.opml")
    assert (ran.code, "missing.opml: No such file" in ran.err) == (2, True)


def test_a_trial_writes_nothing(warraq, tmp_path: Path):
    (tmp_path / "a.opml").write_text('<opml><body><outline xmlUrl="https://p.example/feed"/></body></opml>')
    ran = warraq("sites", "import", "a.opml", "--dry-run", "--json")
    assert (ran.code, json.loads(ran.out)["site"]["name"]) == (0, "p")
    assert list((tmp_path / "seeds").iterdir()) == []
