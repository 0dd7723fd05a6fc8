"""Replay on a Ray cluster of this machine: workers that end in the middle, the same bytes as without."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from crawler.errors import UsageError
from crawler.run.offline import on_ray
from tests.run.offline.test_replay import someone_elses

ROOT = Path(__file__).parents[3]


def tree(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.timeout(400)
def test_a_cluster_does_all_units_though_workers_end_in_the_middle_and_gives_the_bytes_of_one_machine(tmp_path):
    pytest.importorskip("ray", reason="the extra ray is not installed")
    for number in range(2):
        someone_elses(tmp_path / f"{number}.warc.gz", f"An Old Bridge {number}", f"A New Bridge {number}")
    command = [sys.executable, "-m", "tests.run.offline.ray_trial", str(tmp_path)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout.splitlines()[-1])
    assert told["die_once"] == [[number, number] for number in range(2)]
    assert told["gave_up"] == [7]
    assert told["raised"] == "1 cannot be done"
    assert (told["ray"], told["local"]) == (4, 4)
    assert tree(tmp_path / "ray") == tree(tmp_path / "local") != {}
    assert list((tmp_path / "work").iterdir()) == []


def test_without_ray_the_extra_is_named(monkeypatch):
    def missing(name: str) -> None:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(on_ray, "import_module", missing)
    with pytest.raises(UsageError, match=r"'\.\[ray\]'"):
        on_ray.OnRay()
