"""What is forked for the tests ends, speaks and stands where a process that was started would."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.forking import fork_commands, fork_programs

pytestmark = pytest.mark.skipif("coverage" in sys.modules, reason="under coverage nothing is forked")


@pytest.fixture(scope="module")
def forking(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("programs")
    return {"env": {**os.environ, **fork_commands(folder)}, "program": folder / "warraq"}


def ran(forking: dict[str, Any], folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [forking["program"], *words]
    return subprocess.run(command, env=forking["env"], cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "words", [("--version",), ("crwl",), ("config", "show"), ("parse", "nofile.html"), ("articles",)]
)
def test_a_forked_command_says_and_ends_as_a_started_one(forking, tmp_path, words):
    started = subprocess.run(
        [sys.executable, "-m", "crawler", *words], cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
    )  # fmt: skip
    forked = ran(forking, tmp_path, *words)
    assert (forked.returncode, forked.stdout, forked.stderr) == (started.returncode, started.stdout, started.stderr)


def test_it_stands_in_the_folder_and_has_the_environment_of_who_asked(forking, tmp_path):
    (tmp_path / "config").mkdir()
    (tmp_path / "seeds").mkdir()
    (tmp_path / "config" / "warraq.toml").write_text("[fetch]\nretries = 7\n")
    forking = {**forking, "env": {**forking["env"], "WARRAQ_PAGE_TOKEN": "short"}}
    assert '"retries": 7' in ran(forking, tmp_path, "config", "show").stdout
    assert "WARRAQ_PAGE_TOKEN: can be guessed" in ran(forking, tmp_path, "config", "check").stderr


def test_a_signal_goes_on_to_what_was_forked_and_its_end_comes_back(forking, tmp_path):
    command = [forking["program"], "parse", "-", "--url", "https://a.example/x"]
    waits = subprocess.Popen(
        command, env=forking["env"], cwd=tmp_path, stdin=subprocess.PIPE, stderr=subprocess.PIPE
    )  # fmt: skip
    waits.send_signal(signal.SIGTERM)
    waits.communicate()
    assert waits.returncode == -signal.SIGTERM


def test_a_parse_process_that_is_killed_is_gone_and_says_how(monkeypatch):
    fork_programs(monkeypatch.setattr)

    async def killed() -> tuple[int, bytes]:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-m", "crawler.run.parsing.process", str(1 << 30),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        said = await process.stdout.read(4)
        process.send_signal(signal.SIGKILL)
        code = await process.wait()
        with pytest.raises(ProcessLookupError):
            os.kill(process.pid, 0)
        process.stdin.close()
        return code, said

    assert asyncio.run(killed()) == (-signal.SIGKILL, bytes(4))
