"""The list of commands: complete, quick, and helpful to who mistypes."""

from __future__ import annotations

import subprocess
import sys

import pytest

from crawler.cli import _COMMANDS, _SHORT


def test_every_command_is_in_the_list_with_a_line():
    assert list(_SHORT) == list(_COMMANDS)
    assert all(len(line) < 80 and line[0].islower() and not line.endswith(".") for line in _SHORT.values())


def test_the_list_of_commands_imports_none_of_them():
    code = (
        "import sys; from crawler.cli import main; code = main(['--help']);"
        "heavy = {'scrapy', 'twisted', 'aiohttp', 'rich', 'lxml', 'boto3', 'msgspec'} & set(sys.modules);"
        "sys.exit(f'{heavy}' if heavy else code)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "crawl " in ran.stdout


def test_a_command_that_only_reads_imports_no_engine_and_no_writer_of_logs(tmp_path):
    code = """if True:
        import sys
        from crawler.cli import main
        heavy = {"scrapy", "twisted", "boto3", "structlog", "aiohttp"}
        for words in ("runs", "sites", "why https://news.example/", "verify --help", "articles", "config check"):
            main(words.split())
            if found := heavy & set(sys.modules):
                sys.exit(f"{words}: {found}")
        main(["status"])  # asks the daemon, by aiohttp
        sys.exit(heavy & set(sys.modules) - {"aiohttp"} or 0)
    """
    ran = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


def test_the_main_process_of_a_daemon_has_no_engine():
    code = "import sys, crawler.daemon.supervisor; sys.exit('scrapy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("crwl", "x"), "there is no command 'crwl'; did you mean crawl?"),
        (("xyz",), "there is no command 'xyz'; `warraq --help` lists them"),
        (("--nonsense",), "No such option"),
        (("crawl", "--max-page", "3", "x"), "Did you mean"),
        (("crawl", "x", "--max-pages", "0"), "0 is not in the range x>=1"),
        (("crawl", "x", "--max-pages", "many"), "'many' is not a valid integer"),
        (("config", "chek"), "No such command 'chek'"),
    ],
)
def test_a_typo_is_told_with_what_is_near(warraq, words, said):
    ran = warraq(*words)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
