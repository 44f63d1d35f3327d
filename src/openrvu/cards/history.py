"""A code through the releases held: RVUs, status, conversion factor, national amount, and what changed.

>>> rows = history("63030").rows
>>> [(row.release, row.work_change) for row in rows if row.work_change]
[('2023A', '13.18 to 12.00'), ('2026C', '12.00 to 11.70')]
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from openrvu import holdings, units
from openrvu.codes.coverage import leads
from openrvu.codes.families import plain_words
from openrvu.errors import NotHeld, UnknownPlace
from openrvu.facts import Facts
from openrvu.places import find_place
from openrvu.pricing import Priced, price, read_code, read_date
from openrvu.releases import Release


@dataclass(frozen=True)
class Year:
    """One release. RVUs x 10^4. work_change: old to new, as text, against the release before that has the code.

    amount_change_cents: the amount less that of the release before that has one; None where either is missing.
    """

    release: str
    starts: date
    ends: date
    status: str
    status_words: str
    letter: str
    work_rvu: int | None
    pe_rvu: int | None
    mp_rvu: int | None
    total_rvu: int | None
    conversion_factor: str
    amount_cents: int | None
    amount_change_cents: int | None
    work_change: str
    source: str


@dataclass(frozen=True)
class Gap:
    """Dates between two held releases that no held release covers."""

    starts: date
    ends: date


@dataclass(frozen=True)
class History:
    """The rows, oldest first, and the gaps: dates for which nothing is held. leads: what must be said first."""

    code: str
    words: str
    place: str
    setting: str
    rows: tuple[Year, ...]
    gaps: tuple[Gap, ...]
    leads: tuple[str, ...] = ()


def gaps(held: tuple[Release, ...]) -> tuple[Gap, ...]:
    """Spans of dates between the first and the last release that none covers."""
    day = timedelta(days=1)
    return tuple(Gap(a.ends + day, b.starts - day) for a, b in pairwise(held) if b.starts - a.ends > day)


def _year(release: Release, priced: Priced | None, why: str, before: int | None, paid: int | None) -> Year:
    record = priced.record if priced else None
    if priced is None or record is None:
        status, words = (priced.status, priced.words) if priced else ("not-held", why)
        return Year(release.id, release.starts, release.ends, status, words, "", *(None,) * 4, "", None, None, "", "")
    pe = record.pe_facility_rvu if priced.line.setting == "facility" else record.pe_nonfacility_rvu
    moved = before is not None and before != record.work_rvu
    old = units.text(before or 0, units.RVU, 2)
    return Year(
        release=release.id,
        starts=release.starts,
        ends=release.ends,
        status=priced.status,
        status_words=priced.words,
        letter=record.status,
        work_rvu=record.work_rvu,
        pe_rvu=pe,
        mp_rvu=record.mp_rvu,
        total_rvu=record.work_rvu + pe + record.mp_rvu,
        conversion_factor=units.text(priced.conversion_factor.value, units.CONVERSION_FACTOR),
        amount_cents=priced.amount_cents,
        amount_change_cents=None if paid is None or priced.amount_cents is None else priced.amount_cents - paid,
        work_change=f"{old} to {units.text(record.work_rvu, units.RVU, 2)}" if moved else "",
        source=record.source,
    )


def history(
    code: str,
    *,
    place: str = "national",
    setting: str = "facility",
    qualifying_apm: bool = False,
    on: str | date | None = None,
    facts: Facts | None = None,
) -> History:
    """A code in every release held, priced at one place and in one setting. on: leave out what began after this date.

    Raises UnknownCode for a code in no release held, UnknownPlace as `price` does, NotHeld for a date before them all.
    """
    held, wanted = (facts or holdings.current()).until(read_date(on)), read_code(code)
    held.require(wanted)
    where = find_place(place, held.newest().id, held)
    rows: list[Year] = []
    before = paid = None
    for release in held.releases:
        priced, why = None, ""
        try:
            priced = price(
                wanted,
                on=release.starts,
                place=where.id,
                setting=setting,
                qualifying_apm=qualifying_apm,
                facts=held,
            )
        except (NotHeld, UnknownPlace) as fault:  # a locality may be younger than the release
            why = str(fault)
        row = _year(release, priced, why, before, paid)
        rows.append(row)
        before = row.work_rvu if row.work_rvu is not None else before
        paid = row.amount_cents if row.amount_cents is not None else paid
    return History(
        wanted,
        plain_words(wanted),
        where.id,
        setting,
        tuple(rows),
        gaps(held.releases),
        leads([wanted], held.newest().ends),
    )
