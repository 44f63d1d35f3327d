"""Take CMS's files into the local store: recognise, read and check all of them, then write, then name them at once.

What is wrong with any file stops the whole call before anything is written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from openrvu.errors import BadFile, BadInput
from openrvu.tables import addenda, recognise, store, use_load
from openrvu.tables.archive import Found, contents
from openrvu.tables.store import Entry, NewTable
from openrvu.tables.text import FETCH_AGAIN
from openrvu.tables.typed import MAKERS, Asked

Progress = Callable[[str], None]
# The tables of the store in words; one that a load of relative values may leave behind is no kind of file.
WORDS = {**recognise.KINDS, "rvu": recognise.KINDS["pprrvu"], "descriptors": "descriptors, under your own license"}


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
    keep_descriptors: bool = False,
) -> tuple[Loaded, ...]:
    """Load files of CMS (recognise.KINDS): csv, text in columns, workbook, each also packed, or the zip they came in.

    progress: called with a line of text at each step. release: the release id where title and name do not tell it.
    home: the store (default: store.home()). keep_descriptors: keep the descriptors of the relative value files in a
    table of their own, for a user with a license for them; they are dropped otherwise. Raises BadFile, or Unavailable
    where the store cannot be written; either way nothing has changed.
    """
    say = progress or (lambda _: None)
    if isinstance(paths, (str, Path)):
        paths = [paths]
    if not paths:
        raise BadInput("no file was named", fix="`openrvu load FILE...`")
    folder = home or store.home()
    edits, rest = addenda.edits_in([Path(path) for path in paths])
    uses, rest = use_load.uses_in(rest)
    found = [pair for path in rest for pair in _recognised(path)]
    tables: dict[tuple[str, str, str], NewTable] = {}
    for part in edits:
        say(f"{part.name}: reading edits")
        addenda.add_edits(tables, part, release)
    with use_load.scratch(folder, uses) as room:
        for table in use_load.tables(uses, release, room, say):
            tables[table.entry.key] = table
        return _finished(folder, found, tables, Asked(release=release, descriptors=keep_descriptors), say)


def _finished(
    folder: Path,
    found: Sequence[tuple[Found, str]],
    tables: dict[tuple[str, str, str], NewTable],
    asked: Asked,
    say: Progress,
) -> tuple[Loaded, ...]:
    """Make the tables of the texts, then write all of them and the manifest."""
    for kind, make in MAKERS.items():
        for item in (item for item, one in found if one == kind):
            say(f"{item.text.name}: reading {_short(kind)}")
            for table in make(item, asked):
                _add(tables, table, item)
        asked = replace(asked, companions=_releases(tables), places=_places(tables))
    if not tables:
        names = ", ".join(item.text.name for item, _ in found)
        raise BadFile("no table that is read here is in what was brought", exists=names, fix=FETCH_AGAIN)
    with store.locked(folder):
        before = {entry.key for entry in store.entries(folder)}
        say("writing to the store")
        # A release loaded anew without asking for its descriptors has none: so they can be got rid of.
        store.put(folder, list(tables.values()), {("descriptors", key, "") for key in _releases(tables)})
    return tuple(_loaded(table.entry, key in before) for key, table in tables.items())


def _short(kind: str) -> str:
    return recognise.KINDS[kind].partition(" (")[0].replace("geographic practice cost indices", "GPCIs")


def _recognised(path: Path) -> list[tuple[Found, str]]:
    """The texts of a file, each with its kind. Members of a zip and sheets of a workbook that are none are passed over,
    as long as one is."""
    found: list[tuple[Found, str]] = []
    fault: BadFile | None = None
    for item in contents(path):
        try:
            found.append((item, recognise.kind(item.text)))
        except BadFile as why:
            if item.alone:
                raise
            fault = fault or why
    if not found and fault:
        raise fault
    return found


def _releases(tables: Mapping[tuple[str, str, str], NewTable]) -> tuple[str, ...]:
    return tuple(key for kind, key, _ in tables if kind == "rvu")


def _places(tables: Mapping[tuple[str, str, str], NewTable]) -> dict[str, dict[tuple[str, str], str]]:
    """State by MAC and locality number, by year, of the GPCI tables at hand."""
    return {
        release[:4]: {(str(row["mac"]), str(row["number"])): str(row["state"]) for row in table.rows}
        for (kind, release, _), table in tables.items()
        if kind == "gpci"
    }


def _loaded(entry: Entry, replaced: bool) -> Loaded:
    return Loaded(WORDS[entry.kind], entry.release, entry.source_name, entry.rows, entry.sha256, entry.notes, replaced)


def _add(tables: dict[tuple[str, str, str], NewTable], table: NewTable, item: Found) -> None:
    """Add a table; a second one of the same release must say the same (CMS ships a QP and a non-QP file)."""
    held = tables.setdefault(table.entry.key, table)
    if held is table:
        return
    other = held.entry.source_name
    if list(held.rows) != list(table.rows):
        what = f"{item.text.name} and {other} are of release {table.entry.release} and differ"
        raise BadFile(what, where=" ".join(item.names), fix="Load one of them")
    note = f"{item.text.name} has the same rows"
    tables[table.entry.key] = replace(held, entry=replace(held.entry, notes=(*held.entry.notes, note)))
