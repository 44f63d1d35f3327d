"""Rows of a user's files to typed lines in parts: each part holds whole sessions, so that it can be priced alone.

What cannot be used goes apart as file, line, field and reason; none of its values is written anywhere.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from openrvu.bulk.fields import Checked, checked, name_of, quoted
from openrvu.bulk.mapping import Fields
from openrvu.bulk.reading import FILE, ROW, parquet
from openrvu.rules.lines import LINE, TYPES

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# Part of the rows that cannot be used.
UNUSABLE = -1
# Without a line id, lines are told apart by a hash of 33 bits and a counter of 20; together below 2^53.
HASHES, COUNTERS = 2**33, 2**20


def secret(folder: Path) -> str:
    """What makes patients unreadable in the session of a line: drawn once on this machine, readable by its user alone.

    It stays the same, so that the same lines give the same sessions again.
    """
    path = folder / "session.key"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        number = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
        with os.fdopen(number, "w") as file:
            file.write(os.urandom(32).hex())
    return hashlib.sha256(path.read_bytes()).hexdigest()


def typed_text(raw: str, mapping: Fields, kinds: Mapping[str, str], places: Sequence[str], parts: int, key: str) -> str:
    """SQL: FILE, ROW, every field of a line, `problem` (field, tab, reason; one a line) and `part`."""

    def session_of(texts: Sequence[str]) -> str:
        return f"md5(concat_ws('|', {', '.join([quoted(key), *texts])}))"

    fields = checked(mapping, kinds, places, session_of)
    judged = {name: field for name, field in fields.items() if field.reason != "''"}
    values = ", ".join(f"{field.value} AS {name_of(name)}" for name, field in fields.items())
    reasons = "".join(f", {field.reason} AS why_{name}" for name, field in judged.items())
    wrong = " OR ".join(f"why_{name} <> ''" for name in judged) or "false"
    told = ", ".join(f"CASE WHEN why_{name} <> '' THEN '{name}\t' || why_{name} END" for name in judged)
    shown = ", ".join(_kept(name, _content(mapping) if name == "line_id" else "") for name in LINE)
    problem = f"CASE WHEN {wrong} THEN concat_ws('\n', {told}) ELSE '' END" if judged else "''"
    return (
        f"WITH raw AS ({raw}), fields AS (SELECT {FILE}, {ROW}, {values}{reasons} FROM raw), "
        f"judged AS (SELECT *, {problem} AS problem FROM fields) "
        f"SELECT CASE WHEN problem = '' THEN '' ELSE {FILE} END AS {FILE}, {ROW}, {shown}, problem, "
        f"CASE WHEN problem <> '' THEN {UNUSABLE} ELSE CAST(hash(session) % {parts} AS INTEGER) END AS part FROM judged"
    )


def _content(mapping: Fields) -> str:
    """The line id, or what stands for it where the file has none: a hash of all that the line says."""
    if "line_id" in mapping.columns:
        return ""
    texts = ", ".join(f"CAST({name_of(name)} AS VARCHAR)" for name in LINE if name != "line_id")
    return f"CAST(md5_number_lower(concat_ws('|', {texts})) % {HASHES} AS BIGINT)"


def _kept(name: str, instead: str) -> str:
    kind, empty = ("VARCHAR", "''") if TYPES[name] is str else ("BIGINT", "0")
    value = f"CASE WHEN problem = '' THEN {instead or name_of(name)} ELSE {empty} END"
    return f"CAST({value} AS {kind}) AS {name_of(name)}"


def write_parts(made: DuckDBPyConnection, text: str, folder: Path) -> None:
    """The typed lines as a folder a part. Row groups are small, so that many open parts need little memory."""
    made.execute("SET partitioned_write_flush_threshold = 65536")
    made.execute(
        f"COPY ({text}) TO {quoted(str(folder))} "
        "(FORMAT parquet, PARTITION_BY (part), COMPRESSION snappy, ROW_GROUP_SIZE 65536)"
    )


def part_files(folder: Path, part: int) -> list[Path]:
    """The files of a part."""
    return sorted((folder / f"part={part}").glob("*.parquet"))


def make_lines(
    made: DuckDBPyConnection, files: Sequence[Path], *, given_ids: bool
) -> Iterator[tuple[str, int, str, str]]:
    """A view `lines` of a part, every line_id once. Rows whose line id stands twice are left out and returned."""
    source = parquet(files, "hive_partitioning = false")
    names = ", ".join(map(name_of, LINE))
    made.execute("DROP VIEW IF EXISTS lines")
    made.execute(f"CREATE OR REPLACE TEMP TABLE twice AS SELECT line_id FROM {source} GROUP BY 1 HAVING count(*) > 1")
    doubled = bool(made.execute("SELECT count(*) FROM twice").fetchall()[0][0])
    if given_ids:
        only = " WHERE line_id NOT IN (SELECT line_id FROM twice)" if doubled else ""
        made.execute(f"CREATE VIEW lines AS SELECT {names} FROM {source}{only}")
        if not doubled:
            return iter(())
        rows = made.execute(f"SELECT {ROW} FROM {source} WHERE line_id IN (SELECT line_id FROM twice)")
        return (("", number, "line_id", "stands at more than one line") for number in _numbers(rows))
    content = ", ".join(name_of(name) for name in LINE if name != "line_id")
    alone = f"SELECT line_id * {COUNTERS} AS line_id, {content} FROM {source}"
    if doubled:
        again = (
            f"SELECT line_id * {COUNTERS} + row_number() OVER (PARTITION BY line_id ORDER BY {content}) - 1, {content}"
        )
        alone = (
            f"{alone} WHERE line_id NOT IN (SELECT line_id FROM twice) UNION ALL "
            f"{again} FROM {source} WHERE line_id IN (SELECT line_id FROM twice)"
        )
        made.execute(f"CREATE OR REPLACE TEMP TABLE told_apart AS {alone}")
        alone = "SELECT * FROM told_apart"
    made.execute(f"CREATE VIEW lines AS {alone}")
    return iter(())


def _numbers(rows: DuckDBPyConnection) -> Iterator[int]:
    while batch := rows.fetchmany(10_000):
        yield from (number for (number,) in batch)


__all__ = ["Checked", "make_lines", "part_files", "secret", "typed_text", "write_parts"]
