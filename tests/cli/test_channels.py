"""``warraq sites NAME``: how each channel has been doing."""

from __future__ import annotations

import json

from tests.web import page, rss


def test_each_channel_is_told_with_its_last_success_status_and_yield(warraq, web, seed):
    seed("paper", web, feeds=["/feed", "/gone"], sections=["/later"])
    web.pages["/feed"] = rss(web.base, ["/news/one", "/news/two"])
    web.pages["/news/one"] = page("One")
    web.pages["/later"] = page("Not a list of links at all")
    before = warraq("sites", "paper")
    assert (before.code, before.out.count("not yet asked for"), before.out.count("never")) == (0, 3, 3)
    warraq("crawl", "paper")
    told = {line["url"]: line for line in map(json.loads, warraq("sites", "paper", "--json").out.splitlines())}
    feed = told[f"{web.base}/feed"]
    assert (feed["kind"], feed["outcome"], feed["announced"], feed["articles"]) == ("feed", "captured", 2, 1)
    assert feed["read_at"] is not None
    gone = told[f"{web.base}/gone"]
    assert (gone["read_at"], gone["outcome"], gone["reason"], gone["announced"]) == (None, "failed", "http_404", 0)
    out = warraq("sites", "paper").out
    assert "never" in out
    assert "http_404: it is not there" in out


def test_a_name_that_is_none_is_told(warraq, web, seed):
    seed("the-paper", web, feeds=["/feed"])
    ran = warraq("sites", "the-papr")
    assert (ran.code, ran.out) == (1, "")
    assert "did you mean the-paper?" in ran.err
