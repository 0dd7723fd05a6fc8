"""A real S3 server for tests: OpenStack Swift with its s3api, four processes on loopback, no root, no network.

Without Swift the tests that ask for it are skipped at home and fail in CI.
"""

from __future__ import annotations

__all__ = ["SwiftServer", "running", "s3_storage", "store", "swift"]

import multiprocessing
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import boto3.session
import pytest
from botocore.config import Config

from crawler.archive.store import Store, open_store
from crawler.archive.store.folder import FileStore
from crawler.config import Storage

ACCESS_KEY = "test:tester"
SECRET_KEY = "testing"
REGION = "us-east-1"
_SERVERS = ("account", "container", "object", "proxy")
_START_S = 60.0


@dataclass(frozen=True)
class SwiftServer:
    """Where the server answers; `client` is a plain boto3 client, for looking behind the store's back."""

    endpoint_url: str
    port: int

    def client(self) -> object:
        return boto3.session.Session().client(
            "s3",
            endpoint_url=self.endpoint_url,
            region_name=REGION,
            aws_access_key_id=ACCESS_KEY,
            aws_secret_access_key=SECRET_KEY,
            config=Config(signature_version="s3v4", s3={"addressing_style": "path"}),
        )

    def make_bucket(self) -> str:
        name = f"test-{uuid.uuid4().hex[:12]}"
        self.client().create_bucket(Bucket=name)  # type: ignore[attr-defined]
        return name


@pytest.fixture(scope="session")
def swift(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SwiftServer]:
    """A running server, started once."""
    if missing := _missing():
        pytest.skip(missing)  # which fails in CI
    with running(tmp_path_factory.mktemp("swift")) as server:
        yield server


def _missing() -> str:
    """Say what Swift needs and this machine lacks."""
    if not (Path(sys.executable).parent / "swift-proxy-server").exists():
        return "OpenStack Swift is not installed (it is among the development dependencies)"
    try:
        multiprocessing.BoundedSemaphore(1)
    except OSError as error:
        return f"OpenStack Swift needs shared memory, and /dev/shm cannot be written to ({error.strerror})"
    return ""


@pytest.fixture(params=["file", pytest.param("s3", marks=pytest.mark.swift)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """An empty store of either kind: in the folder ``data``, and on a real S3 server."""
    if request.param == "file":
        return FileStore(tmp_path / "data")
    return open_store(request.getfixturevalue("s3_storage")())


@pytest.fixture
def s3_storage(swift: SwiftServer, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Storage]:
    """Make settings for a store in a bucket of its own; the credentials are in the environment, as they would be."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")

    def make(*, prefix: str = "news", **changes: object) -> Storage:
        settings = {
            "url": f"s3://{swift.make_bucket()}/{prefix}",
            "endpoint_url": swift.endpoint_url,
            "region": REGION,
            "connect_timeout_s": 5.0,
            "read_timeout_s": 20.0,
            "attempts": 2,
        }
        return Storage(**{**settings, **changes})  # type: ignore[arg-type]

    return make


@contextmanager
def running(root: Path) -> Iterator[SwiftServer]:
    """Start the server with everything it needs under `root`; stop it and remove that at the end."""
    folder = Path(sys.executable).parent
    ports = _free_ports()
    _configure(root, ports, folder)
    processes = [_start(root, name, folder) for name in _SERVERS]
    try:
        _wait(root, ports["proxy"], processes)
        yield SwiftServer(f"http://127.0.0.1:{ports['proxy']}", ports["proxy"])
    finally:
        _stop(processes)
        shutil.rmtree(root, ignore_errors=True)


def main(command: list[str]) -> int:
    """Run `command` with a server beside it: ``{store}`` and ``{endpoint}`` in its words are filled in."""
    if missing := _missing():
        sys.stderr.write(f"{missing}\n")
        return 1
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as server:
        words = {"store": f"s3://{server.make_bucket()}/demo", "endpoint": server.endpoint_url}
        credentials = {"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY, "AWS_REGION": REGION}
        return subprocess.run(
            [word.format(**words) for word in command], env={**os.environ, **credentials}, check=False
        ).returncode


def _free_ports() -> dict[str, int]:
    sockets = [socket.socket() for _ in _SERVERS]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = {name: one.getsockname()[1] for name, one in zip(_SERVERS, sockets, strict=True)}
    for one in sockets:
        one.close()
    return ports


def _configure(root: Path, ports: dict[str, int], binaries: Path) -> None:
    for name in ("etc", "node/d1", "cache"):
        (root / name).mkdir(parents=True)
    etc = root / "etc"
    (etc / "swift.conf").write_text(
        "[swift-hash]\nswift_hash_path_prefix = test\nswift_hash_path_suffix = test\n"
        "[storage-policy:0]\nname = default\ndefault = yes\n"
    )
    for name in _SERVERS:
        common = (
            f"[DEFAULT]\nbind_ip = 127.0.0.1\nbind_port = {ports[name]}\nworkers = 0\nswift_dir = {etc}\n"
            f"devices = {root}/node\nmount_check = false\ndisable_fallocate = true\nlog_name = {name}\n"
            "log_level = WARNING\nlog_address = /nonexistent\nlog_udp_host = 127.0.0.1\nlog_udp_port = 9\n"
            f"recon_cache_path = {root}/cache\nlock_path = {root}/cache\n"
        )
        own = (
            _PROXY
            if name == "proxy"
            else f"[pipeline:main]\npipeline = {name}-server\n[app:{name}-server]\nuse = egg:swift#{name}\n"
        )
        (etc / f"{name}-server.conf").write_text(common + own)
    rings = [word for name in _SERVERS if name != "proxy" for word in (etc / f"{name}.ring.gz", str(ports[name]))]
    subprocess.run([binaries / "python", "-c", _MAKE_RINGS, *rings], check=True)


def _start(root: Path, name: str, binaries: Path) -> subprocess.Popen[bytes]:
    with (root / f"{name}.log").open("ab") as log:
        return subprocess.Popen(
            [binaries / f"swift-{name}-server", root / "etc" / f"{name}-server.conf", "-v"],
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )


def _wait(root: Path, port: int, processes: list[subprocess.Popen[bytes]]) -> None:
    """Return when a bucket can be made: the health check answers before the storage servers do."""
    deadline = time.monotonic() + _START_S
    probe = SwiftServer(f"http://127.0.0.1:{port}", port)
    while time.monotonic() < deadline and all(process.poll() is None for process in processes):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthcheck", timeout=2):
                probe.make_bucket()
                return
        except (OSError, probe.client().exceptions.ClientError):  # type: ignore[attr-defined]
            time.sleep(0.1)
    logs = "\n".join(f"{log.name}: {log.read_text()[-2000:]}" for log in root.glob("*.log"))
    pytest.fail(f"Swift did not start\n{logs}")


def _stop(processes: list[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        process.send_signal(signal.SIGTERM)
    for process in processes:
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(5)


_MAKE_RINGS = """
import sys
from swift.common.ring import RingBuilder
for path, port in zip(sys.argv[1::2], sys.argv[2::2]):
    ring = RingBuilder(part_power=4, replicas=1, min_part_hours=0)
    ring.add_dev({"region": 1, "zone": 1, "ip": "127.0.0.1", "port": int(port), "device": "d1", "weight": 1})
    ring.rebalance()
    ring.get_ring().save(path)
"""
"""In one process: what ``swift-ring-builder`` does with nine."""
_PROXY = """
[pipeline:main]
pipeline = catch_errors gatekeeper healthcheck proxy-logging cache bulk s3api tempauth copy slo dlo proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = testing .admin
user_test_reader = reading
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:gatekeeper]
use = egg:swift#gatekeeper
[filter:healthcheck]
use = egg:swift#healthcheck
[filter:proxy-logging]
use = egg:swift#proxy_logging
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:1
error_suppression_limit = 1
error_suppression_interval = 86400
[filter:bulk]
use = egg:swift#bulk
[filter:copy]
use = egg:swift#copy
[filter:slo]
use = egg:swift#slo
[filter:dlo]
use = egg:swift#dlo
"""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
