"""The contract of each table: columns, types, scales, largest values, keys, meaning.

`Record` is one row of a relative value file, `Locality` one row of the geographic table. Amounts are scaled whole
numbers (units.py). None means that the file at hand does not have the figure; it is never replaced by zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from openrvu import units


@dataclass(frozen=True)
class Column:
    """One column of a table. scale 0: text. maximum: largest scaled value a row may hold."""

    name: str
    meaning: str
    scale: int = 0
    maximum: int = 0
    key: bool = False


# Largest values: above any figure in the files of 2019-2026 (work 108.91, PE 427.61, MP 33.35 RVUs, GPCI 2.702,
# conversion factor 36.0896), low enough that every fee numerator stays below 2^53: 710 RVUs x 3 x 42 are 0.993 of it.
MAX_WORK_RVU = 150 * units.RVU
MAX_PE_RVU = 500 * units.RVU
MAX_MP_RVU = 60 * units.RVU
MAX_TOTAL_RVU = MAX_WORK_RVU + MAX_PE_RVU + MAX_MP_RVU
MAX_GPCI = 3 * units.GPCI
MAX_CONVERSION_FACTOR = 42 * units.CONVERSION_FACTOR


def _rvu(name: str, meaning: str, maximum: int) -> Column:
    return Column(name, meaning, units.RVU, maximum)


RELATIVE_VALUES: tuple[Column, ...] = (
    Column("hcpcs", "CPT or HCPCS Level II code, five characters", key=True),
    Column("modifier", "empty (global), 26 (professional), TC (technical) or 53 (stopped)", key=True),
    Column("status", "status code letter; empty where the file at hand has none"),
    _rvu("work_rvu", "physician work", MAX_WORK_RVU),
    _rvu("pe_nonfacility_rvu", "practice expense outside a facility", MAX_PE_RVU),
    _rvu("pe_facility_rvu", "practice expense in a facility", MAX_PE_RVU),
    _rvu("mp_rvu", "malpractice", MAX_MP_RVU),
    Column("na_nonfacility", "NA: rarely or never done outside a facility"),
    Column("na_facility", "NA: rarely or never done in a facility"),
    _rvu("total_nonfacility_rvu", "work + non-facility PE + MP, as printed", MAX_TOTAL_RVU),
    _rvu("total_facility_rvu", "work + facility PE + MP, as printed", MAX_TOTAL_RVU),
    Column("pctc", "professional/technical component indicator"),
    Column("global_days", "global period: 000, 010, 090, MMM, XXX, YYY, ZZZ"),
    Column("preoperative", "preoperative share of the global package", units.PERCENT, units.PERCENT),
    Column("intraoperative", "intraoperative share of the global package", units.PERCENT, units.PERCENT),
    Column("postoperative", "postoperative share of the global package", units.PERCENT, units.PERCENT),
    Column("multiple", "multiple-procedure indicator (modifier 51)"),
    Column("bilateral", "bilateral indicator (modifier 50)"),
    Column("assistant", "assistant-at-surgery indicator (80, 81, 82, AS)"),
    Column("cosurgeon", "co-surgeon indicator (62)"),
    Column("team", "team-surgery indicator (66)"),
    Column("pricing_indicator", "layout of 32 columns only: 1 or 9"),
    Column("endoscopic_base", "base code of an endoscopy family"),
    Column("supervision", "physician supervision of diagnostic procedures"),
    Column("calculation_flag", "calculation flag"),
    Column("imaging_family", "diagnostic imaging family: 88, 99 or older families"),
    _rvu("opps_pe_nonfacility_rvu", "non-facility PE that gives the OPPS cap amount", MAX_PE_RVU),
    _rvu("opps_pe_facility_rvu", "facility PE that gives the OPPS cap amount", MAX_PE_RVU),
    _rvu("opps_mp_rvu", "MP that gives the OPPS cap amount", MAX_MP_RVU),
    Column("not_used", "+ where Medicare does not use the row's RVUs for payment"),
)


@dataclass(frozen=True, slots=True)
class Record:
    """One row of a relative value file. RVUs and shares x 10^4; indicators as printed; see RELATIVE_VALUES."""

    hcpcs: str
    modifier: str
    status: str
    work_rvu: int
    pe_nonfacility_rvu: int
    pe_facility_rvu: int
    mp_rvu: int
    na_nonfacility: str
    na_facility: str
    total_nonfacility_rvu: int | None
    total_facility_rvu: int | None
    pctc: str
    global_days: str
    preoperative: int | None
    intraoperative: int | None
    postoperative: int | None
    multiple: str
    bilateral: str
    assistant: str
    cosurgeon: str
    team: str
    pricing_indicator: str
    endoscopic_base: str
    supervision: str
    calculation_flag: str
    imaging_family: str
    opps_pe_nonfacility_rvu: int | None
    opps_pe_facility_rvu: int | None
    opps_mp_rvu: int | None
    not_used: str
    source: str

    @property
    def zero(self) -> bool:
        """Whether the row carries no RVUs at all."""
        return not (self.work_rvu or self.pe_nonfacility_rvu or self.pe_facility_rvu or self.mp_rvu)


def record_from_text(row: dict[str, str]) -> Record:
    """One row of text, named as in RELATIVE_VALUES plus `source`, as a Record.

    Raises ValueError naming the column for a cell that is no number or above the column's maximum.
    """
    cells: dict[str, str | int | None] = {"source": row["source"]}
    for column in RELATIVE_VALUES:
        cell = row[column.name].strip()
        if not column.scale:
            cells[column.name] = cell
            continue
        if not cell:
            cells[column.name] = None
            continue
        try:
            value = units.parse(cell, column.scale)
        except ValueError as fault:
            raise ValueError(f"column {column.name}: {fault}") from None
        if not 0 <= value <= column.maximum:
            raise ValueError(f"column {column.name}: {cell} is outside 0 to {column.maximum // column.scale}")
        cells[column.name] = value
    return Record(**cells)  # type: ignore[arg-type]  # the loop above gives each field its declared type


@dataclass(frozen=True, slots=True)
class Locality:
    """One Medicare payment locality on a release: GPCIs x 10^3. The key is the pair of MAC and locality number."""

    mac: str
    number: str
    name: str
    state: str
    work_gpci: int
    pe_gpci: int
    mp_gpci: int
    counties: str
    source: str

    @property
    def id(self) -> str:
        """MAC and locality number, as in 15202-00; `national` for the national amount."""
        return f"{self.mac}-{self.number}" if self.mac else "national"


NATIONAL = Locality("", "", "National (all GPCIs 1.000)", "", units.GPCI, units.GPCI, units.GPCI, "", "rvu25d-layout")


@dataclass(frozen=True, slots=True)
class AnesthesiaFactor:
    """Dollars an anesthesia unit x 10^4 at a locality, as CMS prints it (two decimals). track: all, nonQP or QP.

    national: the national factor that the table's heading prints, as text; empty where it prints none. release: of the
    table.
    """

    locality: str
    track: str
    value: int
    national: str
    release: str
    source: str


@dataclass(frozen=True, slots=True)
class BaseUnits:
    """Anesthesia base units of a code. year: of CMS's table, which is published anew only when it changes."""

    hcpcs: str
    units: int
    year: int
    source: str


@dataclass(frozen=True, slots=True)
class ZipArea:
    """A ZIP code and a locality that it lies in. quarter: the quarter of the table, as in 2025D.

    state: as CMS has it (EM, WM, EK and WK are parts of Missouri and Kansas). rural: empty, R, or B for super rural.
    split: the last four digits of the ZIP code decide, and this locality is not the only one.
    """

    zip: str
    state: str
    mac: str
    number: str
    rural: str
    split: bool
    quarter: str
    source: str

    @property
    def locality(self) -> str:
        """The id of the locality, as in 15202-00."""
        return f"{self.mac}-{self.number}"


@dataclass(frozen=True, slots=True)
class ConversionFactor:
    """Dollars per RVU x 10^4, for a span of dates and a track: all, nonQP (no qualifying APM participant) or QP."""

    starts: date
    ends: date | None
    track: str
    value: int
    source: str
