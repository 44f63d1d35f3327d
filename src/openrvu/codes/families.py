"""Families of codes: what each service is in our own words, how it is done, and what it is confused with.

A family is one file in `facts/families`; a coder can add one without Python.

>>> find_service("62380").visualization
'continuous direct view through the endoscope'
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from openrvu.errors import BadFile
from openrvu.files import facts_folder, read_toml


@dataclass(frozen=True)
class Confusion:
    """A code that a service is taken for, and the one sentence why it is not the same."""

    code: str
    why: str


@dataclass(frozen=True)
class Service:
    """One code of a family. Empty text or None: not stated by the sources read.

    words: at most twelve, our own. unit: what one unit counts (interspace or vertebral segment). category: I, III or
    HCPCS. introduced, ended: first and last day of the code. add_on_to: primaries that an add-on goes with.
    coverage: id of a coverage decision. traps: what coders get wrong.
    """

    code: str
    words: str
    family: str
    approach: str = ""
    visualization: str = ""
    target: str = ""
    region: str = ""
    pathology: str = ""
    unit: str = ""
    category: str = ""
    introduced: date | None = None
    ended: date | None = None
    predecessor: str = ""
    successor: str = ""
    coverage: str = ""
    add_on_to: tuple[str, ...] = ()
    confused_with: tuple[Confusion, ...] = ()
    traps: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class Family:
    """Services that belong together. comparators: priced services used for a pricing rationale only."""

    id: str
    title: str
    source: str
    comparators: tuple[str, ...]
    services: Mapping[str, Service]


_FIELDS = {field.name for field in fields(Service)} - {"code", "family"}


_DATES = ("introduced", "ended")
_LISTS = ("add_on_to", "confused_with", "traps", "sources")


def _fault(row: dict[str, Any]) -> str:
    """What is wrong with the table of one code; empty where nothing is."""
    if unknown := sorted(set(row) - _FIELDS):
        return f"unknown keys: {', '.join(unknown)}"
    if not row.get("words"):
        return "no `words`"
    for key, value in row.items():
        wanted = date if key in _DATES else list if key in _LISTS else str
        if not isinstance(value, wanted):
            return f"`{key}` is {value!r}, no {'date as in 2017-01-01' if wanted is date else wanted.__name__}"
    for item in row.get("confused_with", ()):
        if set(item) != {"code", "why"}:
            return "each `confused_with` needs `code` and `why` and nothing else"
    return ""


def _service(code: str, family: str, row: dict[str, Any], path: Path) -> Service:
    if fault := _fault(row):
        raise BadFile(
            f"service {code}: {fault}",
            where=path.name,
            exists=f"Keys: {', '.join(sorted(_FIELDS))}",
            fix="Mend the table of this code",
        )
    plain: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
    plain["confused_with"] = tuple(Confusion(**item) for item in row.get("confused_with", ()))
    return Service(code=code, family=family, **plain)


def read_family(path: Path) -> Family:
    """One family file. Raises BadFile naming the code and the key that cannot be used."""
    data = read_toml(path)
    for key in ("id", "title", "source", "services"):
        if key not in data:
            raise BadFile(f"the family has no `{key}`", where=path.name, fix="Add it; docs: an existing family file")
    services = {code: _service(code, data["id"], row, path) for code, row in data["services"].items()}
    return Family(data["id"], data["title"], data["source"], tuple(data.get("comparators", ())), services)


@cache
def families() -> tuple[Family, ...]:
    """Every family that the package ships."""
    return tuple(read_family(path) for path in sorted((facts_folder() / "families").glob("*.toml")))


def family_of(code: str) -> Family | None:
    """The family that describes a code, or None."""
    return next((family for family in families() if code in family.services), None)


def find_service(code: str) -> Service | None:
    """What is known of a code beyond the fee schedule, or None."""
    family = family_of(code)
    return family.services[code] if family else None


def plain_words(code: str) -> str:
    """Our own words for a code; empty where no family describes it.

    >>> plain_words("63005")
    'open lumbar bone removal to free nerves, one or two segments'
    """
    service = find_service(code)
    return service.words if service else ""
