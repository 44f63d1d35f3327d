"""Price every record of a payment or OPPS-cap file of CMS with its own release and compare, to the cent.

A fee is compared in each setting. The OPPS cap of a record is compared as one: it agrees when both its settings do.
The amounts of a second therapy are compared in each of their two columns.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from openrvu import amounts, units
from openrvu.errors import BadFile
from openrvu.facts import Facts
from openrvu.files import facts_folder, read_csv
from openrvu.holdings import current
from openrvu.reconciling import choosing, comparing, reading
from openrvu.reconciling.outcome import NOT_COMPARABLE, Difference, Reconciliation
from openrvu.releases import Release
from openrvu.schemas import ConversionFactor

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

__all__ = ["NOT_COMPARABLE", "Difference", "Reconciliation", "known_stale", "reconcile", "reconcile_all"]


def reconcile(path: str | Path, facts: Facts | None = None, release: str | None = None) -> Reconciliation:
    """Compare the one payment file (PFALL, PFREV, per carrier, or an extract with a heading) or OPPS-cap file at path.

    facts: what is held (default: holdings.current()). release: id of the release to price with; default the one that
    the name of the file or its zip tells, else the one of the file's year that most amounts agree with. Where a
    release has two conversion factors the one that more amounts agree with is taken, and named in the outcome.
    Raises BadFile for a file that is none or a zip with several, NotHeld where no release of its year is held.
    """
    found = list(reconcile_all(path, facts, release))
    if len(found) > 1:
        raise BadFile(
            f"{len(found)} files of amounts are in the zip",
            where=Path(path).name,
            exists=f"It has {', '.join(one.file for one in found)}",
            fix="Take reconcile_all, which compares each",
        )
    return found[0]


def reconcile_all(path: str | Path, facts: Facts | None = None, release: str | None = None) -> Iterator[Reconciliation]:
    """Compare each payment and OPPS-cap file in what was brought, one by one. See `reconcile`."""
    facts = facts or current()
    for brought in reading.files(Path(path)):
        with amounts.engine() as connection:
            yield _reconciled(connection, brought, facts, release)


def _reconciled(
    connection: DuckDBPyConnection, brought: reading.Brought, facts: Facts, asked: str | None
) -> Reconciliation:
    notes = list(reading.publish(connection, brought))
    year = choosing.year_of(reading.years(connection), brought.names, asked)
    tried = choosing.candidates(facts, year, brought.names, asked)
    release, factor, counts = _best(connection, facts, tried)
    reasons, no_rvu = comparing.not_comparable(connection)
    if other := comparing.other_fees(connection):
        notes.append(f"{other:,} records hold another fee in the therapy columns, and it is not compared")
    if counts.different > comparing.LISTED:
        notes.append(f"of {counts.different:,} differences the first {comparing.LISTED:,} are listed")
    if counts.different and (words := known_stale(brought.kind, release.id)):
        notes.append(f"known to be stale in CMS's own release: {words}")
    return Reconciliation(
        file=brought.text.name,
        sha256=brought.text.sha256,
        kind=brought.kind,
        release=release.id,
        why=tried.why.format(release.id),
        track=factor.track,
        conversion_factor=units.text(factor.value, units.CONVERSION_FACTOR),
        records=counts.records,
        compared=counts.compared,
        matched=counts.matched,
        caps_compared=counts.caps_compared,
        caps_matched=counts.caps_matched,
        therapy_compared=counts.therapy_compared,
        therapy_matched=counts.therapy_matched,
        different=counts.different,
        differences=comparing.differences(connection),
        not_comparable=reasons,
        no_rvu=no_rvu,
        notes=tuple(notes),
    )


def _best(
    connection: DuckDBPyConnection, facts: Facts, tried: choosing.Candidates
) -> tuple[Release, ConversionFactor, comparing.Counts]:
    """The release and conversion factor that most amounts agree with; the tables of that pass are left behind."""
    best: tuple[Release, ConversionFactor, comparing.Counts] | None = None
    last: tuple[Release, ConversionFactor] | None = None
    for release in tried.releases:
        comparing.lay_out(connection, facts, release)
        # Of equals the last is taken: nonQP, as files that do not say are of it.
        for factor in sorted(amounts.factors_of(facts, release), key=lambda one: (one.track == "nonQP", one.starts)):
            last = (release, factor)
            counts = comparing.compare(connection, factor.value)
            if best is None or counts.agreement >= best[2].agreement:
                best = (release, factor, counts)
    assert best is not None and last is not None
    if best[:2] != last:
        comparing.lay_out(connection, facts, best[0])
        comparing.compare(connection, best[1].value)
    return best


@cache
def _stale() -> dict[tuple[str, str], str]:
    rows = read_csv(facts_folder() / "stale_amounts.csv")
    return {(row["kind"], row["release"]): row["words"] for row in rows}


def known_stale(kind: str, release: str) -> str:
    """What is known of a file of CMS that does not follow from its own release; empty where nothing is.

    >>> known_stale("oppscap", "2025D")
    ''
    """
    return _stale().get((kind, release), "")
