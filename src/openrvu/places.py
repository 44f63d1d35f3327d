"""From what people type (a state, a county, a locality name or number) to one Medicare payment locality.

>>> find_place("Ohio", "2025D").id, find_place("15202-00", "2025D").name
('15202-00', 'OHIO')
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from openrvu.errors import BadInput, UnknownPlace
from openrvu.facts import Facts, embedded
from openrvu.files import facts_folder, read_csv
from openrvu.schemas import NATIONAL, Locality

_ID = re.compile(r"(\d{4,5})[-/ ](\d{1,2})")


@cache
def states() -> Mapping[str, str]:
    """State names by two-letter abbreviation, territories included."""
    return {row["abbreviation"]: row["name"] for row in read_csv(facts_folder() / "states.csv")}


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[^a-z0-9]+", " ", text.lower()).split())


def _state_of(text: str) -> str | None:
    wanted = _plain(text)
    return next((key for key, name in states().items() if wanted in (key.lower(), _plain(name))), None)


def _counties(locality: Locality) -> set[str]:
    parts = re.split(r"[,/;&]| AND ", locality.counties.upper())
    return {_plain(part).removesuffix(" county").removesuffix(" cnty") for part in parts if part.strip()}


def _candidates(text: str, localities: Mapping[str, Locality]) -> list[Locality]:
    """Localities that the text may mean: by state, then by county (with or without a state), then by name."""
    if state := _state_of(text):
        return [place for place in localities.values() if state in place.state.split("/")]
    head, _, tail = text.rpartition(",")
    state = _state_of(tail) if head else None
    wanted = _plain(head if state else text).removesuffix(" county")
    within = [p for p in localities.values() if state is None or state in p.state.split("/")]
    by_county = [place for place in within if wanted in _counties(place)]
    if by_county:
        return by_county
    exact = [place for place in within if wanted == _plain(place.name)]
    if exact:
        return exact
    return [place for place in within if re.search(rf"\b{re.escape(wanted)}\b", _plain(place.name))]


def find_place(text: str, release_id: str, facts: Facts | None = None) -> Locality:
    """The one locality that the text names on a release, or the national one.

    text: `national`, a MAC and locality number (`15202-00`), a state, a county (`Cook, IL`) or a locality name.
    Raises UnknownPlace with the choices when it names none or several; BadInput for a ZIP code, for which no table
    is embedded.
    """
    facts = facts or embedded()
    typed = text.strip()
    if _plain(typed) in ("", "national", "us", "usa", "united states"):
        return NATIONAL
    if match := _ID.fullmatch(typed):
        return facts.locality(f"{match[1].zfill(5)}-{match[2].zfill(2)}", release_id)
    if re.fullmatch(r"\d{5}(-\d{4})?", typed):
        raise BadInput(
            f"{typed} looks like a ZIP code, and no ZIP table is held",
            fix="Type the state, the county (`Cook, IL`) or the locality (`06102-16`)",
        )
    found = _candidates(typed, facts.localities(release_id))
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
        fix="Type a state, a county with its state (`Cook, IL`), a locality name or a number such as 15202-00",
    )
