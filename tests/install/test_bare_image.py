"""The image's steps do what they say: they are read out of the Dockerfile and run on what its ignore file leaves."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.install.image import Step, context, stages
from tests.install.roots import Root

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "docs" / "deploy"
BUILD, IMAGE = "build", ""


def based(root: Root, *packages: str) -> Root:
    """Give `root` what the base image has beside Python: the headers, and the name ``python``."""
    install = f"apt-get update -qq && apt-get install -qq --yes --no-install-recommends {' '.join(packages)}"
    done = root.run(install, user="root", DEBIAN_FRONTEND="noninteractive")
    assert done.returncode == 0, done.stdout
    return root


def copy_context(root: Root, tree: Path, sources: list[str], target: str) -> None:
    """What COPY does with the files of the context."""
    for path in context(tree, (DEPLOY / "Dockerfile.dockerignore").read_text()):
        if any(source == "." or path.is_relative_to(source) for source in sources):
            place = root.upper / target.strip("/") / path
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(tree / path, place)


def execute(root: Root, steps: list[Step], tree: Path, built: Root | None = None) -> None:
    """Run the steps of a stage in `root`, as root like Docker."""
    for word, rest in steps:
        if word == "RUN":
            done = root.run(rest, user="root", DEBIAN_FRONTEND="noninteractive")
            print(f"RUN {rest}\n{done.stdout[-300:]}")
            assert done.returncode == 0, f"{rest}\n{done.stdout}"
        elif word == "COPY" and rest.startswith("--from="):
            _, source, target = rest.split()
            assert built is not None
            shutil.copytree(built.upper / source.strip("/"), root.upper / target.strip("/"), symlinks=True)
        elif word == "COPY":
            *sources, target = rest.split()
            copy_context(root, tree, sources, target)


@pytest.mark.timeout(3600)
def test_the_images_steps_make_a_compiled_program_that_runs_as_its_user(bare, tmp_path):
    tree = tmp_path / "tree"
    subprocess.run(["git", "clone", "--quiet", "--no-local", ROOT, tree], check=True)
    dockerfile = stages((DEPLOY / "Dockerfile").read_text())
    built = based(bare("bookworm"), "python3-dev", "python-is-python3")
    execute(built, dockerfile[BUILD], tree)
    image = based(Root(built.base, tmp_path / "image"), "python-is-python3")
    execute(image, dockerfile[IMAGE], tree, built)
    done = image.run(
        "export PATH=/opt/warraq/bin:$PATH; cd /srv/warraq && setpriv --reuid=10001 --regid=10001 --clear-groups "
        "env HOME=/srv/warraq sh -c 'warraq --version && warraq demo && warraq init . --contact https://library.example/crawler'",
        user="root",
    )
    assert done.returncode == 0, done.stdout
    assert "parser compiled" in done.stdout
    assert "byte-identical" in done.stdout
