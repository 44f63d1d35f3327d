"""A payment file of a million records, read by DuckDB into a table: CMS's quoted form, exactly as its layout has it.

It answers only where every line is what payment.read would take; in any doubt it answers nothing, and payment.read
says which line is at fault. So both give the same rows, and errors come from one place.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from openrvu.tables.payment import DOMAINS, QUOTED, WIDTHS
from openrvu.tables.text import Text

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_AMOUNT = r"\d{1,9}\.\d\d"
_NAMES = [name or f"filler_{number}" for number, name in enumerate(QUOTED)]


def read(connection: DuckDBPyConnection, text: Text, table: str) -> bool:
    """Make a table of the text: the columns of payment.NAMES, amounts as whole cents (BIGINT), all else text.

    False, and no table, where the text is not wholly in the plain form or has no trailer lines.
    """
    import duckdb

    body, trailers = _parts(text.body)
    if not trailers:
        return False
    with tempfile.TemporaryDirectory(prefix="openrvu-") as folder:
        plain = Path(folder) / "records.csv"
        plain.write_text(body, encoding="utf-8", newline="")
        raw = connection.read_csv(
            str(plain), header=False, delimiter=",", quotechar='"', columns=dict.fromkeys(_NAMES, "VARCHAR")
        )
        try:
            raw.project(", ".join(_cell(name) for name in QUOTED if name)).create(table)
        except duckdb.Error:
            return False
    keys = "mac || '-' || locality || '-' || hcpcs || '-' || modifier"
    whole = f"SELECT count(*), count(DISTINCT {keys}), count(*) FILTER ({_all_good()}) FROM {table}"  # noqa: S608
    records, distinct, good = connection.execute(whole).fetchall()[0]
    if records and records == distinct == good == body.count("\n"):
        return True
    connection.execute(f"DROP TABLE {table}")
    return False


def _parts(body: str) -> tuple[str, bool]:
    """The records, and whether only trailer lines follow them."""
    at = body.find('"TRL')
    if at < 1 or body[at - 1] != "\n":
        return body, False
    rest = body[at:].splitlines()
    return body[:at], all(line.startswith('"TRL') or not line.strip("\x1a \t") for line in rest)


def _cell(name: str) -> str:
    """A column as payment.read gives it: blanks off, zeros of carrier and locality put back, amounts in cents."""
    cell = f"trim({name})"
    if name in WIDTHS:
        cell = f"lpad({cell}, greatest({WIDTHS[name]}, len({cell})::INTEGER), '0')"
    if name.endswith("_cents"):
        plain = f"regexp_full_match({cell}, '{_AMOUNT}')"
        blank = f"WHEN {cell} = '' THEN NULL" if name.startswith("therapy_") else ""
        cell = f"CASE WHEN {plain} THEN replace({cell}, '.', '')::BIGINT {blank} ELSE -1 END"
    return f"{cell} AS {name}"


def _all_good() -> str:
    """The test of a row: every column is in its domain, and every amount is one."""
    domains = [f"regexp_full_match({name}, '{pattern}')" for name, pattern in DOMAINS.items()]
    amounts = [f"coalesce({name}, 0) >= 0" for name in QUOTED if name.endswith("_cents")]
    return " AND ".join((*domains, *amounts))
