"""Who is asking: where sign-in is required, nothing but the form for it is shown to whoever is not signed in."""

from __future__ import annotations

import json
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from openrvu.errors import OpenRVUError
from openrvu.web.stateful import opened

if TYPE_CHECKING:
    from fastapi import FastAPI

    from openrvu.state.users import User

COOKIE = "openrvu_session"
OPEN = ("/sign-in", "/static/", "/fonts/", "/style/", "/health")
# What a method needs; a page that needs more names it here.
READS = ("GET", "HEAD", "OPTIONS")
OWNERS = ("/data",)


class SignIn:
    """Puts the person into `request.state.user`, or sends whoever is none to the form."""

    def __init__(self, app: ASGIApp, whole: FastAPI) -> None:
        self.app, self.whole = app, whole

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not self.whole.state.sign_in:
            await self.app(scope, receive, send)
            return
        user = await run_in_threadpool(self._user, Headers(scope=scope).get("cookie", ""))
        scope.setdefault("state", {})["user"] = user
        refused = _refused(scope["path"], scope["method"], user, scope.get("query_string", b"").decode("latin-1"))
        await (refused or self.app)(scope, receive, send)

    def _user(self, cookies: str) -> User | None:
        token = token_in(cookies)
        if not token:
            return None
        from openrvu.state import users

        try:
            return users.of_session(opened(self.whole)[0], token)
        except OpenRVUError:  # a database that is away: the page of sign-in says so
            return None


def token_in(cookies: str) -> str:
    """The session's token in a Cookie header; empty where there is none."""
    held: SimpleCookie = SimpleCookie()
    try:
        held.load(cookies)
    except CookieError:
        return ""
    return held[COOKIE].value if COOKIE in held else ""


def needs(path: str, method: str) -> str:
    """The role that a request needs.

    >>> needs("/codes/63047", "GET"), needs("/claims", "POST"), needs("/data", "POST"), needs("/sign-out", "POST")
    ('reader', 'analyst', 'owner', 'reader')
    """
    if method in READS or path == "/sign-out":
        return "reader"
    return "owner" if path.startswith(OWNERS) else "analyst"


def _refused(path: str, method: str, user: User | None, query: str) -> Response | None:
    if path.startswith(OPEN) or (user and user.may(needs(path, method))):
        return None
    if user:
        return _told(403, f"your role ({user.role}) may not do this", f"Ask an owner: it needs {needs(path, method)}")
    if path.endswith(".json") or path.startswith("/api/") or method not in READS:
        return _told(401, "sign in first", "Open /sign-in")
    back = path + (f"?{query}" if query else "")
    return RedirectResponse("/sign-in" + (f"?to={quote(back)}" if back != "/" else ""), status_code=303)


def _told(status: int, what: str, fix: str) -> Response:
    text = json.dumps({"error": OpenRVUError(what, fix=fix).as_dict()}, indent=2) + "\n"
    return Response(text, status, media_type="application/json")


def back_to(asked: str) -> str:
    """Where to go after signing in: a path of this server, nothing else.

    >>> back_to("/codes/63047?on=2026-07-01"), back_to("//evil.example"), back_to("https://evil.example")
    ('/codes/63047?on=2026-07-01', '/', '/')
    """
    safe = asked.startswith("/") and not asked.startswith(("//", "/\\")) and asked.isprintable()
    return asked if safe else "/"
