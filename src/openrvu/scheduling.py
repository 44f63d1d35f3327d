"""The whole fee schedule of a release as one table: every row at every locality, in both settings, with its OPPS cap.

One line holds what `pricing.price` gives for a code, modifier and place in each setting. A line without an amount is
kept, with the status that says why.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openrvu import amounts, units
from openrvu.codes.coverage import coverage_of
from openrvu.errors import BadInput, UnknownCode, UnknownPlace
from openrvu.facts import Facts, require_held
from openrvu.files import whole
from openrvu.holdings import current
from openrvu.places import find_place, localities_of
from openrvu.pricing import read_code, read_date
from openrvu.releases import Release
from openrvu.schemas import ConversionFactor, Locality

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# Name, DuckDB type, meaning: the contract of the file.
COLUMNS = (
    ("mac", "VARCHAR", "Medicare contractor, five digits; empty for the national amount"),
    ("locality", "VARCHAR", "locality number under it, two digits; empty for the national amount"),
    ("code", "VARCHAR", "CPT or HCPCS code"),
    ("modifier", "VARCHAR", "empty (global), 26, TC or 53"),
    ("status", "VARCHAR", "priced, or the slug that says why there is no amount, as `price` has them"),
    ("status_letter", "VARCHAR", "status code of the release; empty where it has none"),
    ("nonfacility_cents", "BIGINT", "schedule amount outside a facility, OPPS cap not applied; empty if not priced"),
    ("facility_cents", "BIGINT", "schedule amount in a facility, OPPS cap not applied; empty if not priced"),
    ("cap_nonfacility_cents", "BIGINT", "OPPS cap outside a facility; empty where none applies"),
    ("cap_facility_cents", "BIGINT", "OPPS cap in a facility; empty where none applies"),
)
ENDINGS = {".parquet": "FORMAT parquet, COMPRESSION zstd", ".csv": "FORMAT csv, HEADER"}


@dataclass(frozen=True)
class Schedule:
    """What was written. file: its path. origin: embedded or loaded. whole: every code of the release is held.

    rows: by code, modifier and locality. codes, places: how many of each. statuses: rows by status. columns: their
    names, as COLUMNS has them. leads: what must be said first of codes in it. notes: plain sentences.
    """

    file: str
    release: str
    origin: str
    whole: bool
    on: date
    track: str
    conversion_factor: str
    rows: int
    codes: int
    places: int
    statuses: Mapping[str, int]
    columns: tuple[str, ...]
    leads: tuple[str, ...]
    notes: tuple[str, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Wanted:
    """What a schedule is asked for, resolved: see `wanted`."""

    release: Release
    on: date
    factor: ConversionFactor
    places: tuple[Locality, ...]
    codes: tuple[str, ...]
    notes: tuple[str, ...]


def schedule(
    release: str,
    output: str | Path,
    *,
    places: Sequence[str] = (),
    codes: Sequence[str] = (),
    on: str | date | None = None,
    qualifying_apm: bool = False,
    facts: Facts | None = None,
) -> Schedule:
    """Write the fee schedule of a held release to a .parquet or .csv file, whole or not at all.

    release: its id. places: as in `price`, where a state stands for all its localities; default every locality.
    codes: default every code held. on: a date inside the release, where the conversion factor changed within it;
    default its first day. qualifying_apm: the higher factor, from 2026. Lines are ordered by the first four columns.
    Raises NotHeld, UnknownCode, UnknownPlace or BadInput; then the file is as it was.
    """
    facts = facts or current()
    path = Path(output)
    if path.suffix.lower() not in ENDINGS:
        raise BadInput(f"{path.name} names no kind of file", exists=f"Kinds: {', '.join(ENDINGS)}", fix="Add an ending")
    asked = wanted(facts, release, places=places, codes=codes, on=on, qualifying_apm=qualifying_apm)
    with laid_out(facts, asked) as connection:
        counts = _counts(connection)
        _write(connection, f"COPY ({_sql(asked.factor)}) TO '{{}}' ({ENDINGS[path.suffix.lower()]})", path)
    return _outcome(facts, asked, counts, path)


def lines(
    release: str,
    *,
    places: Sequence[str] = (),
    codes: Sequence[str] = (),
    on: str | date | None = None,
    qualifying_apm: bool = False,
    facts: Facts | None = None,
) -> Iterator[tuple[Any, ...]]:
    """The same lines one by one, each a tuple in the order of COLUMNS.

    >>> next(lines("2026C", places=["national"], codes=["62330"]))
    ('', '', '62330', '', 'priced', 'A', 47930, 47930, None, None)
    """
    facts = facts or current()
    asked = wanted(facts, release, places=places, codes=codes, on=on, qualifying_apm=qualifying_apm)
    with laid_out(facts, asked) as connection:
        found = connection.execute(_sql(asked.factor))
        while some := found.fetchmany(10_000):
            yield from some


def wanted(
    facts: Facts,
    release: str,
    *,
    places: Sequence[str] = (),
    codes: Sequence[str] = (),
    on: str | date | None = None,
    qualifying_apm: bool = False,
) -> Wanted:
    """What is asked for, checked against what is held."""
    held = facts.release(release)
    day = read_date(on) or held.starts
    if not held.covers(day):
        span = f"{held.starts.isoformat()} to {held.ends.isoformat()}"
        raise BadInput(f"{day.isoformat()} is not in release {held.id}", exists=f"It holds from {span}")
    factor = facts.conversion_factor(day, qualifying_apm)
    notes = []
    last = facts.conversion_factor(held.ends, qualifying_apm)
    if on is None and last != factor:
        notes.append(
            f"The conversion factor changed within the release, on {last.starts.isoformat()}: this is the one of "
            f"{day.isoformat()}."
        )
    if qualifying_apm and factor.track == "all":
        notes.append("On this date one conversion factor held for all, qualifying APM participants included.")
    if not facts.table(held.id).whole:
        notes.append(f"Of release {held.id} only {len(facts.table(held.id).codes()):,} codes are held.")
    where = [_places(text, held.id, facts) for text in places] if places else [localities_of("", held.id, facts)]
    chosen = {place.id: place for some in where for place in some}
    return Wanted(held, day, factor, tuple(chosen.values()), _codes(codes, held, facts), tuple(notes))


def _places(text: str, release: str, facts: Facts) -> tuple[Locality, ...]:
    """The localities that a text means: a state all of its own, any other text the one that `price` takes."""
    if text.strip():
        try:
            return localities_of(text, release, facts)
        except UnknownPlace:
            pass
    return (find_place(text, release, facts),)


def _codes(typed: Sequence[str], release: Release, facts: Facts) -> tuple[str, ...]:
    codes = tuple(dict.fromkeys(read_code(text) for text in typed))
    lacking = [code for code in codes if not facts.records(code, release.id)]
    if not lacking:
        return codes
    table = facts.table(release.id)
    if not table.whole:
        raise require_held(release, table, lacking[0], facts.ever(lacking[0]))
    raise UnknownCode(
        f"{', '.join(lacking)}: not in release {release.id}",
        exists=f"It has {len(table.codes()):,} codes",
        fix=f"Leave it out; `openrvu history {lacking[0]}` shows where it is",
    )


@contextmanager
def laid_out(facts: Facts, asked: Wanted) -> Iterator[DuckDBPyConnection]:
    """A connection with the tables of what is asked for."""
    with amounts.engine() as connection:
        amounts.lay_out(connection, facts, asked.release, asked.places, asked.codes)
        yield connection


def _sql(factor: ConversionFactor) -> str:
    """The schedule as a query with the columns and types of COLUMNS."""
    fees = [f"CASE WHEN outcome = 'priced' THEN {fee} END" for fee in amounts.fees(factor.value)]
    opps = ("opps_pe_nonfacility_rvu", "opps_pe_facility_rvu")
    caps = [f"CASE WHEN {pe} > 0 THEN {cap} END" for pe, cap in zip(opps, amounts.caps(factor.value), strict=True)]
    values = ("mac", "locality", "hcpcs", "modifier", "outcome", "status", *fees, *caps)
    shown = ", ".join(f"({value})::{kind} AS {name}" for value, (name, kind, _) in zip(values, COLUMNS, strict=True))
    return f"SELECT {shown} FROM rvu CROSS JOIN places ORDER BY 1, 2, 3, 4"  # noqa: S608 (our own names)


def _counts(connection: DuckDBPyConnection) -> dict[str, int]:
    """Rows by status."""
    sql = "SELECT outcome, count(*) * (SELECT count(*) FROM places) FROM rvu GROUP BY 1 ORDER BY 1"
    return dict(connection.execute(sql).fetchall())


def _write(connection: DuckDBPyConnection, copy: str, path: Path) -> None:
    """Run a COPY to a file that appears whole or stays as it was."""
    import duckdb

    try:
        with whole(path) as part:
            connection.execute(copy.format(str(part).replace("'", "''")))
    except (OSError, duckdb.Error) as fault:
        why = getattr(fault, "strerror", None) or str(fault).splitlines()[0]
        raise BadInput(
            f"the file cannot be written: {why}",
            where=str(path),
            fix="Check the folder, its rights and the space left; what was there is as it was",
        ) from None


def _outcome(facts: Facts, asked: Wanted, statuses: dict[str, int], path: Path) -> Schedule:
    table = facts.table(asked.release.id)
    codes = asked.codes or sorted(table.codes())
    found = [coverage for code in codes if (coverage := coverage_of(code, asked.on))]
    used = [asked.release.source, asked.factor.source, *(place.source for place in asked.places)]
    return Schedule(
        file=str(path),
        release=asked.release.id,
        origin=table.origin,
        whole=table.whole,
        on=asked.on,
        track=asked.factor.track,
        conversion_factor=units.text(asked.factor.value, units.CONVERSION_FACTOR),
        rows=sum(statuses.values()),
        codes=len(codes),
        places=len(asked.places),
        statuses=statuses,
        columns=tuple(name for name, _, _ in COLUMNS),
        leads=tuple(dict.fromkeys(coverage.lead for coverage in found)),
        notes=asked.notes,
        sources=tuple(dict.fromkeys((*used, *(key for coverage in found for key in coverage.sources)))),
    )
