"""The REST API, `/api/v1`: the same answers as JSON, typed in its OpenAPI document, with one error shape.

Long lists come in pages: `limit` rows and, where there are more, `next`, to be given as `cursor` for the page after.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi import Path as InPath
from starlette.responses import Response

from openrvu import answers, asking
from openrvu.cards.card import Card
from openrvu.cards.compare import Comparison
from openrvu.cards.everywhere import Everywhere
from openrvu.cards.history import History
from openrvu.cards.search import Hit
from openrvu.casing import Case
from openrvu.codes.families import plain_words
from openrvu.codes.walk import Walk
from openrvu.facts import Facts
from openrvu.methodology import Methods, methods
from openrvu.places import localities_of
from openrvu.pricing import Priced, read_date
from openrvu.releases import Release
from openrvu.schemas import Locality
from openrvu.shapes import ref, schemas
from openrvu.sources import Source, sources
from openrvu.statements import Catalogue, Verdict, catalogue, check
from openrvu.triangulation import Triangulation
from openrvu.web import caseview, comparing
from openrvu.web.asked import LONGEST, Asked
from openrvu.web.paging import Cut, cut
from openrvu.web.render import download, facts_of

VERSION = "/api/v1"
router = APIRouter(prefix=VERSION)

Code = Annotated[str, InPath(max_length=LONGEST, description="CPT or HCPCS code", examples=["63047"])]
On = Annotated[str, Query(max_length=LONGEST, description="Date of service, YYYY-MM-DD; empty: the newest held")]
Place = Annotated[str, Query(max_length=LONGEST, description="MAC-locality, state, county or name", examples=["Ohio"])]
Setting = Annotated[str, Query(max_length=LONGEST, description="facility or nonfacility")]
Qp = Annotated[bool, Query(description="The conversion factor of qualifying APM participants, from 2026")]
Prefix = Annotated[str, Query(max_length=LONGEST, description="How the codes begin", examples=["630"])]
Limit = Annotated[int, Query(ge=1, le=1000, description="Rows of a page")]
Cursor = Annotated[str, Query(max_length=LONGEST, description="`next` of the page before")]

FOOT = ("release", "on", "place", "setting", "run_id", "version", "disclaimer", "cpt_notice")
_TEXTS: Mapping[str, Any] = {"type": "string"}
_FAULT = dict.fromkeys(("kind", "what", "where", "exists", "fix", "message"), _TEXTS)
# Schemas that are no dataclass of the library: the error and the foot.
SHARED: Mapping[str, Mapping[str, Any]] = {
    "Error": {
        "type": "object",
        "properties": {"error": {"type": "object", "properties": _FAULT, "required": list(_FAULT)}},
        "required": ["error"],
    },
    "Foot": {"type": "object", "properties": dict.fromkeys(FOOT, _TEXTS), "required": list(FOOT)},
}
# The dataclasses that answers are made of, for the document.
SHAPES = (
    *(Card, Case, Catalogue, Comparison, Everywhere, History, Hit, Locality, Methods, Priced, Release, Source),
    *(Triangulation, Verdict, Walk),
)
_NOT = {"application/json": {"schema": ref("Error")}}


def _gives(*of: Mapping[str, Any], **more: Mapping[str, Any]) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route. of: schemas whose fields stand at the top. more: further fields, by name."""
    extra = {"type": "object", "properties": dict(more), "required": list(more)}
    body = {"allOf": [*of, extra]} if of else extra
    return {
        200: {"content": {"application/json": {"schema": body}}},
        404: {"description": "Not held, or no such thing", "content": _NOT},
        414: {"description": "The address is too long", "content": _NOT},
        422: {"description": "Something asked for cannot be used", "content": _NOT},
        429: {"description": "Too many requests: wait a second", "content": _NOT},
    }


def _foot() -> Mapping[str, Any]:
    return ref("Foot")


def _list(name: str) -> dict[str, Any]:
    return {"type": "array", "items": ref(name)}


_PAGE: dict[str, Mapping[str, Any]] = {"total": {"type": "integer"}, "next": {"type": ["string", "null"]}}


def _answer(value: Any, foot: Mapping[str, str]) -> Response:
    return download(answers.document(value, foot), "json", "answer.json")


def _said(text: str) -> Response:
    """A document as the command line prints it."""
    return download(text, "json", "answer.json")


def _lines() -> Mapping[str, Any]:
    """Lines of the fee schedule: cents as whole numbers with their text beside them, as everywhere."""
    return {"type": "array", "items": {"type": "object"}}


def _plain(value: Any) -> Response:
    """An answer that belongs to no release: it carries the run id alone."""
    return download(answers.to_json({**value, "run_id": answers.run_id()}), "json", "answer.json")


def _cut(name: str, rows: Cut) -> dict[str, Any]:
    return {name: rows.rows, "total": rows.total, "next": rows.following}


@router.get("/price", responses=_gives(ref("Priced"), foot=_foot()))
def price(
    request: Request,
    code: Annotated[str, Query(max_length=LONGEST, description="CPT or HCPCS code", examples=["63047"])],
    modifier: Annotated[str, Query(max_length=LONGEST, description="Up to four as on a claim: 26, 50-62")] = "",
    on: On = "",
    place: Place = "national",
    setting: Setting = "facility",
    qp: Qp = False,
) -> Response:
    """The schedule amount of a code, or the status that says why there is none."""
    return _said(asking.price(code, modifier, on=on, place=place, setting=setting, qp=qp, facts=facts_of(request)))


@router.get("/codes", responses=_gives(codes=_list("Hit"), foot=_foot(), **_PAGE))
def codes(request: Request, on: On = "", prefix: Prefix = "", limit: Limit = 100, cursor: Cursor = "") -> Response:
    """The codes of the release of a date, in order, those that begin as asked."""
    facts = facts_of(request)
    asked = Asked(on=on)
    release = asked.release(facts)
    table = facts.table(release.id)
    begin = prefix.strip().upper()
    found = sorted(code for code in table.codes() if code.startswith(begin))
    rows = cut(found, lambda code: code, limit, cursor)
    hits = tuple(Hit(code, plain_words(code), "", release.id, table.origin, "code", 1, 1) for code in rows.rows)
    foot = answers.foot(release=release.id, on=read_date(on or None) or release.starts, place="national")
    return _answer(_cut("codes", Cut(hits, rows.total, rows.following)), foot)


@router.get("/codes/{code}", responses=_gives(ref("Card"), foot=_foot()))
def code(request: Request, code: Code, on: On = "", place: Place = "national", qp: Qp = False) -> Response:
    """Everything on a code: both settings, steps, indicators, family, coverage, facility rates, comparison, history."""
    return _said(asking.code(code, on=on, place=place, qp=qp, facts=facts_of(request)))


@router.get("/codes/{code}/history", responses=_gives(ref("History"), foot=_foot()))
def history(
    request: Request,
    code: Code,
    on: On = "",
    place: Place = "national",
    setting: Setting = "facility",
    qp: Qp = False,
    start: Annotated[
        str, Query(max_length=LONGEST, description="With `end`: what moved the amount from this date")
    ] = "",
    end: Annotated[str, Query(max_length=LONGEST, description="The later date")] = "",
) -> Response:
    """A code through the releases held, up to a date, and what moved its amount between two dates."""
    chosen = Asked(on, place, setting, qp).checked()
    place, setting, facts = chosen.place, chosen.setting, facts_of(request)
    text = asking.history(code, on=on, place=place, setting=setting, qp=qp, start=start, end=end, facts=facts)
    return _said(text)


@router.get("/codes/{code}/everywhere", responses=_gives(ref("Everywhere"), foot=_foot()))
def everywhere(
    request: Request,
    code: Code,
    on: On = "",
    place: Place = "national",
    setting: Setting = "facility",
    qp: Qp = False,
) -> Response:
    """A code at every payment locality: amount, percentage of the national one, rank."""
    chosen = Asked(on, place, setting, qp).checked()
    facts = facts_of(request)
    return _said(asking.everywhere(code, on=on, place=chosen.place, setting=chosen.setting, qp=qp, facts=facts))


@router.get("/codes/{code}/routes", responses=_gives(ref("Triangulation"), foot=_foot()))
def routes(request: Request, code: Code, on: On = "") -> Response:
    """Every route to a work RVU that needs no file, side by side, with the drawing; never pooled."""
    from openrvu.web import studypage

    facts = facts_of(request)
    found = studypage.routes_of(code, Asked(on), facts)
    return _said(studypage.routes_json(found, facts))


@router.get("/which", responses=_gives(ref("Walk"), foot=_foot()))
def which(
    request: Request,
    answers: Annotated[
        str,
        Query(max_length=2000, description="QUESTION=ANSWER, parted by spaces", examples=["region=lumbar target=disc"]),
    ] = "",
    on: On = "",
) -> Response:
    """From what the operative note says to the code: the next question, the code, or why there is none."""
    return _said(asking.which(answers.split(), on=on, facts=facts_of(request)))


@router.get("/case", responses=_gives(ref("Case"), foot=_foot()))
def case(
    request: Request,
    services: Annotated[
        str,
        Query(
            max_length=caseview.LONGEST,
            description="Codes with modifiers and units, parted by spaces",
            examples=["22633 63030-50 22853x2"],
        ),
    ],
    assistant: Annotated[str, Query(max_length=LONGEST, description="AS, 80, 81, 82 or empty")] = "",
    provider: Annotated[str, Query(max_length=LONGEST, description="Empty for a physician, else NP, PA")] = "",
    on: On = "",
    place: Place = "national",
    setting: Setting = "facility",
    qp: Qp = False,
) -> Response:
    """The services of one session together: ranks, reductions, assistant, totals, global period."""
    chosen = Asked(on, place, setting, qp).checked()
    text = asking.case(
        caseview.services_in(services),
        assistant=assistant,
        provider=provider,
        on=on,
        place=chosen.place,
        setting=chosen.setting,
        qp=qp,
        facts=facts_of(request),
    )
    return _said(text)


@router.get("/codes/{code}/dossier", responses=_gives())
def dossier(request: Request, code: Code, on: On = "", place: Place = "national") -> Response:
    """The dossier of a code as blocks of data with numbered sources."""
    from openrvu.dossier.build import build
    from openrvu.dossier.render import render

    made = build(code, on=on or None, place=place, facts=facts_of(request))
    return download(render(made, "json"), "json", f"{made.code}.json")


@router.get("/compare", responses=_gives(ref("Comparison"), foot=_foot()))
def compare(
    request: Request,
    codes: Annotated[str, Query(max_length=comparing.LONGEST, description="Two to twelve codes, parted by spaces")],
    on: On = "",
    place: Place = "national",
    setting: Setting = "facility",
    qp: Qp = False,
    work: Annotated[str, Query(max_length=LONGEST, description="A work RVU that ratios are of")] = "",
) -> Response:
    """Two to twelve codes side by side."""
    chosen = Asked(on, place, setting, qp).checked()
    named, place, setting = comparing.codes_in(codes), chosen.place, chosen.setting
    facts = facts_of(request)
    return _said(asking.compare(named, on=on, place=place, setting=setting, qp=qp, work=work, facts=facts))


@router.get("/schedule", responses=_gives(release=_TEXTS, lines=_lines(), foot=_foot(), **_PAGE))
def schedule(
    request: Request,
    release: Annotated[str, Query(max_length=LONGEST, description="Its id", examples=["2026C"])],
    place: Annotated[str, Query(max_length=LONGEST, description="As everywhere, or a whole state", examples=["Ohio"])],
    code: Annotated[str, Query(max_length=LONGEST, description="Only this code")] = "",
    on: On = "",
    qp: Qp = False,
    limit: Limit = 200,
    cursor: Cursor = "",
) -> Response:
    """The fee schedule of a release at a place, a line a code and modifier. All places: `openrvu schedule`."""
    from openrvu import scheduling

    facts = facts_of(request)
    codes, places = [code] if code.strip() else [], [place or "national"]
    asked = scheduling.wanted(facts, release, places=places, codes=codes, on=on or None, qualifying_apm=qp)
    found = list(scheduling.lines(release, places=places, codes=codes, on=on or None, qualifying_apm=qp, facts=facts))
    rows = cut(found, lambda line: "|".join(line[:4]), limit, cursor)
    names = [name for name, _, _ in scheduling.COLUMNS]
    shown = Cut(tuple(dict(zip(names, line, strict=True)) for line in rows.rows), rows.total, rows.following)
    foot = answers.foot(release=asked.release.id, on=asked.on, place=place, setting="both settings")
    return _answer({"release": asked.release.id, **_cut("lines", shown)}, foot)


@router.get("/search", responses=_gives(hits=_list("Hit"), text=_TEXTS, run_id=_TEXTS, **_PAGE))
def search(
    request: Request,
    q: Annotated[str, Query(max_length=LONGEST, description="Beginnings of codes, or our own words")],
    limit: Limit = 100,
    cursor: Cursor = "",
) -> Response:
    """Codes by their beginning, or by our own words, best first."""
    from openrvu.cards.search import search as found_by

    hits = found_by(q, facts_of(request))
    return _plain({"text": q, **_cut("hits", cut(hits, lambda hit: hit.code, limit, cursor))})


@router.get("/releases", responses=_gives(releases=_list("Release"), run_id=_TEXTS))
def releases(request: Request) -> Response:
    """The releases held, oldest first."""
    return _plain({"releases": facts_of(request).releases})


@router.get("/localities", responses=_gives(localities=_list("Locality"), foot=_foot(), **_PAGE))
def localities(
    request: Request,
    on: On = "",
    state: Annotated[str, Query(max_length=60)] = "",
    limit: Limit = 200,
    cursor: Cursor = "",
) -> Response:
    """The payment localities with their GPCIs and counties, all or those of a state."""
    facts: Facts = facts_of(request)
    release = Asked(on=on).release(facts)
    found = sorted(localities_of(state, release.id, facts), key=lambda place: place.id)
    foot = answers.foot(release=release.id, on=read_date(on or None) or release.starts, place=state or "all localities")
    return _answer(_cut("localities", cut(found, lambda place: place.id, limit, cursor)), foot)


@router.get("/sources", responses=_gives(sources=_list("Source"), run_id=_TEXTS, **_PAGE))
def all_sources(limit: Limit = 200, cursor: Cursor = "") -> Response:
    """Every source that a figure may name."""
    found = sorted(sources().values(), key=lambda one: one.id)
    return _plain(_cut("sources", cut(found, lambda one: one.id, limit, cursor)))


@router.get(
    "/studies",
    responses=_gives(
        ref("Catalogue"),
        run_id=_TEXTS,
    ),
)
def studies() -> Response:
    """The published studies that can be audited, and the accounts that can be checked."""
    return _plain(answers.encode(catalogue()))


@router.get("/methods", responses=_gives(ref("Methods"), run_id=_TEXTS))
def all_methods() -> Response:
    """How figures are made, what is modelled, compared and different, and what they are not for."""
    return _plain(answers.encode(methods()))


@router.get("/studies/{study}/audit", responses=_gives(foot=_foot()))
def audit(
    request: Request,
    study: Annotated[str, InPath(max_length=LONGEST, examples=["lewandrowski-2024-62380"])],
    on: Annotated[str, Query(max_length=LONGEST, description="Date of the audit; empty: today")] = "",
) -> Response:
    """What a published value equals, what its figures give, and every warning."""
    return _said(asking.audit(study, on=on, facts=facts_of(request)))


@router.get("/accounts/{account}", responses=_gives(account=_TEXTS, verdicts=_list("Verdict"), foot=_foot()))
def account(
    request: Request, account: Annotated[str, InPath(max_length=LONGEST, examples=["account-2024"])]
) -> Response:
    """The statements of a published account, each with its computed verdict."""
    facts = facts_of(request)
    newest = facts.newest()
    verdicts = check(account, facts, release=newest.id)
    foot = answers.foot(release=newest.id, on=newest.starts, place="national")
    return _answer({"account": account, "verdicts": verdicts}, foot)


def components() -> dict[str, Any]:
    """Every schema that the document refers to, by name."""
    found: dict[str, Any] = {name: dict(one) for name, one in SHARED.items()}
    for shape in SHAPES:
        found |= schemas(shape)
    return found


def document(make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The OpenAPI document: what FastAPI makes of the routes, with our schemas and without its own error."""
    made = make()
    made["components"] = {"schemas": components()}
    return made
