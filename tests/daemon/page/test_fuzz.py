"""Whoever has the token may ask for anything: every answer is a page or a refusal, never a fault of ours."""

from __future__ import annotations

import logging
import string
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.daemon.page import alarm_pages, archive_pages, gate, live_pages
from tests.daemon.page.page_server import serving

TOKEN = "correct horse battery staple"
ROUTES = [
    (route.method, route.path)
    for module in (live_pages, alarm_pages, archive_pages, gate)
    for route in module.ROUTES
    if route.path != "/logout"
]
ODD = st.sampled_from(
    [
        "", "0", "-1", "99999999999999999999", "1e9", "NaN", "2026-11-23", "2026-13-45", "0001-01-01", "9999-12-31",
        "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-11-23T08:00:00Z", "2026-W48-1", "harm", "..",
        "../../etc/passwd", "http://", "http://[", "http://x:99999/", "javascript:1", "http://127.0.0.1/", "%", "%00",
        "\x00", "\ud800", "\u202e", "'", "' OR 1=1 --", "*", "(", "\\", '"', "NEAR/2", "a" * 9000, "\u0663", "on",
    ]
)  # fmt: skip
VALUES = ODD | st.text(max_size=40) | st.text(string.digits + ".:-+TZ", max_size=30)
NAMES = st.sampled_from(
    [
        "q", "site", "language", "since", "until", "before_at", "before_url", "before_id", "url", "at", "after",
        "offset", "warc", "to", "token", "form_token", "x",
    ]
)  # fmt: skip


def escaped(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


@pytest.fixture(scope="module")
def locked(archive):
    with serving(archive.config, archive.sites, environ={"WARRAQ_PAGE_TOKEN": TOKEN}) as page:
        page.form_token = page.sit()
        page.post("/login", {"token": TOKEN, "form_token": page.form_token})
        yield page


@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck), database=None, derandomize=True)
@given(
    route=st.sampled_from(ROUTES), part=VALUES, fields=st.lists(st.tuples(NAMES, VALUES), max_size=5), own=st.booleans()
)
def test_whatever_is_asked_with_the_token_is_answered(locked, caplog, route, part, fields, own) -> None:
    method, path = route
    path = path.replace("{name}", quote(escaped(part), safe="")).replace("{id}", quote(escaped(part), safe=""))
    query = urlencode([(name, escaped(value)) for name, value in fields])
    headers = {"Authorization": f"Bearer {TOKEN}"} if own else {}
    with caplog.at_level(logging.WARNING):
        if method == "GET":
            answer = locked.get(f"{path}?{query}", **headers)
        else:
            form = urlencode([("form_token", locked.form_token), *((name, escaped(value)) for name, value in fields)])
            answer = locked.ask("POST", path, form, Content_Type="application/x-www-form-urlencoded", **headers)
    assert answer.status < 500, (method, path, query)
    assert TOKEN not in answer.text
    assert "Traceback" not in caplog.text + answer.text
