"""Services side by side: the page, its JSON (the bytes of `openrvu compare --json`) and its CSV."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request
from starlette.responses import Response

from openrvu import answers
from openrvu.cards.sheets import comparison_sheet
from openrvu.dossier.blocks import SourceList
from openrvu.errors import BadInput
from openrvu.web import comparing, sheets
from openrvu.web.asked import read
from openrvu.web.render import download, drawing, facts_of, hrefs, page

router = APIRouter()
BOTH = ["GET", "HEAD"]


def _typed(request: Request) -> tuple[str, str]:
    """The codes and the work RVU in the address, as typed."""
    return request.query_params.get("codes", "").strip(), request.query_params.get("work", "").strip()


@router.api_route("/compare.json", methods=BOTH)
def as_json(request: Request) -> Response:
    """The comparison as JSON."""
    found = comparing.comparison_of(*_typed(request), read(request), facts_of(request))
    return download(answers.document(found, comparing.foot_of(found)), "json", "compare.json")


@router.api_route("/compare.csv", methods=BOTH)
def as_csv(request: Request) -> Response:
    """The comparison as CSV."""
    found = comparing.comparison_of(*_typed(request), read(request), facts_of(request))
    return download(comparison_sheet(found), "csv", "compare.csv", save=True)


@router.api_route("/compare.xlsx", methods=BOTH)
def as_workbook(request: Request) -> Response:
    """The comparison as an Excel workbook."""
    found = comparing.comparison_of(*_typed(request), read(request), facts_of(request))
    book = sheets.workbook(comparison_sheet(found), "comparison", comparing.foot_of(found))
    return download(book, "xlsx", "compare.xlsx", save=True)


@router.api_route("/compare.{kind}", methods=BOTH)
def as_drawing(request: Request, kind: Literal["svg", "png"]) -> Response:
    """The drawing."""
    made = comparing.compare_page(*_typed(request), read(request), facts_of(request))
    if made.chart is None:
        raise BadInput("none of these codes has a work RVU here, so there is no drawing")
    return drawing(made.chart, kind, "compare")


@router.api_route("/compare", methods=BOTH)
def as_page(request: Request) -> Response:
    """The page; without codes, the box alone."""
    (typed, work), asked, facts = _typed(request), read(request), facts_of(request)
    if not typed:
        return page(request, "compare.html", {"title": "Compare codes", "typed": "", "work": work, "made": None})
    made = comparing.compare_page(typed, work, asked, facts)
    data = {
        "title": " · ".join(row.code for row in made.found.rows),
        "typed": " ".join(row.code for row in made.found.rows),
        "work": work,
        "made": made,
        "said": comparing.answer(made.found),
        "sources": SourceList(made.citations),
        "href": hrefs(asked, "/compare", facts),
    }
    return page(request, "compare.html", data, numbers=made.numbers)
