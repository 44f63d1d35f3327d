"""The REST API, `/api/v1`: the same answers as JSON, typed in its OpenAPI document, with one error shape.

Long lists come in pages: `limit` rows and, where there are more, `next`, to be given as `cursor` for the page after.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi import Path as InPath
from starlette.responses import Response

from openrvu import answers
from openrvu.cards.card import Card, foot_of
from openrvu.cards.card import card as card_of
from openrvu.cards.compare import Comparison
from openrvu.cards.history import History
from openrvu.cards.search import Hit
from openrvu.codes.families import plain_words
from openrvu.codes.walk import Walk
from openrvu.facts import Facts
from openrvu.places import localities_of
from openrvu.pricing import Priced, read_date
from openrvu.pricing import price as price_of
from openrvu.releases import Release
from openrvu.schemas import Locality
from openrvu.shapes import ref, schemas
from openrvu.sources import Source, sources
from openrvu.statements import Verdict, check
from openrvu.statements import known as accounts
from openrvu.web import comparing
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
SHAPES = (Card, Priced, Comparison, History, Hit, Locality, Release, Source, Verdict, Walk)
_NOT = {"application/json": {"schema": ref("Error")}}


def _gives(*of: Mapping[str, Any], **more: Mapping[str, Any]) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route. of: schemas whose fields stand at the top. more: further fields, by name."""
    extra = {"type": "object", "properties": dict(more), "required": list(more)}
    body = {"allOf": [*of, extra]} if of else extra
    return {
        200: {"content": {"application/json": {"schema": body}}},
        404: {"description": "Not held, or no such thing", "content": _NOT},
        422: {"description": "Something asked for cannot be used", "content": _NOT},
    }


def _foot() -> Mapping[str, Any]:
    return ref("Foot")


def _list(name: str) -> dict[str, Any]:
    return {"type": "array", "items": ref(name)}


_PAGE: dict[str, Mapping[str, Any]] = {"total": {"type": "integer"}, "next": {"type": ["string", "null"]}}


def _answer(value: Any, foot: Mapping[str, str]) -> Response:
    return download(answers.document(value, foot), "json", "answer.json")


def _plain(value: Any) -> Response:
    """An answer that belongs to no release: it carries the run id alone."""
    return download(answers.to_json({**value, "run_id": answers.run_id()}), "json", "answer.json")


def _cut(name: str, rows: Cut) -> dict[str, Any]:
    return {name: rows.rows, "total": rows.total, "next": rows.following}


@router.get("/price", responses=_gives(ref("Priced"), foot=_foot()))
def price(
    request: Request,
    code: Annotated[str, Query(max_length=LONGEST, description="CPT or HCPCS code", examples=["63047"])],
    modifier: Annotated[str, Query(max_length=LONGEST, description="Empty (global), 26, TC or 53")] = "",
    on: On = "",
    place: Place = "national",
    setting: Setting = "facility",
    qp: Qp = False,
) -> Response:
    """The schedule amount of a code, or the status that says why there is none."""
    facts = facts_of(request)
    found = price_of(code, modifier, on=on or None, place=place, setting=setting, qualifying_apm=qp, facts=facts)
    foot = answers.foot(release=found.release.id, on=found.on, place=found.locality.id, setting=setting)
    return _answer(found, foot)


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
    found = card_of(code, on=on or None, place=place, qualifying_apm=qp, facts=facts_of(request))
    return _answer(found, foot_of(found))


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
    from openrvu.cards.history import history as through

    chosen = Asked(on, place, setting, qp).checked()
    facts = facts_of(request).until(read_date(on or None))
    found = through(
        code,
        place=chosen.place,
        setting=chosen.setting,
        qualifying_apm=qp,
        start=start or None,
        end=end or None,
        facts=facts,
    )
    span, newest = f"{facts.releases[0].id} to {facts.newest().id}", facts.newest()
    return _answer(found, answers.foot(release=span, on=newest.ends, place=found.place, setting=setting))


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
    from openrvu.cards.which import foot_of as foot_of_walk
    from openrvu.cards.which import read_answers
    from openrvu.cards.which import which as step

    found = step(read_answers(answers.split()), on=on or None, facts=facts_of(request))
    return _answer(found, foot_of_walk(found))


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
    found = comparing.comparison_of(codes, work, Asked(on, place, setting, qp), facts_of(request))
    return _answer(found, comparing.foot_of(found))


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
        studies={"type": "array", "items": {"type": "object"}},
        accounts={"type": "array", "items": _TEXTS},
        run_id=_TEXTS,
    ),
)
def studies() -> Response:
    """The published studies that can be audited, and the accounts that can be checked."""
    from openrvu.valuation.study import known

    return _plain({"studies": known(), "accounts": accounts()})


@router.get("/studies/{study}/audit", responses=_gives(foot=_foot()))
def audit(
    request: Request, study: Annotated[str, InPath(max_length=LONGEST, examples=["lewandrowski-2024-62380"])]
) -> Response:
    """What a published value equals, what its figures give, and every warning."""
    from openrvu.audits import audit as audited

    found = audited(study, facts_of(request))
    return _answer(found, answers.foot(release=found.use_release, on=found.on, place="national"))


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
