"""Commands on whole releases of amounts: schedule, reconcile."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import click

from openrvu import answers, holdings
from openrvu.cli import show
from openrvu.cli.reports import write_whole

if TYPE_CHECKING:
    from openrvu.reconciling import Reconciliation


@click.command()
@click.argument("release")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="File to write: .parquet or .csv.",
)
@click.option("--place", "places", multiple=True, help="Only here; may be repeated. As in `price`, or a whole state.")
@click.option("--code", "codes", multiple=True, help="Only this code; may be repeated.")
@click.option("--on", metavar="DATE", help="A date inside the release, which tells the conversion factor.")
@click.option("--qp", is_flag=True, help="Qualifying APM participant: the higher factor, from 2026.")
@show.json_option
@show.csv_option
def schedule(
    release: str,
    output: Path | None,
    places: tuple[str, ...],
    codes: tuple[str, ...],
    on: str | None,
    qp: bool,
    as_json: bool,
    as_csv: bool,
) -> None:
    """Every code and modifier of a held RELEASE at every locality: fee and OPPS cap in cents, in both settings."""
    from openrvu import scheduling

    if as_csv and output is not None:
        raise click.UsageError("Give -o FILE or --csv, not both.")
    if as_csv:
        found = scheduling.lines(release, places=places, codes=codes, on=on, qualifying_apm=qp)
        click.echo(",".join(name for name, _, _ in scheduling.COLUMNS))
        while some := list(islice(found, 10_000)):
            click.echo("\n".join(",".join("" if cell is None else str(cell) for cell in line) for line in some))
        return
    if output is None:
        raise click.UsageError("Name the file to write: -o schedule.parquet, or print the lines with --csv.")
    done = scheduling.schedule(release, output, places=places, codes=codes, on=on, qualifying_apm=qp)
    foot = answers.foot(release=done.release, on=done.on, place=f"{done.places} places", setting="both settings")
    if as_json:
        show.emit_json(done, foot)
        return
    for lead in done.leads:
        click.echo(f"Coverage first, for some of these codes: {lead}")
    click.echo(f"{done.file}: {done.rows:,} rows, {done.codes:,} codes at {done.places:,} places")
    click.echo(f"Conversion factor {done.conversion_factor} ({done.track}).")
    show.table(("status", "rows"), [(name, f"{count:,}") for name, count in done.statuses.items()], (1,))
    for note in done.notes:
        click.echo(note)
    show.say_foot(foot, done.sources)


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@click.option("--release", default=None, help="Release to price with. Default: what the name tells, else what fits.")
@click.option("--report", type=click.Path(path_type=Path), help="Write the whole outcome as a document (Markdown).")
@click.option("--strict", is_flag=True, help="Exit with 3 if an amount differs.")
@show.json_option
@show.csv_option
def reconcile(
    files: tuple[Path, ...], release: str | None, report: Path | None, strict: bool, as_json: bool, as_csv: bool
) -> None:
    """Compare every amount of payment or OPPS-cap files of CMS (txt, csv, or the zip) with our own, to the cent."""
    from openrvu.reconciling import reconcile_all
    from openrvu.reconciling.report import document, together

    found = [one for file in files for one in reconcile_all(file, release=release)]
    if report is not None:
        write_whole(report, document(found).encode())
    held = holdings.current()
    foot = answers.foot(
        release=", ".join(dict.fromkeys(one.release for one in found)),
        on=min(held.release(one.release).starts for one in found),
        place="every locality of the file",
        setting="both settings",
    )
    if as_json:
        show.emit_json(found[0] if len(found) == 1 else together(found), foot)
    elif as_csv:
        head = ("file", *_HEAD) if len(found) > 1 else _HEAD
        rows = [([one.file] if len(found) > 1 else []) + row for one in found for row in _rows(one)]
        click.echo(show.as_csv_text(head, [[cell.replace(",", "") for cell in row] for row in rows]), nl=False)
    else:
        for one in found:
            _say(one)
        if report is not None:
            click.echo(f"Written: {report}")
        show.say_foot(foot)
    if strict and any(one.different for one in found):
        raise SystemExit(3)


_HEAD = ("mac", "locality", "code", "modifier", "amount", "published", "computed")
# So many differences, and codes without a row, are shown to the eye.
_SHOWN = 50


def _rows(found: Reconciliation) -> list[list[str]]:
    return [
        [d.mac, d.locality, d.code, d.modifier, d.amount, show.money(d.published_cents), show.money(d.computed_cents)]
        for d in found.differences
    ]


def _say(found: Reconciliation) -> None:
    """The outcome for one file, for the eye."""
    from openrvu.reconciling import NOT_COMPARABLE

    counts = (
        (found.compared, f"{found.matched:,} of {found.compared:,} fee amounts agree to the cent."),
        (found.caps_compared, f"OPPS caps: {found.caps_matched:,} of {found.caps_compared:,} agree."),
        (found.therapy_compared, f"Therapy amounts: {found.therapy_matched:,} of {found.therapy_compared:,} agree."),
    )
    said = " ".join(words for count, words in counts if count)
    click.echo(f"{found.file}: {found.records:,} records. {said or 'No amount can be compared.'}")
    click.echo(f"Release {found.release} ({found.why}); conversion factor {found.conversion_factor} ({found.track}).")
    for reason, count in found.not_comparable.items():
        click.echo(f"not comparable, {reason}: {count:,} records; {NOT_COMPARABLE[reason]}")
    if found.no_rvu:
        some = [f"{code} ({count:,})" for code, count in list(found.no_rvu.items())[:_SHOWN]]
        more = f" and {len(found.no_rvu) - _SHOWN:,} more" if len(found.no_rvu) > _SHOWN else ""
        click.echo(f"without a row: {', '.join(some)}{more}")
    for note in found.notes:
        click.echo(note)
    if rows := _rows(found):
        show.table(_HEAD, rows[:_SHOWN], (5, 6))
    if found.different > _SHOWN:
        click.echo(f"... and {found.different - _SHOWN:,} more: `--csv` prints them")
