"""Corruptions of a WARC file as a whole: records removed, doubled, moved, cut; bytes between them; the file itself
moved or gone.
"""

from __future__ import annotations

__all__ = ["CORRUPTIONS"]

import bz2
import gzip
from collections.abc import Callable

from crawler.run.selftest.corruption import Archive, Corruption, Place, PlacedRecord, not_here

_JUNK = b"\x00\xffsomething else\r\n"


def _removed(kind: str) -> Callable[[Archive], Place]:
    def plant(archive: Archive) -> Place:
        record = archive.record(kind)
        records = archive.records(record.path)
        members = archive.members(record.path)
        del members[record.number]
        archive.put_members(record.path, members)
        before = records[record.number - 1].offset if record.number else 0
        main = next((r.offset for r in reversed(records[: record.number]) if r.type in ("response", "revisit")), 0)
        return Place(record.path.name, (record.offset, before, main))

    return plant


def _doubled(kind: str, *, other_id: bool) -> Callable[[Archive], Place]:
    def plant(archive: Archive) -> Place:
        record = archive.record(kind)
        members = archive.members(record.path)
        again = record.content
        if other_id:
            again = again.replace(b"WARC-Record-ID: <urn:uuid:", b"WARC-Record-ID: <urn:uuid:0", 1)
        members.insert(record.number + 1, gzip.compress(again, mtime=0))
        archive.put_members(record.path, members)
        return Place(record.path.name, (record.offset, record.offset + record.length))

    return plant


def _exchange_doubled(archive: Archive) -> Place:
    """Append a second copy of a whole exchange, its records under ids of their own."""
    response = archive.record("response", "warc-payload-digest")
    group = [response, archive.partner(response, "request"), archive.partner(response, "metadata")]
    size = response.path.stat().st_size
    made = [gzip.compress(one.content.replace(b"<urn:uuid:", b"<urn:uuid:0"), mtime=0) for one in group]
    archive.put_members(response.path, [*archive.members(response.path), *made])
    return Place(response.path.name, (size, response.offset))


def _reordered(archive: Archive) -> Place:
    """Put the last exchange of a file before its first."""
    for path in archive.warcs():
        records = archive.records(path)
        starts = [record.number for record in records if record.type in ("response", "revisit")]
        if len(starts) > 1:
            members = archive.members(path)
            last = members[starts[-1] :]
            archive.put_members(path, [members[0], *last, *members[1 : starts[-1]]])
            moved = records[starts[-1]].offset - records[starts[0]].offset
            return Place(path.name, (records[1].offset, *(record.offset for record in records), moved))
    raise not_here("no file with two responses")


def _request_first(archive: Archive) -> Place:
    response = archive.record("response")
    members = archive.members(response.path)
    number = response.number
    members[number], members[number + 1] = members[number + 1], members[number]
    archive.put_members(response.path, members)
    return Place(response.path.name, (response.offset, response.offset + len(members[number])))


def _cut(share: float, *, at_member: bool = False) -> Callable[[Archive], Place]:
    def plant(archive: Archive) -> Place:
        path = archive.warcs()[0]
        records = archive.records(path)
        last = records[-1]
        end = last.offset if at_member else last.offset + int(last.length * share)
        archive.write(path, path.read_bytes()[:end])
        main = next(r.offset for r in reversed(records[:-1]) if r.type in ("response", "revisit", "request"))
        return Place(path.name, (0, main) if at_member else (last.offset,))

    return plant


def _inserted(
    what: bytes, where: Callable[[list[PlacedRecord]], int], named: Callable[[int], int]
) -> Callable[[Archive], Place]:
    """Put `what` at the byte that `where` picks; the byte that is `named` is told."""

    def plant(archive: Archive) -> Place:
        path = archive.warcs()[0]
        at = where(archive.records(path))
        content = path.read_bytes()
        archive.write(path, content[:at] + what + content[at:])
        return Place(path.name, (named(at),))

    return plant


def _zeros(archive: Archive) -> Place:
    record = archive.record("response")
    content = record.path.read_bytes()
    end = record.offset + record.length
    archive.write(record.path, content[: record.offset] + bytes(record.length) + content[end:])
    return archive.place(record)


def _merged(archive: Archive) -> Place:
    """Pack a response and its request into one member."""
    response = archive.record("response", "warc-payload-digest")
    request = archive.partner(response, "request")
    members = archive.members(response.path)
    members[response.number : request.number + 1] = [gzip.compress(response.content + request.content, mtime=0)]
    archive.put_members(response.path, members)
    return archive.place(response)


def _whole(pack: Callable[[bytes], bytes]) -> Callable[[Archive], Place]:
    def plant(archive: Archive) -> Place:
        path = archive.warcs()[0]
        archive.write(path, pack(gzip.decompress(path.read_bytes())))
        return Place(path.name)

    return plant


def _strange(archive: Archive) -> Place:
    """Put a record of another file into a file, ids and digests as they are."""
    first, second = _two(archive)
    (record, *_) = [r for r in archive.records(second.path) if r.type in ("response", "revisit")]
    members = archive.members(first.path)
    archive.put_members(first.path, [*members, archive.members(second.path)[record.number]])
    return Place(first.path.name, (sum(map(len, members)),))


def _two(archive: Archive) -> tuple[PlacedRecord, PlacedRecord]:
    """Return a record of the first and one of the second file."""
    if len(archive.warcs()) < 2:
        raise not_here("only one WARC file")
    first, second = archive.warcs()[:2]
    return archive.records(first)[0], archive.records(second)[0]


def _exchanged(archive: Archive) -> Place:
    """Put another file's content under a file's name."""
    first, second = _two(archive)
    archive.write(first.path, second.path.read_bytes())
    return Place(first.path.name)


def _renamed(archive: Archive) -> Place:
    path = archive.warcs()[0]
    other = path.with_name(path.name.replace("WARRAQ-2", "WARRAQ-3"))
    archive.index(path).rename(archive.index(other))
    path.rename(other)
    return Place(other.name)


def _moved(archive: Archive) -> Place:
    path = archive.warcs()[0]
    folder = path.parent.with_name("31" if path.parent.name != "31" else "01")
    folder.mkdir(exist_ok=True)
    archive.index(path).rename(folder / archive.index(path).name)
    path.rename(folder / path.name)
    return Place(f"{folder.name}/{path.name}")


def _gone(*, index: bool) -> Callable[[Archive], Place]:
    def plant(archive: Archive) -> Place:
        path = archive.warcs()[0]
        path.unlink()
        if index:
            archive.index(path).unlink()
        return Place(path.name)

    return plant


def _copied(archive: Archive) -> Place:
    """Put a second copy of a file and its index under another name of ours."""
    path = archive.warcs()[0]
    other = path.with_name(path.name.replace("-0000", "-0990", 1))
    archive.write(other, path.read_bytes())
    archive.write(archive.index(other), archive.index(path).read_bytes())
    return Place(other.name)


def _emptied(archive: Archive) -> Place:
    path = archive.warcs()[0]
    archive.write(path, b"")
    return Place(path.name)


def _end(records: list[PlacedRecord]) -> int:
    return records[-1].offset + records[-1].length


_NAMES = {"resource": "DNS"}

CORRUPTIONS = (
    *(
        Corruption(f"removed {kind}", f"a {_NAMES.get(kind, kind)} record is taken out", _removed(kind))
        for kind in ("warcinfo", "resource", "response", "request", "metadata", "revisit")
    ),
    *(
        Corruption(f"doubled {kind}", f"a {kind} record lies there twice", _doubled(kind, other_id=False))
        for kind in ("warcinfo", "response", "request", "metadata")
    ),
    *(
        Corruption(f"second {kind}", f"a {kind} record lies there again under another id", _doubled(kind,
        other_id=True))
        for kind in ("warcinfo", "response", "request", "metadata")
    ),
    Corruption("doubled exchange", "a whole exchange is appended again under other ids", _exchange_doubled),
    Corruption("reordered exchanges", "the last exchange of a file lies first", _reordered),
    Corruption("request first", "a request lies before its response", _request_first),
    Corruption("cut in a member", "the file ends in the middle of its last member", _cut(0.5)),
    Corruption("cut in a head", "the file ends in the head of its last member", _cut(0.03)),
    Corruption("cut at a member", "the file ends one member early", _cut(0, at_member=True)),
    Corruption("garbage at the start", "bytes of another kind lie before the first member", _inserted(_JUNK,
    lambda _: 0, lambda at: at)),
    Corruption("garbage between", "bytes of another kind lie between two members", _inserted(_JUNK,
    lambda found: found[2].offset, lambda at: at)),
    Corruption("garbage at the end", "bytes of another kind lie after the last member", _inserted(_JUNK, _end,
    lambda at: at)),
    Corruption("zeros at the end", "the file was made longer with zeros", _inserted(bytes(4096), _end, lambda at: at)),
    Corruption("empty member", "a member without content lies between two", _inserted(gzip.compress(b"", mtime=0),
    lambda found: found[2].offset, lambda _: 0)),
    Corruption("hole", "a member is all zeros, as a disk leaves it", _zeros),
    Corruption("merged members", "two records lie in one member", _merged),
    Corruption("one member", "the whole file is packed as one member", _whole(lambda content: gzip.compress(content,
    mtime=0))),
    Corruption("not packed", "the file is not compressed", _whole(lambda content: content)),
    Corruption("packed otherwise", "the file is compressed with bzip2", _whole(bz2.compress)),
    Corruption("strange record", "a record of another file is appended", _strange),
    Corruption("other content", "the file has the content of another one", _exchanged),
    Corruption("empty file", "the file is empty", _emptied),
    Corruption("renamed", "file and index have another name", _renamed),
    Corruption("moved", "file and index lie in another day's folder", _moved),
    Corruption("gone", "file and index are gone", _gone(index=True)),
    Corruption("gone from its index", "the file is gone, its index is there", _gone(index=False)),
    Corruption("copied", "file and index lie there again under another name", _copied),
)  # fmt: skip
