"""The command triangulate: every route side by side, and the forest plot of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from openrvu import answers, holdings
from openrvu.cli import show
from openrvu.cli.drawing import save
from openrvu.cli.routes import foot_of, minutes_of, minutes_options, table_of
from openrvu.facts import Facts
from openrvu.pricing import read_code


@click.command()
@click.argument("code")
@click.option("--survey", type=click.Path(path_type=Path), help="A survey of comparisons, as for `value`.")
@click.option("--ruc", "ruc_file", type=click.Path(path_type=Path), help="A RUC survey, as for `ruc`.")
@click.option("--demo", is_flag=True, help="Use the SIMULATED demonstration survey (62380).")
@minutes_options
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Draw the forest plot: .svg, .png, .pdf or .json (Vega-Lite).",
)
@show.mapping_option
@show.use_options
@show.json_option
@show.csv_option
def triangulate(
    code: str,
    survey: Path | None,
    ruc_file: Path | None,
    demo: bool,
    times: Path | None,
    visit: tuple[str, ...],
    output: Path | None,
    mapping: Path | None,
    release: str,
    on: str | None,
    as_json: bool,
    as_csv: bool,
    **given: float | None,
) -> None:
    """Every route to a work RVU of CODE that has data: value, interval, what it assumes; never pooled."""
    from openrvu import surveys
    from openrvu.routes import ruc_survey
    from openrvu.triangulation import triangulate as all_routes

    facts, code = holdings.current(), read_code(code)
    chosen = show.used(facts, release, on)
    if demo and survey:
        raise click.UsageError("Give a survey file, or --demo for the simulated one.")
    answered = surveys.demo() if demo else surveys.read(survey, code, mapping=mapping) if survey else None
    found = all_routes(
        code,
        facts,
        release=chosen,
        survey=surveys.value(answered, facts) if answered else None,
        ruc=ruc_survey(ruc_file, code, facts, release=chosen) if ruc_file else None,
        table=table_of(times),
        minutes=minutes_of(code, given, visit),
    )
    foot = foot_of(facts, found.release)
    drawn = _forest(found, facts)
    if output is not None:
        save(output, drawn, found.label, f"release {found.release}, run {foot['run_id']}")
    if as_json:
        data = answers.encode(found)
        shown = {"title": drawn.title, "alt": drawn.alt, "spec": drawn.spec, "narrow": drawn.narrow}
        show.emit_json({**data, "forest": shown}, foot)
        return
    head = ("route", "value", "interval", "kind", "assumes", "simulated")
    rows = [(r.name, r.text, r.intervals, r.kind, r.assumes, "yes" if r.simulated else "") for r in found.routes]
    if as_csv:
        click.echo(show.as_csv_text(head, rows), nl=False)
        return
    if found.label:
        click.secho(found.label, bold=True)
    click.echo(found.concluded)
    for route in found.routes:
        click.echo(f"\n{route.name}{' (SIMULATED)' if route.simulated else ''}: {route.text}; {route.intervals}.")
        click.echo(f"  {route.words}.\n  Assumes {route.assumes}.")
    for one in found.lacking:
        click.echo(f"\nno data: {one.name}: {one.why}. {one.fix}.")
    if output is not None:
        click.echo(f"\nWritten: {output}")
    show.say_foot(foot, found.sources)


def _forest(found: Any, facts: Facts) -> Any:
    from openrvu.dossier.forest import forest

    release = facts.release(found.release)
    return forest(found.code, found.routes, found.comparators, (release.id, release.source), found.label)
