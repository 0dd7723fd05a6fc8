"""What every request passes before a page is made, and every answer before it leaves.

Order: headers of every answer, errors as pages, Host, log-in, forms. The policy forbids everything that is not our own
origin, scripts within pages included; a route may set a stricter one for itself (the capture view does).
"""

from __future__ import annotations

__all__ = ["ACCESS", "LET_IN", "MIDDLEWARES", "POLICY", "SEAT", "set_seat"]

from collections.abc import Awaitable, Callable
from urllib.parse import quote

from aiohttp import web

from crawler.daemon.page.access import PageAccess
from crawler.daemon.page.render import FORM_TOKEN, render_page
from crawler.errors import StateError, StoreError, UsageError, WarraqError
from crawler.log import EventLog

_log = EventLog(__name__)

ACCESS = web.AppKey("access", PageAccess)
SEAT = web.RequestKey("seat", str)
"""Key of the browser's seat in the request."""
LET_IN = web.RequestKey("let_in", bool)
"""Key of whether who asks has shown that they may see everything."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # with no-referrer browsers send forms with Origin: null
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-DNS-Prefetch-Control": "off",
    "Cache-Control": "no-store",
}
_OPEN = ("/login", "/healthz", "/readyz")
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def set_seat(request: web.Request, response: web.StreamResponse, seat: str) -> None:
    """Give the browser its seat: out of reach of scripts and of other sites' requests."""
    access = request.app[ACCESS]
    response.set_cookie(access.cookie, seat, httponly=True, samesite="Strict", secure=request.secure, path="/")


@web.middleware
async def _headers(request: web.Request, handler: _Handler) -> web.StreamResponse:
    try:
        response = await handler(request)
    except web.HTTPException as answer:  # aiohttp raises redirects and its own refusals
        for name, value in _HEADERS.items():
            answer.headers.setdefault(name, value)
        raise
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers["Server"] = "Warraq"
    return response


@web.middleware
async def _errors(request: web.Request, handler: _Handler) -> web.StreamResponse:
    """Make a page of what went wrong; what is a mistake of ours is logged and not shown."""
    try:
        return await handler(request)
    except web.HTTPRedirection:
        raise
    except web.HTTPException as answer:
        if request.path.startswith("/static/"):
            raise
        return _sorry(request, answer.status, answer.reason, "")
    except UsageError as error:
        return _sorry(request, 400, error.what, error.next_step)
    except (StateError, StoreError) as error:
        if not request.get(LET_IN, False):
            return web.Response(status=503, text="not ok\n")
        return _sorry(request, 503, error.what, error.next_step)
    except WarraqError as error:
        return _sorry(request, 500, error.what, error.next_step)
    except Exception as error:  # noqa: BLE001 - a page's bug must not show its inside, nor end the daemon
        _log.exception("a page failed by a fault of the program", path=request.path, error=repr(error))
        return _sorry(request, 500, "This page failed by a fault of the program; the log has it.", "")


@web.middleware
async def _host(request: web.Request, handler: _Handler) -> web.StreamResponse:
    if not request.app[ACCESS].knows_host(request.headers.get("Host")):
        return web.Response(status=421, text="Misdirected request: this name is not among page.hosts.\n")
    return await handler(request)


@web.middleware
async def _login(request: web.Request, handler: _Handler) -> web.StreamResponse:
    """Let in who has a seat that was let in, or brings the token; ask all others for it."""
    access = request.app[ACCESS]
    seat, is_new = access.seat(request.cookies.get(access.cookie))
    request[SEAT] = seat
    request[FORM_TOKEN] = access.form_token(seat)
    bearer = request.headers.get("Authorization", "")
    request[LET_IN] = access.may_enter(seat)
    if access.has_token and bearer[:7].lower() == "bearer ":
        peer = request.remote or ""
        waits = access.must_wait(peer)
        if access.is_token(bearer[7:].strip(), peer=peer):  # the right one, whoever else guesses from there
            request[LET_IN] = True
            return await handler(request)
        if waits:
            return web.Response(
                status=429, text="Too many wrong tokens; wait a minute.\n", headers={"Retry-After": "60"}
            )
        return web.Response(status=401, text="Wrong token.\n", headers={"WWW-Authenticate": "Bearer"})
    if not request[LET_IN] and request.path not in _OPEN and not request.path.startswith("/static/"):
        if request.method not in ("GET", "HEAD") or request.path == "/metrics" or "HX-Request" in request.headers:
            return web.Response(status=401, text="Log in first.\n", headers={"WWW-Authenticate": "Bearer"})
        response: web.StreamResponse = web.Response(
            status=303, headers={"Location": f"/login?to={quote(request.path_qs, safe='')}"}
        )
    else:
        response = await handler(request)
    if is_new and request.method == "GET" and access.cookie not in response.cookies and not response.prepared:
        set_seat(request, response, seat)
    return response


@web.middleware
async def _forms(request: web.Request, handler: _Handler) -> web.StreamResponse:
    """Take forms only from pages this server gave to this browser."""
    if request.method in ("GET", "HEAD"):
        return await handler(request)
    origin = request.headers.get("Origin")
    if origin is not None and origin.partition("://")[2] != request.host:
        raise web.HTTPForbidden(reason="This form comes from another site")
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise web.HTTPForbidden(reason="This form comes from another site")
    if not request.app[ACCESS].is_form_token(request[SEAT], await _form_token(request)):
        raise web.HTTPForbidden(reason="This form is too old; load the page again")
    return await handler(request)


async def _form_token(request: web.Request) -> str:
    """Return what the request's form carries, which stays read for the handler; a body that is no form is a 400."""
    try:
        return str((await request.post()).get("form_token", ""))
    except web.HTTPException:
        raise
    except Exception as error:  # its charset, coding, boundary, length: each of the client's making, each another type
        raise web.HTTPBadRequest(reason="This is no form") from error


def _sorry(request: web.Request, status: int, what: str, next_step: str) -> web.Response:
    if "HX-Request" in request.headers:
        return web.Response(status=status, text=what)
    return render_page(request, "sorry.html", {"what": what, "next_step": next_step, "code": status}, status=status)


MIDDLEWARES = (_headers, _errors, _host, _login, _forms)
