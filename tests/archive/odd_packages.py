"""More archives as nobody should write them: ARC files, packages, and indexes that lead astray."""

from __future__ import annotations

__all__ = ["ODD"]

import io
import json
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator

from tests.archive.odd_archives import Odd, altered, article, http, number, packed, page


def zipped(*entries: tuple[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as made:
        for name, content in entries:
            made.writestr(zipfile.ZipInfo(name, (2026, 11, 20, 0, 0, 0)), content, method)
    return stream.getvalue()


def arc(*records: bytes, first: bytes | None = None) -> bytes:
    body = b"1 0 Someone\nURL IP-address Archive-date Content-type Archive-length\n\n"
    head = b"filedesc://a.arc 0.0.0.0 20081120100000 text/plain %d\n" % len(body) if first is None else first
    return head + body + b"\n" + b"".join(records)


def arc_page(line: str = "{url} 192.0.2.1 20081120100000 text/html {length}\n", url: str = "") -> bytes:
    own = number()
    block = http(article(f"A Bridge of Old {own}"))
    made = line.format(url=url or f"http://news.example/2008/11/20/story-{own}", length=len(block))
    return made.encode("utf-8", "surrogateescape") + block + b"\n"


def line_of(name: str, offset: object, length: object, url: str = "https://news.example/x", **more: object) -> bytes:
    fields = {
        "url": url,
        "mime": "text/html",
        "status": "200",
        "digest": "sha1:" + "A" * 32,
        "length": str(length),
        "offset": str(offset),
        "filename": name,
        **more,
    }
    return b"example,news)/x 20261120100000 " + json.dumps(fields).encode() + b"\n"


def _arcs() -> Iterator[Odd]:
    yield Odd("plain.arc", arc(arc_page(), arc_page()), 2, is_faulty=False)
    yield Odd("packed.arc.gz", packed(arc()) + packed(arc_page()) + packed(arc_page()), 2, is_faulty=False)
    yield Odd("called-warc.warc.gz", packed(arc()) + packed(arc_page()), 1, is_faulty=False)
    line = "{url} 192.0.2.1 {date} text/html {length}\n"
    yield Odd(
        "date-short.arc", arc(arc_page(), arc_page(line.replace("{date}", "20081120")), arc_page()), 2, is_faulty=False
    )
    yield Odd("date-odd.arc", arc(arc_page(), arc_page(line.replace("{date}", "20081399999999")), arc_page()), 2)
    yield Odd("date-word.arc", arc(arc_page(), arc_page(line.replace("{date}", "yesterday")), arc_page()), 2)
    yield Odd(
        "length-short.arc", arc(arc_page(), arc_page("{url} 192.0.2.1 20081120100000 text/html 100\n"), arc_page()), 1
    )
    yield Odd("length-long.arc", arc(arc_page(), arc_page("{url} 192.0.2.1 20081120100000 text/html 99999999\n")), 1)
    yield Odd(
        "length-none.arc", arc(arc_page(), arc_page("{url} 192.0.2.1 20081120100000 text/html -\n"), arc_page()), 2
    )
    for name, length in {"negative": "-5", "hex": "0x5", "part": "5.0"}.items():
        line = f"http://news.example/x 192.0.2.1 20081120100000 text/html {length}\n\n"
        yield Odd(f"length-{name}.arc", arc(arc_page(), line.encode(), arc_page()), 2)
    yield Odd("length-into-the-next.arc", arc(arc_page()[:-1] + b"!!!!", arc_page(), arc_page()), 2)
    yield Odd(
        "length-packed.arc.gz",
        packed(arc()) + packed(arc_page("{url} 192.0.2.1 20081120100000 text/html 100\n")) + packed(arc_page()),
        1,
    )
    yield Odd(
        "version-2.arc",
        arc(arc_page("{url} 192.0.2.1 20081120100000 text/html 200 AAAA - 0 a.arc {length}\n"), arc_page()),
        2,
        is_faulty=False,
    )
    yield Odd(
        "no-media.arc",
        arc(arc_page("{url} 192.0.2.1 20081120100000 no-type {length}\n"), arc_page()),
        2,
        is_faulty=False,
    )
    yield Odd("blanks.arc", arc(arc_page(url="http://news.example/a b c"), arc_page()), 2, is_faulty=False)
    yield Odd("no-filedesc.arc", arc_page() + arc_page(), 2, is_faulty=False)
    yield Odd(
        "filedesc-lies.arc", arc(arc_page(), first=b"filedesc://a.arc 0.0.0.0 20081120100000 text/plain 9999999\n"), 0
    )
    yield Odd("torn.arc", arc(arc_page(), arc_page()[:-100]), 1)
    yield Odd("no-blank-line.arc", arc(arc_page()[:-1], arc_page()), 2, is_faulty=False)
    yield Odd("line-without-end.arc", arc(arc_page()) + b"http://news.example/" + b"a" * 300_000, 1)
    yield Odd("of-mail.arc", b"filedesc is not here\nFrom: a@b.example\n\nhello\n", 0)
    yield Odd("warc-in-arc.arc", arc(arc_page()) + page(), 2, is_faulty=False)


def _packages() -> Iterator[Odd]:
    warc = packed(page()) + packed(page())
    plain = zipped(("archive/a.warc.gz", warc))
    yield Odd("plain.wacz", plain, 2, is_faulty=False)
    yield Odd("within.wacz", zipped(("archive/a.warc.gz", warc), ("archive/b.wacz", plain)), 2)
    yield Odd("within-within.wacz", zipped(("archive/c.wacz", zipped(("archive/b.wacz", plain)))), 0)
    yield Odd("packed.wacz", zipped(("archive/a.warc.gz", warc), method=zipfile.ZIP_DEFLATED), 2, is_faulty=False)
    yield Odd("bzip2.wacz", zipped(("archive/a.warc.gz", warc), method=zipfile.ZIP_BZIP2), 2, is_faulty=False)
    yield Odd("lzma.wacz", zipped(("archive/a.warc.gz", warc), method=zipfile.ZIP_LZMA), 2, is_faulty=False)
    yield Odd("torn.wacz", plain[:-30], 0)
    yield Odd("torn-at-front.wacz", plain[:40], 0)
    yield Odd("no-archive.wacz", zipped(("pages/pages.jsonl", b"{}\n")), 0)
    yield Odd("no-entries.wacz", zipped(), 0)
    yield Odd("folder-only.wacz", zipped(("archive/", b"")), 0)
    yield Odd("empty-warc.wacz", zipped(("archive/a.warc.gz", b""), ("archive/b.warc.gz", warc)), 2)
    yield Odd("path-out.wacz", zipped(("archive/../../../../out.warc.gz", warc)), 2, is_faulty=False)
    yield Odd("path-absolute.wacz", zipped(("/archive/a.warc.gz", warc)), 0)
    yield Odd(
        "same-name-twice.wacz",
        zipped(("archive/a.warc.gz", packed(page())), ("archive/x/a.warc.gz", packed(page()))),
        2,
        is_faulty=False,
    )
    yield Odd("json-in-archive.wacz", zipped(("archive/a.json", b"{}"), ("archive/b.warc.gz", warc)), 2)


def _directories() -> Iterator[Odd]:
    """What the directory of a package says."""
    warc = packed(page()) + packed(page())
    plain = zipped(("archive/a.warc.gz", warc))
    yield Odd("comment.wacz", plain[:-2] + b"\x05\x00hello", 2, is_faulty=False)
    yield Odd("garbage-before.wacz", b"garbage" * 10 + plain, 0)
    yield Odd("garbage-behind.wacz", plain + b"garbage" * 10, 0, is_faulty=False)
    yield Odd("crc-lies.wacz", altered(plain, struct.pack("<I", zlib.crc32(warc)), b"\1\2\3\4", 2), 0)
    directory = plain.index(b"PK\1\2")
    yield Odd("encrypted.wacz", plain[: directory + 8] + b"\1" + plain[directory + 9 :], 0)
    yield Odd("method-odd.wacz", plain[: directory + 10] + b"\x63" + plain[directory + 11 :], 0)
    yield Odd(
        "size-lies.wacz", plain[: directory + 20] + b"\xff\xff\xff\x7f" + plain[directory + 24 :], 2, is_faulty=False
    )
    yield Odd("size-zero.wacz", plain[: directory + 20] + b"\0" * 8 + plain[directory + 28 :], 0)
    yield Odd("offset-lies.wacz", plain[: directory + 42] + b"\xff\xff\xff\x7f" + plain[directory + 46 :], 0)
    yield Odd("counts-lie.wacz", plain[:-12] + b"\xff\xff" + plain[-10:], 2, is_faulty=False)
    yield Odd("name-lies.wacz", plain[: directory + 28] + b"\xff\x7f" + plain[directory + 30 :], 2, is_faulty=False)
    many = zipped(*((f"archive/{entry}.warc.gz", b"") for entry in range(3000)), ("archive/z.warc.gz", warc))
    yield Odd("many-entries.wacz", many, 2)
    bomb = zipped(("archive/a.warc", b"\0" * (40 << 20)), ("archive/b.warc.gz", warc), method=zipfile.ZIP_DEFLATED)
    yield Odd("bomb.wacz", bomb, 2)
    blanks = zipped(("archive/a.warc", b"\r\n" * (10 << 20)), ("archive/b.warc.gz", warc), method=zipfile.ZIP_DEFLATED)
    yield Odd("bomb-of-blanks.wacz", blanks, 2)
    overlapping = _overlapping(500)
    yield Odd("overlapping.wacz", overlapping, 0)
    yield Odd(
        "garbage-package.wacz",
        zipped(
            ("datapackage.json", b"{" * 100_000), ("archive/a.warc.gz", warc), ("indexes/index.cdx", b"\xff" * 1000)
        ),
        2,
        is_faulty=False,
    )
    listed = json.dumps(
        {"resources": [{"path": "../../../../etc/passwd", "hash": "md5:0", "bytes": "x"}, 7, None]}
    ).encode()
    yield Odd(
        "package-lies.wacz", zipped(("datapackage.json", listed), ("archive/a.warc.gz", warc)), 2, is_faulty=False
    )


def _overlapping(count: int) -> bytes:
    """Return a zip all of whose entries are the same bytes: 2 MB of blanks each."""
    made = zipped(("archive/0.warc", b"\r\n" * (1 << 20)), method=zipfile.ZIP_DEFLATED)
    at = made.index(b"PK\1\2")
    end = made.index(b"PK\5\6")
    entry = made[at:end]
    directory = entry * count
    tail = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, len(directory), at, 0)
    return made[:at] + directory + tail


def _indexes() -> Iterator[Odd]:
    """CDXJ files beside a file that say what is not so."""

    def beside(name: str, *lines: Callable[[str, int], bytes] | bytes, is_faulty: bool = True) -> Odd:
        first, second = packed(page()), packed(page())
        made = b"".join(line if isinstance(line, bytes) else line(f"{name}.warc.gz", len(first)) for line in lines)
        return Odd(f"{name}.warc.gz", first + second, 2, is_faulty, (f"{name}.cdxj", made))

    yield beside("index-garbage", b"\xff\xfe\0garbage\n" * 5)

    yield beside("index-huge-offset", lambda name, _: line_of(name, 10**15, 5))
    yield beside("index-far-offset", lambda name, _: line_of(name, 10**30, 5))
    yield beside("index-negative", lambda name, _: line_of(name, -5, 5))
    yield beside("index-into-a-member", lambda name, size: line_of(name, size // 2, 5))
    yield beside("index-other-file", lambda _, size: line_of("../../../etc/passwd", 0, size))
    yield beside("index-other-page", lambda name, size: line_of(name, 0, size, url="https://other.example/"))
    yield beside("index-no-numbers", lambda name, _: line_of(name, "x", "y"))
    yield beside(
        "index-lists",
        lambda name, _: b'example,news)/x 20261120100000 {"url":["a"],"offset":{},"length":null,"filename":1}\n',
    )
    yield beside("index-date", lambda name, size: line_of(name, 0, size).replace(b"20261120100000", b"99999999999999"))
    yield beside("index-status", lambda name, size: line_of(name, 0, size, status="٢٠٠"))
    yield beside("index-deep", b"example,news)/x 20261120100000 " + b'{"a":' * 100_000 + b"\n")
    yield beside("index-long-line", b"a" * 5_000_000 + b"\n")


ODD = (_arcs, _packages, _directories, _indexes)
