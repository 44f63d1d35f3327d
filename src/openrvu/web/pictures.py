"""The drawings of a code's page: its amount in every locality, and its amount through the releases."""

from __future__ import annotations

from openrvu.cards.everywhere import Everywhere
from openrvu.cards.history import History
from openrvu.dossier import charts, curves
from openrvu.dossier.asked import money
from openrvu.dossier.blocks import Chart, Column, Row, Table
from openrvu.web.asked import IN_WORDS

DOLLARS = "US dollars"


def everywhere(found: Everywhere, table: Table) -> Chart:
    """A dot a locality; the national amount and the place asked for are marked."""
    named = [("National", found.national_cents)]
    if here := found.spot(found.asked):
        named.insert(0, (here.name, here.amount_cents))
    marked = [(f"{name} {money(cents)}", (cents or 0) / 100) for name, cents in named]
    values = [(one.amount_cents or 0) / 100 for one in found.rows]
    setting, day = IN_WORDS[found.setting], found.on.isoformat()
    low, high = found.rows[-1], found.rows[0]
    words = (
        f"{found.code} {setting} on {day} in each of {len(values)} localities: from ${money(low.amount_cents)} in "
        f"{low.name} to ${money(high.amount_cents)} in {high.name}."
    )
    unit = f"Amount {setting}, {DOLLARS}"
    return Chart(
        "The amount in every locality",
        f"Dot plot. {words}",
        charts.dots(values, marked, unit, charts.WIDE),
        charts.dots(values, marked, unit, charts.NARROW),
        table,
        caption="One dot is one locality.",
        sources=table.sources,
    )


def through(found: History) -> Chart | None:
    """The amount from release to release as a step line; None where fewer than two releases have an amount."""
    priced = [row for row in found.rows if row.amount_cents is not None]
    if len(priced) < 2:
        return None
    spans = [(row.starts, row.ends) for row in found.rows]
    points = curves.amounts_through(spans, [row.amount_cents for row in found.rows])
    series = [curves.Series(found.code, points)]
    setting = IN_WORDS[found.setting]
    first, last = priced[0], priced[-1]
    said = (
        f"{found.code} {setting}: ${money(first.amount_cents)} from {first.starts.isoformat()}, "
        f"${money(last.amount_cents)} from {last.starts.isoformat()}."
    )
    columns = (Column("Release", "", "whole"), Column("From", "", "whole"), Column("Amount", DOLLARS, "right"))
    rows = tuple(Row((r.release, r.starts.isoformat(), money(r.amount_cents)), (r.source,)) for r in priced)
    return Chart(
        "The amount through the releases held",
        f"A line over time, a step a release. {said}",
        curves.lines(series, DOLLARS, charts.WIDE, step=True),
        curves.lines(series, DOLLARS, charts.NARROW, step=True),
        Table(f"Amount of {found.code} {setting}", columns, rows),
        caption="Not adjusted for inflation. Dates whose release is not held leave a gap.",
        sources=tuple(dict.fromkeys(r.source for r in priced)),
    )
