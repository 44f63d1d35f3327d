"""Services side by side on one date and place: RVUs, amount, and the ratio of work to the first or to a value.

>>> table = compare(["63047", "63030"], on="2026-07-01")
>>> [(row.code, row.ratio_percent) for row in table.rows]
[('63047', '100.00'), ('63030', '78.05')]
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from openrvu import holdings, units
from openrvu.codes.coverage import leads
from openrvu.codes.families import plain_words
from openrvu.errors import BadInput, NotHeld
from openrvu.facts import Facts
from openrvu.pricing import Priced, price
from openrvu.schemas import Locality

RATIONALE = "For pricing rationale only, not reportable instead."
MOST = 12


@dataclass(frozen=True)
class Compared:
    """One code. RVUs x 10^4; None where the release as held has no row. ratio_percent: its work RVU as a percentage of
    the base, as text; empty where either is missing."""

    code: str
    words: str
    status: str
    status_words: str
    work_rvu: int | None
    pe_rvu: int | None
    mp_rvu: int | None
    total_rvu: int | None
    amount_cents: int | None
    ratio_percent: str
    source: str


@dataclass(frozen=True)
class Comparison:
    """The table. base: what ratios are of, in words. note: says what comparators are for; empty where none applies."""

    release: str
    on: date
    locality: Locality
    setting: str
    base: str
    note: str
    rows: tuple[Compared, ...]
    warnings: tuple[str, ...]
    leads: tuple[str, ...] = ()


def _row(code: str, priced: Priced | None, why: str) -> Compared:
    record = priced.record if priced else None
    if priced is None or record is None:
        status, words = (priced.status, priced.words) if priced else ("not-held", why)
        return Compared(code, plain_words(code), status, words, None, None, None, None, None, "", "")
    pe = record.pe_facility_rvu if priced.line.setting == "facility" else record.pe_nonfacility_rvu
    return Compared(
        code=code,
        words=plain_words(code),
        status=priced.status,
        status_words=priced.words,
        work_rvu=record.work_rvu,
        pe_rvu=pe,
        mp_rvu=record.mp_rvu,
        total_rvu=record.work_rvu + pe + record.mp_rvu,
        amount_cents=priced.amount_cents,
        ratio_percent="",
        source=record.source,
    )


def compare(
    codes: Sequence[str],
    *,
    on: str | date | None = None,
    place: str = "national",
    setting: str = "facility",
    qualifying_apm: bool = False,
    work: str = "",
    facts: Facts | None = None,
) -> Comparison:
    """Compare two to twelve codes. work: a work RVU as text that ratios are taken of (default: the first code's).

    With `work`, each ratio is that value as a percentage of the code's work RVU, as the published studies print it.
    Raises BadInput for fewer or more codes or a value that is no number; UnknownCode for a code in no release held.
    """
    if not 2 <= len(codes) <= MOST:
        raise BadInput(f"{len(codes)} codes given", fix=f"Give two to {MOST} codes")
    held = facts or holdings.current()
    priced: list[tuple[str, Priced | None, str]] = []
    for code in codes:
        try:
            one = price(code, on=on, place=place, setting=setting, qualifying_apm=qualifying_apm, facts=held)
            priced.append((code, one, ""))
        except NotHeld as fault:
            priced.append((code, None, str(fault)))
    first = next((found for _, found, _ in priced if found), None)
    if first is None:
        raise NotHeld("none of these codes is held on this date", where=", ".join(codes), exists=priced[0][2])
    rows = tuple(_row(found.line.code if found else code.upper(), found, why) for code, found, why in priced)
    base, named = _base(work, rows)
    return Comparison(
        release=first.release.id,
        on=first.on,
        locality=first.locality,
        setting=setting,
        base=named,
        note=RATIONALE if rows[0].amount_cents is None else "",
        rows=tuple(_with_ratio(row, base, bool(work)) for row in rows),
        warnings=first.warnings,
        leads=leads([row.code for row in rows], first.on),
    )


def _base(work: str, rows: Sequence[Compared]) -> tuple[int | None, str]:
    if work:
        try:
            value = units.parse(work, units.RVU)
        except ValueError as fault:
            raise BadInput(f"--work: {fault}", fix="Write a work RVU such as 18.2464") from None
        if value <= 0:
            raise BadInput(f"--work: {work} is not above 0", fix="Write a work RVU such as 18.2464")
        return value, f"{work} as a percentage of the code's work RVU"
    lead = rows[0]
    if not lead.work_rvu:
        return None, f"none: {lead.code} has no work RVU here; name a value to take ratios of"
    return lead.work_rvu, f"work RVU as a percentage of that of {lead.code}"


def _with_ratio(row: Compared, base: int | None, reverse: bool) -> Compared:
    if not base or not row.work_rvu:
        return row
    pair = (base, row.work_rvu) if reverse else (row.work_rvu, base)
    return replace(row, ratio_percent=units.ratio_text(*pair, 2))
