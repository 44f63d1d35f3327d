"""The web app: server-rendered, works without scripts, asks nothing of any other host, listens on this machine.

FastAPI's own documentation pages are off: they would ask a CDN for their scripts.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence

from fastapi import FastAPI, Request
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import JSONResponse, Response

from openrvu import __version__
from openrvu.errors import OpenRVUError
from openrvu.web.pages import HERE, router
from openrvu.web.render import page

log = logging.getLogger("openrvu.web")

# Names under which a page of this machine is asked for. Any other Host header is refused (DNS rebinding).
LOCAL_HOSTS = ("localhost", "127.0.0.1", "[::1]")

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; "
        "img-src 'self' data:; font-src 'self' data:; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}

STATUS = {"unknown-code": 404, "not-held": 404, "unknown-place": 422, "bad-input": 422, "bad-file": 422}


def create_app(hosts: Sequence[str] = LOCAL_HOSTS) -> FastAPI:
    """The app. hosts: the Host headers it answers to."""
    app = FastAPI(title="OpenRVU", version=__version__, docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(router)
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(hosts), www_redirect=False)
    app.middleware("http")(_with_headers)
    app.add_exception_handler(OpenRVUError, _known)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unknown)
    return app


async def _with_headers(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    response = await call_next(request)
    for name, text in HEADERS.items():
        response.headers.setdefault(name, text)
    return response


def _wants_json(request: Request) -> bool:
    return request.url.path.endswith(".json")


def _answer(request: Request, fault: OpenRVUError, status: int) -> Response:
    if _wants_json(request):
        return JSONResponse({"error": fault.as_dict()}, status_code=status)
    return page(request, "error.html", {"fault": fault, "title": "That did not work"}, status)


async def _known(request: Request, fault: Exception) -> Response:
    assert isinstance(fault, OpenRVUError)
    return _answer(request, fault, STATUS.get(fault.kind, 500))


async def _http(request: Request, fault: Exception) -> Response:
    assert isinstance(fault, HTTPException)
    what = "there is no such page" if fault.status_code == 404 else str(fault.detail)
    return _answer(request, OpenRVUError(what, fix="Start from the first page"), fault.status_code)


async def _unknown(request: Request, fault: Exception) -> Response:
    log.error("unexpected error on %s", request.url.path, exc_info=fault)
    what = "something went wrong on our side"
    response = _answer(request, OpenRVUError(what, fix="It was logged; please report it with the address"), 500)
    response.headers.update(HEADERS)  # the outermost handler answers outside the middleware
    return response


def serve(host: str = "127.0.0.1", port: int = 8380) -> None:
    """Serve until interrupted. A host other than this machine is added to the names that are answered."""
    import uvicorn

    hosts = [*LOCAL_HOSTS, host] if host not in ("0.0.0.0", "::") else ["*"]  # noqa: S104  # only compared with
    print(f"OpenRVU {__version__} on http://{host}:{port or '(a free port)'}   Ctrl-C stops it", flush=True)
    uvicorn.run(create_app(hosts), host=host, port=port, log_level="warning", server_header=False)
