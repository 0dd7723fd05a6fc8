"""An object of a bucket as a file that is read, whatever becomes of its connections."""

from __future__ import annotations

__all__ = ["ObjectStream", "Ranges"]

import io
from typing import Any, Protocol

import urllib3.exceptions
from botocore.exceptions import BotoCoreError

from crawler.errors import StoreUnavailable

_ERRORS = (BotoCoreError, urllib3.exceptions.HTTPError, OSError)


class Ranges(Protocol):
    """What gives bytes of an object."""

    @property
    def url(self) -> str:
        """The store's."""

    @property
    def attempts(self) -> int:
        """Tries of one read."""

    def read_range(self, key: str, etag: str | None, start: int, end: int) -> Any:
        """Return botocore's body of the bytes `start` to `end` (exclusive) of the object with that ETag."""


class ObjectStream(io.RawIOBase):
    """The bytes of one object; after a broken connection it goes on where it was."""

    def __init__(self, store: Ranges, key: str, etag: str | None, start: int, end: int) -> None:
        super().__init__()
        self._store = store
        self._key = key
        self._etag = etag
        self._at = start
        self._start = start
        self._end = end
        self._body: Any = None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at - self._start

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move within the range; the next read asks the server for the bytes from there."""
        origin = {io.SEEK_SET: self._start, io.SEEK_CUR: self._at, io.SEEK_END: self._end}[whence]
        if origin + offset != self._at:
            self._drop()
        self._at = max(origin + offset, self._start)
        return self._at - self._start

    def readinto(self, buffer: Any) -> int:
        wanted = min(len(buffer), self._end - self._at)
        if wanted <= 0:
            return 0
        for attempt in range(1, self._store.attempts + 1):
            try:
                if self._body is None:
                    self._body = self._store.read_range(self._key, self._etag, self._at, self._end)
                piece = self._body.read(wanted)
            except _ERRORS as error:
                self._drop()
                if attempt == self._store.attempts:
                    raise StoreUnavailable(f"{self._store.url}: {self._key}: {error}") from error
                continue
            if piece:
                break
            self._drop()  # the connection ended early without saying so
        else:
            raise StoreUnavailable(f"{self._store.url}: {self._key}: ended at byte {self._at} of {self._end}")
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def close(self) -> None:
        self._drop()
        super().close()

    def _drop(self) -> None:
        if self._body is not None:
            self._body.close()
            self._body = None
