"""The command simulate: a scenario and what it would change."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path

import click

from openrvu import answers, holdings, units
from openrvu.cli import show
from openrvu.errors import BadInput
from openrvu.impact.national import Engine, Group, National
from openrvu.impact.scenario import Price, Volume, names, shipped
from openrvu.impact.simulate import CodeEffect, Simulation
from openrvu.impact.use import Use
from openrvu.pricing import read_code, read_date


@click.command()
@click.argument("scenario", required=False)
@click.option("--baseline", default="", metavar="RELEASE", help="Another release than the scenario's own (2025D).")
@show.on_option
@click.option("--code", "codes", multiple=True, help="A code to show beside those that change; repeat for more.")
@click.option("--volume", "volumes", multiple=True, metavar="CODE=SERVICES", help="Services a year of a code.")
@click.option("--price", "prices", multiple=True, metavar="CODE=DOLLARS", help="What a contractor pays for it today.")
@click.option("--use", "used", default="", metavar="YEAR|FILE", help="Services of a loaded year, or of a CMS file.")
@click.option("--spark", "master", default="", metavar="MASTER", help="Sum and price on Spark, as in local[2].")
@click.option("--draws", type=click.IntRange(0, 100_000), default=2000, show_default=True, help="From a survey.")
@click.option("--seed", type=int, default=1, show_default=True, help="Of the draws.")
@show.place_options
@show.setting_option
@show.json_option
@show.csv_option
def simulate(
    scenario: str | None,
    baseline: str,
    on: str | None,
    codes: tuple[str, ...],
    volumes: tuple[str, ...],
    prices: tuple[str, ...],
    used: str,
    master: str,
    draws: int,
    seed: int,
    place: str,
    qp: bool,
    setting: str,
    as_json: bool,
    as_csv: bool,
) -> None:
    """SCENARIO is the name of a shipped one, or a TOML file (docs/scenarios.md). Without it: those that ship."""
    if scenario is None:
        _list(as_json, as_csv)
        return
    from openrvu.impact.sheets import effect_sheet
    from openrvu.impact.simulate import simulate as run

    if master and not used:
        raise click.UsageError("--spark needs --use: without services there is nothing to sum.")
    with ExitStack() as stack:
        use, engine = _use(stack, used, master)
        found = run(
            scenario,
            use=use,
            engine=engine,
            facts=holdings.current(),
            baseline=baseline,
            on=read_date(on),
            place=place,
            setting=setting,
            qualifying_apm=qp,
            codes=[read_code(code) for code in codes],
            volumes=[_volume(text, place, setting) for text in volumes],
            prices=[_price(text) for text in prices],
            draws=draws,
            seed=seed,
        )

    foot = answers.foot(release=found.release, on=found.on, place=found.place, setting=setting, seed=found.seed)
    if as_json:
        show.emit_json(found, foot)
    elif as_csv:
        click.echo(effect_sheet(found), nl=False)
    else:
        _say(found)
        show.say_foot(foot, found.sources)


def _use(stack: ExitStack, used: str, master: str) -> tuple[Use | None, Engine | None]:
    """The services that --use names, and the engine; both end with the stack."""
    if not used:
        return None, None
    from openrvu.impact.use import given

    room = stack.enter_context(tempfile.TemporaryDirectory(prefix="openrvu-"))
    use = stack.enter_context(given(used, Path(room)))
    if not master:
        return use, None
    from openrvu.impact.on_spark import on_spark

    return use, stack.enter_context(on_spark(master))


def _list(as_json: bool, as_csv: bool) -> None:
    """The shipped scenarios."""
    found = [shipped(name) for name in names()]
    head = ("name", "title", "baseline", "reference")
    rows = [(one.name, one.title, one.baseline, one.reference) for one in found]
    if as_json:
        body = {"scenarios": [dict(zip(head, row, strict=True)) for row in rows], "run_id": answers.run_id()}
        click.echo(answers.to_json(body), nl=False)
    elif as_csv:
        click.echo(show.as_csv_text(head, rows), nl=False)
    else:
        show.table(head, rows, first=True)
        click.echo("\n`openrvu simulate NAME`, or a file of your own: docs/scenarios.md")
        show.say_run()


def _pair(text: str, option: str) -> tuple[str, str]:
    code, sign, number = text.partition("=")
    if not sign:
        raise BadInput(f"{text!r} is no pair", where=option, fix=f"Write it as {option} 62380=1200")
    return read_code(code), number.replace(",", "").strip()


def _volume(text: str, place: str, setting: str) -> Volume:
    code, number = _pair(text, "--volume")
    if not number.isdecimal():
        raise BadInput(f"{number!r} is no number of services", where="--volume", fix="A whole number, zero or more")
    return Volume(code, int(number), setting, place)


def _price(text: str) -> Price:
    code, number = _pair(text, "--price")
    try:
        cents = units.parse(number.removeprefix("$"), units.CENTS)
    except ValueError as fault:
        raise BadInput(str(fault), where="--price", fix="Dollars and cents, as in 62380=950.00") from None
    if cents < 0:
        raise BadInput(f"{number} is below zero", where="--price", fix="Dollars and cents, as in 62380=950.00")
    return Price(code, cents)


def _say(found: Simulation) -> None:
    show.say_leads(found.leads)
    click.echo(f"{found.title}\n{found.description}\nauthor: {found.author}; reference: {found.reference}")
    factor = f"conversion factor {found.conversion_factor_before}"
    if found.conversion_factor_after != found.conversion_factor_before:
        factor += f" to {found.conversion_factor_after}"
    click.echo(f"baseline {found.baseline}, {factor}")
    _say_moved(found)
    _say_effects(found.codes)
    _say_spending(found)
    if found.national:
        _say_national(found.national)
    click.echo()
    for note in found.notes:
        click.echo(f"- {note}")
    if found.why_no_factor:
        click.echo(f"- {found.why_no_factor}")


def _say_moved(found: Simulation) -> None:
    few = found.moved[:12]
    rows = [
        (one.code, one.column, row["before"] or "", row["after"] or "", _interval(row), one.how)
        for one, row in ((one, one.to_dict()) for one in few)
    ]
    if rows:
        show.table(("code", "what", "from", "to", "interval", "how"), rows, (2, 3))
    if len(found.moved) > len(few):
        click.echo(f"and {len(found.moved) - len(few):,} more: --json has all")


def _interval(row: dict[str, str | None]) -> str:
    return f"{row['low']} to {row['high']}" if row["low"] else ""


def _say_effects(rows: tuple[CodeEffect, ...]) -> None:
    shown = rows[:40]
    cells = [
        (
            row.code,
            row.setting,
            row.place,
            show.money(row.before_cents, row.before_is if row.before_cents is None else "-"),
            show.money(row.after_cents),
            *map(show.money, (row.work_cents, row.pe_cents, row.mp_cents)),
            f"{show.money(row.low_cents)} to {show.money(row.high_cents)}" if row.low_cents is not None else "",
            show.money(row.change_cents),
            row.percent,
            show.money(row.per_1000_cents if row.per_1000_cents is not None else row.new_per_1000_cents),
        )
        for row in shown
    ]
    money = ("today $", "then $", "work", "PE", "MP", "interval", "change", "%", "per 1,000 $")
    head = ("code", "setting", "place", *money)
    show.table(head, cells, (3, 4, 5, 6, 7, 9, 10, 11))
    if any(row.per_1000_cents is None for row in shown):
        click.echo("per 1,000: the whole new amount, where today's is not known")
    if len(rows) > len(shown):
        click.echo(f"and {len(rows) - len(shown):,} more: --csv and --json have all")


def _say_spending(found: Simulation) -> None:
    rows = [row for row in found.codes if row.services is not None]
    if rows:
        cells = [
            (
                row.code,
                row.specialty,
                f"{row.services:,}",
                f"{row.services_after:,}",
                show.money(row.spending_before_cents),
                show.money(row.spending_after_cents),
                show.money(row.spending_change_cents),
                f"{show.money(row.spending_low_cents)} to {show.money(row.spending_high_cents)}"
                if row.spending_low_cents is not None
                else "",
            )
            for row in rows
        ]
        head = ("code", "specialty", "services", "then", "spending $", "then $", "change $", "interval")
        show.table(head, cells, (2, 3, 4, 5, 6))
    if found.neutrality:
        what = found.neutrality
        owed, asked = ("is more than", "asks for an") if what.required else ("is not more than", "asks for no")
        click.echo(
            f"\nAt fixed volume spending moves by ${show.money(what.difference_cents)} a year, which {owed} "
            f"${show.money(what.threshold_cents)}: budget neutrality {asked} adjustment."
        )
        if what.factor:
            click.echo(
                f"factor {what.factor}; conversion factor {what.conversion_factor_before} to "
                f"{what.conversion_factor_after}"
            )


def _say_national(found: National) -> None:
    """Spending over the file, and who gains and loses most."""
    click.echo(
        f"\n{found.words}, {found.year}: {found.rows:,} rows, {found.services_compared:,} of {found.services:,} "
        f"services priced, ${show.money(found.before_cents)} to ${show.money(found.after_cents)} "
        f"({show.money(found.change_cents)}); CMS reports ${show.money(found.reported_cents)} allowed that year"
    )
    parts = (("code", found.by_code), ("specialty", found.by_specialty))
    for name, groups in (*parts, ("locality", found.by_locality), ("setting", found.by_setting)):
        _say_groups(name, groups)
    if found.left_out:
        rows = [
            (one.status, f"{one.codes:,}", f"{one.services:,}", show.money(one.allowed_cents)) for one in found.left_out
        ]
        show.table(("no price", "codes", "services", "allowed in its year $"), rows, (1, 2, 3))


def _say_groups(name: str, groups: tuple[Group, ...], most: int = 5) -> None:
    """The largest gains and losses of a grouping."""
    gains = [one for one in groups if one.change_cents > 0][:most]
    losses = [one for one in groups if one.change_cents < 0][:most]
    rows = [
        (
            one.key or "not told",
            f"{one.services:,}",
            show.money(one.before_cents),
            show.money(one.after_cents),
            show.money(one.change_cents),
            one.percent,
        )
        for one in (*gains, *losses)
    ]
    if rows:
        show.table((name, "services", "spending $", "then $", "change $", "%"), rows, (1, 2, 3, 4, 5))
