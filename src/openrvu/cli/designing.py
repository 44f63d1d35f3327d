"""The command design: a survey of paired comparisons before it is sent."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from openrvu import answers, holdings
from openrvu.cli import show
from openrvu.cli.drawing import kind_of, save
from openrvu.errors import BadInput
from openrvu.pricing import read_code

HEAD = ("service", "work_rvu", "global_days", "words", "why")
_CURVE = ("respondents", "answers", "line", "line_mc", "new", "new_mc", "holds", "from_answers", "assured", "without")


@click.command()
@click.argument("target")
@click.option("--half-width", type=float, help="Half-width wanted of the target's work RVU, in RVUs.")
@click.option(
    "--interval",
    default="line",
    show_default=True,
    type=click.Choice(["line", "new"]),
    help="Of which interval: of the line at the target, or of one new service (wider).",
)
@click.option("--guess", type=float, help="Work RVU that the target may have. Default: its own, else its family's.")
@click.option("--count", default=10, show_default=True, help="How many comparators to propose.")
@click.option("--reach", default=0.6, show_default=True, help="How far from the guess they may lie, as a share of it.")
@click.option("--family", default="", help="Family whose services come first. Default: the target's.")
@click.option("--comparators", default="", metavar="CODES", help="Your own instead: 63030,63047,22630+22840.")
@click.option("--questions", default=20, show_default=True, help="Most pairs that one respondent answers.")
@click.option("--volume", type=click.IntRange(min=0), help="Services a year: the fewest respondents to ask for.")
@click.option("--r2", type=float, help="Share of the RVUs' variance that measures explain. Default: as published.")
@click.option("--spread", type=float, help="Sd of the comparators' measures, logits. Default: as published.")
@click.option("--ties", default=0.25, show_default=True, help="Share of equal answers between services alike.")
@click.option("--missing", default=0.10, show_default=True, help="Share of answers not given.")
@click.option("--lean", default=0.5, show_default=True, help="Sd of respondents' own places of the target, logits.")
@click.option("--vignette", default="", help="The typical patient, in your words, for the target.")
@click.option("--surveys", default=1000, show_default=True, help="Simulated surveys for each figure.")
@click.option("--seed", default=1, show_default=True, help="Seed of the order of pairs and of the simulation.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write the linked design (.toml).")
@click.option("--chart", type=click.Path(path_type=Path), help="Draw width by respondents: .svg, .png, .pdf, .json.")
@show.use_options
@show.json_option
@show.csv_option
def design(
    target: str,
    comparators: str,
    output: Path | None,
    chart: Path | None,
    release: str,
    on: str | None,
    as_json: bool,
    as_csv: bool,
    **wanted: Any,
) -> None:
    """A survey for TARGET before it is sent: comparators, pairs in blocks, and how many respondents.

    Widths are simulated with the estimation that values the answers, one-versus-all beside linked designs.
    """
    from openrvu.designs import Asked
    from openrvu.designs import design as designed
    from openrvu.dossier.widths import widths

    facts = holdings.current()
    chosen = show.used(facts, release, on) or facts.newest().id
    named = tuple(part.strip() for part in comparators.split(",") if part.strip())
    _endings(output, chart)
    asked = Asked(comparators=named, **wanted)
    code, used = read_code(target), facts.release(chosen)
    found = designed(code, facts, asked, release=used.id, progress=_progress)
    _progress("")
    drawn = widths(found)
    if output is not None:
        _write(output, found)
    foot = answers.foot(release=used.id, on=used.starts, place="national", seed=found.seed)
    if chart is not None:
        save(chart, drawn, found.label, f"release {used.id}, run {foot['run_id']}")
    if as_json:
        data = answers.encode(found)
        shown = {"title": drawn.title, "alt": drawn.alt, "spec": drawn.spec, "narrow": drawn.narrow}
        show.emit_json({**data, "chart": shown}, foot)
    elif as_csv:
        rows = [
            (plan.name, *(getattr(width, name) for name in _CURVE))
            for plan in (found.star, found.linked)
            for width in (plan.floor, *plan.curve)
        ]
        click.echo(show.as_csv_text(("design", *_CURVE), rows), nl=False)
    else:
        _print(found)
        for path in (output, chart):
            if path is not None:
                click.echo(f"Written: {path}")
        show.say_foot(foot, found.sources)


def _endings(output: Path | None, chart: Path | None) -> None:
    """Said before the simulation, not after it."""
    if output is not None and output.suffix.lower() != ".toml":
        raise BadInput(f"{output.name} is no .toml", fix="A design is written as design.toml")
    if chart is not None:
        kind_of(chart)


def _progress(said: str) -> None:
    """One line on a terminal, written over; nothing where standard error is a file."""
    if sys.stderr.isatty():
        click.echo(f"\r\x1b[K{f'simulating: {said}' if said else ''}", nl=False, err=True)


def _write(path: Path, found: Any) -> None:
    from openrvu.cli.reports import write_whole
    from openrvu.valuation.pairdesign import to_toml

    head = (
        f"# A survey of paired comparisons for {found.target}, proposed by OpenRVU on release {found.release}, "
        f"run {answers.run_id(found.seed)}.\n# Nobody has answered it. Words and vignettes are for you to write and "
        "change.\n"
    )
    write_whole(path, (head + to_toml(found.design)).encode())


def _print(found: Any) -> None:
    click.secho(found.label, bold=True)
    guess = show.rvu(found.guess.work_rvu)
    click.echo(f"{found.target}: work RVU taken as {guess} ({found.guess.why}), release {found.release}.")
    rows = [(c.service, show.rvu(c.work_rvu), c.global_days, c.words, c.why) for c in found.comparators]
    show.table(("comparator", "work RVU", "global", "our own words", "why"), rows, (1,))
    star, linked = found.star, found.linked
    facts = [
        ("pairs", star.pairs, linked.pairs),
        ("blocks", star.blocks, linked.blocks),
        ("questions a respondent", star.questions, linked.questions),
        ("threes that test transitivity", star.triangles, linked.triangles),
        *(
            (f"half-width, {w.respondents} respondents", _half(w, found), _half(v, found))
            for w, v in zip(star.curve, linked.curve, strict=True)
        ),
        ("half-width, measures known exactly", _half(star.floor, found), _half(linked.floor, found)),
        ("respondents needed", *(plan.needed.respondents if plan.needed else "not reached" for plan in (star, linked))),
    ]
    show.table(("", "one-versus-all", "linked"), [tuple(str(cell) for cell in row) for row in facts], (1, 2))
    click.echo("  (± Monte-Carlo standard error; in brackets the sd that answers alone bring)")
    effects = [
        (e.name, _half(e.star, found), _half(e.linked, found), _held(e.star), _held(e.linked)) for e in found.effects
    ]
    head = (f"with {found.respondents} respondents", "one-versus-all", "linked", "it holds", "linked holds")
    show.table(head, effects, (1, 2, 3, 4))
    click.echo(f"\nAsk {found.respondents} respondents: {found.why_respondents}.")
    if found.comparators_needed:
        click.echo(f"A line measured exactly would need {found.comparators_needed} comparators for it.")
    click.echo(f"Assumed: {found.assumed_words}.")
    for note in found.notes:
        click.echo(f"note: {note}")


def _half(width: Any, found: Any) -> str:
    error = width.new_mc if found.interval == "new" else width.line_mc
    brought = f" ({width.from_answers:.2f})" if width.respondents else ""
    return f"{width.half(found.interval):.2f} ± {error:.2f}{brought}"


def _held(width: Any) -> str:
    return f"{100 * width.holds:.1f} %"
