"""Every page over a real crawl: it is there, it says what happened, and it links on."""

from __future__ import annotations

import re
from html import unescape

import pytest


def links(text: str, prefix: str) -> list[str]:
    return [unescape(link) for link in re.findall(r'(?:href|src|action)="([^"]+)"', text) if unescape(link).startswith(prefix)]


@pytest.mark.parametrize("path", ["/", "/live", "/sites", "/runs", "/articles", "/coverage", "/metrics", "/readyz"])
def test_a_page_is_there(served, path):
    assert served.get(path).status == 200


def test_every_link_of_every_page_leads_somewhere(served):
    waiting, seen = ["/"], set()
    while waiting and len(seen) < 400:
        path = waiting.pop()
        seen.add(path)
        answer = served.get(path)
        assert answer.status == 200, (path, answer.text[-600:])
        if answer.headers["content-type"].startswith("text/html") and not path.startswith("/capture/content"):
            waiting += [link for link in set(links(answer.text, "/")) - seen - set(waiting) if not re.search("/(pause|resume|trigger|logout)$", link)]
    assert len(seen) > 100
