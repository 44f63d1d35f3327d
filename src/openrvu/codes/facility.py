"""What the building is paid beside the physician: ambulatory surgical centre and hospital outpatient, where held.

National rates, before wage index. One comprehensive hospital payment covers the whole visit; rates are never added.

>>> [(f.system, f.year, f.amount_cents, f.patient_cents) for f in latest("62380")]
[('ASC', 2026, 369553, 73911), ('OPPS', 2025, 714373, 142875)]
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import cache

from openrvu import params, units
from openrvu.errors import NotHeld
from openrvu.files import facts_folder, read_csv

SYSTEMS = ("ASC", "OPPS")


@dataclass(frozen=True)
class FacilityRate:
    """A national facility rate of one year, in cents. amount None: nothing is paid for the code on its own.

    found False: no rate is held, amount is None and the note says "not found".
    patient_cents: the patient's share, 20 % in a surgical centre; in a hospital the minimum copayment, at most the
    inpatient deductible. capped: whether that limit applied. minimum_copayment_cents, printed_cap_cents: as CMS printed
    them, before any limit. settled False: the limit is from memory, to be confirmed.
    """

    code: str
    year: int
    system: str
    indicator: str = ""
    apc: str = ""
    amount_cents: int | None = None
    patient_cents: int | None = None
    minimum_copayment_cents: int | None = None
    printed_cap_cents: int | None = None
    capped: bool = False
    settled: bool = True
    found: bool = True
    note: str = ""
    sources: tuple[str, ...] = ()


def _cents(text: str) -> int | None:
    return units.parse(text, units.CENTS) if text else None


def hospital_share(rate: FacilityRate) -> FacilityRate:
    """The printed copayment, limited by the deductible of the claim's own year; the printed limit is a year older."""
    printed = rate.minimum_copayment_cents
    try:
        own = params.at("inpatient_deductible", date(rate.year, 1, 1))
    except NotHeld:
        return replace(rate, patient_cents=printed, settled=False)
    if printed is None or printed <= own.value:
        return replace(rate, patient_cents=printed)
    words = f"copayment {units.dollars(printed)} limited to the inpatient deductible of {rate.year}, "
    words += units.dollars(own.value) + ("" if own.settled else " (to be confirmed)")
    if rate.printed_cap_cents is not None and rate.printed_cap_cents != own.value:
        words += f"; the addendum prints the limit as {units.dollars(rate.printed_cap_cents)}"
    return replace(
        rate,
        patient_cents=own.value,
        capped=True,
        settled=own.settled,
        note=f"{rate.note}; {words}",
        sources=(*rate.sources, own.source),
    )


def _rate(row: dict[str, str]) -> FacilityRate:
    rate = FacilityRate(
        code=row["code"],
        year=int(row["year"]),
        system=row["system"],
        indicator=row["indicator"],
        apc=row["apc"],
        amount_cents=_cents(row["amount"]),
        minimum_copayment_cents=_cents(row["minimum_copayment"]),
        printed_cap_cents=_cents(row["printed_cap"]),
        note=row["note"],
        sources=(row["source"],),
    )
    if rate.amount_cents is None:
        return rate
    if rate.system == "OPPS":
        return hospital_share(rate)
    share = params.at("coinsurance", date(rate.year, 1, 1))
    patient = units.percent_of(rate.amount_cents, share.value)
    return replace(rate, patient_cents=patient, sources=(*rate.sources, share.source))


@cache
def rates() -> tuple[FacilityRate, ...]:
    """Every facility rate held, by code and year."""
    return tuple(_rate(row) for row in read_csv(facts_folder() / "facility" / "rates.csv"))


def facility_rates(code: str) -> tuple[FacilityRate, ...]:
    """The rates held of a code, oldest first; empty where none was found."""
    return tuple(rate for rate in rates() if rate.code == code)


def latest(code: str) -> tuple[FacilityRate, ...]:
    """The newest rate of each system, surgical centre first. A system that is missing was not found."""
    newest = {rate.system: rate for rate in facility_rates(code)}
    return tuple(newest[system] for system in SYSTEMS if system in newest)


def facility_amounts(code: str, on: date) -> tuple[FacilityRate, ...]:
    """One rate a system for a date, surgical centre first: the newest held that is not of a later year.

    An older year keeps its own year and says what is not held; a system of which nothing is held says "not found".

    >>> [(f.system, f.year, f.note) for f in facility_amounts("62330", date(2026, 7, 1))]
    [('ASC', 2026, 'device-intensive'), ('OPPS', 2026, 'not found')]
    """
    return tuple(_amount(code, system, on.year) for system in SYSTEMS)


def newest_amounts(code: str) -> tuple[FacilityRate, ...]:
    """One rate a system, surgical centre first, each of the newest year held; a system with none says "not found"."""
    return facility_amounts(code, date(max(rate.year for rate in rates()), 12, 31))


def _amount(code: str, system: str, year: int) -> FacilityRate:
    held = [rate for rate in facility_rates(code) if rate.system == system and rate.year <= year]
    if not held:
        return FacilityRate(code, year, system, found=False, note="not found")
    newest = held[-1]
    if newest.year == year:
        return newest
    stale = f"as of {newest.year}; {year} is not held"
    return replace(newest, note="; ".join(filter(None, (newest.note, stale))))
