"""The web app: server-rendered, works without scripts, asks nothing of any other host, by default of this machine.

FastAPI's own documentation pages are off: they would ask a CDN for their scripts.
"""

from __future__ import annotations

import contextlib
import ipaddress
import json
import logging
import re
import socket
import threading
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.staticfiles import StaticFiles
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from openrvu import __version__, answers
from openrvu.codes.families import Service, find_service
from openrvu.errors import BadInput, OpenRVUError, Unavailable
from openrvu.facts import Facts
from openrvu.web.asked import read
from openrvu.web.limits import ApiLimits
from openrvu.web.remembering import Remember
from openrvu.web.render import DOSSIER, HERE, download, page
from openrvu.web.routes import API, ROUTERS
from openrvu.web.routes.api import VERSION, document
from openrvu.web.signing import SignIn
from openrvu.web.stateful import close, opened

if TYPE_CHECKING:
    import uvicorn

log = logging.getLogger("openrvu.web")

# Names under which a page of this machine is asked for. Any other Host header is refused: a page elsewhere could point
# its own name at this machine and read the answers (DNS rebinding).
LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1", "[::1]")
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; "
        "img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-cache",
}
# A kind of error that is not the asker's has another status.
STATUS = {
    "unknown-code": 404,
    "not-held": 404,
    "unknown-place": 422,
    "bad-input": 422,
    "bad-file": 500,
    "unavailable": 503,
}
SORRY = OpenRVUError("something went wrong on our side", fix="It was logged: please report it with the address")
PLAIN = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Error: OpenRVU</title></head><body><main>'
    '<h1>Something went wrong on our side</h1><p>It was logged: please report it with the address.</p><p><a href="/">'
    "Find a code</a></p></main></body></html>\n"
)


class SafeHeaders:
    """Puts HEADERS on every answer that does not bring its own; plain ASGI, so that nothing is buffered."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, text in HEADERS.items():
                    headers.setdefault(name, text)
            await send(message)

        await self.app(scope, receive, with_headers)


def create_app(
    facts: Facts | None = None,
    database: str = "",
    home: Path | None = None,
    *,
    names: Sequence[str] = (),
    sign_in: bool = False,
) -> FastAPI:
    """The app. facts: what it looks up in (default: what is held on this machine, looked at anew for each request).

    database: URL of the state (default: OPENRVU_DATABASE, else SQLite in `home`). home: the folder of uploads and jobs
    (default: the user's data folder). Both are opened with the first page that needs them. names: under which it is
    asked for, beside those of this machine. sign_in: whether nothing is shown to whoever is not signed in.
    """
    app = FastAPI(
        title="OpenRVU",
        summary="What a physician service is worth, what Medicare pays for it, and how sure anyone can be.",
        description=f"{answers.DISCLAIMER} {answers.CPT_NOTICE}",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url=f"{VERSION}/openapi.json",
        lifespan=_until_closed,
    )
    app.state.facts = facts
    app.state.database, app.state.home, app.state.opened = database, home, None
    app.state.sign_in = sign_in
    app.state.drawing = None
    for router in ROUTERS:
        app.include_router(router, include_in_schema=False)
    app.include_router(API)
    made = app.openapi
    app.openapi = lambda: document(made)  # type: ignore[method-assign]
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    app.mount("/fonts", StaticFiles(directory=DOSSIER / "fonts"), name="fonts")
    app.add_middleware(Remember)
    app.add_middleware(SignIn, whole=app)
    app.add_middleware(ApiLimits, prefix=VERSION)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=[*LOCAL_HOSTS, *names], www_redirect=False)
    app.add_middleware(SafeHeaders)
    app.add_exception_handler(OpenRVUError, _known)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unknown)
    return app


@contextlib.asynccontextmanager
async def _until_closed(app: FastAPI) -> AsyncIterator[None]:
    yield
    close(app)


def _wants_json(request: Request) -> bool:
    return request.url.path.endswith(".json") or request.url.path.startswith("/api/")


def _json(fault: OpenRVUError, status: int) -> Response:
    """The one error shape, written as the command line writes it."""
    text = json.dumps({"error": fault.as_dict()}, indent=2, ensure_ascii=False) + "\n"
    response = download(text, "json", "error.json")
    response.status_code = status
    return response


def choices(request: Request, fault: OpenRVUError) -> list[tuple[str, str]]:
    """What an error says that exists, as links: localities to choose from, codes that are close, a day that is held."""
    asked, path = read(request), request.url.path
    if fault.kind == "unknown-place":
        found = re.findall(r"(\d{5}-\d{2}) ([^;]+)", fault.exists)
        return [(asked.url(path, place=key), f"{key} {name}") for key, name in found]
    if fault.kind == "unknown-code":
        close = fault.exists.partition("close: ")[2]
        return [(asked.url(f"/codes/{code}"), code) for code in re.findall(r"[A-Z0-9]{5}", close)]
    if day := re.search(r"(?:Nearest: \w+,|up to) (\d{4}-\d\d-\d\d)", fault.exists):
        return [(asked.url(path, on=day[1]), f"{fault.exists.rstrip('.')}: see it on {day[1]}")]
    return []


def _named(request: Request) -> Service | None:
    """What a family says of the code in the address: a code may be described and yet be in no fee schedule held."""
    _, _, code = request.url.path.rpartition("/")
    return find_service(code.upper())


def _answer(request: Request, fault: OpenRVUError, status: int) -> Response:
    if _wants_json(request):
        return _json(fault, status)
    data = {
        "title": "That did not work",
        "fault": fault,
        "choices": choices(request, fault),
        "service": _named(request),
    }
    return page(request, "error.html", data, status=status)


async def _known(request: Request, fault: Exception) -> Response:
    assert isinstance(fault, OpenRVUError)
    status = STATUS.get(fault.kind, 500)
    if status == 500:
        log.error("%s: %s", request.url.path, fault)
    return _answer(request, fault, status)


async def _invalid(request: Request, fault: Exception) -> Response:
    """What FastAPI finds wrong with a parameter, in our own shape."""
    assert isinstance(fault, RequestValidationError)
    first = fault.errors()[0]
    name = ".".join(str(part) for part in first["loc"][1:])
    return _answer(request, BadInput(f"`{name}`: {first['msg']}", fix="See the API page: /api"), 422)


async def _http(request: Request, fault: Exception) -> Response:
    assert isinstance(fault, HTTPException)
    what = {404: "there is no such page", 405: "this page can only be read"}.get(fault.status_code, str(fault.detail))
    response = _answer(request, OpenRVUError(what, fix="Start from the first page"), fault.status_code)
    response.headers.update(fault.headers or {})
    return response


async def _unknown(request: Request, fault: Exception) -> Response:
    log.error("unexpected error on %s", request.url.path, exc_info=fault)
    response = _json(SORRY, 500) if _wants_json(request) else HTMLResponse(PLAIN, 500)
    response.headers.update(HEADERS)  # this answer is made outside the middleware
    return response


def serve(
    host: str = "127.0.0.1",
    port: int = 8380,
    database: str = "",
    *,
    names: Sequence[str] = (),
    proxies: Sequence[str] = (),
) -> None:
    """Serve until interrupted; port 0 takes a free one. database: as in `create_app`.

    names: under which a reverse proxy asks for it. proxies: whose word on scheme and address is taken, beside
    127.0.0.1. With a name, or on an address that others reach, everyone has to sign in. Raises BadInput where nobody
    could, Unavailable for a port that is taken.
    """
    import uvicorn

    reached = host != "localhost" and not _is_loopback(host)
    app = create_app(database=database, names=[*names, *([host] if reached else [])], sign_in=bool(names) or reached)
    if app.state.sign_in:
        _somebody_may(app)
    listening = _listen(host, port)
    shown = f"[{host}]" if ":" in host else host
    print(f"OpenRVU {__version__} on http://{shown}:{listening.getsockname()[1]}   Ctrl-C stops it", flush=True)
    if reached and not names:
        print("Passwords cross the network in clear: put a proxy with TLS before it, see docs/deploy.md", flush=True)
    config = uvicorn.Config(
        app,
        log_level="warning",
        server_header=False,
        ws="none",
        proxy_headers=bool(names),
        forwarded_allow_ips=["127.0.0.1", "::1", *proxies],
    )
    server = uvicorn.Server(config)
    app.state.drawing = threading.Event()
    threading.Thread(target=_warm, args=(server, app), daemon=True).start()
    try:
        server.run(sockets=[listening])
    except KeyboardInterrupt:
        print("Stopped.")


def _somebody_may(app: FastAPI) -> None:
    """Refuse to serve others where nobody could sign in."""
    from openrvu.state import users

    if not users.count(opened(app)[0]):
        raise BadInput(
            "others would reach this server, and nobody may sign in",
            exists="Without --name and --host it serves this machine alone, without sign-in",
            fix="Add somebody first: `openrvu user add NAME --role owner`",
        )


def _warm(server: uvicorn.Server, app: FastAPI) -> None:
    """Once the server answers, start the chart engine, tell the pages that it draws at once, and go on with jobs.

    Until then a page names its drawings, which the browser asks for apart, so that no page waits for the engine.
    """
    while not server.started and not server.should_exit:
        time.sleep(0.02)
    with contextlib.suppress(Exception):  # whatever is wrong shows when a page needs it
        from openrvu.dossier import charts

        charts.svg(charts.ranges([("", [charts.Range("", 1.0)])], "", charts.NARROW))
    app.state.drawing.set()
    try:
        opened(app)
    except OpenRVUError as fault:  # pages without state work all the same; those with it say what is wrong
        log.error("%s", fault)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as fault:
        raise Unavailable(f"port {port} on {host} cannot be used: {fault.strerror}", fix="Try `--port 0`") from None


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
