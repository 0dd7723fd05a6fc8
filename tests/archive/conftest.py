"""Fixtures of the archive's tests; the functions they build on are in archive_factory."""

from tests.archive.archive_factory import accepted, spool_root

__all__ = ["accepted", "spool_root"]
