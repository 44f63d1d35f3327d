"""A code through the releases: the page, its JSON (the bytes of `openrvu history --json`), tables and drawings."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from openrvu import answers
from openrvu.pricing import read_code
from openrvu.web.asked import LONGEST, read
from openrvu.web.historypage import Span, facts_until, foot_of, found_of, history_page
from openrvu.web.render import download, facts_of
from openrvu.web.reporting import Report, file_of, shown

router = APIRouter()
BOTH = ["GET", "HEAD"]


def _span(request: Request) -> Span:
    start, end = (request.query_params.get(name, "").strip() for name in ("start", "end"))
    return start, end


def _page(request: Request, code: str) -> Report:
    return history_page(code, _span(request), read(request), facts_of(request))


@router.api_route("/history", methods=BOTH)
def go(request: Request) -> Response:
    """From the form's code to its address."""
    code = read_code(request.query_params.get("code", "63047")[:LONGEST])
    kept = dict(zip(("start", "end"), _span(request), strict=True))
    return RedirectResponse(read(request).url(f"/history/{code}", **kept), 303)


@router.api_route("/history/{code}.json", methods=BOTH)
def as_json(request: Request, code: str) -> Response:
    """The history as JSON, with what moved the amount where two dates are given."""
    asked, facts = read(request), facts_of(request)
    found = found_of(code, _span(request), asked, facts)
    return download(answers.document(found, foot_of(found, facts_until(asked, facts))), "json", f"{found.code}.json")


@router.api_route("/history/{code}/{part}.{kind}", methods=BOTH)
def as_file(request: Request, code: str, part: str, kind: Literal["csv", "xlsx", "svg", "png"]) -> Response:
    """A table or drawing of the page."""
    return file_of(_page(request, code), part, kind)


@router.api_route("/history/{code}", methods=BOTH)
def as_page(request: Request, code: str) -> Response:
    """The page."""
    return shown(request, _page(request, code), "history.html")
