"""Shipping: once, checked, receipts before removal, whatever the store does; faults come over a real socket."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import msgspec
import pytest

from crawler.archive.check.verify import verify_store
from crawler.archive.store import Store, open_store
from crawler.archive.store.folder import FileStore
from crawler.archive.store.memory import MemoryStore
from crawler.archive.write.seal import companion
from crawler.archive.write.ship import Receipt, Shipper, ShipReport, object_key
from crawler.archive.write.spool_folder import SEALED
from crawler.clock import FixedClock
from crawler.config import Storage
from crawler.errors import ArchiveError, BadArchive, StoreError, StoreUnavailable
from tests.archive.archive_factory import AT, PROVENANCE, exchange, open_spool


def fill(root: Path, files: int = 2) -> list[Path]:
    async def work() -> list[Path]:
        spool = open_spool(root)
        for number in range(files):
            await spool.record(exchange(url=f"https://news.example/{number}"), PROVENANCE)
            await spool.seal()
        paths = [sealed.path for sealed in spool.sealed()]
        await spool.close()
        return paths

    return asyncio.run(work())


class Yard:
    """A shipper with its clock and the receipts it gave."""

    def __init__(self, root: Path, store: Store) -> None:
        self.clock = FixedClock(AT)
        self.receipts: list[Receipt] = []
        self.shipper = Shipper(root, store, clock=self.clock, grace_s=3600.0, on_receipt=self.receipts.append)

    def ship(self) -> ShipReport:
        return self.shipper.ship_ready()


def test_sealed_files_go_up_with_their_index_and_a_receipt(spool_root: Path, store: Store) -> None:
    paths = fill(spool_root)
    yard = Yard(spool_root, store)
    report = yard.ship()
    assert (report.problems, report.waiting, report.removed) == ((), 0, ())
    assert list(report.shipped) == yard.receipts
    assert [receipt.name for receipt in yard.receipts] == [path.name for path in paths]
    for path, receipt in zip(paths, yard.receipts, strict=True):
        assert receipt.key == f"warc/2026/11/23/{path.name}"
        assert store.get(receipt.key) == path.read_bytes()
        assert store.get(receipt.cdxj_key) == companion(path, ".cdxj").read_bytes()
        assert msgspec.json.decode(companion(path, ".receipt.json").read_bytes(), type=Receipt) == receipt
    assert all(report.is_sound for report in verify_store(store))
    assert len(list(verify_store(store))) == 2


def test_a_second_round_ships_nothing(spool_root: Path, store: Store) -> None:
    fill(spool_root)
    yard = Yard(spool_root, store)
    yard.ship()
    assert yard.ship() == ShipReport()
    assert len(yard.receipts) == 2


def test_the_local_file_goes_after_the_grace_and_not_before(spool_root: Path, store: Store) -> None:
    (path,) = fill(spool_root, files=1)
    yard = Yard(spool_root, store)
    yard.ship()
    yard.clock.advance(3599)
    yard.ship()
    assert path.exists()
    yard.clock.advance(1)
    assert yard.ship().removed == (path.name,)
    assert [p.name for p in path.parent.iterdir()] == ["lock"]
    assert store.get(yard.receipts[0].key)


def test_an_upload_whose_receipt_was_lost_is_not_repeated_nor_taken_for_anothers(
    spool_root: Path, store: Store
) -> None:
    (path,) = fill(spool_root, files=1)
    Yard(spool_root, store).ship()
    companion(path, ".receipt.json").unlink()  # as if killed between PUT and receipt
    before = store.head(object_key(path.name))
    again = Yard(spool_root, store)
    assert again.ship().problems == ()
    assert len(again.receipts) == 1
    assert store.head(object_key(path.name)) == before


def test_an_object_whose_digest_the_store_vouches_for_is_not_read_again(
    spool_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (path,) = fill(spool_root, files=1)
    store = MemoryStore()
    Yard(spool_root, store).ship()
    companion(path, ".receipt.json").unlink()

    def refuse(own: MemoryStore, key: str, **more: int) -> None:
        raise StoreError(f"{key} was read")

    monkeypatch.setattr(MemoryStore, "open", refuse)
    assert Yard(spool_root, store).ship().problems == ()


def test_a_receipt_that_could_not_be_delivered_is_delivered_again(spool_root: Path, store: Store) -> None:
    (path,) = fill(spool_root, files=1)

    def refuse(receipt: Receipt) -> None:
        raise StoreUnavailable("the state is locked")

    first = Shipper(spool_root, store, clock=FixedClock(AT), grace_s=0.0, on_receipt=refuse).ship_ready()
    assert (first.waiting, first.shipped) == (1, ())
    assert path.exists()
    yard = Yard(spool_root, store)
    yard.ship()
    assert len(yard.receipts) == 1


def test_another_object_under_the_key_is_never_overwritten_and_the_rest_goes_on(spool_root: Path, store: Store) -> None:
    first, second = fill(spool_root)
    store.put(object_key(first.name), b"somebody else's")
    report = Yard(spool_root, store).ship()
    assert store.get(object_key(first.name)) == b"somebody else's"
    assert [receipt.name for receipt in report.shipped] == [second.name]
    assert report.waiting == 1
    assert "another object lies under" in report.problems[0]
    assert not report.unavailable


def test_a_file_damaged_since_it_was_sealed_stays_and_the_rest_goes_on(spool_root: Path, store: Store) -> None:
    first, second = fill(spool_root)
    content = bytearray(first.read_bytes())
    content[100] ^= 1
    first.write_bytes(content)
    report = Yard(spool_root, store).ship()
    assert [receipt.name for receipt in report.shipped] == [second.name]
    assert "no longer what was sealed" in report.problems[0]
    assert store.head(object_key(first.name)) is None
    assert first.exists()


def test_open_and_foreign_files_never_reach_the_store(spool_root: Path, store: Store) -> None:
    (path,) = fill(spool_root, files=1)
    path.rename(path.with_name(path.name + ".open"))
    (path.parent / "other.warc.gz").write_bytes(b"mine")
    store.check()
    assert Yard(spool_root, store).ship() == ShipReport()
    assert list(store.list()) == []


def test_keys_follow_the_day_of_the_name() -> None:
    name = "WARRAQ-20261123184104000-00007-box.warc.gz"
    assert SEALED.fullmatch(name)
    assert object_key(name) == f"warc/2026/11/23/{name}"
    assert object_key(name, ".cdxj") == "warc/2026/11/23/WARRAQ-20261123184104000-00007-box.cdxj"
    with pytest.raises(BadArchive):
        object_key("other.warc.gz")


class FaultyProxy:
    """Stands between us and the server; does to each connection what `mode` says."""

    def __init__(self, port: int) -> None:
        self.mode = "pass"
        self.connections = 0
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._threads: list[threading.Thread] = []
        self._sockets: list[socket.socket] = []
        self._accepting = threading.Thread(target=self._accept)
        self._accepting.start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._accepting.join()
        for one in self._sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self.connections += 1
                self._sockets.append(client)
                thread = threading.Thread(target=self._serve, args=(client,))
                self._threads.append(thread)
                thread.start()

    def _serve(self, client: socket.socket) -> None:
        with closing(client), suppress(OSError):
            client.settimeout(10)
            if self.mode == "drop":
                return
            if self.mode == "garbage":
                client.recv(1 << 16)
                client.sendall(b"\x00\x01 not http\r\n\r\n")
                return
            if self.mode.startswith("answer "):
                self._answer(client, self.mode.split()[1])
                return
            with socket.create_connection(("127.0.0.1", self._target), 10) as server:
                self._sockets.append(server)
                limits = {"cut upload": (60_000, -1), "cut answer": (-1, 40), "cut download": (-1, 60_000)}
                up, down = limits.get(self.mode, (-1, -1))
                thread = threading.Thread(target=_pump, args=(server, client, down))
                thread.start()
                _pump(client, server, up)
                thread.join()

    def _answer(self, client: socket.socket, status: str) -> None:
        seen = b""
        while b"\r\n\r\n" not in seen:
            seen += client.recv(1 << 16)
        body = b"<html>bad gateway</html>"
        client.sendall(
            f"HTTP/1.1 {status} x\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body
        )


def _pump(source: socket.socket, target: socket.socket, limit: int) -> None:
    """Copy until the end, or until `limit` bytes have passed: then break both connections off."""
    passed = 0
    with suppress(OSError):
        while piece := source.recv(1 << 14):
            passed += len(piece)
            if 0 <= limit < passed:
                for side in (source, target):
                    side.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
                    side.shutdown(socket.SHUT_RDWR)
                return
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)


@pytest.fixture
def proxied(swift, s3_storage: Callable[..., Storage]) -> Iterator[tuple[FaultyProxy, Store, Store]]:
    """A proxy, the store through it, and the same store without it."""
    proxy = FaultyProxy(swift.port)
    storage = s3_storage(attempts=1, read_timeout_s=3.0)
    through = msgspec.structs.replace(storage, endpoint_url=f"http://127.0.0.1:{proxy.port}")
    yield proxy, open_store(through), open_store(storage)
    proxy.close()


@pytest.mark.swift
@pytest.mark.parametrize("mode", ["drop", "garbage", "answer 500", "answer 503", "cut upload", "cut answer"])
def test_trouble_on_the_way_loses_nothing_and_repeats_nothing(
    spool_root: Path, proxied: tuple[FaultyProxy, Store, Store], mode: str
) -> None:
    proxy, through, direct = proxied
    big = 200_000

    async def work() -> None:
        spool = open_spool(spool_root)
        for number in range(2):
            body = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + bytes([number]) * big
            await spool.record(exchange(body, url=f"https://news.example/{number}"), PROVENANCE)
            await spool.seal()
        await spool.close()

    asyncio.run(work())
    yard = Yard(spool_root, through)
    proxy.mode = mode
    report = yard.ship()
    assert report.shipped == ()
    assert report.unavailable, report.problems
    assert report.waiting == 2
    assert len(report.problems) == 1
    assert len(list(spool_root.rglob("*.warc.gz"))) == 2

    proxy.mode = "pass"
    report = yard.ship()
    assert (report.problems, report.waiting) == ((), 0)
    assert len(yard.receipts) == 2
    reports = list(verify_store(direct))
    assert [len(r.faults) for r in reports] == [0, 0]
    assert sum(r.captures for r in reports) == 2


@pytest.mark.swift
def test_a_download_that_breaks_off_goes_on_where_it_was(proxied: tuple[FaultyProxy, Store, Store]) -> None:
    proxy, _, direct = proxied
    content = bytes(range(256)) * 600
    direct.put("a", content)
    storage = msgspec.structs.replace(direct._storage, attempts=8, endpoint_url=f"http://127.0.0.1:{proxy.port}")  # type: ignore[attr-defined]
    store = open_store(storage)
    proxy.mode = "cut download"
    with store.open("a") as stream:
        assert stream.read() == content
    assert proxy.connections >= 3


@pytest.mark.swift
def test_a_server_that_is_silent_is_given_up_in_time(proxied: tuple[FaultyProxy, Store, Store], s3_storage) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        endpoint = f"http://127.0.0.1:{silent.getsockname()[1]}"
        store = open_store(s3_storage(endpoint_url=endpoint, attempts=1, read_timeout_s=0.2))
        with pytest.raises(StoreUnavailable, match="tried again"):
            store.put("a", b"x")


def test_a_store_on_the_same_disk_takes_the_file_itself(spool_root: Path, tmp_path: Path) -> None:
    (path,) = fill(spool_root, files=1)
    store = FileStore(tmp_path / "data")
    yard = Yard(spool_root, store)
    yard.ship()
    stored = tmp_path / "data" / yard.receipts[0].key
    assert stored.samefile(path)
    yard.clock.advance(3600)
    yard.ship()
    assert not path.exists()
    assert verify_store(store).__next__().is_sound


def test_a_store_on_another_disk_gets_a_copy(spool_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (path,) = fill(spool_root, files=1)
    link = os.link

    def elsewhere(source: Path, target: Path) -> None:
        if Path(source).suffix == ".gz":
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        link(source, target)

    monkeypatch.setattr(os, "link", elsewhere)
    yard = Yard(spool_root, FileStore(tmp_path / "data"))
    assert yard.ship().problems == ()
    stored = tmp_path / "data" / yard.receipts[0].key
    assert not stored.samefile(path)
    assert stored.read_bytes() == path.read_bytes()


def test_a_file_is_vouched_for_a_quarter_of_an_hour_whenever_that_was(spool_root: Path) -> None:
    async def work() -> None:
        clock = FixedClock(AT)
        clock.advance(5000)
        spool = open_spool(spool_root, clock=clock)
        for number in range(2):
            clock.advance(600)
            await spool.record(exchange(url=f"https://news.example/{number}"), PROVENANCE)
            await spool.seal()
        first, second = (sealed.path for sealed in spool.sealed())
        assert [spool.vouches_for(path) for path in (first, second)] == [True, True]
        clock.advance(600)
        assert [spool.vouches_for(path) for path in (first, second)] == [False, True]
        await spool.close()

    asyncio.run(work())


def test_only_a_file_untouched_since_it_was_sealed_is_vouched_for(spool_root: Path) -> None:
    async def work() -> None:
        spool = open_spool(spool_root)
        for number in range(2):
            await spool.record(exchange(url=f"https://news.example/{number}"), PROVENANCE)
            await spool.seal()
        whole, touched = (sealed.path for sealed in spool.sealed())
        touched.write_bytes(touched.read_bytes())
        assert spool.vouches_for(whole)
        assert not spool.vouches_for(touched)
        assert not spool.vouches_for(whole.with_name("another.warc.gz"))
        await spool.close()

    asyncio.run(work())


def test_a_file_that_is_vouched_for_is_not_read_before_it_is_shipped(spool_root: Path, tmp_path: Path) -> None:
    (path,) = fill(spool_root, files=1)
    asked: list[Path] = []
    store = FileStore(tmp_path / "data")
    shipper = Shipper(
        spool_root,
        store,
        clock=FixedClock(AT),
        grace_s=0.0,
        on_receipt=lambda _: None,
        vouched=lambda one: asked.append(one) or True,  # type: ignore[func-returns-value]
    )
    assert len(shipper.ship_ready().shipped) == 1
    assert asked == [path]
    assert all(report.is_sound for report in verify_store(store))


def test_a_spool_that_is_not_there_yet_has_nothing_to_ship(tmp_path: Path, store: Store) -> None:
    assert Yard(tmp_path / "state" / "spool", store).ship() == ShipReport()


def test_a_spool_that_cannot_be_written_to_says_so(tmp_path: Path, store: Store) -> None:
    (tmp_path / "spool").write_bytes(b"a file")
    with pytest.raises(ArchiveError, match="make the spool writable"):
        Yard(tmp_path / "spool", store).ship()


def test_what_lies_beside_a_shipped_file_may_be_gone_already(spool_root: Path, store: Store) -> None:
    (path,) = fill(spool_root, files=1)
    yard = Yard(spool_root, store)
    yard.ship()
    companion(path, ".cdxj").unlink()
    yard.clock.advance(3600)
    assert yard.ship().removed == (path.name,)
