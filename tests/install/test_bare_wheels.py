"""A wheel built on one machine runs on another: compiled where the Python is the same, pure where none was built for
it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CPYTHON = f"cp{sys.version_info[0]}{sys.version_info[1]}"


@pytest.mark.timeout(3600)
def test_wheels_built_here_run_on_bare_systems(bare, tmp_path):
    tree = tmp_path / "tree"
    subprocess.run(["git", "clone", "--quiet", "--no-local", ROOT, tree], check=True)
    out = tmp_path / "dist"
    script = [sys.executable, tree / "scripts/build_wheels.py", "--out", out, "python3"]
    subprocess.run(script, check=True)
    names = sorted(path.name for path in out.iterdir())
    compiled, pure = names
    assert f"-{CPYTHON}-{CPYTHON}-manylinux" in compiled
    assert pure.endswith("-py3-none-any.whl")
    status = ["git", "-C", tree, "status", "--porcelain", "--ignored"]
    assert subprocess.run(status, check=True, capture_output=True, text=True).stdout == ""

    for suite, version in (("bookworm", "parser compiled"), ("trixie", "parser not compiled")):
        root = bare(suite)
        shutil.copytree(out, root.upper / "wheels")
        done = root.run(
            "set -e; cd; python3 -m venv v; v/bin/pip install --quiet --find-links /wheels warraq; v/bin/warraq "
            "--version; "
            "v/bin/warraq demo"
        )
        assert done.returncode == 0, done.stdout
        assert version in done.stdout
        assert "byte-identical" in done.stdout
