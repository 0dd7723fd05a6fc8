"""From the spool to the store: sealed files go up once, are checked there, and leave the disk only after a receipt.

A crash at any point is harmless: the object is written under a condition (never over another), an object that is
already there with the same digest counts as shipped, and the receipt lies beside the local file before the file may go.
One file that cannot be shipped does not hold up the others.
"""

from __future__ import annotations

__all__ = ["Receipt", "ShipReport", "Shipper", "object_key", "receipt_of"]

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import msgspec

from crawler.archive.files import fsync_folder, locked, replace_durably, sha256_of
from crawler.archive.folders import WARCS
from crawler.archive.record_values import BAD_JSON
from crawler.archive.store import Store, StoredObject
from crawler.archive.write.seal import SealedWarc, companion, sealed_warc
from crawler.archive.write.spool_folder import SEALED, lanes, sealed_in
from crawler.clock import Clock
from crawler.errors import ArchiveError, BadArchive, ObjectExists, StoreError, StoreRefused, StoreUnavailable

_CHUNK = 1 << 20


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """Proof that a WARC and its index are in the store, checked."""

    name: str
    """The WARC's file name."""
    store: str
    key: str
    size: int
    """Bytes."""
    sha256: str
    """Hex; of the bytes sent, and of those found if the object was there already."""
    etag: str | None
    cdxj_key: str
    cdxj_sha256: str
    shipped_at: datetime


class ShipReport(msgspec.Struct, frozen=True, kw_only=True):
    """What one round of shipping did."""

    shipped: tuple[Receipt, ...] = ()
    removed: tuple[str, ...] = ()
    """Names of WARC files whose grace has passed and which are no longer on the local disk."""
    problems: tuple[str, ...] = ()
    """One line for each file that could not be shipped."""
    waiting: int = 0
    """Sealed files that are not in the store."""
    unavailable: bool = False
    """The store could not be reached (or refused us): the rest of the round was not tried."""


def object_key(name: str, suffix: str = "") -> str:
    """Return the key of the WARC `name`, or of the file beside it with another `suffix`: by the day of its name."""
    match = SEALED.fullmatch(name)
    if match is None:
        raise BadArchive(f"{name} is not a name of ours")
    day = match["day"]
    own = name.removesuffix(".warc.gz") + suffix if suffix else name
    return f"{WARCS}{day[:4]}/{day[4:6]}/{day[6:]}/{own}"


class Shipper:
    """Ships the sealed files of a spool, or of one lane. Blocking; two at once take turns."""

    def __init__(
        self,
        root: Path,
        store: Store,
        *,
        clock: Clock,
        grace_s: float,
        on_receipt: Callable[[Receipt], None],
        vouched: Callable[[Path], bool] = lambda _: False,
    ) -> None:
        """`on_receipt` is called once the files are safe; if it raises, it is called again in the next round.

        `vouched` tells of a file that it was read a moment ago, when it was sealed, and is untouched since: it is
        not read once more before it is shipped.
        """
        self._root = root
        self._store = store
        self._clock = clock
        self._grace_s = grace_s
        self._on_receipt = on_receipt
        self._vouched = vouched

    def ship_ready(self) -> ShipReport:
        """Ship what is sealed, remove what was shipped longer than the grace ago. Raises ArchiveError (the disk)."""
        shipped: list[Receipt] = []
        removed: list[str] = []
        problems: list[str] = []
        waiting, unavailable = 0, False
        try:
            with self._alone():
                for path in self._sealed():
                    receipt = receipt_of(path)
                    if receipt is None and not unavailable:
                        try:
                            receipt = self._ship(path)
                            shipped.append(receipt)
                        except (StoreUnavailable, StoreRefused) as error:
                            unavailable = True
                            problems.append(str(error))
                        except (StoreError, BadArchive) as error:
                            problems.append(str(error))
                    if receipt is None:
                        waiting += 1
                    elif self._is_over(receipt):
                        self._remove(path)
                        removed.append(path.name)
        except OSError as error:
            raise ArchiveError(f"{self._root}: {error}", next_step="make the spool writable") from error
        return ShipReport(
            shipped=tuple(shipped),
            removed=tuple(removed),
            problems=tuple(problems),
            waiting=waiting,
            unavailable=unavailable,
        )

    def _sealed(self) -> list[Path]:
        folders = lanes(self._root) or [self._root]
        found = [path for folder in folders if folder.is_dir() for path in sealed_in(folder)]
        return sorted(found, key=lambda path: path.name)

    def _ship(self, path: Path) -> Receipt:
        """Ship index and WARC, in this order: a WARC in the store always has its index."""
        warc = sealed_warc(path)
        if not self._vouched(path) and sha256_of(path).hex() != warc.sha256:
            raise BadArchive(f"{path} is no longer what was sealed", next_step="look at the disk; the file stays here")
        cdxj_key = object_key(path.name, ".cdxj")
        self._put(cdxj_key, warc.cdxj, warc.cdxj_sha256)
        key = object_key(path.name)
        stored = self._put(key, path, warc.sha256, settled=True)
        receipt = self._make_receipt(warc, key, cdxj_key, stored)
        self._on_receipt(receipt)
        replace_durably(companion(path, ".receipt.json"), msgspec.json.encode(receipt) + b"\n")
        return receipt

    def _put(self, key: str, path: Path, sha256: str, *, settled: bool = False) -> StoredObject:
        """Put the file there unless it is there already; return what the store then has, checked."""
        try:
            return self._store.put(key, path, sha256=bytes.fromhex(sha256), settled=settled)
        except ObjectExists as error:
            stored = self._store.head(key)
            if stored is None or self._digest_there(key) != sha256:
                raise StoreError(
                    f"{self._store.url}: another object lies under {key}",
                    next_step="see who writes to this store; the file stays here",
                ) from error
            return stored

    def _digest_there(self, key: str) -> str:
        stored = self._store.head(key)
        if stored is not None and stored.sha256 is not None:
            return stored.sha256.hex()
        digest = hashlib.sha256()
        with self._store.open(key) as stream:
            while piece := stream.read(_CHUNK):
                digest.update(piece)
        return digest.hexdigest()

    def _make_receipt(self, warc: SealedWarc, key: str, cdxj_key: str, stored: StoredObject) -> Receipt:
        return Receipt(
            name=warc.path.name,
            store=self._store.url,
            key=key,
            size=warc.size,
            sha256=warc.sha256,
            etag=stored.etag,
            cdxj_key=cdxj_key,
            cdxj_sha256=warc.cdxj_sha256,
            shipped_at=self._clock.now(),
        )

    def _is_over(self, receipt: Receipt) -> bool:
        return (self._clock.now() - receipt.shipped_at).total_seconds() >= self._grace_s

    def _remove(self, path: Path) -> None:
        """Remove the WARC, then what lies beside it, the receipt last."""
        path.unlink()
        for suffix in (".cdxj", ".sha256", ".receipt.json"):
            companion(path, suffix).unlink(missing_ok=True)
        fsync_folder(path.parent)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self._root.mkdir(parents=True, exist_ok=True)
        with locked(self._root / "shipping"):
            yield


def receipt_of(path: Path) -> Receipt | None:
    """Return the receipt beside the sealed file `path`; None: it was not shipped, or the receipt cannot be read."""
    try:
        return msgspec.json.decode(companion(path, ".receipt.json").read_bytes(), type=Receipt)
    except (FileNotFoundError, *BAD_JSON):
        return None
