"""Claims: bring a file, map its columns, price it as a job that can be stopped and goes on, take the result away."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import FileResponse, RedirectResponse, Response

from openrvu import answers, state
from openrvu.bulk.sheets import SUMMARY_HEAD, summary_rows, to_csv
from openrvu.errors import BadInput, NotHeld
from openrvu.state import content
from openrvu.web import claimsview
from openrvu.web.asked import read
from openrvu.web.forms import Sent, fields_of, form_page, receive
from openrvu.web.render import download, facts_of
from openrvu.web.sheets import workbook
from openrvu.web.stateful import owner_of, runner_of, state_of

if TYPE_CHECKING:
    from openrvu.state.database import State
    from openrvu.state.jobs import Job
    from openrvu.state.uploads import Upload

router = APIRouter()
BOTH = ["GET", "HEAD"]
Fields = Annotated[dict[str, str], Depends(fields_of)]
SAMPLES = "samples.json"


def _back(key: str, part: str = "") -> Response:
    return RedirectResponse(f"/claims/{key}{part}" if key else "/claims", status_code=303)


def _found(request: Request, key: str) -> tuple[State, Upload, Job | None]:
    database = state_of(request)
    upload = state.uploads.get(database, key, owner_of(request), "claims")
    return database, upload, state.jobs.of_upload(database, upload.id)


@router.api_route("/claims", methods=BOTH)
def first(request: Request) -> Response:
    """The form for a file, and the files that are here."""
    database = state_of(request)
    brought = state.uploads.listed(database, "claims", owner_of(request))
    held = [(one, state.jobs.of_upload(database, one.id)) for one in brought]
    data = {"title": "A file of claims", "held": held, "days": state.uploads.KEPT_DAYS, "forms": content.FORMS}
    return form_page(request, "claims.html", data)


@router.post("/claims")
async def bring(request: Request) -> Response:
    """Take a file in: it is looked at in a process of its own, and kept if it can be read."""
    database, owner = await run_in_threadpool(state_of, request), owner_of(request)
    made: list[str] = []

    def folder() -> Path:
        key, path = state.uploads.new_folder(database)
        made.append(key)
        return path

    try:
        sent = await receive(request, folder)
        if not sent.files:
            raise BadInput("no file was chosen", fix="Choose one and send it")
        upload = await run_in_threadpool(_kept, database, made[0], sent, owner)
    except BaseException:
        for key in made:
            state.uploads.erase(state.uploads.folder_of(database, key))
        raise
    return _back(upload.id)


def _kept(database: State, key: str, sent: Sent, owner: str | None) -> Upload:
    brought = sent.files[0]
    looked = content.look(brought.path, "claims")
    path = brought.path.with_name(looked.file)
    path.with_name(SAMPLES).write_text(json.dumps(looked.samples), encoding="utf-8")
    about = {"kind": looked.kind, "columns": list(looked.columns), "suspects": list(looked.suspects)}
    return state.uploads.keep(database, key, "claims", brought.name, path, brought.sha256, about, owner)


@router.api_route("/claims/{key}.json", methods=BOTH)
def as_json(request: Request, key: str) -> Response:
    """How far it is; once done, `outcome` is what `openrvu price-file --json` prints."""
    _, upload, job = _found(request, key)
    told = {"id": upload.id, "file": upload.name, "size": upload.size, "ends_at": upload.ends_at, "status": "mapping"}
    if job:
        named = {name: getattr(job, name) for name in ("status", "said", "done", "total", "outcome", "fault")}
        told = {**told, **named}
    response = download(json.dumps(told, indent=2, ensure_ascii=False) + "\n", "json", "claims.json")
    response.headers["Cache-Control"] = "no-store"
    return response


def _done(request: Request, key: str) -> tuple[Job, Path, Callable[[str], str]]:
    """A job that has ended well, its folder, and how its files are called when they are taken away."""
    database, upload, job = _found(request, key)
    if job is None or job.status != "done":
        raise NotHeld("the file is not priced yet", fix="Its page says how far it is")
    stem = Path(upload.name).name.partition(".")[0] or "claims"
    safe = "".join(one if one.isascii() and (one.isalnum() or one in "-_") else "-" for one in stem)
    return job, state.jobs.folder_of(database, job.id), lambda ending: f"{safe}.{ending}"


@router.api_route("/claims/{key}/priced.{kind}", methods=BOTH)
def priced(request: Request, key: str, kind: Literal["parquet", "csv"]) -> Response:
    """The priced lines."""
    _, folder, name = _done(request, key)
    path = folder / f"priced.{kind}"
    if kind == "csv" and not path.exists():
        spill = folder / "spill"
        spill.mkdir(exist_ok=True)
        to_csv(folder / "priced.parquet", path, spill)
    media = {"csv": "text/csv; charset=utf-8", "parquet": "application/vnd.apache.parquet"}[kind]
    return FileResponse(path, media_type=media, filename=name(f"priced.{kind}"), headers={"Cache-Control": "no-store"})


@router.api_route("/claims/{key}/rejects.csv", methods=BOTH)
def rejects(request: Request, key: str) -> Response:
    """The rows that cannot be used: file, line, field, reason; no value."""
    _, folder, name = _done(request, key)
    return FileResponse(folder / "rejects.csv", media_type="text/csv; charset=utf-8", filename=name("rejects.csv"))


@router.api_route("/claims/{key}/summary.{kind}", methods=BOTH)
def summary(request: Request, key: str, kind: Literal["csv", "xlsx"]) -> Response:
    """The summary: the bytes of `openrvu price-file --csv`, or the same as an Excel workbook."""
    job, _, name = _done(request, key)
    outcome = job.outcome or {}
    text = answers.csv_text(SUMMARY_HEAD, summary_rows(outcome))
    foot = {"run_id": outcome.get("run_id", ""), "checksum": outcome.get("checksum", "")}
    made = workbook(text, "summary", {**foot, "disclaimer": answers.DISCLAIMER}) if kind == "xlsx" else text
    return download(made, kind, name(f"summary.{kind}"), save=True)


@router.api_route("/claims/{key}/mapping.toml", methods=BOTH)
def mapping(request: Request, key: str) -> Response:
    """The mapping that was confirmed, as `openrvu price-file --mapping` reads it."""
    _, _, job = _found(request, key)
    if job is None:
        raise NotHeld("no mapping was confirmed yet", fix="Confirm one on the page")
    return download(job.asked["mapping"], "toml", "mapping.toml", save=True)


@router.api_route("/claims/{key}", methods=BOTH)
def as_page(request: Request, key: str) -> Response:
    """The form that maps its columns; after it how far pricing is; in the end what it came to."""
    database, upload, job = _found(request, key)
    columns = claimsview.columns_of(upload)
    data = {"title": upload.name, "upload": upload, "job": job, "columns": columns}
    if job is None or request.query_params.get("map"):
        samples = json.loads((upload.path.parent / SAMPLES).read_text(encoding="utf-8"))
        remembered = job.asked["mapping"] if job else state.mappings.remembered(database, columns, owner_of(request))
        proposed = claimsview.proposal(upload, remembered)
        usual, others = claimsview.choices(proposed)
        data |= {
            "proposed": proposed,
            "remembered": bool(remembered),
            "usual": usual,
            "others": others,
            "codes": claimsview.facility_codes(proposed),
            "contents": claimsview.contents_table(upload, samples),
        }
        return form_page(request, "claims_map.html", data)
    if job.status != "done":
        return form_page(request, "claims_job.html", data)
    data |= {
        "said": claimsview.said(job),
        "tables": [claimsview.by_status(job), claimsview.by_rule(job)],
        "rejected": claimsview.by_reason(job),
        "python": claimsview.PYTHON.format(file=upload.path.name),
        "command": claimsview.COMMAND.format(file=upload.path.name),
    }
    return form_page(request, "claims_done.html", data)


@router.post("/claims/{key}/price")
def price(request: Request, key: str, sent: Fields) -> Response:
    """Confirm the mapping, and put the pricing into the queue."""
    database, upload, job = _found(request, key)
    if job and not job.over:
        raise BadInput("the file is being priced", fix="Cancel that first")
    columns = claimsview.columns_of(upload)
    text = claimsview.chosen(sent, columns, read(request), facts_of(request))
    state.mappings.remember(database, columns, text, owner_of(request))
    if job:
        state.uploads.erase(state.jobs.folder_of(database, job.id))
    state.jobs.submit(database, "price-file", {"mapping": text}, upload_id=upload.id, owner=owner_of(request))
    runner_of(request).wake()
    return _back(key)


@router.post("/claims/{key}/cancel")
def cancel(request: Request, key: str, sent: Fields) -> Response:
    """Stop pricing; what is done stays, to go on from."""
    return _changed(request, key, state.jobs.cancel)


@router.post("/claims/{key}/resume")
def resume(request: Request, key: str, sent: Fields) -> Response:
    """Go on where it stopped."""
    return _changed(request, key, state.jobs.resume)


def _changed(request: Request, key: str, change: Callable[[State, str], object]) -> Response:
    """Change the job of a file, if it has one, and tell the workers."""
    database, _, job = _found(request, key)
    if job:
        change(database, job.id)
        runner_of(request).wake()
    return _back(key)


@router.post("/claims/{key}/delete")
def delete(request: Request, key: str, sent: Fields) -> Response:
    """Remove the file, the mapping's job and what it made."""
    database, upload, job = _found(request, key)
    if job and not job.over:
        raise BadInput("the file is being priced", fix="Cancel that first, then remove it")
    state.uploads.remove(database, upload.id)
    return _back("")
