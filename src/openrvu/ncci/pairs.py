"""Procedure-to-procedure edits: which codes of a claim are not paid together, and whether a modifier may pass.

The edits are the user's own download from CMS; nothing is embedded. An edit holds for dates of service from its
effective date to its deletion date; one whose two dates are the same never held.

>>> check_pairs(["22633", "63047"], date(2026, 5, 1)).status
'not-held'
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from openrvu.codes.families import find_service
from openrvu.errors import BadInput
from openrvu.files import read_csv
from openrvu.tables import delimited, store
from openrvu.tables.store import Entry

HOW_TO_GET = (
    "CMS publishes the edits each quarter as Medicare NCCI Procedure to Procedure (PTP) edits, in "
    "several parts: download all for practitioners (ccipra-...-f1 and on) and `openrvu load` them"
)
MOST_CODES = 200


@dataclass(frozen=True)
class Pair:
    """One edit that holds on the date. column1 is paid, column2 is not, unless a modifier passes.

    indicator: 0 no modifier passes, 1 a fitting one does, 9 the edit was taken back. modifier: the one found that may
    pass, on either code. status: not-paid-together, needs-a-modifier, modifier-claims-distinct or not-applicable.
    """

    column1: str
    column2: str
    indicator: int
    effective: date
    deleted: date | None
    rationale: str
    modifier: str
    status: str
    words: str
    source: str


@dataclass(frozen=True)
class PairsCheck:
    """Every pair of a claim against the edits held.

    status: edits-found, no-edits, or not-held (also where a part of the table that a code needs is lacking).
    quarter, parts: of the table used. traps: what the family says of the codes.
    """

    codes: tuple[str, ...]
    on: date
    status: str
    words: str
    quarter: str
    parts: tuple[str, ...]
    pairs: tuple[Pair, ...]
    traps: tuple[str, ...]
    warnings: tuple[str, ...]
    sources: tuple[str, ...]


@cache
def passing() -> frozenset[str]:
    """The modifiers that may pass an edit with indicator 1."""
    folder = Path(__file__).parents[1] / "rules" / "lookups"
    return frozenset(row["modifier"] for row in read_csv(folder / "ncci_modifiers.csv"))


def _entries() -> tuple[Entry, ...]:
    return _parsed(store.manifest_text(store.home()))


@lru_cache(maxsize=4)
def _parsed(manifest: str) -> tuple[Entry, ...]:
    return store.parse(manifest, store.home())


def check_pairs(codes: Sequence[str | tuple[str, Sequence[str]]], on: date, whose: str = "practitioner") -> PairsCheck:
    """The edits among the codes of one practitioner, patient and day.

    codes: each a code, or a code with its modifiers. whose: practitioner or hospital. Raises BadInput for fewer than
    two codes or too many.
    """
    carried: dict[str, tuple[str, ...]] = {}
    for one in codes:
        code, modifiers = (one, ()) if isinstance(one, str) else one
        carried[code] = (*carried.get(code, ()), *modifiers)
    if len(carried) < 2:
        raise BadInput("an edit is about two codes", exists=", ".join(carried), fix="Name at least two codes")
    if len(carried) > MOST_CODES:
        raise BadInput(f"{len(carried)} codes", exists=f"At most {MOST_CODES} at once", fix="Check them in parts")
    held = [entry for entry in _entries() if entry.kind == "ptp" and f"-{whose}-" in entry.release]
    quarter = max((entry.release[:5] for entry in held), default="")
    parts = tuple(entry for entry in held if entry.release[:5] == quarter)
    traps = tuple(dict.fromkeys(trap for code in carried for trap in _traps(code)))
    if not parts:
        words = f"No edits are held, so nothing is said of these codes. {HOW_TO_GET}."
        return PairsCheck(tuple(carried), on, "not-held", words, "", (), (), traps, (), ())
    pairs = tuple(_pair(row, carried) for row in _rows(parts, tuple(carried), on))
    lacking = _uncovered(parts, tuple(carried))
    warnings = _dated(quarter, on)
    status, words = "no-edits", f"No edit among these codes holds on {on.isoformat()}."
    if pairs:
        status, words = "edits-found", f"{len(pairs)} edit{'s' if len(pairs) > 1 else ''} among these codes."
    if lacking:
        warnings += (
            f"The parts held do not reach {', '.join(lacking)} as first code: an edit of it would not be seen. "
            f"{HOW_TO_GET}.",
        )
        status, words = (
            (status, words) if pairs else ("not-held", "The parts of the table held do not reach every code.")
        )
    return PairsCheck(
        codes=tuple(carried),
        on=on,
        status=status,
        words=words,
        quarter=quarter,
        parts=tuple(entry.release.rpartition("-")[2] for entry in parts),
        pairs=pairs,
        traps=traps,
        warnings=warnings,
        sources=tuple(dict.fromkeys([*(entry.source for entry in parts), "ncci-manual"])),
    )


def _traps(code: str) -> tuple[str, ...]:
    service = find_service(code)
    return tuple(f"{code}: {trap}" for trap in service.traps) if service else ()


def _rows(parts: Sequence[Entry], codes: Sequence[str], on: date) -> list[tuple[Any, ...]]:
    """The edits among the codes that hold on a date. The tables are sorted by column 1: few groups are read."""
    day = on.year * 10_000 + on.month * 100 + on.day
    marks = ", ".join("?" * len(codes))
    sql = (
        "SELECT column1, column2, indicator, effective, deleted, rationale, ? FROM read_parquet(?) "  # noqa: S608
        f"WHERE column1 IN ({marks}) AND column2 IN ({marks}) AND effective <= ? "
        "AND (deleted IS NULL OR (deleted >= ? AND deleted > effective)) ORDER BY column1, column2, effective"
    )
    found: list[tuple[Any, ...]] = []
    for entry in parts:
        values = [entry.source, str(store.home() / entry.file), *codes, *codes, day, day]
        found.extend(store.query(sql, values))
    return found


def _uncovered(parts: Sequence[Entry], codes: Sequence[str]) -> tuple[str, ...]:
    """The codes that lie in no part's range of first codes."""
    spans = [_span(str(store.home() / entry.file)) for entry in parts]
    return tuple(code for code in codes if not any(low <= code <= high for low, high in spans))


@lru_cache(maxsize=32)
def _span(path: str) -> tuple[str, str]:
    ((low, high),) = store.query("SELECT min(column1), max(column1) FROM read_parquet(?)", [path])
    return low or "", high or ""


def _dated(quarter: str, on: date) -> tuple[str, ...]:
    ends = delimited.ends(quarter)
    if on <= ends:
        return ()
    return (
        f"The edits held are those of the quarter to {ends.isoformat()}: later changes are not in them. {HOW_TO_GET}.",
    )


def _date(day: int) -> date:
    return date(day // 10_000, day // 100 % 100, day % 100)


def _pair(row: tuple[Any, ...], carried: dict[str, tuple[str, ...]]) -> Pair:
    one, two, indicator, effective, deleted, rationale, source = row
    modifier = next((m for m in (*carried[two], *carried[one]) if m in passing()), "")
    if indicator == 0:
        status, words = "not-paid-together", f"{two} is not paid beside {one}, and no modifier passes."
        words += f" Modifier {modifier} changes nothing." if modifier else ""
    elif indicator == 9:
        status, words = "not-applicable", f"The edit of {one} and {two} was taken back: it does not apply."
    elif modifier:
        status = "modifier-claims-distinct"
        words = (
            f"{two} is not paid beside {one} at the same site. Modifier {modifier} claims that the two were distinct: "
        )
        words += "it may pass if the record shows another site, encounter or practitioner."
    else:
        status = "needs-a-modifier"
        words = (
            f"{two} is not paid beside {one}, unless they were distinct and a modifier says so (59, XE, XP, XS, XU, "
        )
        words += "or one of anatomy)."
    ends = _date(deleted) if deleted is not None else None
    return Pair(one, two, indicator, _date(effective), ends, rationale, modifier, status, words, source)
