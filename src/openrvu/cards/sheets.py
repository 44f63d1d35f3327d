"""Comparison and history as rows of plain text for a spreadsheet: the command line's --csv and the page's CSV.

Figures have no thousands separators; what is missing is empty.

>>> from openrvu.cards.compare import compare
>>> comparison_sheet(compare(["63047", "63030"], on="2025-07-01")).split("\\n")[1][:6]
'63047,'
"""

from __future__ import annotations

from openrvu import answers, units
from openrvu.cards.changes import Change
from openrvu.cards.compare import Comparison
from openrvu.cards.history import History

COMPARISON = (
    "code",
    "words",
    "status",
    "work_rvu",
    "pe_rvu",
    "mp_rvu",
    "total_rvu",
    "amount",
    "ratio_percent",
    "source",
)
HISTORY = (
    "release",
    "from",
    "to",
    "status",
    "work",
    "PE",
    "MP",
    "total",
    "factor",
    "amount",
    "work changed",
    "source",
    "work amount",
    "PE amount",
    "MP amount",
    "real amount",
    "prices of",
    "why",
)
CHANGE = ("part", "from", "to", "exact dollars", "amount", "percent of the amount before")


def _rvu(value: int | None) -> str:
    return "" if value is None else units.text(value, units.RVU, 2)


def _money(cents: int | None) -> str:
    return "" if cents is None else units.text(cents, units.CENTS)


def comparison_sheet(found: Comparison) -> str:
    """A comparison as CSV, columns COMPARISON."""
    rows = [
        (
            row.code,
            row.words,
            row.status,
            *map(_rvu, (row.work_rvu, row.pe_rvu, row.mp_rvu, row.total_rvu)),
            _money(row.amount_cents),
            row.ratio_percent,
            row.source,
        )
        for row in found.rows
    ]
    return answers.csv_text(COMPARISON, rows)


def history_sheet(found: History) -> str:
    """A history as CSV, oldest release first, columns HISTORY."""
    rows = [
        (
            row.release,
            row.starts.isoformat(),
            row.ends.isoformat(),
            row.status,
            *map(_rvu, (row.work_rvu, row.pe_rvu, row.mp_rvu, row.total_rvu)),
            row.conversion_factor,
            _money(row.amount_cents),
            row.work_change,
            row.source,
            *map(_money, (row.work_cents, row.pe_cents, row.mp_cents, row.real_cents)),
            found.index.base if found.index and row.real_cents is not None else "",
            "; ".join(cause.text for cause in row.causes),
        )
        for row in found.rows
    ]
    return answers.csv_text(HISTORY, rows)


def change_sheet(found: Change) -> str:
    """What moved an amount as CSV, columns CHANGE, the whole change last."""
    rows = [(one.name, one.before, one.after, one.exact, _money(one.amount_cents), one.percent) for one in found.parts]
    whole = ("change", _money(found.before_cents), _money(found.after_cents), "", _money(found.change_cents))
    return answers.csv_text(CHANGE, [*rows, (*whole, found.percent)])
