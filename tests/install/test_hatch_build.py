"""A build fetches what compiles the parser only where it can be compiled."""

from __future__ import annotations

import importlib.util
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PINNED = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]["build"]


@pytest.fixture
def build() -> ModuleType:
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def required(build: ModuleType, target: str) -> Any:
    return build.CustomBuildHook(str(ROOT), {}, None, None, "", target).dependencies()


def test_where_nothing_can_be_compiled_nothing_is_fetched(build, monkeypatch):
    monkeypatch.setenv("CC", "no-such-compiler")
    monkeypatch.delenv("WARRAQ_PURE", raising=False)
    assert required(build, "wheel") == []


def test_where_it_can_what_compiles_is_fetched_in_the_locked_versions_for_a_wheel_alone(build, monkeypatch):
    monkeypatch.setattr(build, "_obstacle", lambda: "")
    assert required(build, "wheel") == PINNED
    assert required(build, "sdist") == []
    assert all("==" in one for one in PINNED)


def test_whoever_asks_for_nothing_but_a_compiled_parser_gets_no_other(build, monkeypatch, tmp_path):
    monkeypatch.setenv("CC", "no-such-compiler")
    monkeypatch.setenv("WARRAQ_PURE", "0")
    with pytest.raises(RuntimeError, match=r"no C compiler \(no-such-compiler\)"):
        build.compiled_into(tmp_path / "out", work=tmp_path)
    monkeypatch.delenv("WARRAQ_PURE")
    assert build.compiled_into(tmp_path / "out", work=tmp_path) == []
