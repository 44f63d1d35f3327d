"""CMS's fee-schedule releases, and which one holds on a date of service.

A release is in force from `starts` to `ends`. Of a release we may hold the whole file, an extract of it, or
only its components; `coverage` says which, and nothing is carried over from another release.

>>> on_date(date(2024, 2, 1)).id, on_date(date(2024, 4, 1)).id
('2024A', '2024B')
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from openrvu.errors import BadFile, NotHeld
from openrvu.files import facts_folder, read_toml


@dataclass(frozen=True)
class Release:
    """One published relative value file and what belongs to it.

    id: year and quarter letter as CMS uses them ("2026C" is RVU26C). starts, ends: dates of service, inclusive.
    coverage: "whole" (the file read for the embedded facts was complete), "extract" (only some codes of it were
    available), "components" (RVUs alone: no status, no indicators). gpci, localities: ids of the tables that
    go with it. source: id of the file it was read from.
    """

    id: str
    starts: date
    ends: date
    coverage: str
    gpci: str
    localities: str
    source: str
    note: str = ""

    @property
    def cms_name(self) -> str:
        """The name CMS gives the file, as in RVU26C."""
        return f"RVU{self.id[2:]}"

    def covers(self, on: date) -> bool:
        """Whether the release is in force on this date."""
        return self.starts <= on <= self.ends


def way_to(key: str) -> str:
    """The commands that bring a release here, as the end of a message.

    >>> way_to("2026B")
    "`openrvu fetch 2026B`, or `openrvu load FILE` with CMS's RVU26B"
    """
    if not re.fullmatch(r"20\d\d[A-D]R?", key):
        return "`openrvu load FILE` with CMS's file, or `openrvu fetch` with a release such as 2026B"
    return f"`openrvu fetch {key}`, or `openrvu load FILE` with CMS's RVU{key[2:]}"


def quarter(on: date) -> str:
    """The id that CMS's calendar gives the release of a date.

    >>> quarter(date(2024, 12, 1))
    '2024D'
    """
    return f"{on.year}{'ABCD'[(on.month - 1) // 3]}"


def starts_of(key: str) -> date:
    """The first day of a release by its id, known or of CMS's calendar.

    >>> starts_of("2024AR"), starts_of("2027B")
    (datetime.date(2024, 3, 9), datetime.date(2027, 4, 1))
    """
    if found := next((release.starts for release in known() if release.id == key), None):
        return found
    return date(int(key[:4]), 3 * "ABCD".index(key[4]) + 1, 1)


@cache
def known() -> tuple[Release, ...]:
    """Every release of `facts/releases.toml`, oldest first."""
    rows = read_toml(facts_folder() / "releases.toml")
    return tuple(sorted((Release(id=key, **row) for key, row in rows.items()), key=lambda r: (r.starts, r.id)))


def on_date(on: date, held: Iterable[Release] | None = None) -> Release:
    """The release in force on a date of service.

    Raises NotHeld, naming the nearest release and the command that gets the one asked for, when none covers the date.
    """
    candidates = tuple(held) if held is not None else known()
    for release in candidates:
        if release.covers(on):
            return release
    near = min(candidates, key=lambda r: min(abs((on - r.starts).days), abs((on - r.ends).days)))
    raise NotHeld(
        f"no release that is held covers {on.isoformat()}",
        exists=f"Nearest: {near.id}, {near.starts.isoformat()} to {near.ends.isoformat()}",
        fix="Values are never carried forward: choose a date inside a held release, or get the one of that date: "
        + way_to(quarter(on)),
    )


def named(key: str, held: Iterable[Release] | None = None) -> Release:
    """The release with this id ("2026C", "RVU26C" or "26C"). Raises NotHeld with the ids that exist."""
    candidates = tuple(held) if held is not None else known()
    wanted = id_of(key)
    for release in candidates:
        if wanted in (release.id, release.id[2:]):
            return release
    raise NotHeld(
        f"release {key!r} is not held",
        exists="Held: " + ", ".join(r.id for r in candidates),
        fix=f"Get it: {way_to(wanted)}",
    )


def id_of(typed: str) -> str:
    """A release id as typed, in the form that ids have.

    >>> id_of("rvu26b"), id_of("2026B")
    ('2026B', '2026B')
    """
    key = typed.strip().upper().removeprefix("RVU")
    return f"20{key}" if re.fullmatch(r"\d\d[A-D]R?", key) else key


def on_calendar(key: str) -> Release | None:
    """The release of this id from releases.toml, else from CMS's calendar of quarters; None for no such id."""
    if row := next((release for release in known() if release.id == key), None):
        return row
    match = re.fullmatch(r"(20\d\d)([A-D])", key)
    if match is None:
        return None
    year, first = int(match[1]), 3 * "ABCD".index(match[2]) + 1
    after = date(year + first // 10, (first + 2) % 12 + 1, 1)
    near = [release for release in known() if release.starts.year == year]
    return Release(
        id=key,
        starts=date(year, first, 1),
        ends=after - timedelta(days=1),
        coverage="whole",
        gpci=near[-1].gpci if near else "",
        localities=near[-1].localities if near else known()[-1].localities,
        source="",
    )


def published(typed: str, where: str = "") -> Release:
    """The release of an id, whether it is held or not. Raises BadFile for an id that is none.

    >>> published("2027D").ends.isoformat()
    '2027-12-31'
    """
    if release := on_calendar(id_of(typed)):
        return release
    raise no_such(typed, where)


def no_such(key: str, where: str) -> BadFile:
    """The error for an id that is no release."""
    return BadFile(
        f"no dates are known for a release {key!r}",
        where=where,
        exists="A release is a year and a quarter's letter, as in 2026B: A January, B April, C July, D October",
        fix="A revised release needs a row in releases.toml",
    )
