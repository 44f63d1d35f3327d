"""state: the database of what the user made: how it stands, brought up to date, written out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from openrvu import answers
from openrvu.cli import show
from openrvu.files import whole

if TYPE_CHECKING:
    from openrvu.state.database import State

database_option = click.option(
    "--database",
    default="",
    envvar="OPENRVU_DATABASE",
    metavar="URL",
    help="postgresql://user:password@host/name. Default: SQLite in the user's data folder.",
)


@click.group(invoke_without_command=True)
@click.pass_context
@database_option
@show.json_option
def state(context: click.Context, database: str, as_json: bool) -> None:
    """Saved cases, studies, uploads, jobs and users: where they are kept, and how many."""
    if not context.invoked_subcommand:
        _status(database, as_json)


@state.command("status")
@database_option
@show.json_option
def status_command(database: str, as_json: bool) -> None:
    """Where they are kept, and how many: the same as `openrvu state`."""
    _status(database, as_json)


def _status(database: str, as_json: bool) -> None:
    from openrvu.state.database import connect
    from openrvu.state.exporting import status

    found = status(connect(database))
    if as_json:
        click.echo(answers.to_json({**found, "run_id": answers.run_id()}), nl=False)
        return
    click.echo(f"{found['database']}\nfiles in {found['home']}")
    if found["revision"] != found["needs"]:
        held = f"has revision {found['revision']}" if found["revision"] else "is empty"
        click.echo(f"It {held}; this version needs {found['needs']}: `openrvu state migrate`.")
        return
    show.table(("table", "rows"), [(name, f"{count:,}") for name, count in found["rows"].items()], (1,))
    if found["jobs"]:
        show.table(("jobs", "number"), [(name, f"{count:,}") for name, count in found["jobs"].items()], (1,))
    show.say_run()


@state.command("migrate")
@database_option
@show.json_option
def migrate_command(database: str, as_json: bool) -> None:
    """Bring the tables to the form that this version needs. Take a copy of the database before."""
    from openrvu.state.database import connect, migrate

    opened: State = connect(database)
    before, after = migrate(opened)
    if as_json:
        told = {"database": opened.name, "before": before, "after": after, "run_id": answers.run_id()}
        click.echo(answers.to_json(told), nl=False)
    elif before == after:
        click.echo(f"{opened.name}: revision {after} already, nothing to do.")
    else:
        click.echo(f"{opened.name}: revision {after}, before {before or 'empty'}.")


@state.command("export")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="File to write. Default: standard output.")
@database_option
def export_command(output: Path | None, database: str) -> None:
    """Everything as one JSON document, at any time; without passwords and sessions."""
    from openrvu.state.database import open_state
    from openrvu.state.exporting import everything

    found = everything(open_state(database))
    text = json.dumps({**found, "run_id": answers.run_id()}, indent=2, ensure_ascii=False) + "\n"
    if output is None:
        click.echo(text, nl=False)
        return
    with whole(output) as unfinished:
        unfinished.write_text(text, encoding="utf-8")
    output.chmod(0o600)
    click.echo(f"Written: {output}")
