"""What must stay secret is told to nobody: not by commands, page, metrics, logs and alarms, nor in what is kept."""

from __future__ import annotations

import gzip
import http.client
import re
import socket
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.cli.test_daemon import Daemon, daemon, stop  # noqa: F401 - a fixture
from tests.web import Web, answer, page, rss

if TYPE_CHECKING:
    from conftest import Ran

TOKEN = "planted-token-of-the-page"
SECRET = re.compile(rb"planted-[a-z-]+")
COMMANDS = (
    ("runs", "--json"), ("alarms", "--json"), ("alarms",), ("status", "--json"), ("status",), ("config", "show"),
    ("config", "check"), ("report", "--json"), ("verify",), ("sites",), ("backup", "copy.db"),
)  # fmt: skip
PAGES = ("/", "/live", "/sites", "/sites/paper", "/runs", "/articles", "/alarms", "/coverage", "/metrics", "/readyz")


def whole(path: Path) -> bytes:
    """Return what a file holds, its gzip members unpacked as far as they go."""
    content = path.read_bytes()
    rest = content
    while rest.startswith(b"\x1f\x8b"):
        inflater = zlib.decompressobj(31)
        with suppress(zlib.error, gzip.BadGzipFile):
            content += inflater.decompress(rest)
        rest = inflater.unused_data
    return content


def told_by_the_page(port: int, path: str) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", path, headers={"Authorization": f"Bearer {TOKEN}"})
    with connection.getresponse() as response:
        content = response.read()
    connection.close()
    assert response.status in (200, 503), path
    return content


@pytest.mark.slow
def test_no_secret_comes_out_anywhere(
    daemon: Daemon,  # noqa: F811
    warraq: Callable[..., Ran],
    web: Web,
    seed: Callable[..., None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    by_proxy = f"{web.base}/feed", f"{web.base}/a/one-story-of-many"
    web.pages[by_proxy[0]] = rss(web.base, ["/a/one-story-of-many"])
    web.pages[by_proxy[1]] = page("One story of many")
    web.pages["/hooks/planted-path"] = answer("no", status="500 Internal Server Error")
    seed("paper", web, feeds=["/feed"])
    where = web.base.removeprefix("http://")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = tmp_path / "config" / "warraq.toml"
    settings.write_text(
        settings.read_text()
        .replace("[fetch]\n", f'[fetch]\nproxy = "http://me:planted-proxy@{where}"\n')
        .replace(
            "[storage]\n",
            '[storage]\nregion = "here"\nendpoint_url = "http://me:planted-endpoint@127.0.0.1:8"\n',
        )
        + f'[page]\nlisten = "127.0.0.1:{port}"\n[alarms]\nheartbeat_url = "http://127.0.0.1:8/planted-heartbeat"\n'
    )
    for name, value in (
        ("WARRAQ_PAGE_TOKEN", TOKEN),
        ("WARRAQ_ALARM_WEBHOOK", f"{web.base}/hooks/planted-path"),
        ("AWS_ACCESS_KEY_ID", "planted-key-id"),
        ("AWS_SECRET_ACCESS_KEY", "planted-key"),
    ):
        monkeypatch.setenv(name, value)
    process = daemon("--log-level", "debug")
    said = [warraq("trigger", "paper", "--wait")]
    pages = [told_by_the_page(port, path) for path in PAGES]
    said += [warraq(*command) for command in COMMANDS]
    stop(process)
    said += [warraq(*command, "--store", "s3://bucket/x") for command in (("crawl", "paper"), ("verify",))]
    assert f"GET {by_proxy[1]}" in web.requests
    kept = {path: whole(path) for path in tmp_path.rglob("*") if path.is_file() and path != settings}
    assert any(b"WARC-Type: warcinfo" in content for content in kept.values())
    assert {str(path): SECRET.findall(content) for path, content in kept.items() if SECRET.search(content)} == {}
    assert SECRET.findall(b"".join(pages)) == []
    assert SECRET.findall("".join(one.out + one.err for one in said).encode()) == []
