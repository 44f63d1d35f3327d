"""Published amounts against a release inside DuckDB: counts of a pass, differences, and what could not be compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from openrvu import amounts
from openrvu.facts import Facts
from openrvu.files import facts_folder, read_csv
from openrvu.reconciling.outcome import Difference
from openrvu.releases import Release
from openrvu.schemas import Locality

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# So many differences are listed; all are counted.
LISTED = 100_000

# Names of the amounts as a difference has them, and the published column of each.
_AMOUNTS = (
    ("nonfacility", "nonfacility_cents"),
    ("facility", "facility_cents"),
    ("cap-nonfacility", "opps_nonfacility_cents"),
    ("cap-facility", "opps_facility_cents"),
    ("therapy-office", "therapy_office_cents"),
    ("therapy-institution", "therapy_institution_cents"),
)

# Each pair of amounts is compared where its condition holds. A file without an OPPS indicator holds caps alone. The
# therapy columns hold the halved amount where the multiple-procedure indicator is 5; elsewhere they may hold a fee
# that is not made of RVUs.
_JOINED = """
CREATE OR REPLACE TEMP TABLE joined AS
SELECT p.mac, p.locality, p.hcpcs, p.modifier, {published},
  CASE WHEN l.mac IS NULL THEN 'locality-not-in-gpci' WHEN r.hcpcs IS NULL THEN 'no-rvu'
    WHEN p.nonfacility_cents IS NOT NULL AND r.zero THEN 'no-rvu-value' END AS reason,
  l.mac IS NOT NULL AND r.hcpcs IS NOT NULL AS found,
  found AND p.nonfacility_cents IS NOT NULL AND NOT r.zero AS has_fee,
  found AND coalesce(p.opps, '1') = '1' AND opps_pe_nonfacility_rvu IS NOT NULL AND opps_pe_facility_rvu IS NOT NULL
    AND opps_mp_rvu IS NOT NULL AND p.opps_nonfacility_cents IS NOT NULL AS has_cap,
  found AND NOT r.zero AND p.multiple = '5' AND r.pe_nonfacility_rvu % 2 = 0
    AND (p.therapy_office_cents > 0 OR p.therapy_institution_cents > 0) AS has_therapy,
  {ours}
FROM published AS p
LEFT JOIN places AS l ON l.mac = p.mac AND l.locality = p.locality
LEFT JOIN rvu AS r ON r.hcpcs = p.hcpcs AND r.modifier = p.modifier
"""
_PAIRS = (("has_fee", 0, 1), ("has_cap", 2, 3), ("has_therapy", 4, 5))


@dataclass(frozen=True)
class Counts:
    """The counts of one pass with one release and conversion factor; see outcome.Reconciliation."""

    records: int
    compared: int
    matched: int
    caps_compared: int
    caps_matched: int
    therapy_compared: int
    therapy_matched: int
    different: int

    @property
    def agreement(self) -> tuple[int, int]:
        """What a pass is chosen by: as many equal amounts, then as few different ones, as can be."""
        return self.matched + self.caps_matched + self.therapy_matched, -self.different


@cache
def aliases() -> Mapping[tuple[str, str], str]:
    """Localities under a carrier that no GPCI file has, and the one that each stands for, cited in the file."""
    rows = read_csv(facts_folder() / "locality_aliases.csv")
    return {(row["mac"], row["number"]): row["stands_for"] for row in rows}


def lay_out(connection: DuckDBPyConnection, facts: Facts, release: Release) -> None:
    """Make the tables of a release, its localities under every number that CMS's files of amounts give them."""
    held = facts.localities(release.id)
    other = [
        replace(held[target], mac=mac, number=number)
        for (mac, number), target in aliases().items()
        if target in held and f"{mac}-{number}" not in held
    ]
    places: list[Locality] = [*held.values(), *other]
    amounts.lay_out(connection, facts, release, places)


def compare(connection: DuckDBPyConnection, factor: int) -> Counts:
    """One pass over `published` with the tables of a release and a conversion factor; leaves the table `joined`."""
    therapy = amounts.therapy(factor)
    ours = (*amounts.fees(factor), *amounts.caps(factor), therapy, therapy)
    connection.execute(
        _JOINED.format(
            published=", ".join(f"p.{column} AS p{number}" for number, (_, column) in enumerate(_AMOUNTS)),
            ours=", ".join(f"{sql} AS c{number}" for number, sql in enumerate(ours)),
        )
    )
    sums = ["count(*)"]
    for has, one, two in _PAIRS:
        same = f"(p{one} = c{one})::BIGINT", f"(p{two} = c{two})::BIGINT"
        if has == "has_cap":
            sums += [f"count(*) FILTER ({has})", f"count(*) FILTER ({has} AND p{one} = c{one} AND p{two} = c{two})"]
        else:
            sums += [f"2 * count(*) FILTER ({has})", f"coalesce(sum({same[0]} + {same[1]}) FILTER ({has}), 0)::BIGINT"]
    wrong = (f"({has} AND p{n} <> c{n})::BIGINT" for has, *pair in _PAIRS for n in pair)
    sums.append(f"coalesce(sum({' + '.join(f'coalesce({one}, 0)' for one in wrong)}), 0)::BIGINT")
    return Counts(*connection.execute(f"SELECT {', '.join(sums)} FROM joined").fetchall()[0])  # noqa: S608


def differences(connection: DuckDBPyConnection) -> tuple[Difference, ...]:
    """The amounts of the last pass that differ, by place, code and amount; the first LISTED of them."""
    parts = [
        f"SELECT mac, locality, hcpcs, modifier, {n}, p{n}, c{n} FROM joined WHERE {has} AND p{n} <> c{n}"  # noqa: S608
        for has, *pair in _PAIRS
        for n in pair
    ]
    sql = f"SELECT * FROM ({' UNION ALL '.join(parts)}) ORDER BY 1, 2, 3, 4, 5 LIMIT {LISTED}"  # noqa: S608
    rows = connection.execute(sql).fetchall()
    return tuple(
        Difference(mac, locality, code, modifier, _AMOUNTS[n][0], theirs, ours)
        for mac, locality, code, modifier, n, theirs, ours in rows
    )


def not_comparable(connection: DuckDBPyConnection) -> tuple[dict[str, int], dict[str, int]]:
    """Records by reason, and those without a row of the release by code and modifier."""
    by_reason = "SELECT reason, count(*) FROM joined WHERE reason IS NOT NULL GROUP BY 1 ORDER BY 1"
    name = "hcpcs || CASE WHEN modifier = '' THEN '' ELSE '-' || modifier END"
    by_code = f"SELECT {name}, count(*) FROM joined WHERE reason = 'no-rvu' GROUP BY 1 ORDER BY 1"  # noqa: S608
    return dict(connection.execute(by_reason).fetchall()), dict(connection.execute(by_code).fetchall())


def other_fees(connection: DuckDBPyConnection) -> int:
    """Records whose therapy columns hold a fee though the service is no therapy."""
    held = "greatest(therapy_office_cents, therapy_institution_cents) > 0"
    sql = f"SELECT count(*) FROM published WHERE multiple <> '5' AND {held}"  # noqa: S608 (our own names)
    return int(connection.execute(sql).fetchall()[0][0])
