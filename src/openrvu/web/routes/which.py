"""Which code: the page with one question at a time, its JSON (the bytes of `openrvu which --json`) and its CSV."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from openrvu import answers
from openrvu.cards.which import foot_of, sheet
from openrvu.dossier.blocks import SourceList
from openrvu.web import whichpage
from openrvu.web.asked import read
from openrvu.web.render import download, facts_of, hrefs, page

router = APIRouter()
BOTH = ["GET", "HEAD"]


@router.api_route("/which.json", methods=BOTH)
def as_json(request: Request) -> Response:
    """The walk as JSON."""
    found = whichpage.walk_of(request.query_params, read(request), facts_of(request))
    return download(answers.document(found, foot_of(found)), "json", "which.json")


@router.api_route("/which.csv", methods=BOTH)
def as_csv(request: Request) -> Response:
    """The walk as CSV: the lines or the codes left, and those ruled out with the reason."""
    found = whichpage.walk_of(request.query_params, read(request), facts_of(request))
    return download(sheet(found), "csv", "which.csv", save=True)


@router.api_route("/which", methods=BOTH)
def as_page(request: Request) -> Response:
    """The next question, the code, or why there is none."""
    asked, facts = read(request), facts_of(request)
    made = whichpage.which_page(request.query_params, asked, facts)
    result = made.found.result
    data = {
        "title": " + ".join(line.code for line in result.lines) if result else "Which code?",
        "made": made,
        "found": made.found,
        "sources": SourceList(made.citations),
        "href": hrefs(asked, "/which", facts),
    }
    return page(request, "which.html", data, numbers=made.numbers)
