"""What pricing a file gave, as tables: the summary by status, rule and reason, and the priced lines as CSV."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from openrvu import units
from openrvu.bulk import duck
from openrvu.bulk.fields import name_of, quoted
from openrvu.files import whole

SUMMARY_HEAD = ("kind", "name", "lines", "dollars")


def summary_rows(done: Mapping[str, Any]) -> tuple[tuple[str, str, str, str], ...]:
    """Rows of SUMMARY_HEAD from an outcome as JSON data: lines by status, dollars by rule, rejects by reason.

    >>> summary_rows({"by_status": {"priced": 2}, "cents_by_rule": {"fee": "1.00", "fee_cents": 100}, "reasons": {}})
    (('status', 'priced', '2', ''), ('rule', 'fee_cents', '', '1.00'))
    """
    cents = {name: number for name, number in done["cents_by_rule"].items() if name.endswith("_cents")}
    return (
        *(("status", name, f"{count}", "") for name, count in done["by_status"].items()),
        *(("rule", name, "", units.dollars(number).replace(",", "")) for name, number in cents.items()),
        *(("rejected", reason, f"{count}", "") for reason, count in done["reasons"].items()),
    )


def to_csv(priced: Path, output: Path, spill: Path, memory: str = "1GB") -> None:
    """Priced lines from Parquet to CSV. A text that a spreadsheet would run as a formula gets an apostrophe before it.

    The output is complete before it bears its name. spill: a folder for what does not fit the memory.
    """
    source = f"read_parquet({quoted(str(priced))})"
    with whole(output) as unfinished, duck.connection(spill, memory, 1) as made:
        held = made.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
        shown = ", ".join(_guarded(name) if kind == "VARCHAR" else name_of(name) for name, kind, *_ in held)
        made.execute(f"COPY (SELECT {shown} FROM {source}) TO {quoted(str(unfinished))} (FORMAT csv, HEADER true)")


def _guarded(column: str) -> str:
    name = name_of(column)
    risky = f"regexp_matches({name}, '^[=+@\\t\\r-]') AND TRY_CAST({name} AS DOUBLE) IS NULL"
    return f"CASE WHEN {risky} THEN '''' || {name} ELSE {name} END AS {name}"
