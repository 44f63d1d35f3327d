"""Reading a scenario file: every table and key is checked, and a fault names the file and the line.

What needs the facts held (codes, releases, places, the date) is checked by `changed.apply`, with the same lines.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

from openrvu import params, units
from openrvu.errors import BadFile, BadInput
from openrvu.impact.scenario import (
    GPCI_COLUMNS,
    RVU_COLUMNS,
    FactorChange,
    Figure,
    GpciChange,
    ParameterChange,
    Price,
    Restore,
    RvuChange,
    Scenario,
    Volume,
)
from openrvu.impact.toml_lines import positions
from openrvu.pricing import SETTINGS, read_code, read_date
from openrvu.rules.status import statuses
from openrvu.schemas import MAX_CONVERSION_FACTOR, MAX_GPCI, RELATIVE_VALUES
from openrvu.sources import sources

HEAD = ("title", "author", "reference", "baseline", "description")
KEYS: Mapping[str, tuple[str, ...]] = {
    "file": (
        *HEAD,
        *("starts", "neutral", "elasticity", "sources"),
        *("rvu", "restore", "gpci", "conversion_factor", "parameter", "volume", "contractor_price"),
    ),
    "rvu": ("code", "modifier", "status", "work_rvu", "pe_rvu", "pe_facility_rvu", "pe_nonfacility_rvu", "mp_rvu"),
    "restore": ("release", "times"),
    "gpci": ("place", *GPCI_COLUMNS),
    "conversion_factor": ("value", "track"),
    "parameter": ("name", "value"),
    "volume": ("code", "services", "setting", "place", "specialty", "elasticity"),
    "contractor_price": ("code", "dollars"),
    "figure": ("value", "low", "high", "mean_of", "same_as", "as_of", "survey"),
}
TRACKS = ("all", "nonQP", "QP")
MOST_SERVICES = 10**9
MOST_PRICE = 10**7
MOST_ELASTICITY = 5
LARGEST = 2**20
_MAXIMA = {column.name: column.maximum for column in RELATIVE_VALUES}


class _File:
    """One file: its name, its lines, and how a fault is told."""

    def __init__(self, path: Path, text: str) -> None:
        self.name, self.at = path.name, positions(text)

    def line(self, key: str) -> int:
        """The line of a key, else of the table it is in."""
        while key and key not in self.at:
            key = key.rpartition(".")[0]
        return self.at.get(key, 1)

    def fault(self, key: str, what: str, exists: str = "", fix: str = "") -> BadFile:
        where = f"{self.name}, line {self.line(key)}"
        return BadFile(what, where=where, exists=exists, fix=fix or "Mend this line; docs/scenarios.md")

    def check_keys(self, kind: str, at: str, table: Any) -> dict[str, Any]:
        """The table, if it is one and has no key but those of its kind."""
        if not isinstance(table, dict):
            raise self.fault(at, f"{at} is no table", f"Write it as [[{kind}]]")
        for key in table:
            if key not in KEYS[kind]:
                inside = f"{at}.{key}" if at else key
                raise self.fault(inside, f"no key is called {key!r} here", f"Keys: {', '.join(KEYS[kind])}")
        return table

    def tables(self, kind: str, data: Mapping[str, Any]) -> Iterable[tuple[str, dict[str, Any]]]:
        """The tables of a kind, each with its place in the file."""
        given = data.get(kind, [])
        if not isinstance(given, list):
            raise self.fault(kind, f"{kind} is no list of tables", f"Write it as [[{kind}]]")
        for number, table in enumerate(given):
            yield f"{kind}.{number}", self.check_keys(kind, f"{kind}.{number}", table)

    def text(self, at: str, value: Any) -> str:
        if not isinstance(value, str) or not value.strip():
            raise self.fault(at, f"{value!r} is no text", fix="Write it between quotation marks")
        return value.strip()

    def code(self, at: str, value: Any) -> str:
        try:
            return read_code(self.text(at, value))
        except BadInput as fault:
            raise self.fault(at, fault.what, fault.exists) from None

    def scaled(self, at: str, value: Any, scale: int, most: int, least: int = 0) -> int:
        """A decimal as a scaled whole number within bounds; text or a whole number, never a float."""
        if isinstance(value, float):
            raise self.fault(at, f"{value} is a number that the computer rounds", fix=f'Write it as text: "{value}"')
        if isinstance(value, bool) or not isinstance(value, (str, int)):
            raise self.fault(at, f"{value!r} is no number", fix='Write it as text, as in "12.00"')
        try:
            found = units.parse(str(value), scale)
        except ValueError as fault:
            raise self.fault(at, str(fault)) from None
        if not least <= found <= most:
            span = f"From {units.text(least, scale)} to {units.text(most, scale)}"
            raise self.fault(at, f"{value} is out of range", span)
        return found

    def exact(self, at: str, value: Any, least: int, most: int) -> Fraction:
        """A decimal as an exact fraction."""
        return Fraction(self.scaled(at, value, 10**6, most * 10**6, least * 10**6), 10**6)

    def setting(self, at: str, value: Any) -> str:
        text = self.text(at, value)
        if text not in SETTINGS:
            raise self.fault(at, f"no setting is called {text!r}", f"Settings: {', '.join(SETTINGS)}")
        return text


def read(path: Path) -> Scenario:
    """The scenario of a file. Raises BadFile, naming the line, for anything that is not as docs/scenarios.md says."""
    text = _text(path)
    file = _File(path, text)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        match = re.search(r"\(?at line (\d+), column \d+\)?", str(fault))
        where = f"{path.name}, line {match[1]}" if match else path.name
        what = re.sub(r"\s*\(at .*\)", "", str(fault))
        raise BadFile(f"the file is no TOML: {what}", where=where, fix="Mend this line; docs/scenarios.md") from None
    file.check_keys("file", "", data)
    for key in HEAD:
        if key not in data:
            what = f"the file has no {key}"
            raise file.fault("", what, f"A scenario is headed: {', '.join(HEAD)}", f'Write {key} = "..." above')
    found = Scenario(
        name=path.stem,
        **{key: " ".join(file.text(key, data[key]).split()) for key in HEAD},
        starts=_date(file, data),
        neutral=_flag(file, data),
        elasticity=_elasticity(file, "elasticity", data),
        rvus=tuple(_rvu(file, at, table) for at, table in file.tables("rvu", data)),
        restores=tuple(_restore(file, at, table) for at, table in file.tables("restore", data)),
        gpcis=tuple(_gpci(file, at, table) for at, table in file.tables("gpci", data)),
        factors=tuple(_factor(file, at, table) for at, table in file.tables("conversion_factor", data)),
        parameters=tuple(_parameter(file, at, table) for at, table in file.tables("parameter", data)),
        volumes=tuple(_volume(file, at, table) for at, table in file.tables("volume", data)),
        prices=tuple(_price(file, at, table) for at, table in file.tables("contractor_price", data)),
        sources=_sources(file, data),
        folder=str(path.parent),
    )
    _once(file, found)
    return found


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST:
            raise BadFile("the file is too large for a scenario", where=path.name, fix="A scenario is a short text")
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise BadFile("the file is no UTF-8 text", where=path.name, fix="Save it as UTF-8") from None
    except OSError as fault:
        raise BadFile(f"the file cannot be read: {fault.strerror}", where=str(path), fix="Check the path") from None


def _date(file: _File, data: Mapping[str, Any]) -> date | None:
    value = data.get("starts")
    if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
        return value
    try:
        return read_date(value if isinstance(value, str) else "")
    except BadInput:
        raise file.fault("starts", f"{value!r} is not a date", fix="Write it as 2026-07-01") from None


def _flag(file: _File, data: Mapping[str, Any]) -> bool:
    value = data.get("neutral", True)
    if not isinstance(value, bool):
        raise file.fault("neutral", f"{value!r} is neither true nor false")
    return value


def _elasticity(file: _File, at: str, table: Mapping[str, Any]) -> Fraction:
    return file.exact(at, table.get("elasticity", "0"), -MOST_ELASTICITY, MOST_ELASTICITY)


def _sources(file: _File, data: Mapping[str, Any]) -> tuple[str, ...]:
    given = data.get("sources", [])
    if not isinstance(given, list) or any(one not in sources() for one in given):
        raise file.fault("sources", "sources is no list of source ids", "Ids stand in facts/sources*.toml")
    return tuple(given)


def _needs(file: _File, at: str, table: Mapping[str, Any], *keys: str) -> None:
    for key in keys:
        if key not in table:
            raise file.fault(at, f"{key} is missing", f"Needed: {', '.join(keys)}")


def _rvu(file: _File, at: str, table: dict[str, Any]) -> RvuChange:
    _needs(file, at, table, "code")
    figures: dict[str, Figure] = {}
    for key in (*RVU_COLUMNS, "pe_rvu"):
        if key not in table:
            continue
        for column in ("pe_nonfacility_rvu", "pe_facility_rvu") if key == "pe_rvu" else (key,):
            if column in figures:
                raise file.fault(f"{at}.pe_rvu", f"two values for {column} of {table['code']}")
            figures[column] = _figure(file, f"{at}.{key}", column, table[key])
    status = table.get("status", "")
    if status and status not in statuses():
        raise file.fault(f"{at}.status", f"{status!r} is no status letter", f"Letters: {', '.join(statuses())}")
    if not figures and not status:
        raise file.fault(at, "nothing is changed", f"Keys: {', '.join(KEYS['rvu'])}")
    code = file.code(f"{at}.code", table["code"])
    modifier = table.get("modifier", "")
    if modifier not in ("", "26", "TC", "53"):
        raise file.fault(f"{at}.modifier", f"{modifier!r} has no RVUs of its own", "Rows: 26, TC, 53, or none")
    return RvuChange(code, modifier, figures, status, file.line(at))


def _figure(file: _File, at: str, column: str, given: Any) -> Figure:
    line = file.line(at)
    if not isinstance(given, dict):
        return Figure(value=file.scaled(at, given, units.RVU, _MAXIMA[column]), line=line)
    for key in given:
        if key not in KEYS["figure"]:
            raise file.fault(at, f"no key is called {key!r} here", f"Keys: {', '.join(KEYS['figure'])}")
    ways = [key for key in ("value", "mean_of", "same_as", "as_of", "survey") if key in given]
    if len(ways) != 1:
        raise file.fault(
            at, "two values for one figure" if ways else "no value", "One of value, mean_of, same_as, as_of, survey"
        )
    way = ways[0]
    if ("low" in given or "high" in given) and way != "value":
        raise file.fault(at, "low and high stand beside a value only")
    if way == "value":
        numbers = {
            key: file.scaled(at, given[key], units.RVU, _MAXIMA[column])
            for key in ("value", "low", "high")
            if key in given
        }
        if len(numbers) == 2 or not numbers.get("low", 0) <= numbers["value"] <= numbers.get("high", numbers["value"]):
            raise file.fault(at, "low, value and high are not in order", "Both ends, or none")
        return Figure(numbers["value"], numbers.get("low"), numbers.get("high"), line=line)
    if way == "mean_of":
        codes = given[way] if isinstance(given[way], list) and given[way] else [None]
        return Figure(mean_of=tuple(file.code(at, one) for one in codes), line=line)
    if way == "same_as":
        return Figure(same_as=file.code(at, given[way]), line=line)
    if way == "survey" and column != "work_rvu":
        raise file.fault(at, "a survey gives work RVUs only")
    text = file.text(at, given[way])
    return Figure(as_of=text, line=line) if way == "as_of" else Figure(survey=text, line=line)


def _restore(file: _File, at: str, table: dict[str, Any]) -> Restore:
    _needs(file, at, table, "release", "times")
    times = file.exact(f"{at}.times", table["times"], 0, 10)
    return Restore(file.text(f"{at}.release", table["release"]), times, file.line(at))


def _gpci(file: _File, at: str, table: dict[str, Any]) -> GpciChange:
    _needs(file, at, table, "place")
    values = {key: file.scaled(f"{at}.{key}", table[key], units.GPCI, MAX_GPCI) for key in GPCI_COLUMNS if key in table}
    if not values:
        raise file.fault(at, "nothing is changed", f"Keys: {', '.join(KEYS['gpci'])}")
    return GpciChange(file.text(f"{at}.place", table["place"]), values, file.line(at))


def _factor(file: _File, at: str, table: dict[str, Any]) -> FactorChange:
    _needs(file, at, table, "value")
    track = table.get("track", "all")
    if track not in TRACKS:
        raise file.fault(f"{at}.track", f"no track is called {track!r}", f"Tracks: {', '.join(TRACKS)}")
    value = file.scaled(f"{at}.value", table["value"], units.CONVERSION_FACTOR, MAX_CONVERSION_FACTOR, 1)
    return FactorChange(value, track, file.line(at))


def _parameter(file: _File, at: str, table: dict[str, Any]) -> ParameterChange:
    _needs(file, at, table, "name", "value")
    known = sorted({row.name for row in params.rows()})
    if table["name"] not in known:
        raise file.fault(f"{at}.name", f"no parameter is called {table['name']!r}", f"Parameters: {', '.join(known)}")
    value = table["value"]
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 10**9:
        unit = next(row.unit for row in params.rows() if row.name == table["name"])
        raise file.fault(f"{at}.value", f"{value!r} is no whole number", f"Its unit: {unit}")
    return ParameterChange(table["name"], value, file.line(at))


def _volume(file: _File, at: str, table: dict[str, Any]) -> Volume:
    _needs(file, at, table, "code", "services")
    services = table["services"]
    if isinstance(services, bool) or not isinstance(services, int):
        raise file.fault(f"{at}.services", f"{services!r} is no whole number of services")
    if not 0 <= services <= MOST_SERVICES:
        raise file.fault(f"{at}.services", f"{services} services a year cannot be", f"From 0 to {MOST_SERVICES:,}")
    return Volume(
        code=file.code(f"{at}.code", table["code"]),
        services=services,
        setting=file.setting(f"{at}.setting", table.get("setting", "facility")),
        place=file.text(f"{at}.place", table.get("place", "national")),
        specialty=file.text(f"{at}.specialty", table["specialty"]) if "specialty" in table else "",
        elasticity=_elasticity(file, f"{at}.elasticity", table),
        line=file.line(at),
    )


def _price(file: _File, at: str, table: dict[str, Any]) -> Price:
    _needs(file, at, table, "code", "dollars")
    cents = file.scaled(f"{at}.dollars", table["dollars"], units.CENTS, MOST_PRICE)
    return Price(file.code(f"{at}.code", table["code"]), cents, file.line(at))


def _once(file: _File, found: Scenario) -> None:
    """Refuse a second value for what has one already."""
    keys: Mapping[str, tuple[tuple[Any, ...], Callable[[Any], Iterable[tuple[str, str]]]]] = {
        "rvu": (
            found.rvus,
            lambda c: [
                (f"{c.code}{c.modifier and '-'}{c.modifier}", name)
                for name in (*c.figures, *(["status"] if c.status else []))
            ],
        ),
        "gpci": (found.gpcis, lambda c: [(c.place, name) for name in c.values]),
        "conversion_factor": (
            found.factors,
            lambda c: [(track, "conversion factor") for track in (TRACKS if c.track == "all" else (c.track,))],
        ),
        "parameter": (found.parameters, lambda c: [(c.name, "value")]),
        "restore": (found.restores, lambda c: [("the work RVUs", "value")]),
        "volume": (
            found.volumes,
            lambda c: [(f"{c.code}, {c.setting}, {c.place}, {c.specialty}".rstrip(", "), "services")],
        ),
        "contractor_price": (found.prices, lambda c: [(c.code, "contractor price")]),
    }
    for kind, (items, named) in keys.items():
        seen: dict[tuple[str, str], int] = {}
        for number, item in enumerate(items):
            for key in named(item):
                if key in seen:
                    what = f"two values for {key[0]}: {key[1]} stands on line {seen[key]} too"
                    raise file.fault(f"{kind}.{number}", what, fix="Leave one of them out")
                seen[key] = item.line
