"""Jobs: what is asked, how far it is, what came of it. A job is a row before anyone is told of it, so none is lost.

The states: queued, running, cancelling, cancelled, failed, done. A worker writes only to the attempt that it was given:
one that was thought dead and comes back changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import RowMapping, and_, func, insert, select, update

from openrvu.errors import NotHeld, OpenRVUError, Unavailable
from openrvu.state.database import State, new_id, now
from openrvu.state.schema import jobs

MOST_WAITING = 500
# Attempts after which a job that takes its worker with it is given up.
ATTEMPTS = 5
WAITING = ("queued", "running", "cancelling")
OVER = ("done", "failed", "cancelled")


@dataclass(frozen=True)
class Job:
    """A job as it stands. said: its last word. done, total: parts. outcome: what it came to. fault: the error shape."""

    id: str
    owner: str | None
    upload_id: str | None
    kind: str
    asked: Mapping[str, Any]
    status: str
    said: str
    done: int
    total: int
    attempt: int
    outcome: Mapping[str, Any] | None
    fault: Mapping[str, str] | None
    created_at: str
    started_at: str
    ended_at: str

    @property
    def over(self) -> bool:
        """Nothing more happens unless it is asked to go on."""
        return self.status in OVER


def folder_of(state: State, key: str) -> Path:
    """The private folder of a job, made where it is not there."""
    folder = state.home / "jobs" / key
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def submit(
    state: State, kind: str, asked: Mapping[str, Any], *, upload_id: str | None = None, owner: str | None = None
) -> Job:
    """Put a job into the queue. Raises Unavailable where the queue is full."""
    row = {
        "id": new_id(),
        "owner": owner,
        "upload_id": upload_id,
        "kind": kind,
        "asked": dict(asked),
        "status": "queued",
        "said": "waiting for its turn",
        "machine": state.machine,
        "created_at": now(),
    }
    with state.begin() as made:
        waiting = made.execute(select(func.count()).where(jobs.c.status.in_(WAITING))).scalar() or 0
        if waiting >= MOST_WAITING:
            raise Unavailable(f"{waiting} jobs are waiting already", fix="Try again when some have ended")
        made.execute(insert(jobs).values(row))
    return get(state, row["id"])  # type: ignore[arg-type]


def _made(row: RowMapping) -> Job:
    return Job(**{name: row[name] for name in Job.__dataclass_fields__})


def get(state: State, key: str, owner: str | None = None) -> Job:
    """A job by its id. owner: whose it must be, where people sign in. Raises NotHeld."""
    wanted = select(jobs).where(jobs.c.id == key)
    if owner:
        wanted = wanted.where(jobs.c.owner == owner)
    with state.read() as made:
        row = made.execute(wanted).mappings().first()
    if row is None:
        raise NotHeld("there is no such job", fix="Begin it again")
    return _made(row)


def of_upload(state: State, upload_id: str) -> Job | None:
    """The newest job on an upload."""
    wanted = select(jobs).where(jobs.c.upload_id == upload_id).order_by(jobs.c.created_at.desc())
    with state.read() as made:
        row = made.execute(wanted).mappings().first()
    return _made(row) if row else None


def newest_of(state: State, kind: str, most: int = 20) -> tuple[Job, ...]:
    """The newest jobs of a kind."""
    wanted = select(jobs).where(jobs.c.kind == kind, jobs.c.machine == state.machine)
    with state.read() as made:
        rows = made.execute(wanted.order_by(jobs.c.created_at.desc()).limit(most)).mappings().all()
    return tuple(map(_made, rows))


def counts(state: State) -> dict[str, int]:
    """Jobs by status."""
    with state.read() as made:
        rows = made.execute(select(jobs.c.status, func.count()).group_by(jobs.c.status)).all()
    return dict(sorted((status, number) for status, number in rows))


def _change(
    state: State, key: str, since: tuple[str, ...], values: Mapping[str, Any], attempt: int | None = None
) -> bool:
    """Change a job if it is in one of these states, and in this attempt; whether it was."""
    held = and_(jobs.c.id == key, jobs.c.status.in_(since))
    if attempt is not None:
        held = and_(held, jobs.c.attempt == attempt)
    with state.begin() as made:
        return made.execute(update(jobs).where(held).values(**values)).rowcount == 1


def claim(state: State) -> Job | None:
    """The job that has waited longest, now running; None where none waits."""
    waits = select(jobs.c.id, jobs.c.attempt).where(jobs.c.status == "queued", jobs.c.machine == state.machine)
    while True:
        with state.read() as made:
            row = made.execute(waits.order_by(jobs.c.created_at, jobs.c.id).limit(1)).first()
        if row is None:
            return None
        begun = {"status": "running", "attempt": row.attempt + 1, "started_at": now(), "said": "starting"}
        if _change(state, row.id, ("queued",), begun, row.attempt):
            return get(state, row.id)


def note(state: State, job: Job, said: str, done: int, total: int) -> bool:
    """How far a job is; False where it is no longer this attempt's."""
    return _change(state, job.id, ("running",), {"said": said[:500], "done": done, "total": total}, job.attempt)


def finish(state: State, job: Job, outcome: Mapping[str, Any]) -> bool:
    """The job has ended well."""
    values = {"status": "done", "outcome": dict(outcome), "fault": None, "ended_at": now(), "said": "done"}
    return _change(state, job.id, ("running", "cancelling"), values, job.attempt)


def fail(state: State, job: Job, fault: OpenRVUError) -> bool:
    """The job has ended with an error."""
    values = {"status": "failed", "fault": fault.as_dict(), "ended_at": now(), "said": "failed"}
    return _change(state, job.id, ("running", "cancelling"), values, job.attempt)


def cancel(state: State, key: str) -> bool:
    """Stop a job: one that waits at once, one that runs as soon as its worker is stopped."""
    if _change(state, key, ("queued",), {"status": "cancelled", "said": "cancelled", "ended_at": now()}):
        return True
    return _change(state, key, ("running",), {"status": "cancelling", "said": "stopping"})


def cancelled(state: State, job: Job) -> bool:
    """The worker of a job that was to be stopped is gone."""
    return _change(state, job.id, ("cancelling",), {"status": "cancelled", "said": "cancelled", "ended_at": now()})


def resume(state: State, key: str) -> bool:
    """Let a job that was cancelled or failed go on where it stopped."""
    again = {"status": "queued", "attempt": 0, "fault": None, "ended_at": "", "said": "waiting for its turn"}
    return _change(state, key, ("cancelled", "failed"), again)


def lost(state: State, job: Job) -> None:
    """The worker of a running job is gone without a word: it is queued again, unless that happened too often."""
    if job.status == "cancelling":
        cancelled(state, job)
    elif job.attempt >= ATTEMPTS:
        what = f"the worker ended {job.attempt} times without a result"
        fail(state, job, Unavailable(what, fix="It may need more memory or disk than there is; go on to try again"))
    else:
        again = "its worker was stopped: it goes on when its turn comes"
        _change(state, job.id, ("running",), {"status": "queued", "said": again}, job.attempt)


def running(state: State) -> tuple[Job, ...]:
    """The jobs of this machine that a worker should be at."""
    wanted = select(jobs).where(jobs.c.status.in_(("running", "cancelling")), jobs.c.machine == state.machine)
    with state.read() as made:
        return tuple(map(_made, made.execute(wanted).mappings().all()))
