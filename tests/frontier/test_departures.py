"""Scripts that lead on in any case, and those that may not."""

from __future__ import annotations

import pytest

from crawler.frontier.departures import departure

LEAVES = [
    'location.href="/b"',
    "window.location = '/b';",
    "window['location']['href'] = '/b';",
    "top.location.assign(`/b`);",
    'setTimeout(function(){location.href="/b"},0)',
    'window.setTimeout(function () { window.location.replace("/b"); }, 1500);',
    "setTimeout(\"location.href='/b'\", 1000);",
    "setTimeout('location.href=\\'/b\\'')",
    'setTimeout(() => { location.href = "/b"; }, 500)',
    'setTimeout(()=>location.replace("/b"),100)',
    'window.onload=function(){location.href="/b"}',
    'onload = async () => { window.location = "/b"; }',
    'document.addEventListener("DOMContentLoaded", function(){ location.replace("/b"); });',
    "window.addEventListener('load', () => { setTimeout(() => { location = '/b' }, 10) }, false);",
    '$(function(){ location.replace("/b"); });',
    "jQuery(document).ready(function($) { window.location.href = '/b'; });",
    '(function(){location.replace("/b")})();',
    '!function(){location.replace("/b")}();',
    '(() => { location.href="/b"; })();',
    'function go(){location.href="/b"} go();',
    'function go(){location.href="/b"}\nwindow.onload = function () { go(); };',
    'function go(){location.href="/b"}\nsetTimeout("go()", 3000);',
    'var u="/b"; location.href=u;',
    'const target = "/b"\nwindow.location.replace(target)',
    'location.href = decodeURIComponent("%2Fb");',
    'var _paq = []\nlocation.href = "/b"',
    'window.open("/b", "_self");',
    "open('/b','_top')",
    'try { location.href = "/b"; } catch (e) {}',
    'globalThis.location = "/b";',
    '/* location.href="/c" */ // location.href="/d"\nlocation.href="\\/b"',
]
STAYS = [
    'window.open("/b", "_blank");',
    'window.open("/b");',
    'if (x) { try { location.href = "/b"; } catch (e) {} }',
    'if(x){location.href="/b"}',
    'if (x) location.href="/b"',
    'if (x)\n location.href="/b"',
    'if (x) { y() } else location.href="/b"',
    'x && (location.href="/b");',
    'x ? location.replace("/b") : y();',
    'function go(){location.href="/b"}',
    'button.onclick=function(){location.href="/b"}',
    'button.addEventListener("click", () => { location.href = "/b"; });',
    '$("#more").click(function(){ location.href="/b" });',
    'fetch(u).then(function(){ location.href="/b" });',
    'if (x) { setTimeout(function(){ location.href="/b" }, 0); }',
    'if (x) setTimeout(function(){ location.href="/b" }, 0);',
    'setTimeout(function(){ if (x) { location.href="/b" } }, 0);',
    'setTimeout(function(){location.href="/b"},600000)',
    'setTimeout("location.href=\'/b\'", 300000)',
    "setTimeout(function(){location.reload()},0)",
    "location.href = '/b' + location.search;",
    "location.href = computed;",
    "var u = base + '/b'; location.href = u;",
    'var s = \'location.href="/b"\';',
]  # fmt: skip


@pytest.mark.parametrize("code", LEAVES)
def test_what_is_carried_out_in_any_case_leads_on(code: str) -> None:
    assert departure(f"<html><body><script>{code}</script></body></html>") == "/b"


@pytest.mark.parametrize("code", STAYS)
def test_what_hangs_on_something_leads_nowhere(code: str) -> None:
    assert departure(f"<html><body><script>{code}</script></body></html>") is None


def test_what_the_body_does_when_it_is_loaded_leads_on() -> None:
    assert departure("<body class=x onload=\"location.replace('/b')\">moved</body>") == "/b"
    assert departure("<body onload='init()'>moved</body>") is None


def test_a_page_that_scripts_from_elsewhere_may_draw_leaves_only_at_once() -> None:
    app = "<script src='/app.js'></script>"
    assert departure(f"{app}<script>setTimeout(function(){{location.href='/b'}},50)</script>") is None
    assert departure(f"{app}<script>location.href='/b'</script>") == "/b"


def test_scripts_of_others_are_not_looked_at() -> None:
    assert (
        departure("<!-- <script>location='/b'</script> --><noscript><script>location='/b'</script></noscript>") is None
    )


@pytest.mark.parametrize(
    "code", ["(function(){" * 160, "setTimeout('" * 160, "function a(){a();} a();" * 80, "{(" * 900]
)
def test_hostile_scripts_lead_nowhere_and_come_to_an_end(code: str) -> None:
    assert departure(f"<script>{code}</script>" * 8) is None


@pytest.mark.parametrize("opened", ["<!-- ", "<noscript>"])
def test_what_is_never_closed_hides_the_rest(opened: str) -> None:
    assert departure(f'{opened}<script>location.replace("/b")</script>') is None
    assert departure(f'<script>location.replace("/b")</script>{opened}') == "/b"
