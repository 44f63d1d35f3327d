"""Commands on files and tables: load, reconcile, data, places."""

from __future__ import annotations

from pathlib import Path

import click

from openrvu import answers, holdings
from openrvu.cli import show
from openrvu.pricing import read_date
from openrvu.tables import addenda, store


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--release", default="", help="Release id (2026B), where title and name do not tell it.")
@show.json_option
def load(files: tuple[Path, ...], release: str, as_json: bool) -> None:
    """Take FILES of CMS (csv, csv.gz, txt, zip) into the local store.

    Relative values, GPCIs, addenda of hospitals (OPPS) and surgical centres (ASC), unit limits and pairs of NCCI.
    """
    from openrvu.tables.load import load as loaded

    done = loaded(files, progress=lambda text: click.echo(text, err=True), release=release)
    if as_json:
        click.echo(answers.to_json({"loaded": done, "run_id": answers.run_id()}), nl=False)
        return
    for one in done:
        again = " (in place of the one loaded before)" if one.replaced else ""
        click.echo(f"{one.kind}, release {one.release}: {one.rows:,} rows from {one.file}{again}")
        for note in one.notes:
            click.echo(f"  {note}")
    show.say_run()


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--release", default=None, help="Release to price with. Default: the newest whole one of the file's year."
)
@click.option("--strict", is_flag=True, help="Exit with 3 if an amount differs.")
@show.json_option
@show.csv_option
def reconcile(file: Path, release: str | None, strict: bool, as_json: bool, as_csv: bool) -> None:
    """Compare every amount of a payment FILE of CMS with our own, to the cent."""
    from openrvu.reconciling import NOT_COMPARABLE
    from openrvu.reconciling import reconcile as compared

    found = compared(file, release=release)
    head = ("mac", "locality", "code", "modifier", "amount", "published", "computed")
    rows = [
        (d.mac, d.locality, d.code, d.modifier, d.amount, show.money(d.published_cents), show.money(d.computed_cents))
        for d in found.differences
    ]
    foot = answers.foot(
        release=found.release,
        on=holdings.current().release(found.release).starts,
        place="every locality of the file",
        setting="both settings",
    )
    if as_json:
        show.emit_json(found, foot)
    elif as_csv:
        click.echo(show.as_csv_text(head, [[cell.replace(",", "") for cell in row] for row in rows]), nl=False)
    else:
        fees = f"{found.matched:,} of {found.compared:,} fee amounts agree to the cent."
        click.echo(f"{found.file}: {fees if found.compared else 'OPPS-cap amounts'}")
        if found.caps_compared:
            click.echo(f"OPPS caps: {found.caps_matched:,} of {found.caps_compared:,} agree.")
        click.echo(
            f"Release {found.release} ({found.why}); conversion factor {found.conversion_factor} ({found.track})."
        )
        for reason, count in found.not_comparable.items():
            click.echo(f"not comparable, {reason}: {count:,} records; {NOT_COMPARABLE[reason]}")
        for note in found.notes:
            click.echo(note)
        if rows:
            show.table(head, rows[:50], (5, 6))
        if len(rows) > 50:
            click.echo(f"... and {len(rows) - 50:,} more: `--csv` prints them all")
        show.say_foot(foot)
    if strict and found.differences:
        raise SystemExit(3)


@click.group(invoke_without_command=True)
@click.pass_context
@click.option("--on", metavar="DATE", help="Only the release in force on this date of service, YYYY-MM-DD.")
@show.json_option
@show.csv_option
def data(context: click.Context, on: str | None, as_json: bool, as_csv: bool) -> None:
    """The releases held, from when to when, how much of each, and where it was read."""
    if context.invoked_subcommand:
        return
    facts = holdings.current()
    asked = read_date(on)
    rows = [
        {
            "release": release.id,
            "starts": release.starts,
            "ends": release.ends,
            "codes": len(facts.table(release.id).codes()),
            "origin": facts.table(release.id).origin,
            "read": release.coverage,
            "source": release.source,
            "note": release.note,
        }
        for release in ((facts.release_on(asked),) if asked else facts.releases)
    ]
    other = [
        {
            "kind": entry.kind,
            "release": entry.release,
            "rows": entry.rows,
            "file": entry.source_name,
            "notes": entry.notes,
        }
        for entry in store.entries(store.home())
        if entry.kind in addenda.KINDS
    ]
    if as_json:
        click.echo(answers.to_json({"releases": rows, "tables": other, "run_id": answers.run_id()}), nl=False)
        return
    cells = [[str(cell) for cell in row.values()] for row in rows]
    if as_csv:
        click.echo(show.as_csv_text(list(rows[0]), cells), nl=False)
        return
    show.table(list(rows[0]), cells, (3,), first=True)
    for entry in other:
        click.echo(
            f"{addenda.KINDS[str(entry['kind'])]}, {entry['release']}: {entry['rows']:,} rows from {entry['file']}"
        )
    click.echo("Codes outside the embedded families: `openrvu load FILE` with CMS's own file.")
    show.say_run()


@data.command("verify")
@click.option("--release", default="", help="Only this release. Default: every one held.")
@click.option("--strict", is_flag=True, help="Exit with 3 if a check fails.")
@show.json_option
@show.csv_option
def verify_data(release: str, strict: bool, as_json: bool, as_csv: bool) -> None:
    """Check what is held: components add up, indicators are known, every locality has GPCIs."""
    from openrvu.verifying import verify

    found = verify(holdings.current(), release)
    head = ("release", "origin", "check", "compared", "failed", "examples")
    rows = [
        (one.release, one.origin, one.words, f"{one.compared}", f"{one.failed}", "; ".join(one.examples))
        for one in found
    ]
    if as_json:
        click.echo(answers.to_json({"checks": found, "run_id": answers.run_id()}), nl=False)
    elif as_csv:
        click.echo(show.as_csv_text(head, rows), nl=False)
    else:
        show.table(head, rows, (3, 4))
        click.echo(f"{sum(not one.failed for one in found)} of {len(found)} checks passed.")
    if strict and any(one.failed for one in found):
        raise SystemExit(3)


@click.command()
@click.argument("state", default="")
@show.on_option
@show.json_option
@show.csv_option
def places(state: str, on: str | None, as_json: bool, as_csv: bool) -> None:
    """The payment localities, all or those of a STATE, with GPCIs and counties."""
    from openrvu import units
    from openrvu.places import localities_of

    facts = holdings.current()
    asked = read_date(on)
    release = facts.release_on(asked) if asked else facts.newest()
    found = localities_of(state, release.id, facts)
    foot = answers.foot(release=release.id, on=asked or release.starts, place=state or "all localities")
    if as_json:
        show.emit_json({"release": release.id, "places": found}, foot)
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
    click.echo("GPCIs as CMS publishes them, the floor of the work GPCI included.")
    show.say_foot(foot, tuple(dict.fromkeys(p.source for p in found)))
