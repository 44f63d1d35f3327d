"""The command on a case: several services of one session."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import click

from openrvu import answers
from openrvu.casing import Case, CaseLine
from openrvu.casing import case as case_of
from openrvu.cli import show
from openrvu.cli.lines import cents_of, who_of, who_options


@click.command()
@click.argument("services", nargs=-1, required=True)
@click.option("--as", "assistant", default="", help="Also the lines of an assistant: AS, 80, 81 or 82.")
@click.option("--pos", default="", help="Place of service, two digits, in place of --setting.")
@click.option("--deductible", default="", help="What the patient still owes of the deductible, in dollars.")
@show.on_option
@show.place_options
@show.setting_option
@who_options
@show.json_option
@show.csv_option
def case(
    services: tuple[str, ...],
    assistant: str,
    pos: str,
    deductible: str,
    on: str | None,
    place: str,
    qp: bool,
    setting: str,
    as_json: bool,
    as_csv: bool,
    **given: Any,
) -> None:
    """SERVICES of one session priced together, such as 22633 22634 22842 22853x2 63052 or 63030-50.

    Every row names the rule that made its amount.
    """
    from openrvu.rules.settings import is_facility

    if pos:
        setting = "facility" if is_facility(pos) else "nonfacility"
    found = case_of(
        services,
        assistant=assistant,
        on=on,
        place=place,
        setting=setting,
        qualifying_apm=qp,
        deductible_cents=cents_of(deductible) or 0,
        **who_of(given),
    )
    foot = answers.foot(release=found.release, on=found.on, place=found.locality.id, setting=found.setting)
    if as_json:
        show.emit_json(found, foot)
    elif as_csv:
        from openrvu.cards.sheets import case_sheet

        click.echo(case_sheet(found), nl=False)
    else:
        _say(found)
        show.say_foot(foot, found.sources)


def _name(line: CaseLine) -> str:
    return line.code + (f"-{line.modifier}" if line.modifier else "")


def _say(found: Case) -> None:
    for lead in found.leads:
        click.echo(f"Coverage first: {lead}\n")
    for total in found.totals:
        lines = [line for line in found.lines if line.role == total.role]
        rows = [
            (
                _name(line),
                str(line.units),
                str(line.rank or "-"),
                show.rvu(line.work_rvu),
                show.money(line.amount_cents),
                show.money(line.allowed_cents),
                show.rvu(line.paid_work_rvu),
                show.money(line.patient_cents),
                line.rule,
            )
            for line in lines
        ]
        sums = (show.rvu(total.work_rvu), "", show.money(total.allowed_cents), show.rvu(total.paid_work_rvu))
        rows.append((f"total, {total.role}", "", "", *sums, show.money(total.patient_cents), ""))
        head = ("service", "units", "rank", "work", "schedule", "allowed", "paid work", "patient", "rule")
        show.table(head, rows, (1, 2, 3, 4, 5, 6, 7), first=total is found.totals[0])
        click.echo(f"Medicare pays {show.money(total.medicare_cents)} of it after sequestration.")
        for line in lines:
            if line.why:
                click.echo(f"{_name(line)}: {line.why}")
        if total.unpriced:
            click.echo(f"Not in the totals: {total.unpriced}.")
    for (starts, ends, words), periods in groupby(found.periods, key=lambda one: (one.starts, one.ends, one.words)):
        codes = ", ".join(period.code for period in periods)
        click.echo(f"Global period of {codes}: {starts.isoformat()} to {ends.isoformat()}, {words}.")
    for note in found.notes:
        click.echo(f"Note: {note}")
