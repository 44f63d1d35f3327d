"""The section on what a new value would change: the shipped scenarios of the code, for one service and for 1,000."""

from __future__ import annotations

from openrvu.dossier.asked import NONE, Asked, money
from openrvu.dossier.blocks import Bullets, Column, Item, Notice, Paragraph, Row, Section, Table
from openrvu.errors import OpenRVUError
from openrvu.impact.changed import rvu_text
from openrvu.impact.scenario import names, shipped
from openrvu.impact.simulate import PER, Simulation, simulate

TITLE = "What it would change"
SAID = (
    "Each line is a what-if on this release, priced by the same rules as every amount here; none of them is a proposal "
    "of ours. For 1,000 services, because how many are done is not public."
)
TOTALS = (
    "Total spending, who gains and who loses by specialty and place, and the conversion factor that would follow "
    "through budget neutrality need CMS's full utilization file, loaded: openrvu simulate NAME --use YEAR. Neutrality "
    "asks for an adjustment only above $20 million a year."
)


def section_change(asked: Asked) -> Section | None:
    """The scenarios that name the code, on the release asked for; None where none does."""
    named = [one for one in map(shipped, names()) if asked.code in one.codes()]
    if not named:
        return None
    found, lacking = [], []
    for one in named:
        try:
            made = simulate(one, facts=asked.facts, baseline=asked.release.id, on=asked.on, place=asked.place.id)
            found.append((one.name, made))
        except OpenRVUError as fault:
            lacking.append(f"{one.title}: {fault.what}.")
    if not found:
        return Section("change", TITLE, (Notice("missing", "What-ifs", " ".join(lacking), "Choose a later date."),))
    notes = tuple(dict.fromkeys(text for _, made in found for text in made.notes))
    sources = tuple(dict.fromkeys(key for _, made in found for key in made.sources))
    columns = (
        Column("Scenario"),
        Column("Work", "RVU", "right"),
        Column("Today", "US dollars", "right"),
        Column("Then", "US dollars", "right"),
        Column("of it work", "US dollars", "right"),
        Column(f"For {PER:,}", "US dollars", "right"),
    )
    rows = tuple(_row(asked, made) for _, made in found)
    table = Table("For one service, in a facility", columns, rows, sources, (*notes, *lacking))
    again = "; ".join(f"openrvu simulate {name}" for name, _ in found)
    blocks = (
        Paragraph(SAID, ("42usc1395w-4c2",)),
        table,
        Bullets((Item(TOTALS, sources=("42usc1395w-4c2",)), Item(f"To run them with your own volumes: {again}."))),
    )
    return Section("change", TITLE, blocks)


def _row(asked: Asked, made: Simulation) -> Row:
    (effect,) = [row for row in made.codes if row.code == asked.code]
    work = next((one.after for one in made.moved if one.code == asked.code and one.column == "work_rvu"), None)
    per = effect.per_1000_cents
    whole = effect.new_per_1000_cents
    cells = (
        made.title,
        rvu_text(work) or NONE,
        money(effect.before_cents) if effect.before_cents is not None else "not public",
        money(effect.after_cents) if effect.after_cents is not None else NONE,
        money(effect.work_cents) if effect.work_cents is not None else NONE,
        _signed(per) if per is not None else f"{money(whole)} in all" if whole is not None else NONE,
    )
    return Row(cells, made.sources)


def _signed(cents: int) -> str:
    return f"+{money(cents)}" if cents > 0 else money(cents)
