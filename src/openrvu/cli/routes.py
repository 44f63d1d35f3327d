"""Commands on the other routes to a work RVU: ruc, iwput, crosswalk, regress, bundle."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from openrvu import answers, holdings
from openrvu.cli import show
from openrvu.errors import BadInput
from openrvu.facts import Facts
from openrvu.pricing import read_code

if TYPE_CHECKING:
    from openrvu.tables.physician_time import Times, TimeTable

Function = TypeVar("Function", bound=Callable[..., Any])
MINUTES = ("evaluation", "positioning", "scrub", "intra", "post")


def minutes_options(function: Function) -> Function:
    """--times, and the minutes and visits of the code itself."""
    for part in reversed(MINUTES):
        function = click.option(f"--{part}", type=click.FloatRange(0, 10_000), help=f"Minutes: {part}.")(function)
    function = click.option("--visit", multiple=True, metavar="CODE[xN]", help="A visit inside it, as 99213x2.")(
        function
    )
    return click.option(
        "--times",
        type=click.Path(path_type=Path),
        envvar="OPENRVU_TIMES",
        help="CMS's physician time file (csv, xlsx): your download. Or OPENRVU_TIMES.",
    )(function)


def table_of(path: Path | None) -> TimeTable | None:
    from openrvu.tables.physician_time import read

    return read(path) if path else None


def minutes_of(code: str, given: dict[str, float | None], visits: Sequence[str]) -> Times | None:
    """The code's own times from the options; None where none was given."""
    from openrvu.tables.physician_time import Times

    counted: dict[str, float] = {}
    for text in visits:
        match = re.fullmatch(r"(99\d{3})(?:\s*[xX*]\s*(\d{1,2}(?:\.5)?))?", text.strip())
        if match is None:
            raise BadInput(f"{text!r} is no visit", where="--visit", fix="Write 99213, or 99213x2")
        counted[match[1]] = counted.get(match[1], 0.0) + float(match[2] or 1)
    known = {part: value for part, value in given.items() if value is not None}
    return Times(code, "", **known, visits=counted) if known or counted else None


def foot_of(facts: Facts, release: str) -> dict[str, str]:
    held = facts.release(release)
    return answers.foot(release=held.id, on=held.starts, place="national")


def say_label(label: str, simulated: bool) -> None:
    """The label first, where answers or minutes are made up."""
    if simulated:
        click.secho(label if "SIMULATED" in label.upper() else f"SIMULATED: {label}", bold=True)


@click.command()
@click.argument("survey", type=click.Path(path_type=Path))
@click.option("--target", required=True, help="The code that was surveyed.")
@click.option("--sent", type=click.IntRange(min=1), help="How many were asked: gives the response rate.")
@click.option("--volume", type=click.IntRange(min=0), help="Services a year: how many respondents to ask for.")
@show.use_options
@show.mapping_option
@show.json_option
@show.csv_option
def ruc(
    survey: Path,
    target: str,
    sent: int | None,
    volume: int | None,
    release: str,
    on: str | None,
    mapping: Path | None,
    as_json: bool,
    as_csv: bool,
) -> None:
    """A RUC SURVEY (a row a respondent; CSV, Excel or an export): quartiles, references, outliers by rule.

    Columns: rvu; evaluation, positioning, scrub, intra, post (minutes); visit codes (99213 ...); reference; intensity.
    """
    from openrvu.routes import ruc_survey

    facts = holdings.current()
    chosen = show.used(facts, release, on) or facts.newest().id
    found = ruc_survey(survey, target, facts, release=chosen, sent=sent, volume=volume, mapping=mapping)
    foot = foot_of(facts, chosen)
    head = ("quantity", "unit", "n", "low", "25th", "median", "75th", "high", "median_low", "median_high")
    rows = [
        (s.name, s.unit, str(s.n), *(show.number(v, 2) for v in (s.low, s.q25, s.median, s.q75, s.high, *_ends(s))))
        for s in found.spreads
    ]
    if as_json:
        show.emit_json(found, foot)
        return
    if as_csv:
        click.echo(show.as_csv_text(head, rows), nl=False)
        return
    say_label(found.label, found.simulated)
    rate = f", response rate {100 * found.response_rate:.1f} %" if found.response_rate is not None else ""
    click.echo(f"{found.target}: {found.n} respondents{rate}; {found.minimum} are asked for{_hedge(found)}.")
    show.table(head, rows, tuple(range(2, 10)))
    if found.references:
        named = [(r.code, str(r.chosen), f"{100 * r.share:.0f} %", show.number(r.work, 2)) for r in found.references]
        show.table(("key reference service", "chosen", "share", "work RVU"), named, (1, 2, 3))
    if found.intensity:
        click.echo("beside it: " + ", ".join(f"{word} {count}" for word, count in found.intensity.items()))
    for one in found.outliers:
        click.echo(
            f"outlier, line {one.line} ({one.respondent}): {one.quantity} {one.value:g} is outside {one.low:g} to "
            f"{one.high:g}; it stays in every figure"
        )
    for guard in found.guards:
        if guard.fired:
            click.echo(f"- {guard.name}: {guard.words}\n    what to do: {guard.remedy}")
    show.say_foot(foot, (found.minimum_source,))


def _ends(one: Any) -> tuple[float | None, float | None]:
    return one.median_low, one.median_high


def _hedge(found: Any) -> str:
    return "" if found.minimum_settled else " (to be confirmed)"


@click.command()
@click.argument("code")
@minutes_options
@click.option("--work", type=click.FloatRange(0, 500), help="Work RVU to take apart. Default: the release's own.")
@click.option("--intensity", type=click.FloatRange(-1, 2), help="IWPUT to build the work RVU with.")
@show.use_options
@show.json_option
@show.csv_option
def iwput(
    code: str,
    times: Path | None,
    visit: tuple[str, ...],
    work: float | None,
    intensity: float | None,
    release: str,
    on: str | None,
    as_json: bool,
    as_csv: bool,
    **given: float | None,
) -> None:
    """Building block of CODE: what a work RVU leaves for a minute of it, and what an intensity gives."""
    from openrvu.routes import building_block

    facts, code = holdings.current(), read_code(code)
    chosen = show.used(facts, release, on)
    how: dict[str, Any] = {"table": table_of(times), "minutes": minutes_of(code, given, visit)}
    found = building_block(code, facts, release=chosen, work=work, intensity=intensity, **how)
    foot = foot_of(facts, found.release)
    if as_json:
        show.emit_json(found, foot)
        return
    head = ("convention", "part", "amount", "unit", "rate", "work")
    rows = [
        (one.release, p.name, f"{p.amount:g}", p.unit, f"{p.rate:.4f}", f"{p.work:.4f}")
        for one in found.conventions
        for p in one.parts
        if p.amount
    ]
    if as_csv:
        click.echo(show.as_csv_text(head, rows), nl=False)
        return
    say_label(found.label, found.simulated)
    own = (
        f"{found.work:.4f} work RVU ({found.work_words})" if found.work is not None else f"work RVU: {found.work_words}"
    )
    click.echo(
        f"{found.code}: {own}; {found.times.intra:g} minutes of the service itself, times from {found.times_from}."
    )
    show.table(head, rows, (2, 4, 5))
    for one in found.conventions:
        click.echo(f"\n{one.name}: {one.outside:.4f} outside the service.")
        if one.iwput is not None:
            click.echo(f"  IWPUT that {found.work:.4f} implies: {one.iwput:.4f}")
        if one.built is not None:
            click.echo(f"  at IWPUT {found.intensity:g}: work RVU {one.built:.2f}")
        if one.value is not None:
            click.echo(
                f"  at its comparators' median intensity: {one.value:.2f}; at their lowest and highest "
                f"{one.low:.2f} to {one.high:.2f}"
            )
            click.echo("  " + ", ".join(f"{c} {rate:.4f}" for c, _, rate in one.compared))
        elif one.why_not:
            click.echo(f"  no value from comparators: {one.why_not}")
    for note in found.notes:
        click.echo(f"note: {note}")
    show.say_foot(foot, tuple(dict.fromkeys(s for one in found.conventions for s in one.sources)))


@click.command()
@click.argument("code")
@minutes_options
@click.option("--near", default=0.25, show_default=True, help="How near: share of the code's times.")
@show.use_options
@show.json_option
@show.csv_option
def crosswalk(
    code: str,
    times: Path | None,
    visit: tuple[str, ...],
    near: float,
    release: str,
    on: str | None,
    as_json: bool,
    as_csv: bool,
    **given: float | None,
) -> None:
    """Services of CODE's global period and near times, time ratios, and pairs out of order in its family."""
    from openrvu.routes import crosswalk as walked

    facts, code = holdings.current(), read_code(code)
    chosen = show.used(facts, release, on)
    how: dict[str, Any] = {"table": table_of(times), "minutes": minutes_of(code, given, visit)}
    found = walked(code, facts, release=chosen, near=near, **how)
    foot = foot_of(facts, found.release)
    head = ("code", "work", "intra", "total", "intra_ratio", "total_ratio", "by_intra", "by_total")
    rows = [
        (n.code, f"{n.work:.2f}", f"{n.intra:g}", f"{n.total:g}", *(f"{v:.3f}" for v in _ratios(n)))
        for n in found.neighbours
    ]
    if as_json:
        show.emit_json(found, foot)
        return
    if as_csv:
        click.echo(show.as_csv_text(head, rows), nl=False)
        return
    say_label(found.label, found.simulated)
    if found.missing:
        click.echo(f"{code}: {found.missing}")
    elif not rows:
        click.echo(f"{code}: no service of global period {found.global_days or '(none)'} within {100 * near:g} %.")
    else:
        click.echo(f"{code}: global period {found.global_days}, {found.intra:g} and {found.total:g} minutes.")
        show.table(head, rows, tuple(range(1, 8)))
        for name, three in (("intra-service", found.by_intra), ("total", found.by_total)):
            if three:
                click.echo(f"by {name} time: median {three[1]:.2f}, lowest {three[0]:.2f}, highest {three[2]:.2f}")
    if found.scale:
        click.echo(f"\nMeasures: {found.scale}; printed without standard errors, so near ones may differ by chance.")
    click.echo(f"\n{len(found.anomalies)} pairs of the family stand against their order." if found.anomalies else "")
    for one in found.anomalies:
        click.echo(f"- by {one.by}: {one.words}")
    show.say_foot(foot, found.sources)


def _ratios(one: Any) -> tuple[float, ...]:
    return one.intra_ratio, one.total_ratio, one.by_intra, one.by_total


@click.command()
@click.argument("code")
@minutes_options
@click.option("--global-days", default="", help="Global period of CODE (090), where the release has none.")
@show.use_options
@show.json_option
@show.csv_option
def regress(
    code: str,
    times: Path | None,
    visit: tuple[str, ...],
    global_days: str,
    release: str,
    on: str | None,
    as_json: bool,
    as_csv: bool,
    **given: float | None,
) -> None:
    """Log work RVU on times and visits over the services of a time file, read at CODE."""
    from openrvu.routes import LOAD_TIMES, regression

    facts, code = holdings.current(), read_code(code)
    chosen = show.used(facts, release, on)
    table = table_of(times)
    if table is None:
        raise BadInput("no physician time file is given", fix=LOAD_TIMES)
    found = regression(
        code, facts, release=chosen, table=table, minutes=minutes_of(code, given, visit), global_days=global_days
    )
    foot, one = foot_of(facts, found.release), found.fit
    head = ("term", "coefficient", "se")
    rows = [(name, f"{b:.4f}", f"{se:.4f}") for name, b, se in one.terms]
    if as_json:
        show.emit_json(found, foot)
        return
    if as_csv:
        click.echo(show.as_csv_text(head, rows), nl=False)
        return
    say_label(found.label, found.simulated)
    click.echo(
        f"{code}: services of such times have a work RVU of {one.value:.2f} (median); one new service "
        f"{one.new_low:.2f} to {one.new_high:.2f} (95 % prediction interval)."
    )
    click.echo(
        f"{one.services:,} services; R-squared {one.r2:.3f}, predictive {one.predictive_r2:.3f}, of log work RVU."
    )
    if one.outside:
        click.echo(f"Outside the range of services of its global period: {', '.join(one.outside)}.")
    show.table(head, rows, (1, 2))
    click.echo(f"Assumes {found.assumes}.")
    show.say_foot(foot, found.sources)


@click.command()
@click.argument("codes")
@show.use_options
@show.json_option
@show.csv_option
def bundle(codes: str, release: str, on: str | None, as_json: bool, as_csv: bool) -> None:
    """The work RVU of CODES done together, as 22630+22840+22853: first whole, further ones half, add-ons whole."""
    from openrvu.routes import bundle as bundled

    facts = holdings.current()
    found = bundled(codes, facts, release=show.used(facts, release, on))
    foot = foot_of(facts, found.release)
    if as_json:
        show.emit_json(found, foot)
        return
    head = ("code", "units", "work_rvu", "counted", "why")
    rows = [(p.code, str(p.count), _rvu(p.rvu), _rvu(p.counted), p.why) for p in found.parts]
    if as_csv:
        click.echo(show.as_csv_text(head, rows), nl=False)
        return
    click.echo(f"{found.service}: work RVU {_rvu(found.work_rvu)} on {found.release}.")
    show.table(head, rows, (1, 2, 3))
    show.say_foot(foot, found.sources)


def _rvu(value: int) -> str:
    from openrvu import units

    return units.text(value, units.RVU)
