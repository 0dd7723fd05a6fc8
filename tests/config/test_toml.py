"""Files of TOML: whatever is in one, the answer is a table or one mistake."""

from __future__ import annotations

import pytest

from crawler.config.toml import read_toml


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"title = ", "not valid TOML"),
        (b"a = 1\na = 2\n", "not valid TOML"),
        (b"a = '\xff'\n", "not valid TOML"),
        (b"a = " + b"[" * 5000 + b"]" * 5000, "nested too deeply"),
        (b"a = " + b"{a=" * 5000 + b"1" + b"}" * 5000, "nested too deeply"),
        (b"a" + b".a" * 50_000 + b" = 1\n", "nested too deeply"),
        (b'[a."b c"' + b" . 'x'" * 50_000 + b"]\n", "nested too deeply"),
        (b"x = {a" + b".a" * 50_000 + b" = 1}\n", "nested too deeply"),
        (b"a = '" + b"x" * (1 << 21) + b"'\n", "larger than 1 MiB"),
    ],
)
def test_what_is_no_configuration_is_one_mistake(tmp_path, content, said):
    path = tmp_path / "a.toml"
    path.write_bytes(content)
    problems = []
    assert read_toml(path, problems) == {}
    (problem,) = problems
    assert (problem.file, problem.key) == (str(path), "")
    assert said in problem.message


def test_what_cannot_be_read_is_one_mistake(tmp_path):
    problems = []
    assert read_toml(tmp_path, problems) == {}
    assert "cannot be read: Is a directory" in problems[0].message


def test_long_texts_with_dots_are_texts(tmp_path):
    path = tmp_path / "a.toml"
    path.write_text('a = "' + "and so on... " * 100 + '"\nhost = "a.b.c.d.e.f.g.h.example"\n')
    problems = []
    assert len(read_toml(path, problems)) == 2
    assert problems == []
