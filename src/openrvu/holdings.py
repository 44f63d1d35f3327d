"""What is held here: the embedded facts, with the releases a user has loaded in their place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from openrvu.facts import Facts, RvuTable, embedded
from openrvu.files import facts_folder, read_csv
from openrvu.releases import Release
from openrvu.schemas import Locality
from openrvu.tables import recognise, store
from openrvu.tables.store import Entry, LoadedTable


def current(home: Path | None = None) -> Facts:
    """The embedded facts merged with the user's store. A loaded release replaces the embedded one whole.

    home: the store's folder (default: OPENRVU_HOME, else the user's data folder). Raises BadFile for a store that
    is damaged.
    """
    folder = home or store.home()
    text = store.manifest_text(folder)
    return _merged(folder, text) if text else embedded()


@lru_cache(maxsize=4)
def _merged(folder: Path, manifest: str) -> Facts:
    entries = store.parse(manifest, folder)
    places = {entry.release: _localities(folder / entry.file, entry) for entry in entries if entry.kind == "gpci"}
    tables: dict[Release, RvuTable] = {}
    for entry in entries:
        if entry.kind == "rvu":
            table = LoadedTable(folder / entry.file, entry.source, entry.rows)
            tables[_release(entry, table, places)] = table
    facts = embedded().with_loaded(tables, places)
    own = (replace(release, gpci=release.id) if release.id in places else release for release in facts.releases)
    return replace(facts, releases=tuple(own))


def _release(entry: Entry, table: LoadedTable, places: Mapping[str, object]) -> Release:
    """The release of a loaded table. Its GPCIs: those of the newest release of its year, where none came with it."""
    release = recognise.release_named(entry.release)
    same_year = sorted(key for key in places if key[:4] == entry.release[:4])
    gpci = release.gpci or next(iter(same_year[-1:]), "")
    coverage = "whole" if table.whole else "extract"
    return replace(release, coverage=coverage, gpci=gpci, source=entry.source)


def _localities(path: Path, entry: Entry) -> Mapping[str, Locality]:
    """The localities of a loaded GPCI table, with the counties that are embedded for its year."""
    release = recognise.release_named(entry.release)
    rows = read_csv(facts_folder() / "localities" / f"{release.localities}.csv")
    counties = {(row["mac"], row["number"]): row["counties"] for row in rows}
    sql = "SELECT mac, number, name, state, work_gpci, pe_gpci, mp_gpci FROM read_parquet(?) ORDER BY mac, number"
    found = {}
    for mac, number, name, state, work, pe, mp in store.query(sql, [str(path)]):
        counted = counties.get((mac, number), "")
        place = Locality(mac, number, name, state, work, pe, mp, counted, entry.source)
        found[place.id] = place
    return found
