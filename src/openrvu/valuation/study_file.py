"""A study's TOML file read: every field checked, every fault told with its line. The format is in docs/studies.md."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

from openrvu import units
from openrvu.errors import BadFile, BadInput
from openrvu.valuation.services import service
from openrvu.valuation.study import (
    DESIGNS,
    INTERESTS,
    Average,
    Claim,
    Comparator,
    Interval,
    Measures,
    Panel,
    Printed,
    Scale,
    Study,
    Total,
)

HOWS = ("mean", "sum")
Lines = Mapping[tuple[str, int], Mapping[str, int]]

_DECIMAL = re.compile(r"-?\d{1,12}(\.\d{1,12})?", re.ASCII)
_KINDS: Mapping[type, str] = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    date: "a date",
}


@dataclass(frozen=True)
class _Table:
    """One TOML table being read: takes keys off, says where it is, and refuses what it does not know."""

    rows: dict[str, Any]
    where: str
    lines: Mapping[str, int] = field(default_factory=dict)

    def at(self, key: str = "") -> str:
        """File, table and line; the line of the key where it stands in the file, else that of the table."""
        line = self.lines.get(key, self.lines.get(""))
        return self.where if line is None else f"{self.where}, line {line}"

    def take(self, key: str, kind: type, fallback: Any) -> Any:
        """The value of a key, checked. fallback: what an absent key gives; `...` where the key is required."""
        if key not in self.rows:
            if fallback is ...:
                raise BadFile(
                    f"no {key}",
                    where=self.at(),
                    exists=f"It has {', '.join(sorted(self.rows)) or 'nothing'}",
                    fix=f"Add `{key} = ...` ({_KINDS[kind]})",
                )
            return fallback
        found = self.rows.pop(key)
        if kind is float and type(found) in (int, float):
            return float(found)
        if type(found) is not kind:
            raise BadFile(f"{key} is {found!r}, not {_KINDS[kind]}", where=self.at(key), fix="Correct the value")
        return found

    def text(self, key: str, fallback: Any = "") -> str:
        return str(self.take(key, str, fallback))

    def choice(self, key: str, allowed: tuple[str, ...]) -> str:
        found = self.text(key, ...)
        if found not in allowed:
            raise BadFile(f"{key} is {found!r}", where=self.at(key), exists=f"Accepted: {', '.join(allowed)}")
        return found

    def decimal(self, key: str, fallback: Any = None) -> str | None:
        """Printed figures are quoted text, so that their digits survive."""
        found = self.take(key, str, fallback)
        if found is not None and not _DECIMAL.fullmatch(found):
            raise BadFile(f"{key} is {found!r}, not a number in quotes", where=self.at(key), fix='As in "18.2464"')
        return None if found is None else str(found)

    def number(self, key: str) -> float | None:
        found = self.decimal(key)
        return None if found is None else float(found)

    def count(self, key: str, least: int = 0) -> int | None:
        """A whole number from `least` on, or None where it is not there."""
        found = self.take(key, int, None)
        if found is not None and found < least:
            raise BadFile(f"{key} is {found}", where=self.at(key), fix=f"Give a whole number from {least} on")
        return None if found is None else int(found)

    def counts(self, key: str) -> tuple[int, ...]:
        found = self.rows.pop(key, [])
        if not isinstance(found, list) or not all(type(one) is int and one >= 0 for one in found):
            raise BadFile(f"{key} is {found!r}, no list of whole numbers", where=self.at(key), fix="As in [557, 241]")
        return tuple(found)

    def tables(self, key: str, lines: Lines) -> list[_Table]:
        rows = self.rows.pop(key, [])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise BadFile(f"{key} is not a list of tables", where=self.at(key), fix=f"Write each as [[{key}]]")
        return [_Table(dict(row), f"{self.where}, {key} {i}", lines.get((key, i), {})) for i, row in enumerate(rows, 1)]

    def done(self, accepted: str) -> None:
        if self.rows:
            unknown = sorted(self.rows)
            raise BadFile(
                f"{', '.join(unknown)} not known here", where=self.at(unknown[0]), exists=f"Accepted: {accepted}"
            )


def _comparator(table: _Table) -> Comparator:
    try:
        wanted = service(table.text("service", ...))
    except BadInput as error:
        raise BadFile(error.what, where=table.at("service"), fix=error.fix) from None
    rvu = table.decimal("rvu")
    try:
        scaled = None if rvu is None else units.parse(rvu, units.RVU)
    except ValueError as error:
        raise BadFile(f"rvu: {error}", where=table.at("rvu")) from None
    found = Comparator(
        service=wanted,
        rvu=scaled,
        measure=table.number("measure"),
        se=table.decimal("se") or "",
        infit=table.number("infit"),
        outfit=table.number("outfit"),
        odd=table.text("odd"),
    )
    table.done("service, rvu, measure, se, infit, outfit, odd")
    return found


def _claim(table: _Table) -> Claim:
    found = Claim(
        value=str(table.decimal("value", ...)),
        scale=table.text("scale"),
        words=table.text("words", ...),
        panel=table.text("panel"),
        source=table.text("source", ...),
    )
    table.done("value, scale, words, panel, source")
    return found


def _panel(table: _Table) -> Panel:
    counts = {key: table.count(key) for key in ("sent", "opened", "started", "responded", "completed", "comparators")}
    found = Panel(
        name=table.text("name", ...),
        parts=table.counts("parts"),
        response_rate=table.decimal("response_rate") or "",
        completion_rate=table.decimal("completion_rate") or "",
        source=table.text("source", ...),
        **counts,
    )
    table.done(
        "name, sent, parts, opened, started, responded, completed, comparators, response_rate, completion_rate, source"
    )
    return found


def _scale(table: _Table) -> Scale:
    found = Scale(
        name=table.text("name", ...),
        work=table.take("work", bool, ...),
        printed=table.take("printed", bool, ...),
        words=table.text("words"),
        source=table.text("source", ...),
    )
    table.done("name, work, printed, words, source")
    return found


def _measures(rows: Any, where: str, lines: Lines) -> Measures | None:
    if rows is None:
        return None
    if not isinstance(rows, dict):
        raise BadFile("measures is not a table", where=where, fix="Write [measures]")
    table = _Table(dict(rows), f"{where}, measures", lines.get(("measures", 1), {}))
    found = Measures(
        scale=table.text("scale", ...),
        respondents=table.count("respondents", 1),
        categories=table.count("categories", 2),
        person_reliability=table.take("person_reliability", float, None),
        service_reliability=table.take("service_reliability", float, None),
        madaq3=table.take("madaq3", float, None),
        madaq3_p=table.text("madaq3_p"),
        source=table.text("source", ...),
    )
    table.done("scale, respondents, categories, person_reliability, service_reliability, madaq3, madaq3_p, source")
    return found


def _ratio(table: _Table) -> Printed:
    found = Printed(table.text("code", ...), str(table.decimal("percent", ...)), table.text("source"))
    table.done("code, percent, source")
    return found


def _share(table: _Table) -> Printed:
    found = Printed(
        table.text("words", ...),
        str(table.decimal("percent", ...)),
        table.text("source"),
        table.count("of", 1),
        table.text("whole"),
    )
    table.done("words, percent, of, whole, source")
    return found


def _average(table: _Table) -> Average:
    found = Average(
        words=table.text("words", ...),
        value=str(table.decimal("value", ...)),
        n=int(table.count("n", 1) or table.take("n", int, ...)),
        items=table.count("items", 1) or 1,
        step=table.decimal("step") or "1",
        source=table.text("source", ...),
    )
    if Fraction(found.step) <= 0:
        raise BadFile(f"step is {found.step!r}", where=table.at("step"), fix="Give the scale's step, above zero")
    table.done("words, value, n, items, step, source")
    return found


def _interval(table: _Table) -> Interval:
    found = Interval(
        words=table.text("words", ...),
        value=str(table.decimal("value", ...)),
        se=table.decimal("se") or "",
        low=table.decimal("low") or "",
        high=table.decimal("high") or "",
        sd=table.decimal("sd") or "",
        level=table.take("level", float, 95.0),
        n=table.count("n", 2),
        source=table.text("source", ...),
    )
    if bool(found.low) != bool(found.high):
        raise BadFile("one end of an interval", where=table.at("low"), fix="Give low and high, or neither")
    if not 0 < found.level < 100:
        raise BadFile(f"level is {found.level:g}", where=table.at("level"), fix="In percent, as in 95.0")
    table.done("words, value, se, low, high, sd, level, n, source")
    return found


def _total(table: _Table) -> Total:
    how, parts = table.choice("how", HOWS), table.rows.pop("parts", None)
    if not isinstance(parts, list) or not parts or not all(isinstance(p, str) and _DECIMAL.fullmatch(p) for p in parts):
        raise BadFile("parts is no list of numbers in quotes", where=table.at("parts"), fix='As in ["14.36", "14.1"]')
    found = Total(
        table.text("words", ...), how, tuple(parts), str(table.decimal("printed", ...)), table.text("source", ...)
    )
    table.done("words, how, parts, printed, source")
    return found


def _inconsistency(table: _Table) -> tuple[str, str]:
    found = table.text("words", ...), table.text("source", ...)
    table.done("words, source")
    return found


def _texts(rows: Any, where: str) -> tuple[str, ...]:
    if not isinstance(rows, list) or not all(isinstance(row, str) for row in rows):
        raise BadFile("not_printed is not a list of texts", where=where)
    return tuple(rows)


def from_rows(rows: Mapping[str, Any], where: str, lines: Lines | None = None) -> Study:
    """A study from a parsed TOML document. Raises BadFile naming the key, what was found and what is accepted.

    lines: of tables and keys in the file, as `line_numbers` finds them.
    """
    known = lines or {}
    table = _Table(dict(rows), where, known.get(("", 0), {}))
    measures = _measures(table.rows.pop("measures", None), where, known)

    def several(key: str) -> list[_Table]:
        return table.tables(key, known)

    found = Study(
        id=table.text("id", ...),
        target=table.text("target", ...),
        title=table.text("title", ...),
        authors=table.text("authors", ...),
        year=table.take("year", int, ...),
        published=table.take("published", date, None),
        source=table.text("source", ...),
        basis_release=table.text("basis_release"),
        basis_words=table.text("basis_words"),
        design=table.choice("design", DESIGNS),
        interest=table.choice("interest", INTERESTS),
        interest_words=table.text("interest_words"),
        funding=table.text("funding"),
        read=table.text("read", ...),
        comparator_note=table.text("comparator_note"),
        not_printed=_texts(table.rows.pop("not_printed", []), table.at("not_printed")),
        claims=tuple(_claim(t) for t in several("claims")),
        panels=tuple(_panel(t) for t in several("panels")),
        scales=tuple(_scale(t) for t in several("scales")),
        measures=measures,
        comparators=tuple(_comparator(t) for t in several("comparators")),
        ratios=tuple(_ratio(t) for t in several("ratios")),
        shares=tuple(_share(t) for t in several("shares")),
        averages=tuple(_average(t) for t in several("averages")),
        intervals=tuple(_interval(t) for t in several("intervals")),
        totals=tuple(_total(t) for t in several("totals")),
        inconsistencies=tuple(_inconsistency(t) for t in several("inconsistencies")),
    )
    table.done("the fields of docs/studies.md")
    if measures and found.scale() is None:
        raise BadFile(f"measures are of scale {measures.scale!r}, which no [[scales]] names", where=where)
    twice = [
        c.service.name
        for i, c in enumerate(found.comparators)
        if c.service in [o.service for o in found.comparators[:i]]
    ]
    if twice:
        raise BadFile(f"comparator {twice[0]} is there twice", where=where, fix="Keep one of the two")
    return found


_HEADER = re.compile(r"\s*\[(\[)?\s*([\w-]+)\s*\]{1,2}")
_KEY = re.compile(r"\s*([\w-]+)\s*=")


def line_numbers(text: str) -> Lines:
    """Where tables and keys stand: (table, how many-th) -> key -> line, "" for the table's own head. The top
    names its tables.

    >>> line_numbers('id = "x"\\n[[claims]]\\nvalue = "1"\\n')
    {('', 0): {'id': 1, 'claims': 2}, ('claims', 1): {'': 2, 'value': 3}}
    """
    found: dict[tuple[str, int], dict[str, int]] = {("", 0): {}}
    seen: dict[str, int] = {}
    at = ("", 0)
    for number, line in enumerate(text.splitlines(), 1):
        if head := _HEADER.match(line):
            seen[head[2]] = seen.get(head[2], 0) + 1
            at = (head[2], seen[head[2]])
            found[at] = {"": number}
            found["", 0].setdefault(head[2], number)
        elif key := _KEY.match(line):
            found[at].setdefault(key[1], number)
    return found


def read(path: Path) -> Study:
    """A study from its TOML file. Raises BadFile for anything that is not one, with the line and what is accepted."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        rows = tomllib.loads(text)
    except FileNotFoundError:
        raise BadFile("no such file", where=str(path), fix="Give the path of a study.toml") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadFile(
            f"no readable TOML: {error}", where=str(path), fix="Compare it with the example of docs/studies.md"
        ) from None
    return from_rows(rows, path.name, line_numbers(text))
