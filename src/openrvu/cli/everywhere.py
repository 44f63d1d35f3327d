"""The command `everywhere`: a code at every payment locality."""

from __future__ import annotations

import click

from openrvu import units
from openrvu.cli import show


@click.command()
@click.argument("code")
@show.on_option
@show.place_options
@show.setting_option
@show.json_option
@show.csv_option
def everywhere(code: str, on: str | None, place: str, qp: bool, setting: str, as_json: bool, as_csv: bool) -> None:
    """CODE at every payment locality: amount, percentage of the national one, rank. --place marks one."""
    from openrvu.cards.everywhere import everywhere as at_all
    from openrvu.cards.everywhere import foot_of, sheet

    found = at_all(code, on=on, place=place, setting=setting, qualifying_apm=qp)
    if as_json:
        show.emit_json(found, foot_of(found))
        return
    if as_csv:
        click.echo(sheet(found), nl=False)
        return
    show.say_leads(found.leads)
    click.echo(f"{found.code} {setting}, nationally: {show.money(found.national_cents, found.words)}")
    rows = [
        (
            "*" if row.locality == found.asked else "",
            *(str(row.rank or "-"), row.locality, row.name, row.state),
            *(units.text(value, units.GPCI) for value in (row.work_gpci, row.pe_gpci, row.mp_gpci)),
            *(show.money(row.amount_cents), row.percent or "-"),
        )
        for row in found.rows
    ]
    head = ("", "rank", "locality", "name", "state", "work", "PE", "MP", "amount $", "% of national")
    show.table(head, rows, (1, 5, 6, 7, 8, 9))
    for text in (*found.warnings, *found.notes):
        click.echo(text)
    show.say_foot(foot_of(found), found.sources)
