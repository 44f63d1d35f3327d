"""Priced parts put together, and what they come to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openrvu.bulk.duck import write
from openrvu.bulk.fields import name_of
from openrvu.bulk.reading import parquet

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def combine(made: DuckDBPyConnection, parts: Sequence[Path], output: Path, wanted: Mapping[str, str]) -> list[Path]:
    """The parts as one file where the output's name ends in .parquet, else as a folder of files."""
    if output.suffix.lower() != ".parquet":
        output.mkdir(exist_ok=True)
        for old in output.glob("part-*.parquet"):
            old.unlink()
        return [part.replace(output / part.name) for part in parts]
    if not parts:
        empty = ", ".join(f"CAST(NULL AS {kind}) AS {name_of(name)}" for name, kind in wanted.items())
        write(made, f"SELECT {empty} WHERE false", output, wanted)
    elif len(parts) == 1:
        parts[0].replace(output)
    else:
        write(made, f"SELECT * FROM {parquet(parts, 'hive_partitioning = false')}", output, wanted)
    return [output]


def of(made: DuckDBPyConnection, files: Sequence[Path], money: Sequence[str]) -> dict[str, Any]:
    """Lines by status, cents by rule, and a checksum that does not depend on the order of rows."""
    source = parquet(files, "hive_partitioning = false") if files else "(SELECT 0 AS x WHERE false)"
    sums = "".join(f", sum({name_of(name)})" for name in money)
    row = ", ".join(map(name_of, ("line_id", "claim_id", "session", "hcpcs", "status", "amount_cents", *money)))
    text = (
        f"SELECT status, count(*), sum(amount_cents), sum(hash({row})::HUGEINT){sums} "
        f"FROM {source} GROUP BY status ORDER BY status"
    )
    rows = made.execute(text).fetchall() if files else []
    check = sum(int(row[3]) for row in rows) % 2**64
    return {
        "written": sum(row[1] for row in rows),
        "by_status": {row[0]: row[1] for row in rows},
        "amount_cents": sum(int(row[2]) for row in rows),
        "cents_by_rule": {name: sum(int(row[4 + place]) for row in rows) for place, name in enumerate(money)},
        "checksum": f"{check:016x}",
    }
