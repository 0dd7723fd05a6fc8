"""From errors to outcomes."""

from __future__ import annotations

import pytest
from scrapy.exceptions import DownloadFailedError, IgnoreRequest, NotSupported

import crawler.errors as errors
from spiders.outcome import outcome_of


def caused(outer: Exception, inner: Exception) -> Exception:
    outer.__cause__ = inner
    return outer


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (errors.Unreachable("x"), ("failed", "unreachable")),
        (errors.Unreachable("x", reason="dns"), ("failed", "dns")),
        (errors.Refused("x", reason="robots"), ("disallowed", "robots")),
        (errors.Refused("x", reason="private_address"), ("failed", "private_address")),
        (errors.Refused("x", reason="out_of_scope"), ("out_of_scope", "out_of_scope")),
        (errors.BackedOff("x"), ("failed", "backed_off")),
        (caused(DownloadFailedError("x"), errors.BrokenResponse("x")), ("failed", "broken_response")),
        (caused(IgnoreRequest("x"), errors.Refused("x", reason="robots")), ("disallowed", "robots")),
        (IgnoreRequest("redirects in a circle: https://x/"), ("failed", "too_many_redirects")),
        (NotSupported("Unsupported URL scheme 'ftp'"), ("failed", "scheme")),
        (ValueError("x"), ("failed", "value_error")),
    ],
)
def test_each_error_has_its_outcome(error: Exception, expected: tuple[str, str]) -> None:
    assert outcome_of(error) == expected


@pytest.mark.parametrize(
    "error", [errors.SpoolFull("x"), errors.StateError("x"), caused(OSError("x"), errors.SpoolFull("y"))]
)
def test_faults_of_ours_are_nobodys_outcome(error: Exception) -> None:
    assert outcome_of(error) is None


def test_a_circle_of_causes_ends() -> None:
    one, two = ValueError("1"), ValueError("2")
    one.__cause__, two.__cause__ = two, one
    assert outcome_of(one) == ("failed", "value_error")
