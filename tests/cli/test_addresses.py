"""Odd addresses, as a crawl meets them: what a server would read is what robots.txt, scope and ledger see."""

from __future__ import annotations

import socket

import pytest

from tests.web import Web, answer, page, rss


@pytest.mark.parametrize(
    "way", ["/open/../private/a", "/open/%2e%2E/private/a", "/open/./..\\private/a", "/x/y/../../private/a"]
)
def test_no_spelling_of_a_path_walks_round_robots_txt(warraq, web, way: str) -> None:
    web.pages["/robots.txt"] = answer("User-agent: *\nDisallow: /private/\n", kind="text/plain")
    web.pages["/feed"] = rss(web.base, [way, "/open/leads-there"])
    web.pages["/open/leads-there"] = answer("", status="302 Found", more=f"Location: {web.base}{way}\r\n")
    web.pages["/private/a"] = page("Not for us")
    warraq("crawl", f"{web.base}/feed", "--allow-private")
    assert "GET /open/leads-there" in web.requests
    assert [line for line in web.requests if "private" in line] == []
    told = warraq("why", f"{web.base}/private/a")
    assert "robots" in told.out


def test_two_spellings_of_a_path_are_one_page(warraq, web) -> None:
    web.pages["/feed"] = rss(web.base, ["/news/./a-long-story", "/news/a-long-story", "/news/x/../a-long-story"])
    web.pages["/news/a-long-story"] = page("A long story")
    warraq("crawl", f"{web.base}/feed", "--allow-private")
    assert [line for line in web.requests if "story" in line] == ["GET /news/a-long-story"]


class Inner:
    """Something of the network within: counts who connects on a loopback address."""

    def __init__(self, address: str) -> None:
        self._listening = socket.create_server((address, 0))
        self._listening.settimeout(0.2)
        self.base = f"http://{address}:{self._listening.getsockname()[1]}"

    def was_asked(self) -> bool:
        try:
            self._listening.accept()[0].close()
        except TimeoutError:
            return False
        finally:
            self._listening.close()
        return True


@pytest.fixture(params=["127.0.0.1", "127.0.0.2"], ids=["another-port", "another-host"])
def inner(request: pytest.FixtureRequest) -> Inner:
    return Inner(request.param)


HOPS = (
    "item", "backslashes", "redirect", "redirects", "refresh", "refresh field", "robots", "robots refresh",
    "feed", "feed refresh", "feed next", "listing", "listing refresh", "sitemap of robots", "sitemap child",
)  # fmt: skip


@pytest.mark.parametrize("hop", HOPS)
def test_a_site_s_leave_to_be_private_is_for_the_hosts_and_ports_it_declares_alone(
    warraq, web, seed, tmp_path, inner: Inner, hop: str
) -> None:
    there, story = f"{inner.base}/2026/11/23/a-long-story", "/a/one-story-of-many"
    away = answer("", status="302 Found", more=f"Location: {there}\r\n")
    in_page = answer(f'<title>t</title><meta http-equiv="refresh" content="0;url={there}">')
    in_field = answer("<title>t</title>", more=f"Refresh: 0; url={there}\r\n")
    links = "".join(f'<h2><a href="a-long-story-{n}">A long story of the harbour {n}</a></h2>' for n in range(5))
    odd = [
        f"http:\\\\{inner.base[7:]}\\z",
        rf"{inner.base}\@{web.base[7:]}/x",
        f"http://{web.base[7:]}@{inner.base[7:]}/x",
    ]
    web.pages |= {"/feed": rss(web.base, [story]), story: page("One story of many")}
    web.pages |= {
        "item": {"/feed": rss("", [there, f"{web.base}{story}"])},
        "backslashes": {"/feed": rss("", [*odd, f"{web.base}{story}"])},
        "redirect": {story: away},
        "redirects": {story: answer("", status="301 Moved", more="Location: /b\r\n"), "/b": away},
        "refresh": {story: in_page},
        "refresh field": {story: in_field},
        "robots": {"/robots.txt": away},
        "robots refresh": {"/robots.txt": in_field},
        "feed": {"/feed": away},
        "feed refresh": {"/feed": in_page},
        "feed next": {
            "/feed": answer(
                f'{{"version":"https://jsonfeed.org/version/1.1","title":"t","next_url":"{there}","items":[]}}'
            )
        },
        "listing": {"/feed": answer(f'<base href="{there}">{links}')},
        "listing refresh": {"/feed": in_field},
        "sitemap of robots": {"/robots.txt": answer(f"Sitemap: {there}.xml\n", kind="text/plain")},
        "sitemap child": {"/feed": answer(f"<sitemapindex><sitemap><loc>{there}.xml</loc></sitemap></sitemapindex>")},
    }[hop]
    kind = {"listing": "sections", "listing refresh": "sections", "sitemap child": "sitemaps"}.get(hop, "feeds")
    seed("paper", web, **{kind: ["/feed"]})
    warraq("crawl", "paper")
    assert not inner.was_asked()
    assert "GET /feed" in web.requests or hop == "robots"


def test_who_runs_a_crawl_may_permit_private_addresses_altogether(warraq, web, inner: Inner) -> None:
    web.pages["/a/one-story-of-many"] = answer("", status="302 Found", more=f"Location: {inner.base}/a\r\n")
    warraq("crawl", f"{web.base}/a/one-story-of-many", "--allow-private")
    assert inner.was_asked()


def test_another_port_that_the_declaration_names_is_the_site_s_too(warraq, web, seed, tmp_path) -> None:
    with Web() as other:
        seed("paper", web, feeds=["/feed", "/other"])
        declared = tmp_path / "seeds" / "paper.toml"
        declared.write_text(declared.read_text().replace(f"{web.base}/other", f"{other.base}/other"))
        web.pages["/feed"] = rss("", [f"{other.base}/a/one-story-of-many"])
        other.pages["/a/one-story-of-many"] = page("One story of many")
        warraq("crawl", "paper")
        assert "GET /a/one-story-of-many" in other.requests


@pytest.mark.parametrize("way", ["item", "redirect", "named"])
def test_another_service_s_port_is_never_asked(warraq, web, way: str) -> None:
    mail = "http://127.0.0.1:25/2026/11/23/a-long-story"
    web.pages["/feed"] = rss("", [mail, f"{web.base}/a/one-story-of-many"])
    web.pages["/a/one-story-of-many"] = page("One story of many")
    if way == "redirect":
        web.pages["/a/one-story-of-many"] = answer("", status="302 Found", more=f"Location: {mail}\r\n")
    ran = warraq("crawl", mail if way == "named" else f"{web.base}/feed", "--allow-private")
    told = warraq("why", f"{web.base}/a/one-story-of-many" if way == "redirect" else mail)
    assert "port" in told.out + ran.err
    assert "connections" not in told.out + ran.err


def test_metadata_services_are_asked_by_nobody_s_leave(warraq, web) -> None:
    for path, there in (("/a/first-story", "http://169.254.169.254/latest"), ("/a/second-story", "http://[fe80::1]/a")):
        web.pages[path] = answer("", status="302 Found", more=f"Location: {there}\r\n")
        ran = warraq("crawl", f"{web.base}{path}", "--allow-private")
        assert "never asked" in warraq("why", there).out + ran.err + ran.out or "private" in ran.out + ran.err


def test_titles_of_others_do_not_act_on_the_terminal(warraq, web) -> None:
    title = "The \x9b31m\u202eegdirb\u2066 is open"
    item = f"<item><title>{title}</title><link>{web.base}/a/one-story-of-many</link></item>"
    web.pages["/feed"] = answer(
        f'<rss version="2.0"><channel>{item}</channel></rss>', kind="application/rss+xml; charset=utf-8"
    )
    web.pages["/a/one-story-of-many"] = page(title)
    ran = warraq("crawl", f"{web.base}/feed", "--allow-private", "--log-level", "info")
    told = [ran, warraq("why", f"{web.base}/a/one-story-of-many"), warraq("runs"), warraq("report")]
    for one in told:
        assert not {"\x9b", "\u202e", "\u2066", "\x1b"} & set(one.out + one.err)


def test_why_knows_a_page_by_any_value_of_a_parameter_that_was_learnt_to_say_nothing(warraq, web, seed) -> None:
    seed("paper", web, feeds=["/feed"])
    stories = [f"/a/report-of-the-harbour-{n}" for n in range(4)]
    web.pages |= {f"{path}?visitor={v}": page(path) for path in stories for v in ("a1", "b2", "c3")}
    for visitor in ("a1", "b2", "c3"):
        web.pages["/feed"] = rss(web.base, [f"{path}?visitor={visitor}" for path in stories])
        warraq("crawl", "paper")
    for path in stories:
        for address in (f"{path}?visitor=never-announced", path):
            told = warraq("why", web.base + address)
            assert told.code == 0, (address, told.err)
            assert f"it is another address of {web.base}{path}?visitor=" in told.out
    assert warraq("why", f"{web.base}/a/report-of-the-town-hall?visitor=a1").code == 1
