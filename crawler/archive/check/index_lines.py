"""An index held against its file: sorted, a line for each capture, each line what indexing the record gives."""

from __future__ import annotations

__all__ = ["index_faults"]

from collections.abc import Mapping

from crawler.archive.check.declared_digests import is_other_sha1
from crawler.archive.read.cdxj import format_line, parse_line, url_key
from crawler.archive.read.records import Fault
from crawler.clock import iso_utc
from crawler.errors import BadArchive
from crawler.model.capture import Capture


def index_faults(name: str, cdxj: bytes, captures: Mapping[int, Capture]) -> list[Fault]:
    """Return what is wrong with `cdxj`, the index of the file `name`, which has these `captures`, by offset.

    Lines of other programs may say less and write digests in their own way. Faults name the line by its byte.
    """
    index = f"{name.removesuffix('.gz').removesuffix('.warc')}.cdxj"
    left = dict(captures)
    due = {format_line(capture): offset for offset, capture in left.items()}
    faults: list[Fault] = []
    at, before = 0, b""
    for line in cdxj.splitlines(keepends=True):
        what = _wrong(line, left, name) if left.pop(due.get(line, -1), None) is None else None
        if before > line:
            what = what or "the line is out of order"
        if what is not None:
            faults.append(Fault(file=index, offset=at, what=what))
        at, before = at + len(line), max(line, before)
    faults += [
        Fault(file=name, offset=offset, what=f"the index lacks the capture of {capture.url}")
        for offset, capture in left.items()
    ]
    return faults


def _wrong(line: bytes, left: dict[int, Capture], name: str) -> str | None:
    """Return what is wrong with a line; the capture it names is taken out of `left`."""
    try:
        key, timestamp, found = parse_line(line)
    except BadArchive as error:
        return error.what
    capture = left.pop(int(found.offset), None) if found.offset.isdigit() else None
    if capture is None or found.filename != name:
        return f"the file has no capture of {found.url} at byte {found.offset}"
    due = format_line(capture)
    if due == line or (due.partition(b" ")[2] == line.partition(b" ")[2] and _is_old_key(key, url_key(capture.url))):
        return None
    due_key, due_timestamp, fields = parse_line(due)
    where = f"the capture of {capture.url} at byte {capture.offset}"
    if timestamp != due_timestamp:
        return f"time {timestamp}, {where} is of {iso_utc(capture.captured_at)}"
    ours = found.sha256 is not None
    if ours and key != due_key and not _is_old_key(key, due_key):
        return f"the key {key} is not that of {found.url}"
    for field in ("url", "length", "status", "digest", "mime", "sha256"):
        said, is_so = str(getattr(found, field)), str(getattr(fields, field))
        if said == is_so or not (ours or _is_wrong(field, said, is_so)):
            continue
        if field in ("digest", "sha256"):
            return f"another digest than that of {capture.url} at byte {capture.offset}"
        return f"{field} {said}, {where} has {is_so}"
    return f"the line is not written as {where} is indexed" if ours else None


def _is_old_key(key: str, due: str) -> bool:
    """Tell whether `key` is `due` with the fields of its query sorted as text, as Warraq 0.1.0 did: ``id2`` before
    ``id``.
    """
    path, _, query = due.partition("?")
    return key == f"{path}?{'&'.join(sorted(query.split('&')))}"


def _is_wrong(field: str, said: str, is_so: str) -> bool:
    """Tell whether `said`, in another program's line, contradicts what our index has in `field`."""
    if field in ("mime", "sha256"):
        return False  # they name types in their own way, and have no SHA-256
    if field == "digest":
        return is_other_sha1(said, is_so)
    return said not in ("", "-")
