"""Drafts about a code, for a person to finish: the page with what each is for, and the files."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request
from starlette.responses import Response

from openrvu import answers
from openrvu.codes.families import plain_words
from openrvu.dossier.blocks import Column, Notice, Row, Table
from openrvu.dossier.drafts import UNFINISHED, Draft, written
from openrvu.dossier.letter import COMPETITION, TITLES, letter
from openrvu.web.asked import Asked, read
from openrvu.web.parts import Part
from openrvu.web.render import download, facts_of
from openrvu.web.reporting import Report, shown

router = APIRouter()
BOTH = ["GET", "HEAD"]
# A letter to a payer needs the practice's own claims, which an address does not carry.
HERE = tuple(kind for kind in TITLES if kind != "payer")


def _draft(request: Request, code: str, kind: str) -> Draft:
    asked = read(request).checked()
    return letter(code, kind, on=asked.on or None, place=asked.place, facts=facts_of(request))


@router.api_route("/letters/{code}/{kind}.{ending}", methods=BOTH)
def as_file(request: Request, code: str, kind: str, ending: Literal["md", "docx"]) -> Response:
    """A draft as Markdown or as a Word file."""
    made = _draft(request, code, kind)
    return download(written(made, f".{ending}"), ending, f"{made.code}-{made.kind}.{ending}", save=True)


@router.api_route("/letters/{code}", methods=BOTH)
def as_page(request: Request, code: str) -> Response:
    """What can be drafted about a code."""
    return shown(request, _page(request, code, read(request)))


def _page(request: Request, code: str, asked: Asked) -> Report:
    drafts = [_draft(request, code, kind) for kind in HERE]
    code, foot = drafts[0].code, drafts[0].foot
    rows = tuple(Row((TITLES[one.kind], one.to, str(len(one.blanks)))) for one in drafts)
    columns = (Column("Draft"), Column("To"), Column("Places to fill in", "", "right"))
    links = [
        (asked.url(f"/letters/{code}/{one.kind}.{ending}"), f"{TITLES[one.kind]}, {name}")
        for one in drafts
        for ending, name in (("docx", "Word"), ("md", "Markdown"))
    ]
    payer = "A letter to a payer is drafted from one practice's own volumes, on the command line."
    day = f" --on {asked.on}" if asked.on else ""
    return Report(
        path=f"/letters/{code}",
        title=f"Drafts about {code}",
        overline=plain_words(code),
        said=(UNFINISHED,),
        notices=(Notice("warning", "Competition law", f"{payer} {COMPETITION}"),),
        parts=(Part("drafts", "What can be drafted", (Table(f"Drafts about {code}", columns, rows),)),),
        foot={**foot, "run_id": answers.run_id()},
        json=False,
        links=(*links, (asked.url(f"/codes/{code}"), f"{code} in full")),
        python=f"import openrvu\nfound = openrvu.letter({code!r}, 'comment'{f', on={asked.on!r}' if asked.on else ''})",
        command=f"openrvu letter {code} --kind comment{day} -o {code}.docx",
        here=code,
    )
