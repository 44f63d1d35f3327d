"""The command trend: how the use of codes has moved, with what the series can and cannot say."""

from __future__ import annotations

from pathlib import Path

import click

from openrvu import answers
from openrvu.cli import show
from openrvu.errors import BadInput
from openrvu.impact.anomaly import Anomaly
from openrvu.impact.trending import CodeTrend, Trended


@click.command()
@click.argument("codes", nargs=-1)
@click.option("--at", type=int, metavar="YEAR", help="A year that interrupts the series: introduction, revaluation.")
@click.option("--beneficiaries", type=click.Path(path_type=Path), help="CSV: year, beneficiaries, source[, age].")
@click.option("--kind", default="", help="Loaded files to count: provider, geography, national, psps.")
@click.option(
    "--access", is_flag=True, help="Practitioners and centres by state and year, of loaded files by provider."
)
@click.option("--claim", is_flag=True, help="The published claim of supply and demand, computed.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Draw the counts: .svg, or .json (Vega-Lite).")
@show.json_option
@show.csv_option
def trend(
    codes: tuple[str, ...],
    at: int | None,
    beneficiaries: Path | None,
    kind: str,
    access: bool,
    claim: bool,
    output: Path | None,
    as_json: bool,
    as_csv: bool,
) -> None:
    """CODES over the years: counts, change a year, joinpoints, shares; rates where beneficiaries are given."""
    from openrvu.impact.anomaly import anomaly
    from openrvu.impact.rates import read_beneficiaries
    from openrvu.impact.trending import require
    from openrvu.impact.trending import trend as over_years

    if not codes and not claim:
        raise click.UsageError("Name one code or more, or --claim.")
    people = read_beneficiaries(beneficiaries) if beneficiaries else None
    judged = anomaly(people) if claim else None
    chosen = codes or tuple(row.code for row in judged.rows) if judged else codes
    found = require(over_years(chosen, at=at, people=people, kind=kind, with_access=access))
    if output:
        _draw(found, output)
    if as_json:
        body = {**answers.encode(found), "claim": answers.encode(judged), "run_id": answers.run_id()}
        click.echo(answers.to_json(body), nl=False)
    elif as_csv:
        click.echo(_sheet(found), nl=False)
    else:
        if judged:
            _say_claim(judged)
        _say(found)
        show.say_citations(dict.fromkeys([*found.sources, *(judged.sources if judged else ())]))
        show.say_run()


def _sheet(found: Trended) -> str:
    head = ("code", "year", "services", "suppressed", "high", "rate", "rate_low", "rate_high", "origin")
    rows = []
    for one in found.codes:
        rates = {rate.year: rate for rate in one.rates}
        for count in one.counts:
            rate = rates.get(count.year)
            shown = (rate.rate, rate.low, rate.high) if rate else (None, None, None)
            rows.append((one.code, count.year, count.services, count.hidden, count.high, *shown, one.origin))
    return show.as_csv_text(head, rows)


def _say_claim(found: Anomaly) -> None:
    click.echo(f"Claimed: {found.claim}\n{found.verdict} (by {found.by}): {found.text}")
    for text in found.caveats:
        click.echo(f"- {text}")
    click.echo()


def _say(found: Trended) -> None:
    years = sorted({count.year for one in found.codes for count in one.counts})
    cells = [[one.code, *(_count(one, year) for year in years)] for one in found.codes]
    show.table(["services", *map(str, years)], cells, tuple(range(1, len(years) + 1)), first=True)
    show.table(
        ("code", "change %", "a year %", "95 %", "joinpoints", "segments, % a year"),
        [
            (
                one.code,
                one.change,
                f"{one.line.percent:.1f}" if one.line else "-",
                f"{one.line.low:.1f} to {one.line.high:.1f}" if one.line else "",
                _joined(one),
                "; ".join(f"{s.first}-{s.last} {s.percent:.1f}" for s in one.joined.segments) if one.joined else "",
            )
            for one in found.codes
        ],
        (1, 2),
    )
    _say_more(found)
    click.echo()
    for text in (*found.caveats, *found.notes):
        click.echo(f"- {text}")


def _count(one: CodeTrend, year: int) -> str:
    count = next((count for count in one.counts if count.year == year), None)
    if count is None:
        return "-"
    return f"{count.services:,}" + (f" to {count.high:,}" if count.hidden and count.high is not None else "")


def _joined(one: CodeTrend) -> str:
    if one.joined is None:
        return "-"
    span = f" ({one.joined.interval[0]}-{one.joined.interval[1]})" if one.joined.interval else ""
    return (", ".join(map(str, one.joined.joinpoints)) or "none") + span


def _say_more(found: Trended) -> None:
    """Interruptions, rates, growth, shares, substitution and access: what there is of them."""
    _say_interrupted(found)
    _say_rates(found)
    if found.shares:
        ends = (found.shares[0].year, found.shares[-1].year)
        shown = [(s.code, str(s.year), s.percent) for s in found.shares if s.year in ends]
        show.table(("share", "year", "%"), shown, (1, 2))
    if found.substitution:
        head = ("fell", "rose", "years", "share of it %", "then", "odds, % a year", "95 %")
        pairs = []
        for s in found.substitution:
            span, odds = f"{s.first}-{s.last}", f"{s.odds_low:.1f} to {s.odds_high:.1f}"
            pairs.append((s.fell, s.rose, span, s.share_first, s.share_last, f"{s.odds:.1f}", odds))
        show.table(head, pairs, (3, 4, 5))
        click.echo("One rose as the other fell: a sign of substitution, and no proof; no patient is followed.")
    _say_access(found)


def _say_access(found: Trended) -> None:
    if not found.access:
        return
    head = ("access", "year", "state", "practitioners", "centres", "services")
    rows = []
    for a in found.access:
        counts = [f"{count:,}" for count in (a.practitioners, a.centres, a.services)]
        rows.append((a.code, str(a.year), a.state, *counts))
    show.table(head, rows, (1, 3, 4, 5))
    click.echo("Lower bounds: who has ten beneficiaries or fewer of a code is not in the file.")


def _say_interrupted(found: Trended) -> None:
    rows = []
    for one in found.codes:
        if i := one.interrupted:
            step = (f"{i.step:.1f}", f"{i.step_low:.1f} to {i.step_high:.1f}", f"{i.step_p:.3f}")
            rows.append(
                (one.code, str(i.at), *step, f"{i.slope_before:.1f}", f"{i.slope_after:.1f}", f"{i.change_p:.3f}")
            )
    if rows:
        head = ("interrupted", "at", "step %", "95 %", "p", "% a year before", "from it on", "p of the change")
        show.table(head, rows, (1, 2, 4, 5, 6, 7))


def _say_rates(found: Trended) -> None:
    rates = [
        (one.code, str(r.year), f"{r.rate:.2f}", f"{r.low:.2f} to {r.high:.2f}")
        for one in found.codes
        for r in one.rates
    ]
    if not rates:
        return
    show.table(("for 100,000", "year", "rate", "95 %"), rates, (1, 2))
    click.echo(f"beneficiaries: {'; '.join(found.beneficiaries)}")
    rows = []
    for one in found.codes:
        if g := one.growth:
            age = "-" if g.age is None else f"{g.age:,.0f}"
            rows.append(
                (one.code, f"{g.first}-{g.last}", f"{g.change:,}", f"{g.population:,.0f}", age, f"{g.rate:,.0f}")
            )
    if rows:
        show.table(("growth", "years", "change", "population", "age", "rate"), rows, (2, 3, 4, 5))


def _draw(found: Trended, output: Path) -> None:
    """The counts as one small chart a code, each with its own axis."""
    import json

    from openrvu.dossier import charts, curves
    from openrvu.files import whole

    if output.suffix.lower() not in (".svg", ".json"):
        raise BadInput(f"{output.name} names no kind of drawing", exists="Kinds: .svg, .json", fix="Add an ending")
    years = range(
        min(count.year for one in found.codes for count in one.counts),
        max(count.year for one in found.codes for count in one.counts) + 1,
    )
    series = []
    for one in found.codes:
        by_year = {count.year: float(count.services) for count in one.counts}
        series.append(curves.Series(one.code, tuple((float(year), by_year.get(year)) for year in years)))
    spec = curves.multiples(series, charts.WIDE)
    text = json.dumps(spec, indent=1) if output.suffix.lower() == ".json" else charts.svg(spec)
    with whole(output) as part:
        part.write_text(text, encoding="utf-8")
    click.echo(f"drawn: {output}", err=True)
