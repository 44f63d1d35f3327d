"""The command report: a survey file in, the complete report out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from openrvu import answers, holdings
from openrvu.cli import show
from openrvu.cli.reports import write_whole
from openrvu.errors import BadInput
from openrvu.pricing import read_date

KINDS = (".html", ".pdf", ".json", ".txt")


@click.command()
@click.argument("survey", required=False, type=click.Path(path_type=Path))
@click.option(
    "--target", default="", help="The code that was compared. Required with a file, unless the mapping says it."
)
@click.option(
    "-o",
    "--output",
    multiple=True,
    type=click.Path(path_type=Path),
    help="File to write: .html, .pdf, .json or .txt. May be given more than once.",
)
@show.mapping_option
@click.option("--domain", default="", help="Which question of the survey, if it has several.")
@click.option(
    "--ties", default="half", show_default=True, type=click.Choice(["half", "dropped", "not-greater", "davidson"])
)
@click.option("--release", default="", help="Release that gives the comparators' work RVUs. Default: newest with all.")
@click.option("--on", metavar="DATE", help="As of this date: releases that began later are left out.")
@click.option("--draws", default=2000, show_default=True, help="Bootstrap draws; 0 for none.")
@click.option("--simulated", default=100, show_default=True, help="Simulated samples for cut-offs of fit; 0 for none.")
@click.option("--seed", default=1, show_default=True, help="Seed of draws and samples.")
@click.option(
    "--volume", type=click.IntRange(min=0), help="Services a year: decides how many respondents are asked for."
)
@click.option("--ruc", "ruc_file", type=click.Path(path_type=Path), help="A RUC survey of the same code, as for `ruc`.")
@click.option("--times", type=click.Path(path_type=Path), help="CMS's physician-time file, for the routes from times.")
@click.option("--demo", is_flag=True, help="Use the SIMULATED demonstration survey.")
@show.json_option
def report(
    survey: Path | None,
    target: str,
    output: tuple[Path, ...],
    mapping: Path | None,
    demo: bool,
    as_json: bool,
    **given: Any,
) -> None:
    """The complete report of a SURVEY of comparisons: answers, measures, fit, groups, line, guards, other routes.

    In one file as HTML or PDF, or as JSON with every figure.
    """
    from openrvu.dossier.render import render, render_text
    from openrvu.reports import build, figures

    kinds = [_kind(path) for path in output]
    if demo == (survey is not None):
        raise click.UsageError("Give a survey file, or --demo for the simulated one.")
    facts = holdings.current().until(read_date(given.pop("on")))
    found = _analysed(survey, target, mapping, facts, given)
    _progress("writing")
    made = build(found, facts, _again(survey, found.survey.target, mapping, given))
    document = answers.to_json({**answers.encode(made), "found": answers.encode(figures(found))})
    for path, kind in zip(output, kinds, strict=True):
        write_whole(path, document.encode() if kind == "json" else render(made, kind))
    _progress("")
    if as_json:
        click.echo(document, nl=False)
        return
    click.echo(render_text(made).rstrip())
    if output:
        click.echo("Written: " + ", ".join(str(path) for path in output))


def _kind(path: Path) -> str:
    """Said before the work, not after it."""
    if path.suffix.lower() not in KINDS:
        raise BadInput(f"{path.name} names no kind of file", exists=f"Kinds: {', '.join(KINDS)}", fix="Add an ending")
    return path.suffix.lower()[1:]


def _analysed(survey: Path | None, target: str, mapping: Path | None, facts: Any, given: dict[str, Any]) -> Any:
    from openrvu import surveys
    from openrvu.cli.routes import table_of
    from openrvu.reports import analyse
    from openrvu.routes import ruc_survey
    from openrvu.surveydata import reading
    from openrvu.surveydata.mapping import PAIRS

    ruc_file, times = given.pop("ruc_file"), given.pop("times")
    _progress("reading")
    data = surveys.demo_data() if survey is None else reading.read(survey, mapping, target=target, kind=PAIRS)
    code = target or data.mapping.target
    if not code:
        raise click.UsageError("--target says which code was compared, for example --target 62380.")
    ruc = ruc_survey(ruc_file, code, facts) if ruc_file else None
    return analyse(data, code, facts, ruc=ruc, table=table_of(times), progress=_progress, **given)


def _again(survey: Path | None, target: str, mapping: Path | None, given: dict[str, Any]) -> str:
    """The command that makes the same report, without what is as it is by default."""
    usual = {"domain": "", "ties": "half", "release": "", "draws": 2000, "simulated": 100, "seed": 1, "volume": None}
    parts = ["openrvu report", "--demo" if survey is None else survey.name, f"--target {target}"]
    parts += [f"--mapping {mapping.name}"] if mapping else []
    parts += [f"--{name} {given[name]}" for name, value in usual.items() if given.get(name) != value]
    return " ".join(parts)


def _progress(said: str) -> None:
    """One line on a terminal, written over; nothing where standard error is a file."""
    if sys.stderr.isatty():
        click.echo(f"\r\x1b[K{f'{said} ...' if said else ''}", nl=False, err=True)
