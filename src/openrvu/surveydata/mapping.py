"""The mapping: which column of a file is what. Proposed by us, confirmed by whoever knows the survey, kept as TOML.

The same file under the same mapping is read alike, byte for byte. A file that lacks a column of its mapping is
refused with the names of what it lacks.
"""

from __future__ import annotations

import difflib
import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from openrvu.errors import BadFile, BadInput
from openrvu.surveydata.export import FORMATS, Export
from openrvu.valuation.services import service

PAIRS, RATINGS, RANKINGS, MAGNITUDES = "pairs", "ratings", "rankings", "magnitudes"
KINDS = (PAIRS, RATINGS, RANKINGS, MAGNITUDES)
WIDE, LONG, COUNTS = "wide", "long", "counts"
LAYOUTS = (WIDE, LONG, COUNTS)
ROLES = (
    "respondent",
    "start",
    "end",
    "seconds",
    "finished",
    "status",
    "consent",
    "block",
    "left",
    "right",
    "response",
    "domain",
    "item",
    "less",
    "equal",
    "greater",
)
MEANINGS = ("less", "equal", "greater", "missing")
DECIMALS, DATES = (".", ","), ("ymd", "mdy", "dmy")
RULES = (
    "duplicate",
    "incomplete",
    "straight-line",
    "speeder",
    "attention",
    "intransitive",
    "preview",
    "no-consent",
    "unfinished",
)
RULE_WORDS = f"{', '.join(RULES)}, incomplete<50%, seconds<120"
_RULE = re.compile(r"(incomplete)\s*<\s*(\d{1,3})\s*%|(seconds)\s*<\s*(\d{1,6})")


@dataclass(frozen=True)
class Question:
    """A column that holds answers. left, right, domain: of a comparison, the answer being of the left service.
    item: what is rated, ranked or estimated. block: whoever answers one question of a block was asked all of it."""

    column: str
    left: str = ""
    right: str = ""
    domain: str = ""
    item: str = ""
    block: str = ""


@dataclass(frozen=True)
class SurveyMapping:
    """Columns by what they are. columns: role -> column, roles of ROLES. attributes: name -> column. attention:
    (column, the answer asked for). answers: cell -> less, equal, greater or missing (pairs), or a whole number
    (ratings). exclude: rules by which respondents are left out. invited, opened: counts that the file does not hold."""

    format: str
    kind: str
    layout: str
    target: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    questions: tuple[Question, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)
    attention: tuple[tuple[str, str], ...] = ()
    answers: Mapping[str, str] = field(default_factory=dict)
    decimal: str = "."
    dates: str = "ymd"
    exclude: tuple[str, ...] = ()
    invited: int | None = None
    opened: int | None = None
    sheet: str = ""

    @property
    def used(self) -> tuple[str, ...]:
        """Every column that is read, once."""
        named = [*self.columns.values(), *(one.column for one in self.questions), *self.attributes.values()]
        return tuple(dict.fromkeys([*named, *(column for column, _ in self.attention)]))


def rule(text: str) -> tuple[str, float | None]:
    """A rule of exclusion: its name and its limit. Raises BadInput with the rules there are.

    >>> rule("incomplete<50%"), rule("duplicate")
    (('incomplete', 0.5), ('duplicate', None))
    """
    if text in RULES:
        return text, None
    if match := _RULE.fullmatch(text):
        return (match[1], int(match[2]) / 100) if match[1] else (match[3], float(match[4]))
    raise BadInput(f"exclude: {text!r} is no rule", exists=f"Rules: {RULE_WORDS}", fix="Correct the mapping file")


def check_columns(mapping: SurveyMapping, export: Export) -> None:
    """Raises BadFile, naming every column of the mapping that the file lacks and what comes near it."""
    there = [one.name for one in export.columns]
    lacking = [name for name in mapping.used if name not in there]
    if not lacking:
        return
    near = {name: difflib.get_close_matches(name, there, 1, 0.6) for name in lacking}
    words = [f"{name!r}" + (f" (near: {near[name][0]!r})" if near[name] else "") for name in lacking]
    raise BadFile(
        f"columns of the mapping that the file lacks: {', '.join(words)}",
        where=export.grid.name,
        exists=f"The file has {len(there)} columns: {', '.join(there[:40])}{' ...' if len(there) > 40 else ''}",
        fix="Correct the mapping, or make a new one with `openrvu survey map`",
    )


def to_toml(given: SurveyMapping, notes: Sequence[str] = (), beside: Mapping[str, str] | None = None) -> str:
    """The mapping as TOML; `from_toml` reads it back alike. notes: remarks at its head. beside: remarks by column.

    >>> asked = (Question("63047", "62380", "63047"),)
    >>> print(to_toml(SurveyMapping("plain", "pairs", "wide", "62380", questions=asked)))
    format = "plain"
    kind = "pairs"
    layout = "wide"
    target = "62380"
    decimal = "."
    dates = "ymd"
    exclude = []
    <BLANKLINE>
    [[question]]
    column = "63047"
    left = "62380"
    right = "63047"
    <BLANKLINE>
    """
    said = beside or {}
    lines = [f"# {_one_line(note)}".rstrip() for note in notes]
    for name in ("format", "kind", "layout", "target", "sheet", "decimal", "dates"):
        if value := getattr(given, name):
            lines.append(f"{name} = {_quoted(value)}")
    lines += [f"{name} = {value}" for name in ("invited", "opened") if (value := getattr(given, name)) is not None]
    lines.append(f"exclude = [{', '.join(_quoted(one) for one in given.exclude)}]")
    for head, table in (("columns", given.columns), ("attributes", given.attributes), ("answers", given.answers)):
        if table:
            lines += ["", f"[{head}]"]
            lines += [f"{_quoted(key)} = {_quoted(value)}{_remark(said.get(value))}" for key, value in table.items()]
    for column, wanted in given.attention:
        lines += ["", "[[attention]]", f"column = {_quoted(column)}", f"answer = {_quoted(wanted)}"]
    for one in given.questions:
        lines += ["", "[[question]]", f"column = {_quoted(one.column)}{_remark(said.get(one.column))}"]
        lines += [
            f"{name} = {_quoted(value)}"
            for name in ("left", "right", "domain", "item", "block")
            if (value := getattr(one, name))
        ]
    return "\n".join(lines) + "\n"


def from_toml(text: str, name: str = "mapping") -> SurveyMapping:
    """A mapping from the text of its file. Raises BadFile naming the key at fault.

    >>> asked = (Question("Q1", item="Q1"),)
    >>> given = SurveyMapping("plain", "ratings", "wide", questions=asked, exclude=("duplicate",))
    >>> from_toml(to_toml(given)) == given
    True
    """
    try:
        held = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise BadFile(f"not TOML: {fault}", where=name, fix="Correct the line") from None
    known = {
        "format",
        "kind",
        "layout",
        "target",
        "sheet",
        "decimal",
        "dates",
        "exclude",
        "invited",
        "opened",
        "columns",
        "attributes",
        "answers",
        "attention",
        "question",
    }
    if unknown := sorted(set(held) - known):
        raise BadFile(f"unknown: {', '.join(unknown)}", where=name, exists=f"Known: {', '.join(sorted(known))}")
    columns = _texts(held, "columns", name)
    if unknown := sorted(set(columns) - set(ROLES)):
        raise BadFile(f"[columns]: no role {', '.join(unknown)}", where=name, exists=f"Roles: {', '.join(ROLES)}")
    exclude = held.get("exclude", [])
    if not isinstance(exclude, list) or not all(isinstance(one, str) for one in exclude):
        raise BadFile("exclude is no list of texts", where=name, exists=f"Rules: {RULE_WORDS}")
    for one in exclude:
        rule(one)
    return SurveyMapping(
        format=_choice(held, "format", FORMATS, name),
        kind=_choice(held, "kind", KINDS, name),
        layout=_choice(held, "layout", LAYOUTS, name),
        target=_service(_text(held, "target", name)),
        columns=columns,
        questions=tuple(_question(one, name) for one in _tables(held, "question", name)),
        attributes=_texts(held, "attributes", name),
        attention=tuple(
            (_text(one, "column", name), _text(one, "answer", name)) for one in _tables(held, "attention", name)
        ),
        answers=_texts(held, "answers", name),
        decimal=_choice(held, "decimal", DECIMALS, name, "."),
        dates=_choice(held, "dates", DATES, name, "ymd"),
        exclude=tuple(exclude),
        invited=_count(held, "invited", name),
        opened=_count(held, "opened", name),
        sheet=_text(held, "sheet", name),
    )


def read_mapping(path: Path) -> SurveyMapping:
    """A mapping from its file. Raises BadFile where it cannot be read."""
    try:
        return from_toml(path.read_text(encoding="utf-8"), path.name)
    except (OSError, UnicodeDecodeError) as fault:
        why = fault.strerror if isinstance(fault, OSError) else "not UTF-8"
        raise BadFile("the mapping cannot be read", where=str(path), exists=why or "", fix="Check the path") from None


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _remark(text: str | None) -> str:
    """A comment: TOML allows no control characters in one."""
    plain = "".join(letter for letter in _one_line(text or "") if letter.isprintable())
    return f"  # {plain[:160]}" if plain else ""


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _text(held: Mapping[str, Any], key: str, name: str) -> str:
    found = held.get(key, "")
    if not isinstance(found, str):
        raise BadFile(f"{key} = {found!r}", where=name, fix=f"{key} is a text in quotation marks")
    return found


def _choice(held: Mapping[str, Any], key: str, known: Sequence[str], name: str, default: str = "") -> str:
    found = held.get(key, default)
    if found not in known:
        raise BadFile(f"{key} = {found!r}", where=name, exists=f"Accepted: {', '.join(known)}")
    return str(found)


def _count(held: Mapping[str, Any], key: str, name: str) -> int | None:
    found = held.get(key)
    if found is not None and (not isinstance(found, int) or isinstance(found, bool) or found < 0):
        raise BadFile(f"{key} = {found!r}", where=name, fix=f"{key} is a whole number of people")
    return found


def _texts(held: Mapping[str, Any], key: str, name: str) -> dict[str, str]:
    found = held.get(key, {})
    if not isinstance(found, dict) or not all(isinstance(one, str) for one in found.values()):
        raise BadFile(f"[{key}] is no table of texts", where=name, fix='Write "name" = "text"')
    return found


def _tables(held: Mapping[str, Any], key: str, name: str) -> list[dict[str, Any]]:
    found = held.get(key, [])
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise BadFile(f"{key} is no list of tables", where=name, fix=f"Write [[{key}]]")
    return found


def _service(text: str) -> str:
    return service(text).name if text else ""


def _question(table: Mapping[str, Any], name: str) -> Question:
    column = _text(table, "column", name)
    if not column:
        raise BadFile("a [[question]] without column", where=name, fix="Name its column")
    return Question(
        column,
        _service(_text(table, "left", name)),
        _service(_text(table, "right", name)),
        _text(table, "domain", name),
        _text(table, "item", name),
        _text(table, "block", name),
    )
