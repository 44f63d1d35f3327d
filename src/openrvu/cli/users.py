"""user: the people who may sign in where the server is reached by others."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from openrvu import answers
from openrvu.cli import show
from openrvu.cli.state import database_option
from openrvu.errors import BadInput

if TYPE_CHECKING:
    from openrvu.state.database import State

role_option = click.option(
    "--role",
    default="reader",
    show_default=True,
    help="reader (look up), analyst (also bring files, save), owner (also load CMS's files).",
)
stdin_option = click.option("--password-stdin", is_flag=True, help="Take the password from standard input.")


def _opened(database: str) -> State:
    from openrvu.state.database import open_state

    return open_state(database)


def _password(stdin: bool) -> str:
    if stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise BadInput("there is no terminal to ask for the password", fix="Give it with --password-stdin")
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))


@click.group(invoke_without_command=True)
@click.pass_context
@database_option
@show.json_option
def user(context: click.Context, database: str, as_json: bool) -> None:
    """People who may sign in: names and roles. Passwords are kept as argon2 hashes alone."""
    if context.invoked_subcommand:
        return
    from openrvu.state import users

    found = users.listed(_opened(database))
    if as_json:
        rows = [{"name": one.name, "role": one.role} for one in found]
        click.echo(answers.to_json({"users": rows, "run_id": answers.run_id()}), nl=False)
    elif found:
        show.table(("name", "role"), [(one.name, one.role) for one in found], first=True)
    else:
        click.echo("Nobody yet: `openrvu user add NAME --role owner`.")


@user.command("add")
@click.argument("name")
@role_option
@stdin_option
@database_option
def add_command(name: str, role: str, password_stdin: bool, database: str) -> None:
    """A new person, who signs in with NAME and a password."""
    from openrvu.state import users

    opened = _opened(database)
    made = users.add(opened, name, _password(password_stdin), role)
    click.echo(f"{made.name} may sign in as {made.role}.")


@user.command("password")
@click.argument("name")
@stdin_option
@database_option
def password_command(name: str, password_stdin: bool, database: str) -> None:
    """A new password for NAME; every session of NAME ends."""
    from openrvu.state import users

    opened = _opened(database)
    found = users.named(opened, name)
    users.set_password(opened, found, _password(password_stdin))
    click.echo(f"{found.name} has a new password.")


@user.command("role")
@click.argument("name")
@click.argument("role")
@database_option
def role_command(name: str, role: str, database: str) -> None:
    """Another ROLE for NAME."""
    from openrvu.state import users

    opened = _opened(database)
    users.set_role(opened, users.named(opened, name), role)
    click.echo(f"{name} is {role} now.")


@user.command("remove")
@click.argument("name")
@database_option
def remove_command(name: str, database: str) -> None:
    """NAME gone, with the files, jobs and cases of NAME."""
    from openrvu.state import users

    opened = _opened(database)
    users.remove(opened, users.named(opened, name))
    click.echo(f"{name} is removed.")
