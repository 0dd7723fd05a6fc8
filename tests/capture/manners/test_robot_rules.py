from __future__ import annotations

import pytest

from crawler.capture.manners import robot_rules
from crawler.capture.manners.robot_rules import Rules, head_of
from crawler.errors import Refused, TlsFailure

ORIGIN = "https://news.example"


def rules(text: str | bytes) -> Rules:
    return Rules(ORIGIN, token="Warraq", body=text.encode() if isinstance(text, str) else text)


def allows(text: str | bytes, path: str) -> bool:
    return rules(text).refusal(ORIGIN + path) is None


def test_what_is_not_mentioned_is_allowed():
    assert allows("", "/a")
    assert allows("User-agent: *\nDisallow: /private/\n", "/a")
    assert not allows("User-agent: *\nDisallow: /private/\n", "/private/a")


def test_the_longest_match_wins_and_allow_wins_a_tie():
    text = "User-agent: *\nDisallow: /a\nAllow: /a/b\nDisallow: /a/b/c\nAllow: /t\nDisallow: /t\n"
    assert [allows(text, path) for path in ("/a/x", "/a/b/x", "/a/b/c", "/t")] == [False, True, False, True]


def test_our_own_group_replaces_the_group_of_all():
    text = "User-agent: *\nDisallow: /\n\nUser-agent: wArRaQ\nDisallow: /private\n"
    assert allows(text, "/a")
    assert not allows(text, "/private")


def test_groups_of_one_name_are_combined():
    text = "User-agent: Warraq\nDisallow: /a\n\nUser-agent: x\nDisallow: /x\n\nUser-agent: warraq\nDisallow: /b\n"
    assert [allows(text, path) for path in ("/a", "/b", "/x")] == [False, False, True]


@pytest.mark.parametrize("name", ["w", "war", "Warra", "warraqbot", "otherbot"])
def test_a_group_for_another_name_does_not_bind_us_even_if_ours_begins_with_it(name):
    assert allows(f"User-agent: {name}\nDisallow: /\n", "/a")


@pytest.mark.parametrize("name", ["Warraq/1.0", "WARRAQ", "Warraq *", "warraq  # we mean you"])
def test_our_name_counts_with_a_version_or_comment_behind_it(name):
    assert not allows(f"User-agent: {name}\nDisallow: /\n", "/a")


@pytest.mark.parametrize(("name", "binds"), [("* baz", True), ("*, Warraq", True), ("*bot", False), ("*/2.1", False)])
def test_a_star_means_everybody_whatever_words_stand_behind_it(name, binds):
    assert allows(f"User-agent: {name}\nDisallow: /x\n", "/x") != binds


def test_several_names_share_the_rules_that_follow():
    text = "User-agent: a\nUser-agent: Warraq\nUser-agent: b\nDisallow: /x\n"
    assert not allows(text, "/x")


@pytest.mark.parametrize("record", ["Crawl-delay: 7", "Foo: bar", "Sitemap: https://news.example/s.xml", "", "# note"])
def test_only_a_rule_ends_the_names_that_share_it(record):
    text = f"User-agent: Warraq\n{record}\nUser-agent: *\nDisallow: /x\n\nUser-agent: b\nDisallow: /y\n"
    assert [allows(text, path) for path in ("/x", "/y")] == [False, True]
    assert rules(text).crawl_delay_s == (7.0 if record.startswith("Crawl") else 0.0)


def test_what_stands_between_names_is_no_delay_of_those_that_follow():
    assert rules("User-agent: b\nCrawl-delay: 7\n\nUser-agent: *\nDisallow: /x\n").crawl_delay_s == 0.0


@pytest.mark.parametrize(
    ("rule", "path", "allowed"),
    [
        ("/*.php$", "/a.php", False),
        ("/*.php$", "/a.php?x=1", True),
        ("/a*c", "/abbbc/d", False),
        ("/caf%C3%A9", "/café", False),
        ("/خبر", "/%D8%AE%D8%A8%D8%B1/1", False),
        ("/", "/robots.txt", True),
        ("/?", "/?utm=1", False),
    ],
)
def test_paths_match_as_the_standard_says(rule, path, allowed):
    assert allows(f"User-agent: *\nDisallow: {rule}\n", path) is allowed


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("bom", ["", "\ufeff", "\ufeff\ufeff"])
def test_every_line_ending_and_a_bom_are_understood(end, bom):
    text = bom + end.join(["User-agent: Warraq", "Disallow: /x", ""])
    assert not allows(text, "/x")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_what_a_file_in_utf_16_forbids_is_forbidden(encoding):
    body = "\ufeffUser-agent: *\r\nDisallow: /x\r\n".encode(encoding)
    rules = Rules("https://h.example", token="Warraq", body=body)
    assert rules.refusal("https://h.example/x") is not None
    assert rules.refusal("https://h.example/y") is None


def test_only_cr_and_lf_end_a_line():
    assert allows("User-agent: *\n# a comment\u2028Disallow: /x\n", "/x")


def test_bytes_that_are_not_utf8_spoil_only_their_own_line():
    assert not allows(b"User-agent: *\nDisallow: /\xff\xfe\nDisallow: /x\n", "/x")


def test_a_web_page_in_place_of_robots_txt_forbids_nothing():
    assert allows("<!DOCTYPE html><html><body>Not found</body></html>", "/a")


def test_crawl_delay_and_sitemaps_are_read():
    text = (
        "User-agent: Warraq\nCrawl-delay: 1.5\n\nUser-agent: *\nCrawl-delay: 9\n\nSitemap: https://news.example/s.xml\n"
    )
    assert rules(text).crawl_delay_s == 1.5
    assert rules(text).sitemaps == ("https://news.example/s.xml",)
    assert rules("User-agent: *\nCrawl-delay: soon\n").crawl_delay_s == 0.0


def test_a_refusal_names_the_file_the_url_and_the_rule():
    text = "User-agent: other\nDisallow: /private/letters/\n\nUser-agent: *\nDisallow: /p\nDisallow: /private/\n"
    refusal = rules(text).refusal(f"{ORIGIN}/private/letters/1")
    assert isinstance(refusal, Refused)
    assert refusal.reason == "robots"
    assert refusal.what == (
        "https://news.example/robots.txt does not allow https://news.example/private/letters/1 (Disallow: /private/)"
    )


def test_a_closed_origin_refuses_with_the_error_that_closed_it_new_each_time():
    closed = Rules(ORIGIN, token="Warraq", closed=TlsFailure("certificate expired", next_step="wait"))
    first, second = closed.refusal(f"{ORIGIN}/a"), closed.refusal(f"{ORIGIN}/b")
    assert isinstance(first, TlsFailure)
    assert (first.what, first.reason, first.next_step) == ("certificate expired", "tls", "wait")
    assert first is not second


def test_500_kib_are_read_and_no_half_line():
    body = b"User-agent: *\n" + b"Disallow: /" + b"x" * 100 + b"\n"
    body += b"# filling\n" * 60_000 + b"Disallow: /late\n"
    assert head_of(body).endswith(b"\n")
    assert 500 * 1024 - 10 <= len(head_of(body)) <= 500 * 1024
    assert head_of(b"short, no end") == b"short, no end"


def test_the_rule_that_forbids_is_told_among_thousands_without_trying_them_all(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []
    plain = robot_rules._allows

    def counting(path: str, url: str) -> bool:
        tried.append(path)
        return plain(path, url)

    monkeypatch.setattr(robot_rules, "_allows", counting)
    lines = [f"Disallow: /section-{number}/" for number in range(4000)] + [
        "Disallow: /*/print$",
        "Disallow: /caf%C3%A9/",
    ]
    lines += [f"Disallow: /*sort={number}*order" for number in range(4000)]
    rules = Rules("https://news.example", token="Warraq", body="\n".join(["User-agent: *", *lines]).encode())
    for path, rule in (("section-77/a", "/section-77/"), ("caf%c3%a9/a", "/caf%C3%A9/")):
        tried.clear()
        refusal = rules.refusal(f"https://news.example/{path}")
        assert refusal is not None
        assert f"(Disallow: {rule})" in refusal.what
        assert tried == [rule]
    assert rules.refusal("https://news.example/section-4000/a") is None


def test_rules_of_many_wildcards_are_judged_without_trying_every_way_to_match():
    text = f"User-agent: *\nDisallow: /{'*a' * 40}*b$\n" + "".join(f"Disallow: /*/{n}*x*y$\n" for n in range(8000))
    assert allows(text, "/" + "a" * 2000)
    assert not allows(text, "/" + "a" * 2000 + "b")
