"""The command `methods`: rules, values, statistics, limits, what is modelled, what was compared, what differs."""

from __future__ import annotations

import click

from openrvu import answers
from openrvu.cli import show


@click.command()
@show.json_option
@show.csv_option
def methods(as_json: bool, as_csv: bool) -> None:
    """How figures are made here, how far that goes, and what they must not be used for. --csv: what is modelled."""
    from openrvu.methodology import methods as all_of
    from openrvu.methodology import sheet

    found = all_of()
    if as_json:
        click.echo(answers.to_json({**answers.encode(found), "run_id": answers.run_id()}), nl=False)
        return
    if as_csv:
        click.echo(sheet(found), nl=False)
        return
    for one in (*found.how, *found.statistics):
        click.echo(f"{one.term} {one.text}")
    click.echo("\nMust not be used:")
    for one in found.must_not:
        click.echo(f"- {one.term} {one.text}")
    show.table(("rule", "what it does"), [(f"{rule.order}. {rule.name}", rule.says) for rule in found.rules])
    show.table(("modelled", "since", "state", "limits"), [(m.name, m.since, m.state, m.limits) for m in found.coverage])
    rows = [(row.release, f"{row.compared:,}", f"{row.equal:,}", row.rate) for row in found.compared]
    show.table(("release", "compared with CMS", "equal", "%"), rows, (1, 2, 3))
    show.say_run()
