"""A first mapping of a file, from what its columns are called and what is in them; to be looked over by a person.

Services are found in the column's name, else in its question. Two of them are a pair, the one named first on the left;
one is compared with the target. What cannot be told is left out, and what is guessed is said.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from openrvu.errors import BadFile, BadInput
from openrvu.surveydata import mapping as maps
from openrvu.surveydata.answering import MISSING, WORDS, meaning, numbered
from openrvu.surveydata.export import REDCAP, REDCAP_LABELS, Export, services_in
from openrvu.surveydata.mapping import Question, SurveyMapping
from openrvu.surveydata.personal import personal
from openrvu.valuation.services import service

QUANTITIES = ("rvu", "evaluation", "positioning", "scrub", "intra", "post")
MOST_ANSWERS = 12  # distinct texts: more is free text
FORMS = (
    "counts: item, less, equal, greater; long: rater, left, right, response[, domain]; wide: a column a comparator or "
    "pair, named by code; ratings: a column an item, whole numbers; RUC: a column rvu"
)

# Columns by their own names, the first that a file has. Sources: the layouts in export.py.
_ROLES: Mapping[str, tuple[str, ...]] = {
    "respondent": (
        "responseid",
        "response id",
        "record_id",
        "record id",
        "respondent id",
        "respondent",
        "rater",
        "respondent_id",
        "person",
        "id",
    ),
    "start": ("startdate", "start date", "startdate", "date started", "start time", "date created"),
    "end": (
        "enddate",
        "end date",
        "submitdate",
        "date submitted",
        "completion time",
        "date modified",
        "timestamp",
        "datestamp",
        "survey timestamp",
    ),
    "seconds": ("duration (in seconds)", "interviewtime", "total time", "seconds", "duration"),
    "finished": ("finished", "submitdate", "date submitted", "completion time", "complete?"),
    "status": ("status", "response type"),
    "consent": ("consent", "informed consent"),
    "block": ("block",),
}
_ATTRIBUTES: Mapping[str, re.Pattern[str]] = {
    "interest": re.compile(r"(financial[ _]?)?(interest|stake|disclosure|conflict)", re.IGNORECASE),
    "volume": re.compile(r"\bvolume\b|how many .*(year|month|12 months)|\bper year\b", re.IGNORECASE),
    "specialty": re.compile(r"specialt", re.IGNORECASE),
    "years": re.compile(r"years? (in|of) (practice|experience)|^years$|experience", re.IGNORECASE),
}
# What the programmes keep of a sitting, and is no answer.
_SITTING = frozenset(
    (
        "progress",
        "recordeddate",
        "recorded date",
        "distributionchannel",
        "distribution channel",
        "userlanguage",
        "user language",
        "responseset",
        "lastpage",
        "last page",
        "startlanguage",
        "start language",
        "seed",
        "datestamp",
        "date last action",
        "collector id",
        "redcap_repeat_instance",
        "total points",
        "last modified time",
    )
)
_COUNTED = re.compile(r"how many|number of|per year|a year|annually", re.IGNORECASE)


@dataclass(frozen=True)
class Proposal:
    """mapping: what we would read. beside: column -> its question, for the person who confirms. notes: what was guessed
    or could not be told. unknown: answers whose meaning is to be given."""

    mapping: SurveyMapping
    beside: Mapping[str, str]
    notes: tuple[str, ...]
    unknown: tuple[str, ...]


def propose(export: Export, target: str = "", kind: str = "", items: Sequence[str] = (), group: str = "") -> Proposal:
    """The mapping that the file suggests. target: the code compared, where columns name one service alone. kind: pairs,
    ratings, rankings or magnitudes where it is known. items: columns to take. group: a column to keep as an attribute.
    Raises BadFile where nothing fits, BadInput for a column that is not there."""
    aim = service(target).name if target else ""
    lower = {one.name.casefold(): one.name for one in export.columns}
    private = personal(export)
    if not kind or kind == maps.PAIRS:
        if {"item", "less", "equal", "greater"} <= set(lower):
            roles = {name: lower[name] for name in ("item", "less", "equal", "greater")}
            return _proposal(export, SurveyMapping(export.format, maps.PAIRS, maps.COUNTS, aim, roles), private)
        if {"rater", "left", "right", "response"} <= set(lower):
            return _long(export, lower, aim, private)
    roles = _roles(export, lower, private)
    _there(export, [*items, *([group] if group else [])])
    attributes = _attributes(export, private, {*roles.values(), *items})
    if group and group not in attributes:
        attributes = {key: value for key, value in attributes.items() if value != group} | {group: group}
    taken = {*private, *roles.values(), *attributes.values()}
    free = [one.name for one in export.columns if one.name not in taken and one.name.casefold() not in _SITTING]
    if (kind == maps.MAGNITUDES or not kind) and "rvu" in lower:
        return _magnitudes(export, lower, aim, roles, attributes, private)
    found = _services(export, free)
    if kind != maps.RATINGS and found:
        return _compared(export, aim, found, roles, attributes, private, kind)
    if kind in ("", maps.RATINGS):
        return _ratings(export, list(items) or free, roles, attributes, private, bool(items))
    raise _none(export)


def _there(export: Export, names: Sequence[str]) -> None:
    there = [one.name for one in export.columns]
    if absent := [name for name in names if name not in there]:
        raise BadInput(f"no column {absent[0]!r}", where=export.grid.name, exists=f"Columns: {', '.join(there)}")


def _none(export: Export) -> BadFile:
    names = [one.name for one in export.columns]
    more = " ..." if len(names) > 40 else ""
    return BadFile(
        "no form of survey that is known",
        where=export.grid.name,
        exists=f"Columns found: {', '.join(names[:40])}{more}",
        fix=f"Accepted forms: {FORMS}. Else write the columns into a mapping: `openrvu survey map FILE`",
    )


def _proposal(
    export: Export,
    made: SurveyMapping,
    private: Mapping[str, str],
    notes: Sequence[str] = (),
    unknown: Sequence[str] = (),
) -> Proposal:
    beside = {one.name: one.text for one in export.columns if one.text and one.name not in private}
    return Proposal(made, beside, tuple(notes), tuple(unknown))


def _roles(export: Export, lower: Mapping[str, str], private: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for role, names in _ROLES.items():
        for name in names:
            if name in lower and (lower[name] not in private or role == "respondent"):
                found[role] = lower[name]
                break
    if export.format in (REDCAP, REDCAP_LABELS):
        found.setdefault("respondent", export.columns[0].name)
        stamped = next((one.name for one in export.columns if one.name.endswith("_timestamp")), None)
        whole = next((one.name for one in export.columns if one.name.endswith("_complete")), None)
        found |= {role: name for role, name in (("end", stamped), ("finished", whole)) if name}
    return found


def _attributes(export: Export, private: Mapping[str, str], taken: set[str]) -> dict[str, str]:
    """Attributes by words of the name or the question. A column that names a service is none, unless it counts it."""
    found: dict[str, str] = {}
    for name, pattern in _ATTRIBUTES.items():
        for one in export.columns:
            said = f"{one.name} {one.text}"
            if one.name in private or one.name in taken or one.name in found.values():
                continue
            if services_in(said) and not _COUNTED.search(said):
                continue
            if pattern.search(one.name.replace("_", " ")) or pattern.search(one.text):
                found[name] = one.name
                break
    return found


def _services(export: Export, free: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Column -> the one or two services that it names; by its name where that has any, else by its question."""
    texts = {one.name: one.text for one in export.columns}
    found = {}
    for name in free:
        named = services_in(name) or services_in(texts[name])
        if 1 <= len(named) <= 2:
            found[name] = named
    return found


def _compared(
    export: Export,
    target: str,
    found: Mapping[str, tuple[str, ...]],
    roles: Mapping[str, str],
    attributes: Mapping[str, str],
    private: Mapping[str, str],
    kind: str,
) -> Proposal:
    """Columns that name services: comparisons, unless the cells are ranks."""
    cells = [cell for name in found for cell in export.cells(name)]
    single = all(len(named) == 1 for named in found.values())
    if kind == maps.RANKINGS or (not kind and single and len(found) > 2 and _ranks(export, list(found))):
        questions = tuple(Question(name, item=named[-1]) for name, named in found.items())
        made = SurveyMapping(export.format, maps.RANKINGS, maps.WIDE, target, roles, questions, attributes)
        return _proposal(export, made, private, ("cells 1, 2, 3 ... of each row are taken for ranks, 1 the most work",))
    notes = []
    if not target:
        most = Counter(one for named in found.values() if len(named) == 2 for one in named).most_common(2)
        if most and (len(most) == 1 or most[0][1] > most[1][1]):
            target = most[0][0]
            notes.append(f"{target} is in most comparisons, and taken for the target")
    questions = tuple(
        Question(name, named[0], named[1]) if len(named) == 2 else Question(name, target, named[0])
        for name, named in found.items()
    )
    labels = {code: label for name in found for code, label in export.grid.labels.get(name, {}).items()}
    answers, unknown, said = _answers(cells, export.grid.name, labels)
    made = SurveyMapping(
        export.format,
        maps.PAIRS,
        maps.WIDE,
        target,
        roles,
        questions,
        attributes,
        answers=answers,
        dates=_dates(export, roles),
    )
    if any(len(named) == 2 for named in found.values()):
        notes.append("of two services in a question the one named first is taken for the left: check the wording")
    return _proposal(export, made, private, (*notes, *said), unknown)


def _answers(
    cells: Sequence[str], name: str, labels: Mapping[str, str] | None = None
) -> tuple[dict[str, str], tuple[str, ...], tuple[str, ...]]:
    """What each distinct answer means; those that are not known; and what was guessed. labels: of codes, in SPSS."""
    distinct = sorted({cell for cell in cells if cell.casefold() not in MISSING})
    coded = labels or {}
    found = {
        cell: told
        for cell in distinct
        if (told := WORDS.get(coded.get(cell, "").casefold()) or meaning(coded.get(cell, "")))
    }
    if not found:
        found = numbered({cell for cell in distinct if cell.lstrip("-").isdigit()}, name)
    notes = []
    if found and not coded:
        notes.append("numbers: " + ", ".join(f"{key} {value}" for key, value in sorted(found.items())))
    unknown = []
    for cell in distinct[: 10 * MOST_ANSWERS]:
        if cell in found or cell.casefold() in WORDS:
            continue
        if told := meaning(cell):
            found[cell] = told
        else:
            unknown.append(cell)
    return dict(sorted(found.items())), tuple(unknown), tuple(notes)


def _ranks(export: Export, names: Sequence[str]) -> bool:
    """Whether every row that is answered holds different whole numbers from 1, up to more than three."""
    rows = zip(*(export.cells(name) for name in names), strict=True)
    seen = False
    for row in rows:
        given = [cell for cell in row if cell]
        if not given:
            continue
        if not all(cell.isascii() and cell.isdigit() for cell in given):
            return False
        numbers = sorted(int(cell) for cell in given)
        if numbers != list(range(1, len(numbers) + 1)):
            return False
        seen = seen or len(numbers) > 2
    return seen


def _long(export: Export, lower: Mapping[str, str], target: str, private: Mapping[str, str]) -> Proposal:
    roles = {"respondent": lower["rater"]} | {name: lower[name] for name in ("left", "right", "response")}
    roles |= {name: lower[name] for name in ("domain", "block") if name in lower}
    answers, unknown, notes = _answers(export.cells(lower["response"]), export.grid.name)
    attributes = _attributes(export, private, set(roles.values()))
    made = SurveyMapping(export.format, maps.PAIRS, maps.LONG, target, roles, attributes=attributes, answers=answers)
    return _proposal(export, made, private, notes, unknown)


def _magnitudes(
    export: Export,
    lower: Mapping[str, str],
    target: str,
    roles: Mapping[str, str],
    attributes: Mapping[str, str],
    private: Mapping[str, str],
) -> Proposal:
    """A RUC survey: rvu, minutes, visits by code; reference and intensity are attributes."""
    visits = [one for one in lower if one.isdecimal() and len(one) == 5 and one.startswith("99")]
    questions = tuple(Question(lower[one], item=one) for one in (*QUANTITIES, *visits) if one in lower)
    extra = {name: lower[name] for name in ("reference", "intensity") if name in lower}
    cells = [cell for one in questions for cell in export.cells(one.column)]
    comma = any(re.fullmatch(r"\d+,\d{1,2}", cell) for cell in cells)
    made = SurveyMapping(
        export.format,
        maps.MAGNITUDES,
        maps.WIDE,
        target,
        roles,
        questions,
        {**attributes, **extra},
        decimal="," if comma else ".",
        dates=_dates(export, roles),
    )
    return _proposal(export, made, private, ("numbers have a decimal comma",) if comma else ())


def _ratings(
    export: Export,
    free: Sequence[str],
    roles: Mapping[str, str],
    attributes: Mapping[str, str],
    private: Mapping[str, str],
    asked: bool,
) -> Proposal:
    """Columns of whole numbers from 0 on. Asked for by name, they are taken whatever they hold."""
    made = export.format == "plain"  # a table made for the purpose: a cell that is none is an error, not another column
    names = [name for name in free if asked or made or _rating(export.cells(name))]
    if not names or (len(names) < 2 and not made and not asked):
        raise _none(export)
    questions = tuple(Question(name, item=name) for name in names)
    found = SurveyMapping(
        export.format, maps.RATINGS, maps.WIDE, "", roles, questions, attributes, dates=_dates(export, roles)
    )
    return _proposal(export, found, private)


def _rating(cells: Sequence[str]) -> bool:
    given = {cell for cell in cells if cell.casefold() not in MISSING}
    whole = all(cell.isascii() and cell.isdigit() and int(cell) <= 100 for cell in given if len(cell) < 4)
    return 1 < len(given) <= MOST_ANSWERS and whole and all(len(cell) < 4 for cell in given)


def _dates(export: Export, roles: Mapping[str, str]) -> str:
    """Whether 3/5/2026 is May or March: by a part above 12, else as in the United States."""
    cells = [cell for role in ("start", "end") if role in roles for cell in export.cells(roles[role])]
    pairs = [match for cell in cells if (match := re.match(r"(\d{1,2})([/.-])(\d{1,2})\2\d{2,4}", cell))]
    if not pairs:
        return "ymd"
    if any(int(match[1]) > 12 for match in pairs) or pairs[0][2] == ".":
        return "dmy"
    return "mdy"
