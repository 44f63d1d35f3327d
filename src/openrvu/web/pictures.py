"""The drawings of a code's page: its amount in every locality, and its amount through the releases."""

from __future__ import annotations

from openrvu.cards.history import History
from openrvu.dossier import charts, curves
from openrvu.dossier.asked import money, place_name
from openrvu.dossier.blocks import Chart, Column, Row, Table
from openrvu.pricing import Priced
from openrvu.web.asked import IN_WORDS

DOLLARS = "US dollars"


def everywhere(found: tuple[Priced, ...], national: Priced, asked: Priced, table: Table) -> Chart:
    """A dot a locality; the national amount and the place asked for are marked. found: dearest first."""
    named = [("National", national)]
    if asked.locality.id != national.locality.id:
        named.insert(0, (place_name(asked.locality), asked))
    marked = [(f"{name} {money(one.amount_cents)}", (one.amount_cents or 0) / 100) for name, one in named]
    values = [(one.amount_cents or 0) / 100 for one in found]
    setting, day = IN_WORDS[asked.line.setting], asked.on.isoformat()
    low, high = found[-1], found[0]
    words = (
        f"{asked.line.code} {setting} on {day} in each of {len(found)} localities: from ${money(low.amount_cents)} in "
        f"{place_name(low.locality)} to ${money(high.amount_cents)} in {place_name(high.locality)}."
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
