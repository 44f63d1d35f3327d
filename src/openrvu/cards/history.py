"""A code through the releases held: RVUs, status, conversion factor, national amount, and what changed.

>>> rows = history("63030").rows
>>> [(row.release, row.work_change) for row in rows if row.work_change]
[('2023A', '13.18 to 12.00'), ('2026C', '12.00 to 11.70')]
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise

from openrvu import holdings, units
from openrvu.cards.changes import Cause, Change, causes, shares
from openrvu.cards.changes import change as change_of
from openrvu.cards.prices import Index, base_of, consumer_prices
from openrvu.codes.coverage import leads
from openrvu.codes.families import plain_words
from openrvu.errors import BadInput, NotHeld, UnknownPlace
from openrvu.facts import Facts
from openrvu.places import find_place
from openrvu.pricing import Line, Priced, price, read_code, read_date
from openrvu.releases import Release


@dataclass(frozen=True)
class Year:
    """One release. RVUs x 10^4. work_change: old to new, as text, against the release before that has the code.

    amount_change_cents: the amount less that of the release before that has one; None where either is missing.
    work_cents, pe_cents, mp_cents: the amount by component, adding up to it. real_cents: the amount in the prices of
    the index's base year; None where the year has no index. causes: what moved since the last release with an amount.
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
    work_cents: int | None = None
    pe_cents: int | None = None
    mp_cents: int | None = None
    real_cents: int | None = None
    causes: tuple[Cause, ...] = ()


@dataclass(frozen=True)
class Real:
    """The price index of the real amounts. base: the year of their prices. unsettled: years of values from memory."""

    name: str
    base: int
    first: int
    last: int
    unsettled: tuple[int, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Gap:
    """Dates between two held releases that no held release covers."""

    starts: date
    ends: date


@dataclass(frozen=True)
class History:
    """The rows, oldest first, and the gaps: dates for which nothing is held. leads: what must be said first.

    index: of the real amounts. change: what moved the amount between two dates, where they were asked for.
    """

    code: str
    words: str
    place: str
    setting: str
    rows: tuple[Year, ...]
    gaps: tuple[Gap, ...]
    leads: tuple[str, ...] = ()
    index: Real | None = None
    change: Change | None = None


def gaps(held: tuple[Release, ...]) -> tuple[Gap, ...]:
    """Spans of dates between the first and the last release that none covers."""
    day = timedelta(days=1)
    return tuple(Gap(a.ends + day, b.starts - day) for a, b in pairwise(held) if b.starts - a.ends > day)


def _with_money(row: Year, priced: Priced, last: Priced | None, index: Index, base: int) -> Year:
    """A row with its amount by component and in real prices, and what moved it."""
    if priced.amount_cents is None:
        return row
    work, pe, mp = shares(priced)
    return replace(
        row,
        work_cents=work,
        pe_cents=pe,
        mp_cents=mp,
        real_cents=index.real(priced.amount_cents, row.starts.year, base),
        causes=causes(last, priced) if last else (),
    )


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


def _rows(line: Line, held: Facts, index: Index, base: int) -> tuple[Year, ...]:
    """A line priced on the first day of every release held, oldest first."""
    rows: list[Year] = []
    before = paid = None
    last: Priced | None = None
    for release in held.releases:
        priced, why = None, ""
        try:
            priced = price(
                line.code,
                on=release.starts,
                place=line.place,
                setting=line.setting,
                qualifying_apm=line.qualifying_apm,
                facts=held,
            )
        except (NotHeld, UnknownPlace) as fault:  # a locality may be younger than the release
            why = str(fault)
        row = _year(release, priced, why, before, paid)
        if priced:
            row = _with_money(row, priced, last, index, base)
            last = priced if priced.amount_cents is not None else last
        rows.append(row)
        before = row.work_rvu if row.work_rvu is not None else before
        paid = row.amount_cents if row.amount_cents is not None else paid
    return tuple(rows)


def history(
    code: str,
    *,
    place: str = "national",
    setting: str = "facility",
    qualifying_apm: bool = False,
    on: str | date | None = None,
    start: str | date | None = None,
    end: str | date | None = None,
    index: Index | None = None,
    base: int | None = None,
    facts: Facts | None = None,
) -> History:
    """A code in every release held, priced at one place and in one setting. on: leave out what began after this date.

    start, end: two dates of service, given together, for what moved the amount between them; errors as in
    `cards.changes.change`. index: prices by year for the real amounts (default: the embedded CPI-U). base: the year of
    their prices (default: the newest of the index). Raises UnknownCode for a code in no release held, UnknownPlace as
    `price` does, NotHeld for a date before them all, BadInput for a base that the index has not.
    """
    if (start is None) != (end is None):
        raise BadInput("one date of two", fix="Give the earlier and the later date together")
    prices = index or consumer_prices()
    year = base_of(prices, base)
    held, wanted = (facts or holdings.current()).until(read_date(on)), read_code(code)
    held.require(wanted)
    where = find_place(place, held.newest().id, held)
    moved = None
    if start is not None and end is not None:
        chosen = {"place": place, "setting": setting, "facts": held}
        moved = change_of(wanted, start, end, qualifying_apm=qualifying_apm, **chosen)  # type: ignore[arg-type]
    return History(
        wanted,
        plain_words(wanted),
        where.id,
        setting,
        _rows(Line(wanted, "", None, where.id, setting, qualifying_apm), held, prices, year),
        gaps(held.releases),
        leads([wanted], held.newest().ends),
        Real(prices.name, year, min(prices.values), prices.newest, prices.unsettled, prices.sources),
        moved,
    )
