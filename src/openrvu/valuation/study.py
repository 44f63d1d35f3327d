"""A published valuation study in summary form: what it claims, from which comparators, and what it does not print.

Studies are TOML files, one each, in `facts/studies/`; a user may give a path to another. Figures keep their printed
text, because the number of digits printed is what decides whether a formula "gives" a value.

>>> study("LEWANDROWSKI-2024-62380").claims[0].value
'18.2464'
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

from openrvu import units
from openrvu.errors import BadFile, BadInput
from openrvu.files import facts_folder
from openrvu.valuation.services import Service, service

DESIGNS = ("star", "linked", "reference-choice")
INTERESTS = ("recorded", "not-recorded", "unknown")


@dataclass(frozen=True)
class Claim:
    """A value that a study states. value: as printed, so that its digits count. panel: which of its surveys."""

    value: str
    scale: str
    words: str
    panel: str
    source: str

    @property
    def exact(self) -> Fraction:
        """The printed value as an exact fraction."""
        return Fraction(self.value)

    @property
    def decimals(self) -> int:
        """How many decimals are printed."""
        return len(self.value.partition(".")[2])

    @property
    def digits(self) -> int:
        """How many significant digits are printed."""
        return len(self.value.replace(".", "").lstrip("0"))


@dataclass(frozen=True)
class Panel:
    """Who was asked. None where not printed. comparators: how many services they compared."""

    name: str
    sent: int | None
    responded: int | None
    completed: int | None
    comparators: int | None
    source: str

    @property
    def answering(self) -> int | None:
        """How many answered: completed where printed, else responded."""
        return self.responded if self.completed is None else self.completed


@dataclass(frozen=True)
class Scale:
    """One question asked of every comparison. work: whether it asks about work. printed: whether its measures are."""

    name: str
    work: bool
    printed: bool
    words: str
    source: str


@dataclass(frozen=True)
class Measures:
    """What is printed of the measures as a whole. scale: the scale the comparators' measures belong to."""

    scale: str
    person_reliability: float | None
    service_reliability: float | None
    madaq3: float | None
    madaq3_p: str
    source: str


@dataclass(frozen=True)
class Comparator:
    """A service compared with the target. rvu x 10^4 where the study prints it; measure in logits, target at 0.

    odd: why it is of another family, region or kind of work; empty where nothing says so.
    """

    service: Service
    rvu: int | None
    measure: float | None
    infit: float | None
    outfit: float | None
    odd: str


@dataclass(frozen=True)
class Printed:
    """A percentage that the study prints: of a code's work RVU (ratios), or of respondents (shares)."""

    what: str
    percent: str
    source: str


@dataclass(frozen=True)
class Study:
    """A published study, in summary form. Texts are our own words. Empty text or None: not printed, or not read."""

    id: str
    target: str
    title: str
    authors: str
    year: int
    published: date | None
    source: str
    basis_release: str
    basis_words: str
    design: str
    interest: str
    interest_words: str
    funding: str
    read: str
    comparator_note: str
    not_printed: tuple[str, ...]
    claims: tuple[Claim, ...]
    panels: tuple[Panel, ...]
    scales: tuple[Scale, ...]
    measures: Measures | None
    comparators: tuple[Comparator, ...]
    ratios: tuple[Printed, ...]
    shares: tuple[Printed, ...]
    inconsistencies: tuple[tuple[str, str], ...]

    @property
    def measured(self) -> bool:
        """Whether every comparator has a printed measure, so that a line can be fitted."""
        return bool(self.comparators) and all(item.measure is not None for item in self.comparators)

    def scale(self) -> Scale | None:
        """The scale of the printed measures."""
        name = self.measures.scale if self.measures else ""
        return next((scale for scale in self.scales if scale.name == name), None)

    def to_dict(self) -> dict[str, Any]:
        """Stable field names for JSON; work RVUs as floats, codes joined by +."""
        from openrvu.valuation.plain import plain

        found: dict[str, Any] = plain(self)
        found["comparators"] = [
            {
                **plain(item),
                "service": item.service.name,
                "rvu": None if item.rvu is None else item.rvu / units.RVU,
            }
            for item in self.comparators
        ]
        found["inconsistencies"] = [{"words": words, "source": key} for words, key in self.inconsistencies]
        return found


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

    def take(self, key: str, kind: type, fallback: Any) -> Any:
        """The value of a key, checked. fallback: what an absent key gives; `...` where the key is required."""
        if key not in self.rows:
            if fallback is ...:
                raise BadFile(
                    f"no {key}", where=self.where, exists=f"It has {', '.join(sorted(self.rows)) or 'nothing'}",
                    fix=f"Add `{key} = ...` ({_KINDS[kind]})",
                )  # fmt: skip
            return fallback
        found = self.rows.pop(key)
        if kind is float and type(found) in (int, float):
            return float(found)
        if type(found) is not kind:
            raise BadFile(f"{key} is {found!r}, not {_KINDS[kind]}", where=self.where, fix="Correct the value")
        return found

    def text(self, key: str, fallback: Any = "") -> str:
        return str(self.take(key, str, fallback))

    def choice(self, key: str, allowed: tuple[str, ...]) -> str:
        found = self.text(key, ...)
        if found not in allowed:
            raise BadFile(f"{key} is {found!r}", where=self.where, exists=f"Accepted: {', '.join(allowed)}")
        return found

    def decimal(self, key: str, fallback: Any = None) -> str | None:
        """Printed figures are quoted text, so that their digits survive."""
        found = self.take(key, str, fallback)
        if found is None:
            return None
        try:
            Fraction(found)
        except (ValueError, ZeroDivisionError):
            raise BadFile(
                f"{key} is {found!r}, not a number in quotes", where=self.where, fix='As in "18.2464"'
            ) from None
        return str(found)

    def number(self, key: str) -> float | None:
        found = self.decimal(key)
        return None if found is None else float(found)

    def tables(self, key: str) -> list[_Table]:
        rows = self.rows.pop(key, [])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise BadFile(f"{key} is not a list of tables", where=self.where, fix=f"Write each as [[{key}]]")
        return [_Table(dict(row), f"{self.where}, {key} {i}") for i, row in enumerate(rows, 1)]

    def done(self, accepted: str) -> None:
        if self.rows:
            raise BadFile(
                f"{', '.join(sorted(self.rows))} not known here", where=self.where, exists=f"Accepted: {accepted}"
            )


def _comparator(table: _Table) -> Comparator:
    try:
        wanted = service(table.text("service", ...))
    except BadInput as error:
        raise BadFile(error.what, where=table.where, fix=error.fix) from None
    rvu = table.decimal("rvu")
    try:
        scaled = None if rvu is None else units.parse(rvu, units.RVU)
    except ValueError as error:
        raise BadFile(f"rvu: {error}", where=table.where) from None
    found = Comparator(
        service=wanted,
        rvu=scaled,
        measure=table.number("measure"),
        infit=table.number("infit"),
        outfit=table.number("outfit"),
        odd=table.text("odd"),
    )
    table.done("service, rvu, measure, infit, outfit, odd")
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
    counts = {key: table.take(key, int, None) for key in ("sent", "responded", "completed", "comparators")}
    found = Panel(name=table.text("name", ...), source=table.text("source", ...), **counts)
    table.done("name, sent, responded, completed, comparators, source")
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


def _measures(rows: Any, where: str) -> Measures | None:
    if rows is None:
        return None
    table = _Table(dict(rows), f"{where}, measures")
    found = Measures(
        scale=table.text("scale", ...),
        person_reliability=table.take("person_reliability", float, None),
        service_reliability=table.take("service_reliability", float, None),
        madaq3=table.take("madaq3", float, None),
        madaq3_p=table.text("madaq3_p"),
        source=table.text("source", ...),
    )
    table.done("scale, person_reliability, service_reliability, madaq3, madaq3_p, source")
    return found


def _printed(table: _Table, key: str) -> Printed:
    found = Printed(table.text(key, ...), str(table.decimal("percent", ...)), table.text("source"))
    table.done(f"{key}, percent, source")
    return found


def _texts(rows: Any, where: str) -> tuple[str, ...]:
    if not isinstance(rows, list) or not all(isinstance(row, str) for row in rows):
        raise BadFile("not_printed is not a list of texts", where=where)
    return tuple(rows)


def from_rows(rows: Mapping[str, Any], where: str) -> Study:
    """A study from a parsed TOML document. Raises BadFile naming the key, what was found and what is accepted."""
    table = _Table(dict(rows), where)
    measures = _measures(table.rows.pop("measures", None), where)
    inconsistencies = [(t.text("words", ...), t.text("source", ...)) for t in table.tables("inconsistencies")]
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
        not_printed=_texts(table.rows.pop("not_printed", []), where),
        claims=tuple(_claim(t) for t in table.tables("claims")),
        panels=tuple(_panel(t) for t in table.tables("panels")),
        scales=tuple(_scale(t) for t in table.tables("scales")),
        measures=measures,
        comparators=tuple(_comparator(t) for t in table.tables("comparators")),
        ratios=tuple(_printed(t, "code") for t in table.tables("ratios")),
        shares=tuple(_printed(t, "words") for t in table.tables("shares")),
        inconsistencies=tuple(inconsistencies),
    )
    table.done("the fields of openrvu.valuation.study.Study")
    if measures and found.scale() is None:
        raise BadFile(f"measures are of scale {measures.scale!r}, which no [[scales]] names", where=where)
    return found


def read(path: Path) -> Study:
    """A study from its TOML file. Raises BadFile for anything that is not one, with the place and what is accepted."""
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise BadFile("no such file", where=str(path), fix="Give the path of a study.toml") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadFile(
            f"no readable TOML: {error}", where=str(path), fix="Compare it with a file of facts/studies"
        ) from None
    return from_rows(rows, path.name)


def known() -> tuple[Study, ...]:
    """The embedded studies, by id."""
    return tuple(read(path) for path in sorted((facts_folder() / "studies").glob("*.toml")))


def study(key: str) -> Study:
    """The embedded study with this id (capital letters do not matter). Raises BadInput with the ids that exist."""
    held = known()
    for found in held:
        if found.id.casefold() == key.strip().casefold():
            return found
    raise BadInput(
        f"no study {key!r}",
        exists=f"Studies: {', '.join(item.id for item in held)}",
        fix="Give one of these, or the path of a study.toml",
    )
