"""How figures are made here, how far that goes, and what they must not be used for: as data, for pages and commands.

What is modelled, what differs from published figures and how many amounts were compared is read from the files that say
so (coverage.toml and two of docs/), which lie in this folder as links, and in an installed package as files.

>>> found = methods()
>>> found.rules[0].name, found.rules[0].order
('release', 1)
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from openrvu import params, units
from openrvu.answers import csv_text
from openrvu.files import read_toml
from openrvu.methodology.said import METHODS, MUST_NOT, STATISTICS, Said
from openrvu.rules.order import RULES

_FOLDER = Path(__file__).parent
# What stands after a value of each unit, its scale and its decimals; other units are whole numbers.
_SHOWN = {
    "cents": (units.CENTS, 2, "dollars"),
    "percent": (units.PERCENT // 100, 2, "%"),
    "gpci": (units.GPCI, 3, ""),
    "conversion_factor": (units.CONVERSION_FACTOR, 4, "dollars a unit"),
    "conversion factor x 10^4": (units.CONVERSION_FACTOR, 4, "dollars a unit"),
}
COVERAGE = ("what", "since", "state", "limits", "verified by")


@dataclass(frozen=True)
class Acting:
    """A rule of payment. order: its place among all, from 1. says: what it does."""

    order: int
    name: str
    says: str
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Dated:
    """A value of a parameter. value: as text with its unit. ends None: no end is known. settled False: from memory."""

    name: str
    meaning: str
    value: str
    starts: date
    ends: date | None
    source: str
    settled: bool


@dataclass(frozen=True)
class Modelled:
    """An item of coverage. state: done (held against an outside figure), partly or not. since: a date or a release."""

    name: str
    since: str
    state: str
    limits: str
    verified_by: tuple[str, ...]


@dataclass(frozen=True)
class MatchRate:
    """CMS's published amounts of a release and ours: how many were compared, how many agree to the cent."""

    release: str
    compared: int
    equal: int
    different: int
    rate: str


@dataclass(frozen=True)
class Difference:
    """A known difference from a published figure, by example. about: the heading under which it stands."""

    about: str
    term: str
    text: str


@dataclass(frozen=True)
class Methods:
    """All of it. how: prices, releases, surveys. statistics: further methods. must_not: what it is not for."""

    how: tuple[Said, ...]
    rules: tuple[Acting, ...]
    parameters: tuple[Dated, ...]
    statistics: tuple[Said, ...]
    must_not: tuple[Said, ...]
    coverage: tuple[Modelled, ...]
    compared: tuple[MatchRate, ...]
    differences: tuple[Difference, ...]


@cache
def methods() -> Methods:
    """The methods of this version. Reads three small files; nothing is computed."""
    return Methods(
        how=METHODS,
        rules=tuple(Acting(at, rule.name, rule.says, rule.sources) for at, rule in enumerate(RULES, 1)),
        parameters=tuple(_dated(row) for row in params.rows()),
        statistics=STATISTICS,
        must_not=MUST_NOT,
        coverage=_coverage(),
        compared=_compared(),
        differences=_differences(),
    )


def _dated(row: params.Parameter) -> Dated:
    scale, places, after = _SHOWN.get(row.unit, (1, 0, row.unit))
    value = units.text(row.value, scale, places) if scale > 1 else str(row.value)
    return Dated(row.name, row.meaning, f"{value} {after}".strip(), row.starts, row.ends, row.source, row.settled)


def _coverage() -> tuple[Modelled, ...]:
    rows = read_toml(_FOLDER / "coverage.toml")["item"]
    return tuple(
        Modelled(row["name"], row["since"], row["state"], row["limits"], tuple(row["verified_by"])) for row in rows
    )


def _text(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


def _compared() -> tuple[MatchRate, ...]:
    """The match rates by release: the table under that heading."""
    part = _text("reconciliation.md").partition("## Match rate by release\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (\w+) \| ([\d,]+) \| ([\d,]+) \| ([\d,]+) \| (\S+)(?: %)? \|$", part, re.M)
    return tuple(
        MatchRate(release, _count(of), _count(same), _count(other), rate) for release, of, same, other, rate in rows
    )


def _count(text: str) -> int:
    return int(text.replace(",", ""))


def _differences() -> tuple[Difference, ...]:
    """Each paragraph that begins with a bold term, under its heading; lists stay with the paragraph before them."""
    found: list[Difference] = []
    for part in re.split(r"^## ", _text("differences.md"), flags=re.M)[1:]:
        about, _, body = part.partition("\n")
        for text in re.split(r"\n\n(?=\*\*)", body.strip()):
            if match := re.match(r"\*\*(.+?)\*\*(.*)", text, re.S):
                found.append(Difference(about.strip(), match[1].strip(), _plain(match[2])))
    return tuple(found)


def _plain(text: str) -> str:
    """Markdown as plain text: links as their words, list items as sentences, one line."""
    bare = re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", text).replace("`", "").replace("**", "").replace("\n- ", " · ")
    return " ".join(bare.split())


def sheet(found: Methods) -> str:
    """What is modelled, as CSV, columns COVERAGE."""
    rows = [(one.name, one.since, one.state, one.limits, " ".join(one.verified_by)) for one in found.coverage]
    return csv_text(COVERAGE, rows)
