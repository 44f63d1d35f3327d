"""Services a year: of the embedded counts, else summed over the utilization files that are loaded.

A suppressed count makes a bound and never a zero: `high` adds the largest that each may be, where CMS says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from openrvu import units
from openrvu.errors import BadInput, NotHeld
from openrvu.impact.national_sql import BUILDINGS
from openrvu.impact.trends import CAVEATS, use
from openrvu.impact.use import Use, held
from openrvu.tables import store, utilization
from openrvu.tables.use_sql import quoted

OF_KIND = {
    "use-provider": CAVEATS,
    "use-geography": (
        "Codes of ten or fewer beneficiaries are left out by CMS.",
        "Lines of surgeons, assistants and surgical centres are added.",
        CAVEATS[2],
    ),
    "use-national": ("Allowed services, with those of assistants and technical parts by modifier added.", CAVEATS[2]),
    "use-psps": ("Services submitted less those denied, with those of assistants by modifier added.", CAVEATS[2]),
}


@dataclass(frozen=True)
class Count:
    """Services of a code in a year. low, high: bounds by what is suppressed; high None where no bound is known."""

    year: int
    services: int
    hidden: int
    high: int | None


@dataclass(frozen=True)
class Counts:
    """A code's years. missing: years that were looked for and have no figure. caveats: what belongs to every chart."""

    code: str
    counts: tuple[Count, ...]
    missing: tuple[int, ...]
    origin: str
    sources: tuple[str, ...]
    caveats: tuple[str, ...]

    @property
    def by_year(self) -> dict[int, int]:
        """Services by year."""
        return {count.year: count.services for count in self.counts}


@dataclass(frozen=True)
class Access:
    """Who bills a code in a state and year: practitioners, and surgical centres, as distinct NPIs. services: of both.

    All are lower bounds: a practitioner with ten beneficiaries or fewer is not in the file.
    """

    code: str
    year: int
    state: str
    practitioners: int
    centres: int
    services: int


def embedded_counts(code: str) -> Counts | None:
    """The counts that ship. None: nobody looked; without counts: looked for and not found."""
    found = use(code)
    if found is None:
        return None
    counts = tuple(Count(year, lines, 0, None) for year, lines in sorted(found.lines.items()))
    return Counts(code, counts, found.missing, "embedded", (found.source,), found.caveats)


def loaded_counts(codes: Sequence[str], kind: str = "", home: Path | None = None) -> tuple[Counts, ...]:
    """Counts of the loaded files of one kind, for each code that they have; empty where nothing is loaded.

    kind: provider, geography, national or psps; default the one with most years. Raises BadInput, NotHeld.
    """
    uses = _uses(kind, home)
    if not uses:
        return ()
    rows: dict[str, list[Count]] = {}
    for one in uses:
        listed = ", ".join(map(quoted, codes))
        sql = (
            "SELECT hcpcs, coalesce(sum(services), 0), count(*) FILTER (suppressed) "
            f"FROM ({one.text}) WHERE level IN ('', 'national') AND hcpcs IN ({listed}) GROUP BY hcpcs"
        )
        for code, services, hidden in store.query(sql, []):
            bound = utilization.HIDDEN.get(one.kind)
            whole = _whole(services)
            rows.setdefault(code, []).append(
                Count(one.year, whole, hidden, whole + bound[1] * hidden if bound else None)
            )
    years = [one.year for one in uses]
    return tuple(
        Counts(
            code=code,
            counts=tuple(sorted(rows[code], key=lambda count: count.year)),
            missing=tuple(sorted(set(years) - {count.year for count in rows[code]})),
            origin=f"loaded, {uses[0].words}",
            sources=tuple(one.source for one in uses),
            caveats=OF_KIND[uses[0].kind],
        )
        for code in codes
        if code in rows
    )


def _uses(kind: str, home: Path | None) -> list[Use]:
    found = held(home)
    kinds = [name.removeprefix("use-") for name in utilization.KINDS]
    if kind and kind not in kinds:
        raise BadInput(f"no kind of utilization file is called {kind!r}", exists=f"Kinds: {', '.join(kinds)}")
    groups = {name: [one for one in found if one.kind == name] for name in utilization.KINDS}
    if kind:
        if not groups[f"use-{kind}"]:
            raise NotHeld(f"no file of kind {kind} is loaded", exists="", fix="`openrvu load FILE` with CMS's file")
        return groups[f"use-{kind}"]
    return max(groups.values(), key=len)


def _whole(services: Decimal) -> int:
    top, bottom = Decimal(services).as_integer_ratio()
    return units.half_up(top, bottom)


def access(code: str, home: Path | None = None) -> tuple[Access, ...]:
    """Practitioners and surgical centres that bill a code, by state and year, of the loaded files by provider.

    Raises NotHeld where none is loaded.
    """
    found: list[Access] = []
    centre = f"specialty IN ({', '.join(map(quoted, BUILDINGS))})"
    for one in _uses("provider", home):
        both = f"count(DISTINCT npi) FILTER (NOT {centre}), count(DISTINCT npi) FILTER ({centre})"
        sql = (
            f"SELECT state, {both}, "
            f"coalesce(sum(services), 0) FROM ({one.text}) WHERE hcpcs = ? GROUP BY state ORDER BY state"
        )
        for state, people, centres, services in store.query(sql, [code]):
            found.append(Access(code, one.year, state, people, centres, _whole(services)))
    return tuple(found)
