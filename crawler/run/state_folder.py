"""The folder of a state: that it is there, and the names of what lies in it beside the database."""

from __future__ import annotations

__all__ = ["SHELF", "SPOOL", "STAGING", "state_folder"]

from pathlib import Path

from crawler.config import Config
from crawler.errors import StateError

SPOOL = "spool"
"""WARC files on their way to the store."""
STAGING = "staging"
"""Finished articles on theirs."""
SHELF = "shelf"
"""Copies of the profiles that were read, for when the store does not answer."""


def state_folder(config: Config) -> Path:
    """Return the state folder, which is made if it is missing. Raises StateError if that fails."""
    folder = Path(config.state.dir)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StateError(
            f"{folder} cannot be made: {error.strerror}", next_step="name another folder with --state"
        ) from error
    return folder
