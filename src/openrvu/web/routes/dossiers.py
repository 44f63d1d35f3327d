"""The dossier: as a page, as JSON (the bytes of `openrvu dossier --json`), as PDF, and as one file to keep."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from openrvu.dossier.blocks import Dossier
from openrvu.web.asked import read
from openrvu.web.render import download, facts_of, page

router = APIRouter()
BOTH = ["GET", "HEAD"]


def _dossier(request: Request, code: str) -> Dossier:
    from openrvu.dossier.build import build

    asked = read(request).checked()
    return build(code, on=asked.on or None, place=asked.place, facts=facts_of(request))


def _file(request: Request, code: str, kind: str, save: bool = False) -> Response:
    from openrvu.dossier.render import render

    made = _dossier(request, code)
    return download(render(made, kind), kind, f"{made.code}.{kind}", save=save)


@router.api_route("/dossiers/{code}.json", methods=BOTH)
def as_json(request: Request, code: str) -> Response:
    """The dossier as JSON."""
    return _file(request, code, "json")


@router.api_route("/dossiers/{code}.pdf", methods=BOTH)
def as_pdf(request: Request, code: str) -> Response:
    """The dossier as PDF."""
    return _file(request, code, "pdf")


@router.api_route("/dossiers/{code}.html", methods=BOTH)
def as_file(request: Request, code: str) -> Response:
    """The dossier as one file that requests nothing. To be saved: shown here, its own style would be refused."""
    return _file(request, code, "html", save=True)


@router.api_route("/dossiers/{code}", methods=BOTH)
def as_page(request: Request, code: str) -> Response:
    """The dossier as a page."""
    from openrvu.dossier.render import render_body

    made = _dossier(request, code)
    data = {"title": f"{made.code} dossier", "dossier": made, "body": render_body(made)}
    return page(request, "dossier.html", data)
