"""Saved cases: what was asked, under a title and an id that cannot be guessed; the answer is made anew from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import RowMapping, delete, insert, select

from openrvu.errors import BadInput, NotHeld
from openrvu.state.database import State, new_id, now
from openrvu.state.schema import cases

LONGEST = 120


@dataclass(frozen=True)
class SavedCase:
    """A case as it was saved. asked: the fields of its page's address, the date of service among them."""

    id: str
    owner: str | None
    title: str
    asked: Mapping[str, str]
    created_at: str


def save(state: State, title: str, asked: Mapping[str, str], owner: str | None = None) -> SavedCase:
    """Keep a case. Raises BadInput for a title that is empty or too long."""
    title = " ".join(title.split())
    if not title or len(title) > LONGEST:
        raise BadInput("a case needs a title", exists=f"1 to {LONGEST} characters", fix="Give it one without a name")
    row = {"id": new_id(), "owner": owner, "title": title, "asked": dict(asked), "created_at": now()}
    with state.begin() as made:
        made.execute(insert(cases).values(row))
    return SavedCase(**row)  # type: ignore[arg-type]


def _made(row: RowMapping) -> SavedCase:
    return SavedCase(**row)


def get(state: State, key: str) -> SavedCase:
    """A case by its id: whoever was given the id may open it. Raises NotHeld."""
    with state.read() as made:
        row = made.execute(select(cases).where(cases.c.id == key)).mappings().first()
    if row is None:
        raise NotHeld("there is no such case, or it was removed", fix="Ask whoever gave you the address")
    return _made(row)


def listed(state: State, owner: str | None = None) -> tuple[SavedCase, ...]:
    """The cases of a person, or of all where nobody signs in, newest first."""
    wanted = select(cases).order_by(cases.c.created_at.desc())
    with state.read() as made:
        rows = made.execute(wanted.where(cases.c.owner == owner) if owner else wanted).mappings().all()
    return tuple(map(_made, rows))


def remove(state: State, key: str, owner: str | None = None) -> bool:
    """Remove a case; whether it was there and the person's own."""
    gone = delete(cases).where(cases.c.id == key)
    with state.begin() as made:
        return made.execute(gone.where(cases.c.owner == owner) if owner else gone).rowcount == 1
