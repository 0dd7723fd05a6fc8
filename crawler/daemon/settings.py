"""The settings of a running daemon: read again on request, taken over as far as a running process can.

What names a place (store, state folder, the page's address) or divides the work (the number of workers) is fixed
when the process starts; a change of it is told, and waits for the next start.
"""

from __future__ import annotations

__all__ = ["FIXED", "SettingsInForce"]

import os
from collections.abc import Callable, Mapping

import msgspec

from crawler.config import Config
from crawler.daemon.alarms.notify import channels_from
from crawler.errors import ConfigError
from crawler.log import EventLog

_log = EventLog(__name__)

FIXED = ("storage", "state", "page", "daemon.workers")
"""Sections and keys that need a restart."""


class SettingsInForce:
    """The settings now in force, and what is known of those that are not."""

    def __init__(
        self, config: Config, reread: Callable[[], Config] | None, *, environ: Mapping[str, str] = os.environ
    ) -> None:
        """`reread` returns the settings as their files have them now; None: they never change."""
        self.config = config
        self.error: str | None = None
        """Why the last change was not taken over."""
        self.waiting: tuple[str, ...] = ()
        """Keys whose new values need a restart."""
        self._reread = reread
        self._environ = environ

    def read_again(self) -> bool:
        """Take over what changed; tell whether anything did. Mistakes leave all as it is and are kept in `error`."""
        if self._reread is None:
            return False
        try:
            wanted = self._reread()
            channels_from(wanted.alarms, self._environ)
        except ConfigError as error:
            self.error = str(error)
            _log.error("settings not reloaded", error=self.error)
            return False
        self.error = None
        before, self.config = self.config, _with_fixed(wanted, self.config)
        self.waiting = tuple(_different(wanted, self.config))
        if self.waiting:
            _log.warning("settings that need a restart of the daemon", keys=list(self.waiting))
        changed = list(_different(self.config, before))
        if changed:
            _log.info("settings reloaded", keys=changed)
        return bool(changed)


def _with_fixed(wanted: Config, now: Config) -> Config:
    """Return `wanted` with what is `FIXED` as it is `now`."""
    daemon = msgspec.structs.replace(wanted.daemon, workers=now.daemon.workers)
    return msgspec.structs.replace(wanted, storage=now.storage, state=now.state, page=now.page, daemon=daemon)


def _different(one: Config, other: Config) -> list[str]:
    """Return the dotted keys in which two settings differ."""
    keys = []
    for section in Config.__struct_fields__:
        a, b = getattr(one, section), getattr(other, section)
        keys += [f"{section}.{key}" for key in a.__struct_fields__ if getattr(a, key) != getattr(b, key)]
    return keys
