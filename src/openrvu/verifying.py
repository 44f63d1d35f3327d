"""What is held, checked against itself: components add up, indicators are known, every locality has GPCIs.

>>> from openrvu.facts import embedded
>>> [(check.name, check.failed) for check in verify(embedded(), "2025D")]
[('components-of-global', 0), ('components-of-total', 0), ('indicators', 0), ('localities', 0)]
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from openrvu import params, units
from openrvu.errors import NotHeld, OpenRVUError
from openrvu.facts import Facts, KeyedTable, locality_aliases
from openrvu.releases import Release, starts_of
from openrvu.rules.status import PAID_BY_RVU, statuses
from openrvu.schemas import Locality, Record

EXAMPLES = 3

# What each indicator may be. Source: CMS's record layout ("rvu25d-layout"), attachment A; the shares and the pricing
# indicator are numbers and are checked on reading.
DOMAINS: Mapping[str, frozenset[str]] = {
    "global_days": frozenset({"000", "010", "090", "MMM", "XXX", "YYY", "ZZZ"}),
    "multiple": frozenset("012345679"),
    "bilateral": frozenset("01239"),
    "assistant": frozenset("0129"),
    "cosurgeon": frozenset("0129"),
    "team": frozenset("0129"),
    "pctc": frozenset("0123456789"),
}


@dataclass(frozen=True)
class Check:
    """One check of one release. compared: sums, cells or localities looked at; failed: how many did not hold."""

    release: str
    origin: str
    name: str
    words: str
    compared: int
    failed: int
    examples: tuple[str, ...]


CHECKS_HEAD = ("release", "origin", "check", "compared", "failed", "examples")


def check_cells(one: Check) -> tuple[str, ...]:
    """A check as a row of CHECKS_HEAD."""
    return one.release, one.origin, one.words, f"{one.compared}", f"{one.failed}", "; ".join(one.examples)


def verify(facts: Facts, release: str = "") -> tuple[Check, ...]:
    """Every check of every release held and of every table loaded, or of one release. Raises NotHeld for a release that
    is not held."""
    wanted, key = facts.releases, ""
    if release:
        try:
            wanted = (facts.release(release),)
            key = wanted[0].id
        except NotHeld:
            wanted, key = (), release
            if all(table.release != release for table in facts.others.values()):
                raise
    tables = [(kind, table) for kind, table in facts.others.items() if key in ("", table.release)]
    found = [check for one in wanted for check in _checks(facts, one)]
    return (*found, *(check for (kind, _), table in tables for check in _table_checks(facts, kind, table)))


def _check(release: str, origin: str, name: str, words: str, found: Iterable[tuple[str, bool]]) -> Check:
    every = tuple(found)
    wrong = [what for what, holds in every if not holds]
    return Check(release, origin, name, words, len(every), len(wrong), tuple(wrong[:EXAMPLES]))


def _checks(facts: Facts, release: Release) -> tuple[Check, ...]:
    table = facts.table(release.id)
    rows = table.everything()
    told = (release.id, table.origin)
    return (
        _check(*told, "components-of-global", "26 + TC = global, for work, PE and MP", _parts(rows)),
        _check(*told, "components-of-total", "work + PE + MP = the printed total", _totals(rows)),
        _check(*told, "indicators", "each indicator is one that the layout knows", _indicators(rows)),
        _check(*told, "localities", "each locality of the county list has GPCIs", _localities(facts, release)),
    )


def _table_checks(facts: Facts, kind: str, table: KeyedTable) -> Iterator[Check]:
    """The checks of a loaded table other than relative values: its localities, and what its kind allows."""
    if kind == "base-units":
        return
    number = "locality" if kind in ("oppscap", "payment") else "number"
    rows = table.where()
    named = sorted({f"{row['mac']}-{row[number]}" for row in rows})
    held = _places_of_year(facts, table.release)
    aliased = [key for key in named if key not in held and locality_aliases().get(key) in held]
    words = f"each locality of {kind} has GPCIs" + (f" ({len(aliased)} by a cited alias)" if aliased else "")
    found = ((key, key in held or key in aliased) for key in named)
    yield _check(table.release, "loaded", f"{kind}-localities", words, found)
    if kind == "anesthesia":
        words = "factor = national factor x shares of the GPCIs"
        yield _check(table.release, "loaded", "anesthesia-factors", words, _factors(table, rows, held))
    if kind in ("oppscap", "payment"):
        words = f"each indicator of {kind} is one that the layout knows"
        yield _check(table.release, "loaded", f"{kind}-indicators", words, _amount_indicators(rows))


def _places_of_year(facts: Facts, release: str) -> Mapping[str, Locality]:
    """The localities with GPCIs of a release, else of the newest one held of its year; none where none is held."""
    of_year = [one for one in facts.releases if one.id[:4] == release[:4] and one.gpci]
    exact = [one for one in of_year if one.id == release] or of_year
    return facts.localities(exact[-1].id) if exact else {}


def _factors(
    table: KeyedTable, rows: Iterable[Mapping[str, object]], held: Mapping[str, Locality]
) -> Iterator[tuple[str, bool]]:
    """Each factor against the national one and the shares, where the shares of the year and the heading are known."""
    try:
        day = starts_of(table.release)
        shares = [params.at(f"anesthesia_{part}", day).value for part in ("work", "pe", "mp")]
    except OpenRVUError:
        return
    for row in rows:
        place, national = held.get(f"{row['mac']}-{row['number']}"), str(row["national"])
        if place is None or not national:
            continue
        places = len(national.partition(".")[2])
        gpcis = (place.work_gpci, place.pe_gpci, place.mp_gpci)
        weighted = sum(share * gpci for share, gpci in zip(shares, gpcis, strict=True))
        scale = 10**places * units.PERCENT * units.GPCI
        cents = units.half_up(units.parse(national, 10**places) * weighted * units.CENTS, scale)
        yield f"{place.id} {row['track']}", cents * units.CONVERSION_FACTOR == row["value"] * units.CENTS  # type: ignore[operator]


def _amount_indicators(rows: Iterable[Mapping[str, object]]) -> Iterator[tuple[str, bool]]:
    for row in rows:
        code = f"{row['hcpcs']} {row['modifier']}".strip()
        yield f"{code} status {row['status']}", str(row["status"]) in statuses()
        for name in ("pctc", "multiple"):
            if name in row:
                yield f"{code} {name} {row[name] or '(blank)'}", str(row[name]) in DOMAINS[name]


def _name(row: Record) -> str:
    return f"{row.hcpcs}-{row.modifier}" if row.modifier else row.hcpcs


def _parts(rows: tuple[Record, ...]) -> Iterable[tuple[str, bool]]:
    by_code: dict[str, dict[str, Record]] = {}
    for row in rows:
        by_code.setdefault(row.hcpcs, {})[row.modifier] = row
    for code, found in by_code.items():
        if not {"", "26", "TC"} <= found.keys():
            continue
        if found[""].zero and found[""].status not in PAID_BY_RVU:
            continue  # contractor-priced or not covered: the global row has no RVUs, whatever its 26 row has
        for part in ("work_rvu", "pe_nonfacility_rvu", "pe_facility_rvu", "mp_rvu"):
            whole, professional, technical = (getattr(found[key], part) for key in ("", "26", "TC"))
            yield f"{code} {part}", whole == professional + technical


def _totals(rows: tuple[Record, ...]) -> Iterable[tuple[str, bool]]:
    for row in rows:
        for setting, pe, total in (
            ("nonfacility", row.pe_nonfacility_rvu, row.total_nonfacility_rvu),
            ("facility", row.pe_facility_rvu, row.total_facility_rvu),
        ):
            if total is not None:
                yield f"{_name(row)} {setting}", row.work_rvu + pe + row.mp_rvu == total


def _indicators(rows: tuple[Record, ...]) -> Iterable[tuple[str, bool]]:
    for row in rows:
        if not row.status:
            continue  # a table without indicators
        yield f"{_name(row)} status {row.status}", row.status in statuses()
        for name, known in DOMAINS.items():
            value = getattr(row, name)
            yield f"{_name(row)} {name} {value or '(blank)'}", value in known


def _localities(facts: Facts, release: Release) -> Iterable[tuple[str, bool]]:
    try:
        held = facts.localities(release.id)
    except NotHeld:
        yield f"no GPCIs are held for {release.id}", False
        return
    for row in facts.counties(release.id):
        key = f"{row['mac']}-{row['number']}"
        yield f"{key} {row['area']}", key in held
