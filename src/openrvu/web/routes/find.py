"""The first page: one box for a code or words, and the codes that are held."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from openrvu.cards.compare import MOST
from openrvu.codes.families import families
from openrvu.errors import BadInput
from openrvu.places import find_place
from openrvu.web import finding
from openrvu.web.asked import read
from openrvu.web.render import facts_of, hrefs, page

router = APIRouter()


@router.api_route("/", methods=["GET", "HEAD"])
def first(request: Request) -> Response:
    """The box. A code goes to its page, one with modifiers to a case; words, and several codes, to a list."""
    asked, facts = read(request).checked(), facts_of(request)
    release = asked.release(facts)
    place = find_place(asked.place, release.id, facts)
    typed = request.query_params.get("q", "").strip()
    if len(typed) > finding.LONGEST:
        raise BadInput(f"the box holds {len(typed):,} characters", fix=f"Give {finding.LONGEST} at most")
    found = finding.find(typed, facts) if typed else None
    if found and found.services:
        return RedirectResponse(asked.url("/case", services=found.services), status_code=303)
    if found and found.one:
        return RedirectResponse(asked.url(f"/codes/{found.one}"), status_code=303)
    hits = finding.priced(found.codes, f"Found for “{typed}”", asked, facts) if found and found.codes else None
    shown = [(f, finding.priced(tuple(f.services), f"{f.title}: codes", asked, facts)) for f in families()]
    known = {code for family in families() for code in family.services}
    data = {
        "title": "Find a code",
        "typed": typed,
        "note": found.note if found else "",
        "hits": hits,
        "compared": " ".join(found.codes) if found and 2 <= len(found.codes) <= MOST else "",
        "families": [] if typed else shown,
        "others": [] if typed else sorted(facts.table(release.id).codes() - known)[:1000],
        "release": release,
        "place": place,
        "href": hrefs(asked, "/", facts),
    }
    return page(request, "find.html", data)
