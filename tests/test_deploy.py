"""What docs/deploy says is true of the program: names, folders, options and variables; no image without a version."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

from crawler.cli import _COMMANDS

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "docs" / "deploy"
DOCKERFILE = (DEPLOY / "Dockerfile").read_text()
COMPOSE = (DEPLOY / "compose.yaml").read_text()
UNIT = (DEPLOY / "warraq.service").read_text()
CODE = "\n".join(path.read_text() for path in sorted((ROOT / "crawler").rglob("*.py")))


def options(command: str) -> set[str]:
    module, _, name = _COMMANDS[command].partition(":")
    return {option for parameter in getattr(import_module(module), name).params for option in parameter.opts}


def setting(key: str) -> str:
    """The value of a key of the unit."""
    found = re.search(rf"^{key}=(.*)$", UNIT, re.MULTILINE)
    assert found, key
    return found[1]


def test_every_image_has_a_version():
    images = re.findall(r"^(?:FROM|\s+image:) (\S+)", f"{DOCKERFILE}\n{COMPOSE}", re.MULTILINE)
    assert len(images) == 4
    assert all(re.search(r":\d+\.\d+", image) for image in images), images
    based = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert len({*based}) == 1
    assert re.search(r":3\.11\.\d+-slim-bookworm@sha256:[0-9a-f]{64}$", based[0])


def test_commands_and_their_options_are_there():
    used = re.findall(r"/opt/warraq/bin/warraq (\w+)((?: --[a-z-]+)*)", UNIT)
    used += re.findall(r"--rm warraq (\w+) \.((?: --[a-z-]+)*)", COMPOSE)
    health = re.search(r"CMD \[\"warraq\", \"(\w+)\", \"(--\w+)\"\]", DOCKERFILE)
    main = re.search(r"^CMD \[\"(\w+)\", \"(--[\w-]+)\"\]", DOCKERFILE, re.MULTILINE)
    assert health
    assert main
    assert [name for name, _ in used] == ["daemon", "init"]
    for name, words in [*used, health.groups(), main.groups()]:
        assert set(words.split()) <= options(name), name


def test_the_folder_is_the_same_everywhere():
    assert setting("WorkingDirectory") == setting("ReadWritePaths") == "/srv/warraq"
    for line in ("--home-dir /srv/warraq", "WORKDIR /srv/warraq", "VOLUME /srv/warraq"):
        assert line in DOCKERFILE
    assert '"warraq:/srv/warraq"' in COMPOSE


def test_the_time_to_stop_is_longer_than_the_daemon_takes():
    stop_s = tomllib.loads((ROOT / "config" / "default.toml").read_text())["daemon"]["stop_s"]
    assert float(setting("TimeoutStopSec")) > stop_s
    grace = re.search(r"stop_grace_period: (\d+)m", COMPOSE)
    assert grace
    assert int(grace[1]) * 60 > stop_s


def test_the_variables_are_those_the_program_reads():
    named = set(re.findall(r"\bWARRAQ_[A-Z_]+", UNIT + COMPOSE))
    assert named == {"WARRAQ_PAGE_TOKEN", "WARRAQ_SMTP_USER", "WARRAQ_SMTP_PASSWORD"}
    assert all(f'"{name}"' in CODE for name in named)


def test_the_page_has_the_port_of_its_default_address():
    listen = tomllib.loads((ROOT / "config" / "default.toml").read_text())["page"]["listen"]
    port = listen.rpartition(":")[2]
    assert f"EXPOSE {port}" in DOCKERFILE
    assert f'"127.0.0.1:{port}:{port}"' in COMPOSE
    assert f'listen = "0.0.0.0:{port}"' in COMPOSE


def test_what_the_image_is_built_of_is_there_and_what_a_checkout_collects_is_not():
    kept = re.findall(r"^!(\S+)", (DEPLOY / "Dockerfile.dockerignore").read_text(), re.MULTILINE)
    assert all((ROOT / name).exists() for name in kept)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    needed = {
        *wheel["packages"],
        *wheel["force-include"],
        "hatch_build.py",
        "requirements.lock",
        project["project"]["readme"],
        *project["project"]["license-files"],
    }
    assert needed <= {name.partition("/")[0] for name in kept}
    assert not {"state", "data", "demo", ".git"} & set(kept)


def test_systemd_finds_no_fault_with_the_unit(tmp_path: Path):
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("there is no systemd-analyze")
    program = shutil.which("true")
    unit = tmp_path / "warraq.service"
    unit.write_text(UNIT.replace("/opt/warraq/bin/warraq", str(program)))
    found = subprocess.run([analyze, "verify", str(unit)], capture_output=True, text=True, check=False)
    assert (found.returncode, found.stdout, found.stderr) == (0, "", "")
