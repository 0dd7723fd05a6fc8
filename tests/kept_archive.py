"""The archive, articles and state that version 0.1.0 wrote, kept so that what comes after can still read them."""

from __future__ import annotations

__all__ = ["unpack_kept"]

import tarfile
from pathlib import Path


def unpack_kept(folder: Path) -> None:
    """Put them into `folder`."""
    with tarfile.open(Path(__file__).parent / "kept" / "0.1.0.tar.gz") as tar:
        tar.extraction_filter = getattr(tarfile, "data_filter", None)  # Python 3.11.2, as Debian 12 has it, has none
        tar.extractall(folder)
