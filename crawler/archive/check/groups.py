"""Whether the records of a file that Warraq wrote belong together: its warcinfo first, then exchanges, each whole.

What others wrote is only read: the standard asks for none of this. A file of ours has one warcinfo, which names the
file as long as it lies in its place; every other record names that warcinfo. A response (or revisit) is followed by its
request and its metadata, a conversion by its metadata, which name it and agree with it about the page and the moment; a
request that got no answer by its metadata alone. The last group of a file may lack them: a process was killed there,
and what was salvaged was acknowledged to nobody. What stands for erased records belongs to no group.
"""

from __future__ import annotations

__all__ = ["Groups", "asks_for"]

from collections.abc import Callable

from crawler.archive.capture_metadata import Notes
from crawler.archive.read.records import RawRecord
from crawler.archive.takedowns import AUDIT_TYPE
from crawler.archive.write.spool_folder import SEALED

_OURS = b"\r\nsoftware: Warraq"
_VERSION = "WARC/1.1"
_TYPES = {
    "response": "application/http;msgtype=response",
    "revisit": "application/http;msgtype=response",
    "request": "application/http;msgtype=request",
    "metadata": "application/warc-fields",
    "warcinfo": "application/warc-fields",
    "resource": "text/dns",
    "conversion": "text/html; charset=utf-8",
}
"""All that is written, and as what."""
_MOST_LINE = 1 << 17
"""Bytes in which a request's first two lines are to be, the software of a warcinfo, the address of a host."""
_OF_THE_PAGE = ("warc-target-uri", "warc-date")
_OF_THE_WIRE = (*_OF_THE_PAGE, "warc-ip-address", "warc-protocol", "warc-cipher-suite")


class Groups:
    """The check of one file's records against each other, in the order of the file."""

    def __init__(self, name: str, fault: Callable[[int, str], None], *, in_place: bool = False) -> None:
        """`name`: of the file, folders before it do not count; `fault` is told offset and what is wrong.

        `in_place`: the file lies where this program put it, so it must have the name it was given; a copy elsewhere
        may be called anything.
        """
        self._in_place = in_place
        self._name = name.rpartition("/")[2]
        self._fault = fault
        self._info: str | None = None
        """Record id of the warcinfo."""
        self._ours: bool | None = None
        """None: no record was seen yet."""
        self._first: RawRecord | None = None
        """The record that the group is about."""
        self._request = self._notes = self._torn = False
        """Whether the group has its request and its metadata; and whether what came last could not be read: what
        follows may have lost its partner there.
        """
        self._host = ("", "")
        """Target and address of the DNS record that came last."""

    @property
    def warcinfo(self) -> str:
        """Record id of the file's warcinfo; empty if the file is not ours, or none was seen yet."""
        return (self._info or "") if self._ours else ""

    def take_whole(self, response: RawRecord) -> None:
        """Look at the next response, whose request and metadata follow it and agree with it."""
        self._begin_group(response)
        self._request = self._notes = True

    def take(self, record: RawRecord, notes: Notes | None) -> None:
        """Look at the next record; `notes` are those of a metadata record that has some of ours."""
        if self._ours is None:
            self._begin_file(record)
        if not self._ours:
            return
        kind, headers = record.type, record.headers
        if kind == "warcinfo":
            if headers.get("warc-record-id") != self._info:
                self._fault(record.offset, "a second warcinfo record")
            return
        if self._info is not None and headers.get("warc-warcinfo-id") != self._info:
            self._fault(record.offset, "WARC-Warcinfo-ID names another file's warcinfo record")
        if kind == "metadata" and headers.get("content-type") == AUDIT_TYPE:
            self._end_group()
            self._host = ("", "")
            return
        if record.version != _VERSION or headers.get("content-type") != _TYPES.get(kind):
            self._fault(record.offset, f"a {kind or 'nameless'} record is not written like this")
        if kind in ("response", "revisit", "conversion"):
            self._begin_group(record)
        elif kind == "request":
            self._take_request(record)
        elif kind == "metadata":
            self._take_metadata(record, notes)
        else:
            self._end_group()
            self._host = (headers.get("warc-target-uri", ""), _address(record))

    def tear(self) -> None:
        """Note that something could not be read: a record that is missing was told with it."""
        self._first, self._torn = None, True
        self._ours = self._ours if self._ours is not None else SEALED.fullmatch(self._name) is not None

    def _begin_file(self, record: RawRecord) -> None:
        is_info = record.type == "warcinfo"
        self._ours = _OURS in record.block.read(_MOST_LINE) if is_info else SEALED.fullmatch(self._name) is not None
        if not self._ours:
            return
        if not is_info:
            self._fault(record.offset, "the file does not begin with its warcinfo record")
            return
        self._info = record.headers.get("warc-record-id")
        named = record.headers.get("warc-filename")
        if self._in_place and named != self._name:
            self._fault(record.offset, f"WARC-Filename is {named}, the file's name {self._name}")
        if record.version != _VERSION or record.headers.get("content-type") != _TYPES["warcinfo"]:
            self._fault(record.offset, "a warcinfo record is not written like this")

    def _begin_group(self, record: RawRecord) -> None:
        self._end_group()
        self._first = record
        self._request = self._notes = self._torn = False
        host, address = self._host
        if host:
            self._host = ("", "")
            target = record.headers.get("warc-target-uri", "")
            if f"//{host.removeprefix('dns:')}" not in target or address != record.headers.get("warc-ip-address"):
                self._fault(record.offset, f"the DNS record before it is of {host} at {address}")

    def _end_group(self) -> None:
        first, self._first = self._first, None
        if first is None:
            return
        if not self._request and first.type not in ("request", "conversion"):
            self._fault(first.offset, "no request record of this response follows it")
        if not self._notes:
            self._fault(first.offset, f"no metadata record of this {first.type} follows it")

    def _take_request(self, record: RawRecord) -> None:
        if not asks_for(record.block.read(_MOST_LINE), record.headers.get("warc-target-uri", "")):
            self._fault(record.offset, "the request is not for the page that its WARC-Target-URI names")
        partner = record.headers.get("warc-concurrent-to")
        if partner is None:
            self._begin_group(record)
        elif self._is_partner(record, partner):
            if self._request:
                self._fault(record.offset, "a second request record of the same response")
            self._request = True
            self._agree(record, _OF_THE_WIRE)

    def _take_metadata(self, record: RawRecord, notes: Notes | None) -> None:
        if self._is_partner(record, record.headers.get("warc-concurrent-to")):
            if self._notes:
                self._fault(record.offset, "a second metadata record of the same capture")
            self._notes = True
            self._agree(record, _OF_THE_PAGE)
            if notes is None:
                self._fault(record.offset, "what is noted of the capture cannot be read")
            elif not self._is_noted_payload(notes):
                self._fault(record.offset, "the digest noted of the payload is not that of the record beside it")

    def _is_noted_payload(self, notes: Notes) -> bool:
        declared = self._first.headers.get("warc-payload-digest") if self._first is not None else None
        return declared is None or declared == f"sha1:{notes.payload_sha1}"

    def _is_partner(self, record: RawRecord, partner: str | None) -> bool:
        first = self._first
        if first is not None and partner == first.headers.get("warc-record-id"):
            return True
        if not self._torn:
            self._fault(record.offset, f"WARC-Concurrent-To does not name the capture before this {record.type}")
        return False

    def _agree(self, record: RawRecord, fields: tuple[str, ...]) -> None:
        """Hold fields that were written into both records against each other."""
        first = self._first
        assert first is not None
        for field in fields:
            if record.headers.get(field) != first.headers.get(field):
                self._fault(record.offset, f"{field} is not that of the capture it belongs to")


def asks_for(request: bytes, url: str) -> bool:
    """Tell whether `request` begins as our requests for `url` do: its path, or all of it for a proxy, then its host."""
    host, slash, path = url.partition("://")[2].partition("/")
    after = request[request.find(b" ") :]
    ending = f" HTTP/1.1\r\nHost: {host}\r\n"
    return after.startswith((f" {slash}{path}{ending}".encode(), f" {url}{ending}".encode()))


def _address(record: RawRecord) -> str:
    """Return the address that a DNS record ends with."""
    return record.block.read(_MOST_LINE).decode("utf-8", "replace").rstrip("\n").rpartition("\t")[2]
