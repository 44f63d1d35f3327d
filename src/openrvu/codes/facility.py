"""What the building is paid beside the physician: ambulatory surgical centre and hospital outpatient, where held.

National rates, before wage index. One comprehensive hospital payment covers the whole visit; rates are never added.

>>> [(f.system, f.year, f.amount_cents, f.patient_cents) for f in latest("62380")]
[('ASC', 2026, 369553, 73911), ('OPPS', 2025, 714373, 142875)]
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache

from openrvu import params, units
from openrvu.errors import NotHeld
from openrvu.files import facts_folder, read_csv

SYSTEMS = ("ASC", "OPPS")


@dataclass(frozen=True)
class FacilityRate:
    """A national facility rate of one year, in cents; amount None: nothing is paid for the code on its own.

    patient_cents: the patient's share, 20 % in a surgical centre; in a hospital the printed minimum copayment, at most
    the inpatient deductible. capped: whether that limit applied.
    """

    code: str
    year: int
    system: str
    indicator: str
    apc: str
    amount_cents: int | None
    patient_cents: int | None
    capped: bool
    note: str
    sources: tuple[str, ...]


def _asc_share(amount: int, year: int) -> int:
    return units.percent_of(amount, params.at("coinsurance", date(year, 1, 1)).value)


def _rate(row: dict[str, str]) -> FacilityRate:
    year = int(row["year"])
    amount = units.parse(row["amount"], units.CENTS) if row["amount"] else None
    patient, capped, used = None, False, [row["source"]]
    if amount is not None and row["system"] == "ASC":
        patient = _asc_share(amount, year)
        used.append(params.at("coinsurance", date(year, 1, 1)).source)
    elif row["minimum_copayment"]:
        patient = units.parse(row["minimum_copayment"], units.CENTS)
        try:
            limit = params.at("inpatient_deductible", date(year, 1, 1))
        except NotHeld:
            limit = None
        if limit is not None and patient > limit.value:
            patient, capped = limit.value, True
            used.append(limit.source)
    return FacilityRate(
        row["code"],
        year,
        row["system"],
        row["indicator"],
        row["apc"],
        amount,
        patient,
        capped,
        row["note"],
        tuple(used),
    )


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
