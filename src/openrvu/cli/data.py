"""Commands on files and tables: load, data, places."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from openrvu import answers, holdings
from openrvu.cli import show
from openrvu.pricing import read_date


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--release", default="", help="Release id (2026B), where title and name do not tell it.")
@click.option(
    "--keep-descriptors",
    is_flag=True,
    help="Keep the descriptors too, if you hold the AMA's license for them. They stay on this machine.",
)
@show.json_option
def load(files: tuple[Path, ...], release: str, keep_descriptors: bool, as_json: bool) -> None:
    """Take CMS's FILES into the local store: csv, text in columns or xlsx, or the zip that they come in.

    Relative values, GPCIs, counties, ZIP codes, anesthesia, OPPS caps, payment amounts; addenda of hospitals (OPPS) and
    surgical centres (ASC); unit limits and pairs of NCCI.
    """
    from openrvu.tables.load import load as loaded

    done = loaded(
        files, progress=lambda text: click.echo(text, err=True), release=release, keep_descriptors=keep_descriptors
    )
    if as_json:
        click.echo(answers.to_json({"loaded": done, "run_id": answers.run_id()}), nl=False)
        return
    for one in done:
        again = " (in place of the one loaded before)" if one.replaced else ""
        click.echo(f"{one.kind}, release {one.release}: {one.rows:,} rows from {one.file} ({one.sha256[:12]}){again}")
        for note in one.notes:
            click.echo(f"  {note}")
    show.say_run()


@click.group(invoke_without_command=True)
@click.pass_context
@click.option("--on", metavar="DATE", help="Only the release in force on this date of service, YYYY-MM-DD.")
@show.json_option
@show.csv_option
def data(context: click.Context, on: str | None, as_json: bool, as_csv: bool) -> None:
    """The releases held and the tables loaded: from when to when, how much, from which file, which checks passed."""
    if context.invoked_subcommand:
        return

    held = holdings.inventory(holdings.current(), read_date(on))
    if as_json:
        click.echo(answers.to_json(held), nl=False)
        return
    rows, loaded = held["releases"], held["tables"]
    cells = [[str(cell) for cell in row.values()] for row in rows]
    if as_csv:
        click.echo(show.as_csv_text(list(rows[0]), cells), nl=False)
        return
    show.table(list(rows[0]), cells, (3,), first=True)
    if loaded:
        click.echo("\nLoaded on this machine:")
        head = ("kind", "release", "rows", "file", "sha256", "loaded", "checks passed")
        show.table(head, [_held(entry) for entry in loaded], (2,), first=True)
        click.echo("The checks were made on loading; `openrvu data verify` makes those across tables.")
    click.echo("Codes outside the embedded families: `openrvu load FILE` with CMS's own file.")
    show.say_run()


def _held(row: Mapping[str, Any]) -> tuple[str, ...]:
    checks = ", ".join(row["checks"]) or "not recorded"
    shown = (row["kind"], row["release"], f"{row['rows']:,}", row["source_name"], row["sha256"][:12])
    return *shown, row["loaded_at"][:10], checks


@data.command("verify")
@click.option("--release", default="", help="Only this release. Default: every one held.")
@click.option("--strict", is_flag=True, help="Exit with 3 if a check fails.")
@show.json_option
@show.csv_option
def verify_data(release: str, strict: bool, as_json: bool, as_csv: bool) -> None:
    """Check what is held: components and anesthesia factors add up, indicators are known, localities have GPCIs."""
    from openrvu.verifying import CHECKS_HEAD, check_cells, verify

    found = verify(holdings.current(), release)
    rows = [check_cells(one) for one in found]
    if as_json:
        click.echo(answers.to_json({"checks": found, "run_id": answers.run_id()}), nl=False)
    elif as_csv:
        click.echo(show.as_csv_text(CHECKS_HEAD, rows), nl=False)
    else:
        show.table(CHECKS_HEAD, rows, (3, 4))
        click.echo(f"{sum(not one.failed for one in found)} of {len(found)} checks passed.")
    if strict and any(one.failed for one in found):
        raise SystemExit(3)


@click.command()
@click.argument("state", metavar="[STATE|ZIP]", default="")
@show.on_option
@show.json_option
@show.csv_option
def places(state: str, on: str | None, as_json: bool, as_csv: bool) -> None:
    """The payment localities, all, those of a STATE or that of a ZIP code, with GPCIs and counties."""
    from openrvu import units
    from openrvu.places import localities_of, zip_of

    facts = holdings.current()
    asked = read_date(on)
    release = facts.release_on(asked) if asked else facts.newest()
    found = localities_of(state, release.id, facts)
    by_zip = zip_of(state, release.id, facts, asked or release.starts)
    foot = answers.foot(release=release.id, on=asked or release.starts, place=state or "all localities")
    if as_json:
        show.emit_json({"release": release.id, "places": found, **({"zip": by_zip.note} if by_zip else {})}, foot)
        return
    head = ("id", "name", "state", "work", "PE", "MP", "counties")
    rows = [
        (
            p.id,
            p.name.title(),
            p.state,
            *(units.text(g, units.GPCI) for g in (p.work_gpci, p.pe_gpci, p.mp_gpci)),
            p.counties.title(),
        )
        for p in found
    ]
    if as_csv:
        click.echo(show.as_csv_text(head, rows), nl=False)
        return
    show.table(head, rows, (3, 4, 5), first=True)
    if by_zip:
        click.echo(by_zip.note)
    click.echo("GPCIs as CMS publishes them, the floor of the work GPCI included.")
    show.say_foot(foot, tuple(dict.fromkeys([p.source for p in found] + ([by_zip.area.source] if by_zip else []))))
