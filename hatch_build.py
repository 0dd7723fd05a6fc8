"""Compiles the parser's hot modules (mypyc) and its core in C to machine code where that is possible.

The modules stay plain Python, and what is in C is there in Python too: compiled and interpreted they give the same
articles, compiled almost twice as fast. A missing C compiler, missing headers or a failure costs speed, never the
installation. ``WARRAQ_PURE=1`` asks for none, ``WARRAQ_PURE=0`` for nothing less (scripts/build_wheels.py).

    python hatch_build.py        compile in this tree (``make setup``)
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
import tomllib
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent
STAMP = Path("crawler/parse/.compiled")
"""Written when a tree's modules were compiled, or could not be: sources newer than this are not what runs."""
GROUP = "crawler"


class CustomBuildHook(BuildHookInterface[Any]):
    """Adds the compiled modules to a wheel; nothing of the work stays in the source tree."""

    _work: tempfile.TemporaryDirectory[str] | None = None

    def dependencies(self) -> list[str]:
        """Name what compiling needs, where anything can be compiled: without a compiler no mypy is fetched."""
        _leave_no_bytecode()
        return [] if self.target_name != "wheel" or _obstacle() else list(_project()["dependency-groups"]["build"])

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name != "wheel" or version == "editable":
            return
        self._work = tempfile.TemporaryDirectory(prefix="warraq-")
        out = Path(self._work.name, "modules")
        for path in compiled_into(out, work=Path(self._work.name)):
            build_data["force_include"][str(path)] = path.relative_to(out).as_posix()
            build_data["pure_python"] = False
            build_data["infer_tag"] = True

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002 - hatchling's
        if self._work is not None:
            self._work.cleanup()
        _leave_no_bytecode()


def compile_in_place() -> None:
    """Put the compiled modules beside their sources, in place of older ones; without a compiler remove those."""
    began = time.time()
    with tempfile.TemporaryDirectory() as folder:
        made = compiled_into(Path(folder), work=ROOT / "build" / "parser")
        for old in [*ROOT.glob(f"{GROUP}__mypyc.*"), *ROOT.glob("crawler/**/*.so")]:
            old.unlink()
        for path in made:
            shutil.move(path, ROOT / path.relative_to(folder))
    (ROOT / STAMP).write_text("".join(f"{path.name}\n" for path in made), encoding="utf-8")
    os.utime(ROOT / STAMP, (began, began))  # what was edited meanwhile is newer


def compiled_into(out: Path, *, work: Path) -> list[Path]:
    """Return the extension modules made below `out`; none, and one line that says why, if there cannot be any.

    In `work` lies what makes the next time faster.
    """
    reason = _obstacle()
    if not reason:
        command = [sys.executable, str(ROOT / "hatch_build.py"), str(out), str(work)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - this very file
        if not done.returncode:
            return sorted(path for path in out.rglob("*") if path.is_file())
        said = (done.stderr or done.stdout).strip() or "the compiler failed"
        reason = said.splitlines()[-1]
    if os.environ.get("WARRAQ_PURE") == "0":
        raise RuntimeError(f"WARRAQ_PURE=0 asks for a compiled parser: {reason}")
    sys.stderr.write(f"warraq: the parser is not compiled, so it runs at little more than half the speed: {reason}\n")
    return []


def _project() -> dict[str, Any]:
    with (ROOT / "pyproject.toml").open("rb") as file:
        return tomllib.load(file)


def _leave_no_bytecode() -> None:
    """Remove what Python kept of this file when hatchling imported it."""
    kept = Path(cache_from_source(str(ROOT / "hatch_build.py")))
    with contextlib.suppress(OSError):
        kept.unlink()
        kept.parent.rmdir()


def _obstacle() -> str:
    if os.environ.get("WARRAQ_PURE", "0") not in ("", "0"):
        return "WARRAQ_PURE asks for that"
    compiler = (os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc").split()[0]
    if shutil.which(compiler) is None:
        return f"there is no C compiler ({compiler})"
    if not Path(sysconfig.get_path("include"), "Python.h").exists():
        return "Python's C headers are missing (python3-dev)"
    return ""


def _compile(out: Path, work: Path) -> None:
    """Compile in this process, from the project's root."""
    import setuptools  # noqa: PLC0415 - before mypyc, which looks for it
    from mypyc.build import mypycify  # noqa: PLC0415

    hook = _project()["tool"]["hatch"]["build"]["hooks"]["custom"]
    options = ["--config-file=", f"--cache-dir={work / 'cache'}", "--follow-imports=silent", "--ignore-missing-imports"]
    extensions = mypycify(
        [*options, *hook["compiled"]], opt_level="2", debug_level="0", group_name=GROUP, target_dir=str(work)
    )
    extensions += [
        setuptools.Extension(source.removesuffix(".c").replace("/", "."), [source]) for source in hook["native"]
    ]
    builder = setuptools.Distribution({"name": "warraq", "ext_modules": extensions}).get_command_obj("build_ext")
    builder.build_temp, builder.build_lib = str(work), str(out)
    builder.ensure_finalized()
    builder.run()


if __name__ == "__main__":
    os.chdir(ROOT)
    if len(sys.argv) > 1:
        _compile(*map(Path, sys.argv[1:]))
    else:
        compile_in_place()
