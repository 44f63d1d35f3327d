"""The tables of the pages as CSV and workbooks. Comparison and history are the command line's; the rest is as shown."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from openrvu import answers
from openrvu.cards.card import Card
from openrvu.cards.sheets import comparison_sheet, history_sheet
from openrvu.dossier.blocks import Table
from openrvu.facts import Facts
from openrvu.web import view
from openrvu.web.asked import Asked
from openrvu.web.parts import DASH, Part

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet


def _cell(text: str) -> str:
    """A cell for a machine: figures without thousands separators and signs, a dash as nothing."""
    if text == DASH:
        return ""
    bare = text.replace(",", "").removeprefix("$")
    return bare if bare.replace(".", "", 1).isdigit() else text


def csv_of(table: Table) -> str:
    """A table as CSV: its columns with their units, and the sources of each row.

    >>> from openrvu.dossier.blocks import Column, Row
    >>> csv_of(Table("t", (Column("Code"), Column("Amount", "US dollars")), (Row(("63047", "1,094.93"), ("a",)),)))
    'Code,Amount (US dollars),Sources\\n63047,1094.93,a\\n'
    """
    head = [f"{column.label} ({column.unit})" if column.unit else column.label for column in table.columns]
    rows = [[*map(_cell, row.cells), " ".join(row.sources or table.sources)] for row in table.rows]
    return answers.csv_text([*head, "Sources"], rows)


def workbook(text: str, title: str, foot: Mapping[str, str]) -> bytes:
    """A CSV text as an Excel workbook of one sheet, figures as numbers, and the foot on a second one.

    Cells are written as text or numbers, never as formulas; codes keep their leading zeros.
    """
    import xlsxwriter

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        bold, plain = book.add_format({"bold": True, "text_wrap": True, "valign": "top"}), book.add_format()
        shown = book.add_worksheet(re.sub(r"[\[\]:*?/\\]", " ", title)[:31])
        rows = list(csv.reader(io.StringIO(text)))
        for at, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                _write(shown, at, column, cell, bold if at == 0 else plain)
        shown.freeze_panes(1, 0)
        shown.autofit(360)
        about = book.add_worksheet("About")
        for at, (name, value) in enumerate(foot.items()):
            about.write_string(at, 0, name, bold)
            about.write_string(at, 1, value)
        about.autofit(720)
    return out.getvalue()


def _write(into: Worksheet, row: int, column: int, cell: str, how: Format) -> None:
    """A figure as a number, all else as text. Five digits are a code, such as 63047, and no figure."""
    if row and re.fullmatch(r"-?(0|[1-9]\d{0,2}|[1-9]\d{5,}|\d+\.\d+|[1-9]\d{3})", cell):
        into.write_number(row, column, float(cell), how)
    else:
        into.write_string(row, column, cell, how)


def sheet(part: Part, found: Card, asked: Asked, facts: Facts) -> str:
    """The CSV of a part of a page."""
    if part.id == "comparators" and (compared := view.comparison_of(found, asked, facts)):
        return comparison_sheet(compared)
    if part.id == "history" and (through := view.history_of(found, asked, facts)):
        return history_sheet(through)
    assert part.table is not None  # the caller looks only among parts with a table
    return csv_of(part.table)
