"""Everything that was made here as one JSON document, and how much there is. Passwords and sessions never leave."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from openrvu.state import jobs
from openrvu.state.database import HEAD, State, now, revision
from openrvu.state.schema import METADATA

WITHHELD = {"sessions": None, "users": ("secret", "failures", "locked_until")}


def status(state: State) -> dict[str, Any]:
    """The database, its form, rows by table, jobs by status."""
    held = revision(state)
    found = {"database": state.name, "kind": state.kind, "home": str(state.home), "revision": held, "needs": HEAD}
    if held != HEAD:
        return {**found, "rows": {}, "jobs": {}}
    with state.read() as made:
        rows = {
            name: made.execute(select(func.count()).select_from(table)).scalar()
            for name, table in sorted(METADATA.tables.items())
        }
    return {**found, "rows": rows, "jobs": jobs.counts(state)}


def everything(state: State) -> dict[str, Any]:
    """Every row of every table, read in one transaction; without sessions and passwords."""
    found: dict[str, Any] = {"exported_at": now(), "revision": revision(state)}
    with state.read() as made:
        for table in METADATA.sorted_tables:
            withheld = WITHHELD.get(table.name, ())
            if withheld is None:
                continue
            shown = [column for column in table.columns if column.name not in withheld]
            rows = made.execute(select(*shown).order_by(*table.primary_key.columns)).mappings().all()
            found[table.name] = [dict(row) for row in rows]
    return found
