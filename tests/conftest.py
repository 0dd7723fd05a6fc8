"""Fixtures that more than one test module uses, and what lets the suite run in several processes at once."""

from __future__ import annotations

import pytest

pytest_plugins = ["tests.swift"]

_SHARED = {"swift": "swift", "archive": "page", "chromium": "page", "resident": "resident", "demo": "playback"}
"""What takes long to start, and the group of tests that share it: one process runs them all."""


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name bytes that are no text by their argument: a gzip body has the time in it, and workers compare names."""
    return None if not isinstance(val, bytes) or (val.isascii() and val.decode().isprintable()) else argname


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        groups = {_SHARED[name] for name in getattr(item, "fixturenames", ()) if name in _SHARED}
        if groups:
            item.add_marker(pytest.mark.xdist_group(min(groups)))
