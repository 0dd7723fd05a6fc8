"""What the extra ``corpus`` brings, loaded when it is asked for; without it, one line that says how to get it."""

from __future__ import annotations

__all__ = ["duckdb_module", "fsspec_module", "registered_domains"]

from importlib import import_module
from typing import Any

from crawler.errors import UsageError


def duckdb_module() -> Any:
    """Return the module ``duckdb``. Raises UsageError if it is not installed."""
    return _loaded("duckdb", "DuckDB")


def fsspec_module() -> Any:
    """Return the module ``fsspec``. Raises UsageError if it is not installed."""
    return _loaded("fsspec", "fsspec")


def registered_domains() -> Any:
    """Return what takes hosts apart by the list of public suffixes that is shipped with it; it never asks the network.

    Raises UsageError if it is not installed.
    """
    return _loaded("tldextract", "tldextract").TLDExtract(suffix_list_urls=(), cache_dir=None)


def _loaded(module: str, name: str) -> Any:
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        raise UsageError(
            f"this needs {name}, which is not installed", next_step="pip install '.[corpus]' in the source tree"
        ) from error
