"""Printing: options that commands share, tables, the foot, JSON and CSV."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, TypeVar

import click

from openrvu import answers, units
from openrvu.releases import Release
from openrvu.schemas import Locality

Function = TypeVar("Function", bound=Callable[..., Any])

SHORT_NOTICE = (
    "Not coding, legal or medical advice; a schedule amount is not coverage or payment: confirm with the MAC."
)


def on_option(function: Function) -> Function:
    """--on DATE."""
    return click.option("--on", metavar="DATE", help="Date of service, YYYY-MM-DD. Default: newest release held.")(
        function
    )


def place_options(function: Function) -> Function:
    """--place and --qp."""
    function = click.option(
        "--place",
        default="national",
        show_default=True,
        help='MAC-locality (15202-00), state, county ("Cook, IL") or locality name.',
    )(function)
    return click.option("--qp", is_flag=True, help="Qualifying APM participant: the higher factor, from 2026.")(
        function
    )


def setting_option(function: Function) -> Function:
    """--setting facility|nonfacility|office."""
    return click.option(
        "--setting",
        type=click.Choice(["facility", "nonfacility", "office"]),
        default="facility",
        show_default=True,
        callback=lambda _ctx, _param, value: "nonfacility" if value == "office" else value,
        help="Where the service is done.",
    )(function)


def json_option(function: Function) -> Function:
    """--json."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON with stable fields.")(function)


def csv_option(function: Function) -> Function:
    """--csv."""
    return click.option("--csv", "as_csv", is_flag=True, help="Print the table as CSV.")(function)


def money(cents: int | None, missing: str = "-") -> str:
    """Cents as dollars."""
    return missing if cents is None else units.dollars(cents)


def rvu(value: int | None, missing: str = "-") -> str:
    """RVU x 10^4 with two decimals."""
    return missing if value is None else units.text(value, units.RVU, 2)


def number(value: float | None, places: int = 3, missing: str = "-") -> str:
    """A statistic with so many decimals."""
    return missing if value is None else f"{value:.{places}f}"


def table(head: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> None:
    """A table for the eye; columns in `right` are right-aligned. On a terminal it fits the width."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    wide = None if sys.stdout.isatty() else 160
    made = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for index, name in enumerate(head):
        made.add_column(name, justify="right" if index in right else "left", overflow="fold")
    for row in rows:
        made.add_row(*(_plain(cell) for cell in row))
    Console(width=wide, highlight=False, file=sys.stdout, safe_box=True).print(made)


def _plain(cell: str) -> str:
    from rich.markup import escape

    return escape(cell)


def as_csv_text(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Rows as CSV. A cell that a spreadsheet would run as a formula is quoted with an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([["" if cell is None else guarded(str(cell)) for cell in row] for row in rows])
    return out.getvalue()


def guarded(cell: str) -> str:
    """A cell that begins like a formula gets an apostrophe, unless it is a number.

    >>> guarded("=1+1"), guarded("-2.5"), guarded("62380")
    ("'=1+1", '-2.5', '62380')
    """
    if cell[:1] in ("=", "+", "-", "@", "\t", "\r"):
        try:
            float(cell)
        except ValueError:
            return f"'{cell}"
    return cell


def emit_json(value: Any, foot: Mapping[str, str]) -> None:
    """A result as JSON with the foot beside its own fields."""
    click.echo(answers.document(value, foot), nl=False)


def foot_of(release: Release, on: date, place: Locality, setting: str = "", seed: int | None = None) -> dict[str, str]:
    """The foot as data."""
    return answers.foot(release=release.id, on=on, place=place.id, setting=setting, seed=seed)


def say_foot(foot: Mapping[str, str], sources: Sequence[str] = ()) -> None:
    """The foot for the eye: release, date, place, setting, sources, run id and the notice."""
    parts = [f"release {foot['release']}", foot["on"], foot["place"], foot["setting"], f"run {foot['run_id']}"]
    click.echo("\n" + " · ".join(part for part in parts if part.strip()))
    if sources:
        click.echo(f"sources: {', '.join(sources)}")
    click.echo(SHORT_NOTICE)
