"""The drawings of a code's history: amounts of the day and real ones, by component, and what each part did."""

from __future__ import annotations

from openrvu.cards.changes import Change
from openrvu.cards.history import History
from openrvu.dossier import bridges, charts, curves
from openrvu.dossier.asked import money
from openrvu.dossier.blocks import Chart, Table
from openrvu.web.asked import IN_WORDS
from openrvu.web.parts import DOLLARS

NAMES = {
    "work": "Work",
    "PE": "Practice expense",
    "MP": "Malpractice",
    "GPCI": "Geographic indices",
    "CF": "Conversion factor",
}


def _series(found: History, name: str, cents: list[int | None]) -> curves.Series:
    spans = [(row.starts, row.ends) for row in found.rows]
    return curves.Series(name, curves.amounts_through(spans, cents))


def _lines(title: str, alt: str, series: list[curves.Series], table: Table, caption: str) -> Chart:
    kept = [one for one in series if one.points]
    return Chart(
        title,
        alt,
        curves.lines(kept, DOLLARS, charts.WIDE, step=True),
        curves.lines(kept, DOLLARS, charts.NARROW, step=True),
        table,
        caption=caption,
        sources=table.sources,
    )


def real(found: History, table: Table) -> Chart:
    """Amounts of the day and real ones as two step lines."""
    base = found.index.base if found.index else ""
    series = [
        _series(found, "of the day", [row.amount_cents for row in found.rows]),
        _series(found, f"of {base}", [row.real_cents for row in found.rows]),
    ]
    title = f"{found.code} {IN_WORDS[found.setting]}, in dollars of the day and of {base}"
    alt = f"Two step lines over time. {table.caption}; the figures stand in the table."
    return _lines(title, alt, series, table, "Dates whose release is not held leave a gap.")


def split(found: History, table: Table) -> Chart:
    """Work, practice expense and malpractice in dollars as three step lines."""
    series = [
        _series(found, "Work", [row.work_cents for row in found.rows]),
        _series(found, "PE", [row.pe_cents for row in found.rows]),
        _series(found, "MP", [row.mp_cents for row in found.rows]),
    ]
    alt = f"Three step lines over time: work, practice expense, malpractice. {table.caption}; figures in the table."
    caption = "Not adjusted for inflation. PE: practice expense; MP: malpractice."
    return _lines(f"{found.code} by component", alt, series, table, caption)


def bridge(change: Change, table: Table) -> Chart:
    """From the amount before to the amount after, one step a part."""
    steps = [(NAMES[one.name], one.amount_cents / 100) for one in change.parts if one.amount_cents]
    ends = (change.before_cents / 100, change.after_cents / 100)
    labels = (f"{change.starts.isoformat()}", f"{change.ends.isoformat()}")
    said = ", ".join(f"{NAMES[one.name]} {money(one.amount_cents)}" for one in change.parts)
    return Chart(
        f"From {change.starts.isoformat()} to {change.ends.isoformat()}",
        f"Bridge from ${money(change.before_cents)} to ${money(change.after_cents)}: {said}.",
        bridges.bridge(labels, ends, steps, DOLLARS, charts.WIDE),
        bridges.bridge(labels, ends, steps, DOLLARS, charts.NARROW),
        table,
        caption="Orange: lowers the amount. Blue: raises it. The axis does not begin at zero.",
        sources=table.sources,
        labelled=True,
    )
