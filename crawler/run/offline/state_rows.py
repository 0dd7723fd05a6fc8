"""The state held against the archive: its rows of a WARC file against what lies there, and against each other."""

from __future__ import annotations

__all__ = ["RowsOfFile", "contradictions"]

from collections.abc import Iterator
from itertools import chain

import msgspec

from crawler.archive.read.captures import CaptureFacts
from crawler.archive.read.records import Fault, RawRecord
from crawler.model.capture import Capture
from crawler.state import CaptureRow, State


class RowsOfFile:
    """What the state has of one file whose receipt it holds; see `crawler.archive.check.verify.Watch`."""

    def __init__(self, state: State, warc: str) -> None:
        self._name = state.name
        self._warc = warc
        self._rows: dict[int, CaptureRow] = {row.capture.offset: row for row in state.captures_in(warc)}
        self._faults: list[Fault] = []

    def see(self, item: CaptureFacts) -> None:
        """Hold a capture of ours against its row; others' have none."""
        capture, known = item.capture, item.provenance
        if known is None:
            return
        row = self._rows.pop(capture.offset, None)
        if row is None:
            self._fault(capture.offset, f"the state does not know the capture of {capture.url}")
            return
        if row.capture == capture and (row.run, row.site, row.role) == (known.run, known.site, known.role):
            return
        said = {**msgspec.structs.asdict(row.capture), "run": row.run, "site": row.site, "role": row.role}
        is_so = {**msgspec.structs.asdict(capture), "run": known.run, "site": known.site, "role": known.role}
        for name, value in said.items():
            if value != is_so[name]:
                what = f"the state has the {name} {value} of the capture of {capture.url}, not {is_so[name]}"
                self._fault(capture.offset, what)

    def see_unanswered(self, request: RawRecord) -> None:
        """Hold a request without a response against its row."""
        row = self._rows.pop(request.offset, None)
        url = request.headers.get("warc-target-uri", "")
        if row is None:
            self._fault(request.offset, f"the state does not know the request for {url}")
        elif not _is_of(row.capture, request):
            self._fault(request.offset, f"the state has another request here than that for {url}")

    def end(self) -> Iterator[Fault]:
        """Yield what was found, and the rows for which nothing was."""
        yield from self._faults
        for offset, row in sorted(self._rows.items()):
            what = f"the state has a capture of {row.capture.url} here, and none of ours begins at this byte"
            yield Fault(file=self._warc, offset=offset, what=what)

    def _fault(self, offset: int, what: str) -> None:
        self._faults.append(Fault(file=self._warc, offset=offset, what=what))


def contradictions(state: State, *, settled: bool) -> Iterator[Fault]:
    """Yield where rows of the state speak against each other; `settled`: no article waits for the store."""
    for what in chain(state.contradictions(), state.without_article() if settled else ()):
        yield Fault(file=state.name, what=what)


def _is_of(capture: Capture, request: RawRecord) -> bool:
    headers = request.headers
    said = (capture.record_id, capture.url, capture.length, capture.status)
    return said == (headers.get("warc-record-id"), headers.get("warc-target-uri"), request.length, 0)
