"""A newsroom on loopback for measuring crawls: real-sized pages, gzip-coded beforehand, served by nginx.

The pages are made from a seed: the same bytes on every machine, 200 different ones under as many names as are asked
for, of 15 to 110 KB gzip (about 47 on average) and about five times that decoded. Needs nginx (Debian: ``apt-get
install nginx-light``), which is started in the foreground on a free port, as an ordinary user, and stopped again.
"""

from __future__ import annotations

import gzip
import os
import random
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DIFFERENT = 200
"""Bodies; more would only measure the page cache."""

_CONF = """
{user}daemon off; worker_processes 1; pid {root}/nginx.pid; error_log {root}/error.log;
events {{ worker_connections 4096; }}
http {{
  types {{ text/html html; application/xml xml; text/plain txt; }}
  access_log off; sendfile on; tcp_nopush on; etag on; server_tokens off;
  keepalive_requests 1000000; keepalive_timeout 60s;
  client_body_temp_path {root}/tmp; proxy_temp_path {root}/tmp; fastcgi_temp_path {root}/tmp;
  uwsgi_temp_path {root}/tmp; scgi_temp_path {root}/tmp;
  server {{
    {listen} root {root}/site; charset utf-8; gzip_static on; gzip_vary on;
    add_header Cache-Control "public, max-age=60"; add_header X-Frame-Options SAMEORIGIN;
    add_header Strict-Transport-Security "max-age=31536000"; add_header X-Cache "HIT from edge-17";
    location = /sitemap.xml {{ try_files /sitemaps/$server_addr.xml =404; }}
  }}
}}
"""


def page(seed: int) -> bytes:
    """Return a news page's HTML: head, navigation, an article, teasers, scripts; its size varies with `seed`."""
    chance = random.Random(seed)
    words = ["".join(chance.choices("abcdefghijklmnopqrstuvwxyzäöüß", k=chance.randint(2, 11))) for _ in range(900)]

    def text(count: int) -> str:
        return " ".join(chance.choices(words, k=count))

    def teaser(number: int) -> str:
        link = f"/news/2026/11/{number:02}/{chance.randint(1000, 1100)}-{'-'.join(chance.choices(words, k=5))}.html"
        return (
            f'<article class="teaser teaser--{number % 7} grid__item" data-id="{chance.randint(1000, 3000)}">'
            f'<a class="teaser__link" href="{link}"><img class="teaser__image" loading="lazy" alt="{text(6)}" '
            f'srcset="{link}.480.webp 480w, {link}.960.webp 960w" src="{link}.jpg"></a>'
            f'<h3 class="teaser__title">{text(8)}</h3><p class="teaser__text">{text(14)}</p></article>\n'
        )

    size = int(238_000 * chance.lognormvariate(-0.1, 0.4))
    size = max(75_000, min(size, 560_000))
    parts = [
        f"<!doctype html><html lang=de><head><meta charset=utf-8><title>{text(9)}</title>",
        f'<meta name="description" content="{text(25)}"><style>',
        "".join(f".c{n}{{display:flex;margin:0 auto {n}px;padding:{n % 9}px}}\n" for n in range(600)),
        "</style></head><body><nav>",
        "".join(f'<li class="nav__item nav__item--{n % 5}"><a href="/{n}">{text(1)}</a></li>\n' for n in range(150)),
        f"</nav><main><h1>{text(9)}</h1>",
        "".join(f"<p>{text(chance.randint(20, 90))}</p>\n" for _ in range(25)),
        "</main><aside>",
    ]
    made = sum(map(len, parts))
    number = 0
    while made < size:
        parts.append(teaser(number := number + 1))
        made += len(parts[-1])
    return "".join([*parts, "</aside></body></html>"]).encode()


@contextmanager
def newsroom(root: Path, pages: int) -> Iterator[tuple[str, list[str]]]:
    """Serve `pages` pages, robots.txt and a sitemap from `root`; yield the origin and the pages' URLs."""
    with newsrooms(root, 1, pages) as (origins, names):
        yield origins[0], [origins[0] + name for name in names]


@contextmanager
def newsrooms(root: Path, sites: int, pages: int) -> Iterator[tuple[list[str], list[str]]]:
    """Serve the same `pages` pages as `sites` sites, each at an address of its own; yield their origins and the paths.

    Each site has a robots.txt and a sitemap (``/sitemap.xml``) of its pages. Addresses are of 127.0.0.0/8: Linux.
    """
    port = _free_port()
    addresses = [f"127.0.{n // 250}.{n % 250 + 1}" for n in range(sites)]
    origins = [f"http://{address}:{port}" for address in addresses]
    names = [f"/news/2026/11/{n % 28 + 1:02}/story-{n:05}.html" for n in range(pages)]
    _write_pages(root / "site", names)
    for address, origin in zip(addresses, origins, strict=True):
        _write_sitemap(root / "site" / "sitemaps" / f"{address}.xml", [origin + name for name in names])
    (root / "nginx.conf").write_text(
        _CONF.format(
            root=root,
            listen=" ".join(f"listen {address}:{port};" for address in addresses),
            user="user root; " if os.geteuid() == 0 else "",
        )
    )
    nginx = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if nginx is None:
        raise SystemExit("nginx is not installed: apt-get install nginx-light")
    server = subprocess.Popen([nginx, "-c", str(root / "nginx.conf"), "-p", str(root), "-e", str(root / "error.log")])
    try:
        _wait_for(port)
        yield origins, names
    finally:
        server.terminate()
        server.wait()


def _write_pages(site: Path, names: list[str]) -> None:
    bodies = site / "bodies"
    bodies.mkdir(parents=True)
    (site.parent / "tmp").mkdir()
    different = min(DIFFERENT, len(names))
    for n in range(different):
        content = page(n)
        (bodies / f"{n}.html").write_bytes(content)
        (bodies / f"{n}.html.gz").write_bytes(gzip.compress(content, 6, mtime=0))
    for n, name in enumerate(names):
        path = site / name[1:]
        path.parent.mkdir(parents=True, exist_ok=True)
        for suffix in ("", ".gz"):
            os.link(bodies / f"{n % different}.html{suffix}", f"{path}{suffix}")
    (site / "robots.txt").write_text("User-agent: *\nDisallow: /private/\nDisallow: /*?print=\n")


def _write_sitemap(path: Path, urls: list[str]) -> None:
    path.parent.mkdir(exist_ok=True)
    entries = "".join(f"<url><loc>{url}</loc></url>\n" for url in urls)
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
    path.write_text(f"{head}{entries}</urlset>\n")


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def _wait_for(port: int) -> None:
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise SystemExit("nginx did not start")


if __name__ == "__main__":
    from press import main

    main()
