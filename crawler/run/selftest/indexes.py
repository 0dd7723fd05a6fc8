"""Corruptions of an index (CDXJ): its lines, their fields, and the file."""

from __future__ import annotations

__all__ = ["CORRUPTIONS"]

from collections.abc import Callable
from pathlib import Path

from crawler.run.selftest.corruption import Archive, Corruption, Place, not_here


def _index(archive: Archive, holding: bytes = b"") -> Path:
    """Return an index with several lines, one of them `holding` something."""
    for warc in archive.warcs():
        path = archive.index(warc)
        if path.is_file() and (content := path.read_bytes()).count(b"\n") > 2 and holding in content:
            return path
    raise not_here(f"no index with three lines, and {holding.decode()} in one")


def _edit(old: bytes, new: bytes) -> Callable[[Archive], Place]:
    def plant(archive: Archive) -> Place:
        path = _index(archive, old)
        return Place(path.name, (archive.edit(path, old, new),))

    return plant


def _lines(change: Callable[[list[bytes]], list[bytes]], named: int) -> Callable[[Archive], Place]:
    """Change the lines; the byte where the line `named` begins afterwards is told."""

    def plant(archive: Archive) -> Place:
        path = _index(archive)
        lines = change(path.read_bytes().splitlines(keepends=True))
        archive.write(path, b"".join(lines))
        return Place(path.name, (sum(map(len, lines[:named])),))

    return plant


def _line_gone(archive: Archive) -> Place:
    """Take out a line: its record's byte in the WARC is told."""
    path = _index(archive)
    lines = path.read_bytes().splitlines(keepends=True)
    offset = int(lines[1].split(b'"offset":"')[1].split(b'"')[0])
    archive.write(path, lines[0] + b"".join(lines[2:]))
    return Place(f"{path.stem}.warc.gz", (offset,))


def _content(
    change: Callable[[bytes], bytes], *, byte: Callable[[bytes], int] = lambda _: 0
) -> Callable[[Archive], Place]:
    def plant(archive: Archive) -> Place:
        path = _index(archive)
        content = path.read_bytes()
        archive.write(path, change(content))
        return Place(path.name, (byte(content),))

    return plant


def _removed(archive: Archive) -> Place:
    path = _index(archive)
    path.unlink()
    return Place(path.name)


def _of_another(archive: Archive) -> Place:
    path = _index(archive)
    other = next((archive.index(warc) for warc in archive.warcs() if archive.index(warc) != path), None)
    if other is None:
        raise not_here("only one index")
    archive.write(path, other.read_bytes())
    return Place(path.name)


def _last_line(content: bytes) -> int:
    return content.rstrip(b"\n").rfind(b"\n") + 1


CORRUPTIONS = (
    Corruption("line removed", "a line is taken out", _line_gone),
    Corruption("line doubled", "a line stands there twice", _lines(lambda lines: [lines[0], *lines], 1)),
    Corruption("lines swapped", "two lines are out of order", _lines(lambda lines: [lines[1], lines[0], *lines[2:]],
    1)),
    Corruption("lines reversed", "the lines are in the opposite order", _lines(lambda lines: lines[::-1], 1)),
    Corruption("empty line", "an empty line stands between two", _lines(lambda lines: [lines[0], b"\n", *lines[1:]],
    1)),
    Corruption("lines joined", "two lines are one", _lines(lambda lines: [lines[0][:-1], *lines[1:]], 0)),
    Corruption("line of nothing", "a line of a capture that is not there is added", _lines(lambda lines: [*lines,
    lines[-1].replace(b'"offset":"', b'"offset":"9')], -1)),
    Corruption("line of garbage", "a line that is none is added", _lines(lambda lines: [*lines, b"zzz\n"], -1)),
    Corruption("line without JSON", "the JSON of a line is cut", _edit(b'","mime"', b'"\n')),
    Corruption("index: key", "the sort key of a line is another", _edit(b")/", b")/a")),
    Corruption("index: moment", "the timestamp of a line is another", _edit(b" 20", b" 19")),
    Corruption("index: address", "the URL of a line is another", _edit(b'"url":"http', b'"url":"httq')),
    Corruption("index: type", "the media type of a line is another", _edit(b'"mime":"text/html', b'"mime":"text/xtml')),
    Corruption("index: status", "the status of a line is another", _edit(b'"status":"200"', b'"status":"404"')),
    Corruption("index: SHA-1", "the digest of a line is another", _edit(b'"digest":"sha1:', b'"digest":"sha1:A')),
    Corruption("index: SHA-256", "the SHA-256 of a line is another", _edit(b'"sha256":"', b'"sha256":"0')),
    Corruption("index: length", "the length in a line is another", _edit(b'"length":"', b'"length":"1')),
    Corruption("index: offset", "the offset in a line is another", _edit(b'"offset":"', b'"offset":"1')),
    Corruption("index: file", "the file that a line names is another", _edit(b'"filename":"WARRAQ',
    b'"filename":"WARRUQ')),
    Corruption("index: revisit", "a revisit is called a page", _edit(b'"mime":"warc/revisit"', b'"mime":"text/html"')),
    Corruption("index: field twice", "a field stands in a line twice, first with another value", _edit(b"{",
    b'{"status":"404",')),
    Corruption("index: blanks", "a line says the same with other blanks", _edit(b'","mime"', b'", "mime"')),
    Corruption("index: line ends", "the lines end as on another system", _content(lambda content: content.replace(b"\n",
    b"\r\n"))),
    Corruption("index: last line", "the last line has no end", _content(lambda content: content[:-1], byte=_last_line)),
    Corruption("index: cut", "the index ends in the middle of a line", _content(lambda content: content[:-20],
    byte=_last_line)),
    Corruption("index: charset", "the index is written in UTF-16",
    _content(lambda content: content.decode().encode("utf-16"))),
    Corruption("index: flipped", "a bit of the index is flipped",
    _content(lambda content: bytes([content[0] ^ 1]) + content[1:])),
    Corruption("index emptied", "the index is empty", _content(lambda _: b"")),
    Corruption("index removed", "the index is gone", _removed),
    Corruption("index of another", "the index is that of another file", _of_another),
)  # fmt: skip
