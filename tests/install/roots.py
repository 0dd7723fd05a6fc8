"""Bare Debian systems in a folder, made by debootstrap, to install Warraq in as a newcomer would; needs root.

A root is made once (`WARRAQ_ROOTS`, a folder, keeps them); each test works on an overlay of its own that vanishes. What
the machine's pip and apt are told of indexes, mirrors, proxies and certificates goes along; nothing else does.

    python3 -m tests.install.roots bookworm trixie         makes them
    python3 -m tests.install.roots bookworm make test      runs a command there, in a clone of this repository

Another system (Ubuntu's "noble", by debootstrap's script "gutsy" from its own mirror) is run in if it lies there.
"""

from __future__ import annotations

__all__ = ["INCLUDED", "Root", "make_base", "pip_settings", "put_clone"]

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path

SUITES = ("bookworm", "trixie", "forky", "sid")

INCLUDED = ("python3", "python3-venv", "git", "make", "ca-certificates")
"""What a newcomer has installed, beside Debian's minimum; the README names it."""
USER = "newcomer"
_SCRIPTS = Path("/usr/share/debootstrap/scripts")
_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
_CARRIED = ("index-url", "extra-index-url", "cert", "proxy", "trusted-host", "timeout", "default-timeout")
_VARIABLES = (
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "UV_DEFAULT_INDEX",
    "UV_INDEX_URL",
)
_ENTER = """
set -e
mount -t overlay overlay -o "lowerdir=$BASE,upperdir=$UPPER,workdir=$WORK" "$ROOT"
mount --rbind /dev "$ROOT/dev"
mount -t proc proc "$ROOT/proc"
mount -t tmpfs -o "mode=1777,$TMP_OPTIONS" tmpfs "$ROOT/tmp"
[ -z "$NO_SHM" ] || umount -l "$ROOT/dev/shm"
for folder in $READ_ONLY; do mount --bind "$ROOT$folder" "$ROOT$folder"; mount -o remount,bind,ro "$ROOT$folder"; done
for pair in $BOUND; do mkdir -p "$ROOT${pair#*=}"; mount --bind "${pair%%=*}" "$ROOT${pair#*=}"; done
exec chroot --userspec="$AS" "$ROOT" /usr/bin/env -i HOME="$HOME_THERE" \\
  PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin "$@"
"""


def make_base(suite: str, folder: Path) -> Path:
    """Return the bare system of `suite` below `folder`, made if it is not there."""
    base = folder / suite
    if not _is_made(base):
        shutil.rmtree(base, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(prefix=f"{suite}-", dir=folder))
        included = f"--include={','.join(INCLUDED)}"
        with (folder / f"{suite}.log").open("wb") as log:
            # what it mounts is gone with it, however it ends
            command = ["unshare", "--mount", "debootstrap", "--variant=minbase", included, suite, str(part), _mirror()]
            command += [] if (_SCRIPTS / suite).exists() else [str(_SCRIPTS / "sid")]  # newer than this debootstrap
            done = subprocess.run(command, stdout=log, stderr=log, env={**os.environ, "LC_ALL": "C.UTF-8"}, check=False)
        if done.returncode:
            said = (folder / f"{suite}.log").read_text(errors="replace")
            raise RuntimeError(f"debootstrap could not make {suite}:\n{said[-2000:]}")
        _furnish(part)
        part.chmod(0o755)
        part.rename(base)
    return base


def _is_made(base: Path) -> bool:
    return (base / "usr/bin/git").exists()


def _mirror() -> str:
    """Return the mirror that this machine's apt uses."""
    command = ["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return done.stdout.split()[0]


def _furnish(root: Path) -> None:
    """Tell the root's pip and apt what this machine's are told, and give it an ordinary user."""
    shutil.copy(_CERTIFICATES, root / _CERTIFICATES.relative_to("/"))
    for name in ("resolv.conf", "hosts"):
        if Path("/etc", name).exists():
            shutil.copy(Path("/etc", name), root / "etc" / name)
    for path in Path("/etc/apt/apt.conf.d").iterdir():
        if re.search(r"^\s*Acquire::", path.read_text(errors="replace"), re.MULTILINE):
            shutil.copy(path, root / "etc/apt/apt.conf.d" / path.name)
    (root / "etc/pip.conf").write_text(pip_settings())
    subprocess.run(["chroot", root, "useradd", "--create-home", "--uid", "1000", USER], check=True)


def pip_settings() -> str:
    """Return a pip.conf with what this machine's pip knows of indexes, certificates and proxies, from wherever it
    does."""
    done = subprocess.run(["python3", "-m", "pip", "config", "list"], check=True, capture_output=True, text=True)
    told = dict(re.findall(r"^[^.\n]*\.([a-z-]+)='(.*)'$", done.stdout, re.MULTILINE))
    kept = {key: value for key, value in told.items() if key in _CARRIED and "file:" not in value}
    return "[global]\n" + "".join(f"{key} = {value}\n" for key, value in kept.items())


def _carried() -> dict[str, str]:
    """Return what this machine tells uv and others by its environment: proxies, indexes, where the certificates are."""
    told = {name: os.environ[name] for name in _VARIABLES if name in os.environ}
    return told | ({"SSL_CERT_FILE": str(_CERTIFICATES)} if "SSL_CERT_FILE" in os.environ else {})


@dataclass
class Root:
    """An overlay on a bare system, for one test. What it writes lies in `folder` and goes with it."""

    base: Path
    folder: Path
    bound: dict[str, str] = field(default_factory=dict)
    """Folders of this machine that are seen there: path here, path there."""
    tmp_options: str = "exec"
    shared_memory: bool = True
    read_only: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("upper", "work", "root"):
            (self.folder / name).mkdir(parents=True)

    @property
    def upper(self) -> Path:
        """What was written in the root so far, and where a test puts files into it."""
        return self.folder / "upper"

    def run(
        self, script: str, *, user: str = USER, output: int | None = subprocess.PIPE, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a shell script there with a bare environment; its output is one stream, or goes where this process's
        does (`output` None)."""
        home = "/root" if user == "root" else f"/home/{user}"
        told = {
            "BASE": self.base, "UPPER": self.upper, "WORK": self.folder / "work", "ROOT": self.folder / "root",
            "TMP_OPTIONS": self.tmp_options, "NO_SHM": "" if self.shared_memory else "1",
            "READ_ONLY": " ".join(self.read_only),
            "BOUND": " ".join(f"{here}={there}" for here, there in self.bound.items()),
            "AS": "0:0" if user == "root" else "1000:1000", "HOME_THERE": home,
        }  # fmt: skip
        assignments = [f"{name}={value}" for name, value in {**_carried(), **variables}.items()]
        command = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", _ENTER, "sh", *assignments]
        return subprocess.run(
            [*command, "sh", "-c", script],
            env={"PATH": os.environ["PATH"], **{name: str(value) for name, value in told.items()}},
            stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, text=True, errors="replace",
            check=False,
        )  # fmt: skip


def put_clone(root: Root, place: str) -> None:
    """Put a clone of this repository, as it is committed, to `place` in `root`; it belongs to the ordinary user."""
    target = root.upper / place.lstrip("/")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.parent.chmod(0o777)
    subprocess.run(["git", "clone", "--quiet", "--no-local", Path(__file__).parents[2], target], check=True)
    subprocess.run(["chown", "-R", "1000:1000", target], check=True)


def main(words: list[str]) -> int:
    """Make the systems that `words` name; if other words follow one, run them there."""
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor() as pool:
        kept = Path(os.environ.get("WARRAQ_ROOTS") or folder)
        kept.chmod(0o755)
        suites = list(takewhile(lambda word: word in SUITES or _is_made(kept / word), words))
        command = words[len(suites) :]
        if not suites:
            sys.stderr.write(f"none of {', '.join(SUITES)}, and no system in {kept}: {' '.join(words) or 'name one'}\n")
            return 2
        bases = list(pool.map(lambda suite: make_base(suite, kept), suites))
        if not command:
            return 0
        root = Root(bases[-1], Path(folder) / "overlay")
        put_clone(root, "/srv/warraq")
        return root.run(f"cd /srv/warraq && {shlex.join(command)}", output=None).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
