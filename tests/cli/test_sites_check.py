"""``warraq sites check``: every channel asked once; what is wrong is told, kept and, where all is well, written
down."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from tests.web import answer, page, rss

FEED = "application/rss+xml"
DATED = (
    '<rss version="2.0"><channel><title>Paper</title><language>fi</language>'
    "<item><title>One</title><link>{base}/a/one-story</link><pubDate>Mon, 23 Nov 2020 10:00:00 GMT</pubDate></item>"
    "<item><title>Two</title><link>{base}/a/two-story</link><pubDate>Tue, 24 Nov 2020 10:00:00 GMT</pubDate></item>"
    "</channel></rss>"
)


def checked(warraq, *argv: str) -> tuple[int, dict[str, dict[str, object]], str]:
    ran = warraq("sites", "check", "--json", *argv)
    return ran.code, {line["url"]: line for line in map(json.loads, ran.out.splitlines())}, ran.err


def test_each_channel_is_asked_once_and_told(warraq, web, seed):
    seed(
        "paper", web, feeds=["/feed", "/gone", "/moved", "/page", "/empty"], sitemaps=["/map.xml"], sections=["/world"]
    )
    web.pages["/feed"] = web.pages["/new"] = answer(DATED.format(base=web.base), kind=FEED)
    web.pages["/moved"] = answer("", status="301 Moved Permanently", more="Location: /new\r\n")
    web.pages["/page"] = page("A page about our feeds")
    web.pages["/empty"] = rss(web.base, [])
    web.pages["/map.xml"] = answer(
        f"<sitemapindex><sitemap><loc>{web.base}/1.xml</loc><lastmod>2020-11-20</lastmod></sitemap></sitemapindex>"
    )
    web.pages["/world"] = answer(
        "".join(f'<h2><a href="/a/a-story-of-some-length-{n}">A story that goes on and on</a></h2>' for n in "ab")
    )
    code, told, err = checked(warraq, "paper")
    assert code == 3
    feed = told[f"{web.base}/feed"]
    assert (feed["works"], feed["status"], feed["kind"], feed["items"]) == (True, 200, "RSS", 2)
    assert (feed["newest_at"], feed["language"], feed["title"]) == ("2020-11-24T10:00:00+00:00", "fi", "Paper")
    assert told[f"{web.base}/moved"]["redirected_to"] == f"{web.base}/new"
    assert f"it leads to {web.base}/new" in err
    assert (told[f"{web.base}/gone"]["works"], told[f"{web.base}/gone"]["reason"]) == (False, "http_404")
    assert told[f"{web.base}/page"]["reason"] == "page_instead"
    assert "a web page came in place of the feed" in err
    assert (told[f"{web.base}/empty"]["works"], told[f"{web.base}/empty"]["reason"]) == (True, "empty")
    index = told[f"{web.base}/map.xml"]
    assert (index["kind"], index["items"], index["newest_at"]) == ("sitemap index", 1, "2020-11-20")
    assert (told[f"{web.base}/world"]["kind"], told[f"{web.base}/world"]["items"]) == ("section page", 2)
    assert sorted(web.requests) == sorted(
        [
            "GET /robots.txt",
            "GET /feed",
            "GET /gone",
            "GET /moved",
            "GET /new",
            "GET /page",
            "GET /empty",
            "GET /map.xml",
            "GET /world",
        ]
    )


def test_a_check_keeps_robots_txt_and_tells_of_it(warraq, web, seed):
    seed("paper", web, feeds=["/feed"])
    web.pages["/robots.txt"] = answer("User-agent: *\nDisallow: /feed\n", kind="text/plain")
    code, told, err = checked(warraq, "paper")
    assert (code, told[f"{web.base}/feed"]["reason"], web.requests) == (1, "robots", ["GET /robots.txt"])
    assert "robots.txt forbids it" in err


@pytest.mark.parametrize(
    ("title", "reason"),
    [("Just a moment...", "bot_wall"), ("Before you continue", "consent"), ("404 Not Found", "soft404")],
)
def test_what_stands_in_place_of_a_feed_is_named(warraq, web, seed, title, reason):
    seed("paper", web, feeds=["/feed"])
    web.pages["/feed"] = answer(f"<html><head><title>{title}</title></head><body><p>x</p></body></html>")
    code, told, _ = checked(warraq, "paper")
    assert (code, told[f"{web.base}/feed"]["reason"]) == (1, reason)


def test_a_check_loses_no_news_to_the_next_crawl(warraq, web, seed):
    """It announces nothing, so it must not make the next crawl's request conditional either."""
    seed("paper", web, feeds=["/feed"])
    web.pages["/feed"] = rss(web.base, ["/a/one-story"], more='ETag: "1"\r\n')
    web.pages["/a/one-story"] = page("One")
    assert checked(warraq, "paper")[0] == 0
    assert "GET /a/one-story" not in web.requests
    assert warraq("crawl", "paper").code == 0
    assert "GET /a/one-story" in web.requests


def test_the_last_check_is_shown_with_the_sites(warraq, web, seed):
    seed("paper", web, feeds=["/feed", "/gone"])
    web.pages["/feed"] = rss(web.base, ["/a/one-story"])
    assert "never" in warraq("sites").out
    checked(warraq, "paper")
    assert "1 of 2 work" in warraq("sites").out
    told = {line["url"]: line for line in map(json.loads, warraq("sites", "paper", "--json").out.splitlines())}
    assert (told[f"{web.base}/feed"]["found"], told[f"{web.base}/feed"]["items"]) == ("RSS", 1)
    (site,) = map(json.loads, warraq("sites", "--json").out.splitlines())
    assert {one["url"]: one["works"] for one in site["checked"]} == {
        f"{web.base}/feed": True,
        f"{web.base}/gone": False,
    }


def test_verified_is_written_into_the_file_and_nothing_else_of_it_changes(warraq, web, seed, tmp_path: Path):
    seed("paper", web, feeds=["/feed"])
    seed("other", web, feeds=["/gone"])
    path = tmp_path / "seeds" / "paper.toml"
    before = "# The paper.\n" + path.read_text().replace("delay_s", "verified = false   # not yet\ndelay_s")
    path.write_text(before)
    other = (tmp_path / "seeds" / "other.toml").read_text()
    web.pages["/feed"] = rss(web.base, ["/a/one-story"])
    ran = warraq("sites", "check", "--write")
    assert ran.code == 3
    after = path.read_text()
    verified = tomllib.loads(after)["verified"]
    assert "sites check" in verified["how"]
    line = next(line for line in after.splitlines() if line.startswith("verified"))
    assert line.endswith("}   # not yet")
    assert after.replace(line, "verified = false   # not yet") == before
    assert (tmp_path / "seeds" / "other.toml").read_text() == other
    assert "not all of its channels work" in ran.err
    assert warraq("config", "check").code == 0
    assert f"{verified['at']}" in warraq("sites").out


def test_a_wrong_name_or_country_is_told_before_anything_is_asked(warraq, web, seed):
    seed("paper", web, feeds=["/feed"])
    ran = warraq("sites", "check", "papr")
    assert (ran.code, "did you mean paper?" in ran.err) == (2, True)
    assert warraq("sites", "check", "--country", "zz").code == 2
    assert web.requests == []


def test_a_channel_that_lists_nothing_new_is_told_and_its_site_not_verified(warraq, web, seed, tmp_path: Path):
    seed("paper", web, feeds=["/feed"])
    web.pages["/feed"] = answer(DATED.format(base=web.base), kind=FEED)
    ran = warraq("sites", "check", "--write")
    assert ran.code == 0
    assert "nothing new since 2020-11-24" in ran.err
    assert "verified" not in (tmp_path / "seeds" / "paper.toml").read_text()


def test_sites_are_listed_though_the_state_cannot_be_read(warraq, web, seed, tmp_path: Path):
    seed("paper", web, feeds=["/feed"])
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "warraq.db").write_text("no database at all, but a text that somebody put here\n" * 40)
    ran = warraq("sites")
    assert (ran.code, "paper" in ran.out) == (0, True), ran.err
    assert "the last checks cannot be told" in ran.err
