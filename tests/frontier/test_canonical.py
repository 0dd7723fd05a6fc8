"""Which canonical addresses of a page may be its own."""

from __future__ import annotations

import pytest

from crawler.frontier.canonical import canonical_claim

STORY = "https://www.quay.example/2026/11/23/ferry-line-reopens"


@pytest.mark.parametrize(
    ("canonical", "claim"),
    [
        (None, "same"),
        (STORY + "?utm_source=x", "same"),
        ("https://www.quay.example/stories/8841", "credible"),
        ("https://other.example/2026/11/23/ferry-line-reopens", "credible"),
        ("https://www.quay.example/", "lie"),
        ("https://www.quay.example/en/", "lie"),
        ("https://www.quay.example/2026/11/", "lie"),
        ("javascript:void(0)", "lie"),
        ("https://www.quay.example/?lang=en", "lie"),
        ("https://www.quay.example/startseite", "lie"),
        ("https://www.quay.example/404", "lie"),
        ("https://login.quay.example/", "lie"),
        ("https://www.quay.example/?p=17", "credible"),
    ],
)
def test_canonical_addresses_are_weighed(canonical: str | None, claim: str) -> None:
    assert canonical_claim(canonical, STORY) == claim
