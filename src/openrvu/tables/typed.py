"""From the text rows of a reader to a table of the store: release, whole numbers, and the checks that need more than
the file: known localities, embedded rows, how many rows a whole file has.

One function a kind, all with the same arguments; MAKERS lists them in the order they are tried.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache, partial
from uuid import uuid4

from openrvu import releases, units
from openrvu.errors import BadFile
from openrvu.facts import embedded, locality_aliases
from openrvu.files import facts_folder, read_csv
from openrvu.releases import Release, known
from openrvu.schemas import Locality, Record, record_from_text
from openrvu.tables import addenda, anesthesia, gpci, locco, oppscap, payment, pprrvu, recognise, store, zip5
from openrvu.tables.archive import Found
from openrvu.tables.store import Entry, NewTable
from openrvu.tables.text import FETCH_AGAIN, Table

# Counties that CMS's CSV misspells; its text form of the same table has them right.
MISSPELLED = {"ORAGNGE": "ORANGE"}

Place = tuple[str, str]
Rows = list[dict[str, str | int | None]]


@dataclass(frozen=True)
class Asked:
    """What a load was asked, and what its relative value and GPCI files told.

    release: as the user said it. companions: releases of the relative values in the same load. places: state by MAC
    and locality number, by year, of the GPCI tables in the same load. descriptors: keep them, in a table of their own.
    """

    release: str = ""
    companions: tuple[str, ...] = ()
    places: Mapping[str, Mapping[Place, str]] | None = None
    descriptors: bool = False


def _entry(
    kind: str,
    release: str,
    item: Found,
    rows: int,
    notes: Sequence[str],
    checks: str = "cells keys",
    *,
    factor: str = "",
    part: str = "",
) -> Entry:
    passed = f"passed over, the same table in another form: {', '.join(item.other_forms)}"
    return Entry(
        kind=kind,
        release=release,
        file=f"{kind}-{release}-{uuid4().hex[:12]}.parquet",
        source_name=item.text.name,
        sha256=item.text.sha256,
        rows=rows,
        loaded_at=datetime.now(UTC).isoformat(timespec="seconds"),
        conversion_factor=factor,
        notes=(*notes, *([passed] if item.other_forms else [])),
        part=part,
        checks=tuple(checks.split()),
    )


def _table(entry: Entry, columns: str, rows: Rows, numbers: Sequence[str] = (), order: int = 2) -> NewTable:
    """A table of text columns but for the numbers, ordered by its first columns."""
    names = columns.split()
    kinds = {name: "INTEGER" if name in numbers else "VARCHAR" for name in names}
    return NewTable(entry, kinds, rows, order=tuple(names[:order]))


def relative_values(item: Found, asked: Asked) -> list[NewTable]:
    """The relative values, and the descriptors as a table of their own where the user keeps them."""
    table = pprrvu.read(item.text, descriptors=asked.descriptors)
    release = recognise.release_of(table, item.names, asked.release)
    title = " ".join(table.heads).upper()
    whole = "NATIONAL PHYSICIAN FEE SCHEDULE" in title or pprrvu.is_fixed(item.text)
    if whole and len(table.rows) <= store.WHOLE:
        what = f"the file ends after {len(table.rows):,} rows; CMS's have more than {store.WHOLE:,}: it was cut off"
        raise BadFile(what, where=item.text.name, fix=FETCH_AGAIN)
    rows: Rows = []
    records: dict[tuple[str, str], Record] = {}
    for row in table.rows:
        record = record_from_text({**row, "source": ""})
        records[record.hcpcs, record.modifier] = record
        rows.append({name: getattr(record, name) for name in store.RECORD_COLUMNS})
    notes = (*table.notes, *_against_embedded(release, records, item))
    checks = "cells keys embedded" if release in known() else "cells keys"
    entry = _entry("rvu", release.id, item, len(rows), notes, checks, factor=table.conversion_factor)
    if asked.descriptors and not table.descriptors:
        entry = replace(entry, notes=(*entry.notes, "no descriptor is in the file, and none was kept"))
    made = [NewTable(entry, store.RECORD_COLUMNS, rows, order=("hcpcs", "modifier"))]
    if table.descriptors:
        words: Rows = [{"hcpcs": c, "modifier": m, "words": text} for (c, m), text in table.descriptors.items()]
        kept = _entry("descriptors", release.id, item, len(words), ("the AMA's text, under your own license",))
        made.append(_table(kept, "hcpcs modifier words", words))
    return made


def _against_embedded(release: Release, records: dict[tuple[str, str], Record], item: Found) -> tuple[str, ...]:
    """Compare with the embedded rows of the release: a row that is lacking means a file cut off or mislabelled."""
    if release not in known() or release.coverage == "components":
        return ()
    held = [row for code in embedded().table(release.id).codes() for row in embedded().records(code, release.id)]
    lacking = sorted(row.hcpcs for row in held if (row.hcpcs, row.modifier) not in records)
    if lacking:
        raise BadFile(
            f"the file lacks {len(lacking)} codes that release {release.id} has: it was cut off, or is another release",
            where=item.text.name,
            exists=f"Lacking: {', '.join(lacking[:5])}" + (" and more" if len(lacking) > 5 else ""),
            fix=FETCH_AGAIN,
        )
    names = tuple(store.RECORD_COLUMNS)
    other = [r for r in held if any(getattr(records[r.hcpcs, r.modifier], n) != getattr(r, n) for n in names)]
    if not other:
        return ()
    return (f"{len(other)} of {len(held)} rows differ from the embedded ones of {release.id}, first {other[0].hcpcs}",)


def _told(table: Table, item: Found, asked: Asked, what: str) -> Release:
    key = recognise.gpci_release(table.heads, item.names, asked.companions, asked.release, what)
    return releases.published(key)


@cache
def _areas(release: Release) -> Mapping[Place, str]:
    """State by MAC and locality number in the release's year; empty for a year whose counties are not held."""
    if all(row.starts.year != release.starts.year for row in known()):
        return {}
    rows = read_csv(facts_folder() / "localities" / f"{release.localities}.csv")
    return {(row["mac"], row["number"]): row["state"] for row in rows}


def _states(release: Release, asked: Asked) -> Mapping[Place, str]:
    return _areas(release) or (asked.places or {}).get(release.id[:4], {})


def _check_places(table: Table, item: Found, states: Mapping[Place, str], year: str, number: str = "number") -> int:
    """Refuse a locality that nobody knows in the year; how many rows stand under an alias (facts.locality_aliases)."""
    aliases = set()
    for place, line in table.places.items() if states else ():
        if place in states:
            continue
        if "-".join(place) not in locality_aliases():
            raise BadFile(
                f"nobody knows the locality {'-'.join(place)} in {year}",
                where=f"{item.text.name}, line {line}, column {number}",
                exists=f"{len(states)} localities",
                fix=FETCH_AGAIN,
            )
        aliases.add(place)
    return sum((row["mac"], row[number]) in aliases for row in table.rows) if aliases else 0


def _lacking(table: Table, states: Mapping[Place, str]) -> list[str]:
    """A note where the table does not have every locality of its year: it may be an extract, or cut off."""
    lost = sorted("-".join(place) for place in states if place not in table.places)
    return [f"{len(lost)} of {len(states)} localities of the year are not in the file, first {lost[0]}"] if lost else []


def gpcis(item: Found, asked: Asked) -> list[NewTable]:
    """The GPCIs of the localities of a year, all of them known."""
    table = gpci.read(item.text)
    release = _told(table, item, asked, "GPCI file")
    areas = _areas(release)
    _check_places(table, item, areas, release.id[:4])
    rows: Rows = []
    for row in table.rows:
        numbers = {name: units.parse(row[name], units.GPCI) for name in gpci.INDICES}
        rows.append({**row, **numbers, "state": areas.get((row["mac"], row["number"])) or row["state"]})
    checks = "cells keys localities" if areas else "cells keys"
    entry = _entry("gpci", release.id, item, len(rows), [*table.notes, *_lacking(table, areas)], checks)
    return [_table(entry, "mac number name state work_gpci pe_gpci mp_gpci", rows, gpci.INDICES)]


def counties(item: Found, asked: Asked) -> list[NewTable]:
    """The counties of the localities of a year; states as two letters. What CMS cut off is completed or refused."""
    table = locco.read(item.text)
    release = _told(table, item, asked, "county file")
    states = _states(release, asked)
    _check_places(table, item, states, release.id[:4])
    letters = {row["name"].upper(): row["abbreviation"] for row in read_csv(facts_folder() / "states.csv")}
    letters |= {"HAWAII/GUAM": "HI/GU"}
    held = {(row.mac, row.number): row.counties for row in _embedded_places(release)}
    rows: Rows = []
    mended = 0
    for row in table.rows:
        place = (row["mac"], row["number"])
        state = states.get(place) or letters.get(row["state"].upper(), "")
        if not state:
            what = f"{row['state'][:30]!r} is no state, for locality {'-'.join(place)}"
            raise BadFile(what, where=f"{item.text.name}, column state", fix=FETCH_AGAIN)
        full = row["counties"]
        for wrong, right in MISSPELLED.items():
            mended += wrong in full
            full = full.replace(wrong, right)
        if place in table.cut:
            full = held.get(place, "")
            if not full.startswith(row["counties"]):
                what = f"the counties of {'-'.join(place)} are cut off at the end of the line"
                raise BadFile(what, where=f"{item.text.name}, column counties", fix="Load the .csv form of the table")
        rows.append({**row, "state": state, "counties": full})
    notes = [*table.notes, *([f"misspelled county mended ({mended} times)"] if mended else [])]
    notes += _lacking(table, states)
    if table.cut:
        notes.append(f"counties that CMS cut off completed from the embedded table ({len(table.cut)} times)")
    entry = _entry("locco", release.id, item, len(rows), notes, "cells keys localities" if states else "cells keys")
    return [_table(entry, "mac number state area counties", rows)]


def _embedded_places(release: Release) -> Sequence[Locality]:
    known_ids = [one.id for one in known() if one.starts.year == release.starts.year]
    return tuple(embedded().localities(known_ids[-1]).values()) if known_ids else ()


def anesthesia_factors(item: Found, asked: Asked) -> list[NewTable]:
    """The anesthesia conversion factors of the localities of a year, with the tracks that the year has."""
    table = anesthesia.read(item.text)
    release = _told(table, item, asked, "anesthesia file")
    states = _states(release, asked)
    _check_places(table, item, states, release.id[:4])
    tracks = {row["track"] for row in table.rows}
    wanted = recognise.tracks_of(release)
    if wanted and tracks != wanted:
        what = f"the file has the conversion factors {', '.join(sorted(tracks))}, and {release.id[:4]} has others"
        raise BadFile(
            what, where=item.text.name, exists=f"{release.id[:4]}: {', '.join(sorted(wanted))}", fix=FETCH_AGAIN
        )
    rows: Rows = [{**row, "value": units.parse(row["value"], units.CONVERSION_FACTOR)} for row in table.rows]
    checks = "cells keys localities" if states else "cells keys"
    entry = _entry("anesthesia", release.id, item, len(rows), [*table.notes, *_lacking(table, states)], checks)
    return [_table(entry, "mac number name track value national", rows, ("value",), 4)]


def base_units(item: Found, asked: Asked) -> list[NewTable]:
    """Anesthesia base units; the heading names the year they are of."""
    table = anesthesia.base_units(item.text)
    rows: Rows = [{"hcpcs": row["hcpcs"], "units": int(row["units"])} for row in table.rows]
    entry = _entry("base-units", f"{table.heads[0]}A", item, len(rows), table.notes)
    return [_table(entry, "hcpcs units", rows, ("units",), 1)]


def zip_codes(item: Found, asked: Asked) -> list[NewTable]:
    """ZIP codes of the quarter that each row names."""
    table = zip5.read(item.text)
    release = releases.published(table.quarter)
    states = _states(release, asked)
    aliased = _check_places(table, item, states, release.id[:4])
    notes = [*table.notes, *([f"rows under an alias of their locality: {aliased:,}"] if aliased else [])]
    notes += _lacking(table, states)
    checks = "cells keys localities" if states else "cells keys"
    entry = _entry("zip5", table.quarter, item, len(table.rows), notes, checks)
    return [_table(entry, "zip state mac number rural split", [*map(_as_is, table.rows)], (), 4)]


def _as_is(row: Mapping[str, str]) -> dict[str, str | int | None]:
    return dict(row)


def opps_caps(item: Found, asked: Asked) -> list[NewTable]:
    """OPPS-cap amounts, in cents, by carrier and locality."""
    table = oppscap.read(item.text)
    release = _told(table, item, asked, "OPPS-cap file")
    month = recognise.month_says(item.names[0])
    notes = (*table.notes, *([f"its name tells quarter {month}"] if month and month != release.id[4] else []))
    if notes != table.notes and asked.release:
        what = f"the file's name tells quarter {month}, and {release.id} was asked for"
        raise BadFile(what, where=item.text.name, fix=f"Say `--release {release.id[:4]}{month}`")
    table = replace(table, notes=notes)
    return [_amounts("oppscap", table, item, release, asked, "hcpcs modifier mac locality status")]


def payments(item: Found, asked: Asked) -> list[NewTable]:
    """Payment amounts, in cents, by carrier and locality. A release has several such files, each its own table."""
    table = payment.read(item.text)
    release = _told(table, item, asked, "payment file")
    if years := {row["year"] for row in table.rows} - {release.id[:4]}:
        what = f"its records are of {', '.join(sorted(years))} and not of {release.id}"
        raise BadFile(what, where=f"{item.text.name}, column year", fix="Say its release: `--release 2025C`")
    text = "hcpcs modifier mac locality year pctc status multiple opps nonfacility_cents facility_cents"
    return [_amounts("payment", table, item, release, asked, text, part=" ".join(item.names))]


def _amounts(
    kind: str, table: Table, item: Found, release: Release, asked: Asked, text: str, part: str = ""
) -> NewTable:
    states = _states(release, asked)
    aliased = _check_places(table, item, states, release.id[:4], "locality")
    names = dict.fromkeys([*text.split(), "opps_nonfacility_cents", "opps_facility_cents"])
    cents = [name for name in names if name.endswith("_cents")]
    rows: Rows = [{name: int(row[name]) if name in cents else row[name] for name in names} for row in table.rows]
    notes = [*table.notes, *([f"rows under an alias of their locality: {aliased:,}"] if aliased else [])]
    checks = "cells keys localities" if states else "cells keys"
    entry = _entry(kind, release.id, item, len(rows), notes, checks, part=part)
    return _table(entry, " ".join(names), rows, cents, 4)


# By kind as recognise.kind tells it: first the tables that tell the others their release and their localities.
def _addendum(kind: str, item: Found, asked: Asked) -> list[NewTable]:
    """A table beside the fee schedule: an addendum of hospitals or surgical centres, unit limits."""
    return [addenda.table(kind, item, asked.release)]


MAKERS: Mapping[str, Callable[[Found, Asked], list[NewTable]]] = {
    "pprrvu": relative_values,
    "gpci": gpcis,
    "locco": counties,
    "anesthesia": anesthesia_factors,
    "base-units": base_units,
    "zip5": zip_codes,
    "oppscap": opps_caps,
    "payment": payments,
    **{kind: partial(_addendum, kind) for kind in addenda.KINDS},
}
