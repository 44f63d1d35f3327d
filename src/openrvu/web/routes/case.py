"""A case: the page, its JSON (the bytes of `openrvu case --json`), CSV and workbook. All of it is in the address."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from openrvu import answers
from openrvu.cards.sheets import case_sheet
from openrvu.casing import Case
from openrvu.dossier.blocks import SourceList
from openrvu.web import caseview, sheets
from openrvu.web.asked import LONGEST, read
from openrvu.web.caseview import ASSISTANTS, Typed
from openrvu.web.render import download, facts_of, hrefs, page

router = APIRouter()
BOTH = ["GET", "HEAD"]


def _typed(request: Request) -> Typed:
    given = request.query_params
    short = {name: given.get(name, "").strip()[:LONGEST] for name in ("as", "provider")}
    return Typed(given.get("services", "").strip(), short["as"], short["provider"])


def _found(request: Request) -> Case:
    return caseview.case_of(_typed(request), read(request), facts_of(request))


@router.api_route("/case.json", methods=BOTH)
def as_json(request: Request) -> Response:
    """The case as JSON."""
    found = _found(request)
    return download(answers.document(found, caseview.foot_of(found)), "json", "case.json")


@router.api_route("/case.csv", methods=BOTH)
def as_csv(request: Request) -> Response:
    """The case as CSV."""
    return download(case_sheet(_found(request)), "csv", "case.csv", save=True)


@router.api_route("/case.xlsx", methods=BOTH)
def as_workbook(request: Request) -> Response:
    """The case as an Excel workbook."""
    found = _found(request)
    return download(sheets.workbook(case_sheet(found), "case", caseview.foot_of(found)), "xlsx", "case.xlsx", save=True)


@router.api_route("/case", methods=BOTH)
def as_page(request: Request) -> Response:
    """The page; without services, the form alone."""
    typed, asked, facts = _typed(request), read(request), facts_of(request)
    data = {"title": "A case", "typed": typed, "assistants": ASSISTANTS, "made": None}
    if not typed.services:
        return page(request, "case.html", data)
    made = caseview.case_page(typed, asked, facts)
    data |= {
        "made": made,
        "sources": SourceList(made.citations),
        "href": hrefs(asked, "/case", facts),
        "same": lambda kind: asked.url(f"/case.{kind}", **typed.chosen),
    }
    return page(request, "case.html", data, numbers={one.source.id: one.number for one in made.citations})
