"""Corruptions of articles: their texts, their lines, their folders."""

from __future__ import annotations

__all__ = ["CORRUPTIONS"]

from collections.abc import Callable
from typing import TypeVar

from crawler.archive.articles.layout import ARTICLES_JSONL
from crawler.run.selftest.corruption import Archive, Corruption, Place, not_here

T = TypeVar("T")


def _text(change: Callable[[bytes], bytes]) -> Callable[[Archive], Place]:
    def plant(archive: Archive) -> Place:
        path = archive.texts()[0]
        archive.write(path, change(path.read_bytes()))
        return Place(archive.key(path))

    return plant


def _text_gone(archive: Archive) -> Place:
    path = archive.texts()[0]
    path.unlink()
    return Place(archive.key(path))


def _text_renamed(archive: Archive) -> Place:
    path = archive.texts()[0]
    other = path.with_name(path.name.replace("000_", "007_"))
    path.rename(other)
    return Place(archive.key(other))


def _texts_swapped(archive: Archive) -> Place:
    first, second = _several(archive.texts())[:2]
    one, other = first.read_bytes(), second.read_bytes()
    archive.write(first, other)
    archive.write(second, one)
    return Place(archive.key(first))


def _added(name: str) -> Callable[[Archive], Place]:
    def plant(archive: Archive) -> Place:
        path = archive.texts()[0].with_name(name)
        archive.write(path, b"A story that nobody wrote.\n")
        return Place(archive.key(path))

    return plant


def _edit(old: bytes, new: bytes) -> Callable[[Archive], Place]:
    def plant(archive: Archive) -> Place:
        path = archive.batches()[0]
        return Place(archive.key(path), (archive.edit(path, old, new),))

    return plant


def _lines(change: Callable[[list[bytes]], list[bytes]], named: int) -> Callable[[Archive], Place]:
    def plant(archive: Archive) -> Place:
        path = archive.batches()[0]
        lines = change(_several(path.read_bytes().splitlines(keepends=True)))
        archive.write(path, b"".join(lines))
        return Place(archive.key(path), (sum(map(len, lines[:named])),))

    return plant


def _line_gone(archive: Archive) -> Place:
    path = archive.batches()[0]
    lines = _several(path.read_bytes().splitlines(keepends=True))
    archive.write(path, b"".join(lines[:-1]))
    return Place(archive.key(archive.texts()[-1]))


def _batch(change: Callable[[Archive], str]) -> Callable[[Archive], Place]:
    return lambda archive: Place(change(archive))


def _lines_gone(archive: Archive) -> str:
    path = archive.batches()[0]
    path.unlink()
    return archive.key(path)


def _lines_empty(archive: Archive) -> str:
    text = archive.key(archive.texts()[0])
    archive.write(archive.batches()[0], b"")
    return text


def _batch_gone(archive: Archive) -> str:
    text = archive.key(archive.texts()[0])
    for path in [*archive.texts(), archive.batches()[0]]:
        path.unlink()
    return text


def _batch_moved(archive: Archive) -> str:
    folder = archive.batches()[0].parent
    day = folder.parent.with_name("31" if folder.parent.name != "31" else "01")
    day.mkdir(exist_ok=True)
    folder.rename(day / folder.name)
    return archive.key(day / folder.name / ARTICLES_JSONL)


def _line_moved(archive: Archive) -> str:
    """Move the last line of a run into the lines of another."""
    first, other = _several(archive.batches())[:2]
    lines = first.read_bytes().splitlines(keepends=True)
    archive.write(first, b"".join(lines[:-1]))
    archive.write(other, lines[-1] + other.read_bytes())
    return archive.key(other)


def _lines_swapped(archive: Archive) -> str:
    first, other = _several(archive.batches())[:2]
    one, two = first.read_bytes(), other.read_bytes()
    archive.write(first, two)
    archive.write(other, one)
    return archive.key(first)


def _batch_copied(archive: Archive) -> str:
    """Put a second copy of a batch under another site."""
    folder = archive.batches()[0].parent
    site = (
        archive.data
        / "articles"
        / "somebody"
        / folder.relative_to(archive.data / "articles").relative_to(
            folder.relative_to(archive.data / "articles").parts[0]
        )
    )
    for path in folder.iterdir():
        archive.write(site / path.name, path.read_bytes())
    return archive.key(site / ARTICLES_JSONL)


def _several(found: list[T]) -> list[T]:
    """Return `found`, texts or lines, of which there are two or more."""
    if len(found) < 2:
        raise not_here("no batch with two articles")
    return found


CORRUPTIONS = (
    Corruption("text altered", "a text says something else", _text(lambda text: text.replace(b"e", b"o", 1))),
    Corruption("text: blanks", "a blank in a text stands there twice",
    _text(lambda text: text.replace(b" ", b"  ", 1))),
    Corruption("text: line end", "a text ends with another line end", _text(lambda text: text + b"\n")),
    Corruption("text extended", "something is added to a text", _text(lambda text: text + b"And so on.\n")),
    Corruption("text cut", "a text ends early", _text(lambda text: text[: len(text) // 2])),
    Corruption("text emptied", "a text is empty", _text(lambda _: b"")),
    Corruption("text with a mark", "a byte order mark stands before a text",
    _text(lambda text: b"\xef\xbb\xbf" + text)),
    Corruption("text in UTF-16", "a text is in another charset", _text(lambda text: text.decode().encode("utf-16"))),
    Corruption("text line ends", "the lines of a text end as on another system", _text(lambda text: text.replace(b"\n",
    b"\r\n") + b"\r\n")),
    Corruption("text removed", "a text is gone", _text_gone),
    Corruption("text renumbered", "a text has another number", _text_renamed),
    Corruption("texts swapped", "two texts have each other's names", _texts_swapped),
    Corruption("text added", "a text is there that no line tells of", _added(f"009_{'0' * 16}.txt")),
    Corruption("file among texts", "something else lies beside the texts", _added("notes.md")),
    Corruption("line: text", "the text in a line is another", _edit(b'"text":"', b'"text":"No. ')),
    Corruption("line: id", "the id of a line is another", _edit(b'"id":"', b'"id":"0')),
    Corruption("line: title", "the title in a line is another", _edit(b'"title":"', b'"title":"No. ')),
    Corruption("line: address", "the URL in a line is another", _edit(b'"url":"http', b'"url":"httq')),
    Corruption("line: moment", "the moment of capture in a line is another", _edit(b'"captured_at":"20',
    b'"captured_at":"19')),
    Corruption("line: site", "the site in a line is another", _edit(b'"site":"', b'"site":"x')),
    Corruption("line: run", "the run in a line is another", _edit(b'"run":"', b'"run":"x')),
    Corruption("line: words", "the number of words in a line is another", _edit(b'"word_count":', b'"word_count":1')),
    Corruption("line: damaged", "a line is no JSON", _edit(b'{"id"', b'{"id')),
    Corruption("line: charset", "a byte of a line is not UTF-8", _edit(b'"title":"', b'"title":"\xff')),
    Corruption("article line removed", "the line of an article is gone", _line_gone),
    Corruption("article line doubled", "the line of an article stands there twice", _lines(lambda lines: [*lines,
    lines[0]], -1)),
    Corruption("article lines swapped", "two lines are out of order", _lines(lambda lines: [lines[1], lines[0],
    *lines[2:]], 1)),
    Corruption("article line added", "the line of an article that was not made is added", _lines(lambda lines: [*lines,
    lines[-1].replace(b'"url":"http', b'"url":"httpz')], -1)),
    Corruption("last line cut", "the last line ends early", _lines(lambda lines: [*lines[:-1], lines[-1][:-30]], -1)),
    Corruption("last line without end", "the last line has no end", _lines(lambda lines: [*lines[:-1], lines[-1][:-1]],
    -1)),
    Corruption("lines removed", "articles.jsonl is gone", _batch(_lines_gone)),
    Corruption("lines emptied", "articles.jsonl is empty", _batch(_lines_empty)),
    Corruption("line moved", "the line of an article stands among those of another run", _batch(_line_moved)),
    Corruption("lines of another run", "two runs have each other's articles.jsonl", _batch(_lines_swapped)),
    Corruption("batch removed", "all articles of a run are gone", _batch(_batch_gone)),
    Corruption("batch moved", "the articles of a run lie under another day", _batch(_batch_moved)),
    Corruption("batch copied", "the articles of a run lie there again under another site", _batch(_batch_copied)),
)  # fmt: skip
