import pytest

from crawler.http.status import ANSWERED, is_answer


@pytest.mark.parametrize("status", [*ANSWERED, "200", "203"])
def test_what_was_asked_for_came(status):
    assert is_answer(status)


@pytest.mark.parametrize("status", [0, 201, 202, 204, 205, 206, 304, 404, "206", "-", ""])
def test_what_came_is_something_else_or_a_part(status):
    assert not is_answer(status)
