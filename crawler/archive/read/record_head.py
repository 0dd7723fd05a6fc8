"""The heads of WARC and ARC records: bytes to version and named fields, read as nearly all are in one go, else with
care.
"""

from __future__ import annotations

__all__ = ["ARC_LINE", "arc_head", "parse_fields", "warc_head"]

import re

from crawler.archive.read.stream import Broken, MemberContent

ARC_LINE = re.compile(rb"([A-Za-z][A-Za-z0-9+.-]*:[^\r\n]{0,8191}?) (\S+) (\d{8,17}) ((?:[^\r\n]* )?)(\d+)\r?\n")
"""URL, address, date, media type, length. Some crawlers wrote blanks in URLs as they were. One without a scheme is what
a length too great left of the next record's line.
"""

_MAX_HEAD = 1 << 20
_FIELD = re.compile(r"\r\n([A-Za-z-]+): ")
_KNOWN = {
    name: name.lower()
    for name in (
        "WARC-Type", "WARC-Record-ID", "WARC-Date", "WARC-Target-URI", "WARC-Warcinfo-ID", "WARC-IP-Address",
        "WARC-Protocol", "WARC-Cipher-Suite", "WARC-Concurrent-To", "WARC-Payload-Digest", "WARC-Block-Digest",
        "WARC-Truncated", "WARC-Profile", "WARC-Refers-To", "WARC-Refers-To-Target-URI", "WARC-Refers-To-Date",
        "WARC-Filename", "Content-Type", "Content-Length",
    )
}  # fmt: skip
"""Spellings that need no folding: most of a walk is spent here."""


def warc_head(feed: MemberContent) -> tuple[str, dict[str, str]]:
    """Take version line and named fields (WARC 1.1 section 4); LF alone is put up with."""
    first = feed.find(b"\n", _MAX_HEAD)
    gap = 4 if first > 0 and feed.buffer[feed.index + first - 1] == 13 else 2
    size = feed.find(b"\r\n\r\n" if gap == 4 else b"\n\n", _MAX_HEAD)
    if size < 0:
        raise Broken("the record's head does not end")
    return parse_fields(feed.take(size + gap)[:size], "\r\n" if gap == 4 else "\n")


def parse_fields(head: bytes, newline: str) -> tuple[str, dict[str, str]]:
    """Return version and named fields; folded lines are joined."""
    text = head.decode("utf-8", "replace")
    parts = _FIELD.split(text)  # version, name, value, name, value ...
    names = parts[-2:0:-2]
    if len(names) == text.count("\n") and newline == "\r\n":
        try:  # the last one counts in a dict, the first one in a record
            return parts[0].strip(), dict(
                zip(map(_KNOWN.__getitem__, names), map(str.strip, parts[:1:-2]), strict=True)
            )
        except KeyError:
            pass
    lines = text.split(newline)
    return lines[0].strip(), _odd_fields(lines)


def _odd_fields(lines: list[str]) -> dict[str, str]:
    """Return the fields of a head's lines (the first is the version) of which some are folded or of other names."""
    headers: dict[str, str] = {}
    last = ""
    for line in lines[1:]:
        key, colon, value = line.partition(": ")
        known = _KNOWN.get(key)
        if known is not None:
            headers.setdefault(known, value.strip())
            last = known
            continue
        if line[:1] in (" ", "\t") and last:
            headers[last] += " " + line.strip()
            continue
        key, colon, value = line.partition(":")
        last = key.strip().lower()
        if colon and last not in headers:
            headers[last] = value.strip()
        elif last not in headers:
            last = ""
    return headers


def arc_head(feed: MemberContent) -> tuple[str, dict[str, str]]:
    """Take an ARC record's line and give it the names WARC has for the same things."""
    feed.find(b"\n", 1 << 16)
    match = ARC_LINE.match(feed.buffer, feed.index)
    if match is None:
        raise Broken("neither a WARC nor an ARC record")
    feed.take(len(match[0]))
    url, address, date, middle, length = (part.decode("utf-8", "replace") for part in match.groups())
    kind = "warcinfo" if url.startswith("filedesc:") else "response"
    headers = {
        "warc-type": kind,
        "warc-target-uri": url,
        "warc-ip-address": address,
        "warc-date": _arc_date(date),
        "content-length": length,
        "content-type": "application/http;msgtype=response" if url.startswith("http") else middle.split(" ")[0],
    }
    return "ARC/1", headers


def _arc_date(digits: str) -> str:
    d = digits.ljust(14, "0")
    return f"{d[:4]}-{d[4:6]}-{d[6:8]}T{d[8:10]}:{d[10:12]}:{d[12:14]}Z"
