"""Reading a file of answers: bytes, columns, mapping, answers, flags, exclusions, in this order and each once.

>>> found = parse(b"id,63047,63005\\nA,less,more\\nB,,same\\n", "x.csv", target="62380")
>>> found.kind, found.answers.tolist(), [flag.words for flag in found.flags]
('pairs', [[-1.0, 1.0], [nan, 0.0]], ['1 of 2 answered'])
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from openrvu.errors import BadFile
from openrvu.surveydata import flags as quality
from openrvu.surveydata.answering import comparison, moment, quantity, rating
from openrvu.surveydata.data import Floats, LeftBehind, Respondent, SurveyData
from openrvu.surveydata.export import LIMESURVEY, REDCAP, REDCAP_LABELS, Export, recognise
from openrvu.surveydata.funnel import funnel
from openrvu.surveydata.long import from_counts, from_long
from openrvu.surveydata.mapping import (
    COUNTS,
    LONG,
    MAGNITUDES,
    PAIRS,
    RANKINGS,
    Question,
    SurveyMapping,
    check_columns,
    read_mapping,
)
from openrvu.surveydata.personal import holds, personal
from openrvu.surveydata.proposing import propose
from openrvu.surveydata.ranking import by_place, check_ranks, places, ranked
from openrvu.valuation.grid import Grid, grid, read_bytes

MOST_CELLS = 50_000_000


def read(
    path: Path,
    mapping: SurveyMapping | Path | None = None,
    *,
    target: str = "",
    kind: str = "",
    items: Sequence[str] = (),
    group: str = "",
) -> SurveyData:
    """A survey from a file of any known form.

    mapping: confirmed, or the file that holds it; without one, the columns are read as they suggest themselves, and the
    result says so. target, kind, items, group (an attribute by which respondents differ):
    for that guess alone. Raises BadFile or BadInput naming line and column.
    """
    confirmed = read_mapping(mapping) if isinstance(mapping, Path) else mapping
    sheet = confirmed.sheet if confirmed else ""
    return of_grid(load(path, sheet), confirmed, target=target, kind=kind, items=items, group=group)


def load(path: Path, sheet: str = "") -> Grid:
    """The rows of a file: CSV or Excel. Raises BadFile."""
    return grid(read_bytes(path), path.name, sheet)


def parse(
    data: bytes,
    name: str,
    mapping: SurveyMapping | None = None,
    *,
    target: str = "",
    kind: str = "",
    items: Sequence[str] = (),
    group: str = "",
) -> SurveyData:
    """A survey from the bytes of a CSV or a workbook; as `read`."""
    found = grid(data, name, mapping.sheet if mapping else "")
    return of_grid(found, mapping, target=target, kind=kind, items=items, group=group)


def of_grid(
    found: Grid,
    mapping: SurveyMapping | None = None,
    *,
    target: str = "",
    kind: str = "",
    items: Sequence[str] = (),
    group: str = "",
) -> SurveyData:
    """A survey from rows of text; as `read`."""
    export = recognise(found)
    notes: tuple[str, ...] = ()
    confirmed = mapping is not None
    if mapping is None:
        proposed = propose(export, target, kind, items, group)
        mapping, notes = proposed.mapping, proposed.notes
    else:
        check_columns(mapping, export)
    private = personal(export)
    used = set(mapping.used)
    plain = SurveyData(
        name=found.name,
        sha256=found.sha256,
        format=export.format,
        kind=mapping.kind,
        seen=(*found.seen, *export.seen),
        label=" ".join(found.remarks),
        rows=len(export.rows),
        questions=(),
        answers=None,
        counts=None,
        respondents=(),
        attributes={},
        flags=(),
        repeated=(),
        excluded=(),
        rules=(),
        funnel=None,
        left_behind=tuple(LeftBehind(column, why) for column, why in private.items()),
        ignored=tuple(one.name for one in export.columns if one.name not in used and one.name not in private),
        mapping=mapping,
        confirmed=confirmed,
        notes=notes,
    )
    if mapping.layout == COUNTS:
        questions, counts = from_counts(export, mapping)
        return replace(plain, questions=questions, counts=counts)
    if mapping.layout == LONG:
        questions, answers, turned, rows, repeated = from_long(export, mapping)
        plain = replace(plain, turned=turned)
        export = replace(export, rows=tuple(rows))
    else:
        answers, repeated = _wide(export, mapping), []
        questions = ranked(export, mapping) if mapping.kind == RANKINGS else mapping.questions
    return _judged(replace(plain, questions=questions, repeated=tuple(repeated)), export, answers, private)


def _judged(plain: SurveyData, export: Export, answers: Floats, private: Mapping[str, str]) -> SurveyData:
    """Respondents, flags, exclusions and funnel; then what is kept."""
    mapping = plain.mapping
    rows = _rows(export, mapping, answers, private)
    found = quality.flags(rows, plain.questions, mapping)
    keep, out, rules = quality.exclude(rows, found, mapping.exclude)
    if not keep:
        what = "nobody answered anything" if not mapping.exclude else "the rules leave nobody"
        raise BadFile(what, where=plain.name, exists=", ".join(f"{one.rule}: {one.left_out}" for one in rules))
    passed = funnel(
        rows.respondents,
        found,
        keep,
        invited=mapping.invited,
        opened=mapping.opened,
        consent_asked="consent" in mapping.columns,
        end_recorded="finished" in mapping.columns,
    )
    attributes, told = _attributes(export, mapping, keep)
    return replace(
        plain,
        answers=answers[keep],
        turned=None if plain.turned is None else plain.turned[keep],
        respondents=tuple(rows.respondents[i] for i in keep),
        attributes=attributes,
        flags=found,
        excluded=out,
        rules=rules,
        funnel=passed,
        left_behind=(*plain.left_behind, *told),
    )


def _wide(export: Export, mapping: SurveyMapping) -> Floats:
    """(R, Q) answers of a file with a row a respondent."""
    _check_questions(export, mapping)
    if mapping.kind == RANKINGS and by_place(mapping):
        return places(export, mapping)
    if len(export.rows) * len(mapping.questions) > MOST_CELLS:
        what = f"{len(export.rows):,} rows by {len(mapping.questions):,} questions"
        raise BadFile(what, where=export.grid.name, fix="Split the file")
    columns = [(export.at(one.column), one) for one in mapping.questions]

    def cell(line: int, cells: Sequence[str], at: int, one: Question) -> float:
        where = f"{export.grid.name}, line {line}, column {one.column}"
        if mapping.kind == PAIRS:
            return comparison(cells[at], mapping.answers, where)
        if mapping.kind == MAGNITUDES:
            return quantity(cells[at], mapping.decimal, where)
        return rating(cells[at], mapping.answers, where)

    found = np.array([[cell(line, cells, at, one) for at, one in columns] for line, cells in export.rows], dtype=float)
    if mapping.kind == RANKINGS:
        check_ranks(export, found)
    return found


def _check_questions(export: Export, mapping: SurveyMapping) -> None:
    name, head = export.grid.name, export.grid.rows[0][0]
    if not mapping.questions:
        raise BadFile("no [[question]]", where="the mapping", fix="Say which columns hold the answers")
    for one in mapping.questions:
        if mapping.kind == PAIRS and one.left and one.left == one.right:
            raise BadFile(
                f"column {one.column} is the target",
                where=f"{name}, line {head}",
                fix="Each cell says how the target compares with its column: take this column out",
            )
        if mapping.kind == PAIRS and not one.right:
            raise BadFile(f"question {one.column!r} without right", where="the mapping", fix="Name both services")
    pairs = [frozenset((one.left, one.right, f" {one.domain}", f"  {one.block}")) for one in mapping.questions]
    if mapping.kind == PAIRS and len(set(pairs)) < len(pairs):
        twice = next(one for i, one in enumerate(mapping.questions) if pairs[i] in pairs[:i])
        what = f"two columns are the same service or pair: {twice.column}"
        raise BadFile(what, where=f"{name}, line {head}", fix="Take one out, or give each a domain in a mapping")


def _rows(export: Export, mapping: SurveyMapping, answers: Floats, private: Mapping[str, str]) -> quality.Rows:
    """Every row with what is known of it. A respondent's name that would tell who it is becomes `person N`."""

    def cells(role: str) -> tuple[str, ...]:
        column = mapping.columns.get(role)
        return export.told(column) if column else ("",) * len(export.rows)

    raw = cells("respondent")
    open_ = mapping.columns.get("respondent") in private or bool(holds(raw))
    persons = {who: f"person {i}" for i, who in enumerate(dict.fromkeys(raw), 1)}
    starts = cells("start")
    times = _seconds(mapping, cells("seconds"), starts, cells("end"))
    asked = _asked(answers, mapping.questions, cells("block") if "block" in mapping.columns else None)
    people = []
    for i, (line, _) in enumerate(export.rows):
        name = (persons[raw[i]] if open_ else raw[i]) if raw[i] else f"row {line}"
        people.append(Respondent(line, name, times[i], int((~np.isnan(answers[i])).sum()), asked[i]))
    ends = cells("finished")
    consent = cells("consent")
    return quality.Rows(
        respondents=people,
        raw=raw,
        started=starts,
        answers=answers,
        finished=[_ended(cell, export.format) if "finished" in mapping.columns else None for cell in ends],
        consent=[cell if "consent" in mapping.columns else None for cell in consent],
        status=cells("status"),
        attention=[(column, export.told(column), wanted) for column, wanted in mapping.attention],
    )


def _asked(answers: Floats, questions: Sequence[Question], blocks: Sequence[str] | None) -> list[int]:
    """How many questions each respondent was asked: those of the blocks that it answered something of, where questions
    have blocks; those that somebody with the same cell of the block's column answered; else all."""
    if any(one.block for one in questions):
        of = np.array([one.block for one in questions])
        told = ~np.isnan(answers)
        sizes = [(of == one, int((of == one).sum())) for one in dict.fromkeys(of)]
        return [sum(n for here, n in sizes if row[here].any()) for row in told]
    if blocks is None:
        return [answers.shape[1]] * len(answers)
    labels = np.array(blocks)
    seen = {one: int((~np.isnan(answers[labels == one])).any(axis=0).sum()) for one in set(blocks)}
    return [seen[one] for one in blocks]


def _ended(cell: str, kind: str) -> bool:
    """Whether the programme says that the end was reached. LimeSurvey and the forms write when, REDCap a 2."""
    lower = cell.casefold()
    if kind in (REDCAP, REDCAP_LABELS):
        return lower in ("2", "complete")
    if kind == "qualtrics":
        return lower in ("true", "1")
    if kind == LIMESURVEY:
        return bool(cell)  # 1980-01-01 where dates are not kept: ended all the same
    return lower not in ("", "0", "false", "no", "n")


def _seconds(
    mapping: SurveyMapping, given: Sequence[str], starts: Sequence[str], ends: Sequence[str]
) -> list[float | None]:
    """Time taken: by the programme, else from start to end."""
    found: list[float | None] = []
    for taken, start, end in zip(given, starts, ends, strict=True):
        value: float | None = None
        if taken:
            try:
                value = quantity(taken, mapping.decimal, "")
            except BadFile:
                value = None
        elif (a := moment(start, mapping.dates)) and (b := moment(end, mapping.dates)):
            value = (b - a).total_seconds()
        found.append(value if value is not None and math.isfinite(value) and value >= 0 else None)
    return found


def _attributes(
    export: Export, mapping: SurveyMapping, keep: Sequence[int]
) -> tuple[dict[str, tuple[str, ...]], list[LeftBehind]]:
    """Attributes of those kept. One that holds what tells who somebody is stays behind even where it is mapped."""
    found, told = {}, []
    private = personal(export)
    for name, column in mapping.attributes.items():
        if column in private:
            told.append(LeftBehind(column, f"mapped as {name}, and left behind all the same: {private[column]}"))
            continue
        cells = export.told(column)
        found[name] = tuple(cells[i] for i in keep)
    return found, told
