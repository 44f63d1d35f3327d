"""Services as CMS's utilization files have them: of a year that is loaded, or of a file named for this once.

The rows of each kind of file, suppression included, are told in tables/utilization.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from openrvu.errors import BadInput, NotHeld
from openrvu.tables import store, use_load, use_sql, utilization

# The kind that tells most of what is paid comes first: PSPS has modifiers, specialties and localities.
PREFERRED = ("use-psps", "use-provider", "use-national", "use-geography")


@dataclass(frozen=True)
class Use:
    """Services of a year. kind: of tables.utilization.KINDS. text: the query of its rows (use_sql.COLUMNS). file: its
    Parquet, None where it is streamed. source: its id. notes: what was seen on loading."""

    kind: str
    year: int
    text: str
    file: Path | None
    source: str
    notes: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """What it is, in words."""
        return utilization.KINDS[self.kind]


def held(home: Path | None = None) -> tuple[Use, ...]:
    """The years that are loaded, by kind and year."""
    folder = home or store.home()
    found = [entry for entry in store.entries(folder) if entry.kind in utilization.KINDS]
    return tuple(
        Use(
            entry.kind,
            int(entry.release),
            f"SELECT * FROM read_parquet({use_sql.quoted(str(folder / entry.file))})",
            folder / entry.file,
            entry.source,
            entry.notes,
        )
        for entry in found
    )


def of_year(asked: str, home: Path | None = None, kinds: tuple[str, ...] = PREFERRED) -> Use:
    """The services of a year, as in `2023`, or of one kind of it, as in `psps-2023`. Raises NotHeld, BadInput.

    Where several kinds are loaded, the one that tells most is taken: see PREFERRED.
    """
    kind, _, year = asked.strip().lower().removeprefix("use-").rpartition("-")
    if not year.isdecimal() or (kind and f"use-{kind}" not in utilization.KINDS):
        names = ", ".join(name.removeprefix("use-") for name in utilization.KINDS)
        raise BadInput(f"{asked!r} is no year of use", exists=f"Kinds: {names}", fix="Write 2023, or psps-2023")
    wanted = [name for name in kinds if kind in ("", name.removeprefix("use-"))]
    found = [one for one in held(home) if one.year == int(year) and one.kind in wanted]
    if not found:
        have = ", ".join(f"{one.kind.removeprefix('use-')}-{one.year}" for one in held(home)) or "nothing"
        raise NotHeld(
            f"no services of {asked} are loaded",
            exists=f"Loaded: {have}",
            fix="`openrvu load FILE` with CMS's utilization file of that year",
        )
    return min(found, key=lambda one: PREFERRED.index(one.kind))


@contextmanager
def given(text: str, room: Path, home: Path | None = None) -> Iterator[Use]:
    """The services that --use names: a file, streamed without being loaded, else a year that is loaded."""
    path = Path(text)
    if not path.is_file():
        yield of_year(text, home)
        return
    files = utilization.find(path)
    if not files:
        kinds = "; ".join(utilization.KINDS.values())
        raise BadInput(f"{path.name} is no utilization file", exists=f"Read: {kinds}", fix="Check the file")
    file = files[0]
    year = utilization.year_asked(file, "" if file.year else "2000")
    text = use_sql.rows(file, use_load.opened(file, room), year, bare=True)
    source = store.source_id(f"{file.kind}-{year}", file.name, "streamed")
    notes = (use_load.OMITTED,) if file.kind in ("use-provider", "use-geography") else ()
    yield Use(file.kind, year, text, None, source, notes)
