"""Take CMS's files into the local store: recognise, read and check all of them, then write, then name them at once.

What is wrong with any file stops the whole call before anything is written.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from openrvu import units
from openrvu.errors import BadFile, BadInput
from openrvu.facts import embedded
from openrvu.files import facts_folder, read_csv
from openrvu.releases import Release, known
from openrvu.schemas import Record, record_from_text
from openrvu.tables import addenda, gpci, pprrvu, recognise, store
from openrvu.tables.archive import Found, contents
from openrvu.tables.store import Entry, NewTable
from openrvu.tables.text import FETCH_AGAIN

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Loaded:
    """What one file became. kind: in words. notes: what was mended or is worth knowing. replaced: stands in place of
    a table that was loaded before."""

    kind: str
    release: str
    file: str
    rows: int
    sha256: str
    notes: tuple[str, ...]
    replaced: bool


def load(
    paths: Sequence[str | Path] | str | Path,
    progress: Progress | None = None,
    *,
    release: str = "",
    home: Path | None = None,
) -> tuple[Loaded, ...]:
    """Load files of CMS: relative values (PPRRVU), GPCIs, hospital and surgical centre addenda, unit limits (MUE) and
    pairs (PTP) of NCCI, as csv, csv.gz or txt, or the zip they came in.

    progress: called with a line of text at each step. release: the release id where title and name do not tell it.
    home: the store (default: store.home()). Raises BadFile, or Unavailable where the store cannot be written; either
    way nothing has changed.
    """
    say = progress or (lambda _: None)
    if isinstance(paths, (str, Path)):
        paths = [paths]
    if not paths:
        raise BadInput("no file was named", fix="`openrvu load FILE...`")
    folder = home or store.home()
    edits, rest = addenda.edits_in([Path(path) for path in paths])
    found = [item for path in rest for item in contents(path)]
    kinds = [_kind(item) for item in found]
    tables: dict[tuple[str, str], NewTable] = {}
    for part in edits:
        say(f"{part.name}: reading edits")
        addenda.add_edits(tables, part, release)
    for item in (item for item, kind in zip(found, kinds, strict=True) if kind == "pprrvu"):
        say(f"{item.text.name}: reading relative values")
        _add(tables, _relative_values(item, release), item)
    companions = [key for _, key in tables]
    for item in (item for item, kind in zip(found, kinds, strict=True) if kind == "gpci"):
        say(f"{item.text.name}: reading GPCIs")
        _add(tables, _gpcis(item, companions, release), item)
    for item, kind in ((item, kind) for item, kind in zip(found, kinds, strict=True) if kind in addenda.KINDS):
        say(f"{item.text.name}: reading {addenda.KINDS[kind]}")
        _add(tables, addenda.table(kind, item, release), item)
    if not tables:
        names = ", ".join(item.text.name for item in found)
        raise BadFile("nothing that is loaded is in what was brought", exists=names, fix=FETCH_AGAIN)
    with store.locked(folder):
        before = {(entry.kind, entry.release) for entry in store.entries(folder)}
        say("writing to the store")
        store.put(folder, list(tables.values()))
    return tuple(_loaded(table.entry, key in before) for key, table in tables.items())


def _kind(item: Found) -> str:
    """The kind of a text; of a zip, members of other kinds are passed over. A single file of one is refused."""
    try:
        kind = recognise.kind(item.text)
    except BadFile:
        if item.alone:
            raise
        return ""
    if item.alone and kind not in ("pprrvu", "gpci", *addenda.KINDS):
        raise BadFile(
            f"the file holds {recognise.KINDS[kind]}, which are not loaded",
            where=item.text.name,
            fix="Payment amounts are compared: `openrvu reconcile FILE`" if kind == "payment" else "Leave it out",
        )
    return kind


def _loaded(entry: Entry, replaced: bool) -> Loaded:
    kind = recognise.KINDS["pprrvu" if entry.kind == "rvu" else entry.kind]
    return Loaded(kind, entry.release, entry.source_name, entry.rows, entry.sha256, entry.notes, replaced)


def _add(tables: dict[tuple[str, str], NewTable], table: NewTable, item: Found) -> None:
    """Add a table; a second one of the same release must say the same (CMS ships a QP and a non-QP file)."""
    key = (table.entry.kind, table.entry.release)
    if key in tables and list(tables[key].rows) != list(table.rows):
        other = tables[key].entry.source_name
        what = f"{item.text.name} and {other} are of release {key[1]} and differ"
        raise BadFile(what, where=" ".join(item.names), fix="Load one of them")
    tables.setdefault(key, table)


def _entry(kind: str, release: str, item: Found, rows: int, notes: tuple[str, ...], factor: str = "") -> Entry:
    return Entry(
        kind=kind,
        release=release,
        file=f"{kind}-{release}-{uuid4().hex[:12]}.parquet",
        source_name=item.text.name,
        sha256=item.text.sha256,
        rows=rows,
        loaded_at=datetime.now(UTC).isoformat(timespec="seconds"),
        conversion_factor=factor,
        notes=notes,
    )


def _relative_values(item: Found, asked: str) -> NewTable:
    table = pprrvu.read(item.text)
    release = recognise.release_of(table, item.names, asked)
    title = " ".join(table.heads).upper()
    if "NATIONAL PHYSICIAN FEE SCHEDULE" in title and len(table.rows) <= store.WHOLE:
        what = f"the file ends after {len(table.rows):,} rows; CMS's have more than {store.WHOLE:,}: it was cut off"
        raise BadFile(what, where=item.text.name, fix=FETCH_AGAIN)
    rows: list[dict[str, str | int | None]] = []
    records: dict[tuple[str, str], Record] = {}
    for row in table.rows:
        record = record_from_text({**row, "source": ""})
        records[record.hcpcs, record.modifier] = record
        rows.append({name: getattr(record, name) for name in store.RECORD_COLUMNS})
    notes = (*table.notes, *_against_embedded(release, records, item))
    entry = _entry("rvu", release.id, item, len(rows), notes, table.conversion_factor)
    return NewTable(entry, store.RECORD_COLUMNS, rows, order=("hcpcs", "modifier"))


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


def _gpcis(item: Found, companions: Sequence[str], asked: str) -> NewTable:
    table = gpci.read(item.text)
    key = recognise.gpci_release(table.heads, item.names, companions, asked)
    areas = _areas(recognise.release_named(key))
    rows: list[dict[str, str | int | None]] = []
    for row in table.rows:
        place = (row["mac"], row["number"])
        if areas and place not in areas:
            raise BadFile(
                f"nobody knows the locality {'-'.join(place)} ({row['name']}) in {key[:4]}",
                where=item.text.name,
                exists=f"{len(areas)} localities",
                fix=FETCH_AGAIN,
            )
        numbers = {name: units.parse(row[name], units.GPCI) for name in gpci.INDICES}
        rows.append({**row, **numbers, "state": areas.get(place) or row["state"]})
    columns = {name: "INTEGER" if name in gpci.INDICES else "VARCHAR" for name in ("mac", "number", "name", "state")}
    columns |= dict.fromkeys(gpci.INDICES, "INTEGER")
    entry = _entry("gpci", key, item, len(rows), table.notes)
    return NewTable(entry, columns, rows, order=("mac", "number"))


def _areas(release: Release) -> dict[tuple[str, str], str]:
    """State by MAC and locality number in the release's year; empty for a year whose counties are not held."""
    if all(row.starts.year != release.starts.year for row in known()):
        return {}
    rows = read_csv(facts_folder() / "localities" / f"{release.localities}.csv")
    return {(row["mac"], row["number"]): row["state"] for row in rows}
