"""Archives as nobody should write them, one a kind: what is odd lies between two whole pages where it can."""

from __future__ import annotations

__all__ = ["ODD", "Odd", "altered", "article", "http", "number", "packed", "page"]

import bz2
import gzip
import hashlib
import itertools
import lzma
import struct
import zlib
from collections.abc import Iterator
from typing import NamedTuple

import zstandard

TEXT = "<p>The council of the old town met on Monday and spoke for hours about the bridge over the river.</p>" * 12


class Odd(NamedTuple):
    """One archive."""

    name: str
    content: bytes
    pages: int
    """Articles that are to be had of it all the same, at least."""
    is_faulty: bool = True
    """What is odd about it is to be told, with file and offset, by replay; of an index beside it, by verify."""
    beside: tuple[str, bytes] | None = None
    """A further file in its folder."""


_numbers = itertools.count(1)


def number() -> int:
    """Return one that was not given before."""
    return next(_numbers)


def article(title: str) -> bytes:
    """Return a page that gives an article."""
    return (
        f'<html lang="en"><head><title>{title}</title><meta property="og:type" content="article"></head>'
        f"<body><article><h1>{title}</h1>{TEXT}</article></body></html>"
    ).encode()


def http(body: bytes, *fields: str, status: str = "200 OK", length: bool = True) -> bytes:
    lines = [f"HTTP/1.1 {status}", *(fields or ("Content-Type: text/html; charset=utf-8",))]
    if length:
        lines.append(f"Content-Length: {len(body)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body


def html(body: bytes, *fields: str, length: bool = True) -> bytes:
    """Return the record of a page that is served with further fields."""
    return record(http(body, "Content-Type: text/html", *fields, length=length))


def record(
    block: bytes,
    *,
    url: str = "",
    kind: str = "response",
    date: str = "2026-11-20T10:00:00Z",
    version: str = "WARC/1.0",
    media: str = "application/http; msgtype=response",
    length: str = "",
    record_id: str = "",
    tail: bytes = b"\r\n\r\n",
    more: str = "",
) -> bytes:
    own = number()
    record_id = record_id or f"<urn:uuid:00000000-0000-4000-8000-{own:012}>"
    head = (
        f"{version}\r\nWARC-Type: {kind}\r\nWARC-Record-ID: {record_id}\r\nWARC-Date: {date}\r\n"
        f"WARC-Target-URI: {url or f'https://news.example/2026/11/20/story-{own}'}\r\n"
        f"Content-Type: {media}\r\n{more}Content-Length: {length or len(block)}\r\n\r\n"
    )
    return head.encode("utf-8", "surrogateescape") + block + tail


def page(**changes: str) -> bytes:
    return record(http(article(f"An Old Bridge {number()}")), **changes)


def packed(content: bytes) -> bytes:
    return gzip.compress(content, 6, mtime=0)


def between(*odd: bytes, name: str = "", pages: int = 2, **more: object) -> Odd:
    """Return members with a whole page before and one after them."""
    return Odd(name, b"".join([packed(page()), *odd, packed(page())]), pages, **more)  # type: ignore[arg-type]


def lets(name: str, *odd: bytes, pages: int = 2) -> Odd:
    """Return records that replay passes over, or reads, without a word."""
    return between(*map(packed, odd), name=f"{name}.warc.gz", pages=pages, is_faulty=False)


def stream_of_zeros(size: int) -> bytes:
    made = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = b"\0" * (1 << 20)
    return b"".join(made.compress(block) for _ in range(size >> 20)) + made.flush()


def member_of_zeros(head: bytes, size: int) -> bytes:
    made = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = b"\0" * (1 << 20)
    pieces = [made.compress(head), *(made.compress(block) for _ in range(size >> 20))]
    return b"".join([*pieces, made.compress(b"\r\n\r\n"), made.flush()])


def altered(content: bytes, old: bytes, new: bytes, count: int = 1) -> bytes:
    assert old in content
    return content.replace(old, new, count)


def chunked(body: bytes, size: int = 700) -> bytes:
    pieces = (body[at : at + size] for at in range(0, len(body), size))
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def revisit(**changes: str) -> bytes:
    fields = {
        "kind": "revisit",
        "more": "WARC-Profile: http://netpreserve.org/warc/1.0/revisit/identical-payload-digest\r\n",
    }
    return record(http(b"", length=False), **{**fields, **changes})


def _members() -> Iterator[Odd]:
    """What is wrong with members."""
    one, two, three = (packed(page()) for _ in range(3))
    yield Odd("torn.warc.gz", one + two + three[:-40], 2)
    yield Odd("torn-in-head.warc.gz", one + two + three[:7], 2)
    yield Odd("torn-in-tail.warc.gz", one + two + three[:-4], 2)
    yield between(two[:-30], name="torn-between.warc.gz")
    yield between(two[:100] + b"\xff" * 30 + two[130:], name="deflate-overwritten.warc.gz")
    yield between(two[:-8] + b"\0\0\0\0" + two[-4:], name="crc-zero.warc.gz")
    yield between(two[:-4] + b"\0\0\0\0", name="size-zero.warc.gz")
    yield between(b"\0" * 5000, name="zeros-between.warc.gz")
    yield between(b"<html>502 Bad Gateway</html>" * 50, name="error-page-between.warc.gz")
    yield lets("empty-member", b"")
    yield lets("blank-member", b"\r\n\r\n")
    yield between(packed(b"hello"), name="member-of-words.warc.gz")
    yield between(b"\x1f\x8b\x08\x04\xff\xff" + two[6:], name="extra-field-lies.warc.gz")
    yield between(b"\x1f\x8b\x08\xff" + two[4:], name="all-flags.warc.gz")
    yield between(b"\x1f\x8b\x07\x00" + two[4:], name="method-seven.warc.gz")
    yield between(two[:10] + b"\xff" + two[11:], name="block-type-three.warc.gz")
    yield between(b"\x1f\x8b" * 2000, name="magic-over-and-over.warc.gz")
    yield between(b"\x1f\x8b\x08\x00" * 2000, name="heads-over-and-over.warc.gz")
    yield Odd("one-member.warc.gz", packed(page() + page() + page()), 3, is_faulty=False)
    yield Odd("one-member-torn.warc.gz", packed(page() + page() + page())[:-200], 0)
    yield Odd("two-packings.warc.gz", packed(packed(page()) + packed(page())), 0)
    yield Odd("plain.warc", page() + page(), 2, is_faulty=False)
    yield Odd("plain-called-gz.warc.gz", page() + page(), 2, is_faulty=False)
    yield Odd("packed-called-plain.warc", one + two, 2, is_faulty=False)
    yield Odd("plain-then-packed.warc", page() + two, 1)
    yield Odd("packed-then-plain.warc.gz", one + page() + two, 2)
    yield Odd("bzip2.warc.gz", bz2.compress(page()), 0)
    yield Odd("xz.warc.gz", lzma.compress(page()), 0)
    yield Odd("bom.warc", b"\xef\xbb\xbf" + page() + page(), 1)
    yield Odd("utf-16.warc", (page() + page()).decode("latin-1").encode("utf-16"), 0)
    yield Odd("line-ends-lf.warc", altered(page(), b"\r\n", b"\n", 8) + page(), 1, is_faulty=False)
    yield Odd("empty.warc.gz", b"", 0)
    yield Odd("one-byte.warc.gz", b"\x1f", 0)
    yield Odd("blank.warc", b"\r\n" * 3_000_000, 0)
    yield Odd("zeros.warc.gz", b"\0" * 3_000_000, 0)
    yield Odd("noise.warc.gz", hashlib.shake_256(b"noise").digest(200_000), 0)
    yield Odd("a-page.warc.gz", article("A Page"), 0)
    yield Odd("tar.warc.gz", b"a.txt" + b"\0" * 252 + b"ustar\x0000" + b"\0" * 800, 0)


def _frames() -> Iterator[Odd]:
    """Files packed with Zstandard."""
    pack = zstandard.ZstdCompressor().compress
    one, two, three = (pack(page()) for _ in range(3))
    whole = one + two + three
    yield Odd("whole.warc.zst", whole, 3, is_faulty=False)
    yield Odd("called-gz.warc.gz", whole, 3, is_faulty=False)
    yield Odd("torn.warc.zst", whole[:-30], 2)
    yield Odd("skipped-frame.warc.zst", one + frame(0x50, b"hello") + two + three, 3, is_faulty=False)
    yield Odd("skipped-frame-first.warc.zst", frame(0x5F, b"hello") + whole, 3, is_faulty=False)
    yield Odd("skipped-frame-torn.warc.zst", whole + frame(0x51, b"hello")[:-2], 3)
    yield Odd("skipped-frame-huge.warc.zst", frame(0x50, b"", size=0xFFFFFFF0) + whole, 0)
    yield Odd("dictionary-of-none.warc.zst", frame(0x5D, b"\x37\xa4\x30\xec" + b"d" * 296) + whole, 0)
    yield Odd("dictionary-torn.warc.zst", frame(0x5D, b"d" * 300)[:200], 0)
    yield Odd("dictionary-huge.warc.zst", frame(0x5D, b"", size=0xFFFFFFF0) + whole, 0)
    yield Odd("window-of-terabytes.warc.zst", one + b"\x28\xb5\x2f\xfd\x00\xf8\x01\x00\x00" + three, 2)
    yield Odd("magic-over-and-over.warc.zst", b"\x28\xb5\x2f\xfd" * 3000, 0)


def frame(kind: int, content: bytes, *, size: int | None = None) -> bytes:
    """Return a skippable frame (RFC 8878 section 3.1.2); `size`: what it says of itself."""
    return struct.pack("<BBBBI", kind, 0x2A, 0x4D, 0x18, len(content) if size is None else size) + content


def _bombs() -> Iterator[Odd]:
    yield between(stream_of_zeros(100 << 20), name="bomb-of-zeros.warc.gz")
    size = 100 << 20
    yield between(
        member_of_zeros(record(b"", length=str(size), tail=b""), size), name="bomb-in-a-record.warc.gz", is_faulty=False
    )
    yield between(member_of_zeros(b"WARC/1.0\r\nWARC-Type: response\r\nX: ", size), name="bomb-in-a-head.warc.gz")
    yield between(member_of_zeros(b"WARC/1.0\r\n" + b"A: b\r\n" * 2_000_000, 1 << 20), name="million-fields.warc.gz")
    yield lets("bomb-of-blanks", b"\r\n" * (20 << 20))
    body = stream_of_zeros(100 << 20)
    yield lets("bomb-as-coding", html(body, "Content-Encoding: gzip"))
    twice = packed(stream_of_zeros(100 << 20))
    yield lets("bomb-in-two-codings", html(twice, "Content-Encoding: gzip, gzip"))
    many = ", ".join(["gzip"] * 500)
    yield lets("five-hundred-codings", html(packed(article("A")), f"Content-Encoding: {many}"))
    yield lets("million-headers", record(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 500_000 + b"\r\n"))
    yield lets(
        "chunks-of-one", record(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\na\r\n" * 500_000)
    )
    yield lets(
        "chunk-size-of-200-kb", record(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"f" * 200_000)
    )


def _heads() -> Iterator[Odd]:
    """What records say of themselves."""
    for name, length in {
        "short": "40", "long": "99999", "huge": "9" * 17, "no-number": "12abc", "negative": "-5", "blank": " ",
        "hex": "0x20", "float": "12.0", "digits-of-others": "١٢", "million-digits": "9" * 1_000_000,
    }.items():  # fmt: skip
        yield between(packed(page(length=length)), name=f"length-{name}.warc.gz")
    yield between(packed(altered(page(), b"Content-Length: ", b"X-Length: ")), name="no-length.warc.gz")
    yield between(
        packed(altered(page(), b"Content-Type: application", b"Content-Length: 7\r\nContent-Type: application")),
        name="two-lengths.warc.gz",
        is_faulty=True,
    )
    for name, date in {
        "year-1": "0001-01-01T00:00:00+14:00", "year-9999": "9999-12-31T23:59:59-12:00", "none": "yesterday",
        "empty": "",
        "month-13": "2026-13-01T00:00:00Z", "year-0": "0000-01-01T00:00:00Z",
        "year-10000": "10000-01-01T00:00:00Z", "digits-of-others": "٢٠٢٦-١١-٢٠T10:00:00Z", "week": "2026-W47-5",
        "million": "2" * 100_000,
    }.items():  # fmt: skip
        yield between(
            packed(page(date=date)), name=f"date-{name}.warc.gz", is_faulty=name not in ("week", "digits-of-others")
        )
    yield lets("date-of-a-year", page(date="2026"), pages=3)
    yield lets("date-leap-second", page(date="2016-12-31T23:59:60Z"), pages=3)


def _addresses() -> Iterator[Odd]:
    """Where records say they are from."""
    for name, url in {
        "no-host": "http:foo", "port-word": "http://a.example:port/", "port-big": "http://a.example:99999/",
        "port-0": "http://a.example:0/",
        "bracket": "http://[::1/", "no-slashes": "https:/news.example/x", "user": "http://u:p@[bad]/",
        "only-scheme": "http://", "nul": "http://\0.example/", "blank-host": "http://a b.example/",
    }.items():  # fmt: skip
        yield between(packed(page(url=url)), name=f"url-{name}.warc.gz", is_faulty=name not in ("nul", "blank-host"))
    for name, url in {
        "angle": "<https://news.example/angle>", "upper": "HTTPS://NEWS.EXAMPLE/Upper",
        "idn": "https://новости.example/a",
        "dots": "https://news.example/../../../../etc/passwd", "raw-bytes": "https://news.example/\udcff\udcfe",
        "fragment": "https://news.example/a#b",
        "long": "https://news.example/" + "a" * 500_000, "user": "https://user:secret@news.example/",
        "ip": "http://127.0.0.1/x", "ip6": "http://[::1]/x",
        "host-dots": "http://../x", "host-slash": "http://a\\..\\..\\b/x",
        "percent": "https://news.example/%2e%2e/%00/%ff", "long-host": f"https://{'a.' * 5000}example/x",
        "blank": "https://news.example/a b", "new-line": "https://news.example/a\tb",
    }.items():  # fmt: skip
        yield between(packed(page(url=url)), name=f"address-{name}.warc.gz", is_faulty=False)


def _oddities() -> Iterator[Odd]:
    """Types, versions, ends and fields of records."""
    yield lets("ftp", page(url="ftp://news.example/x"))
    yield lets("unknown-type", page(kind="gossip"))
    yield lets("no-type", page(kind=""))
    yield lets("version-nine", page(version="WARC/9.9"))
    yield lets("version-none", page(version="WARC/"))
    yield between(packed(page(version="warc/1.0")), name="version-small.warc.gz")
    yield lets("version-old", page(version="WARC/0.17"), pages=3)
    yield lets("id-twice", *(page(record_id="<urn:uuid:same>") for _ in range(2)), pages=4)
    yield lets("no-tail", page(tail=b""), pages=3)
    yield lets("tail-lf", page(tail=b"\n\n"), pages=3)
    yield between(packed(page(tail=b"\r\n\r\ngarbage")), name="tail-garbage.warc.gz")
    yield between(packed(page(more="X: " + "a" * 3_000_000 + "\r\n")), name="head-of-3-mb.warc.gz")
    yield lets("said-cut", page(more="WARC-Truncated: length\r\n"))
    segment = "WARC-Segment-Number: 2\r\nWARC-Segment-Origin-ID: <urn:uuid:x>\r\n"
    yield lets("segments", page(more="WARC-Segment-Number: 1\r\n"), page(kind="continuation", more=segment))
    yield lets(
        "digests-lie",
        page(more="WARC-Payload-Digest: sha1:" + "A" * 32 + "\r\nWARC-Block-Digest: sha1:" + "B" * 32 + "\r\n"),
        pages=3,
    )
    yield lets(
        "digests-unknown", page(more="WARC-Payload-Digest: crc7:??\r\nWARC-Block-Digest: shake_128:00\r\n"), pages=3
    )
    yield lets("odd-fields", page(more=" folded\r\n\tagain\r\n: nameless\r\nno colon\r\n"))


def _kinds() -> Iterator[Odd]:
    """Records that are no pages over HTTP, and responses that are none."""
    yield lets("dns", record(b"v=spf1\r\n", url="dns:news.example", kind="resource", media="text/dns"))
    yield lets("resource", record(article("A Resource"), kind="resource", media="text/html"), pages=3)
    yield lets("resource-media", record(article("A Resource"), kind="resource", media="text/html\r\nEvil: yes"))
    yield lets("conversion", record(b"hello", kind="conversion", media="text/plain"))
    yield lets("gemini", record(b"\x16\x03\x01\x02", url="gemini://a.example/", media="application/gemini"))
    yield lets("ssh-answer", record(b"SSH-2.0-OpenSSH\r\n"))
    yield lets("no-answer", record(b""))
    yield lets("half-a-status", record(b"HTTP/1.1 "))
    yield lets("half-a-head", record(b"HTTP/1.1 200 OK\r\nContent-Ty"))
    yield lets("status-999", record(http(article("A"), status="999 Odd")))
    yield lets("status-long", record(http(article("A"), status="99999999999 Odd")))
    yield lets("status-superscript", record(http(article("A"), status="\u00b2\u00b2\u00b2 Odd")))
    yield lets("http-lf", record(b"HTTP/1.1 200 OK\n" + b"Content-Type: text/html\n\n" + article("A")), pages=3)
    yield lets("icy", record(b"ICY 200 OK\r\n\r\n" + article("A")))
    yield lets("bare-page", record(article("A")[:400], media="text/html"))


def _codings() -> Iterator[Odd]:
    """How pages say they are coded."""
    body = article("A Bridge in Chunks")
    yield lets("chunked", html(chunked(body), "Transfer-Encoding: chunked", length=False), pages=3)
    yield lets("called-chunked", html(body, "Transfer-Encoding: chunked", length=False), pages=3)
    yield lets("chunked-twice", html(chunked(chunked(body)), "Transfer-Encoding: chunked", length=False))
    yield lets("chunks-torn", html(chunked(body)[:-400], "Transfer-Encoding: chunked", length=False))
    yield lets("chunk-negative", html(b"-5\r\nabc\r\n0\r\n\r\n", "Transfer-Encoding: chunked", length=False))
    yield lets(
        "chunk-huge", html(b"ffffffffffffffffffffffff\r\nabc\r\n0\r\n\r\n", "Transfer-Encoding: chunked", length=False)
    )
    for coding in (
        "gzip",
        "deflate",
        "br",
        "zstd",
        "compress",
        "identity",
        "x-gzip",
        "GZIP",
        "none",
        "gzip,br,gzip",
        "\u00e9",
        "utf-8",
    ):
        name = "".join(c if c.isascii() and c.isalnum() else "-" for c in coding)
        small = coding in ("gzip", "deflate", "br", "zstd", "x-gzip", "GZIP", "identity")
        yield between(
            packed(html(body, f"Content-Encoding: {coding}")),
            name=f"called-{name}.warc.gz",
            pages=3 if small else 2,
            is_faulty=False,
        )
    yield lets("gzip-untold", html(packed(body)))
    yield lets("gzip-torn", html(packed(body)[:-20], "Content-Encoding: gzip"))
    yield lets("gzip-in-two-members", html(packed(body[:500]) + packed(body[500:]), "Content-Encoding: gzip"))
    yield lets("charset-unknown", record(http(body, "Content-Type: text/html; charset=martian")), pages=3)
    yield lets("charset-idna", record(http(body, "Content-Type: text/html; charset=idna")), pages=3)
    yield lets("charset-long", record(http(body, "Content-Type: text/html; charset=" + "a" * 100_000)))
    yield lets("media-garbage", record(http(body, "Content-Type: \x00\x01")))


def _companions() -> Iterator[Odd]:
    """Revisits, and notes beside a page."""
    yield lets("revisit-of-nothing", revisit())
    yield lets("revisit-of-itself", revisit(record_id="<urn:uuid:own>", more="WARC-Refers-To: <urn:uuid:own>\r\n"))
    yield lets(
        "revisit-of-garbage", revisit(more="WARC-Refers-To-Target-URI: http:foo\r\nWARC-Refers-To-Date: never\r\n")
    )
    yield between(
        *(
            packed(revisit(record_id=f"<urn:uuid:{a}>", more=f"WARC-Refers-To: <urn:uuid:{b}>\r\n"))
            for a, b in (("a", "b"), ("b", "a"))
        ),
        name="revisits-in-a-ring.warc.gz",
        is_faulty=False,
    )
    for n, notes in enumerate(
        (
            b"\xff\xfe",
            b"{}",
            b"[]",
            b'{"run":"../../x","site":"../../y"}',
            b"run: a\r\nsite: ../../../etc\r\n",
            b"a" * 3_000_000,
            b"{" * 200_000,
        )
    ):
        own = "<urn:uuid:with-notes>"
        yield between(
            packed(page(record_id=own)),
            packed(
                record(notes, kind="metadata", media="application/warc-fields", more=f"WARC-Concurrent-To: {own}\r\n")
            ),
            name=f"notes-{n}.warc.gz",
            pages=3,
            is_faulty=False,
        )


ODD = (_members, _frames, _heads, _addresses, _oddities, _kinds, _codings, _companions, _bombs)
