"""Published studies: the list, the audit of one, and every route to a code's work RVU, each with its JSON and files."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request
from starlette.responses import Response

from openrvu import answers
from openrvu.web import studypage
from openrvu.web.asked import read
from openrvu.web.render import download, facts_of
from openrvu.web.reporting import file_of, shown

router = APIRouter()
BOTH = ["GET", "HEAD"]
Kind = Literal["csv", "xlsx", "svg", "png"]


@router.api_route("/studies.json", methods=BOTH)
def list_as_json() -> Response:
    """The list as JSON."""
    return download(studypage.json_of_list(), "json", "studies.json")


@router.api_route("/studies", methods=BOTH)
def list_as_page(request: Request) -> Response:
    """Every published study and account."""
    return shown(request, studypage.list_page(read(request), facts_of(request)))


@router.api_route("/studies/{study}.json", methods=BOTH)
def as_json(request: Request, study: str) -> Response:
    """The audit as JSON: the bytes of `openrvu audit --json`."""
    found = studypage.found_of(study, read(request), facts_of(request))
    return download(answers.document(found, studypage.foot_of(found)), "json", f"{found.study.id}.json")


@router.api_route("/studies/{part}.{kind}", methods=BOTH)
def list_as_file(request: Request, part: str, kind: Kind) -> Response:
    """A table of the list."""
    return file_of(studypage.list_page(read(request), facts_of(request)), part, kind)


@router.api_route("/studies/{study}/{part}.{kind}", methods=BOTH)
def as_file(request: Request, study: str, part: str, kind: Kind) -> Response:
    """A table or drawing of an audit."""
    return file_of(studypage.study_page(study, read(request), facts_of(request)), part, kind)


@router.api_route("/studies/{study}", methods=BOTH)
def as_page(request: Request, study: str) -> Response:
    """The audit of a study."""
    return shown(request, studypage.study_page(study, read(request), facts_of(request)))


@router.api_route("/triangulate/{code}.json", methods=BOTH)
def routes_as_json(request: Request, code: str) -> Response:
    """Every route as JSON: the bytes of `openrvu triangulate --json`."""
    facts = facts_of(request)
    found = studypage.routes_of(code, read(request), facts)
    return download(studypage.routes_json(found, facts), "json", f"{found.code}-routes.json")


@router.api_route("/triangulate/{code}/{part}.{kind}", methods=BOTH)
def routes_as_file(request: Request, code: str, part: str, kind: Kind) -> Response:
    """A table or drawing of the routes."""
    return file_of(studypage.routes_page(code, read(request), facts_of(request)), part, kind)


@router.api_route("/triangulate/{code}", methods=BOTH)
def routes_as_page(request: Request, code: str) -> Response:
    """Every route to a code's work RVU."""
    return shown(request, studypage.routes_page(code, read(request), facts_of(request)))
