"""Tests that install as a user would: in bare systems, with what their package index gives. They need root and a
network, so they are collected only where `WARRAQ_ROOTS` names the folder of those systems (.ci/run)."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.install.roots import Root, make_base

ROOTS = os.environ.get("WARRAQ_ROOTS")
collect_ignore_glob = [] if ROOTS else ["test_bare_*.py"]


@pytest.fixture
def bare(tmp_path: Path) -> Callable[..., Root]:
    """Make a bare system, of a Debian by its name."""

    def make(suite: str, **options: Any) -> Root:
        folder = tmp_path / suite
        folder.mkdir()
        return Root(make_base(suite, Path(str(ROOTS))), folder, **options)

    return make
