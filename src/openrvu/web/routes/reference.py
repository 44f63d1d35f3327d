"""What stands behind the answers: places, sources, the style, and whether the server is well."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from openrvu import answers, units
from openrvu.dossier.blocks import Column, Row, Table
from openrvu.places import localities_of
from openrvu.pricing import read_date
from openrvu.releases import Release
from openrvu.schemas import Locality
from openrvu.sources import sources
from openrvu.web.apipage import calls
from openrvu.web.asked import read
from openrvu.web.render import download, facts_of, hrefs, named, page
from openrvu.web.routes.api import VERSION
from openrvu.web.sheets import workbook

router = APIRouter()
BOTH = ["GET", "HEAD"]


def _places(request: Request) -> tuple[Release, str, tuple[Locality, ...]]:
    asked, facts = read(request).checked(), facts_of(request)
    release, state = asked.release(facts), request.query_params.get("state", "").strip()[:60]
    return release, state, localities_of(state, release.id, facts)


def _gpcis(place: Locality) -> tuple[str, ...]:
    return tuple(units.text(value, units.GPCI) for value in (place.work_gpci, place.pe_gpci, place.mp_gpci))


@router.api_route("/places.json", methods=BOTH)
def places_json(request: Request) -> Response:
    """The localities as JSON: the bytes of `openrvu places --json`."""
    release, state, found = _places(request)
    on = read_date(read(request).on or None) or release.starts
    foot = answers.foot(release=release.id, on=on, place=state or "all localities")
    text = answers.document({"release": release.id, "places": found}, foot)
    return download(text, "json", "places.json")


def _places_sheet(found: tuple[Locality, ...]) -> str:
    head = ("id", "name", "state", "work", "PE", "MP", "counties")
    rows = [(p.id, p.name.title(), p.state, *_gpcis(p), p.counties.title()) for p in found]
    return answers.csv_text(head, rows)


@router.api_route("/places.csv", methods=BOTH)
def places_csv(request: Request) -> Response:
    """The localities as CSV: the bytes of `openrvu places --csv`."""
    _, _, found = _places(request)
    return download(_places_sheet(found), "csv", "places.csv", save=True)


@router.api_route("/places.xlsx", methods=BOTH)
def places_workbook(request: Request) -> Response:
    """The localities as an Excel workbook."""
    release, state, found = _places(request)
    on = read_date(read(request).on or None) or release.starts
    foot = answers.foot(release=release.id, on=on, place=state or "all localities")
    return download(workbook(_places_sheet(found), "places", foot), "xlsx", "places.xlsx", save=True)


@router.api_route("/places", methods=BOTH)
def places_page(request: Request) -> Response:
    """Every payment locality of the release, or those of a state."""
    release, state, found = _places(request)
    columns = (
        Column("Locality", "", "whole"),
        Column("Name"),
        Column("State"),
        *(Column(name, "GPCI", "right") for name in ("Work", "PE", "MP")),
        Column("Counties"),
    )
    rows = tuple(Row((p.id, p.name.strip(" *").title(), p.state, *_gpcis(p), p.counties.title() or "—")) for p in found)
    count = "1 locality" if len(found) == 1 else f"{len(found)} localities"
    caption = f"{count} of release {release.id}; cost indices with the work floor as published"
    used = tuple(dict.fromkeys(p.source for p in found))
    data = {
        "title": "Places",
        "release": release,
        "state": state,
        "table": Table(caption, columns, rows),
        "used": [(key, sources().get(key)) for key in used],
        "href": hrefs(read(request), "/", facts_of(request)),
    }
    return page(request, "places.html", data)


@router.api_route("/sources.json", methods=BOTH)
def sources_json() -> Response:
    """Every source as JSON."""
    found = sorted(sources().values(), key=lambda one: one.id)
    return download(answers.to_json({"sources": found, "run_id": answers.run_id()}), "json", "sources.json")


@router.api_route("/sources", methods=BOTH)
def sources_page(request: Request) -> Response:
    """Every source that a figure may name."""
    found = sorted(sources().values(), key=lambda one: one.id)
    return page(request, "sources.html", {"title": "Sources", "sources": found})


@router.api_route("/health", methods=BOTH)
def health(request: Request) -> Response:
    """That the server answers, and with which facts."""
    newest = facts_of(request).newest().id
    text = answers.to_json({"status": "ok", "newest_release": newest, "run_id": answers.run_id()})
    return download(text, "json", "health.json")


@router.api_route("/style/dossier.css", methods=BOTH)
def dossier_style() -> Response:
    """The dossier's style sheet without its fonts, which the app serves beside it: one look for both."""
    from openrvu.dossier.render import stylesheet

    return Response(stylesheet(fonts=False), media_type="text/css")


@router.api_route("/drawings/{key}.svg", methods=BOTH)
def drawn(key: str) -> Response:
    """A drawing that a page named while the chart engine was starting."""
    headers = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
    return Response(named(key), media_type="image/svg+xml", headers=headers)


@router.api_route("/api", methods=BOTH)
def api_page(request: Request) -> Response:
    """The API in words, with an example that works for each address."""
    data = {"title": "API", "calls": calls(request.app.openapi()), "version_path": VERSION}
    return page(request, "api.html", data)
