"""Data: the releases held, their checks and where they come from; CMS's files brought and loaded as a job."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from openrvu import answers, holdings, state
from openrvu.errors import BadInput
from openrvu.facts import Facts
from openrvu.pricing import read_date
from openrvu.verifying import CHECKS_HEAD, Check, check_cells, verify
from openrvu.web import dataview
from openrvu.web.asked import read
from openrvu.web.forms import Sent, fields_of, form_page, receive
from openrvu.web.render import download, facts_of, hrefs
from openrvu.web.sheets import workbook
from openrvu.web.stateful import owner_of, runner_of, state_of

router = APIRouter()
BOTH = ["GET", "HEAD"]
Fields = Annotated[dict[str, str], Depends(fields_of)]
MOST_FILES = 20


def _held(request: Request) -> tuple[Facts, date | None]:
    return facts_of(request), read_date(read(request).checked().on or None)


@router.api_route("/data.json", methods=BOTH)
def as_json(request: Request) -> Response:
    """What is held: the bytes of `openrvu data --json`."""
    return download(answers.to_json(holdings.inventory(*_held(request))), "json", "data.json")


@router.api_route("/data.{kind}", methods=BOTH)
def as_sheet(request: Request, kind: Literal["csv", "xlsx"]) -> Response:
    """The releases held: the bytes of `openrvu data --csv`, or the same as an Excel workbook."""
    rows = holdings.inventory(*_held(request))["releases"]
    text = answers.csv_text(list(rows[0]), [[str(cell) for cell in row.values()] for row in rows])
    return _sheet(text, kind, "data")


def _sheet(text: str, kind: str, name: str) -> Response:
    about = {"run_id": answers.run_id(), "disclaimer": answers.DISCLAIMER}
    return download(workbook(text, name, about) if kind == "xlsx" else text, kind, f"{name}.{kind}", save=True)


def _checks(request: Request) -> tuple[Check, ...]:
    return verify(facts_of(request), request.query_params.get("release", "").strip()[:40])


@router.api_route("/data/checks.json", methods=BOTH)
def checks_json(request: Request) -> Response:
    """Every check: the bytes of `openrvu data verify --json`."""
    text = answers.to_json({"checks": _checks(request), "run_id": answers.run_id()})
    return download(text, "json", "checks.json")


@router.api_route("/data/checks.{kind}", methods=BOTH)
def checks_sheet(request: Request, kind: Literal["csv", "xlsx"]) -> Response:
    """Every check: the bytes of `openrvu data verify --csv`, or the same as an Excel workbook."""
    return _sheet(answers.csv_text(CHECKS_HEAD, [check_cells(one) for one in _checks(request)]), kind, "checks")


@router.api_route("/data/checks", methods=BOTH)
def checks_page(request: Request) -> Response:
    """What is held, checked against itself."""
    found, release = _checks(request), request.query_params.get("release", "").strip()[:40]
    data = {
        "title": "Checks",
        "table": dataview.checks(found),
        "failed": sum(bool(one.failed) for one in found),
        "total": len(found),
        "release": release,
    }
    return form_page(request, "checks.html", data)


@router.api_route("/data", methods=BOTH)
def first(request: Request) -> Response:
    """The releases held, what was loaded here, and the form for CMS's files."""
    facts, on = _held(request)
    held = holdings.inventory(facts, on)
    loads = [one for one in state.jobs.newest_of(state_of(request), "load") if _own(request, one.owner)]
    data = {
        "title": "Data",
        "releases": dataview.releases(held["releases"]),
        "tables": dataview.tables(held["tables"]) if held["tables"] else None,
        "loads": loads,
        "most": MOST_FILES,
        "href": hrefs(read(request), "/", facts),
    }
    return form_page(request, "data.html", data)


def _own(request: Request, owner: str | None) -> bool:
    return owner_of(request) in (None, owner)


@router.post("/data")
async def bring(request: Request) -> Response:
    """Take CMS's files in, and load them as a job: what is wrong with any of them stops the whole load."""
    database, owner = await run_in_threadpool(state_of, request), owner_of(request)
    made: list[str] = []

    def folder() -> Path:
        key, path = state.uploads.new_folder(database)
        made.append(key)
        return path

    try:
        sent = await receive(request, folder, MOST_FILES)
        if not sent.files:
            raise BadInput("no file was chosen", fix="Choose CMS's files and send them")
        key = await run_in_threadpool(_queued, request, made[0], sent, owner)
    except BaseException:
        for one in made:
            state.uploads.erase(state.uploads.folder_of(database, one))
        raise
    return RedirectResponse(f"/data/loads/{key}", status_code=303)


def _queued(request: Request, key: str, sent: Sent, owner: str | None) -> str:
    """The files under names of ours, which keep what CMS's names tell of a release; then the job."""
    database = state_of(request)
    names = [dataview.file_name(one.name, place) for place, one in enumerate(sent.files)]
    for one, name in zip(sent.files, names, strict=True):
        folder = one.path.parent / Path(name).parent
        folder.mkdir(exist_ok=True)
        one.path.replace(one.path.parent / name)
    first, shown = sent.files[0], ", ".join(one.name for one in sent.files)[:200]
    path = state.uploads.folder_of(database, key) / names[0]
    state.uploads.keep(database, key, "cms", shown, path, first.sha256, {"files": names}, owner)
    asked = {
        "files": names,
        "release": sent.fields.get("release", "")[:20],
        "keep_descriptors": sent.fields.get("keep-descriptors") == "1",
    }
    job = state.jobs.submit(database, "load", asked, upload_id=key, owner=owner)
    runner_of(request).wake()
    return job.id


@router.api_route("/data/loads/{key}.json", methods=BOTH)
def load_json(request: Request, key: str) -> Response:
    """How far a load is; once done, `outcome` is what `openrvu load --json` prints."""
    job = state.jobs.get(state_of(request), key, owner_of(request))
    told = {name: getattr(job, name) for name in ("status", "said", "done", "total", "outcome", "fault")}
    response = download(json.dumps(told, indent=2, ensure_ascii=False) + "\n", "json", "load.json")
    response.headers["Cache-Control"] = "no-store"
    return response


@router.api_route("/data/loads/{key}", methods=BOTH)
def load_page(request: Request, key: str) -> Response:
    """How far a load is, and what it took in."""
    job = state.jobs.get(state_of(request), key, owner_of(request))
    loaded = dataview.loaded(job) if job.status == "done" else None
    name = state.uploads.get(state_of(request), job.upload_id or "").name if job.upload_id else "Files of CMS"
    return form_page(request, "load.html", {"title": name, "job": job, "loaded": loaded})


@router.post("/data/loads/{key}/{what}")
def change(request: Request, key: str, what: str, sent: Fields) -> Response:
    """Cancel a load, let it go on, or remove its files."""
    database = state_of(request)
    job = state.jobs.get(database, key, owner_of(request))
    if what == "cancel":
        state.jobs.cancel(database, key)
    elif what == "resume":
        state.jobs.resume(database, key)
    elif what == "delete" and job.over and job.upload_id:
        state.uploads.remove(database, job.upload_id)
        return RedirectResponse("/data", status_code=303)
    else:
        raise BadInput("that cannot be done with this load", fix="Cancel it first, or go back to its page")
    runner_of(request).wake()
    return RedirectResponse(f"/data/loads/{key}", status_code=303)
