"""CMS's medically unlikely edits of practitioner services: the most units of a code for one patient and day.

>>> from openrvu.tables.text import decode
>>> head = '"HCPCS/\\nCPT Code",Practitioner Services MUE Values,MUE Adjudication Indicator,MUE Rationale\\n'
>>> body = head + "63048,5,3 Date of Service Edit: Clinical,Clinical: Data\\n"
>>> read(decode(body.encode(), "m.csv")).rows[0]
{'rationale': 'Clinical: Data', 'hcpcs': '63048', 'value': 5, 'adjudication': 3}
"""

from __future__ import annotations

import re

from openrvu.errors import BadFile
from openrvu.tables.delimited import cells_of, checked, lines, unique, whole_ended, words
from openrvu.tables.opps import Addendum, Cell
from openrvu.tables.text import FETCH_AGAIN, Line, Text

COLUMNS = {"hcpcs": "VARCHAR", "value": "BIGINT", "adjudication": "BIGINT", "rationale": "VARCHAR"}
_NAMES = {"HCPCS CPT CODE": "hcpcs", "MUE ADJUDICATION INDICATOR": "adjudication", "MUE RATIONALE": "rationale"}
_DOMAINS = {"hcpcs": r"[0-9A-Z]\d{3}[0-9A-Z]", "value": r"\d{1,7}", "adjudication": r"[123]\b.*"}
_DATE = re.compile(r"(?<!\d)(\d\d)[-_](\d\d)[-_](20\d\d)(?!\d)")


def _column(cell: str) -> str:
    heading = words(cell)
    return "value" if heading.endswith("MUE VALUES") else _NAMES.get(heading, "")


def is_header(line: Line) -> bool:
    """Whether the line heads a table of medically unlikely edits, of whatever biller."""
    return {"hcpcs", "value", "adjudication"} <= {_column(cell) for cell in line.cells}


def read(text: Text) -> Addendum:
    """The table of practitioner services. Raises BadFile naming file, line and column; also for another biller's."""
    numbered = lines(text)
    names: tuple[str, ...] = ()
    for line in numbered:
        if is_header(line):
            names = tuple(_column(cell) for cell in line.cells)
            heading = words(line.cells[names.index("value")])
            break
    if not names:
        raise BadFile("the file has no heading of medically unlikely edits", where=text.name, fix=FETCH_AGAIN)
    if not heading.startswith("PRACTITIONER"):
        what = f"the edits are of {heading.partition(' SERVICES')[0].lower()} services"
        raise BadFile(what, where=text.name, fix="Take the table of practitioner services")
    rows: list[dict[str, Cell]] = []
    seen: dict[str, int] = {}
    for line in numbered:
        if not line.filled:
            continue
        row = {"rationale": "", **cells_of(text, line, names)}
        checked(text, line, row, _DOMAINS)
        unique(text, seen, row["hcpcs"], line)
        rows.append({**row, "value": int(row["value"]), "adjudication": int(row["adjudication"][0])})
    if not rows:
        raise BadFile("the file has a heading and no edits", where=text.name, fix=FETCH_AGAIN)
    return Addendum("mue", rows, (), whole_ended(text))


def quarter_says(name: str) -> str:
    """The quarter that a file name tells by its first day, as in Eff_04-01-2026: 2026B; empty where it tells none.

    >>> quarter_says("MCR_MUE_PractitionerServices_Eff_04-01-2026.csv")
    '2026B'
    """
    match = _DATE.search(name)
    if match is None or match[1] not in ("01", "04", "07", "10"):
        return ""
    return match[3] + "ABCD"[int(match[1]) // 3]
