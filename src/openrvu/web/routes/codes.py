"""A code: its page, its JSON (the bytes of `openrvu code --json`) and each table as CSV."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request
from starlette.responses import Response

from openrvu.cards.card import Card, foot_of
from openrvu.codes.families import plain_words
from openrvu.dossier.blocks import SourceList
from openrvu.errors import BadInput
from openrvu.web import sheets, view
from openrvu.web.asked import read
from openrvu.web.render import download, drawing, facts_of, hrefs, page

router = APIRouter()
BOTH = ["GET", "HEAD"]


@router.api_route("/codes/{code}.json", methods=BOTH)
def as_json(request: Request, code: str) -> Response:
    """The card as JSON."""
    found = view.card_of(code, read(request), facts_of(request))
    return download(view.json_of(found), "json", f"{found.code}.json")


def _sheet(request: Request, code: str, table: str) -> tuple[Card, str]:
    """The card and one table of its page as CSV. Raises BadInput for a table that the page does not have."""
    asked, facts = read(request), facts_of(request)
    found = view.card_of(code, asked, facts)
    parts = {part.id: part for part in view.parts_of(found, asked, facts) if part.table}
    if table not in parts:
        raise BadInput(f"{found.code} has no table {table[:40]!r}", exists=f"Tables: {', '.join(parts)}")
    return found, sheets.sheet(parts[table], found, asked, facts)


@router.api_route("/codes/{code}/{table}.csv", methods=BOTH)
def as_csv(request: Request, code: str, table: str) -> Response:
    """One table of the page as CSV."""
    found, text = _sheet(request, code, table)
    return download(text, "csv", f"{found.code}-{table}.csv", save=True)


@router.api_route("/codes/{code}/{table}.xlsx", methods=BOTH)
def as_workbook(request: Request, code: str, table: str) -> Response:
    """One table of the page as an Excel workbook."""
    found, text = _sheet(request, code, table)
    book = sheets.workbook(text, f"{found.code} {table}", foot_of(found))
    return download(book, "xlsx", f"{found.code}-{table}.xlsx", save=True)


@router.api_route("/codes/{code}/{part}.{kind}", methods=BOTH)
def as_drawing(request: Request, code: str, part: str, kind: Literal["svg", "png"]) -> Response:
    """The drawing of one part of the page."""
    asked, facts = read(request), facts_of(request)
    found = view.card_of(code, asked, facts)
    drawn = {one.id: one.chart for one in view.parts_of(found, asked, facts) if one.chart}
    if part not in drawn:
        raise BadInput(f"{found.code} has no drawing {part[:40]!r}", exists=f"Drawings: {', '.join(drawn) or 'none'}")
    return drawing(drawn[part], kind, f"{found.code}-{part}")


@router.api_route("/codes/{code}", methods=BOTH)
def as_page(request: Request, code: str) -> Response:
    """The page of a code."""
    asked, facts = read(request), facts_of(request)
    made = view.code_page(code, asked, facts)
    code = made.card.code
    words = plain_words(code)
    data = {
        "title": f"{code} {words}".strip(),
        "words": f"{words[:1].upper()}{words[1:]}",
        "page": made,
        "sources": SourceList(made.citations),
        "href": hrefs(asked, f"/codes/{code}", facts, here=code),
    }
    return page(request, "code.html", data, numbers=made.numbers)
