"""Rankings as programmes write them: a column a service with its rank in the cell, or a column a place with the service
in the cell (LimeSurvey's ranking question, `rank[1]`, `rank[2]` ...). Rank 1 is the most work."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from openrvu.errors import BadFile
from openrvu.surveydata.answering import MISSING
from openrvu.surveydata.data import Floats
from openrvu.surveydata.export import Export
from openrvu.surveydata.long import item
from openrvu.surveydata.mapping import Question, SurveyMapping


def by_place(mapping: SurveyMapping) -> bool:
    """Whether the mapping's items are places (1, 2, 3 ...) and not services."""
    return all(one.item.isdecimal() and len(one.item) < 4 for one in mapping.questions)


def ranked(export: Export, mapping: SurveyMapping) -> tuple[Question, ...]:
    """The questions, a service each; of columns that are places, the services found in their cells."""
    if not by_place(mapping):
        return mapping.questions
    names = dict.fromkeys(name for row in _rows(export, mapping) for name in row if name)
    return tuple(Question(mapping.questions[0].column, item=name) for name in names)


def places(export: Export, mapping: SurveyMapping) -> Floats:
    """(R, Q) ranks of the services of `ranked`, from columns that are places. Raises BadFile for a service that one
    respondent ranks twice, and for a cell that is no service nor given one in [answers]."""
    rows = _rows(export, mapping)
    at = {one.item: i for i, one in enumerate(ranked(export, mapping))}
    found = np.full((len(rows), len(at)), math.nan)
    for i, ((line, _), row) in enumerate(zip(export.rows, rows, strict=True)):
        for one, name in zip(mapping.questions, row, strict=True):
            if not name:
                continue
            if not math.isnan(found[i, at[name]]):
                where = f"{export.grid.name}, line {line}, column {one.column}"
                raise BadFile(f"{name} is ranked twice", where=where, fix="Correct the row")
            found[i, at[name]] = int(one.item)
    return found


def _rows(export: Export, mapping: SurveyMapping) -> list[list[str]]:
    columns = [(export.at(one.column), one.column) for one in mapping.questions]
    return [[_service(cells[at], mapping, export, line, name) for at, name in columns] for line, cells in export.rows]


def _service(cell: str, mapping: SurveyMapping, export: Export, line: int, column: str) -> str:
    """The service of a cell: a code, or a text to which [answers] gives one; empty for none."""
    text = mapping.answers.get(cell, cell)
    return "" if text.casefold() in MISSING else item(text, f"{export.grid.name}, line {line}, column {column}")


def check_ranks(export: Export, answers: Sequence[Floats] | Floats) -> None:
    """Raises BadFile where a respondent gives one rank to two services."""
    for (line, _), row in zip(export.rows, answers, strict=True):
        given = row[~np.isnan(row)]
        if len(set(given)) < len(given):
            raise BadFile("two services have one rank", where=f"{export.grid.name}, line {line}", fix="Correct the row")
