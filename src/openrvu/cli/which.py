"""The command `which`: from the operative note to the code, asked at a terminal or answered by options."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from openrvu.cli import show
from openrvu.codes.families import Question
from openrvu.codes.walk import Result, Ruled, Walk

_SHARED = {
    "family": "Family of codes.",
    "region": "Part of the spine.",
    "pathology": "What pressed on the nerve.",
    "approach": "The way in.",
    "visualization": "How it was seen.",
    "target": "What was taken away or opened.",
}


def _options(function: click.decorators.FC) -> click.decorators.FC:
    for name, words in reversed(_SHARED.items()):
        function = click.option(f"--{name}", default=None, metavar="ANSWER", help=words)(function)
    return function


@click.command()
@click.argument("given", nargs=-1, metavar="[QUESTION=ANSWER]...")
@_options
@show.on_option
@click.option("--families", "folder", type=click.Path(path_type=Path), help="A folder with family files of your own.")
@click.option("--ask/--no-ask", default=None, help="Ask for what is missing. Default: at a terminal.")
@show.json_option
@show.csv_option
def which(
    given: tuple[str, ...],
    on: str | None,
    folder: Path | None,
    ask: bool | None,
    as_json: bool,
    as_csv: bool,
    **options: str | None,
) -> None:
    """From what the operative note says to the code, question by question, and why the others are wrong.

    Answer with QUESTION=ANSWER (interspaces=2 fusion=none), by the options, or one by one at a terminal. An answer may
    be "unknown": what the note does not say cannot decide.
    """
    from openrvu.cards.which import foot_of, read_answers, sheet
    from openrvu.cards.which import which as step

    answers = read_answers((*given, *(f"{key}={value}" for key, value in options.items() if value is not None)))
    found = step(answers, on=on, folder=folder)
    asking = sys.stdin.isatty() and sys.stdout.isatty() if ask is None else ask
    if asking and not (as_json or as_csv):
        found = _asked(found, answers, on, folder)
    if as_json:
        show.emit_json(found, foot_of(found))
        return
    if as_csv:
        click.echo(sheet(found), nl=False)
        return
    _say(found)


def _asked(found: Walk, answers: dict[str, str | int], on: str | None, folder: Path | None) -> Walk:
    """Ask until nothing is left to ask. b: back to the question before; q: stop here."""
    from openrvu.cards.which import which as step

    steps: list[str] = []
    while found.question:
        typed = _one(found.question, bool(steps))
        if typed == "q":
            break
        if typed == "b":
            answers.pop(steps.pop())
        else:
            answers[found.question.id] = typed
            steps.append(found.question.id)
        found = step(answers, on=on, folder=folder)
    click.echo()
    return found


def _one(question: Question, back: bool) -> str:
    """One answer: a key, a count, unknown, b or q. Asks again until it can be used."""
    click.echo(f"\n{question.ask}\n  {question.why}")
    for number, choice in enumerate(question.choices, start=1):
        click.echo(f"  {number}  {choice.words}")
    if question.unit:
        click.echo(f"  1 to {question.most}")
    known = question.id != "family"
    more = (["u  the note does not say"] if known else []) + (["b  back"] if back else []) + ["q  stop here"]
    click.echo("  " + ", ".join(more))
    while True:
        typed = str(click.prompt("", prompt_suffix="> ")).strip().lower()
        if typed == "q" or (typed == "b" and back):
            return typed
        if typed in ("u", "unknown") and known:
            return "unknown"
        if typed.isascii() and typed.isdigit():
            number = int(typed)
            if question.unit and 1 <= number <= question.most:
                return typed
            if 1 <= number <= len(question.choices):
                return question.choices[number - 1].key
        if typed in (one.key for one in question.choices):
            return typed
        click.echo("That is none of the answers above.")


def _say(found: Walk) -> None:
    show.say_leads(found.leads)
    if found.result:
        _result(found.result, found)
    elif found.undecided:
        click.echo(f"Not decided ({found.undecided.kind}): {found.undecided.reason}")
        if found.undecided.code:
            click.echo(f"Unlisted work of this kind is reported with {found.undecided.code}.")
        if not found.undecided.settled:
            click.echo("This is from coding knowledge: confirm it in the code book of the date of service.")
    elif found.question:
        _open(found)
    _out(found.ruled_out)
    if found.family:
        answered = ", ".join(f"{key}={value}" for key, value in found.answers.items())
        click.echo(f"\n{found.title}; date of service {found.on.isoformat()}; {answered or 'nothing answered'}")
    if found.sources:
        click.echo(f"sources: {', '.join(found.sources)}")
    show.say_run()


def _result(result: Result, found: Walk) -> None:
    for line in result.lines:
        name = line.code + (f"-{line.modifier}" if line.modifier else "")
        unit = f" ({line.unit})" if line.unit else ""
        click.echo(f"{name} x {line.units}{unit}: {line.words}")
    for text in (*result.open, *found.notes):
        click.echo(text)
    click.echo(f"What it pays: `openrvu price {result.lines[0].code}`")
    for head, rows in (
        ("The note must say:", result.document),
        ("Not to be confused with:", [f"{one.code}: {one.why}" for one in result.confused_with]),
        ("Beware:", result.traps),
        ("On one claim:", [_relation(one.codes, one.rule, one.settled) for one in result.ncci]),
        ("Done for, among others:", [f"{one.icd10}: {one.words}" for one in result.reasons]),
    ):
        if rows:
            click.echo(f"\n{head}")
            for text in rows:
                click.echo(f"  - {text}")


def _relation(codes: tuple[str, ...], rule: str, settled: bool) -> str:
    return f"{', '.join(codes)}: {rule}{'' if settled else ' (to be confirmed)'}"


def _open(found: Walk) -> None:
    question = found.question
    if question is None:
        return
    click.echo(f"Not decided yet. {question.ask} {question.why}")
    for choice in question.choices:
        click.echo(f"  {question.id}={choice.key}: {choice.words}")
    if question.unit:
        click.echo(f"  {question.id}=1 to {question.most}")
    if found.family:
        show.table(("code left", "our words"), [(one.code, one.words) for one in found.candidates])


def _out(ruled: tuple[Ruled, ...]) -> None:
    """The codes that are out, those of one answer together."""
    if ruled:
        click.echo("\nRuled out:")
    for asked, said in dict.fromkeys((one.asked, one.said) for one in ruled):
        click.echo(f"  {asked} Answered: {said}." if asked else "  By the date of service:")
        for one in ruled:
            if (one.asked, one.said) == (asked, said):
                click.echo(f"    {one.code} ({one.words}): {one.why}")
