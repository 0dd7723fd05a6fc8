"""The two locks: hashed throughout, of one mind, and readable by every pip since 23.0 as by uv."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCKS = ("requirements.lock", "requirements-dev.lock")


def locked(name: str) -> dict[str, str]:
    """Version by name (with its extras), as the lock has it."""
    return dict(re.findall(r"^([a-z0-9][\w.\[\],-]*)==([^ ]+)", (ROOT / name).read_text(), re.MULTILINE))


def named(requirement: str) -> str:
    return re.split(r"[\[<>=~! ;]", requirement)[0].lower()


def developers() -> list[str]:
    groups = PROJECT["dependency-groups"]
    return [*groups["build"], *(one for one in groups["dev"] if isinstance(one, str))]


@pytest.mark.parametrize("name", LOCKS)
def test_every_package_has_a_version_and_a_hash_and_no_index(name):
    text = (ROOT / name).read_text()
    blocks = re.split(r"\n(?=\S)", text.strip())
    assert len(blocks) > 50
    for block in blocks:
        assert re.match(
            r"[a-z0-9][\w.\[\],-]*==\S+( ; [^\n]+)? \\\n( +--hash=sha256:[0-9a-f]{64}( \\)?\n?)+$", block
        ), block
    assert "://" not in text


def test_the_development_lock_has_all_of_the_runtime_lock_in_the_same_version():
    names = {name.partition("[")[0]: version for name, version in locked(LOCKS[1]).items()}
    assert locked(LOCKS[0]).items() <= names.items()


def test_the_locks_are_of_the_projects_dependencies():
    for names, lock in (
        (PROJECT["project"]["dependencies"], LOCKS[0]),
        (developers(), LOCKS[1]),
    ):
        assert {named(one) for one in names} <= {name.partition("[")[0] for name in locked(lock)}, lock
    for extra in PROJECT["project"]["optional-dependencies"].values():
        assert {named(one) for one in extra} <= {name.partition("[")[0] for name in locked(LOCKS[1])}


def test_extras_that_a_package_asks_for_stand_in_the_lock():
    """A pip older than 23.3 takes ``coverage[toml]`` for another requirement than ``coverage``, and refuses the
    file."""
    assert "coverage[toml]" in locked(LOCKS[1])


def test_the_program_needs_no_tool_of_the_developers():
    assert not {"mypy", "pytest", "ruff", "playwright", "pglast", "hatchling", "swift"} & locked(LOCKS[0]).keys()


def test_what_builds_a_wheel_is_pinned_to_what_is_locked():
    pins = dict(one.split("==") for one in PROJECT["dependency-groups"]["build"])
    assert pins.items() <= locked(LOCKS[1]).items()
    assert PROJECT["build-system"]["requires"] == [f"hatchling=={pins['hatchling']}"]
    assert {"mypy", "setuptools"} <= pins.keys()
