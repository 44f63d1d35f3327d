"""The national relative value file (PPRRVU): CMS's CSV or workbook of 31 and, from its next layout on, 32 columns, its
text in fixed columns, and the same table with plain headings. Rows are named as schemas.RELATIVE_VALUES; the descriptor
column is left out, but for a user who asks for it.

>>> from openrvu.tables.text import decode
>>> head = "hcpcs,work_rvu,non_fac_pe_rvu,facility_pe_rvu,mp_rvu\\n"
>>> table = read(decode((head + "63047,15.37,12,12,4.9\\n").encode(), "a.csv"), partial=True)
>>> table.rows[0]["work_rvu"], table.rows[0]["pe_facility_rvu"], table.rows[0]["status"]
('15.37', '12.00', '')
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import takewhile

from openrvu import units
from openrvu.errors import BadFile
from openrvu.schemas import RELATIVE_VALUES, Column
from openrvu.tables.fixed import Field, Raw, cells, first_lines, raw_lines
from openrvu.tables.text import FETCH_AGAIN, Line, Table, Text, csv_lines, place

# Words of the heading, joined over its lines, without spaces, dashes, NA, and with FAC for FACILITY.
HEADINGS = {
    "HCPCS": "hcpcs",
    "MOD": "modifier",
    "STATUSCODE": "status",
    "NOTUSEDFORMEDICAREPAYMENT": "not_used",
    "WORKRVU": "work_rvu",
    "NONFACPERVU": "pe_nonfacility_rvu",
    "NONFACINDICATOR": "na_nonfacility",
    "FACPERVU": "pe_facility_rvu",
    "FACINDICATOR": "na_facility",
    "MPRVU": "mp_rvu",
    "NONFACTOTAL": "total_nonfacility_rvu",
    "FACTOTAL": "total_facility_rvu",
    "PCTCIND": "pctc",
    "GLOBDAYS": "global_days",
    "PREOP": "preoperative",
    "INTRAOP": "intraoperative",
    "POSTOP": "postoperative",
    "MULTPROC": "multiple",
    "BILATSURG": "bilateral",
    "ASSTSURG": "assistant",
    "COSURG": "cosurgeon",
    "TEAMSURG": "team",
    "PRICINGIND": "pricing_indicator",
    "PRICINGINDICATOR": "pricing_indicator",
    "ENDOBASE": "endoscopic_base",
    "CONVFACTOR": "conversion_factor",
    "PHYSICIANSUPERVISIONOFDIAGNOSTICPROCEDURES": "supervision",
    "CALCULATIONFLAG": "calculation_flag",
    "DIAGNOSTICIMAGINGFAMILYINDICATOR": "imaging_family",
    "NONFACPEUSEDFOROPPSPAYMENTAMOUNT": "opps_pe_nonfacility_rvu",
    "FACPEUSEDFOROPPSPAYMENTAMOUNT": "opps_pe_facility_rvu",
    "MPUSEDFOROPPSPAYMENTAMOUNT": "opps_mp_rvu",
}
DESCRIPTOR = "DESCRIPTION"
# The text in fixed columns. Source: the record layout in CMS's RVU25D.pdf ("rvu25d-layout"); position 121 is blank in
# layouts of 31 columns. The descriptor (8-57) is cut as "text" and kept only where the user asks for it.
LAYOUT = (
    *(Field("hcpcs", 1, 5), Field("modifier", 6, 7), Field("text", 8, 57), Field("status", 58, 58)),
    *(Field("not_used", 59, 59), Field("work_rvu", 60, 65), Field("pe_nonfacility_rvu", 67, 72)),
    *(Field("na_nonfacility", 73, 74), Field("pe_facility_rvu", 76, 81), Field("na_facility", 82, 83)),
    *(Field("mp_rvu", 85, 89), Field("total_nonfacility_rvu", 91, 96), Field("total_facility_rvu", 97, 102)),
    *(Field("pctc", 103, 103), Field("global_days", 104, 106), Field("preoperative", 107, 109)),
    *(Field("intraoperative", 110, 112), Field("postoperative", 113, 115), Field("multiple", 116, 116)),
    *(Field("bilateral", 117, 117), Field("assistant", 118, 118), Field("cosurgeon", 119, 119)),
    *(Field("team", 120, 120), Field("pricing_indicator", 121, 121), Field("endoscopic_base", 128, 132)),
    *(Field("conversion_factor", 133, 140), Field("supervision", 142, 143), Field("calculation_flag", 144, 144)),
    *(Field("imaging_family", 146, 147), Field("opps_pe_nonfacility_rvu", 152, 157)),
    *(Field("opps_pe_facility_rvu", 159, 164), Field("opps_mp_rvu", 166, 171)),
)
NEEDED = ("hcpcs", "work_rvu", "pe_nonfacility_rvu", "pe_facility_rvu", "mp_rvu")
NUMBERS = {column.name: column for column in RELATIVE_VALUES if column.scale}

# What an indicator may be. A file whose columns were moved under another heading fails here.
DOMAINS = {
    "hcpcs": r"[0-9A-Z]\d{3}[0-9A-Z]",
    "modifier": r"|26|TC|53",
    "status": r"[A-Z]?",
    "not_used": r"\+?",
    "na_nonfacility": r"|NA",
    "na_facility": r"|NA",
    "pctc": r"\d?",
    "global_days": r"|\d{3}|MMM|XXX|YYY|ZZZ",
    "multiple": r"\d?",
    "bilateral": r"\d?",
    "assistant": r"\d?",
    "cosurgeon": r"\d?",
    "team": r"\d?",
    "pricing_indicator": r"[19]?",
    "endoscopic_base": r"|[0-9A-Z]\d{3}[0-9A-Z]",
    "supervision": r"|[0-9A-Z]{2}",
    "calculation_flag": r"\d?",
    "imaging_family": r"|\d{1,2}",
}
# Digits lost by a spreadsheet that took the cell for a number: the width CMS prints.
WIDTHS = {"hcpcs": 5, "global_days": 3, "supervision": 2}


@dataclass(frozen=True)
class RelativeValues(Table):
    """A relative value file. conversion_factor: the one that its rows print, empty where none is.

    columns: how many the file has. missing: columns of the schema that it lacks. descriptors: the descriptor by code
    and modifier, empty unless they were asked for.
    """

    conversion_factor: str = ""
    columns: int = 0
    missing: tuple[str, ...] = ()
    descriptors: Mapping[tuple[str, str], str] = field(default_factory=dict, repr=False)


def heading(cells: list[str]) -> str:
    """The words of one column's heading, joined over its lines, as the key used by HEADINGS.

    >>> heading(["NON-FACILITY", "PE USED", "FOR OPPS", "PAYMENT", "AMOUNT"]), heading(["non_fac_indicator"])
    ('NONFACPEUSEDFOROPPSPAYMENTAMOUNT', 'NONFACINDICATOR')
    """
    words = re.sub(r"[^A-Z0-9]+", " ", " ".join(cells).upper()).split()
    return "".join("FAC" if word == "FACILITY" else word for word in words if word != "NA")


def is_header(line: Line) -> bool:
    """Whether the line is the last line of a heading: its first cell says HCPCS."""
    return bool(line.cells) and line.cells[0].strip().upper() == "HCPCS"


def is_first(line: Line) -> bool:
    """Whether the line is the heading of a relative value file; CMS's table of OPPS caps begins with HCPCS too."""
    return is_header(line) and any("RVU" in cell.upper() for cell in line.cells)


def is_fixed(text: Text) -> bool:
    """Whether the text is a relative value file in fixed columns: lines that begin with HDR, then records."""
    lines, heads = first_lines(text), _heads(text)
    record = next((line.body for line in lines[len(heads) :] if line.body.strip()), "")
    return bool(heads) and bool(re.fullmatch(r"[0-9A-Z]\d{3}[0-9A-Z](  |26|TC|53).{20,}", record))


def _heads(text: Text) -> list[str]:
    """The title lines of the text in fixed columns."""
    return [line.body[4:].strip() for line in takewhile(lambda line: line.body.startswith("HDR "), first_lines(text))]


def read(text: Text, *, partial: bool = False, descriptors: bool = False) -> RelativeValues:
    """The rows of a relative value file, as text.

    partial: accept a file without status, indicators and modifiers (a table of components). descriptors: give the
    descriptors too, for a user who keeps the text of an own license. Raises BadFile naming file, line and column.
    """
    if is_fixed(text):
        body = _Body(text, [one.name.replace("text", "") for one in LAYOUT], partial, descriptors)
        heads = _heads(text)
        for row in _fixed_lines(text, len(heads)):
            body.add(row)
        return body.finish(tuple(heads))
    return _read_csv(text, partial, descriptors)


def _fixed_lines(text: Text, heads: int) -> Iterator[Line]:
    """The records in fixed columns as cells; a line that is none keeps one cell, and the reader judges it."""
    for line in raw_lines(text):
        if line.number <= heads:
            continue
        if line.body.startswith("HDR"):
            what = "a second heading stands in the middle of the file: two files were joined"
            raise BadFile(what, where=place(text, line.number), fix=FETCH_AGAIN)
        if not line.body.strip(" \x1a"):
            yield Line(line.number, [line.body])
        else:
            yield Line(line.number, cells(text, Raw(*line), LAYOUT))


def _read_csv(text: Text, partial: bool, descriptors: bool) -> RelativeValues:
    heads: list[Line] = []
    lines = csv_lines(text)
    for line in lines:
        if is_header(line):
            break
        heads.append(line)
        if len(heads) > 40:
            break
    else:
        line = Line(0, [])
    if not is_header(line):
        raise BadFile(
            "no heading line begins with HCPCS in the first 40 lines",
            where=text.name,
            fix="Is it a relative value file (PPRRVU)? " + FETCH_AGAIN,
        )
    names = _columns(text, heads, line, partial)
    titles = tuple(head.filled[0].strip() for head in heads if len(head.filled) == 1)
    body = _Body(text, names, partial, descriptors)
    for row in lines:
        body.add(row)
    return body.finish(titles)


def _columns(text: Text, heads: list[Line], last: Line, partial: bool) -> list[str]:
    """The schema's name of each column of the file; empty for the descriptor, which is not kept."""
    upper = [head.cells for head in heads if len(head.filled) > 1]
    names: list[str] = []
    for at, cell in enumerate(last.cells):
        key = heading([cells[at] for cells in upper if at < len(cells)] + [cell])
        name = "" if key == DESCRIPTOR else HEADINGS.get(key)
        if name is None and len(last.cells) == 32 and names[-1] == "team":
            name = "pricing_indicator"  # the layout of 32 columns has it here, whatever its heading says
        if name is None:
            raise BadFile(
                f"no column of a relative value file is headed {key!r}",
                where=place(text, last.number, str(at + 1)),
                exists=f"The file has {len(last.cells)} columns",
                fix="Load CMS's own file. If CMS changed the layout, openrvu needs the new heading",
            )
        if name and name in names:
            where = place(text, last.number, str(at + 1))
            raise BadFile(f"two columns are headed {key!r}", where=where, fix=FETCH_AGAIN)
        names.append(name)
    wanted = NEEDED if partial else [c.name for c in RELATIVE_VALUES if c.name != "pricing_indicator"]
    if lost := [name for name in wanted if name not in names]:
        raise BadFile(
            f"columns are missing: {', '.join(lost)}",
            where=place(text, last.number),
            exists=f"The file has {len(names)} columns: {', '.join(name for name in names if name)}",
            fix="Load CMS's whole file",
        )
    return names


class _Body:
    """The rows of one file as they are read, with what was seen and mended."""

    def __init__(self, text: Text, names: list[str], partial: bool, descriptors: bool = False) -> None:
        self.text, self.names, self.partial = text, names, partial
        self.described = names.index("") if descriptors and "" in names else -1
        self.descriptors: dict[tuple[str, str], str] = {}
        self.rows: list[dict[str, str]] = []
        self.first_seen: dict[tuple[str, str], int] = {}
        self.mended: Counter[str] = Counter()
        self.factors: Counter[str] = Counter()
        self.clean: dict[tuple[str, str], str] = {}
        self.ended_at = 0
        self.last = Line(0, [])
        self.absent = [column.name for column in RELATIVE_VALUES if column.name not in names]

    def add(self, line: Line) -> None:
        """One line of the file: a row, or a line that is known to be none."""
        self.last = line
        figures = all(cell.strip() in ("", "0.00") for cell in line.cells[1:])
        if not line.filled or (figures and not line.cells[0].strip(" \x1a")):
            # Blank lines, the end-of-file mark of old systems (Ctrl-Z), and a line without code or figures.
            # A sorted table of someone else's may have that mark anywhere.
            if "\x1a" in "".join(line.cells) and not self.partial:
                self.ended_at = line.number
            self.mended["line without a code left out"] += 1
            return
        if self.ended_at:
            self.refuse(f"a line stands after the end-of-file mark of line {self.ended_at}", line.number)
        if is_header(line):
            self.refuse("a second heading stands in the middle of the file: two files were joined", line.number)
        if len(line.cells) != len(self.names):
            cut = " and the file ends here: it was cut off" if not self.text.ended else ""
            self.refuse(f"{len(line.cells)} columns instead of {len(self.names)}{cut}", line.number)
        row = dict.fromkeys(self.absent, "")
        for at, name in enumerate(self.names):
            if name:
                row[name] = self.cell(name, line.cells[at], line.number)
        key = (row["hcpcs"], row["modifier"])
        if key in self.first_seen:
            what = f"{' '.join(key).strip()} stands twice, first in line {self.first_seen[key]}"
            self.refuse(what, line.number, "hcpcs")
        self.first_seen[key] = line.number
        if self.described >= 0 and (words := " ".join(line.cells[self.described].split())):
            self.descriptors[key] = words
        self.factors[row.pop("conversion_factor", "")] += 1
        self.rows.append(row)

    def cell(self, name: str, raw: str, line: int) -> str:
        """One cell, checked and in its usual form. Each different cell of a column is checked once."""
        known = self.clean.get((name, raw))
        if known is None:
            known = self._check(name, raw.strip(), line)
            self.clean[name, raw] = known
        if name in WIDTHS and known != raw.strip():
            self.mended[f"leading zeros of {name} restored"] += 1
        return known

    def _check(self, name: str, cell: str, line: int) -> str:
        if name == "conversion_factor":
            column = Column(name, "", units.CONVERSION_FACTOR, 100 * units.CONVERSION_FACTOR)
            return self._number(column, cell, line, 4)
        if name in NUMBERS:
            return self._number(NUMBERS[name], cell, line, 2)
        width = WIDTHS.get(name, 0)
        if cell.isdecimal() and len(cell) < width:
            cell = cell.zfill(width)
        if not re.fullmatch(DOMAINS[name], cell, re.ASCII):
            self.refuse(f"{cell[:20]!r} is no {name}", line, name)
        return cell

    def _number(self, column: Column, cell: str, line: int, places: int) -> str:
        if not cell:
            return ""
        try:
            value = units.parse(cell, column.scale)
        except ValueError:
            self.refuse(f"{cell[:20]!r} is no plain number", line, column.name)
        if not 0 <= value <= column.maximum:
            self.refuse(f"{cell[:20]} is outside 0 to {column.maximum // column.scale}", line, column.name)
        if value * 10**places % column.scale:
            return units.text(value, column.scale)
        return units.text(value, column.scale, places)

    def refuse(self, what: str, line: int, column: str = "") -> None:
        """Raise BadFile for a line and column of this file."""
        raise BadFile(what, where=place(self.text, line, column), fix=FETCH_AGAIN)

    def finish(self, titles: tuple[str, ...]) -> RelativeValues:
        """The table, once the last line is in."""
        if not self.rows:
            raise BadFile("the file has a heading and no rows", where=self.text.name, fix=FETCH_AGAIN)
        cells = self.last.cells
        if (
            not self.text.ended
            and not self.ended_at
            and self.names[-1] in NUMBERS
            and not re.fullmatch(r"\d*\.\d\d", cells[-1].strip())
        ):
            self.refuse("the last line is cut off", self.last.number, self.names[-1])
        return RelativeValues(
            rows=self.rows,
            notes=tuple(f"{what} ({count:,} times)" for what, count in sorted(self.mended.items())),
            heads=titles,
            conversion_factor=self.factors.most_common(1)[0][0],
            columns=len(self.names),
            missing=tuple(name for name in self.absent if name != "pricing_indicator"),
            descriptors=self.descriptors,
        )
