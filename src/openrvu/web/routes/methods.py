"""Methods and limits: the page, its JSON (the bytes of `openrvu methods --json`) and its tables."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request
from starlette.responses import Response

from openrvu.methodology import methods
from openrvu.web.methodspage import json_of, methods_page
from openrvu.web.render import download
from openrvu.web.reporting import file_of, shown

router = APIRouter()
BOTH = ["GET", "HEAD"]


@router.api_route("/methods.json", methods=BOTH)
def as_json() -> Response:
    """The methods as JSON."""
    return download(json_of(methods()), "json", "methods.json")


@router.api_route("/methods/{part}.{kind}", methods=BOTH)
def as_file(part: str, kind: Literal["csv", "xlsx", "svg", "png"]) -> Response:
    """A table of the page."""
    return file_of(methods_page(), part, kind)


@router.api_route("/methods", methods=BOTH)
def as_page(request: Request) -> Response:
    """The page."""
    return shown(request, methods_page())
