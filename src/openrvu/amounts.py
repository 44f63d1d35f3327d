"""Every row of a release at every locality inside DuckDB: the tables, and the SQL text of each amount.

Two tables are made: `rvu`, one row a code and modifier, and `places`, one row a locality. Their product is the
schedule. All figures are scaled whole numbers (BIGINT) and every amount is text of rules.fee, so that the engine
rounds as units.half_up does.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from openrvu.errors import Unavailable
from openrvu.facts import Facts, RvuTable
from openrvu.releases import Release
from openrvu.rules.fee import fee_cents_sql
from openrvu.rules.status import outcome, statuses
from openrvu.schemas import ConversionFactor, Locality
from openrvu.tables.store import LoadedTable

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

THREADS = 2
MEMORY = "512MB"

_TEXT = ("hcpcs", "modifier", "status", "multiple")
_FIGURES = (
    *("work_rvu", "pe_nonfacility_rvu", "pe_facility_rvu", "mp_rvu"),
    *("opps_pe_nonfacility_rvu", "opps_pe_facility_rvu", "opps_mp_rvu"),
)
RVU_COLUMNS = dict.fromkeys(_TEXT, "VARCHAR") | dict.fromkeys(_FIGURES, "BIGINT")
PLACE_COLUMNS: dict[str, tuple[str, Callable[[Locality], object]]] = {
    "mac": ("VARCHAR", lambda place: place.mac),
    "locality": ("VARCHAR", lambda place: place.number),
    "work_gpci": ("BIGINT", lambda place: place.work_gpci),
    "pe_gpci": ("BIGINT", lambda place: place.pe_gpci),
    "mp_gpci": ("BIGINT", lambda place: place.mp_gpci),
}

# A letter that no rule knows leaves its row with the outcome that outcome() gives such a letter, never without a row.
# A contractor-priced global service has no work RVU of its own: its cap takes that of the 26 row.
_RVU = """
CREATE OR REPLACE TEMP TABLE rvu AS
SELECT r.*, coalesce(o.slug, $unknown) AS outcome,
  CASE WHEN r.status = 'C' AND r.modifier = '' THEN coalesce(p.work_rvu, r.work_rvu) ELSE r.work_rvu END AS cap_work
FROM (SELECT *, greatest(work_rvu, pe_nonfacility_rvu, pe_facility_rvu, mp_rvu) = 0 AS zero FROM held) AS r
LEFT JOIN held AS p ON p.hcpcs = r.hcpcs AND p.modifier = '26'
LEFT JOIN outcomes AS o ON o.letter = r.status AND o.zero = r.zero
"""


@contextmanager
def engine() -> Iterator[DuckDBPyConnection]:
    """A DuckDB connection of its own with bounded memory, which spills to a folder that goes with it.

    The engine turns an interrupt from the keyboard into an error of its own; here it is one again.
    """
    import duckdb

    with (
        tempfile.TemporaryDirectory(prefix="openrvu-") as spill,
        duckdb.connect(config={"threads": THREADS, "memory_limit": MEMORY, "temp_directory": spill}) as connection,
    ):
        try:
            yield connection
        except RuntimeError as fault:
            if str(fault) == "Query interrupted":
                raise KeyboardInterrupt from None
            raise


def bring(
    connection: DuckDBPyConnection, name: str, columns: Mapping[str, str], rows: Iterable[Sequence[object]]
) -> None:
    """A temporary table of Python rows. columns: DuckDB types by name, in the order of the cells."""
    lists = [list(cells) for cells in zip(*rows, strict=True)] or [[] for _ in columns]
    parts = ", ".join(
        f"unnest(${number}::{kind}[]) AS {column}" for number, (column, kind) in enumerate(columns.items(), 1)
    )
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT {parts}", lists)


def lay_out(
    connection: DuckDBPyConnection,
    facts: Facts,
    release: Release,
    places: Iterable[Locality],
    codes: Sequence[str] = (),
) -> None:
    """Make the tables `rvu` and `places`. codes: only these; default all of the release.

    Raises Unavailable for a table of the store that is gone or damaged.
    """
    bring(
        connection,
        "places",
        {name: kind for name, (kind, _) in PLACE_COLUMNS.items()},
        [[get(place) for _, get in PLACE_COLUMNS.values()] for place in places],
    )
    letters = ["", *statuses()]
    pairs = [(letter, zero, outcome(letter, zero)) for letter in letters for zero in (False, True)]
    bring(connection, "outcomes", {"letter": "VARCHAR", "zero": "BOOLEAN", "slug": "VARCHAR"}, pairs)
    _held(connection, facts.table(release.id), codes)
    connection.execute(_RVU, {"unknown": outcome("", False)})


def _held(connection: DuckDBPyConnection, table: RvuTable, codes: Sequence[str]) -> None:
    """The rows of a release as the table `held`: from its Parquet where it was loaded, else from the records."""
    import duckdb

    if not isinstance(table, LoadedTable):
        rows = (
            [getattr(record, name) for name in RVU_COLUMNS]
            for record in table.everything()
            if not codes or record.hcpcs in codes
        )
        bring(connection, "held", RVU_COLUMNS, rows)
        return
    shown = ", ".join(f"{name}::{kind} AS {name}" for name, kind in RVU_COLUMNS.items())
    wanted = " WHERE list_contains(?, hcpcs)" if codes else ""
    sql = f"CREATE OR REPLACE TEMP TABLE held AS SELECT {shown} FROM read_parquet(?){wanted}"  # noqa: S608 (our own names)
    try:
        connection.execute(sql, [str(table.path), *([list(codes)] if codes else [])])
    except duckdb.Error as fault:
        what = f"a table of the store cannot be read: {str(fault).splitlines()[0]}"
        raise Unavailable(what, where=table.path.name, fix="Load CMS's file again with `openrvu load FILE`") from None


def fees(factor: int) -> tuple[str, str]:
    """Non-facility and facility amount of a row of `rvu` at a row of `places`, status aside."""
    return (
        fee_cents_sql("work_rvu", "pe_nonfacility_rvu", "mp_rvu", factor),
        fee_cents_sql("work_rvu", "pe_facility_rvu", "mp_rvu", factor),
    )


def caps(factor: int) -> tuple[str, str]:
    """The OPPS cap outside and inside a facility: the fee formula on the row's three OPPS columns."""
    return (
        fee_cents_sql("cap_work", "opps_pe_nonfacility_rvu", "opps_mp_rvu", factor),
        fee_cents_sql("cap_work", "opps_pe_facility_rvu", "opps_mp_rvu", factor),
    )


def therapy(factor: int) -> str:
    """The amount of a second therapy of a day: PE halved inside the formula, rounded once (payment rules, section 3).

    CMS prints PE with two decimals, so half of it is whole at x 10^4.
    """
    return fee_cents_sql("work_rvu", "pe_nonfacility_rvu // 2", "mp_rvu", factor)


def factors_of(facts: Facts, release: Release) -> tuple[ConversionFactor, ...]:
    """The conversion factors in force while a release is: of each track, at its start and at its end."""
    found = [facts.conversion_factor(on, qp) for on in (release.starts, release.ends) for qp in (False, True)]
    return tuple(dict.fromkeys(found))
