"""Who is let in and who is not: hosts, token, forms, frames; and nothing hostile comes out as more than text."""

from __future__ import annotations

import gzip
import http.client
import socket
from contextlib import suppress
from urllib.parse import urlencode

import pytest

from crawler.clock import FixedClock
from crawler.config import load
from crawler.daemon.page import alarm_pages, archive_pages, gate, live_pages
from crawler.daemon.page.access import Listen, PageAccess, access_from
from crawler.errors import ConfigError
from tests.daemon.page.page_server import HOSTILE_TITLE, STARTED, revise, serving

TOKEN = "correct horse battery staple"
FORM = {"Content_Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def locked(archive, config):
    with serving(config, archive.sites, environ={"WARRAQ_PAGE_TOKEN": TOKEN}) as page:
        yield page


def settings(**page: object):
    return load(overrides={f"page.{key}": value for key, value in page.items()}).page


# addresses and names


@pytest.mark.parametrize("listen", ["0.0.0.0:8080", "[::]:8080", "192.0.2.7:80", "news.example:8080"])
def test_others_are_not_let_in_without_a_token(listen):
    with pytest.raises(ConfigError, match="WARRAQ_PAGE_TOKEN"):
        access_from(settings(listen=listen), {}, FixedClock(STARTED))
    assert access_from(settings(listen=listen), {"WARRAQ_PAGE_TOKEN": TOKEN}, FixedClock(STARTED)).has_token


@pytest.mark.parametrize("listen", ["8080", "localhost", "::1:80", "127.0.0.1:99999", "a b:80"])
def test_an_address_that_is_none_is_a_mistake_of_the_settings(listen):
    with pytest.raises(ConfigError):
        access_from(settings(listen=listen), {}, FixedClock(STARTED))


def test_a_token_that_can_be_guessed_is_refused():
    with pytest.raises(ConfigError, match="guessed"):
        access_from(settings(), {"WARRAQ_PAGE_TOKEN": "short"}, FixedClock(STARTED))


def test_the_default_is_loopback_and_an_empty_address_is_no_page():
    assert access_from(settings(), {}, FixedClock(STARTED)).listen.is_loopback
    assert access_from(settings(listen=""), {}, FixedClock(STARTED)) is None


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost", "LOCALHOST:9", "[::1]:8080", "127.0.0.2:1"])
def test_loopback_answers_to_loopback_names_on_any_port(host):
    assert PageAccess(Listen("127.0.0.1", 8080), hosts=(), token=None, clock=FixedClock(STARTED)).knows_host(host)


@pytest.mark.parametrize("listen", ["0.0.0.0:80", "[::]:80"])
def test_listening_everywhere_answers_to_addresses_and_localhost_but_to_no_other_name(listen):
    access = access_from(settings(listen=listen), {"WARRAQ_PAGE_TOKEN": TOKEN}, FixedClock(STARTED))
    assert all(access.knows_host(host) for host in ("localhost:8080", "192.0.2.7:8080", "[2001:db8::1]"))
    assert not access.knows_host("evil.example")


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example", "192.0.2.1", "", None, "localhost.evil.example", "a@localhost", "[evil"],
)
def test_a_foreign_name_is_refused_as_rebinding(host):
    assert not PageAccess(Listen("127.0.0.1", 8080), hosts=(), token=None, clock=FixedClock(STARTED)).knows_host(host)


def test_names_behind_a_proxy_are_those_of_the_settings():
    access = PageAccess(Listen("0.0.0.0", 8080), hosts=("News.Example",), token=TOKEN, clock=FixedClock(STARTED))
    assert access.knows_host("news.example")
    assert access.knows_host("192.0.2.1:8080")  # an address cannot be rebound
    assert not access.knows_host("evil.example")


@pytest.mark.parametrize("path", ["/", "/metrics", "/healthz", "/static/warraq.css", "/nothing"])
def test_a_request_for_a_foreign_name_gets_nothing(served, path):
    answer = served.get(path, Host="evil.example")
    assert answer.status == 421
    assert len(answer.text) < 100


# headers


@pytest.mark.parametrize("path", ["/", "/articles", "/nothing", "/static/warraq.css", "/metrics", "/login", "/runs/x"])
def test_every_answer_carries_the_policy(served, path):
    headers = served.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert "aiohttp" not in headers["server"].lower()


def test_no_page_has_script_or_style_of_its_own(served, archive):
    run = served.state.last_run("harm").id
    for path in ("/", "/sites", "/sites/harm", "/runs", f"/runs/{run}", "/articles", "/coverage", "/coverage?site=harm",
                 "/url?" + urlencode({"url": archive.hostile_url}), "/nothing"):  # fmt: skip
        text = served.get(path).text
        assert " style=" not in text, path
        assert "<style" not in text, path
        assert text.count("<script") == 1, path  # htmx, a file of ours
        assert 'href="javascript' not in text, path


# hostile content


def test_a_hostile_title_is_text_wherever_it_stands(served, archive, config):
    url = "/url?" + urlencode({"url": archive.hostile_url})
    run = served.state.articles(archive.hostile_url)[0].run
    for path in ("/articles", "/sites/harm", f"/runs/{run}", url, revise(served, config)):
        text = served.get(path).text
        assert "&lt;script&gt;window.harmed=1&lt;/script&gt;" in text, path
        assert "<script>window" not in text, path
        assert "onerror=window.harmed=1&gt;" in text, path
        assert "\u202e" not in text, path  # it would turn what follows around
        assert "gnp.exe" in text, path
    assert "\u202e" in HOSTILE_TITLE


def test_a_hostile_name_of_a_site_is_text(served):
    assert "<b>Harm" not in served.get("/sites").text
    assert "&lt;b&gt;Harm&lt;/b&gt; &amp; Co" in served.get("/sites").text


def test_a_link_that_is_a_script_is_no_link(served, archive):
    run = served.state.last_run("harm")
    served.state.queue(run.id, ["javascript:alert(1)"])
    served.state.settle("javascript:alert(1)", "failed", run=run.id, reason='"><script>alert(2)</script>')
    text = served.get(f"/runs/{run.id}").text
    assert 'href="javascript' not in text
    assert "<script>alert" not in text


@pytest.mark.parametrize(
    "path",
    [
        "/sites/%3Cscript%3Ealert(1)%3C%2Fscript%3E",
        "/runs/%22%3E%3Cimg%20src=x%3E",
        "/articles?q=%22%3E%3Cscript%3Ex",
        "/url?url=%3Cscript%3E",
        "/coverage?since=%3Cscript%3E",
        "/capture?warc=%3Cscript%3E&offset=1",
        "/articles?site=%3Cscript%3E&before_at=%3Cscript%3E&before_url=%22%3E",
    ],
)
def test_what_a_request_says_comes_back_as_text_only(served, path):
    answer = served.get(path)
    assert answer.status < 500
    assert "<script>" not in answer.text
    assert "<img" not in answer.text


def test_the_archived_page_is_served_with_a_policy_that_forbids_everything(served, archive):
    capture = served.state.captures(archive.hostile_url)[0]
    answer = served.get(
        "/capture/content?" + urlencode({"warc": capture.warc, "offset": capture.offset}), Sec_Fetch_Dest="iframe"
    )
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:;")
    assert "allow-" not in policy
    assert "frame-ancestors 'self'" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize(
    "path",
    [
        "/static/..%2Fserver.py",
        "/static/%2e%2e/server.py",
        "/static/../server.py",
        "/capture?warc=../../etc/passwd&offset=0",
        "/capture?warc=x&offset=-1",
        "/capture?warc=x&offset=99999999999999999999",
        "/articles/..%2f..%2fx",
    ],
)
def test_no_path_leads_out(served, path):
    assert served.get(path).status == 404


def test_errors_do_not_show_the_inside(served, monkeypatch):
    def broken(*_: object) -> None:
        raise ZeroDivisionError("secret inside")

    monkeypatch.setattr(served.daemon, "view", broken)
    answer = served.get("/")
    assert answer.status == 500
    assert "secret inside" not in answer.text
    assert "Traceback" not in answer.text


# forms


def test_a_form_of_this_page_is_taken(served):
    token = served.sit("/sites/harm")
    answer = served.post("/sites/harm/pause", {"form_token": token}, Origin=served.base)
    assert (answer.status, answer.headers["location"]) == (303, "/sites/harm")
    assert served.state.paused("harm")
    assert served.post("/sites/harm/trigger", {"form_token": token}).status == 303
    assert served.daemon.triggered == [["harm"]]


@pytest.mark.parametrize("verb", ["pause", "resume", "trigger"])
def test_a_form_without_the_token_changes_nothing(served, verb):
    served.sit("/sites/harm")
    for form in ({}, {"form_token": "0" * 64}):
        assert served.post(f"/sites/harm/{verb}", form).status == 403
    assert not served.state.paused("harm")
    assert served.daemon.triggered == []


def test_a_token_of_another_browser_is_no_good(served):
    token = served.sit("/sites/harm")
    served.cookie = served.cookie.partition("=")[0] + "=" + "A" * 43
    assert served.post("/sites/harm/pause", {"form_token": token}).status == 403


@pytest.mark.parametrize(
    "header",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
    ],
)
def test_a_form_from_another_site_changes_nothing_even_with_the_token(served, header):
    token = served.sit("/sites/harm")
    assert served.post("/sites/harm/pause", {"form_token": token}, **header).status == 403
    assert not served.state.paused("harm")


@pytest.mark.parametrize(
    ("kind", "sent", "status"),
    [
        ("application/x-www-form-urlencoded; charset=nope", b"token=x", 400),
        ("application/x-www-form-urlencoded; charset=hex", b"token=x", 400),
        ("application/x-www-form-urlencoded", b"token=\xff\xfe", 400),
        ("application/x-www-form-urlencoded", b"token=%ff&form_token=%ed%a0%80", 403),
        ("multipart/form-data", b"token=x", 400),
        ("multipart/form-data; boundary=x", b"--x\r\nfoo", 400),
        ("multipart/form-data; boundary=x", b"--x\r\n" + b"A: b\r\n" * 500 + b"\r\nx\r\n--x--\r\n", 400),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\xff\r\n--x--',
            400,
        ),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Transfer-Encoding: odd\r\n\r\nx\r\n--x--\r\n", 400),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n--y", 400),
    ],
)
def test_a_body_that_is_no_form_is_a_mistake_of_the_clients(locked, caplog, kind, sent, status):
    assert asked(locked, b"POST /login", b"Content-Type: " + kind.encode(), sent).startswith(b"HTTP/1.1 %d" % status)
    assert not caplog.records


@pytest.mark.parametrize("field", [b"Origin: http://[", b"Origin: http://\xff\xfe", b"Origin: \xf0"])
def test_an_origin_that_is_none_is_another_site(locked, caplog, field):
    assert asked(locked, b"POST /login", field, b"token=x").startswith(b"HTTP/1.1 403")
    assert not caplog.records


@pytest.mark.parametrize(
    "line",
    [
        b"X: " + b"a" * 100_000,
        b"X : a",
        b"X: a\x00b",
        b"Content-Length: +5",
        b"Content-Length: 5\r\nTransfer-Encoding: chunked",
        b"Content-Encoding: gzip",
        b"Expect: more",
    ],
)
def test_what_is_no_http_is_refused_and_fills_no_log(locked, caplog, line):
    assert asked(locked, b"POST /login", line, b"token=x").split()[1][:1] == b"4"
    assert not caplog.records


def test_what_comes_packed_is_never_unpacked(locked):
    fields = f"form_token={locked.sit('/login')}&token={TOKEN}".replace(" ", "+").encode()
    more = b"Content-Type: application/x-www-form-urlencoded\r\nCookie: " + locked.cookie.encode()
    assert asked(locked, b"POST /login", more, fields).startswith(b"HTTP/1.1 303")
    packed = asked(locked, b"POST /login", more + b"\r\nContent-Encoding: gzip", gzip.compress(fields))
    assert packed.split()[1] in (b"400", b"403")


def asked(page, begin: bytes, fields: bytes, body: bytes) -> bytes:
    """Return what is answered to bytes that no HTTP client would send."""
    host, port = page.base.removeprefix("http://").split(":")
    answer = bytearray()
    length = b"" if b"Content-Length" in fields else b"Content-Length: %d\r\n" % len(body)
    with socket.create_connection((host, int(port))) as connection, suppress(ConnectionError):
        head = b"%b HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%b%b\r\n\r\n" % (begin, length, fields)
        connection.sendall(head + body)
        while piece := connection.recv(1 << 16):
            answer += piece
    return bytes(answer)


def test_looking_changes_nothing(served):
    for verb in ("pause", "resume", "trigger"):
        assert served.get(f"/sites/harm/{verb}").status == 405


def test_an_undeclared_site_cannot_be_triggered(served):
    token = served.sit("/sites/harm")
    assert served.post("/sites/nobody/trigger", {"form_token": token}).status == 404
    assert served.daemon.triggered == []


def test_the_seat_is_out_of_reach_of_scripts_and_other_sites(served):
    (cookie,) = served.get("/").cookies
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie


# the token


@pytest.mark.parametrize("path", ["/", "/sites", "/articles", "/url?url=http://x/", "/capture?warc=x&offset=1"])
def test_without_the_token_a_browser_is_asked_for_it(locked, path):
    answer = locked.get(path)
    assert answer.status == 303
    assert answer.headers["location"].startswith("/login?to=")


@pytest.mark.parametrize("route", [*live_pages.ROUTES, *alarm_pages.ROUTES, *archive_pages.ROUTES, *gate.ROUTES],
    ids=lambda route: route.kwargs["name"])  # fmt: skip
def test_every_route_but_log_in_and_health_asks_for_the_token(locked, route):
    path = route.path.format(name="harm", id="1")
    status = (locked.get(path) if route.method == "GET" else locked.post(path, {})).status
    is_open = route.path in ("/login", "/healthz", "/readyz")
    assert status in ((200, 403) if is_open else (303, 401))
    assert route.method == "GET" or status != 303


def test_without_the_token_a_program_is_refused(locked):
    assert locked.get("/metrics").status == 401
    assert locked.get("/live", HX_Request="true").status == 401
    assert locked.post("/sites/harm/pause", {}).status == 401


def test_health_says_without_the_token_what_but_not_why(locked):
    assert locked.get("/healthz").text == "ok\n"
    assert locked.get("/readyz").text == "state: ok\nstore: ok\nspool: ok\nworkers: ok\n"
    assert "(1 of 1 alive)" in locked.get("/readyz", Authorization=f"Bearer {TOKEN}").text


def test_a_log_in_opens_the_page_that_was_wanted(locked):
    token = locked.sit("/login?to=/sites")
    answer = locked.post("/login", {"form_token": token, "token": TOKEN, "to": "/sites"}, Origin=locked.base)
    assert (answer.status, answer.headers["location"]) == (303, "/sites")
    old, locked.cookie = locked.cookie, answer.cookies[0].partition(";")[0]
    assert old != locked.cookie  # nobody can have fixed the seat before
    assert locked.get("/sites").status == 200


def test_a_log_out_ends_the_seat(locked):
    token = locked.sit("/login")
    locked.cookie = locked.post("/login", {"form_token": token, "token": TOKEN}).cookies[0].partition(";")[0]
    token = locked.sit("/sites/harm")
    assert locked.post("/logout", {"form_token": token}).status == 303
    assert locked.get("/").status == 303


@pytest.mark.parametrize(
    "to", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/x\r\nSet-Cookie: a=b"]
)
def test_a_log_in_never_leads_to_another_server(locked, to):
    token = locked.sit("/login?" + urlencode({"to": to}))
    answer = locked.post("/login", {"form_token": token, "token": TOKEN, "to": to})
    assert answer.headers["location"] == "/"


def test_guessing_is_stopped_after_five_tries_for_a_minute(archive, config):
    clock = FixedClock(STARTED)
    with serving(config, archive.sites, environ={"WARRAQ_PAGE_TOKEN": TOKEN}, clock=clock) as page:
        token = page.sit("/login")
        for _ in range(5):
            assert page.post("/login", {"form_token": token, "token": "guess"}).status == 403
        answer = page.post("/login", {"form_token": token, "token": "guess"})
        assert (answer.status, answer.headers["retry-after"]) == (429, "60")
        assert page.get("/metrics", Authorization="Bearer guess").status == 429
        clock.advance(61)
        assert page.post("/login", {"form_token": token, "token": "guess"}).status == 403


def test_the_right_token_lets_in_whoever_else_guesses_from_there(archive, config):
    with serving(config, archive.sites, environ={"WARRAQ_PAGE_TOKEN": TOKEN}, clock=FixedClock(STARTED)) as page:
        token = page.sit("/login")
        for _ in range(60):
            page.post("/login", {"form_token": token, "token": "guess"})
        assert page.get("/metrics", Authorization=f"Bearer {TOKEN}").status == 200
        assert page.post("/login", {"form_token": token, "token": TOKEN}).status == 303


def test_details_of_health_are_for_those_who_are_let_in(locked):
    for fields in ({}, {"Authorization": "Basic eDp5"}, {"Authorization": "Bearer wrong"}, {"Authorization": ""}):
        assert "(" not in locked.get("/readyz", **fields).text
    assert "(" in locked.get("/readyz", Authorization=f"Bearer {TOKEN}").text


def test_a_program_brings_the_token(locked):
    assert locked.get("/metrics", Authorization=f"Bearer {TOKEN}").status == 200
    assert locked.get("/metrics", Authorization="Bearer wrong").status == 401
    assert locked.get("/metrics", Authorization="Basic eDp5").status == 401


def test_many_guessers_do_not_fill_the_memory():
    access = PageAccess(Listen("127.0.0.1", 1), hosts=(), token=TOKEN, clock=FixedClock(STARTED))
    for number in range(3000):
        access.is_token("x", peer=str(number))
    assert len(access._failures) <= 1000
    assert access.must_wait("a new one")  # all together guess too often


def test_the_token_is_shown_nowhere(locked):
    token = locked.sit("/login")
    locked.cookie = locked.post("/login", {"form_token": token, "token": TOKEN}).cookies[0].partition(";")[0]
    for path in ("/", "/sites/harm", "/metrics", "/login", "/nothing"):
        assert TOKEN not in locked.get(path).text


def test_a_large_form_is_refused(served):
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=10)
    connection.request(
        "POST", "/login", b"token=" + b"x" * 200_000, {"Content-Type": "application/x-www-form-urlencoded"}
    )
    assert connection.getresponse().status == 413
    connection.close()
