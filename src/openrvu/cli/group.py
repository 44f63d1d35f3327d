"""The group of commands. A command's module is imported when it is called, so that `--help` stays quick.

Exit codes: 0 good, 1 bad input, 2 usage, 3 differences or warnings under --strict, 130 interrupted.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any, NoReturn

import click

from openrvu import __version__
from openrvu.errors import OpenRVUError

# Command -> (module, one line). The lines are here so that help needs no module.
COMMANDS: dict[str, tuple[str, str]] = {
    "code": ("codes", "What a code is, what it is confused with, covered or not, what it pays."),
    "price": ("codes", "The schedule amount of a code, or the status that says why there is none."),
    "explain": ("codes", "How the amount is made, step by step, with sources."),
    "compare": ("codes", "Two to twelve codes side by side."),
    "history": ("codes", "A code through the releases held."),
    "places": ("data", "The payment localities, with their numbers."),
    "audit": ("studies", "What a published value equals, what the figures give, and every warning."),
    "check": ("studies", "Check the statements of a published account against the rows."),
    "studies": ("studies", "The published studies and accounts that are held."),
    "value": ("studies", "A work RVU from a survey, with intervals and warnings."),
    "dossier": ("reports", "The whole answer for a code as HTML, JSON or PDF."),
    "load": ("data", "Take CMS's files into the local store."),
    "reconcile": ("data", "Compare a payment file of CMS with our own amounts, to the cent."),
    "data": ("data", "The releases that are held, and where they come from."),
    "serve": ("reports", "The same answers as pages on this machine."),
}


class Commands(click.Group):
    """The group: names from COMMANDS, modules on demand, one way for every error to reach the user."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        found: click.Command = getattr(import_module(f"openrvu.cli.{COMMANDS[cmd_name][0]}"), cmd_name)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])

    def main(self, args: Sequence[str] | None = None, *rest: Any, **extra: Any) -> Any:
        """Run, and turn whatever goes wrong into one message and an exit code. Never a traceback for bad input."""
        typed = list(sys.argv[1:] if args is None else args)
        try:
            return super().main(typed, *rest, **extra)
        except OpenRVUError as fault:
            report(fault, "--json" in typed)
            _leave(1)
        except BrokenPipeError:
            # The reader (head, less) has gone; the interpreter must not complain when it flushes.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            _leave(0)
        except OSError as fault:
            where = str(fault.filename or "")
            report(
                OpenRVUError(fault.strerror or str(fault), where=where, fix="Check the path and the rights"),
                "--json" in typed,
            )
            _leave(1)


def _leave(code: int) -> NoReturn:
    raise SystemExit(code)


def report(fault: OpenRVUError, as_json: bool) -> None:
    """Print an error: the one JSON shape on standard output, or a message on standard error."""
    if as_json:
        click.echo(json.dumps({"error": fault.as_dict()}, indent=2, ensure_ascii=False))
    else:
        click.echo(f"Error: {fault}", err=True)


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="Not coding, legal or medical advice. CPT is a registered trademark of the American Medical Association.",
)
@click.version_option(__version__, prog_name="openrvu")
def main() -> None:
    """What a physician's service is worth, what Medicare pays for it, and how sure anyone can be."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal without Unicode shows ? and does not fail
