"""What the README says to a newcomer is true on a bare Debian, with the pip that comes with it and without a
compiler."""

from __future__ import annotations

import re

import pytest

from tests.install.roots import put_clone

pytestmark = pytest.mark.timeout(3600)
SUITES = ("bookworm", "trixie")
IDENTICAL = (
    r"^reference +byte-identical with furniture kept, sha256 "
    r"017c4a46244bcab0e11ba876ce5ab8aaf3ced2f7b0ac269c4f57b787a5a1b009$"
)
NOT_COMPILED = r"^parser +not compiled: "


def told(pattern: str, output: str) -> bool:
    return re.search(pattern, output, re.MULTILINE) is not None


def test_make_demo_on_the_worst_of_machines(bare):
    """A pip older than 23.3, an ordinary user, no locale, a blank and an accent in the path, nothing more than there
    must be."""
    root = bare("bookworm", tmp_options="noexec", shared_memory=False, read_only=("/home",))
    put_clone(root, "/srv/ein Ordner für é")
    done = root.run(
        'set -e; umask 077; cd "/srv/ein Ordner für é"; ! command -v uv; ! command -v cc; make demo; '
        '.venv/bin/python -m pip --version; .venv/bin/python -m pip list | wc -l; du -sm .venv; git status --porcelain',
        LC_ALL="POSIX",
    )  # fmt: skip
    print(done.stdout)
    assert done.returncode == 0, done.stdout
    assert told(IDENTICAL, done.stdout)
    assert told(NOT_COMPILED, done.stdout)
    assert told(r"^pip 23\.0\.1 ", done.stdout)
    packages, size, *changed = done.stdout.splitlines()[-2:]
    assert int(packages) < 75
    assert int(size.split()[0]) < 250
    assert not changed
    moved = root.run("set -e; cd /srv; mv ein* there; cd there; make demo; .venv/bin/warraq --version", LC_ALL="POSIX")
    assert moved.returncode == 0, moved.stdout
    assert told(IDENTICAL, moved.stdout)


@pytest.mark.parametrize("suite", SUITES)
def test_make_demo_on_a_bare_debian(bare, suite):
    root = bare(suite)
    put_clone(root, "/srv/warraq")
    done = root.run("cd /srv/warraq && make demo && python3 --version")
    print(done.stdout[-200:])
    assert done.returncode == 0, done.stdout
    assert told(IDENTICAL, done.stdout)


@pytest.mark.parametrize("suite", SUITES)
def test_pip_installs_it_and_the_demo_runs_outside_the_tree(bare, suite):
    root = bare(suite)
    put_clone(root, "/srv/warraq")
    done = root.run(
        "set -e; cd /srv/warraq; python3 -m venv /home/newcomer/v; /home/newcomer/v/bin/pip install --verbose . 2>&1 "
        "| tee /home/newcomer/log; "
        "! grep -i 'collecting mypy' /home/newcomer/log; cd /home/newcomer; v/bin/warraq --version; v/bin/warraq demo"
    )
    assert done.returncode == 0, done.stdout
    assert told(r"^warraq \S+, parser not compiled$", done.stdout)
    assert told(IDENTICAL, done.stdout)
    left = root.run("cd /srv/warraq; git status --porcelain --ignored")
    assert left.stdout == ""


@pytest.mark.parametrize("tool", ["uv tool install --quiet", "pipx install --quiet"])
def test_tools_that_install_programs_install_it(bare, tool):
    root = bare("trixie")
    put_clone(root, "/srv/warraq")
    name = tool.split()[0]
    done = root.run(
        f"set -e; cd /srv/warraq; python3 -m venv /home/newcomer/v; /home/newcomer/v/bin/pip install --quiet {name}; "
        f"/home/newcomer/v/bin/{tool} .; cd /home/newcomer; .local/bin/warraq --version; .local/bin/warraq demo"
    )
    assert done.returncode == 0, done.stdout
    assert told(r"^warraq \S+, parser not compiled$", done.stdout)
    assert told(IDENTICAL, done.stdout)
    left = root.run("cd /srv/warraq; git status --porcelain --ignored")
    assert left.stdout == ""


@pytest.mark.parametrize("command", ["make demo", "make test"])
def test_without_python3_venv_it_says_what_to_install(bare, command):
    root = bare("bookworm")
    put_clone(root, "/srv/warraq")
    removed = root.run("apt-get remove -qq --yes python3-venv python3.11-venv", user="root")
    assert removed.returncode == 0, removed.stdout
    done = root.run(f"cd /srv/warraq && {command}")
    assert done.returncode == 2
    assert "cannot make virtual environments" in done.stdout
    assert "apt-get install python3-venv" in done.stdout
    assert "Traceback" not in done.stdout


def test_a_package_index_that_is_not_reached_leaves_the_next_step(bare):
    root = bare("bookworm")
    put_clone(root, "/srv/warraq")
    done = root.run("cd /srv/warraq && make demo", PIP_INDEX_URL="http://127.0.0.1:9/simple", PIP_RETRIES="0")
    assert done.returncode == 2
    assert "the packages of requirements.lock cannot be installed" in done.stdout
    assert "What to do: " in done.stdout
    assert "Traceback" not in done.stdout
