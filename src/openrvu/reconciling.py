"""Price every record of a payment or OPPS-cap file of CMS with its own release and compare, to the cent.

A fee is compared in each setting. The OPPS cap of a record is compared as one: it agrees when both its settings do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from openrvu import units
from openrvu.errors import BadFile, NotHeld
from openrvu.facts import Facts
from openrvu.files import facts_folder, read_csv
from openrvu.holdings import current
from openrvu.releases import Release
from openrvu.rules.fee import fee_cents
from openrvu.schemas import Locality, Record
from openrvu.tables import oppscap, payment, recognise
from openrvu.tables.archive import contents
from openrvu.tables.text import Text

NOT_COMPARABLE = {
    "no-rvu": "the release as held has no row for the code and modifier: load CMS's whole file",
    "no-rvu-value": "the row of the release has no RVUs, and the published amount is not made of any",
    "locality-not-in-gpci": "the carrier and locality are in no GPCI table of the release",
}


# Kinds of file that hold amounts to compare.
COMPARED = ("payment", "oppscap")


@dataclass(frozen=True)
class Difference:
    """An amount that is not the one CMS publishes. amount: nonfacility, facility, and the same with cap-. In cents."""

    mac: str
    locality: str
    code: str
    modifier: str
    amount: str
    published_cents: int
    computed_cents: int


@dataclass(frozen=True)
class Reconciliation:
    """The outcome for one file.

    compared, matched: fee amounts, two a record. caps_compared, caps_matched: records with an OPPS cap. not_comparable:
    records by reason (NOT_COMPARABLE). release: the one used; why: how it was found. track: conversion factor used,
    all, nonQP or QP. notes: what is worth knowing about the file.
    """

    file: str
    sha256: str
    release: str
    why: str
    track: str
    conversion_factor: str
    records: int
    compared: int
    matched: int
    caps_compared: int
    caps_matched: int
    differences: tuple[Difference, ...]
    not_comparable: Mapping[str, int]
    notes: tuple[str, ...]


def reconcile(path: str | Path, facts: Facts | None = None, release: str | None = None) -> Reconciliation:
    """Compare a payment file (PFALL, PFREV, per carrier, or an extract with a heading) with our own amounts.

    facts: what is held (default: holdings.current()). release: id of the release to price with; default the one that
    the file's name tells where it is held whole, else the newest whole release of the file's year. Where a year has
    two conversion factors the one that more amounts agree with is taken, and named in the outcome.
    Raises BadFile for a file that is none, NotHeld where no release of its year is held.
    """
    facts = facts or current()
    item, names, kind = _payment_text(Path(path))
    table = oppscap.read(item) if kind == "oppscap" else payment.read(item)
    used, why = _release(facts, _year(table.rows, item.name, names, release), names, release)
    tracks = {facts.conversion_factor(used.starts, qualifying) for qualifying in (False, True)}
    outcomes = [_compare(table.rows, facts, used, factor.value) for factor in tracks]
    done, factor = max(zip(outcomes, tracks, strict=True), key=lambda pair: (pair[0].matched, pair[1].track == "nonQP"))
    return Reconciliation(
        file=item.name,
        sha256=item.sha256,
        release=used.id,
        why=why,
        track=factor.track,
        conversion_factor=units.text(factor.value, units.CONVERSION_FACTOR),
        records=len(table.rows),
        compared=done.compared,
        matched=done.matched,
        caps_compared=done.caps_compared,
        caps_matched=done.caps_matched,
        differences=tuple(done.differences),
        not_comparable=dict(sorted(done.reasons.items())),
        notes=table.notes,
    )


def _year(rows: list[dict[str, str]], name: str, names: tuple[str, ...], asked: str | None) -> str:
    """The year of a file: its records say it, or else the release that was asked for or that a name tells."""
    years = {row["year"] for row in rows if "year" in row}
    if len(years) > 1:
        raise BadFile(f"the file mixes the years {', '.join(sorted(years))}", where=name, fix="Split it by year")
    told = (
        [recognise.release_named(asked).id] if asked else [said for one in names if (said := recognise.name_says(one))]
    )
    if not years and not told:
        raise BadFile(
            "neither the records nor the name tell which release the file is of",
            where=name,
            fix="Say it: `--release 2025C`",
        )
    return years.pop() if years else told[0][:4]


def _payment_text(path: Path) -> tuple[Text, tuple[str, ...], str]:
    """The one payment or OPPS-cap file in what was brought, the names that may tell its release, and its kind."""
    found = list(contents(path, (".txt", ".csv", ".csv.gz")))
    kept = [item for item in found if item.alone or _is_payment(item.text)]
    if len(kept) != 1:
        has = ", ".join(item.text.name for item in found)
        what = f"{len(kept)} payment files are in the zip, and one is compared at a time"
        raise BadFile(what, where=path.name, exists=f"It has {has}", fix="Unpack it and name one file")
    kind = recognise.kind(kept[0].text)
    if kind not in COMPARED:
        raise BadFile(
            f"the file holds {recognise.KINDS[kind]} and no amounts",
            where=path.name,
            fix="Compare a PFALL, PFREV or OPPSCAP file; relative values are loaded: `openrvu load FILE`",
        )
    return kept[0].text, kept[0].names, kind


def _is_payment(text: Text) -> bool:
    try:
        return recognise.kind(text) in COMPARED
    except BadFile:
        return False


@cache
def _aliases() -> Mapping[str, str]:
    """Localities under a carrier that no GPCI file has, and the one that each stands for, cited in the file."""
    rows = read_csv(facts_folder() / "locality_aliases.csv")
    return {f"{row['mac']}-{row['number']}": row["stands_for"] for row in rows}


def _release(facts: Facts, year: str, names: tuple[str, ...], asked: str | None) -> tuple[Release, str]:
    """The release to price with, and how it was found."""
    if asked:
        release = facts.release(asked)
        if str(release.starts.year) != year:
            what = f"the file is of {year} and release {release.id} is not"
            raise BadFile(what, where=names[0], fix=f"Name a release of {year}")
        return release, "asked for"
    of_year = [release for release in facts.releases if str(release.starts.year) == year]
    if not of_year:
        raise NotHeld(
            f"no release of {year} is held",
            where=names[0],
            exists="Held: " + ", ".join(release.id for release in facts.releases),
            fix="Load its relative value file with `openrvu load FILE`",
        )
    whole = [release for release in of_year if facts.table(release.id).whole]
    told = {recognise.name_says(name) for name in names}
    if named := next((release for release in whole if release.id in told), None):
        return named, "named by the file, and held whole"
    if whole:
        return whole[-1], f"the newest release of {year} that is held whole"
    return of_year[-1], f"the newest release of {year}; none of that year is held whole"


class _Outcome:
    """Counts and differences of one pass over the records with one conversion factor."""

    def __init__(self) -> None:
        self.compared = self.matched = self.caps_compared = self.caps_matched = 0
        self.differences: list[Difference] = []
        self.reasons: Counter[str] = Counter()

    def fees(self, row: Mapping[str, str], computed: tuple[int, int]) -> None:
        """Compare the two fees of a record."""
        wrong = _differences(row, computed, "")
        self.compared += 2
        self.matched += 2 - len(wrong)
        self.differences += wrong

    def cap(self, row: Mapping[str, str], computed: tuple[int, int]) -> None:
        """Compare the cap of a record in both settings."""
        wrong = _differences(row, computed, "opps_")
        self.caps_compared += 1
        self.caps_matched += not wrong
        self.differences += wrong


def _differences(row: Mapping[str, str], computed: tuple[int, int], prefix: str) -> list[Difference]:
    found = []
    for setting, ours in zip(("nonfacility", "facility"), computed, strict=True):
        published = int(row[f"{prefix}{setting}_cents"])
        if published != ours:
            amount = f"cap-{setting}" if prefix else setting
            key = (row["mac"], row["locality"], row["hcpcs"], row["modifier"])
            found.append(Difference(*key, amount, published, ours))
    return found


def _compare(rows: list[dict[str, str]], facts: Facts, release: Release, factor: int) -> _Outcome:
    """One pass over the records of a file."""
    outcome = _Outcome()
    places = facts.localities(release.id)
    held: dict[str, dict[str, Record]] = {}
    for row in rows:
        code = row["hcpcs"]
        if code not in held:
            held[code] = {record.modifier: record for record in facts.records(code, release.id)}
        key = f"{row['mac']}-{row['locality']}"
        place, record = places.get(key) or places.get(_aliases().get(key, "")), held[code].get(row["modifier"])
        if place is None or record is None:
            outcome.reasons["locality-not-in-gpci" if place is None else "no-rvu"] += 1
            continue
        if "nonfacility_cents" not in row:
            pass  # an OPPS-cap file has no fees
        elif record.zero:
            outcome.reasons["no-rvu-value"] += 1
        else:
            pe = (record.pe_nonfacility_rvu, record.pe_facility_rvu)
            outcome.fees(row, _amounts(record.work_rvu, pe, record.mp_rvu, place, factor))
        if row.get("opps", "1") == "1" and (cap := _cap(record, held[code], place, factor)):
            outcome.cap(row, cap)
    return outcome


def _amounts(work: int, pe: tuple[int, int], mp: int, place: Locality, factor: int) -> tuple[int, int]:
    """Non-facility and facility amount in cents at a place."""
    gpcis = (place.work_gpci, place.pe_gpci, place.mp_gpci)
    return fee_cents(work, pe[0], mp, *gpcis, factor), fee_cents(work, pe[1], mp, *gpcis, factor)


def _cap(record: Record, rows: Mapping[str, Record], place: Locality, factor: int) -> tuple[int, int] | None:
    """The OPPS cap of a row in both settings, or None where the release prints no cap figures."""
    pe, mp = (record.opps_pe_nonfacility_rvu, record.opps_pe_facility_rvu), record.opps_mp_rvu
    if pe[0] is None or pe[1] is None or mp is None:
        return None
    # A contractor-priced global service has no work RVU of its own: its cap takes that of the 26 row.
    worker = rows.get("26", record) if record.status == "C" and not record.modifier else record
    return _amounts(worker.work_rvu, (pe[0], pe[1]), mp, place, factor)
