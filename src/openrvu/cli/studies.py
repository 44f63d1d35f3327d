"""Commands on published and own studies: audit, check, studies, value."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from openrvu import answers, holdings
from openrvu.cli import show
from openrvu.cli.drawing import kind_of, write_picture
from openrvu.pricing import read_date
from openrvu.valuation.guards import Guard
from openrvu.valuation.wording import span

# pictures.valued.NAMES, written here so that help needs no module; a test compares them.
PICTURES = ("anchors", "left-out", "influence", "bootstrap", "measures", "answers")


def _guards(guards: Iterable[Guard]) -> None:
    fired = [guard for guard in guards if guard.fired]
    click.echo("\nWarnings:" if fired else "\nNo warning fires.")
    for guard in fired:
        click.echo(f"- {guard.name} ({guard.about}): {guard.words}")
        click.echo(f"    what to do: {guard.remedy}")


@click.command()
@click.argument("study")
@show.use_options
@click.option("--strict", is_flag=True, help="Exit with 3 if a warning fires.")
@show.json_option
@show.csv_option
def audit(study: str, release: str, on: str | None, strict: bool, as_json: bool, as_csv: bool) -> None:
    """What the value of a published STUDY equals, what its figures give, whether they agree, and every warning.

    STUDY is one of those held (`openrvu studies`), or a study.toml of your own (docs/studies.md).
    """
    from openrvu.audits import audit as audited
    from openrvu.audits import audit_file, sheet

    facts, day = holdings.current(), read_date(on)
    used_on = show.used(facts, release, on)
    if study.strip().lower().endswith(".toml"):
        found = audit_file(Path(study), facts, release=used_on, on=day)
    else:
        found = audited(study, facts, release=used_on, on=day)
    used = facts.release(found.use_release)
    foot = answers.foot(release=used.id, on=found.on, place="national")
    if as_json:
        show.emit_json(found, foot)
    elif as_csv:
        click.echo(sheet(found), nl=False)
    else:
        click.echo(found.headline)
        for sentence in found.findings:
            click.echo(f"- {sentence}")
        _line(found)
        _checks(found)
        _releases(found)
        _guards(found.guards)
        for text in found.missing:
            click.echo(f"missing: {text}")
        click.echo(f"read: {found.read}")
        click.echo(found.correction)
        show.say_foot(foot, (found.study.source,))
    if strict and found.fired():
        raise SystemExit(3)


def _checks(found: Any) -> None:
    """Whether printed figures agree with each other."""
    if found.checks:
        rows = [(one.name, one.outcome, one.words) for one in found.checks]
        show.table(("internal consistency", "", "what"), rows)


def _releases(found: Any) -> None:
    """What mean and line would be with each release's own work RVUs."""
    rows = [
        (
            span(one.releases),
            f"{one.held} of {one.of}",
            show.number(one.mean, 4),
            show.number(one.line),
            _range(one.new_low, one.new_high),
        )
        for one in found.releases
    ]
    if rows:
        head = ("with the work RVUs of", "held", "mean", "line at the target", "prediction interval")
        show.table(head, rows, (2, 3, 4))


def _line(found: Any) -> None:
    if found.line is None:
        return
    reading = found.line.reading
    rows = [
        ("line read at the target", show.number(reading.value)),
        ("CI of the line", f"{show.number(reading.low)} to {show.number(reading.high)}"),
        (
            "prediction interval of one new service",
            f"{show.number(reading.new_low)} to {show.number(reading.new_high)}",
        ),
        ("predictive R-squared, leaving one out", show.number(found.line.predictive_r2)),
        ("p of the slope", show.number(found.line.slope_p, 4)),
    ]
    show.table(("the line through the comparators", ""), rows, (1,))


@click.command()
@click.argument("account", default="account-2024")
@show.use_options
@show.json_option
@show.csv_option
def check(account: str, release: str, on: str | None, as_json: bool, as_csv: bool) -> None:
    """Check the statements of a published ACCOUNT against the rows; each verdict is computed.

    The figures of the release that --release or --on names stand beside those of the account's own time.
    """
    from openrvu.statements import check as checked

    facts = holdings.current()
    wanted = show.used(facts, release, on)
    beside = facts.release(wanted) if wanted else facts.newest()
    verdicts = checked(account, facts, release=beside.id)
    foot = answers.foot(release=beside.id, on=read_date(on) or beside.starts, place="national")
    if as_json:
        show.emit_json({"account": account, "verdicts": verdicts}, foot)
        return
    if as_csv:
        head = ("statement", "verdict", "says", "finding", "sources")
        rows = [(v.statement, v.verdict, v.says, v.words, " ".join(v.sources)) for v in verdicts]
        click.echo(show.as_csv_text(head, rows), nl=False)
        return
    for found in verdicts:
        click.secho(f"\n{found.verdict.upper()}  ", bold=True, nl=False)
        click.echo(found.says)
        click.echo(f"  {found.words}")
        for name, text in found.figures.items():
            click.echo(f"    {name}: {text}")
        click.echo(f"    sources: {', '.join(found.sources)}")
    show.say_foot(foot)


@click.command()
@show.json_option
@show.csv_option
def studies(as_json: bool, as_csv: bool) -> None:
    """The published studies and accounts that are held."""
    from openrvu.statements import catalogue

    found = catalogue()
    if as_json:
        click.echo(answers.to_json({**answers.encode(found), "run_id": answers.run_id()}), nl=False)
        return
    if as_csv:
        lines = [("study", s.id, s.target, s.title, s.source) for s in found.studies]
        lines += [("account", a.id, "", a.title, a.source) for a in found.accounts]
        click.echo(show.as_csv_text(("kind", "id", "target", "title", "source"), lines), nl=False)
        return
    show.table(("study (audit)", "target", "title"), [(s.id, s.target, s.title) for s in found.studies], first=True)
    show.table(("account (check)", "made on", "title"), [(a.id, a.on.isoformat(), a.title) for a in found.accounts])
    show.say_run()


@click.command()
@click.argument("survey", required=False, type=click.Path(path_type=Path))
@click.option("--target", default="", help="The code that was compared. Required with a file.")
@click.option(
    "--ties", default="half", show_default=True, type=click.Choice(["half", "dropped", "not-greater", "davidson"])
)
@click.option("--domain", default="", help="Which question of the survey, if it has several.")
@click.option("--release", default="", help="Release that gives the comparators' work RVUs. Default: newest with all.")
@click.option("--on", metavar="DATE", help="Value it as on this date: releases that began later are left out.")
@click.option("--draws", default=2000, show_default=True, help="Respondent bootstrap draws; 0 for none.")
@click.option("--seed", default=1, show_default=True, help="Seed of the bootstrap.")
@click.option("--joint/--no-joint", default=True, show_default=True, help="Measures and link in one likelihood too.")
@click.option(
    "--volume", type=click.IntRange(min=0), help="Services a year: decides how many respondents are asked for."
)
@show.mapping_option
@click.option("--demo", is_flag=True, help="Use the SIMULATED demonstration survey.")
@click.option("--write-demo", type=click.Path(path_type=Path), help="Write the simulated survey to this file and stop.")
@click.option("--picture", type=click.Choice(PICTURES), help="Draw it to the file of -o, and print no table.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="File of the drawing: .svg, .png, .pdf or .json.")
@show.json_option
@show.csv_option
def value(
    survey: Path | None,
    target: str,
    ties: str,
    domain: str,
    release: str,
    on: str | None,
    draws: int,
    seed: int,
    joint: bool,
    volume: int | None,
    mapping: Path | None,
    demo: bool,
    write_demo: Path | None,
    picture: str | None,
    output: Path | None,
    as_json: bool,
    as_csv: bool,
) -> None:
    """A work RVU of the target from a SURVEY, with intervals and warnings.

    SURVEY: counts, a row a respondent or a row an answer, as CSV or Excel; or the export of Qualtrics, REDCap,
    LimeSurvey, SurveyMonkey, Google or Microsoft Forms, or SPSS: see `openrvu survey check`.
    """
    from openrvu import surveys

    if write_demo:
        surveys.write_demo(write_demo)
        click.echo(f"Wrote the SIMULATED survey to {write_demo}")
        return
    if demo == (survey is not None):
        raise click.UsageError("Give a survey file, or --demo for the simulated one.")
    if survey is not None and not target:
        raise click.UsageError("--target says which code was compared, for example --target 62380.")
    if (picture is None) != (output is None):
        raise click.UsageError("--picture and -o go together, for example --picture anchors -o anchors.svg.")
    if output:
        kind_of(output)
    facts = holdings.current().until(read_date(on))
    answered = surveys.demo() if survey is None else surveys.read(survey, target, domain, mapping)
    found = surveys.value(
        answered, facts, release=release, ties=ties, draws=draws, seed=seed, joint=joint, volume=volume
    )
    anchored = facts.release(found.release)
    foot = answers.foot(release=anchored.id, on=anchored.starts, place="national", seed=seed)
    if picture and output:
        from openrvu.pictures.valued import draw

        words = f"{found.survey}, release {anchored.id}, run {foot['run_id']}"
        write_picture(output, draw(picture, found), found.label, words)
        return
    if as_json:
        show.emit_json(found, foot)
        return
    if as_csv:
        head = ("service", "rvu", "measure", "se", "less", "equal", "greater", "left_out", "without")
        click.echo(show.as_csv_text(head, [[getattr(item, name) for name in head] for item in found.items]), nl=False)
        return
    _estimate(found)
    show.say_foot(foot)


def _estimate(found: Any) -> None:
    if found.label:
        click.secho(found.label, bold=True)
    click.echo(found.headline)
    if found.report.origin and not found.simulated:
        click.echo(found.report.origin.words())
    rows = [
        (
            t.ties,
            show.number(t.reading.value) if t.reading else t.why_not,
            f"{show.number(t.reading.low)} to {show.number(t.reading.high)}" if t.reading else "-",
            f"{show.number(t.reading.new_low)} to {show.number(t.reading.new_high)}" if t.reading else "-",
            show.number(t.predictive_r2),
        )
        for t in found.treatments
    ]
    show.table(("equal answers", "value", "CI of the line", "prediction interval", "predictive R2"), rows, (1, 2, 3, 4))
    _links(found)
    items = [
        (
            item.service,
            show.number(item.rvu, 2),
            show.number(item.measure),
            show.number(item.se),
            f"{item.less:g}/{item.equal:g}/{item.greater:g}",
            show.number(item.without),
            item.left_out,
        )
        for item in found.items
    ]
    head = ("service", "work RVU", "measure", "SE", "less/equal/greater", "value without it", "left out")
    show.table(head, items, (1, 2, 3, 5))
    _guards(found.guards)
    for note in found.notes:
        click.echo(f"note: {note}")


def _links(found: Any) -> None:
    """The value by every other link, the joint model and the bootstraps: one table, an interval each, never pooled."""
    rows = []
    for link in found.sensitivity:
        value = show.number(link.value) if link.value is not None else link.why_not
        interval = (
            _range(link.low, link.high) if link.low is not None else link.interval.partition(" for one")[0] or "-"
        )
        rows.append((link.name, value, interval, _range(link.new_low, link.new_high)))
    if found.joint:
        one = found.joint
        rows.append(
            ("joint model", show.number(one.value), _range(one.low, one.high), _range(one.new_low, one.new_high))
        )
    for name, drawn in (("respondents", found.bootstrap), ("comparators", found.comparator_bootstrap)):
        if drawn:
            rows.append((f"{name} drawn again, percentile", "", _range(drawn.low, drawn.high), "-"))
            rows.append((f"{name} drawn again, BCa", "", _range(drawn.bca_low, drawn.bca_high), "-"))
    show.table(("another way, for comparison", "value", "interval", "prediction interval"), rows, (2, 3))


def _range(low: float | None, high: float | None) -> str:
    return "-" if low is None or high is None else f"{show.number(low)} to {show.number(high)}"
