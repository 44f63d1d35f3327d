"""The command `history`: a code through the releases, and what moved its amount between two dates."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from openrvu import answers, holdings
from openrvu.cards.changes import Cause, Change
from openrvu.cards.history import History
from openrvu.cli import show
from openrvu.pricing import read_date


@click.command()
@click.argument("code")
@click.option("--on", metavar="DATE", help="Leave out releases that began after this date, YYYY-MM-DD.")
@click.option("--from", "start", metavar="DATE", help="With --to: what moved the amount from this date.")
@click.option("--to", "end", metavar="DATE", help="The later date.")
@click.option("--index", "index_file", type=click.Path(path_type=Path), help="Prices by year: CSV with year, value.")
@click.option("--base", type=int, metavar="YEAR", help="Show real amounts in prices of this year. Default: newest.")
@show.place_options
@show.setting_option
@show.json_option
@show.csv_option
def history(
    code: str,
    on: str | None,
    start: str | None,
    end: str | None,
    index_file: Path | None,
    base: int | None,
    place: str,
    qp: bool,
    setting: str,
    as_json: bool,
    as_csv: bool,
) -> None:
    """CODE through the releases held: RVUs, status, conversion factor, amount, what moved it.

    With --from and --to: how much of the change came from work, PE, MP, GPCI and the conversion factor.
    """
    from openrvu.cards.history import history as through
    from openrvu.cards.prices import read_index
    from openrvu.cards.sheets import change_sheet, history_sheet

    if (start is None) != (end is None):
        raise click.UsageError("Give --from and --to together.")
    facts = holdings.current().until(read_date(on))
    index = read_index(index_file) if index_file else None
    found = through(
        code,
        place=place,
        setting=setting,
        qualifying_apm=qp,
        start=start,
        end=end,
        index=index,
        base=base,
        facts=facts,
    )
    moved = found.change
    newest = facts.newest()
    foot = answers.foot(
        release=f"{facts.releases[0].id} to {newest.id}", on=newest.ends, place=found.place, setting=setting
    )
    if as_json:
        show.emit_json(found, foot)
    elif as_csv:
        click.echo(change_sheet(moved) if moved else history_sheet(found), nl=False)
    elif moved:
        _change(moved)
        show.say_foot({**foot, "release": f"{moved.release_before} to {moved.release_after}", "on": ""}, moved.sources)
    else:
        _history(found)
        show.say_foot(foot)


def _history(found: History) -> None:
    show.say_leads(found.leads)
    rows = [
        (
            r.release,
            r.starts.isoformat(),
            r.ends.isoformat(),
            r.status,
            *map(show.rvu, (r.work_rvu, r.pe_rvu, r.mp_rvu, r.total_rvu)),
            r.conversion_factor or "-",
            show.money(r.amount_cents),
            show.money(r.real_cents),
            r.work_change,
        )
        for r in found.rows
    ]
    head = ("release", "from", "to", "status", "work", "PE", "MP", "total", "factor", "amount", "real", "work changed")
    show.table(head, rows, (4, 5, 6, 7, 8, 9, 10), first=True)
    _components(found)
    _causes([cause for row in found.rows for cause in row.causes])
    click.echo()
    for gap in found.gaps:
        click.echo(f"Nothing is held from {gap.starts.isoformat()} to {gap.ends.isoformat()}.")
    _real(found)


def _components(found: History) -> None:
    """The amount by component, once for every amount that differs from the one before."""
    rows, last = [], None
    for r in found.rows:
        parts = (r.work_cents, r.pe_cents, r.mp_cents)
        if r.amount_cents is not None and parts != last:
            rows.append((r.release, *map(show.money, (*parts, r.amount_cents))))
            last = parts
    if rows:
        show.table(("amounts from", "work", "PE", "MP", "together"), rows, (1, 2, 3, 4))


def _real(found: History) -> None:
    index = found.index
    if index is None or all(r.amount_cents is None for r in found.rows):
        return
    click.echo(f"real: in prices of {index.base} ({index.name}; {', '.join(index.sources)})")
    if any(r.amount_cents is not None and r.real_cents is None for r in found.rows):
        held = f"{index.first} to {index.last}"
        click.echo(f"The index is held for {held}; for other years give one with --index FILE (columns year, value).")
    if index.unsettled:
        click.echo(f"From memory: the index of {', '.join(map(str, index.unsettled))}.")


def _change(found: Change) -> None:
    show.say_leads(found.leads)
    before, after = show.money(found.before_cents), show.money(found.after_cents)
    click.echo(
        f"{found.code}, {found.setting}, {found.place}: ${before} on {found.starts.isoformat()}, ${after} on "
        f"{found.ends.isoformat()}: {show.money(found.change_cents)} ({found.percent} %)"
    )
    rows = [(p.name, p.before, p.after, show.money(p.amount_cents), p.percent) for p in found.parts]
    rows.append(("together", "", "", show.money(found.change_cents), found.percent))
    show.table(("part", "from", "to", "$", "%"), rows, (1, 2, 3, 4))
    click.echo(f"method: {found.method}")
    _causes(found.causes)


def _causes(found: Sequence[Cause]) -> None:
    """What moved, by the day it did."""
    if found:
        click.echo("\nWhat moved it:")
    for on in dict.fromkeys(cause.on for cause in found):
        click.echo(f"  {on.isoformat()}")
        for cause in found:
            if cause.on == on:
                click.echo(f"    {cause.text}{'' if cause.settled else ' (from memory)'}")
