"""What a file of answers is: the programme that wrote it, its head rows, its columns; told by content, not by name.

Layouts, as the makers describe them:
  Qualtrics      three head rows: name, question, {"ImportId": ...}; the legacy export has two, V1 to V10 above names.
                 qualtrics.com/support, Understanding Your Dataset; rOpenSci qualtRics, read_survey(legacy = TRUE).
  REDCap         raw: variable names, choices as codes, `form_complete` 0 1 2, checkboxes `name___code`. Labels: field
                 labels, `Complete?`, checkboxes `label (choice=...)`. REDCap help, Data Exports.
  LimeSurvey     id, submitdate, lastpage, startlanguage, seed ..., arrays as `code[SQ001]`; or the same in full text
                 (Response ID, Date submitted ...). LimeSurvey manual, Exporting results.
  SurveyMonkey   two head rows: question, and under it the row or choice; Respondent ID, Collector ID first.
  Google Forms   Timestamp, then questions; grids as `question [row]`.
  Microsoft Forms  ID, Start time, Completion time, Email, Name, then questions.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from openrvu.errors import BadFile, BadInput
from openrvu.valuation.grid import Grid
from openrvu.valuation.services import service
from openrvu.valuation.sheet import under_names

QUALTRICS, REDCAP, REDCAP_LABELS, LIMESURVEY = "qualtrics", "redcap", "redcap-labels", "limesurvey"
SURVEYMONKEY, GOOGLE, MICROSOFT, SPSS, PLAIN = "surveymonkey", "google-forms", "microsoft-forms", "spss", "plain"
FORMATS = (QUALTRICS, REDCAP, REDCAP_LABELS, LIMESURVEY, SURVEYMONKEY, GOOGLE, MICROSOFT, SPSS, PLAIN)

_TAG = re.compile(r"<[^<>]{1,200}>")
_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}")
_BOX = re.compile(r"([a-z][a-z0-9_]*?)___(\w+)|(.+?) \(choice=(.+)\)")
_PART = r"(?<![A-Z0-9])(?:\d{1,2}\s*[X*]\s*)?[0-9A-Z]\d{3}[0-9A-Z](?:\s*[X*]\s*\d{1,2})?(?![A-Z0-9])"
_SERVICE = re.compile(rf"{_PART}(?:\s*\+\s*{_PART})*")
_BLANK_LABELS = ("response", "open-ended response", "")


@dataclass(frozen=True)
class Column:
    """name: what a mapping calls it, once in a file. text: the question, where the file has it beside the name."""

    name: str
    text: str


@dataclass(frozen=True)
class Export:
    """A file with its head told from its rows. rows: (line, cells), as many cells as columns. seen: what told it."""

    grid: Grid
    format: str
    seen: tuple[str, ...]
    columns: tuple[Column, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]

    def at(self, name: str) -> int:
        """Where a column stands. Raises KeyError."""
        return {one.name: i for i, one in enumerate(self.columns)}[name]

    def cells(self, name: str) -> tuple[str, ...]:
        """The cells of a column, a row each."""
        at = self.at(name)
        return tuple(cells[at] for _, cells in self.rows)

    def told(self, name: str) -> tuple[str, ...]:
        """The same, with the labels of an SPSS file in place of its codes."""
        labels = self.grid.labels.get(name, {})
        return tuple(labels.get(cell, cell) for cell in self.cells(name))


def recognise(found: Grid) -> Export:
    """The programme, the head and the columns. Raises BadFile for a plain table whose head is not one.

    >>> from openrvu.valuation.grid import grid
    >>> made = recognise(grid(b"Timestamp,Work [63047]\\n2026/03/05 9:00:00 AM,more\\n", "x.csv"))
    >>> made.format, made.columns[1].name
    ('google-forms', 'Work [63047]')
    """
    if "an SPSS file" in found.seen:
        return _made(found, SPSS, "variable names of an SPSS file", 1, found.rows[0][1])
    rows = [cells for _, cells in found.rows[:3]]
    first = [cell.casefold() for cell in rows[0]]
    second = [cell.casefold() for cell in rows[1]] if len(rows) > 1 else []
    if {"respondent id", "collector id"} <= set(first):
        return _surveymonkey(found)
    if "responseid" in first or "responseid" in second:
        return _qualtrics(found, rows, first, second)
    if "submitdate" in first or {"date submitted", "last page"} <= set(first):
        what = "submitdate" if "submitdate" in first else "Date submitted and Last page"
        return _made(found, LIMESURVEY, f"a column {what}", 1, rows[0])
    if {"start time", "completion time"} <= set(first):
        return _made(found, MICROSOFT, "columns Start time and Completion time", 1, rows[0])
    if first[0] == "timestamp":
        return _made(found, GOOGLE, "the first column is Timestamp", 1, rows[0])
    if any(cell.endswith("_complete") for cell in first) or any(cell.startswith("redcap_") for cell in first):
        what = next(one for one in first if one.endswith("_complete") or one.startswith("redcap_"))
        return _boxes(_made(found, REDCAP, f"a column {what}", 1, rows[0]))
    if "complete?" in first or any("(choice=" in cell for cell in first):
        what = "Complete?" if "complete?" in first else "... (choice=...)"
        return _boxes(_made(found, REDCAP_LABELS, f"a column {what}", 1, rows[0]))
    table = under_names(found)
    columns = tuple(Column(name, "") for name in table.head)
    return Export(found, PLAIN, ("one row of column names",), columns, table.rows)


def services_in(text: str) -> tuple[str, ...]:
    """The services that a text names, in order, each once.

    >>> services_in("How does 62380 compare with 22630 + 22840?"), services_in("p_62380_63047")
    (('62380', '22630+22840'), ('62380', '63047'))
    """
    found = []
    for match in _SERVICE.finditer(text.replace("_", " ").upper()):
        try:
            found.append(service(match[0]).name)
        except BadInput:
            continue
    return tuple(dict.fromkeys(found))


def plain_text(text: str) -> str:
    """A question without its tags and line ends.

    >>> plain_text("How <b>much</b>&nbsp;work?")
    'How much work?'
    """
    return " ".join(_TAG.sub("", text).replace("&nbsp;", " ").replace("&amp;", "&").split())


def _qualtrics(found: Grid, rows: Sequence[Sequence[str]], first: list[str], second: list[str]) -> Export:
    if len(rows) > 2 and sum('"importid"' in cell.casefold() for cell in rows[2]) * 2 >= len(rows[2]):
        what = "three head rows, the third with ImportId"
        return _made(found, QUALTRICS, what, 3, rows[0], rows[1])
    if "responseid" not in first:  # the legacy export: V1 to V10 above the names, questions beside them
        names = [b if re.fullmatch(r"v\d+", a.casefold()) else a for a, b in zip(rows[0], rows[1], strict=False)]
        return _made(found, QUALTRICS, "two head rows of the legacy export, V1 above ResponseID", 2, names, rows[1])
    when = next((i for i, cell in enumerate(first) if cell in ("startdate", "start date")), None)
    told = when is not None and when < len(second) and not _DATE.search(second[when])
    what = "two head rows with ResponseId, no row of ImportId" if told else "one head row with ResponseId"
    return _made(found, QUALTRICS, what, 2 if told else 1, rows[0], rows[1] if told else ())


def _surveymonkey(found: Grid) -> Export:
    """Questions stand over the first of their columns only; the second row names each row or choice."""
    top = list(found.rows[0][1])
    under = list(found.rows[1][1]) if len(found.rows) > 1 else []
    two = bool(under) and not under[0]
    width = max(len(top), len(under) if two else 0)
    top += [""] * (width - len(top))
    names, last = [], ""
    for i, cell in enumerate(top):
        last = cell or last
        label = under[i] if two and i < len(under) else ""
        names.append(last if label.casefold() in _BLANK_LABELS else f"{last} [{label}]")
    what = "columns Respondent ID and Collector ID" + (", two head rows" if two else "")
    return _made(found, SURVEYMONKEY, what, 2 if two else 1, names)


def _boxes(export: Export) -> Export:
    """REDCap's checkboxes, a column a choice, as one column: the choices that are checked, joined by `; `."""
    groups: dict[str, list[tuple[int, str]]] = {}
    for i, one in enumerate(export.columns):
        match = _BOX.fullmatch(one.name)
        name, choice = (match[1] or match[3], match[2] or match[4]) if match else (one.name, "")
        groups.setdefault(name, []).append((i, choice))
    if len(groups) == len(export.columns):
        return export

    def cell(cells: Sequence[str], group: Sequence[tuple[int, str]]) -> str:
        if not group[0][1]:
            return cells[group[0][0]]
        return "; ".join(choice for i, choice in group if cells[i].casefold() in ("1", "checked"))

    columns = tuple(Column(name, export.columns[group[0][0]].text) for name, group in groups.items())
    rows = tuple((line, tuple(cell(cells, group) for group in groups.values())) for line, cells in export.rows)
    boxes = sum(len(group) > 1 or bool(group[0][1]) for group in groups.values())
    seen = (*export.seen, f"{boxes} question{'s' * (boxes != 1)} of checkboxes, taken together")
    return Export(export.grid, export.format, seen, columns, rows)


def _made(found: Grid, kind: str, what: str, heads: int, names: Sequence[str], texts: Sequence[str] = ()) -> Export:
    """The export, names made unique, rows made as wide as the head. Raises BadFile where no row is left."""
    width = len(names)
    rows = []
    for line, cells in found.rows[heads:]:
        if len(cells) > width:
            raise BadFile(
                f"{len(cells)} cells under {width} column names",
                where=f"{found.name}, line {line}",
                fix="Check separators and quotes",
            )
        rows.append((line, (*cells, *[""] * (width - len(cells)))))
    if not rows:
        raise BadFile(
            "there are column names and no rows", where=found.name, exists=f"Columns: {', '.join(names[:30])}"
        )
    columns = []
    times: Counter[str] = Counter()
    for i, name in enumerate(names):
        plain = plain_text(name) or f"column {i + 1}"
        times[plain] += 1
        text = plain_text(texts[i]) if i < len(texts) else found.texts.get(name, "")
        columns.append(Column(plain if times[plain] == 1 else f"{plain} ({times[plain]})", text))
    return Export(found, kind, (what,), tuple(columns), tuple(rows))
