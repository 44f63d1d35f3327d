"""What is held of facility rates on a date: the user's addenda, else the embedded rows of the family.

Embedded rows prove nothing of codes outside the family; a loaded addendum is whole. Nothing goes from one year to the
next: a table serves the dates of its own year from its first day on.

>>> hospital_code("63047", date(2025, 7, 1)).rate, hospital_code("63047", date(2026, 7, 1))
(7143730, None)
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from openrvu import params, units
from openrvu.codes.facility import FacilityRate, facility_amounts, facility_rates, hospital_share, rates
from openrvu.facility.indicators import indicators
from openrvu.files import facts_folder, read_csv
from openrvu.tables import delimited, store
from openrvu.tables.store import Entry

TENTHS = delimited.MILLS // units.CENTS


@dataclass(frozen=True)
class HospitalCode:
    """A code's row of Addendum B. rate, copayment, minimum: tenths of a cent, or None where none is printed.

    copayment: the national unadjusted one, else the minimum, to which a hospital may lower it.

    span: the year or quarter of the table. printed_cap_cents: the copayment limit as printed, a year older than the
    claim's. adjusted_copayment: of a drug whose price outran inflation. whole: from a loaded addendum.
    """

    code: str
    span: str
    indicator: str
    apc: str
    rate: int | None
    copayment: int | None
    minimum: int | None
    adjusted_copayment: int | None
    printed_cap_cents: int | None
    whole: bool
    source: str

    @property
    def rate_cents(self) -> int | None:
        """The national rate in cents."""
        return None if self.rate is None else units.half_up(self.rate, TENTHS)


@dataclass(frozen=True)
class CentreCode:
    """A code's row of ASC Addendum AA or BB. discounted: Y, N, or empty where that is not held."""

    code: str
    span: str
    indicator: str
    rate_cents: int | None
    discounted: str
    whole: bool
    source: str


def entry_on(kind: str, on: date) -> Entry | None:
    """The loaded table of a kind for a date: the newest of the date's year that has begun; None where there is none."""
    folder = store.home()
    held = [
        entry
        for entry in _entries(folder, store.manifest_text(folder))
        if entry.kind == kind and entry.release[:4] == str(on.year) and delimited.starts(entry.release) <= on
    ]
    return max(held, key=lambda entry: entry.release, default=None)


@lru_cache(maxsize=4)
def _entries(folder: Path, manifest: str) -> tuple[Entry, ...]:
    return store.parse(manifest, folder)


def row_of(entry: Entry, columns: str, code: str) -> tuple[object, ...] | None:
    """The row of a code in a loaded table; None where the table has none."""
    sql = f"SELECT {columns} FROM read_parquet(?) WHERE hcpcs = ?"  # noqa: S608 (our own names)
    found = store.query(sql, [str(store.home() / f"{entry.file}"), code])
    return found[0] if found else None


def hospital_table(on: date) -> tuple[str, bool]:
    """The span of what is held of Addendum B on a date, and whether it is whole; an empty span where nothing is."""
    if entry := entry_on("opps-b", on):
        return entry.release, True
    embedded = any(rate.year == on.year for rate in _rows("OPPS"))
    return (str(on.year) if embedded else ""), False


def centre_table(on: date) -> tuple[str, bool]:
    """The span of what is held of Addendum AA on a date, and whether it is whole; an empty span where nothing is."""
    if entry := entry_on("asc-aa", on):
        return entry.release, True
    embedded = any(rate.year == on.year for rate in _rows("ASC"))
    return (str(on.year) if embedded else ""), False


def _rows(system: str) -> list[FacilityRate]:
    return [rate for rate in rates() if rate.system == system]


def _embedded(code: str, system: str, on: date) -> FacilityRate | None:
    return next((r for r in facility_rates(code) if r.system == system and r.year == on.year), None)


def _tenths(cents: int | None) -> int | None:
    return None if cents is None else cents * TENTHS


def hospital_code(code: str, on: date) -> HospitalCode | None:
    """The row of a code in Addendum B on a date; None where what is held has none."""
    if entry := entry_on("opps-b", on):
        columns = "indicator, apc, rate, minimum_copayment, national_copayment, adjusted_copayment, note"
        row = row_of(entry, columns, code)
        return _loaded(code, entry, row) if row else None
    known = _embedded(code, "OPPS", on)
    if known is None:
        return None
    return HospitalCode(
        code=code,
        span=str(known.year),
        indicator=known.indicator,
        apc=known.apc,
        rate=_tenths(known.amount_cents),
        copayment=_tenths(known.minimum_copayment_cents),
        minimum=_tenths(known.minimum_copayment_cents),
        adjusted_copayment=None,
        printed_cap_cents=known.printed_cap_cents,
        whole=False,
        source=known.sources[0],
    )


def _loaded(code: str, entry: Entry, row: tuple[object, ...]) -> HospitalCode:
    indicator, apc, rate, minimum, national, adjusted, note = row
    numbers = [value if isinstance(value, int) else None for value in (rate, minimum, national, adjusted)]
    rate_, minimum_, national_, adjusted_ = numbers
    capped = "capped" in str(note).lower() and adjusted_ is not None
    return HospitalCode(
        code=code,
        span=entry.release,
        indicator=str(indicator),
        apc=str(apc),
        rate=rate_,
        copayment=minimum_ if national_ is None else national_,
        minimum=minimum_,
        adjusted_copayment=None if capped else adjusted_,
        printed_cap_cents=adjusted_ // TENTHS if capped and adjusted_ is not None else None,
        whole=True,
        source=entry.source,
    )


def centre_code(code: str, on: date) -> CentreCode | None:
    """The row of a code in Addendum AA, else BB, on a date; None where what is held has none."""
    for kind in ("asc-aa", "asc-bb"):
        entry = entry_on(kind, on)
        row = row_of(entry, "indicator, rate, discounted", code) if entry else None
        if entry and row:
            indicator, rate, discounted = row
            cents = units.half_up(rate, TENTHS) if isinstance(rate, int) else None
            flag = str(discounted) or ("N" if kind == "asc-bb" else "")
            return CentreCode(code, entry.release, str(indicator), cents, flag, True, entry.source)
    if entry_on("asc-aa", on):
        return None
    known = _embedded(code, "ASC", on)
    if known is None:
        return None
    return CentreCode(code, str(known.year), known.indicator, known.amount_cents, "", False, known.sources[0])


def device_offset(code: str, on: date) -> tuple[int | None, str]:
    """The device offset of a code in a hospital, in cents, and its source; 0 where the code has none.

    None where what is held cannot tell: Addendum P is not loaded and the code is not of the family.
    """
    if entry := entry_on("opps-p", on):
        found = row_of(entry, "offset_amount", code)
        return (int(str(found[0])) // TENTHS if found and found[0] is not None else 0), entry.source
    rows = read_csv(facts_folder() / "facility" / "device_offsets.csv")
    for row in rows:
        if (row["code"], row["year"]) == (code, str(on.year)):
            return units.parse(row["offset"], units.CENTS), row["source"]
    if rows and rows[0]["year"] == str(on.year) and _embedded(code, "OPPS", on):
        return 0, rows[0]["source"]
    return None, ""


def rates_on(code: str, on: date) -> tuple[FacilityRate, ...]:
    """One rate a system for a date, surgical centre first, a loaded addendum before the embedded rows. See
    codes.facility.facility_amounts for what is said of years that are not held.

    >>> [(rate.system, rate.year, rate.amount_cents) for rate in rates_on("63047", date(2025, 7, 1))]
    [('ASC', 2025, 351084), ('OPPS', 2025, 714373)]
    """
    centre, hospital = facility_amounts(code, on)
    if entry_on("opps-b", on) and (row := hospital_code(code, on)):
        hospital = _of_hospital(row, on)
    if entry_on("asc-aa", on) and (place := centre_code(code, on)):
        centre = _of_centre(place, on)
    return centre, hospital


def _of_hospital(row: HospitalCode, on: date) -> FacilityRate:
    letter = indicators().get(row.indicator)
    pays = letter is not None and letter.way not in ("inpatient", "not", "packaged", "elsewhere", "cost")
    return hospital_share(
        FacilityRate(
            code=row.code,
            year=on.year,
            system="OPPS",
            indicator=row.indicator,
            apc=row.apc,
            amount_cents=row.rate_cents if pays else None,
            minimum_copayment_cents=row.copayment // TENTHS if pays and row.copayment is not None else None,
            printed_cap_cents=row.printed_cap_cents,
            note=letter.words if letter else "",
            sources=(row.source,),
        )
    )


def _of_centre(row: CentreCode, on: date) -> FacilityRate:
    share = params.at("coinsurance", on)
    patient = None if row.rate_cents is None else units.percent_of(row.rate_cents, share.value)
    note = {"N1": "packaged: nothing is paid for it on its own", "J8": "device-intensive"}.get(row.indicator, "")
    return FacilityRate(
        code=row.code,
        year=on.year,
        system="ASC",
        indicator=row.indicator,
        amount_cents=row.rate_cents,
        patient_cents=patient,
        note=note,
        sources=(row.source, share.source),
    )
