"""What cannot be used, by file, line, field and reason: gathered and sorted on the disk, however many they are."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from openrvu.bulk.fields import quoted
from openrvu.bulk.reading import FILE, ROW, parquet

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

HEAD = ("file", "line", "field", "reason")
_KINDS = "{'file': 'VARCHAR', 'line': 'BIGINT', 'field': 'VARCHAR', 'reason': 'VARCHAR'}"


def write(path: Path, rows: Iterable[tuple[str, int, str, str]]) -> int:
    """Rejects as they come, to a file of the run; how many."""
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        for row in rows:
            writer.writerow(row)
            count += 1
    return count


def rows_named(made: DuckDBPyConnection, path: Path) -> int:
    """How many rows a file of rejects names."""
    return _rows_of(made, _of_file(path)) if path.stat().st_size else 0


def gather(
    made: DuckDBPyConnection,
    unusable: Sequence[Path],
    folder: Path,
    path: Path,
    shown: Callable[[int, str], tuple[str | int, str]],
) -> tuple[dict[str, int], int]:
    """The rejects file, by file and line; counts by field and reason, and how many rows it names.

    unusable: files of rows with their problems. folder: rejects written before. shown: what a user reads for a number
    and a field. DuckDB sorts, within its memory, and rows go through one by one. An unfinished file is removed.
    """
    made.execute(f"CREATE OR REPLACE TEMP VIEW rejects AS {_text(unusable, folder)}")
    words = "CASE WHEN field = '' THEN reason ELSE field || ': ' || reason END"
    reasons = dict(made.execute(f"SELECT {words}, count(*) FROM rejects GROUP BY ALL ORDER BY 1").fetchall())
    named = _rows_of(made, "FROM rejects")
    unfinished = path.with_name(path.name + ".tmp")
    rows = made.execute("SELECT file, line, field, reason FROM rejects ORDER BY ALL")
    try:
        with unfinished.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(HEAD)
            while batch := rows.fetchmany(10_000):
                writer.writerows((name, *shown(number, field), reason) for name, number, field, reason in batch)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return reasons, named


def _rows_of(made: DuckDBPyConnection, source: str) -> int:
    count = made.execute(f"SELECT count(*) FROM (SELECT 1 FROM ({source}) GROUP BY file, line)").fetchall()
    return int(count[0][0])


def _of_file(path: Path) -> str:
    return (
        "SELECT coalesce(file, '') AS file, line, coalesce(field, '') AS field, reason FROM "
        f"read_csv({quoted(str(path))}, header = false, delim = ',', quote = '\"', escape = '\"', "
        f"columns = {_KINDS}, auto_detect = false, parallel = false)"
    )


def _text(unusable: Sequence[Path], folder: Path) -> str:
    """SQL of all rejects: those of rows that were read, and those of lines that are none or stand twice."""
    texts = ["SELECT '' AS file, CAST(0 AS BIGINT) AS line, '' AS field, '' AS reason WHERE false"]
    if unusable:
        source = parquet(unusable, "hive_partitioning = false")
        told = f"SELECT {FILE}, {ROW}, unnest(string_split(problem, chr(10))) AS told FROM {source}"
        name = f"parse_filename({FILE}, false, 'both_slash')"
        texts.append(f"SELECT {name}, {ROW}, split_part(told, chr(9), 1), split_part(told, chr(9), 2) FROM ({told})")
    texts += [_of_file(one) for one in sorted(folder.glob("*.csv")) if one.stat().st_size]
    return " UNION ALL ".join(texts)
