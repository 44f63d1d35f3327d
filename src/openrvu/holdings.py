"""What is held here: the embedded facts, with the releases a user has loaded in their place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from openrvu import answers, releases
from openrvu.facts import Facts, KeyedTable, RvuTable, embedded
from openrvu.files import facts_folder, read_csv
from openrvu.releases import Release
from openrvu.schemas import Locality
from openrvu.tables import store
from openrvu.tables.store import Entry, LoadedTable

# The kinds of table that Facts hands out besides relative values and GPCIs. Descriptors are never facts.
OTHERS = ("locco", "anesthesia", "base-units", "zip5", "oppscap", "payment")


def current(home: Path | None = None) -> Facts:
    """The embedded facts merged with the user's store. A loaded release replaces the embedded one whole.

    home: the store's folder (default: OPENRVU_HOME, else the user's data folder). Raises BadFile for a store that
    is damaged.
    """
    folder = home or store.home()
    text = store.manifest_text(folder)
    return _merged(folder, text) if text else embedded()


def licensed(code: str = "", home: Path | None = None) -> Mapping[str, str]:
    """The descriptors that the user kept under an own license, by code; of one code, or all. Never part of the facts.

    Where several releases were kept the newest one's words count. Empty where none were.
    """
    folder = home or store.home()
    kept = [entry for entry in store.entries(folder) if entry.kind == "descriptors"]
    found: dict[str, str] = {}
    for entry in sorted(kept, key=lambda one: one.release):
        table = store.KeyedTable(folder / entry.file, entry.release, entry.source)
        rows = table.where(hcpcs=code) if code else table.where()
        found |= {row["hcpcs"]: row["words"] for row in reversed(rows)}  # the row without a modifier comes last
    return found


# What is told of a table that was loaded here.
TABLE_FIELDS = ("kind", "release", "part", "rows", "source_name", "sha256", "loaded_at", "checks", "notes")


def inventory(facts: Facts, on: date | None = None, home: Path | None = None) -> dict[str, Any]:
    """The releases held and the tables loaded here, as rows: from when to when, how much, where from. on: a date of
    service, for the release in force then alone. Raises NotHeld.

    >>> [row["release"] for row in inventory(embedded(), date(2025, 7, 1))["releases"]]
    ['2025C']
    """
    wanted = (facts.release_on(on),) if on else facts.releases
    rows = [
        {
            "release": release.id,
            "starts": release.starts,
            "ends": release.ends,
            "codes": len(facts.table(release.id).codes()),
            "origin": facts.table(release.id).origin,
            "read": release.coverage,
            "source": release.source,
            "note": release.note,
        }
        for release in wanted
    ]
    loaded = [one for one in store.entries(home or store.home()) if not on or one.release == rows[0]["release"]]
    tables = [{name: getattr(entry, name) for name in TABLE_FIELDS} for entry in loaded]
    return {"releases": rows, "tables": tables, "run_id": answers.run_id()}


@lru_cache(maxsize=4)
def _merged(folder: Path, manifest: str) -> Facts:
    entries = store.parse(manifest, folder)
    places = {entry.release: _localities(folder / entry.file, entry) for entry in entries if entry.kind == "gpci"}
    tables: dict[Release, RvuTable] = {}
    others: dict[tuple[str, str], KeyedTable] = {}
    for entry in entries:
        if entry.kind == "rvu":
            table = LoadedTable(folder / entry.file, entry.source, entry.rows)
            tables[_release(entry, table, places)] = table
        elif entry.kind in OTHERS:
            others[entry.kind, " ".join(filter(None, entry.key[1:]))] = store.KeyedTable(
                folder / entry.file, entry.release, entry.source
            )
    facts = embedded().with_loaded(tables, places)
    own = (replace(release, gpci=release.id) if release.id in places else release for release in facts.releases)
    return _with_counties(replace(facts, releases=tuple(own), others=others))


def _with_counties(facts: Facts) -> Facts:
    """The facts with the counties of a loaded table in place of the embedded ones of its year."""
    changed: dict[str, Mapping[str, Locality]] = {}
    for release in facts.releases:
        if release.gpci and any(kind == "locco" and key[:4] == release.id[:4] for kind, key in facts.others):
            counties = {f"{row['mac']}-{row['number']}": row["counties"] for row in facts.counties(release.id)}
            held = facts.localities(release.id)
            changed[release.gpci] = {
                key: replace(place, counties=counties.get(key, place.counties)) for key, place in held.items()
            }
    return replace(facts, loaded_localities={**facts.loaded_localities, **changed}) if changed else facts


def _release(entry: Entry, table: LoadedTable, places: Mapping[str, object]) -> Release:
    """The release of a loaded table. Its GPCIs: those of the newest release of its year, where none came with it."""
    release = releases.published(entry.release)
    same_year = sorted(key for key in places if key[:4] == entry.release[:4])
    gpci = release.gpci or next(iter(same_year[-1:]), "")
    coverage = "whole" if table.whole else "extract"
    return replace(release, coverage=coverage, gpci=gpci, source=entry.source)


def _localities(path: Path, entry: Entry) -> Mapping[str, Locality]:
    """The localities of a loaded GPCI table, with the counties that are embedded for its year."""
    release = releases.published(entry.release)
    rows = read_csv(facts_folder() / "localities" / f"{release.localities}.csv")
    counties = {(row["mac"], row["number"]): row["counties"] for row in rows}
    sql = "SELECT mac, number, name, state, work_gpci, pe_gpci, mp_gpci FROM read_parquet(?) ORDER BY mac, number"
    found = {}
    for mac, number, name, state, work, pe, mp in store.query(sql, [str(path)]):
        counted = counties.get((mac, number), "")
        place = Locality(mac, number, name, state, work, pe, mp, counted, entry.source)
        found[place.id] = place
    return found
