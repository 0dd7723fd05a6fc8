"""The local API: what it answers, to whom."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
import pytest

from crawler.daemon.api.client import DaemonClient
from crawler.daemon.api.control import Control, DaemonView, RunView
from crawler.daemon.api.openapi import api_document
from crawler.daemon.instance import socket_path
from crawler.errors import StateError, UsageError
from crawler.model.run import Run

T = TypeVar("T")
RUN = Run(id="20260301T120000Z-a-0000", site="a", trigger="manual", queued_at=datetime(2026, 3, 1, 12, tzinfo=UTC))


class FakeDaemon:
    def trigger(self, targets: list[str]) -> list[Run]:
        if targets == ["full"]:
            raise StateError("no room left", next_step="free some")
        if targets != ["a"]:
            raise UsageError(f"no site named {targets}", next_step="try a")
        return [RUN]

    def set_paused(self, site: str, paused: bool) -> bool:
        return (site, paused) == ("a", True)

    def run_view(self, run: str) -> RunView | None:
        return RunView(run=RUN, counts={"parsed": 2}, progress={"x": 1}, failures=[]) if run == RUN.id else None

    def view(self) -> DaemonView:
        return DaemonView(
            version="0",
            pid=1,
            started_at=RUN.queued_at,
            stopping=False,
            seeds_error=None,
            workers=[],
            open_runs=[RUN],
            fires=[],
            sites=[],
        )


def talk(state_dir: Path, say: Callable[[DaemonClient], Awaitable[T]]) -> T:
    async def both() -> T:
        control = Control(FakeDaemon(), socket_path(state_dir), described=api_document)
        await control.start()
        try:
            async with DaemonClient(state_dir) as client:
                return await say(client)
        finally:
            await control.stop()

    return asyncio.run(both())


def test_runs_are_triggered_and_followed(tmp_path: Path) -> None:
    assert talk(tmp_path, lambda client: client.trigger(["a"])) == [RUN]
    view = talk(tmp_path, lambda client: client.run(RUN.id))
    assert (view.run, view.counts, view.progress) == (RUN, {"parsed": 2}, {"x": 1})


def test_sites_are_paused_and_resumed(tmp_path: Path) -> None:
    assert talk(tmp_path, lambda client: client.set_paused("a", True)) is True
    assert talk(tmp_path, lambda client: client.set_paused("a", False)) is False


def test_status_is_told(tmp_path: Path) -> None:
    assert talk(tmp_path, lambda client: client.status()).open_runs == [RUN]


def test_a_refusal_comes_back_as_the_error_it_was(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no site named \['b'\]; try a"):
        talk(tmp_path, lambda client: client.trigger(["b"]))
    with pytest.raises(UsageError, match="there is no run nothing"):
        talk(tmp_path, lambda client: client.run("nothing"))
    with pytest.raises(StateError, match="no room left; free some"):
        talk(tmp_path, lambda client: client.trigger(["full"]))


def test_without_a_daemon_the_next_step_is_told(tmp_path: Path) -> None:
    async def ask() -> object:
        async with DaemonClient(tmp_path) as client:
            return await client.status()

    with pytest.raises(UsageError, match=r"no daemon answers at .*; start it with `warraq daemon`"):
        asyncio.run(ask())


def test_only_its_user_can_open_the_socket_and_a_stale_one_is_replaced(tmp_path: Path) -> None:
    path = socket_path(tmp_path)
    path.touch()

    async def mode(_: DaemonClient) -> int:
        return stat.S_IMODE(path.stat().st_mode)

    assert talk(tmp_path, mode) == 0o600
    assert not path.exists()


@pytest.mark.parametrize("body", [b"", b"[]", b'{"targets": "a"}', b'{"site": "a"}', b"\xff"])
def test_what_is_no_request_is_refused(tmp_path: Path, body: bytes) -> None:
    async def post(_: DaemonClient) -> tuple[int, dict[str, Any]]:
        connector = aiohttp.UnixConnector(path=str(socket_path(tmp_path)))
        async with (
            aiohttp.ClientSession(connector=connector) as session,
            session.post("http://warraq/api/runs", data=body) as answer,
        ):
            return answer.status, await answer.json()

    status, refusal = talk(tmp_path, post)
    assert status == 400
    assert refusal["error"].startswith("not a request to trigger")
