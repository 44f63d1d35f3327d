"""The command on a file of answers: rasch."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import click

from openrvu import answers
from openrvu.cli import show
from openrvu.cli.drawing import kind_of, write_picture

# pictures.drawn.NAMES, written here so that help needs no module; a test compares them.
PICTURES = (
    "wright",
    "person-item",
    "measures",
    "categories",
    "items",
    "expected-score",
    "residuals",
    "components",
)
HEAD = ("item", "answered", "measure", "SE", "infit", "ZSTD", "outfit", "ZSTD", "r with measures")
CSV_HEAD = ("item", "answered", "measure", "se", "infit", "infit_z", "outfit", "outfit_z", "point_measure")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--model",
    default="",
    type=click.Choice(["", "dichotomous", "rating-scale", "partial-credit"]),
    help="Default: what the categories suggest.",
)
@click.option("--method", default="cml", show_default=True, type=click.Choice(["cml", "mml", "tam-compatible"]))
@click.option(
    "--items", default="", help="Columns to take, with commas. Default: all but the group and respondents' names."
)
@click.option("--group", default="", help="Column that parts respondents in two, for differences between them.")
@click.option("--draws", default=0, show_default=True, help="Simulated samples for cut-offs; 0 for none.")
@click.option("--seed", default=1, show_default=True, help="Seed of the simulated samples.")
@show.mapping_option
@click.option("--picture", type=click.Choice(PICTURES), help="Draw it to the file of -o, and print no table.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="File of the drawing: .svg, .png, .pdf or .json.")
@show.json_option
@show.csv_option
def rasch(
    file: Path,
    model: str,
    method: str,
    items: str,
    group: str,
    draws: int,
    seed: int,
    mapping: Path | None,
    picture: str | None,
    output: Path | None,
    as_json: bool,
    as_csv: bool,
) -> None:
    """Rasch measures, fit and reliability of a FILE of answers: a row a respondent, a column an item, 0 the lowest.

    The file may be a CSV, an Excel workbook, or the export of a survey programme: see `openrvu survey check`.
    """
    from openrvu import surveys
    from openrvu.valuation.rasch import report

    if (picture is None) != (output is None):
        raise click.UsageError("--picture and -o go together, for example --picture wright -o wright.svg.")
    if output:
        kind_of(output)
    wanted = [name.strip() for name in items.split(",") if name.strip()]
    given, groups, origin = surveys.ratings(file, group, wanted, mapping)
    label = origin.label
    run = answers.run_id(seed if draws else None)
    if picture and output:
        from openrvu.pictures.drawn import draw

        write_picture(output, draw(picture, given, model, method, label), label, f"{file.name}, run {run}")
        return
    found = report.analyse(given, model, method, groups, draws, seed, file.name, group, label)
    if as_json:
        click.echo(
            answers.to_json({**answers.encode(found), "origin": answers.encode(origin), "run_id": run}), nl=False
        )
        return
    if as_csv:
        click.echo(show.as_csv_text(CSV_HEAD, [[getattr(i, name) for name in CSV_HEAD] for i in found.items]), nl=False)
        return
    _print(found)
    click.echo(origin.words())
    click.echo(f"run {run}")


def _number(value: float, places: int = 3) -> str:
    return show.number(value, places) if math.isfinite(value) else "-"


def _print(found: Any) -> None:
    n = _number
    rows = [
        (
            i.item,
            f"{i.answered:g}",
            n(i.measure),
            n(i.se),
            n(i.infit),
            n(i.infit_z, 2),
            n(i.outfit),
            n(i.outfit_z, 2),
            n(i.point_measure, 2),
        )
        for i in found.items
    ]
    if found.label:
        click.secho(found.label, bold=True)
    click.echo(f"{found.model}, {found.method}; {found.constraint}; {found.respondents} respondents")
    show.table(HEAD, rows, tuple(range(1, len(HEAD))), first=True)
    click.echo(
        f"persons: WLE reliability {n(found.wle_reliability)}, EAP {n(found.eap_reliability)}, PSI {n(found.psi)}, "
        f"variance {n(found.variance)}"
    )
    click.echo(f"items: reliability {n(found.item_reliability)}, separation {n(found.item_separation, 2)}")
    first, second, q3 = found.q3_pair
    said = f", simulated p {n(found.q3_simulated_p)}" if found.draws else ""
    click.echo(f"local dependence: {first} with {second} most ({n(q3)}{said}); MADaQ3 {n(found.mad_q3)}")
    click.echo(f"first residual component {n(found.first_component, 2)}")
    for one in found.disordered:
        click.echo(
            f"disordered: threshold {one.step} of {one.item} lies {n(one.drop, 2)} below the one before, p {n(one.p)}"
        )
    if found.differences:
        apart = [(d.item, n(d.shift), n(d.se), n(d.p, 4), n(d.p_holm, 4), d.size) for d in found.differences]
        show.table((f"by {found.group}", "shift", "SE", "p", "p (Holm)", "size"), apart, (1, 2, 3, 4))
    for text in found.warnings:
        click.echo(f"note: {text}")
