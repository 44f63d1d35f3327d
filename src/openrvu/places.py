"""From what people type (a state, a county, a ZIP code, a locality name or number) to one Medicare payment locality.

>>> find_place("Ohio", "2025D").id, find_place("15202-00", "2025D").name
('15202-00', 'OHIO')
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

from openrvu.errors import UnknownPlace
from openrvu.facts import Facts, embedded, locality_aliases
from openrvu.files import facts_folder, read_csv
from openrvu.releases import quarter
from openrvu.schemas import NATIONAL, Locality, ZipArea

_ID = re.compile(r"(\d{4,5})[-/ ](\d{1,2})")
_ZIP = re.compile(r"(\d{5})(-\d{4})?")
QUARTERS = {"A": "January to March", "B": "April to June", "C": "July to September", "D": "October to December"}


@cache
def states() -> Mapping[str, str]:
    """State names by two-letter abbreviation, territories included."""
    return {row["abbreviation"]: row["name"] for row in read_csv(facts_folder() / "states.csv")}


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[^a-z0-9]+", " ", text.lower()).split())


def _state_of(text: str) -> str | None:
    wanted = _plain(text)
    return next((key for key, name in states().items() if wanted in (key.lower(), _plain(name))), None)


@cache
def _areas(locality: Locality) -> frozenset[tuple[str, str]]:
    """The counties that CMS lists for a locality, as (county, state).

    `ALL COUNTIES, EXCEPT ...` lists none. A locality may reach into other states: `...; FAIRFAX IN VIRGINIA; ...`.
    """
    found: set[tuple[str, str]] = set()
    for group in re.split(r";", locality.counties.upper().partition("EXCEPT")[0]):
        names, _, other = group.partition(" IN ")
        state = _state_of(other) or locality.state
        for part in re.split(r"[,/&]| AND ", names):
            if name := _county(part):
                found.add((name, state))
    return frozenset(found)


def _county(text: str) -> str:
    return re.sub(r" (county|cnty|parish)$", "", _plain(text))


def _reaches(locality: Locality, state: str) -> bool:
    # Hawaii and Guam are one locality: HI/GU.
    return state in locality.state.split("/") or any(area_state == state for _, area_state in _areas(locality))


def _candidates(text: str, localities: Mapping[str, Locality]) -> list[Locality]:
    """Localities that the text may mean: by state, then by county (with or without a state), then by name."""
    if state := _state_of(text):
        return [place for place in localities.values() if _reaches(place, state)]
    head, _, tail = text.rpartition(",")
    state = _state_of(tail) if head else None
    wanted = _county(head if state else text)
    by_county = [p for p in localities.values() if any(wanted == n and state in (None, s) for n, s in _areas(p))]
    if by_county:
        return by_county
    within = [p for p in localities.values() if state is None or _reaches(p, state)]
    exact = [place for place in within if wanted == _plain(place.name)]
    return exact or [place for place in within if re.search(rf"\b{re.escape(wanted)}\b", _plain(place.name))]


def _rest_of_state(text: str, localities: Mapping[str, Locality]) -> str:
    """A hint for a county that no locality lists: most states have one locality for all counties not named."""
    state = _state_of(text.rpartition(",")[2])
    rest = [p for p in localities.values() if p.state == state and re.match(r"ALL (OTHER )?COUNT", p.counties.upper())]
    if len(rest) != 1:
        return ""
    return (
        f"CMS lists no such county by name. Counties that are not listed belong to {rest[0].id} {rest[0].name.title()}"
    )


def find_place(text: str, release_id: str, facts: Facts | None = None, on: date | None = None) -> Locality:
    """The one locality that the text names on a release, or the national one.

    text: `national`, a MAC and locality number (`15202-00`), a state, a county (`Cook, IL`), a locality name or a ZIP
    code of five digits. on: the date of service, for ZIP codes (see find_zip). Raises UnknownPlace with the choices
    when it names none or several; NotHeld for a ZIP code where no ZIP table is loaded.
    """
    facts = facts or embedded()
    typed = text.strip()
    if not typed or _plain(typed) in ("national", "us", "usa", "united states"):
        return NATIONAL
    if match := _ID.fullmatch(typed):
        return facts.locality(f"{match[1].zfill(5)}-{match[2].zfill(2)}", release_id)
    if _ZIP.fullmatch(typed):
        return find_zip(typed, release_id, facts, on).locality
    # Text without a letter or a figure that names use is no place, and must not be taken for the nation.
    found = _candidates(typed, facts.localities(release_id)) if _plain(typed) else []
    if len(found) == 1:
        return found[0]
    if found:
        raise UnknownPlace(
            f"{typed!r} has {len(found)} localities, each with its own amounts",
            exists="; ".join(f"{p.id} {p.name.title()}" for p in sorted(found, key=lambda p: p.id)),
            fix="Name one of them by number, or a county (`Cook, IL`)",
        )
    raise UnknownPlace(
        f"no Medicare locality is called {typed!r}",
        where=f"release {release_id}",
        exists=_rest_of_state(typed, facts.localities(release_id)),
        fix="Type a state, a county with its state (`Cook, IL`), a locality name or a number such as 15202-00",
    )


@dataclass(frozen=True)
class ZipPlace:
    """The locality of a ZIP code. area: its row of the ZIP table. note: by which quarter's table, and what follows."""

    zip: str
    locality: Locality
    area: ZipArea
    note: str


def find_zip(text: str, release_id: str, facts: Facts, on: date | None = None) -> ZipPlace:
    """The locality of a ZIP code (five digits, or nine of which the last four are not needed) on a release.

    on: the date of service (default: the first day of the release); the ZIP table of the nearest quarter is taken, and
    the note says so where that is another one. Raises NotHeld where no ZIP table is loaded, UnknownPlace for a ZIP code
    that the table lacks or that lies in more than one locality: nothing is guessed.
    """
    code = text.strip()[:5]
    day = on or facts.release(release_id).starts
    areas = facts.zip_areas(code, day)
    if not areas:
        fix = "Check the ZIP code, or type the state, the county (`Cook, IL`) or the locality (`06102-16`)"
        raise UnknownPlace(f"no ZIP code {code} is in the ZIP table held", fix=fix)
    area, *more = areas
    held = facts.localities(release_id)
    table = f"CMS's ZIP table of {QUARTERS[area.quarter[4]]} {area.quarter[:4]}"
    if more or area.split:
        raise UnknownPlace(
            f"ZIP code {code} lies in more than one locality" + ("" if more else ": its last four digits decide"),
            where=table,
            exists=_choices(areas, held),
            fix="Name the locality by number or the county; CMS's ZIP9 file has the last four digits",
        )
    place = held.get(area.locality) or held.get(locality_aliases().get(area.locality, ""))
    if place is None:
        raise UnknownPlace(
            f"ZIP code {code} is under {area.locality}, which release {release_id} does not have",
            where=table,
            fix="Load the ZIP table of that release's quarter, or name the locality (`openrvu places`)",
        )
    note = f"ZIP code {code} is in {place.id} by {table}."
    if quarter(day) != area.quarter:
        note += f" {day.isoformat()} is outside that quarter: ZIP codes can move, so load the table of {quarter(day)}."
    return ZipPlace(code, place, area, note)


def zip_of(text: str, release_id: str, facts: Facts, on: date) -> ZipPlace | None:
    """What is to be said of a place that was typed as a ZIP code; None for any other."""
    return find_zip(text, release_id, facts, on) if _ZIP.fullmatch(text.strip()) else None


def _choices(areas: tuple[ZipArea, ...], held: Mapping[str, Locality]) -> str:
    """The localities that a split ZIP code may mean: those of its rows, then the others of its state."""
    listed = list(dict.fromkeys(area.locality for area in areas))
    states = {{"EM": "MO", "WM": "MO", "EK": "KS", "WK": "KS"}.get(area.state, area.state) for area in areas}
    near = [key for key, place in sorted(held.items()) if key not in listed and any(_reaches(place, s) for s in states)]
    names = {key: f"{key} {place.name.title()}" for key, place in held.items()}
    said = "CMS lists it under " + "; ".join(names.get(key, key) for key in listed)
    also = "; others of its state: " + "; ".join(names[key] for key in near)
    return said + (also if near else "; its state has no other, so part of it may lie in a neighbouring state")


def localities_of(state: str, release_id: str, facts: Facts | None = None) -> tuple[Locality, ...]:
    """The localities of a release, by id: all, those that reach into a state (name or abbreviation), or that of a ZIP.

    >>> [place.id for place in localities_of("Maryland", "2026C")]
    ['12202-01', '12302-01', '12302-99']
    """
    held = sorted((facts or embedded()).localities(release_id).values(), key=lambda place: place.id)
    if not state.strip():
        return tuple(held)
    if _ZIP.fullmatch(state.strip()):
        return (find_zip(state, release_id, facts or embedded()).locality,)
    wanted = _state_of(state)
    if wanted is None:
        raise UnknownPlace(f"no state is called {state!r}", fix="Type its name or its two letters, or a ZIP code")
    return tuple(place for place in held if _reaches(place, wanted))
