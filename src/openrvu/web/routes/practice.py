"""A practice's own volumes: the page, its JSON (the bytes of `openrvu practice --json`), tables and drawing."""

from __future__ import annotations

from dataclasses import fields
from typing import Literal

from fastapi import APIRouter, Request
from starlette.responses import Response

from openrvu import answers
from openrvu.impact.practice import foot_of
from openrvu.impact.scenario import names
from openrvu.web.asked import read
from openrvu.web.practicepage import Typed, found_of, practice_page
from openrvu.web.render import download, facts_of, page
from openrvu.web.reporting import Report, file_of, shown

router = APIRouter()
BOTH = ["GET", "HEAD"]


def _typed(request: Request) -> Typed:
    return Typed(**{field.name: request.query_params.get(field.name, "").strip() for field in fields(Typed)})


def _page(request: Request) -> Report:
    return practice_page(_typed(request), read(request), facts_of(request))


@router.api_route("/practice.json", methods=BOTH)
def as_json(request: Request) -> Response:
    """The volumes in every view as JSON."""
    found = found_of(_typed(request), read(request), facts_of(request))
    return download(answers.document(found, foot_of(found)), "json", "practice.json")


@router.api_route("/practice/{part}.{kind}", methods=BOTH)
def as_file(request: Request, part: str, kind: Literal["csv", "xlsx", "svg", "png"]) -> Response:
    """A table or drawing of the page."""
    return file_of(_page(request), part, kind)


@router.api_route("/practice", methods=BOTH)
def as_page(request: Request) -> Response:
    """The page; without volumes, the form alone."""
    typed = _typed(request)
    if not typed.volumes:
        data = {"title": "My practice", "typed": typed, "scenarios": names()}
        return page(request, "practice_form.html", data)
    return shown(request, _page(request), "practice.html", typed=typed, scenarios=names())
