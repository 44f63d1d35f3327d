"""From what was brought to tables of published amounts: a payment or OPPS-cap file, or each of those in a zip."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from openrvu import amounts
from openrvu.errors import BadFile
from openrvu.tables import oppscap, payment, payment_bulk, recognise
from openrvu.tables.archive import contents
from openrvu.tables.text import Table, Text

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# Kinds of file that hold amounts to compare.
COMPARED = ("payment", "oppscap")

# The part of a file that its kind is told by.
_HEAD = 65_536

_TEXT = ("year", "mac", "locality", "hcpcs", "modifier", "multiple", "opps")
_CENTS = (
    *("nonfacility_cents", "facility_cents", "opps_nonfacility_cents", "opps_facility_cents"),
    *("therapy_office_cents", "therapy_institution_cents"),
)
_COLUMNS = dict.fromkeys(_TEXT, "VARCHAR") | dict.fromkeys(_CENTS, "BIGINT")


@dataclass(frozen=True)
class Brought:
    """One file of amounts. names: its own and that of the zip it came in, which may tell its release."""

    text: Text
    names: tuple[str, ...]
    kind: str


def files(path: Path) -> Iterator[Brought]:
    """The payment and OPPS-cap files in what was brought, one by one. Raises BadFile where there is none."""
    seen: list[str] = []
    found = False
    for item in contents(path, (".txt", ".csv", ".csv.gz")):
        seen.append(item.text.name)
        kind = _kind(item.text, alone=item.alone)
        if kind in COMPARED:
            found = True
            yield Brought(item.text, item.names, kind)
        elif item.alone:
            raise BadFile(
                f"the file holds {recognise.KINDS[kind]} and no amounts",
                where=path.name,
                fix="Compare a PFALL, PFREV or OPPSCAP file; relative values are loaded: `openrvu load FILE`",
            )
    if not found:
        raise BadFile(
            "no payment or OPPS-cap file is in the zip",
            where=path.name,
            exists=f"It has {', '.join(seen)}",
            fix="Compare a PFALL, PFREV or OPPSCAP file of CMS",
        )


def _kind(text: Text, *, alone: bool) -> str:
    """The kind of a text, told by its beginning; of a member of a zip that is none, an empty text."""
    head = text.body[:_HEAD]
    if len(head) < len(text.body):
        head = head[: head.rfind("\n") + 1]
    try:
        return recognise.kind(replace(text, body=head))
    except BadFile:
        if alone:
            raise
        return ""


def publish(connection: DuckDBPyConnection, brought: Brought) -> tuple[str, ...]:
    """Make the table `published` of a file; gives what is worth knowing about it.

    Its columns are those of the payment file, empty where this file has none. Raises BadFile by line.
    """
    connection.execute("DROP TABLE IF EXISTS published")
    if brought.kind == "payment" and payment_bulk.read(connection, brought.text, "published"):
        return ()
    table = _table(brought)
    rows = ([row.get(name) or (None if name in _CENTS else "") for name in _COLUMNS] for row in table.rows)
    held = [name for name in _COLUMNS if name in table.rows[0]]
    amounts.bring(connection, "brought", _COLUMNS, rows)
    lacking = [f"NULL AS {name}" for name in _COLUMNS if name not in held]
    connection.execute(f"CREATE TABLE published AS SELECT {', '.join([*held, *lacking])} FROM brought")  # noqa: S608
    return table.notes


def _table(brought: Brought) -> Table:
    return oppscap.read(brought.text) if brought.kind == "oppscap" else payment.read(brought.text)


def years(connection: DuckDBPyConnection) -> list[str]:
    """The years that the records of `published` name."""
    sql = "SELECT DISTINCT year FROM published WHERE year IS NOT NULL ORDER BY year"
    return [year for (year,) in connection.execute(sql).fetchall()]
