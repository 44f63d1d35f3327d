"""From a survey as read to what the estimators take: counted pairs, a matrix of ratings, a table of a RUC survey."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np

from openrvu.errors import BadFile, BadInput
from openrvu.surveydata.data import Flag, SurveyData
from openrvu.surveydata.mapping import MAGNITUDES, PAIRS, RANKINGS, RATINGS, Question
from openrvu.valuation.paired import Pairs
from openrvu.valuation.rasch.data import MISSING, Responses, responses
from openrvu.valuation.services import service
from openrvu.valuation.sheet import Sheet
from openrvu.valuation.survey import NONE, Note, Origin, Report, Survey, counted

YES = {"yes": True, "y": True, "true": True, "1": True, "no": False, "n": False, "false": False, "0": False}
_WRONG = {
    PAIRS: "a survey of comparisons: `openrvu value` takes it",
    RATINGS: "ratings of items: `openrvu rasch` takes them",
    RANKINGS: "rankings: `openrvu.valuation.rasch.rankings` measures them; they are no comparisons two by two",
    MAGNITUDES: "a RUC survey: `openrvu ruc` takes it",
}


def as_survey(data: SurveyData, target: str = "", domain: str = "") -> Survey:
    """Comparisons about a target, each pair in one direction and with the target on the left.

    target: where the mapping names none. domain: which, where there are several. Raises BadInput for another kind of
    survey, BadFile where the target is in no comparison.
    """
    _must_be(data, PAIRS)
    aim = service(target).name if target else data.mapping.target
    if not aim:
        raise BadInput("no target", where=data.name, fix="Say which code was compared: --target 62380")
    questions = [(one.left or aim, one.right or aim, one.domain) for one in data.questions]
    chosen, name = _domain(data, [one[2] for one in questions], domain)
    if data.counts is not None:
        items = [questions[i][1] for i in chosen]
        if aim in items:
            raise BadFile(f"{aim} is the target", where=data.name, fix="One row a comparator")
        less, equal, greater = (tuple(float(n) for n in data.counts[chosen, k]) for k in range(3))
        pairs = Pairs((aim, *items), (0,) * len(items), tuple(range(1, len(items) + 1)), less, equal, greater)
        return Survey(data.name, aim, name, pairs, None, None, _report(data), data.label)
    return _answered(data, aim, name, [(*questions[i][:2], i) for i in chosen])


def _answered(data: SurveyData, aim: str, domain: str, questions: Sequence[tuple[str, str, int]]) -> Survey:
    """Pairs of one direction. A pair asked twice (both ways round) has the first answer of each respondent."""
    assert data.answers is not None
    names: dict[str, int] = {aim: 0}
    columns: dict[tuple[int, int], np.ndarray] = {}
    for left, right, at in questions:
        if left == right:
            raise BadFile(
                f"column {data.questions[at].column} is the target",
                where=data.name,
                fix="Each cell says how the target compares with its column: take this column out",
            )
        i, j = (names.setdefault(one, len(names)) for one in (left, right))
        given = data.answers[:, at]
        if (j, i) in columns or j == 0:
            i, j, given = j, i, -given
        before = columns.get((i, j))
        columns[i, j] = given if before is None else np.where(np.isnan(before), given, before)
    if not any(0 in pair for pair in columns):
        raise BadFile(
            f"{aim} is in no comparison",
            where=data.name,
            exists=f"Compared: {', '.join(list(names)[1:])}",
            fix="Give the target that the survey is about",
        )
    told = np.column_stack(list(columns.values()))
    answers = np.where(np.isnan(told), NONE, told).astype(np.int8)
    pairs = counted(list(names), [a for a, _ in columns], [b for _, b in columns], answers)
    return Survey(data.name, aim, domain, pairs, answers, _interest(data), _report(data), data.label)


def _domain(data: SurveyData, domains: Sequence[str], wanted: str) -> tuple[list[int], str]:
    """The questions of one domain, and its name. Raises BadInput where there are several and none is chosen."""
    held = list(dict.fromkeys(domains))
    if held == [""] and wanted:
        raise BadInput(f"no column domain to find {wanted!r} in", where=data.name)
    name = next((one for one in held if one.casefold() == wanted.casefold()), None) if wanted else held[0]
    if name is None or (len(held) > 1 and not wanted):
        what = f"no domain {wanted!r}" if wanted else f"{len(held)} domains and none chosen"
        raise BadInput(what, where=data.name, exists=f"Domains: {', '.join(held)}", fix="Choose one with --domain")
    return [i for i, one in enumerate(domains) if one == name], wanted or name


def _interest(data: SurveyData) -> tuple[bool | None, ...] | None:
    cells = data.attributes.get("interest")
    return None if cells is None else tuple(YES.get(cell.casefold()) for cell in cells)


def _report(data: SurveyData) -> Report:
    """What was read, flagged and left out, as an estimate carries it."""
    kept = {one.line for one in data.respondents}

    def notes(kind: str, more: str = "") -> tuple[Note, ...]:
        return tuple(_note(one, more) for one in data.flagged(kind) if one.line in kept)

    return Report(
        form=data.mapping.layout,
        rows=data.rows,
        respondents=len(data.respondents) if data.counts is None else None,
        excluded=tuple(Note(one.line, one.respondent, f"{one.rule}: {one.words}") for one in data.excluded),
        incomplete=notes("incomplete"),
        straight_lined=notes("straight-line", ": kept"),
        duplicates=(*notes("duplicate", ": both are kept"), *(_note(one, "") for one in data.repeated)),
        ignored_columns=data.ignored,
        origin=origin(data),
    )


def origin(data: SurveyData) -> Origin:
    """The file in short: what an answer says of where its figures came from."""
    kept = {one.line for one in data.respondents}
    flagged = Counter(one.kind for one in data.flags if one.line in kept)
    return Origin(
        format=data.format,
        sha256=data.sha256,
        confirmed=data.confirmed,
        rows=data.rows,
        left_out={one.rule: one.left_out for one in data.rules if one.left_out},
        flagged=dict(sorted(flagged.items())),
        left_behind=tuple(dict.fromkeys(one.column for one in data.left_behind)),
        label=data.label,
    )


def as_rankings(data: SurveyData) -> tuple[list[list[str]], list[list[str]]]:
    """Rankings as `valuation.rasch.rankings.fit` takes them: each respondent's services from the most work down, and
    the services that it chose from (all that were asked, so that what was left unranked comes after).

    >>> from openrvu.surveydata.reading import parse
    >>> as_rankings(parse(b"id,63047,63030,22612\\n1,2,1,3\\n2,1,,\\n", "x.csv"))[0]
    [['63030', '63047', '22612'], ['63047']]
    """
    _must_be(data, RANKINGS)
    assert data.answers is not None
    items = [one.item for one in data.questions]
    told = []
    for row in data.answers:
        given = [i for i in np.argsort(row) if not math.isnan(row[i])]
        told.append([items[i] for i in given])
    return told, [items] * len(told)


def _note(flag: Flag, more: str) -> Note:
    return Note(flag.line, flag.respondent, flag.words + more)


def as_responses(data: SurveyData, group: str = "") -> tuple[Responses, tuple[str, ...]]:
    """Ratings as the Rasch models take them, and each respondent's label by the attribute `group` (empty without)."""
    _must_be(data, RATINGS)
    assert data.answers is not None
    if group and group not in data.attributes:
        raise BadInput(f"no column {group!r}", where=data.name, exists=f"Columns: {', '.join(data.attributes)}")
    answers = np.where(np.isnan(data.answers), MISSING, data.answers)
    cells = [[None if one == MISSING else int(one) for one in row] for row in answers]
    return responses(cells, [one.item or one.column for one in data.questions]), data.attributes.get(group, ())


def as_sheet(data: SurveyData) -> Sheet:
    """A RUC survey as the table that `ruc` reads: its quantities, reference and intensity under their own names."""
    _must_be(data, MAGNITUDES)
    assert data.answers is not None
    texts = [name for name in ("reference", "intensity") if name in data.attributes]
    head = ("respondent", *(one.item for one in data.questions), *texts)
    rows = tuple(
        (
            one.line,
            (
                one.name,
                *("" if math.isnan(value) else f"{value:.15g}" for value in data.answers[i]),
                *(data.attributes[name][i] for name in texts),
            ),
        )
        for i, one in enumerate(data.respondents)
    )
    return Sheet(data.name, head, rows, (data.label,) if data.label else (), 1)


def services(questions: Sequence[Question]) -> tuple[str, ...]:
    """Every service that the questions name, in order."""
    return tuple(dict.fromkeys(name for one in questions for name in (one.left, one.right, one.item) if name))


def _must_be(data: SurveyData, kind: str) -> None:
    if data.kind != kind:
        raise BadInput(f"{data.name} holds {_WRONG[data.kind]}", fix=f"Wanted: {_WRONG[kind]}")
