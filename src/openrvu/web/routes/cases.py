"""Saved cases: a case under a title, with an address to share; what is saved is the question, with its date."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from openrvu import answers, state
from openrvu.web import caseview
from openrvu.web.asked import LONGEST, Asked, read
from openrvu.web.caseview import Typed
from openrvu.web.forms import fields_of, form_page
from openrvu.web.render import download, facts_of
from openrvu.web.stateful import owner_of, state_of

router = APIRouter()
BOTH = ["GET", "HEAD"]
Fields = Annotated[dict[str, str], Depends(fields_of)]
NAMES = ("services", "as", "provider", "on", "place", "setting", "qp")


@router.api_route("/cases", methods=BOTH)
def listed(request: Request) -> Response:
    """The saved cases."""
    held = state.cases.listed(state_of(request), owner_of(request))
    return form_page(request, "cases.html", {"title": "Saved cases", "held": held})


@router.api_route("/cases/new", methods=BOTH)
def new(request: Request) -> Response:
    """The form that asks for a title; the case is in the address."""
    given = request.query_params
    typed = Typed(given.get("services", "").strip(), given.get("as", "")[:LONGEST], given.get("provider", "")[:LONGEST])
    found = caseview.case_of(typed, read(request), facts_of(request))
    kept = {**typed.chosen, **read(request).chosen, "on": found.on.isoformat()}
    return form_page(request, "cases_new.html", {"title": "Save a case", "kept": kept, "typed": typed})


@router.post("/cases")
def save(request: Request, sent: Fields) -> Response:
    """Keep a case that can be priced."""
    kept = {name: sent[name][: caseview.LONGEST] for name in NAMES if sent.get(name)}
    typed = Typed(kept.get("services", ""), kept.get("as", ""), kept.get("provider", ""))
    asked = Asked(
        kept.get("on", ""), kept.get("place", "national"), kept.get("setting", "facility"), kept.get("qp") == "1"
    )
    kept["on"] = caseview.case_of(typed, asked, facts_of(request)).on.isoformat()
    saved = state.cases.save(state_of(request), sent.get("title", ""), kept, owner_of(request))
    return RedirectResponse(f"/cases/{saved.id}", status_code=303)


@router.api_route("/cases/{key}.json", methods=BOTH)
def as_json(request: Request, key: str) -> Response:
    """What was saved."""
    saved = state.cases.get(state_of(request), key)
    told = {name: getattr(saved, name) for name in ("id", "title", "asked", "created_at")}
    return download(answers.to_json({**told, "run_id": answers.run_id()}), "json", "case.json")


@router.api_route("/cases/{key}", methods=BOTH)
def opened(request: Request, key: str) -> Response:
    """The case itself, priced anew on the date that was saved with it."""
    saved = state.cases.get(state_of(request), key)
    return RedirectResponse(Asked().url("/case", **dict(saved.asked)), status_code=303)


@router.post("/cases/{key}/delete")
def delete(request: Request, key: str, sent: Fields) -> Response:
    """Remove a saved case."""
    state.cases.remove(state_of(request), key, owner_of(request))
    return RedirectResponse("/cases", status_code=303)
