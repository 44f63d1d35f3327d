"""The command `practice`: a practice's own volumes on several dates, under a what-if, by payer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from openrvu.cli import show

if TYPE_CHECKING:
    from openrvu.impact.practice import Practice


def pairs_of(given: Sequence[str], option: str) -> dict[str, str]:
    """NAME=VALUE options as a mapping."""
    found = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise click.UsageError(f"{option} takes NAME=PERCENT, not {text!r}.")
        found[name.strip()] = value.strip()
    return found


@click.command()
@click.argument("volumes", nargs=-1, required=True)
@click.option("--on", multiple=True, metavar="DATE", help="Date of service; may be repeated to compare years.")
@click.option("--scenario", default="", help="A what-if: shipped (62380-published) or a TOML file.")
@click.option("--multiplier", multiple=True, metavar="PAYER=PERCENT", help="What a payer pays in percent of Medicare.")
@click.option("--mix", multiple=True, metavar="PAYER=PERCENT", help="Its share of lines that name no payer.")
@click.option("--frozen", metavar="DATE", help="With --rate: a contract keeps the work RVUs of this date.")
@click.option("--rate", default="", metavar="DOLLARS", help="Dollars a work RVU.")
@show.place_options
@show.setting_option
@show.json_option
@show.csv_option
def practice(
    volumes: tuple[str, ...],
    on: tuple[str, ...],
    scenario: str,
    multiplier: tuple[str, ...],
    mix: tuple[str, ...],
    frozen: str | None,
    rate: str,
    place: str,
    qp: bool,
    setting: str,
    as_json: bool,
    as_csv: bool,
) -> None:
    """VOLUMES of a practice: a CSV or workbook with code and units, or services typed as 63047x120 63030-50x8."""
    from openrvu.impact.practice import foot_of, sheet
    from openrvu.impact.practice import practice as viewed

    one_file = len(volumes) == 1 and volumes[0].lower().endswith((".csv", ".xlsx", ".txt"))
    found = viewed(
        Path(volumes[0]) if one_file else list(volumes),
        on=on,
        place=place,
        setting=setting,
        qualifying_apm=qp,
        multipliers=pairs_of(multiplier, "--multiplier"),
        mix=pairs_of(mix, "--mix"),
        scenario=scenario or None,
        frozen=frozen,
        rate=rate,
    )
    if as_json:
        show.emit_json(found, foot_of(found))
    elif as_csv:
        click.echo(sheet(found), nl=False)
    else:
        _say(found)
        show.say_foot(foot_of(found), found.sources)


def _say(found: Practice) -> None:
    show.say_leads(found.leads)
    rows = [
        (
            view.label,
            show.rvu(view.work_rvu),
            *map(show.money, (view.medicare_cents, view.paid_cents, view.per_work_rvu_cents)),
            str(view.unpriced or ""),
        )
        for view in found.views
    ]
    show.table(("view", "wRVU", "Medicare $", "paid $", "$ a wRVU", "units without amount"), rows, (1, 2, 3, 4, 5))
    moved = [(one.label, show.rvu(one.work_rvu), show.money(one.paid_cents), one.percent) for one in found.changes]
    if moved:
        show.table(("change", "wRVU", "paid $", "%"), moved, (1, 2, 3))
    payers = [(view.label, p.payer, p.percent, show.money(p.paid_cents)) for view in found.views for p in view.payers]
    show.table(("view", "payer", "% of Medicare", "paid $"), payers, (2, 3))
    last = found.views[-1].lines
    cells = [
        (
            line.code + (f"-{line.modifier}" if line.modifier else ""),
            f"{line.units:,}",
            show.rvu(line.total_work_rvu),
            show.money(line.medicare_cents),
            show.money(line.paid_total_cents),
            line.why,
        )
        for line in last
    ]
    show.table(("service, last view", "units", "wRVU", "Medicare $", "paid $", ""), cells, (1, 2, 3, 4))
    for one in found.frozen:
        click.echo(
            f"{one.label}: at {show.money(one.rate_cents)} dollars a work RVU, {show.money(one.frozen_pay_cents)} with "
            f"the RVUs of {one.release}, {show.money(one.current_pay_cents)} with today's."
        )
    for text in found.caveats:
        click.echo(text)
