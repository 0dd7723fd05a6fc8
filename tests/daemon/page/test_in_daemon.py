"""The page within the real daemon: there by default, out of the way when it cannot be, and no hindrance to stopping."""

from __future__ import annotations

import http.client
import resource
import signal
import socket
import time

import pytest

from crawler.daemon.instance import socket_path
from tests.daemon.page.page_server import Answer


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def ask(port: int, path: str) -> Answer | None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return Answer(response.status, {}, [], response.read().decode())
    except ConnectionError:
        return None
    finally:
        connection.close()


@pytest.fixture
def port(daemon) -> int:
    found = free_port()
    daemon.overrides |= {"page.listen": f"127.0.0.1:{found}", "spool.min_free_bytes": 0}
    return found


def test_the_daemon_shows_its_own_runs_and_becomes_ready(daemon, port):
    daemon.declare("paper", script="wait")
    daemon.start()
    daemon.until(lambda: ask(port, "/readyz").status == 200, why="ready")
    (run,) = daemon.trigger("paper")
    daemon.until(lambda: "7 articles" in ask(port, "/").text, why="its progress is shown")
    daemon.release()
    daemon.until(lambda: 'class="state done"' in ask(port, f"/runs/{run.id}").text, why="its end is shown")
    assert 'warraq_check_ok{check="workers"} 1.0' in ask(port, "/metrics").text


def test_a_daemon_whose_port_is_taken_goes_on_without_a_page(daemon, port, capfd):
    with socket.create_server(("127.0.0.1", port)):
        daemon.declare("paper")
        daemon.start()
        (run,) = daemon.trigger("paper")
        assert daemon.ended(run.id).state == "done"
    assert "another one is set with [page] listen" in "".join(capfd.readouterr())


def test_without_an_address_there_is_no_page(daemon, port):
    daemon.overrides["page.listen"] = ""
    daemon.start()
    assert ask(port, "/") is None


def test_what_happens_is_counted_with_the_page_off_too(daemon, port):
    daemon.overrides["page.listen"] = ""
    daemon.declare("paper")
    daemon.start()
    for _ in range(3):
        (run,) = daemon.trigger("paper")
        assert daemon.ended(run.id).state == "done"

    def counted() -> bool:
        with daemon.state() as state:
            return state.counters().get(("runs", "done")) == 3

    daemon.until(counted, why="three runs are counted")


def test_an_open_connection_does_not_hold_up_the_end(daemon, port):
    process = daemon.start()
    with socket.create_connection(("127.0.0.1", port)) as idle:
        idle.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
        assert time.monotonic() - began < 10


def test_five_hundred_half_sent_requests_end_neither_the_page_nor_the_daemon(daemon, port):
    daemon.overrides |= {"daemon.workers": 1}
    daemon.declare("paper")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 256), hard))
    try:
        process = daemon.start()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    control = socket_path(daemon.state_dir)
    dawdling = []
    for number in range(500):
        family = socket.AF_INET if number % 2 else socket.AF_UNIX
        dawdler = socket.socket(family)
        dawdler.connect(("127.0.0.1", port) if number % 2 else str(control))
        dawdler.sendall(b"GET / HTTP/1.1\r\nHost: ")
        dawdling.append(dawdler)
    assert ask(port, "/healthz").status == 200
    (run,) = daemon.trigger("paper")
    assert daemon.ended(run.id).state == "done"
    assert process.poll() is None
    for dawdler in dawdling:
        dawdler.close()
