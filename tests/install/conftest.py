"""Tests that install as a user would: in bare systems, with what their package index gives. They need root and a network,
so they are collected only where `WARRAQ_ROOTS` names the folder of those systems (.ci/run)."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.install.roots import Root, make_base

ROOT = Path(__file__).parents[2]
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


@pytest.fixture
def clone() -> Callable[[Root, str], None]:
    """Put a clone of this repository, as it is committed, into a bare system; it belongs to the ordinary user."""

    def make(root: Root, place: str) -> None:
        target = root.upper / place.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["git", "clone", "--quiet", "--no-local", ROOT, target], check=True)
        subprocess.run(["chown", "-R", "1000:1000", target], check=True)
        target.parent.chmod(0o777)

    return make
