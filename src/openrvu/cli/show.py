"""Printing: options that commands share, tables, the foot, JSON and CSV."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import click

from openrvu import answers, units
from openrvu.cli.terminal import table_text
from openrvu.facts import Facts
from openrvu.pricing import read_date
from openrvu.releases import Release
from openrvu.schemas import Locality
from openrvu.sources import source

Function = TypeVar("Function", bound=Callable[..., Any])

as_csv_text = answers.csv_text
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


def site_options(function: Function) -> Function:
    """--site, --wage-index and --device-offset."""
    function = click.option(
        "--device-offset",
        multiple=True,
        metavar="CODE=DOLLARS",
        help="Device portion of a surgical centre's rate (Addendum FF), for modifiers FB, FC, 73 and the discount.",
    )(function)
    function = click.option(
        "--wage-index",
        default="",
        metavar="INDEX",
        help="Of the facility's place, as CMS prints it. Default: national.",
    )(function)
    return click.option(
        "--site",
        type=click.Choice(["office", "asc", "hopd"]),
        help="Both bills: in an office, a surgical centre, or a hospital's outpatient department.",
    )(function)


def use_options(function: Function) -> Function:
    """--release and --on, of which one may be given: where a value would be used. See `used`."""
    function = click.option("--release", default="", help="Release to use it on (2026C). Default: the newest held.")(
        function
    )
    return click.option("--on", metavar="DATE", help="The same by a date of service, YYYY-MM-DD.")(function)


def used(facts: Facts, release: str, on: str | None) -> str:
    """The id of the release that --release or --on names; empty where neither was given."""
    if release and on:
        raise click.UsageError("Give --release or --on, not both.")
    asked = read_date(on)
    return facts.release_on(asked).id if asked else release


def json_option(function: Function) -> Function:
    """--json."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON with stable fields.")(function)


def csv_option(function: Function) -> Function:
    """--csv."""
    return click.option("--csv", "as_csv", is_flag=True, help="Print the table as CSV.")(function)


def mapping_option(function: Function) -> Function:
    """--mapping FILE."""
    return click.option(
        "--mapping",
        type=click.Path(path_type=Path),
        help="What each column is, as `openrvu survey map` proposes it. Default: as the columns suggest.",
    )(function)


def money(cents: int | None, missing: str = "-") -> str:
    """Cents as dollars."""
    return missing if cents is None else units.dollars(cents)


def rvu(value: int | None, missing: str = "-") -> str:
    """RVU x 10^4 with two decimals."""
    return missing if value is None else units.text(value, units.RVU, 2)


def number(value: float | None, places: int = 3, missing: str = "-") -> str:
    """A statistic with so many decimals."""
    return missing if value is None else f"{value:.{places}f}"


def table(
    head: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int] = (), *, first: bool = False
) -> None:
    """A table for the eye. right: columns to align right. first: nothing stands above it, so no line is left empty."""
    click.echo(("" if first else "\n") + table_text(head, rows, right), nl=False)


def emit_json(value: Any, foot: Mapping[str, str]) -> None:
    """A result as JSON with the foot beside its own fields."""
    click.echo(answers.document(value, foot), nl=False)


def say_leads(leads: Sequence[str]) -> None:
    """What must be said first."""
    for lead in leads:
        click.echo(f"Coverage first: {lead}\n")


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


def say_citations(ids: Iterable[str]) -> None:
    """What the source ids stand for."""
    click.echo("\nsources:")
    for key in dict.fromkeys(ids):
        found = source(key)
        click.echo(f"  {key}: {found.citation}{f' ({found.note})' if found.note else ''}")


def say_run(seed: int | None = None) -> None:
    """The end of an output that belongs to no one release: run id and the notice."""
    click.echo(f"\nrun {answers.run_id(seed)}\n{SHORT_NOTICE}")
