"""Mappings that were confirmed: proposed again for the next file with the same columns."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from sqlalchemy import delete, insert, select

from openrvu.state.database import State, new_id, now
from openrvu.state.schema import mappings


def _head(columns: Sequence[str]) -> str:
    return hashlib.sha256(json.dumps(list(columns)).encode()).hexdigest()


def remember(state: State, columns: Sequence[str], text: str, owner: str | None = None) -> None:
    """Keep a mapping (TOML) for files with these columns, in place of an earlier one."""
    head = _head(columns)
    with state.begin() as made:
        made.execute(delete(mappings).where(mappings.c.head == head, mappings.c.owner.is_not_distinct_from(owner)))
        row = {"id": new_id(), "owner": owner, "head": head, "text": text, "used_at": now()}
        made.execute(insert(mappings).values(row))


def remembered(state: State, columns: Sequence[str], owner: str | None = None) -> str:
    """The mapping last confirmed for these columns; empty where there is none."""
    wanted = select(mappings.c.text).where(
        mappings.c.head == _head(columns), mappings.c.owner.is_not_distinct_from(owner)
    )
    with state.read() as made:
        return made.execute(wanted).scalar() or ""
