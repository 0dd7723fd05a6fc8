"""The environment: made once, grown, made anew when it is not what the locks say or not where it was."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "setup_venv.py"


@pytest.fixture
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("setup_venv", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A small project that needs no package, in a folder with a blank and an accent."""
    root = tmp_path / "ein Ordner für é"
    (root / "crawler" / "cli").mkdir(parents=True)
    (root / "crawler" / "__init__.py").touch()
    (root / "crawler" / "cli" / "__init__.py").write_text(
        "import sys\n\ndef main():\n    print(sys.argv[1:])\n    return 3\n"
    )
    for name in ("requirements.lock", "requirements-dev.lock"):
        (root / name).write_text("# nothing\n")
    return root


@pytest.fixture
def uv(tmp_path: Path) -> str:
    """Stands in for uv: an environment without pip, quickly made; a lock that says so cannot be installed."""
    program = tmp_path / "uv"
    program.write_text(
        f"#!/bin/sh\nfor last; do :; done\ncase $1 in venv) exec {sys.executable} -m venv --without-pip --clear "
        '"$last";; esac\n'
        'grep -q unknown "$last" || exit 0\necho "no such package" >&2\nexit 1\n'
    )
    program.chmod(0o755)
    return str(program)


def ran(root: Path, *words: str) -> tuple[int, str]:
    command = [root / ".venv/bin/warraq", *words]
    done = subprocess.run(
        command, env={"LC_ALL": "POSIX", "PATH": "/usr/bin:/bin"}, capture_output=True, check=False, cwd="/"
    )
    return done.returncode, done.stdout.decode() + done.stderr.decode()


def test_it_is_made_once_grows_and_is_made_anew_when_locks_or_place_changed(script, tree, uv):
    assert script.prepare(tree, "runtime", uv=uv)
    assert ran(tree, "a b") == (3, "['a b']\n")
    assert not script.prepare(tree, "runtime", uv=uv)

    mark = tree / ".venv" / "mark"
    mark.touch()
    assert script.prepare(tree, "development", uv=uv)
    assert mark.exists()  # it grew
    assert not script.prepare(tree, "development", uv=uv)
    assert not script.prepare(tree, "runtime", uv=uv)

    moved = tree.rename(tree.with_name("elsewhere"))
    assert script.prepare(moved, "runtime", uv=uv)
    assert not (moved / ".venv" / "mark").exists()
    assert not script.prepare(moved, "development", uv=uv)  # what was there is there again
    (moved / "requirements.lock").write_text("# changed\n")
    assert script.prepare(moved, "runtime", uv=uv)
    assert ran(moved) == (3, "[]\n")


def test_the_command_runs_through_a_link_to_it(script, tree, tmp_path, uv):
    script.prepare(tree, "runtime", uv=uv)
    (tmp_path / "warraq").symlink_to(tree / ".venv/bin/warraq")
    done = subprocess.run([tmp_path / "warraq"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (3, "[]\n")


def test_a_failed_installation_says_what_to_do_and_is_done_again(script, tree, capfd, uv):
    (tree / "requirements.lock").write_text("unknown==1\n")
    with pytest.raises(script.CannotPrepareError, match=r"requirements\.lock cannot be installed"):
        script.prepare(tree, "runtime", uv=uv)
    assert capfd.readouterr().err == "no such package\n"
    (tree / "requirements.lock").write_text("# nothing\n")
    assert script.prepare(tree, "runtime", uv=uv)


def test_a_python_without_venv_is_told_what_to_install(script, tree, monkeypatch):
    monkeypatch.setattr(script, "find_spec", lambda name: None)
    with pytest.raises(script.CannotPrepareError) as raised:
        script.prepare(tree, "runtime")
    assert "apt-get install python3-venv" in raised.value.args[1]


def test_an_old_python_is_named_with_the_way_to_name_another(script, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["setup_venv.py", "runtime"])
    monkeypatch.setattr(script, "OLDEST", (99, 0))
    assert script.main() == 1
    assert "make PYTHON=/path/to/python" in capsys.readouterr().err


def test_another_python_makes_it_anew(script, tree, monkeypatch, uv):
    script.prepare(tree, "runtime", uv=uv)
    stamp = tree / ".venv" / script._STAMP
    stamp.write_text(stamp.read_text().replace(f'"{sys.version_info[0]}.{sys.version_info[1]}"', '"3.1"'))
    assert script.prepare(tree, "runtime", uv=uv)


def test_an_environment_whose_python_is_gone_is_made_anew(script, tree, uv):
    script.prepare(tree, "runtime", uv=uv)
    shutil.rmtree(tree / ".venv" / "bin")
    assert script.prepare(tree, "runtime", uv=uv)
    assert ran(tree) == (3, "[]\n")
