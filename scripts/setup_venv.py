"""Makes ``.venv`` what the locks say, with uv or with the pip that comes with the Python, and leaves alone what is
right.

    python3 scripts/setup_venv.py runtime [--uv PATH]        what the program needs
    python3 scripts/setup_venv.py development [--uv PATH]    that, and what tests and checks need

The tree itself is on the environment's path by a relative line, so neither its name nor a locale matters, and
``.venv/bin/warraq`` finds its Python from where it lies. An environment that was moved, copied, made of other locks
or whose Python is gone is made anew. Runs on the standard library alone.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCKS = {"runtime": "requirements.lock", "development": "requirements-dev.lock"}
OLDEST = (3, 11)
_STAMP = ".made"
_PROGRAM = """\
#!/bin/sh
'''exec' "$(dirname -- "$(readlink -f -- "$0")")/python" "$0" "$@"
' '''
import sys

from crawler.cli import main

if __name__ == "__main__":  # processes that replay works with import this, too
    sys.exit(main())
"""


class CannotPrepareError(Exception):
    """What is wrong, and what to do about it."""


def prepare(root: Path, kind: str, *, uv: str = "") -> bool:
    """Make the environment of `root` fit for `kind`; tell whether anything had to be done. Raises
    CannotPrepareError.
    """
    venv = root / ".venv"
    made = _made(venv)
    if made.get("kind") == "development":
        kind = "development"  # what is there is kept: nobody loses the tests' packages to a run of the program
    wanted = _wanted(root, kind)
    if made == wanted:
        return False
    grows = made == _wanted(root, "runtime")
    if not grows:
        _create(venv, uv)
    _install(root, LOCKS[kind], uv)
    _link(root, venv)
    (venv / _STAMP).write_text(json.dumps(wanted), encoding="utf-8")
    return True


def _wanted(root: Path, kind: str) -> dict[str, str]:
    """Describe the environment that is right: for which Python, of which locks, where, by this very script."""
    names = list(LOCKS.values())[: list(LOCKS).index(kind) + 1]
    digests = {name: hashlib.sha256((root / name).read_bytes()).hexdigest() for name in names}
    script = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    return {"kind": kind, "python": version, "place": os.fsencode(root).hex(), "script": script, **digests}


def _made(venv: Path) -> dict[str, str]:
    """Return what the environment was made of; nothing if there is none, or none that runs."""
    try:
        made = json.loads((venv / _STAMP).read_text(encoding="utf-8"))
        command = [str(venv / "bin" / "python"), "-I", "-c", "import crawler"]
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, ValueError, subprocess.CalledProcessError):
        return {}
    return dict(made)


def _create(venv: Path, uv: str) -> None:
    python = getattr(sys, "_base_executable", sys.executable)  # not one in the environment that is cleared
    if uv:
        _run([uv, "venv", "--quiet", "--clear", "--python", python, str(venv)], "the environment cannot be made")
        return
    if not (find_spec("venv") and find_spec("ensurepip")):  # Debian ships them apart
        raise CannotPrepareError(
            f"this Python ({sys.executable}) cannot make virtual environments",
            "apt-get install python3-venv, or install uv; then the same command again",
        )
    _run([python, "-m", "venv", "--clear", str(venv)], "the environment cannot be made")


def _install(root: Path, lock: str, uv: str) -> None:
    python = str(root / ".venv" / "bin" / "python")
    if uv:
        command = [uv, "pip", "install", "--quiet", "--python", python]
    else:
        command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    _run(
        [*command, "--require-hashes", "--requirement", str(root / lock)], f"the packages of {lock} cannot be installed"
    )


def _run(command: list[str], failure: str) -> None:
    if subprocess.run(command, env=_environment(), check=False).returncode:
        raise CannotPrepareError(
            failure,
            "the lines above say why. Is a package index reached (`pip download six` tells; a proxy or an index of your"
            " own is set in pip.conf or PIP_INDEX_URL, for uv in UV_INDEX_URL), is there room on the disk, and is this"
            " one of Python 3.11 to 3.14? Then the same command again",
        )


def _environment() -> dict[str, str]:
    """Return the environment for pip and uv: without a cache where the home folder cannot be written to."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    place = next(path for path in (cache, *cache.parents) if path.exists())
    if os.access(place, os.W_OK):
        return dict(os.environ)
    return {**os.environ, "PIP_NO_CACHE_DIR": "1", "UV_NO_CACHE": "1"}


def _link(root: Path, venv: Path) -> None:
    """Put the tree on the environment's path, and the command into its ``bin``."""
    for packages in venv.glob("lib/python3*/site-packages"):
        (packages / "warraq.pth").write_text(os.path.relpath(root, packages) + "\n", encoding="ascii")
    program = venv / "bin" / "warraq"
    program.write_text(_PROGRAM, encoding="ascii")
    program.chmod(0o755)


def main() -> int:
    """Prepare the environment of the tree this script lies in."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("kind", choices=LOCKS)
    parser.add_argument("--uv", default="", help="path of uv; without it pip")
    given = parser.parse_args()
    try:
        if sys.version_info < OLDEST:
            raise CannotPrepareError(
                f"warraq needs Python 3.11 or newer; {sys.executable} is {sys.version.split()[0]}",
                "install a newer one, and say which: make PYTHON=/path/to/python3.11",
            )
        prepare(ROOT, given.kind, uv=given.uv)
    except CannotPrepareError as error:
        what, then = error.args
        sys.stderr.write(f"warraq: {what}.\n  What to do: {then}.\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
