"""The group of commands. A command's module is imported when it is called, so that `--help` stays quick.

Exit codes: 0 good, 1 bad input, 2 usage, 3 differences or warnings under --strict, 130 interrupted.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from typing import Any

import click

from openrvu import __version__
from openrvu.cli.terminal import make_safe
from openrvu.errors import OpenRVUError

# Command -> (module, one line). The lines are here so that help needs no module.
COMMANDS: dict[str, tuple[str, str]] = {
    "code": ("codes", "What a code is, what it is confused with, covered or not, what it pays."),
    "price": ("codes", "The schedule amount of a code, or the status that says why there is none."),
    "site": ("sites", "A case in office, surgical centre or hospital: both bills, the patient's share, the total."),
    "ncci": ("sites", "Pairs of codes that are not paid together, and units above their limit."),
    "price-file": ("bulk", "A file or folder of claims priced, or the rules as SQL for a warehouse."),
    "explain": ("codes", "How the amount is made, step by step, with sources."),
    "case": ("cases", "The services of one session together: ranks, reductions, totals, global period."),
    "compare": ("codes", "Two to twelve codes side by side."),
    "history": ("history", "A code through the releases held, what moved its amount, and how much of it each part."),
    "which": ("which", "From what the operative note says to the code, question by question."),
    "search": ("fetching", "Codes by their beginning, or by our own words."),
    "places": ("data", "The payment localities, with their numbers."),
    "everywhere": ("everywhere", "A code at every payment locality: amount, percentage of the national one, rank."),
    "audit": ("studies", "What a published value equals, what the figures give, and every warning."),
    "check": ("studies", "Check the statements of a published account against the rows."),
    "studies": ("studies", "The published studies and accounts that are held."),
    "ruc": ("routes", "A RUC survey: quartiles of work RVU, times and visits, references, outliers."),
    "iwput": ("routes", "A service taken apart and put together: building block and intensity, both ways."),
    "crosswalk": ("routes", "Services of near times beside a code, and pairs out of order in its family."),
    "regress": ("routes", "Work on times over a time file, read at a code, with prediction interval."),
    "bundle": ("routes", "The work RVU of codes done together."),
    "triangulate": ("triangulating", "Every route to a work RVU side by side, with intervals; never pooled."),
    "value": ("studies", "A work RVU from a survey, with intervals and warnings."),
    "design": ("designing", "A survey before it is sent: comparators, pairs, and how many respondents."),
    "survey": ("survey", "Files of answers: what one is, how it is read, and forms to collect new ones."),
    "rasch": ("rasch", "Rasch measures, fit and reliability of a file of answers."),
    "trend": ("trending", "How the use of codes has moved: counts, joinpoints, shares, rates, and what is suppressed."),
    "simulate": ("impact", "What a change of RVUs, factors, rules or volumes would do: a scenario, priced."),
    "report": ("reporting", "The complete report of a survey as HTML, PDF or JSON."),
    "letter": ("letter", "A comment, nomination, packet or note, drafted for a person to finish."),
    "practice": ("practice", "A practice's own volumes on several dates, under a what-if, by payer."),
    "methods": ("methods", "How figures are made, what is modelled and compared, and what they are not for."),
    "dossier": ("reports", "The whole answer for a code as HTML, JSON or PDF."),
    "load": ("data", "Take CMS's files into the local store."),
    "fetch": ("fetching", "Download a release of CMS, once you accept the AMA's terms, and load it."),
    "schedule": ("amounts", "A whole release: every code at every locality, fee and cap, as Parquet or CSV."),
    "reconcile": ("amounts", "Compare a payment file of CMS with our own amounts, to the cent."),
    "data": ("data", "The releases that are held, and where they come from."),
    "mcp": ("agents", "Tools for an assistant, over the Model Context Protocol: the same answers."),
    "serve": ("reports", "The same answers as pages on this machine."),
    "user": ("users", "People who may sign in where the server is reached by others."),
    "state": ("state", "Saved cases, studies, uploads, jobs: where they are kept, brought up to date, written out."),
}


class Commands(click.Group):
    """The group: names from COMMANDS, modules on demand, one way for every error to reach the user."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        found: click.Command = getattr(
            import_module(f"openrvu.cli.{COMMANDS[cmd_name][0]}"), cmd_name.replace("-", "_")
        )
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command. One that is interrupted, or whose reader has gone (head, less), ends without a word."""
        try:
            found = super().invoke(ctx)
            sys.stdout.flush()
        except KeyboardInterrupt:
            ctx.exit(130)
        except BrokenPipeError:
            # The interpreter flushes once more as it ends, and must find somewhere to write to.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(0)
        return found

    def main(self, args: Sequence[str] | None = None, *rest: Any, **extra: Any) -> Any:
        """Run, and turn whatever goes wrong into one message and an exit code. No traceback reaches a user."""
        typed = list(sys.argv[1:] if args is None else args)
        as_json = "--json" in typed
        try:
            return super().main(typed, *rest, **extra)
        except OpenRVUError as fault:
            report(fault, as_json)
        except OSError as fault:
            where = str(fault.filename or "")
            what = fault.strerror or str(fault)
            report(OpenRVUError(what, where=where, fix="Check the path, the rights and the space left"), as_json)
        except (click.ClickException, click.Abort):
            raise  # only where the caller asked click not to handle them
        except Exception as fault:
            if os.environ.get("OPENRVU_TRACEBACK"):
                raise
            report(_our_fault(fault, typed), as_json)
        raise SystemExit(1)


def _our_fault(fault: Exception, typed: Sequence[str]) -> OpenRVUError:
    return OpenRVUError(
        f"OpenRVU failed, and it is not your fault: {type(fault).__name__}: {fault}",
        where=f"openrvu {' '.join(typed)}",
        fix="Please report it with this line; OPENRVU_TRACEBACK=1 shows where it happened",
    )


def report(fault: OpenRVUError, as_json: bool) -> None:
    """Print an error: the one JSON shape on standard output, or a message on standard error."""
    if as_json:
        with suppress(OSError):  # standard output may be what failed
            click.echo(json.dumps({"error": fault.as_dict()}, indent=2, ensure_ascii=False))
            return
    click.echo(f"Error: {fault}", err=True)


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="Not coding, legal or medical advice. CPT is a registered trademark of the American Medical Association.",
)
@click.version_option(__version__, prog_name="openrvu")
def main() -> None:
    """What a physician's service is worth, what Medicare pays for it, and how sure anyone can be."""
    make_safe(sys.stdout, sys.stderr)
