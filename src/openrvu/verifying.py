"""What is held, checked against itself: components add up, indicators are known, every locality has GPCIs.

>>> from openrvu.facts import embedded
>>> [(check.name, check.failed) for check in verify(embedded(), "2025D")]
[('components-of-global', 0), ('components-of-total', 0), ('indicators', 0), ('localities', 0)]
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from openrvu.errors import NotHeld
from openrvu.facts import Facts
from openrvu.files import facts_folder, read_csv
from openrvu.releases import Release
from openrvu.rules.status import PAID_BY_RVU, statuses
from openrvu.schemas import Record

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


def verify(facts: Facts, release: str = "") -> tuple[Check, ...]:
    """Every check of every release held, or of one. Raises NotHeld for a release that is not."""
    wanted = (facts.release(release),) if release else facts.releases
    return tuple(check for one in wanted for check in _checks(facts, one))


def _checks(facts: Facts, release: Release) -> tuple[Check, ...]:
    table = facts.table(release.id)
    rows = table.everything()

    def check(name: str, words: str, found: Iterable[tuple[str, bool]]) -> Check:
        every = tuple(found)
        wrong = [what for what, holds in every if not holds]
        return Check(release.id, table.origin, name, words, len(every), len(wrong), tuple(wrong[:EXAMPLES]))

    return (
        check("components-of-global", "26 + TC = global, for work, PE and MP", _parts(rows)),
        check("components-of-total", "work + PE + MP = the printed total", _totals(rows)),
        check("indicators", "each indicator is one that the layout knows", _indicators(rows)),
        check("localities", "each locality of the county list has GPCIs", _localities(facts, release)),
    )


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
    for row in read_csv(facts_folder() / "localities" / f"{release.localities}.csv"):
        key = f"{row['mac']}-{row['number']}"
        yield f"{key} {row['area']}", key in held
