"""A payment file of a million records, read by DuckDB into a table: CMS's record of 130 characters, by its positions.

It answers only where every line is such a record or a trailer at the end; in any doubt it answers nothing, and
payment.read says which line is at fault. So both give the same rows, and errors come from one place.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from openrvu.tables.text import Text

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_AMOUNT = r"[0-9]{7}\.[0-9]{2}"
_HALVED = rf"(?:{_AMOUNT}| {{10}})"
# Name, first position, width, pattern. Source: the record layouts PF25PD.pdf and PF26PB.pdf; "" is a filler.
LAYOUT = (
    ("year", 2, 4, "20[0-9]{2}"),
    ("mac", 9, 5, "[0-9]{5}"),
    ("locality", 17, 2, "[0-9]{2}"),
    ("hcpcs", 22, 5, "[0-9A-Z][0-9]{3}[0-9A-Z]"),
    ("modifier", 30, 2, "(?:  |26|TC|53)"),
    ("nonfacility_cents", 35, 10, _AMOUNT),
    ("facility_cents", 48, 10, _AMOUNT),
    ("", 61, 1, "[ -!#-~]"),
    ("pctc", 65, 1, "[ -!#-~]"),
    ("status", 69, 1, "[A-Z ]"),
    ("multiple", 73, 1, "[ -!#-~]"),
    ("therapy_office_cents", 77, 10, _HALVED),
    ("therapy_institution_cents", 90, 10, _HALVED),
    ("opps", 103, 1, "[0-9 ]"),
    ("opps_nonfacility_cents", 107, 10, _AMOUNT),
    ("opps_facility_cents", 120, 10, _AMOUNT),
)
_RECORD = '"' + '","'.join(pattern for *_, pattern in LAYOUT) + '"'


def read(connection: DuckDBPyConnection, text: Text, table: str) -> bool:
    """Make a table of the text: the columns of payment.NAMES, amounts as whole cents (BIGINT), all else text.

    False, and no table, where a line is not such a record, a record stands twice, or no trailer lines close the file.
    """
    body, trailers = _parts(text.body)
    if not trailers:
        return False
    with tempfile.TemporaryDirectory(prefix="openrvu-") as folder:
        plain = Path(folder) / "records.txt"
        plain.write_text(body, encoding="utf-8", newline="")
        if _lines(connection, plain):
            good, distinct = "count(*) FILTER (regexp_full_match(line, $1))", "count(DISTINCT substring(line, 8, 25))"
            counts = connection.execute(f"SELECT {good}, {distinct} FROM lines", [_RECORD]).fetchall()[0]  # noqa: S608
            if counts == (body.count("\n"),) * 2:
                cells = ", ".join(_cell(name, first, width) for name, first, width, _ in LAYOUT if name)
                connection.execute(f"CREATE TABLE {table} AS SELECT {cells} FROM lines")  # noqa: S608 (our own names)
                return True
    return False


def _parts(body: str) -> tuple[str, bool]:
    """The records, and whether only trailer lines follow them."""
    at = body.find('"TRL')
    if at < 1 or body[at - 1] != "\n":
        return body, False
    rest = body[at:].splitlines()
    return body[:at], all(line.startswith('"TRL') or not line.strip("\x1a \t") for line in rest)


def _lines(connection: DuckDBPyConnection, path: Path) -> bool:
    """The lines of a file as the table `lines`; False for a file that the engine does not take."""
    import duckdb

    connection.execute("DROP TABLE IF EXISTS lines")
    try:
        lines = connection.read_csv(
            str(path), header=False, delimiter="\x01", quotechar="", escapechar="", columns={"line": "VARCHAR"}
        )
        lines.create("lines")
    except duckdb.Error:
        return False
    return True


def _cell(name: str, first: int, width: int) -> str:
    """A column as payment.read gives it: blanks off, amounts in cents, none for one that is blank."""
    cell = f"substring(line, {first}, {width})"
    if not name.endswith("_cents"):
        return f"trim({cell}) AS {name}"
    digits = f"replace({cell}, '.', '')"
    if name.startswith("therapy_"):
        digits = f"nullif(trim({digits}), '')"
    return f"{digits}::BIGINT AS {name}"
