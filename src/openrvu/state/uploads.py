"""Files that a user brought: each in a private folder of its own, under an id that cannot be guessed, for a time.

The name that a file came with is shown and never used as a path. Nothing in a file is trusted: see `content`.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import RowMapping, delete, insert, select

from openrvu.errors import NotHeld, Unavailable
from openrvu.state.database import State, new_id, now
from openrvu.state.schema import jobs, uploads

KEPT_DAYS = 7


@dataclass(frozen=True)
class Upload:
    """A file as it was brought. purpose: claims, cms or survey. name: as it came, for the eye. about: what was found in
    it. ends_at: when it goes by itself, UTC."""

    id: str
    owner: str | None
    purpose: str
    name: str
    path: Path
    size: int
    sha256: str
    about: Mapping[str, Any]
    created_at: str
    ends_at: str


def folder_of(state: State, key: str) -> Path:
    """The private folder of an upload."""
    return state.home / "uploads" / key


def new_folder(state: State) -> tuple[str, Path]:
    """A new id and its empty folder, which its user alone can open. Raises Unavailable where it cannot be made."""
    key = new_id()
    folder = folder_of(state, key)
    try:
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.mkdir(mode=0o700)
    except OSError as fault:
        raise Unavailable(f"the upload cannot be kept: {fault.strerror}", where=str(state.home)) from None
    return key, folder


def keep(
    state: State,
    key: str,
    purpose: str,
    name: str,
    path: Path,
    sha256: str,
    about: Mapping[str, Any],
    owner: str | None = None,
) -> Upload:
    """Write the row of a file that lies complete in the folder of `new_folder`."""
    upload = Upload(key, owner, purpose, name, path, path.stat().st_size, sha256, about, now(), end_of())
    row = {
        "id": upload.id,
        "owner": upload.owner,
        "purpose": upload.purpose,
        "name": upload.name,
        "file": str(upload.path.relative_to(folder_of(state, upload.id))),
        "size": upload.size,
        "sha256": upload.sha256,
        "about": dict(upload.about),
        "machine": state.machine,
        "created_at": upload.created_at,
        "ends_at": upload.ends_at,
    }
    with state.begin() as made:
        made.execute(insert(uploads).values(row))
    return upload


def end_of(days: int = KEPT_DAYS) -> str:
    """When a file brought now goes by itself."""
    return (datetime.now(UTC) + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _made(state: State, row: RowMapping) -> Upload:
    return Upload(
        path=folder_of(state, row["id"]) / row["file"],
        **{name: row[name] for name in Upload.__dataclass_fields__ if name != "path"},
    )


def get(state: State, key: str, owner: str | None = None, purpose: str = "") -> Upload:
    """An upload by its id. owner: whose it must be, where people sign in. Raises NotHeld."""
    wanted = select(uploads).where(uploads.c.id == key, uploads.c.machine == state.machine)
    if owner:
        wanted = wanted.where(uploads.c.owner == owner)
    if purpose:
        wanted = wanted.where(uploads.c.purpose == purpose)
    with state.read() as made:
        row = made.execute(wanted).mappings().first()
    if row is None:
        raise NotHeld("there is no such upload, or it is no longer kept", fix="Bring the file again")
    return _made(state, row)


def listed(state: State, purpose: str, owner: str | None = None) -> tuple[Upload, ...]:
    """The uploads of a purpose, newest first."""
    wanted = select(uploads).where(uploads.c.purpose == purpose, uploads.c.machine == state.machine)
    if owner:
        wanted = wanted.where(uploads.c.owner == owner)
    with state.read() as made:
        rows = made.execute(wanted.order_by(uploads.c.created_at.desc())).mappings().all()
    return tuple(_made(state, row) for row in rows)


def remove(state: State, key: str) -> None:
    """The file, its jobs and what they made: gone. Files first, so that a row remains for what could not be removed."""
    with state.read() as made:
        made_by = made.execute(select(jobs.c.id).where(jobs.c.upload_id == key)).scalars().all()
    for folder in (*(state.home / "jobs" / one for one in made_by), folder_of(state, key)):
        erase(folder)
    with state.begin() as made:
        made.execute(delete(uploads).where(uploads.c.id == key))


def erase(folder: Path) -> None:
    """A folder gone, or Unavailable naming it: a user's lines must not stay unnoticed."""
    if not folder.exists():
        return
    try:
        shutil.rmtree(folder)
    except OSError as fault:
        what = f"the private folder cannot be removed: {fault.strerror}"
        raise Unavailable(what, where=str(folder), fix="It may hold lines of the input: remove it by hand") from None


def sweep(state: State) -> int:
    """Remove what has outlived its time, and folders that no row names (an upload that was cut off); how many."""
    moment = now()
    with state.read() as made:
        rows = made.execute(select(uploads.c.id, uploads.c.ends_at).where(uploads.c.machine == state.machine)).all()
        work = set(made.execute(select(jobs.c.id).where(jobs.c.machine == state.machine)).scalars())
    over = [key for key, ends in rows if ends < moment]
    for key in over:
        remove(state, key)
    brought = _forgotten(state.home / "uploads", {key for key, _ in rows})
    return len(over) + brought + _forgotten(state.home / "jobs", work)


def _forgotten(parent: Path, known: set[str]) -> int:
    """Folders without a row that have lain untouched for a day: an upload that never came to its end, or one whose rows
    went with a person who was removed on another machine."""
    yesterday = datetime.now(UTC).timestamp() - 86_400
    lost = [
        path
        for path in (parent.iterdir() if parent.is_dir() else ())
        if path.name not in known and path.stat().st_mtime < yesterday
    ]
    for path in lost:
        erase(path)
    return len(lost)
