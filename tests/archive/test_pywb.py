"""Playback with pywb and a browser: what was archived is what they show, from a folder and from a bucket."""

from __future__ import annotations

import base64
import gzip
import hashlib
import html
import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from crawler.archive.pywb import prepare_playback
from crawler.archive.read.cdxj import parse_line
from crawler.archive.store import open_store
from crawler.archive.store.folder import FileStore
from crawler.cli import main
from crawler.errors import UsageError
from tests.web import Web, answer, page, rss

ROOT = Path(__file__).parents[2]
START_S = 60.0


def needed(what: str, found: str | Path | None) -> str:
    """Return a program's path; without it the test is skipped at home and fails in CI."""
    if found is not None and Path(found).exists():
        return str(found)
    if os.environ.get("CI"):
        pytest.fail(f"{what} is not installed")
    pytest.skip(f"{what} is not installed")


@contextmanager
def wayback(folder: Path, **environment: str) -> Iterator[Callable[[str], tuple[int, bytes]]]:
    """Serve `folder` with pywb; yields a function that gets one path: status and body."""
    program = needed("pywb (make pywb)", ROOT / ".venv-pywb" / "bin" / "wayback")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (folder / "pywb.log").open("wb") as log:
        served = subprocess.Popen(
            [program, "-b", "127.0.0.1", "-p", str(port), "-d", folder],
            stdout=log,
            stderr=log,
            env={**os.environ, **environment},
        )

    def get(path: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        try:
            connection.request("GET", path, headers={"Accept-Encoding": "gzip, deflate"})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    get.port = port  # type: ignore[attr-defined]
    try:
        deadline = time.monotonic() + START_S
        while served.poll() is None and time.monotonic() < deadline:
            try:
                get("/")
                break
            except OSError:
                time.sleep(0.2)
        else:
            pytest.fail(f"pywb did not start: {(folder / 'pywb.log').read_text()}")
        yield get
    finally:
        served.terminate()
        served.wait(10)


def digest(body: bytes) -> str:
    return f"sha1:{base64.b32encode(hashlib.sha1(body).digest()).decode()}"


def differing(index: Path, get: Callable[[str], tuple[int, bytes]]) -> list[str]:
    """Ask for every capture of the index as it was archived; return those that come otherwise.

    Captures of one URL within one second are one address to pywb: any of them will do.
    """
    kept: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for line in index.read_bytes().splitlines():
        _, timestamp, fields = parse_line(line)
        kept.setdefault((timestamp, fields.url), set()).add((fields.status, fields.digest))
    wrong = []
    for (timestamp, url), expected in kept.items():
        status, body = get(f"/archive/{timestamp}id_/{url}")
        found = {(str(status), digest(body)), (str(status), digest(gzip.compress(body, mtime=0)))}
        if not (found & expected or (status == 304 and any(one[0] == "304" for one in expected))):
            wrong.append(f"{timestamp} {url} {expected}: {found}")
    return wrong


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive of ``warraq demo``."""
    folder = tmp_path_factory.mktemp("demo") / "demo"
    done = subprocess.run(
        [Path(sys.executable).with_name("warraq"), "demo", "--dir", folder], check=False, capture_output=True
    )
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    return folder


def test_pywb_replays_every_capture_of_the_demo_and_a_browser_shows_the_article(demo, tmp_path, capfd):
    browser = needed("chromium", shutil.which("chromium") or shutil.which("chromium-browser"))
    folder = tmp_path / "playback"
    assert main(["playback", str(folder), "--store", f"file:{demo / 'data'}"]) == 0
    settings = json.loads((folder / "config.yaml").read_text())
    (folder / "config.yaml").write_text(json.dumps({**settings, "framed_replay": False}))  # dumps hold no frames
    with wayback(folder) as get:
        index = folder / "index.cdxj"
        assert len(index.read_bytes().splitlines()) > 50
        assert differing(index, get) == []
        batches = sorted(demo.rglob("data/**/articles.jsonl"))
        articles = [json.loads(line) for path in batches for line in path.read_text().splitlines()]
        article = next(one for one in articles if one["language"].startswith("en") and len(one["blocks"]) > 2)
        moment = "".join(filter(str.isdigit, article["captured_at"]))[:14]
        shown = shown_by(browser, f"http://127.0.0.1:{get.port}/archive/{moment}/{article['url']}", tmp_path)
    text = " ".join(html.unescape(re.sub(r"<[^>]*>", "", shown)).split())
    assert article["title"] in text
    paragraphs = [block["text"] for block in article["blocks"] if block["kind"] == "paragraph"]
    assert [one for one in paragraphs if one not in text] == []


def test_pywb_opens_a_package_of_the_demo(demo, tmp_path, capfd):
    manager = needed("pywb (make pywb)", ROOT / ".venv-pywb" / "bin" / "wb-manager")
    package = tmp_path / "all.wacz"
    assert main(["wacz", str(package), "--store", f"file:{demo / 'data'}"]) == 0
    for arguments in (["init", "archive"], ["add", "--unpack-wacz", "archive", str(package)]):
        done = subprocess.run([manager, *arguments], cwd=tmp_path, check=False, capture_output=True)
        assert done.returncode == 0, done.stderr
    index = tmp_path / "collections" / "archive" / "indexes" / "index.cdxj"
    assert len(index.read_bytes().splitlines()) > 50
    with wayback(tmp_path) as get:
        assert differing(index, get) == []


def shown_by(browser: str, address: str, folder: Path) -> str:
    """Return the document as the browser has it after loading."""
    switches = (
        "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
        "--disable-component-update --disable-sync --disable-dev-shm-usage --virtual-time-budget=5000"
    )
    done = subprocess.run(
        [browser, *switches.split(), f"--user-data-dir={folder / 'profile'}", "--dump-dom", address],
        check=False,
        capture_output=True,
        timeout=90,
        env={**os.environ, "DBUS_SESSION_BUS_ADDRESS": "disabled:"},
    )
    return done.stdout.decode()


@pytest.fixture
def crawled_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small archive in which a feed without validators, and unchanged, is a revisit."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "warraq.toml").write_text("[spool]\nmin_free_bytes = 0\n[parse]\nprocesses = 1\n")
    with Web() as web:
        web.pages["/feed"] = rss(web.base, ["/a//One%7E"])
        web.pages["/a//One~"] = web.pages["/a//One%7E"] = page("One")
        for _ in range(2):
            main(["crawl", f"{web.base}/feed", "--allow-private", "--config", "config"])
    return tmp_path / "data"


@pytest.mark.swift
def test_pywb_replays_from_a_bucket_too_revisits_included(crawled_twice, s3_storage, tmp_path):
    storage = s3_storage()
    store = open_store(storage)
    here = FileStore(crawled_twice)
    for stored in here.list("warc/"):
        store.put(stored.key, here.get(stored.key))
    folder = tmp_path / "playback"
    prepare_playback(store, folder)
    lines = (folder / "index.cdxj").read_bytes()
    assert lines.count(b"warc/revisit") == 1
    assert storage.url.encode() in (folder / "paths.txt").read_bytes()
    with wayback(folder, AWS_ENDPOINT_URL=storage.endpoint_url, AWS_DEFAULT_REGION=storage.region) as get:
        assert differing(folder / "index.cdxj", get) == []


def test_pywb_shows_a_304_as_that_and_the_capture_it_refers_to_whole(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "warraq.toml").write_text("[spool]\nmin_free_bytes = 0\n[parse]\nprocesses = 1\n")
    with Web() as web:
        feed = rss(web.base, ["/a/one"], more='ETag: "1"\r\n')
        same = answer(b"", status="304 Not Modified", more='ETag: "1"\r\n')
        web.pages["/feed"] = lambda request: same if b'If-None-Match: "1"' in request else feed
        web.pages["/a/one"] = page("One")
        (tmp_path / "seeds").mkdir()
        (tmp_path / "seeds" / "paper.toml").write_text(
            f'title = "Paper"\ncountry = "gb"\nlanguages = ["en"]\nhome = "{web.base}/"\ndelay_s = 0.0\n'
            f'allow_private = true\nfeeds = ["{web.base}/feed"]\n[schedule]\nevery = "1h"\n'
        )
        assert main(["crawl", "paper"]) == 0
        asked = int(time.time())
        while int(time.time()) == asked:  # playback tells captures of one page apart by the second
            time.sleep(0.02)
        assert main(["crawl", "paper"]) == 4  # nothing new
    prepare_playback(FileStore(tmp_path / "data"), tmp_path / "playback")
    lines = [parse_line(line) for line in (tmp_path / "playback" / "index.cdxj").read_bytes().splitlines()]
    whole, again = [(at, fields) for _, at, fields in lines if fields.url.endswith("/feed")]
    assert (again[1].status, again[1].mime, again[1].digest) == ("304", "warc/revisit", whole[1].digest)
    with wayback(tmp_path / "playback") as get:
        assert get(f"/archive/{again[0]}id_/{again[1].url}") == (304, b"")
        assert get(f"/archive/{whole[0]}id_/{whole[1].url}") == (200, feed.partition(b"\r\n\r\n")[2])


def test_the_index_of_many_files_is_sorted_by_bytes_and_made_again_with_what_is_new(
    crawled_twice, tmp_path, monkeypatch
):
    store = FileStore(crawled_twice)
    folder = tmp_path / "playback"
    monkeypatch.setattr("crawler.archive.pywb._RUN_BYTES", 100)  # every file a run of its own
    made = prepare_playback(store, folder)
    lines = (folder / "index.cdxj").read_bytes().splitlines(keepends=True)
    assert (made.warcs, made.captures, lines) == (2, len(lines), sorted(lines))
    for path in list(crawled_twice.rglob("*-00001-*")):
        path.unlink()
    assert prepare_playback(store, folder).warcs == 1
    assert len((folder / "paths.txt").read_text().splitlines()) == 1


def test_an_empty_store_is_said_to_be_empty(tmp_path):
    (tmp_path / "data").mkdir()
    with pytest.raises(UsageError, match="holds no WARC"):
        prepare_playback(FileStore(tmp_path / "data"), tmp_path / "playback")


def test_a_folder_that_cannot_be_written_is_told(crawled_twice, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="name a folder that can be written"):
        prepare_playback(FileStore(crawled_twice), tmp_path / "file" / "playback")
