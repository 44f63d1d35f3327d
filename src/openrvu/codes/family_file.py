"""Reading a family file: every table and key is checked; a fault names the file, the table, the key and what exists.

The format is told in docs/families.md. Text, lists and dates are checked against the table of keys below; then what
refers to something else: answers to questions, reasons to the ICD-10 list, add-ons to services.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import fields
from datetime import date, datetime
from itertools import combinations
from pathlib import Path
from typing import Any

from openrvu.codes.families import (
    Barrier,
    Choice,
    Confusion,
    Count,
    Family,
    Question,
    Relation,
    Service,
    Span,
)
from openrvu.errors import BadFile
from openrvu.files import read_toml

# Key -> type, table by table. What must be there stands in REQUIRED.
KEYS: Mapping[str, Mapping[str, type]] = {
    "family": {
        "id": str,
        "title": str,
        "source": str,
        "what": str,
        "since": date,
        "order": int,
        "comparators": list,
        "services": dict,
        "questions": list,
        "contradictions": list,
        "no_code": list,
        "icd10": dict,
        "sources": dict,
    },
    "question": {"id": str, "ask": str, "why": str, "document": str, "choices": list, "unit": str, "most": int},
    "choice": {"key": str, "words": str},
    "barrier": {
        "when": dict,
        "why": str,
        "starts": date,
        "ends": date,
        "code": str,
        "settled": bool,
        "sources": list,
    },
    "count": {"question": str, "covers": int, "further": str, "further_most": int},
    "span": {"least": int, "most": int},
    "relation": {"codes": list, "rule": str, "settled": bool, "sources": list},
    "confusion": {"code": str, "why": str},
    "service": {
        **{field.name: str for field in fields(Service) if field.name not in ("code", "family")},
        **dict.fromkeys(("introduced", "ended"), date),
        **dict.fromkeys(
            ("add_on_to", "confused_with", "traps", "sources", "reasons", "ncci", "document"),
            list,
        ),
        **dict.fromkeys(("answers", "count", "modifiers"), dict),
        "settled": bool,
    },
}
REQUIRED: Mapping[str, tuple[str, ...]] = {
    "family": ("id", "title", "source", "services"),
    "question": ("id", "ask", "why", "document"),
    "choice": ("key", "words"),
    "barrier": ("when", "why"),
    "count": ("question",),
    "span": ("least",),
    "relation": ("codes", "rule"),
    "confusion": ("code", "why"),
    "service": ("words",),
}
MOST_WORDS = 12
_CODE = re.compile(r"[A-Z0-9]\d{3}[A-Z0-9]", re.ASCII)
_ICD10 = re.compile(r"[A-Z]\d[A-Z0-9](\.[A-Z0-9]{1,4})?", re.ASCII)
_KEY = re.compile(r"[a-z][a-z0-9-]*", re.ASCII)
# Words that a question or an answer may not be called: the walk uses them itself.
RESERVED = ("family", "unknown", "on", "place", "setting", "qp")
_NAMES = {str: "text", list: "list", dict: "table", date: "date as in 2017-01-01", int: "whole number", bool: "true"}


class _Faults:
    """Says what is wrong with one file."""

    def __init__(self, name: str) -> None:
        self.name = name

    def fault(self, table: str, what: str, exists: str = "") -> BadFile:
        """The error for a table of the file."""
        return BadFile(f"{table}: {what}", where=self.name, exists=exists, fix="Mend this table; docs/families.md")

    def check(self, kind: str, table: str, row: Any) -> dict[str, Any]:
        """A table with the keys of its kind, each of its type. Raises BadFile."""
        keys = KEYS[kind]
        exists = f"Keys: {', '.join(sorted(keys))}"
        if not isinstance(row, dict):
            raise self.fault(table, f"{row!r} is no table", exists)
        if unknown := sorted(set(row) - set(keys)):
            raise self.fault(table, f"unknown keys: {', '.join(unknown)}", exists)
        for key in REQUIRED[kind]:
            if row.get(key) in (None, "", {}, []):
                raise self.fault(table, f"no `{key}`", exists)
        for key, value in row.items():
            if not _is(value, keys[key]):
                raise self.fault(table, f"`{key}` is {value!r}, no {_NAMES[keys[key]]}", exists)
        return dict(row)

    def texts(self, table: str, key: str, value: list[Any], like: re.Pattern[str] | None = None) -> tuple[str, ...]:
        """A list of texts, each of a form. Raises BadFile."""
        for item in value:
            if not isinstance(item, str) or (like and not like.fullmatch(item)):
                raise self.fault(table, f"`{key}` has {item!r}, which cannot stand there")
        return tuple(value)


def _is(value: Any, kind: type) -> bool:
    if kind is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if kind is date:
        return isinstance(value, date) and not isinstance(value, datetime)
    return isinstance(value, kind)


def read(path: Path) -> Family:
    """A family from its file. Raises BadFile for whatever cannot be used, the first fault found."""
    say = _Faults(path.name)
    try:
        data = read_toml(path)
    except tomllib.TOMLDecodeError as fault:
        raise BadFile(f"not TOML: {fault}", where=path.name, fix="Mend the line; docs/families.md") from None
    except UnicodeDecodeError:
        raise BadFile("not text in UTF-8", where=path.name, fix="Save it as UTF-8") from None
    for key in REQUIRED["family"]:
        if key not in data:
            raise BadFile(f"the family has no `{key}`", where=path.name, fix="Add it; docs/families.md")
    row = say.check("family", "the family", data)
    questions = tuple(_question(say, number, one) for number, one in enumerate(row.get("questions", ()), start=1))
    _distinct(say, "questions", [one.id for one in questions])
    if questions and not row.get("what"):
        raise say.fault("the family", "has questions and no `what`: the work in plain words")
    icd10 = {**row.get("icd10", {})}
    say.texts("icd10", "the list", list(icd10), _ICD10)
    say.texts("icd10", "the list", list(icd10.values()))
    asked = {one.id: one for one in questions}
    services = {
        code: _service(say, code, data["id"], one, asked, icd10) for code, one in row.get("services", {}).items()
    }
    _further(say, services)
    _apart(say, services)
    own = row.get("sources", {})
    say.texts("sources", "a citation", list(own.values()))
    family = Family(
        id=data["id"],
        title=data["title"],
        source=data["source"],
        comparators=say.texts("the family", "comparators", row.get("comparators", []), _CODE),
        services=services,
        what=row.get("what", ""),
        since=row.get("since"),
        questions=questions,
        contradictions=_barriers(say, "contradictions", row, asked),
        no_code=_barriers(say, "no_code", row, asked),
        icd10=icd10,
        sources=own,
        order=row.get("order", 50),
    )
    _cited(say, family)
    return family


def _distinct(say: _Faults, table: str, keys: list[str]) -> None:
    if twice := sorted({key for key in keys if keys.count(key) > 1}):
        raise say.fault(table, f"written twice: {', '.join(twice)}")


def _question(say: _Faults, number: int, row: Any) -> Question:
    name = f"question {row.get('id', number) if isinstance(row, dict) else number}"
    row = say.check("question", name, row)
    if not _KEY.fullmatch(row["id"]) or row["id"] in RESERVED:
        raise say.fault(name, f"`id` is {row['id']!r}", f"Small letters, digits, hyphens; not {', '.join(RESERVED)}")
    choices = []
    for at, item in enumerate(row.pop("choices", ()), start=1):
        one = Choice(**say.check("choice", f"{name}, choice {at}", item))
        if not _KEY.fullmatch(one.key) or one.key in RESERVED:
            raise say.fault(f"{name}, choice {at}", f"`key` is {one.key!r}", "Small letters, digits, hyphens")
        choices.append(one)
    _distinct(say, name, [one.key for one in choices])
    counts = "unit" in row and "most" in row
    if counts == bool(choices) or (not counts and len(choices) < 2):
        raise say.fault(name, "needs two `choices` or more, or `unit` and `most` for a count, and not both")
    return Question(choices=tuple(choices), **row)


def _barriers(say: _Faults, table: str, data: dict[str, Any], asked: Mapping[str, Question]) -> tuple[Barrier, ...]:
    found = []
    for number, item in enumerate(data.get(table, ()), start=1):
        name = f"{table} {number}"
        row = say.check("barrier", name, item)
        when = {}
        for key, value in row.pop("when").items():
            listed = [value] if isinstance(value, str) else value
            if not isinstance(listed, list):
                raise say.fault(name, f"`when.{key}` is {value!r}, no answer and no list of answers")
            when[key] = _answers(say, f"{name}, when", key, listed, asked)
        row["sources"] = say.texts(name, "sources", row.get("sources", []))
        found.append(Barrier(when=when, **row))
    return tuple(found)


def _answers(say: _Faults, table: str, key: str, listed: list[Any], asked: Mapping[str, Question]) -> tuple[str, ...]:
    """Answers to a question with choices. Raises BadFile for a question or an answer that does not exist."""
    question = _asked(say, table, key, asked)
    keys = [one.key for one in question.choices]
    if not keys:
        raise say.fault(table, f"`{key}` counts {question.unit}", "Write { least = 1, most = 2 }")
    if wrong := [item for item in listed if item not in keys] or ([] if listed else ["nothing"]):
        raise say.fault(table, f"`{key}` has no choice {wrong[0]!r}", f"Choices: {', '.join(keys)}")
    return tuple(listed)


def _asked(say: _Faults, table: str, key: str, asked: Mapping[str, Question]) -> Question:
    if key not in asked:
        raise say.fault(table, f"no question is called {key!r}", f"Questions: {', '.join(asked) or 'none'}")
    return asked[key]


def _service(
    say: _Faults, code: str, family: str, data: Any, asked: Mapping[str, Question], icd10: Mapping[str, str]
) -> Service:
    name = f"service {code}"
    if not _CODE.fullmatch(code):
        raise say.fault(name, "is no CPT or HCPCS code", "Five characters, as 62380, 0275T or G0276")
    row = say.check("service", name, data)
    if len(row["words"].split()) > MOST_WORDS:
        raise say.fault(name, f"`words` has more than {MOST_WORDS} words")
    row["answers"] = {key: _wanted(say, name, key, item, asked) for key, item in row.get("answers", {}).items()}
    row["modifiers"] = {key: _modifiers(say, name, key, item, asked) for key, item in row.get("modifiers", {}).items()}
    if "count" in row:
        row["count"] = Count(**say.check("count", f"{name}, count", row["count"]))
        if not _asked(say, f"{name}, count", row["count"].question, asked).unit:
            raise say.fault(f"{name}, count", f"question {row['count'].question} is not a count")
    row["confused_with"] = tuple(_confusion(say, name, item) for item in row.get("confused_with", ()))
    row["ncci"] = tuple(_relation(say, name, at, item) for at, item in enumerate(row.get("ncci", ()), start=1))
    row["add_on_to"] = say.texts(name, "add_on_to", row.get("add_on_to", []), _CODE)
    for key in ("traps", "sources", "document", "reasons"):
        row[key] = say.texts(name, key, row.get(key, []))
    if unknown := [one for one in row["reasons"] if one not in icd10]:
        raise say.fault(name, f"`reasons` has {unknown[0]}", f"icd10 has: {', '.join(icd10) or 'nothing'}")
    return Service(code=code, family=family, **row)


def _wanted(say: _Faults, name: str, key: str, item: Any, asked: Mapping[str, Question]) -> tuple[str, ...] | Span:
    table = f"{name}, answers"
    if isinstance(item, dict):
        if not _asked(say, table, key, asked).unit:
            raise say.fault(table, f"`{key}` is no count", "Write a list of choices")
        return Span(**say.check("span", f"{table}.{key}", item))
    if not isinstance(item, list):
        raise say.fault(table, f"`{key}` is {item!r}, no list", "Write a list of choices, or { least = 1, most = 2 }")
    return _answers(say, table, key, item, asked)


def _modifiers(say: _Faults, name: str, key: str, item: Any, asked: Mapping[str, Question]) -> dict[str, str]:
    table = f"{name}, modifiers"
    if not isinstance(item, dict):
        raise say.fault(table, f"`{key}` is {item!r}, no table", 'Write { both = "50" }')
    _answers(say, table, key, list(item), asked)
    say.texts(table, key, list(item.values()), re.compile(r"[A-Z0-9]{2}", re.ASCII))
    return dict(item)


def _confusion(say: _Faults, name: str, item: Any) -> Confusion:
    if not isinstance(item, dict) or set(item) != {"code", "why"}:
        raise say.fault(name, "each `confused_with` needs `code` and `why` and nothing else")
    return Confusion(**say.check("confusion", f"{name}, confused_with", item))


def _relation(say: _Faults, name: str, number: int, item: Any) -> Relation:
    table = f"{name}, ncci {number}"
    row = say.check("relation", table, item)
    row["codes"] = say.texts(table, "codes", row["codes"], _CODE)
    row["sources"] = say.texts(table, "sources", row.get("sources", []))
    return Relation(**row)


def _further(say: _Faults, services: Mapping[str, Service]) -> None:
    for code, service in services.items():
        if service.count and service.count.further and service.count.further not in services:
            raise say.fault(f"service {code}, count", f"`further` names {service.count.further}, which is no service")


def _apart(say: _Faults, services: Mapping[str, Service]) -> None:
    """Two codes of one day must differ in the answer to some question, or the walk could never decide."""
    led = [one for one in services.values() if one.answers]
    for one, other in combinations(led, 2):
        days = (one.ended is None or other.introduced is None or other.introduced <= one.ended) and (
            other.ended is None or one.introduced is None or one.introduced <= other.ended
        )
        shared = [key for key in one.answers if key in other.answers]
        if days and all(_overlap(one.answers[key], other.answers[key]) for key in shared):
            raise say.fault(
                f"services {one.code} and {other.code}",
                "no answer tells them apart",
                f"Questions that both ask: {', '.join(shared) or 'none'}",
            )


def _overlap(one: tuple[str, ...] | Span, other: tuple[str, ...] | Span) -> bool:
    if isinstance(one, Span) and isinstance(other, Span):
        ends = [span.most for span in (one, other) if span.most is not None]
        return max(one.least, other.least) <= min(ends, default=max(one.least, other.least))
    return bool(set(one) & set(other)) if isinstance(one, tuple) and isinstance(other, tuple) else True


def _cited(say: _Faults, family: Family) -> None:
    """Every source id is a row of the package's sources or of the file's own, or the fact is marked as unsettled."""
    from openrvu.sources import sources

    facts: list[tuple[str, bool, tuple[str, ...]]] = [("the family", True, (family.source,))]
    for code, service in family.services.items():
        facts.append((f"service {code}", False, service.sources))
        for number, one in enumerate(service.ncci, start=1):
            facts.append((f"service {code}, ncci {number}", one.settled, one.sources))
    for table, rows in (("contradictions", family.contradictions), ("no_code", family.no_code)):
        facts += [(f"{table} {number}", row.settled, row.sources) for number, row in enumerate(rows, start=1)]
    known = {*sources(), *family.sources}
    for name, settled, ids in facts:
        if settled and not ids:
            raise say.fault(name, "no `sources`, and not `settled = false`")
        for key in ids:
            if key not in known:
                raise say.fault(name, f"no source has the id {key!r}", "Ids: the package's, or [sources] of this file")
