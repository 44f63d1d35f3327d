"""Commands on files of answers: survey check, survey map, survey export."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from openrvu import answers
from openrvu.cli import show
from openrvu.cli.reports import write_whole
from openrvu.errors import BadInput

KINDS = ("pairs", "ratings", "rankings", "magnitudes")
FLAG_HEAD = ("line", "respondent", "flag", "why")
FEW = 12  # flags shown; the others are in --csv and --json


@click.group()
def survey() -> None:
    """Files of answers: what one is, how its columns are read, and forms to collect new ones.

    Read are CSV (any separator and letters), Excel workbooks, and exports of Qualtrics, REDCap, LimeSurvey,
    SurveyMonkey, Google and Microsoft Forms and SPSS; comparisons, ratings, rankings and RUC surveys.
    """


@survey.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--target", default="", help="The code that was compared, where the columns do not say it.")
@click.option("--kind", default="", type=click.Choice(["", *KINDS]), help="Default: what the columns suggest.")
@show.mapping_option
@show.json_option
@show.csv_option
def check(file: Path, target: str, kind: str, mapping: Path | None, as_json: bool, as_csv: bool) -> None:
    """What FILE is, what it asked, who is flagged and why, who is left out by rule, and the funnel.

    With --csv: the flags, a row each.
    """
    from openrvu.surveydata.checking import check as checked

    found = checked(file, mapping, target=target, kind=kind)
    if as_json:
        click.echo(answers.to_json({**answers.encode(found), "run_id": answers.run_id()}), nl=False)
        return
    if as_csv:
        rows = [(one.line, one.respondent, one.kind, one.words) for one in (*found.flags, *found.repeated)]
        click.echo(show.as_csv_text(FLAG_HEAD, rows), nl=False)
        return
    if found.label:
        click.secho(found.label, bold=True)
    _say_file(found)
    _say_questions(found)
    _say_people(found)
    _say_funnel(found)
    show.say_run()


def _say_file(found: Any) -> None:
    how = "as the mapping says" if found.confirmed else "as the columns suggest: confirm with `openrvu survey map`"
    click.echo(f"{found.name}: {found.format}, {found.kind}, {found.layout}; read {how}")
    click.echo(f"seen: {'; '.join(found.seen)}; SHA-256 {found.sha256[:12]}")
    for note in found.notes:
        click.echo(f"guessed: {note}")
    for one in found.left_behind:
        click.echo(f"left behind: {one.column} ({one.why})")
    if found.ignored:
        click.echo(f"not read: {', '.join(found.ignored[:30])}{' ...' if len(found.ignored) > 30 else ''}")


def _say_questions(found: Any) -> None:
    def given(one: Any) -> str:
        return " ".join(f"{word} {n}" for word, n in one.given.items()) or "-"

    if found.kind == "pairs":
        rows = [
            (one.column[:40], one.left or "(target)", one.right, one.domain, str(one.answered), given(one))
            for one in found.questions
        ]
        show.table(("column", "left", "right", "domain", "answered", "the left is"), rows, (4,))
        return
    plain = [(one.column[:40], one.item, str(one.answered), given(one)) for one in found.questions]
    show.table(("column", "item", "answered", "given"), plain, (2,))


def _say_people(found: Any) -> None:
    for name, labels in found.attributes.items():
        said = ", ".join(f"{label or 'not given'} {n}" for label, n in labels.items()) or "many different"
        click.echo(f"{name}: {said}")
    if found.respondents is None:
        return
    counts = ", ".join(f"{name} {n}" for name, n in found.flag_counts.items() if n)
    click.echo(f"\nflagged (and kept, but for the rules below): {counts or 'nothing'}")
    everything = (*found.flags, *found.repeated)
    if everything:
        show.table(FLAG_HEAD, [(str(f.line), f.respondent, f.kind, f.words) for f in everything[:FEW]], (0,))
    if len(everything) > FEW:
        click.echo(f"{len(everything) - FEW} more: --csv or --json")
    for one in found.rules:
        click.echo(f"left out by {one.rule}: {one.left_out} (it fits {one.fits})")
    for one in found.excluded[:FEW]:
        click.echo(f"  line {one.line} ({one.respondent}): {one.rule}, {one.words}")
    if not found.rules:
        click.echo("left out: nobody (no rule in the mapping)")


def _say_funnel(found: Any) -> None:
    if found.funnel is None:
        return

    def share(value: float | None, of: int | None) -> str:
        return "-" if value is None else f"{100 * value:.1f} % of {of}"

    invited = found.funnel.stages[0].n
    rows = [
        (
            one.name,
            "-" if one.n is None else str(one.n),
            share(one.of_invited, invited),
            share(one.of_before, one.before),
            one.how,
        )
        for one in found.funnel.stages
    ]
    show.table(("stage", "n", "of invited", "of the stage before", "by"), rows, (1,))
    for rate in found.funnel.rates:
        click.echo(f"{rate.name}: {share(rate.value, rate.denominator)} ({rate.definition})")


@survey.command("map")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The mapping file to write. Default: print it.")
@click.option("--target", default="", help="The code that was compared, where the columns do not say it.")
@click.option("--kind", default="", type=click.Choice(["", *KINDS]), help="Default: what the columns suggest.")
@click.option("--invited", type=click.IntRange(min=1), help="How many were invited, for the funnel.")
@click.option("--opened", type=click.IntRange(min=0), help="How many opened the invitation.")
@click.option("--force", is_flag=True, help="Write over a mapping that is there.")
@show.json_option
def map_(
    file: Path,
    output: Path | None,
    target: str,
    kind: str,
    invited: int | None,
    opened: int | None,
    force: bool,
    as_json: bool,
) -> None:
    """Propose how the columns of FILE are read, as a TOML file to look over and read with (--mapping)."""
    from openrvu.surveydata.checking import propose_mapping

    found = propose_mapping(file, target=target, kind=kind, invited=invited, opened=opened)
    if output is not None:
        if output.exists() and not force:
            raise BadInput(
                "there is a mapping, which somebody may have confirmed",
                where=str(output),
                fix="Use another name, or --force",
            )
        write_whole(output, found.toml.encode())
    if as_json:
        click.echo(answers.to_json({**answers.encode(found), "run_id": answers.run_id()}), nl=False)
    elif output is None:
        click.echo(found.toml, nl=False)
    else:
        click.echo(f"Wrote {output}: {found.notes[-1]}. Look it over, then use --mapping {output}")


@survey.command()
@click.argument("source", type=click.Path(path_type=Path))
@click.option(
    "--to",
    "to",
    required=True,
    type=click.Choice(["redcap", "qualtrics", "limesurvey", "winsteps", "facets"]),
    help="The first three: a form from a design. The last two: answers for another programme.",
)
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="The folder to write to.")
@click.option("--target", default="", help="Of answers: the code compared, where the columns do not say it.")
@show.mapping_option
@click.option("--force", is_flag=True, help="Write over files that are there.")
@show.json_option
def export(source: Path, to: str, output: Path, target: str, mapping: Path | None, force: bool, as_json: bool) -> None:
    """A form for a survey programme from a design (`openrvu design -o design.toml`), with the mapping that reads its
    answers back; or answers as Winsteps and Facets take them."""
    from openrvu.surveydata import exporting

    found = exporting.export(source, to, mapping=mapping, target=target)
    there = [name for name in found.files if (output / name).exists()]
    if there and not force:
        raise BadInput(f"{', '.join(there)} is there", where=str(output), fix="Use another folder, or --force")
    for name, text in found.files.items():
        write_whole(output / name, text.encode("utf-8"))
    written = [str(output / name) for name in found.files]
    if as_json:
        said = {"written": written, "notes": found.notes, "run_id": answers.run_id()}
        click.echo(answers.to_json(said), nl=False)
        return
    click.echo("Written: " + ", ".join(written))
    for note in found.notes:
        click.echo(f"- {note}")
