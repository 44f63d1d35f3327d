"""The pages and their JSON and PDF twins. Each makes one public call."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from openrvu import answers, holdings
from openrvu.cards.card import Card, card, foot_of
from openrvu.codes.families import families
from openrvu.errors import BadInput
from openrvu.pricing import read_code, read_date
from openrvu.web.render import address, choices, page

HERE = Path(__file__).parent
BOTH = ["GET", "HEAD"]

router = APIRouter()


def _json(text: str) -> Response:
    return Response(text, media_type="application/json")


def _card(request: Request, code: str) -> Card:
    chosen = choices(request)
    return card(code, on=chosen["on"] or None, place=chosen["place"], qualifying_apm=chosen["qp"] == "1")


@router.api_route("/", methods=BOTH)
def find(request: Request) -> Response:
    """The first page: a box for a code or words, and the family's codes."""
    return page(request, "find.html", {"title": "Find a code", "families": families(), "asked": "", "hits": ()})


@router.api_route("/find", methods=BOTH)
def found(request: Request) -> Response:
    """A code goes to its page; words go to the services whose words hold them all."""
    asked = request.query_params.get("q", "").strip()
    try:
        return RedirectResponse(address(f"/codes/{read_code(asked)}", choices(request)), status_code=303)
    except BadInput:
        words = asked.lower().split()
    hits = [
        service
        for family in families()
        for service in family.services.values()
        if words
        and all(w in f"{service.code} {service.words} {service.approach} {service.region}".lower() for w in words)
    ]
    data = {"title": "Find a code", "families": families(), "asked": asked[:80], "hits": hits}
    return page(request, "find.html", data)


@router.api_route("/codes/{code}.json", methods=BOTH)
def code_json(request: Request, code: str) -> Response:
    """The card as JSON, the same bytes as `openrvu code CODE --json`."""
    made = _card(request, code)
    return _json(answers.document(made, foot_of(made)))


@router.api_route("/codes/{code}", methods=BOTH)
def code(request: Request, code: str) -> Response:
    """The page of a code."""
    made = _card(request, code)
    return page(request, "code.html", {"title": made.code, "card": made, "foot": foot_of(made)})


@router.api_route("/dossiers/{code}.json", methods=BOTH)
def dossier_json(request: Request, code: str) -> Response:
    """The dossier as JSON, the same bytes as `openrvu dossier CODE --json`."""
    return _dossier(request, code, "json")


@router.api_route("/dossiers/{code}.pdf", methods=BOTH)
def dossier_pdf(request: Request, code: str) -> Response:
    """The dossier as PDF."""
    return _dossier(request, code, "pdf")


@router.api_route("/dossiers/{code}", methods=BOTH)
def dossier(request: Request, code: str) -> Response:
    """The dossier as a page."""
    return _dossier(request, code, "page")


def _dossier(request: Request, code: str, kind: str) -> Response:
    from openrvu.dossier.build import build
    from openrvu.dossier.render import render, render_body

    chosen = choices(request)
    made = build(code, on=chosen["on"] or None, place=chosen["place"])
    if kind == "page":
        return page(
            request, "dossier.html", {"title": f"Dossier {made.code}", "dossier": made, "body": render_body(made)}
        )
    types = {"json": "application/json", "pdf": "application/pdf"}
    name = f'inline; filename="{made.code}.{kind}"'
    return Response(render(made, kind), media_type=types[kind], headers={"Content-Disposition": name})


@router.api_route("/places", methods=BOTH)
def places(request: Request) -> Response:
    """Every payment locality of the release."""
    from openrvu.places import localities_of

    facts, chosen = holdings.current(), choices(request)
    on = read_date(chosen["on"] or None)
    release = facts.release_on(on) if on else facts.newest()
    data = {"title": "Places", "release": release, "places": localities_of("", release.id, facts)}
    return page(request, "places.html", data)


@router.api_route("/sources", methods=BOTH)
def sources_page(request: Request) -> Response:
    """Every source that figures name."""
    from openrvu.sources import sources

    return page(
        request, "sources.html", {"title": "Sources", "sources": sorted(sources().values(), key=lambda s: s.id)}
    )


@router.api_route("/health", methods=BOTH)
def health() -> Response:
    """That the server answers, and with which facts."""
    return _json(answers.to_json({"ok": True, "run_id": answers.run_id()}))


@router.api_route("/style/dossier.css", methods=BOTH)
def dossier_style() -> Response:
    """The dossier's style sheet with its fonts: one look for dossier and pages."""
    from openrvu.dossier.render import stylesheet

    return Response(stylesheet(), media_type="text/css", headers={"Cache-Control": "max-age=3600"})
