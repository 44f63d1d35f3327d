"""The tables of a code's page as CSV. Comparison and history are those of the command line; the rest is as shown."""

from __future__ import annotations

from openrvu import answers
from openrvu.cards.card import Card
from openrvu.cards.sheets import comparison_sheet, history_sheet
from openrvu.dossier.blocks import Table
from openrvu.facts import Facts
from openrvu.web import view
from openrvu.web.asked import Asked
from openrvu.web.parts import DASH, Part


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


def sheet(part: Part, found: Card, asked: Asked, facts: Facts) -> str:
    """The CSV of a part of a page."""
    if part.id == "comparators" and (compared := view.comparison_of(found, asked, facts)):
        return comparison_sheet(compared)
    if part.id == "history" and (through := view.history_of(found, asked, facts)):
        return history_sheet(through)
    assert part.table is not None  # the caller looks only among parts with a table
    return csv_of(part.table)
