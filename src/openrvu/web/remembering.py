"""Date, place, setting and track remembered between visits: a cookie that Apply writes, without a script.

A page that is asked for without any of them is sent on to the same page with them, so that every address that is read,
kept or shared says what it answers. A file (.json, .csv and so on) and the API never depend on a cookie.
"""

from __future__ import annotations

import re
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qsl, urlencode

from starlette.types import ASGIApp, Receive, Scope, Send

COOKIE = "choices"
CHOICES = ("on", "place", "setting", "qp")
DEFAULTS = {"place": "national", "setting": "facility"}
APPLY = "apply"  # the name of the button that remembers
LONGEST = 400
YEAR = 365 * 24 * 3600
# What is no page of answers.
_OTHER = re.compile(r"/(static|fonts|style|api/v1|health)(/|$)|\.[a-z]+$")


class Remember:
    """Reads and writes the cookie. Only for GET and HEAD of pages; whatever else passes through untouched."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD") or not is_page(scope["path"]):
            await self.app(scope, receive, send)
            return
        asked = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        names = {name for name, _ in asked}
        if APPLY in names:
            kept = {name: value for name, value in asked if name in CHOICES and value.strip()}
            cookie = _written(kept)
            left = asked if kept_of(kept) else [pair for pair in asked if pair[0] not in CHOICES]
            await _send_on(send, _address(scope["path"], left), cookie)
        elif not names & set(CHOICES) and (kept := remembered(scope)):
            await _send_on(send, _address(scope["path"], [*asked, *kept.items()]), "")
        else:
            await self.app(scope, receive, send)


def is_page(path: str) -> bool:
    """Whether a path is that of a page. A path that begins with two slashes is none: it would name another host."""
    return not path.startswith("//") and not _OTHER.search(path) and "\\" not in path


def remembered(scope: Scope) -> dict[str, str]:
    """What the cookie holds; empty where there is none, or it is damaged."""
    sent = b"; ".join(value for name, value in scope["headers"] if name == b"cookie").decode("latin-1")
    try:
        text = SimpleCookie(sent).get(COOKIE)
    except CookieError:
        return {}
    if text is None or len(text.value) > LONGEST:
        return {}
    return {name: value for name, value in parse_qsl(text.value) if name in CHOICES}


def kept_of(kept: dict[str, str]) -> bool:
    """Whether anything differs from the default."""
    return any(DEFAULTS.get(name) != value for name, value in kept.items())


def _written(kept: dict[str, str]) -> str:
    """The cookie's text. Where nothing differs from the default there is nothing to remember, and it ends."""
    if not kept_of(kept):
        return f"{COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"
    text = urlencode({name: value[:120] for name, value in kept.items()})
    return f"{COOKIE}={text}; Path=/; Max-Age={YEAR}; HttpOnly; SameSite=Lax"


def _address(path: str, asked: list[tuple[str, str]]) -> str:
    """The same page with its choices, the button and what is empty left out."""
    from urllib.parse import quote

    kept = [(name, value) for name, value in asked if name != APPLY and value]
    where = quote(path, safe="/:@!$&'()*+,;=-._~")
    return f"{where}?{urlencode(kept)}" if kept else where


async def _send_on(send: Send, where: str, cookie: str) -> None:
    headers = [(b"location", where.encode("ascii")), (b"content-length", b"0"), (b"cache-control", b"no-store")]
    headers += [(b"set-cookie", cookie.encode("ascii"))] if cookie else []
    await send({"type": "http.response.start", "status": 303, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
