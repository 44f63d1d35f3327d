"""Which release a file of amounts belongs to: what was asked for, what its names tell, else what its amounts fit.

A payment file must be compared with the release it was made from. Where nothing names that, the releases of its year
are tried, and the outcome says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from openrvu import releases
from openrvu.errors import BadFile, NotHeld
from openrvu.facts import Facts
from openrvu.releases import Release, way_to
from openrvu.tables import recognise


@dataclass(frozen=True)
class Candidates:
    """Releases to try, the likeliest last: the one that most amounts agree with is taken, of equals the last.

    why: how the one that is taken was found; `{}` stands for its id.
    """

    releases: tuple[Release, ...]
    why: str


def year_of(said: Sequence[str], names: Sequence[str], asked: str | None) -> str:
    """The year of a file. said: the years of its records; else the release asked for or told by a name counts."""
    if len(said) > 1:
        raise BadFile(f"the file mixes the years {', '.join(said)}", where=names[0], fix="Split it by year")
    if said:
        return said[0]
    told = [releases.published(asked).id] if asked else list(_told(names))
    if not told:
        raise BadFile(
            "neither the records nor the name tell which release the file is of",
            where=names[0],
            fix="Say it: `--release 2025C`",
        )
    return told[0][:4]


def _told(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(key for name in names if (key := recognise.name_says(name)))


def candidates(facts: Facts, year: str, names: Sequence[str], asked: str | None) -> Candidates:
    """The releases to try. Raises NotHeld where none of the year is held, BadFile where another year is asked for."""
    if asked:
        release = facts.release(asked)
        if str(release.starts.year) != year:
            what = f"the file is of {year} and release {release.id} is not"
            raise BadFile(what, where=names[0], fix=f"Name a release of {year}")
        return Candidates((release,), "asked for")
    of_year = tuple(release for release in facts.releases if str(release.starts.year) == year)
    if not of_year:
        raise NotHeld(
            f"no release of {year} is held",
            where=names[0],
            exists="Held: " + ", ".join(release.id for release in facts.releases),
            fix="Load its relative value file with `openrvu load FILE`",
        )
    told = [key for key in _told(names) if key[:4] == year]
    if named := _named(facts, of_year, told):
        return named
    whole = tuple(release for release in of_year if facts.table(release.id).whole)
    tried = whole or of_year
    much = "" if whole else "; none of that year is held whole"
    lead = f"{told[0]} is not held ({way_to(told[0])}): " if told else "no name tells it: "
    if len(tried) == 1:
        return Candidates(tried, f"{lead}{{}} is the one of {year} that is held{much}")
    return Candidates(tried, f"{lead}of {len(tried)} releases of {year} the one that most amounts agree with{much}")


def _named(facts: Facts, of_year: Sequence[Release], told: Sequence[str]) -> Candidates | None:
    """The release that a name tells, with its revision: CMS's names do not always tell 2024A from 2024AR."""
    for key in told:
        quarter = key.removesuffix("R")
        same = [release for release in of_year if release.id.removesuffix("R") == quarter]
        whole = [release for release in same if facts.table(release.id).whole]
        tried = sorted(whole or same, key=lambda release: release.id == key)
        if not tried:
            continue
        much = "held whole" if whole else "not held whole"
        if len(tried) == 1:
            return Candidates(tuple(tried), f"named by the file, and {much}")
        return Candidates(tuple(tried), f"named by the file, told from its revision by the amounts, and {much}")
    return None
