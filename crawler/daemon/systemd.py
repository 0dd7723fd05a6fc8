"""What systemd is told (sd_notify(3)): ready, alive, stopping. Without ``NOTIFY_SOCKET`` nothing is."""

from __future__ import annotations

__all__ = ["Systemd"]

import asyncio
import os
import socket
from collections.abc import Callable, Mapping

from crawler.log import EventLog

_log = EventLog(__name__)

_START_US = 15 * 60 * 1_000_000


class Systemd:
    """The service manager that started us, if one did."""

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        address = environ.get("NOTIFY_SOCKET", "")
        self._address = "\0" + address[1:] if address.startswith("@") else address
        mine = environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        wanted = environ.get("WATCHDOG_USEC", "") if mine else ""
        self._watchdog_s = int(wanted) / 1e6 if wanted.isdecimal() else 0.0

    def starting(self, status: str) -> None:
        """Say that the start goes on and may take a while yet; call it again within that."""
        self._say(f"EXTEND_TIMEOUT_USEC={_START_US}", f"STATUS={status}")

    def ready(self, status: str) -> None:
        """Say that the service is up; `status` is shown by ``systemctl status``."""
        self._say("READY=1", f"STATUS={status}")

    def stopping(self) -> None:
        """Say that the service is on its way down."""
        self._say("STOPPING=1")

    async def keep_watchdog(self, alive: Callable[[], bool]) -> None:
        """Say regularly that the service is alive, for as long as `alive`; ends at once if nobody wants to know."""
        while self._address and self._watchdog_s:
            if alive():
                self._say("WATCHDOG=1")
            await asyncio.sleep(self._watchdog_s / 3)

    def _say(self, *lines: str) -> None:
        if not self._address:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
                channel.setblocking(False)
                channel.sendto("\n".join(lines).encode(), self._address)
        except OSError as error:
            _log.warning("systemd could not be told", error=str(error))
