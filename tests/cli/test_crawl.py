"""``warraq crawl`` as a user types it, against a real server and a real folder or S3 store."""

from __future__ import annotations

import gzip
import json
import random
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from crawler.archive.read.captures import ArchivedCapture, Original, read_captures
from crawler.cli import main
from tests.web import answer, page, rss


def documents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in sorted((folder / "data" / "articles").rglob("*.txt"))}


def test_a_feed_of_any_site_gives_archive_index_and_articles(warraq, web, tmp_path):
    web.pages["/feed"] = rss(web.base, ["/news/one-thing", "/news/another-thing"])
    web.pages["/news/one-thing"] = page("One thing")
    web.pages["/news/another-thing"] = page("Another thing")
    ran = warraq("crawl", f"{web.base}/feed", "--allow-private", "--json")
    assert ran.code == 0, ran.err
    report = json.loads(ran.out)
    assert report["state"] == "done"
    assert sorted(text.split("\n")[0] for text in documents(tmp_path).values()) == ["Another thing", "One thing"]
    (warc,) = (tmp_path / "data").rglob("*.warc.gz")
    checked = [
        subprocess.run([Path(sys.executable).with_name(tool), "check", warc], check=False)
        for tool in ("warcio", "fastwarc")
    ]
    assert [done.returncode for done in checked] == [0, 0]
    assert len(warc.with_name(warc.name.replace(".warc.gz", ".cdxj")).read_text().splitlines()) == 4


def test_an_article_url_is_one_page_and_is_fetched_once(warraq, web, tmp_path):
    web.pages["/2026/11/23/a-long-story-about-water"] = page("A long story")
    ran = warraq("crawl", f"{web.base}/2026/11/23/a-long-story-about-water", "--allow-private")
    assert ran.code == 0, ran.err
    assert len(documents(tmp_path)) == 1
    assert web.requests.count("GET /2026/11/23/a-long-story-about-water") == 1


def test_what_a_proxy_changed_on_the_way_is_an_answer_and_its_article_says_so_live_and_replayed(warraq, web, tmp_path):
    """Status 203 (RFC 9110 section 15.3.4), of a feed and of a page."""
    for path, content in (("/feed", rss(web.base, ["/news/one-thing"])), ("/news/one-thing", page("One thing"))):
        web.pages[path] = content.replace(b"200 OK", b"203 Non-Authoritative Information", 1)
    ran = warraq("crawl", f"{web.base}/feed", "--allow-private", "--json")
    assert (ran.code, json.loads(ran.out)["state"]) == (0, "done"), ran.err
    assert warraq("replay", "--out", "file:again", "--json").code == 0
    lines = [path.read_bytes() for folder in ("data", "again") for path in (tmp_path / folder).rglob("articles.jsonl")]
    assert len(lines) == 2
    assert lines[0] == lines[1]
    record = json.loads(lines[0])
    assert (record["title"], record["flags"]) == ("One thing", ["transformed_by_proxy"])
    assert warraq("verify").code == 0


def test_a_second_crawl_of_a_site_asks_conditionally_and_fetches_only_what_is_new(warraq, web, seed, tmp_path):
    seed("paper", web, feeds=["/feed"])
    first = rss(web.base, ["/a/first-of-all"], more='ETag: "1"\r\n')
    same = answer(b"", status="304 Not Modified", more='ETag: "1"\r\n')
    web.pages["/feed"] = lambda request: same if b'If-None-Match: "1"' in request else first
    web.pages["/a/first-of-all"] = page("First of all")
    assert warraq("crawl", "paper").code == 0
    assert warraq("crawl", "paper").code == 4
    assert web.requests.count("GET /a/first-of-all") == 1
    assert web.requests.count("GET /robots.txt") == 1
    web.pages["/feed"] = rss(web.base, ["/a/second-of-all", "/a/first-of-all"])
    web.pages["/a/second-of-all"] = page("Second of all")
    ran = warraq("crawl", "paper", "--json")
    assert json.loads(ran.out)["progress"]["counts"]["parsed"] == 1
    assert web.requests.count("GET /a/first-of-all") == 1
    assert len(documents(tmp_path)) == 2


def test_a_304_is_a_revisit_that_names_the_capture_it_says_is_still_so(warraq, web, seed, tmp_path):
    seed("paper", web, feeds=["/feed"])
    feed = rss(web.base, ["/a/one"], more='ETag: "1"\r\n')
    same = answer(b"", status="304 Not Modified", more='ETag: "1"\r\n')
    web.pages["/feed"] = lambda request: same if b'If-None-Match: "1"' in request else feed
    web.pages["/a/one"] = page("One")
    assert [warraq("crawl", "paper").code for _ in range(3)] == [0, 4, 4]
    warcs = sorted((tmp_path / "data").rglob("*.warc.gz"))
    found = [c for warc in warcs for c in read_captures(warc) if isinstance(c, ArchivedCapture)]
    original, *revisits = [one for one in found if one.capture.url.endswith("/feed")]
    assert [one.capture.kind for one in revisits] == ["revisit", "revisit"]
    for one in revisits:
        assert one.original == Original(
            record_id=original.capture.record_id, url=original.capture.url, captured_at=original.capture.captured_at
        )
        assert one.response.read() == same
        assert one.capture.payload_sha256 == original.capture.payload_sha256
    assert warraq("verify").code == 0


def test_replay_of_a_crawl_gives_the_same_tree_byte_for_byte(warraq, web, seed, tmp_path):
    seed("paper", web, feeds=["/feed"])
    web.pages["/feed"] = rss(web.base, ["/a/one", "/a/gone", "/a/two"])
    web.pages["/a/one"], web.pages["/a/two"] = page("One"), page("Two")
    assert warraq("crawl", "paper").code == 3
    ran = warraq("replay", "--out", "file:again")
    assert ran.code == 0, ran.err
    differences = subprocess.run(["diff", "-r", "data/articles", "again/articles"], check=False, capture_output=True)
    assert differences.stdout == b""
    assert len(list((tmp_path / "again").rglob("*.txt"))) == 2


def test_max_pages_bounds_a_run_and_the_next_one_takes_up_the_rest(warraq, web, seed, tmp_path):
    seed("paper", web, feeds=["/feed"])
    paths = [f"/a/story-{n}" for n in range(5)]
    web.pages["/feed"] = rss(web.base, paths)
    web.pages |= {path: page(path) for path in paths}
    assert warraq("crawl", "paper", "--max-pages", "2").code == 0
    assert len(documents(tmp_path)) == 2
    assert warraq("crawl", "paper").code == 0
    assert sorted(line for line in web.requests if "/a/" in line) == [f"GET {path}" for path in paths]


def test_since_leaves_out_what_was_published_before(warraq, web, tmp_path):
    items = "".join(
        f"<item><link>{web.base}/a/{year}</link><pubDate>Mon, 01 Jun {year} 10:00:00 GMT</pubDate></item>"
        for year in (2020, 2026)
    )
    web.pages["/feed"] = answer(f'<rss version="2.0"><channel>{items}</channel></rss>', kind="application/rss+xml")
    web.pages["/a/2026"] = page("This year")
    ran = warraq("crawl", f"{web.base}/feed", "--allow-private", "--since", "2026-01-01", "--json")
    assert json.loads(ran.out)["progress"]["counts"] == {"captured": 2, "out_of_scope": 1, "parsed": 1} or (
        json.loads(ran.out)["progress"]["counts"] == {"captured": 1, "out_of_scope": 1, "parsed": 1}
    )
    assert "GET /a/2020" not in web.requests


def test_robots_txt_is_obeyed_archived_and_told(warraq, web, tmp_path):
    web.pages["/robots.txt"] = answer("User-agent: *\nDisallow: /private/\n", kind="text/plain")
    web.pages["/feed"] = rss(web.base, ["/private/thing", "/open/thing"])
    web.pages["/open/thing"] = page("Open thing")
    ran = warraq("crawl", f"{web.base}/feed", "--allow-private", "--json")
    assert json.loads(ran.out)["progress"]["counts"]["disallowed"] == 1
    assert "GET /private/thing" not in web.requests
    told = warraq("why", f"{web.base}/private/thing")
    assert "disallowed (robots)" in told.out
    (cdxj,) = (tmp_path / "data").rglob("*.cdxj")
    assert "/robots.txt" in cdxj.read_text()


@pytest.mark.parametrize(
    ("target", "code", "said"),
    [
        ("nosuchsite", 2, "there is no site named 'nosuchsite'"),
        ("ftp://news.example/feed", 2, "not an http(s) URL"),
        ("https://", 2, "not an http(s) URL"),
    ],
)
def test_a_target_that_cannot_be_is_named_before_anything_starts(warraq, tmp_path, target, code, said):
    ran = warraq("crawl", target)
    assert (ran.code, said in ran.err) == (code, True), ran.err
    assert not (tmp_path / "data").exists()


def test_a_near_miss_of_a_sites_name_is_suggested(warraq, web, seed):
    seed("the-paper", web, feeds=["/feed"])
    assert "did you mean the-paper?" in warraq("crawl", "the-papr").err


def test_loopback_is_refused_without_permission(warraq, web):
    ran = warraq("crawl", f"{web.base}/feed")
    assert ran.code == 1
    assert "private_address" in ran.err
    assert web.requests == []


def test_a_redirect_to_a_private_address_is_refused_too(warraq, web, seed, tmp_path):
    seed("paper", web, feeds=["/feed"])
    web.pages["/feed"] = answer(b"", status="302 Found", more="Location: http://169.254.169.254/latest/\r\n")
    (tmp_path / "seeds" / "paper.toml").write_text(
        (tmp_path / "seeds" / "paper.toml").read_text().replace("allow_private = true", "allow_private = false")
    )
    assert "private_address" in warraq("crawl", "paper").err


@pytest.mark.parametrize(
    ("served", "reason"),
    [
        (answer("<html><body>hello</body></html>"), "not_a_feed"),
        (answer("nothing here", status="404 Not Found"), "http_404"),
        (answer("broken", status="500 Internal Server Error"), "http_500"),
        (None, "no_answer"),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "broken_response"),
    ],
)
def test_a_channel_that_fails_is_named_with_its_reason_and_the_run_fails(warraq, web, seed, served, reason):
    seed("paper", web, feeds=["/feed"])
    web.pages["/feed"] = served
    ran = warraq("crawl", "paper")
    assert ran.code == 1, ran.err
    assert f"{web.base}/feed" in ran.err
    assert reason in ran.err
    assert reason in warraq("why", f"{web.base}/feed").out


def test_an_empty_feed_is_no_failure(warraq, web, seed):
    seed("paper", web, feeds=["/feed"])
    web.pages["/feed"] = rss(web.base, [])
    ran = warraq("crawl", "paper", "--json")
    assert ran.code == 4
    assert json.loads(ran.out)["progress"]["counts"]["captured"] >= 1


def test_an_unreachable_host_is_one_line_and_a_failure(warraq):
    with socket.socket() as taken:  # bound, and nobody listens
        taken.bind(("127.0.0.1", 0))
        ran = warraq("crawl", f"http://127.0.0.1:{taken.getsockname()[1]}/feed", "--allow-private")
    assert ran.code == 1
    assert "connect" in ran.err


def test_a_server_that_speaks_no_tls_is_a_tls_failure(warraq):
    with socket.create_server(("127.0.0.1", 0)) as plain:

        def answer_in_plain_text() -> None:
            connection, _ = plain.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=answer_in_plain_text)
        thread.start()
        ran = warraq("crawl", f"https://127.0.0.1:{plain.getsockname()[1]}/feed", "--allow-private")
        thread.join()
    assert ran.code == 1
    assert "tls: no trustworthy TLS connection" in ran.err


def test_a_page_that_breaks_off_is_kept_and_not_taken_for_an_article(warraq, web, tmp_path):
    whole = page("Half of it")
    web.pages["/feed"] = rss(web.base, ["/a/half"])
    web.pages["/a/half"] = lambda _: whole.replace(b"Content-Length: ", b"Content-Length: 1")
    web.closing = {"/a/half"}
    ran = warraq("crawl", f"{web.base}/feed", "--allow-private")
    assert ran.code == 3
    assert f"{web.base}/a/half: truncated" in ran.err
    assert documents(tmp_path) == {}
    (warc,) = (tmp_path / "data").rglob("*.warc.gz")
    assert b"WARC-Truncated: disconnect" in gzip.decompress(warc.read_bytes())
    assert warraq("replay", "--out", "file:again").code == 1
    assert list((tmp_path / "again").rglob("*.txt")) == []


def test_what_was_captured_before_a_failure_is_kept_and_listed(warraq, web, seed, tmp_path):
    seed("paper", web, feeds=["/feed"])
    web.pages["/feed"] = rss(web.base, ["/a/good", "/a/bad"])
    web.pages["/a/good"] = page("Good")
    web.pages["/a/bad"] = None
    ran = warraq("crawl", "paper")
    assert ran.code == 3
    assert f"failed: {web.base}/a/bad" in ran.err
    assert "partial" in warraq("runs").out
    assert len(documents(tmp_path)) == 1


def test_an_unwritable_store_is_named_before_anything_is_fetched(warraq, web, tmp_path):
    (tmp_path / "blocked").write_text("a file, not a folder")
    ran = warraq("crawl", f"{web.base}/feed", "--allow-private", "--store", "file:blocked/store")
    assert ran.code == 1
    assert "blocked" in ran.err
    assert web.requests == []


def test_mistakes_in_toml_are_all_reported_with_file_and_key(warraq, tmp_path):
    (tmp_path / "config" / "warraq.toml").write_text('[fetch]\ndelay = 1\n[storage]\nattempts = "many"\n')
    (tmp_path / "seeds" / "a.toml").write_text("title = ")
    ran = warraq("config", "check")
    assert ran.code == 2
    assert "warraq.toml: fetch.delay: unknown key; did you mean delay_s?" in ran.err
    assert "warraq.toml: storage.attempts: Expected `int`, got `str`" in ran.err
    assert "a.toml: not valid TOML" in ran.err
    assert warraq("crawl", "https://news.example/").code == 2


def test_without_arguments_the_usage_is_told(capfd):
    assert main(["crawl"]) == 2
    assert "TARGET" in capfd.readouterr().err


def test_a_missing_bucket_and_wrong_credentials_are_told_apart(warraq, web, s3_storage, monkeypatch, tmp_path):
    storage = s3_storage()
    settings = (tmp_path / "config" / "warraq.toml").read_text()
    (tmp_path / "config" / "warraq.toml").write_text(
        settings.replace(
            "[storage]\n", f'[storage]\nendpoint_url = "{storage.endpoint_url}"\nregion = "{storage.region}"\n'
        )
    )
    missing = warraq("crawl", f"{web.base}/feed", "--allow-private", "--store", "s3://no-such-bucket-here/x")
    assert missing.code == 1
    assert "no-such-bucket-here" in missing.err
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-the-secret")
    refused = warraq("crawl", f"{web.base}/feed", "--allow-private", "--store", storage.url)
    assert refused.code == 1
    assert "credentials" in refused.err
    assert "not-the-secret" not in refused.err
    assert web.requests == []


def test_a_crawl_into_s3_leaves_archive_and_articles_there_and_replays_from_there(warraq, web, s3_storage, tmp_path):
    storage = s3_storage()
    settings = (tmp_path / "config" / "warraq.toml").read_text()
    (tmp_path / "config" / "warraq.toml").write_text(
        settings.replace(
            "[storage]\n", f'[storage]\nendpoint_url = "{storage.endpoint_url}"\nregion = "{storage.region}"\n'
        )
    )
    web.pages["/feed"] = rss(web.base, ["/a/one"])
    web.pages["/a/one"] = page("One")
    ran = warraq("crawl", f"{web.base}/feed", "--allow-private", "--store", storage.url)
    assert ran.code == 0, ran.err
    replayed = warraq("replay", f"{storage.url}/warc", "--out", "file:again")
    assert replayed.code == 0, replayed.err
    assert [p.read_text().split("\n")[0] for p in (tmp_path / "again").rglob("*.txt")] == ["One"]


def test_a_full_spool_ends_the_run_in_one_line_fetches_nothing_more_and_the_next_run_takes_up_the_rest(
    warraq, web, seed, tmp_path
):
    seed("paper", web, feeds=["/feed"])
    paths = [f"/a/story-{n}" for n in range(30)]
    web.pages["/feed"] = rss(web.base, paths)
    noise = [random.Random(n).randbytes(40_000).hex() for n in range(30)]  # does not deflate away
    text = "The council met on Monday to talk about the bridge. " * 10
    web.pages |= {path: page(path, text, noise[n], text) for n, path in enumerate(paths)}
    settings = tmp_path / "config" / "warraq.toml"
    roomy = settings.read_text()
    settings.write_text(roomy.replace("[spool]\n", "[spool]\nquota_bytes = 300000\n"))
    ran = warraq("crawl", "paper")
    assert ran.code == 1
    assert ran.err.count("\n") == 1, ran.err
    assert "quota" in ran.err
    fetched = [path for path in paths if f"GET {path}" in web.requests]
    assert 0 < len(fetched) < 15
    settings.write_text(roomy)
    assert warraq("crawl", "paper").code == 0
    titles = [text.split("\n")[0] for text in documents(tmp_path).values()]
    assert sorted(titles) == sorted(paths)
    assert warraq("verify").code == 0


def test_files_of_others_in_the_spool_are_named_left_alone_and_hold_up_nothing(warraq, web, seed, tmp_path):
    seed("paper", web, feeds=["/feed"])
    web.pages["/feed"] = rss(web.base, ["/a/one"])
    web.pages["/a/one"] = page("One")
    lane = tmp_path / "state" / "spool" / "lane-00"
    lane.mkdir(parents=True)
    strange = [lane / "notes.txt", lane / "WARRAQ-20261123184104000-00001-elsewhere.warc.gz"]
    for path in strange:
        path.write_bytes(b"mine")
    ran = warraq("crawl", "paper")
    assert ran.code == 0, ran.err
    for path in strange:
        assert f"left alone: {path.relative_to(tmp_path)}\n" in ran.err
        assert path.read_bytes() == b"mine"
    assert len(list((tmp_path / "data").rglob("*.warc.gz"))) == 1


def test_a_spool_that_cannot_be_written_to_is_named_before_anything_is_fetched(warraq, web, tmp_path):
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "spool").write_text("a file, not a folder")
    ran = warraq("crawl", f"{web.base}/feed", "--allow-private")
    assert (ran.code, ran.err.count("\n")) == (1, 1), ran.err
    assert "the spool state/spool cannot be written to" in ran.err
    assert web.requests == []


def test_a_replay_that_lacks_a_package_names_the_extra_in_one_line(warraq, tmp_path: Path, monkeypatch):
    (tmp_path / "without").mkdir()
    (tmp_path / "without" / "zstandard.py").write_text("raise ModuleNotFoundError('No module named zstandard')")
    monkeypatch.syspath_prepend(tmp_path / "without")  # the processes that read archives look there first
    monkeypatch.delitem(sys.modules, "zstandard", raising=False)
    (tmp_path / "old.warc.zst").write_bytes(b"\x28\xb5\x2f\xfd and so on")
    ran = warraq("replay", "old.warc.zst")
    assert ran.code == 1
    (said,) = (line for line in ran.err.splitlines() if line.startswith("damaged"))
    assert said.startswith("damaged: old.warc.zst: at byte 0: ")
    assert "`pip install '.[zstd]'`" in said
