"""Files with a row an answer, and files of counts, brought to questions."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from openrvu.errors import BadFile, BadInput
from openrvu.surveydata.answering import comparison, rating
from openrvu.surveydata.data import Bools, Flag, Floats
from openrvu.surveydata.export import Export
from openrvu.surveydata.mapping import PAIRS, Question, SurveyMapping
from openrvu.valuation.services import service

MOST_CELLS = 50_000_000

Row = tuple[int, tuple[str, ...]]


def item(text: str, where: str) -> str:
    """A code or bundle in its one spelling. Raises BadFile."""
    try:
        return service(text).name
    except BadInput:
        raise BadFile(
            f"{text[:60]!r} is no code",
            where=where,
            exists="Accepted: 63047, or a bundle as 22630+22840",
            fix="Correct it",
        ) from None


def from_long(
    export: Export, mapping: SurveyMapping
) -> tuple[tuple[Question, ...], Floats, Bools, list[Row], list[Flag]]:
    """Questions, (R, Q) answers, (R, Q) whether the pair was shown the other way round, the first row of each
    respondent, and answers given twice (the first is kept).

    A pair asked both ways round is one question, in the direction first met. Raises BadFile with line and column.
    """
    name, pairs = export.grid.name, mapping.kind == PAIRS
    at = {role: export.at(column) for role, column in mapping.columns.items()}
    needed = ("respondent", "left", "right", "response") if pairs else ("respondent", "item", "response")
    if lacking := [role for role in needed if role not in at]:
        raise BadFile(f"[columns] without {', '.join(lacking)}", where="the mapping", fix="A long file needs them")
    questions: dict[tuple[str, str, str], int] = {}
    people: dict[str, int] = {}
    first: list[Row] = []
    found: dict[tuple[int, int], float] = {}
    other: set[tuple[int, int]] = set()
    repeated: list[Flag] = []
    for line, cells in export.rows:
        who = cells[at["respondent"]]
        if not who:
            where = f"{name}, line {line}, column {mapping.columns['respondent']}"
            raise BadFile("no rater", where=where, fix="Give each respondent a name or number")
        if who not in people:
            people[who] = len(people)
            first.append((line, cells))
        key, answer = (_pair if pairs else _rated)(export, mapping, at, line, cells)
        back = (key[1], key[0], key[2])
        around = pairs and back in questions
        if around:
            key, answer = back, -answer
        place = (people[who], questions.setdefault(key, len(questions)))
        if not math.isnan(found.get(place, math.nan)) and not math.isnan(answer):
            same = "the same" if found[place] == answer else "another"
            repeated.append(Flag(line, who, "repeated", f"answered this before, with {same} answer: first kept"))
        elif math.isnan(found.get(place, math.nan)):
            found[place] = answer
            (other.add if around else other.discard)(place)
        if len(people) * len(questions) > MOST_CELLS:
            what = f"{len(people):,} raters by {len(questions):,} pairs"
            raise BadFile(what, where=name, fix="Split the file, or give counts")
    answers = np.full((len(people), len(questions)), math.nan)
    turned = np.zeros(answers.shape, dtype=bool)
    for (i, j), answer in found.items():
        answers[i, j] = answer
        turned[i, j] = (i, j) in other
    column = mapping.columns["response"]
    made = tuple(
        Question(column, left, right, domain) if pairs else Question(column, item=left)
        for left, right, domain in questions
    )
    return made, answers, turned, first, repeated


def _pair(
    export: Export, mapping: SurveyMapping, at: dict[str, int], line: int, cells: Sequence[str]
) -> tuple[tuple[str, str, str], float]:
    here = f"{export.grid.name}, line {line}"
    left, right = (item(cells[at[side]], f"{here}, column {mapping.columns[side]}") for side in ("left", "right"))
    if left == right:
        raise BadFile("a service is compared with itself", where=here, fix="Take the row out")
    domain = cells[at["domain"]] if "domain" in at else ""
    where = f"{here}, column {mapping.columns['response']}"
    return (left, right, domain), comparison(cells[at["response"]], mapping.answers, where)


def _rated(
    export: Export, mapping: SurveyMapping, at: dict[str, int], line: int, cells: Sequence[str]
) -> tuple[tuple[str, str, str], float]:
    here = f"{export.grid.name}, line {line}"
    name = cells[at["item"]]
    if not name:
        raise BadFile("no item", where=f"{here}, column {mapping.columns['item']}", fix="Name what is rated")
    return (name, "", ""), rating(
        cells[at["response"]], mapping.answers, f"{here}, column {mapping.columns['response']}"
    )


def from_counts(export: Export, mapping: SurveyMapping) -> tuple[tuple[Question, ...], Floats]:
    """Questions and (Q, 3) counts of less, equal, greater. Raises BadFile for a service that is there twice, or is the
    target, and for what is no count."""
    needed = ("item", "less", "equal", "greater")
    if lacking := [role for role in needed if role not in mapping.columns]:
        raise BadFile(f"[columns] without {', '.join(lacking)}", where="the mapping", fix="Counts need them")
    at = {role: export.at(mapping.columns[role]) for role in needed}
    questions: list[Question] = []
    counts: list[list[float]] = []
    seen: set[str] = set()
    for line, cells in export.rows:
        here = f"{export.grid.name}, line {line}"
        name = item(cells[at["item"]], f"{here}, column {mapping.columns['item']}")
        if name == mapping.target or name in seen:
            why = "is the target" if name == mapping.target else "is there twice"
            raise BadFile(f"{name} {why}", where=here, fix="One row a comparator")
        seen.add(name)
        questions.append(Question(mapping.columns["item"], mapping.target, name))
        counts.append([_count(cells[at[role]], f"{here}, column {mapping.columns[role]}") for role in needed[1:]])
    return tuple(questions), np.array(counts, dtype=float)


def _count(cell: str, where: str) -> float:
    text = cell.replace("\u00a0", "")
    if not (text.isascii() and text.isdigit()) or len(text) > 7:
        raise BadFile(
            f"{cell[:40]!r} is no count",
            where=where,
            exists="Accepted: whole numbers from 0 to 9999999",
            fix="Give counts of respondents, not percentages",
        )
    return float(text)
