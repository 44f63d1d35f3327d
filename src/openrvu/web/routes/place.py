"""A code at every place: the page, its JSON (the bytes of `openrvu everywhere --json`), tables and drawings."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from openrvu import answers
from openrvu.cards.everywhere import foot_of
from openrvu.pricing import read_code
from openrvu.web.asked import LONGEST, read
from openrvu.web.placepage import found_of, place_page
from openrvu.web.render import download, facts_of
from openrvu.web.reporting import file_of, shown

router = APIRouter()
BOTH = ["GET", "HEAD"]


@router.api_route("/places/pay", methods=BOTH)
def go(request: Request) -> Response:
    """From the form's code to its address."""
    code = read_code(request.query_params.get("code", "")[:LONGEST])
    return RedirectResponse(read(request).url(f"/places/{code}"), 303)


@router.api_route("/places/{code}.json", methods=BOTH)
def as_json(request: Request, code: str) -> Response:
    """Every locality as JSON."""
    found = found_of(code, read(request), facts_of(request))
    return download(answers.document(found, foot_of(found)), "json", f"{found.code}-places.json")


@router.api_route("/places/{code}/{part}.{kind}", methods=BOTH)
def as_file(request: Request, code: str, part: str, kind: Literal["csv", "xlsx", "svg", "png"]) -> Response:
    """A table or drawing of the page."""
    return file_of(place_page(code, read(request), facts_of(request)), part, kind)


@router.api_route("/places/{code}", methods=BOTH)
def as_page(request: Request, code: str) -> Response:
    """The page."""
    return shown(request, place_page(code, read(request), facts_of(request)), "place.html")
