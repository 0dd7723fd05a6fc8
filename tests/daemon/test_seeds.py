"""The folder of declarations, as a daemon looks at it."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler.daemon.seeds import Seeds
from crawler.errors import ConfigError


def test_a_folder_that_cannot_be_looked_at_has_not_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seeds = Seeds(tmp_path, load=lambda _: {})
    seeds.read()
    (tmp_path / "paper.toml").touch()
    with monkeypatch.context() as patched:
        patched.setattr(Path, "rglob", _fails)
        assert not seeds.changed()
        with pytest.raises(ConfigError, match="Input/output error"):
            seeds.read()
    assert seeds.changed()


def _fails(*_: object) -> None:
    raise OSError(5, "Input/output error")
