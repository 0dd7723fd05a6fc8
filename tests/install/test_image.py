"""The reading of the Dockerfile and its ignore file that the test of the image relies on."""

from __future__ import annotations

from pathlib import Path

from tests.install.image import Step, context, stages

DEPLOY = Path(__file__).parents[2] / "docs" / "deploy"


def test_stages_have_their_steps_with_continued_lines_as_one():
    found = stages('# c\nFROM a:1 AS build\nRUN one \\\n    && two\n\nFROM a:1\nCOPY --from=build /x /x\nCMD ["x"]\n')
    assert found == {
        "build": [Step("FROM", "a:1 AS build"), Step("RUN", "one && two")],
        "": [Step("FROM", "a:1"), Step("COPY", "--from=build /x /x"), Step("CMD", '["x"]')],
    }


def test_the_context_has_what_is_built_and_nothing_a_checkout_collects(tmp_path: Path):
    kept = {
        "crawler/cli/demo.py", "crawler/demo/pages/arabic/article.html", "spiders/news.py", "config/default.toml",
        "seeds/fr/le-monde.toml",
        "hatch_build.py", "pyproject.toml", "requirements.lock", "README.md", "LICENSE",
    }  # fmt: skip
    left = {
        ".git/config", ".venv/bin/python", "config/warraq.toml",
        "crawler/parse/page/flatten.cpython-311-x86_64-linux-gnu.so",
        "crawler__mypyc.cpython-311-x86_64-linux-gnu.so", "crawler/parse/.compiled", "crawler/__pycache__/x.pyc",
        "data/warc/x.warc.gz",
        "state/warraq.db", "requirements-dev.lock", "docs/deploy/Dockerfile", "tests/conftest.py",
    }  # fmt: skip
    for name in kept | left:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = context(tmp_path, (DEPLOY / "Dockerfile.dockerignore").read_text())
    assert {path.as_posix() for path in found} == kept
