"""The screen of a code at every place: where it pays most and least, on a map of tiles, as dots, and in a table."""

from __future__ import annotations

import shlex

from openrvu import units
from openrvu.cards.everywhere import Everywhere, Spot, everywhere, foot_of, sheet
from openrvu.dossier import charts, tiles
from openrvu.dossier.asked import money, sentence
from openrvu.dossier.blocks import Chart, Column, Notice, Row, Table
from openrvu.facts import Facts
from openrvu.web import pictures
from openrvu.web.asked import IN_WORDS, Asked
from openrvu.web.parts import DASH, DOLLARS, Part
from openrvu.web.reporting import Report

PLACE = Column("Locality", "", "whole")


def found_of(code: str, asked: Asked, facts: Facts) -> Everywhere:
    """The public call with the choices of the page. Errors as in `everywhere`."""
    chosen = asked.checked()
    return everywhere(
        code, on=chosen.on or None, place=chosen.place, setting=chosen.setting, qualifying_apm=chosen.qp, facts=facts
    )


def place_page(code: str, asked: Asked, facts: Facts) -> Report:
    """The screen. Errors as in `everywhere`."""
    found = found_of(code, asked, facts)
    table = everyone(found)
    python, command = elsewhere(found.code, asked)
    parts = [Part("all", "Every locality", (table,), table, sheet=sheet(found))]
    if found.national_cents is not None:
        states = by_state(found)
        parts = [
            Part("states", "By state", (states,), states),
            Part("map", "On a map", (), chart=_map(found, states)),
            Part("dots", "One dot a locality", (), chart=pictures.everywhere(found, states)),
            *parts,
        ]
    return Report(
        path=f"/places/{found.code}",
        title=f"{found.code} in every place",
        overline="Where it pays most and least",
        said=(*found.leads, *answer(found)),
        parts=tuple(parts),
        foot=foot_of(found),
        notices=tuple(Notice("warning", "Release", text, sources=found.sources[-1:]) for text in found.warnings),
        python=python,
        command=command,
        links=((asked.url(f"/codes/{found.code}"), f"{found.code} in full"), (asked.url("/places"), "All localities")),
        more=found.sources,
        here=found.code,
    )


def answer(found: Everywhere) -> tuple[str, ...]:
    """The answer in sentences: the range, and the place asked for."""
    day, setting = found.on.isoformat(), IN_WORDS[found.setting]
    if found.national_cents is None:
        return (f"{found.code} has no schedule amount on {day} in any locality. {sentence(found.words)}",)
    high, low = found.rows[0], found.rows[-1]
    said = [
        f"{found.code} {setting} on {day} pays from ${money(low.amount_cents)} in {low.name} ({low.state}) to "
        f"${money(high.amount_cents)} in {high.name} ({high.state}); ${money(found.national_cents)} nationally."
    ]
    if here := found.spot(found.asked):
        said.append(
            f"In {here.name} ({here.state}) it is ${money(here.amount_cents)}, {here.percent} % of the national "
            f"amount, rank {here.rank} of {len(found.rows)}."
        )
    return tuple(said)


def _row(row: Spot, asked: str) -> Row:
    gpcis = (units.text(value, units.GPCI) for value in (row.work_gpci, row.pe_gpci, row.mp_gpci))
    money_cells = (money(row.amount_cents, DASH), row.percent or DASH)
    cells = (row.locality, row.name, row.state, *gpcis, *money_cells, str(row.rank or DASH))
    return Row(cells, (row.source,), row.locality == asked)


def everyone(found: Everywhere) -> Table:
    """Every locality, dearest first; the place asked for stands out."""
    columns = (
        PLACE,
        Column("Name"),
        Column("State"),
        *(Column(name, "GPCI", "right") for name in ("Work", "PE", "MP")),
        Column("Amount", DOLLARS, "right"),
        Column("Of national", "%", "right"),
        Column("Rank", "", "right"),
    )
    caption = f"{found.code} {IN_WORDS[found.setting]} in {len(found.rows)} localities, release {found.release}"
    rows = tuple(_row(row, found.asked) for row in found.rows)
    return Table(caption, columns, rows, notes=("Equal amounts share a rank. GPCIs with the work floor as published.",))


def by_state(found: Everywhere) -> Table:
    """The lowest and the highest amount of each state, the state with the highest first."""
    states: dict[str, list[Spot]] = {}
    for row in found.rows:
        states.setdefault(row.state, []).append(row)
    columns = (
        Column("State"),
        Column("Localities", "", "right"),
        Column("Lowest", DOLLARS, "right"),
        Column("Highest", DOLLARS, "right"),
        Column("Lowest", "% of national", "right"),
        Column("Highest", "% of national", "right"),
    )
    rows = tuple(
        Row(
            (
                state,
                str(len(own)),
                *(money(one.amount_cents) for one in (own[-1], own[0])),
                *(one.percent for one in (own[-1], own[0])),
            ),
            strong=any(one.locality == found.asked for one in own),
        )
        for state, own in states.items()
    )
    caption = f"{found.code} {IN_WORDS[found.setting]} by state, the highest first"
    return Table(caption, columns, rows, found.sources)


def _map(found: Everywhere, table: Table) -> Chart:
    cells = [tiles.Tile(row.state, float(row.percent), row.locality == found.asked) for row in found.rows]
    high, low = found.rows[0], found.rows[-1]
    marked = f" {found.asked} is outlined." if found.spot(found.asked) else ""
    return Chart(
        f"The amount of {found.code} as a percentage of the national one",
        f"Map of tiles, one a state, cut into one cell a locality. Lowest {low.percent} percent in {low.name}, highest "
        f"{high.percent} percent in {high.name}.{marked} Every figure stands in the table of the page.",
        tiles.tilemap(cells, charts.WIDE),
        tiles.tilemap(cells, charts.NARROW),
        table,
        caption=f"One tile is one state, one cell one locality, dearest first; sizes say nothing.{marked}",
    )


def elsewhere(code: str, asked: Asked) -> tuple[str, str]:
    """The same answer in Python and on the command line."""
    chosen = asked.chosen
    pairs = {name: chosen[name] for name in ("on", "place", "setting") if name in chosen}
    named = [f"{name}={value!r}" for name, value in pairs.items()] + (["qualifying_apm=True"] if asked.qp else [])
    options = [part for name, value in pairs.items() for part in (f"--{name}", value)] + (["--qp"] if asked.qp else [])
    python = f"import openrvu\nfound = openrvu.everywhere({', '.join([repr(code), *named])})"
    return python, shlex.join(["openrvu", "everywhere", code, *options, "--json"])
