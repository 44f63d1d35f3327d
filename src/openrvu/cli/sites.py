"""Commands on a whole case: site (both bills at one site), ncci (edits among its codes)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import click

from openrvu import answers, units
from openrvu.cli import show
from openrvu.errors import BadInput
from openrvu.facility.case import AtSite, at_site, read_line
from openrvu.facility.claim import FacilityLine
from openrvu.pricing import read_date, today_here

NAMES = {"office": "office", "asc": "surgical centre", "hopd": "hospital outpatient department"}


@click.command()
@click.argument("codes", nargs=-1, required=True)
@show.on_option
@show.place_options
@show.site_options
@show.json_option
@show.csv_option
def site(
    codes: tuple[str, ...],
    on: str | None,
    place: str,
    qp: bool,
    site: str | None,
    wage_index: str,
    device_offset: tuple[str, ...],
    as_json: bool,
    as_csv: bool,
) -> None:
    """CODES of one day (63047 63048x2, 63047-52) at --site: both bills, the patient's share, the total."""
    if site is None:
        raise click.UsageError("Say where: --site office, asc or hopd.")
    say_site(codes, site, on, place, qp, wage_index, device_offset, as_json, as_csv)


def say_site(
    codes: Sequence[str],
    where: str,
    on: str | None,
    place: str,
    qp: bool,
    wage_index: str,
    offsets: Sequence[str],
    as_json: bool,
    as_csv: bool,
) -> None:
    """Price a case and print it."""
    devices = dict(map(_offset, offsets))
    lines = [_with_device(read_line(code), devices) for code in codes]
    unused = sorted(set(devices) - {line.code for line in lines})
    if unused:
        raise BadInput(f"--device-offset names {', '.join(unused)}, which is not on the claim", fix="Check the code")
    found = at_site(lines, where, on=on, place=place, wage_index=wage_index, qualifying_apm=qp)
    foot = answers.foot(release=found.release, on=found.on, place=found.locality.id, setting=found.setting)
    if as_json:
        show.emit_json(found, foot)
    elif as_csv:
        click.echo(show.as_csv_text(HEAD, _rows(found, plain=True)), nl=False)
    else:
        _say(found)
        show.say_foot(foot, found.sources)


def _offset(text: str) -> tuple[str, int]:
    code, sign, amount = text.partition("=")
    try:
        cents = units.parse(amount.replace(",", ""), units.CENTS)
    except ValueError as fault:
        raise BadInput(f"--device-offset {text!r}: {fault}", fix="Write it as 62330=4137.44") from None
    if not sign or not 0 <= cents <= 100_000_000:
        raise BadInput(f"--device-offset {text!r} is none", fix="Write it as 62330=4137.44")
    return code.strip().upper(), cents


def _with_device(line: FacilityLine, devices: dict[str, int]) -> FacilityLine:
    return replace(line, device_cents=devices[line.code]) if line.code in devices else line


HEAD = ("bill", "code", "modifiers", "units", "status", "rate", "amount", "patient", "words")


def _rows(found: AtSite, *, plain: bool) -> list[tuple[str, ...]]:
    """The table of both bills. plain: amounts without thousands separators, for CSV."""

    def money(cents: int | None) -> str:
        if plain:
            return "" if cents is None else units.text(cents, units.CENTS)
        return show.money(cents)

    rows: list[tuple[str, ...]] = [
        (
            "professional",
            line.code,
            " ".join(line.modifiers),
            str(line.units),
            line.status,
            "",
            money(line.amount_cents),
            money(line.patient_cents),
            line.words if line.amount_cents is None else line.rule,
        )
        for line in found.professional
    ]
    rows += [
        (
            "facility",
            paid.code,
            " ".join(paid.modifiers),
            str(paid.units),
            paid.status,
            money(paid.rate_cents),
            money(paid.amount_cents),
            money(paid.patient_cents),
            "; ".join((paid.words, *paid.steps)),
        )
        for paid in (found.facility.lines if found.facility else ())
    ]
    sums = (
        ("professional total", found.professional_amount_cents, found.professional_patient_cents),
        ("facility total", found.facility_amount_cents, found.facility_patient_cents),
        ("total", found.total_cents, found.patient_cents),
    )
    return rows + [(name, "", "", "", "", "", money(amount), money(patient), "") for name, amount, patient in sums]


def _say(found: AtSite) -> None:
    for lead in found.leads:
        click.echo(f"Coverage first: {lead}\n")
    facility = found.facility
    year = f", facility rates of {facility.span}" if facility and facility.span else ""
    click.echo(f"{NAMES[found.site].capitalize()}, {found.on.isoformat()}, {found.locality.id}{year}")
    if found.total_cents is None:
        click.echo("Total: not known, as a part of it is not held or not priced (see below)")
    else:
        click.echo(f"Total: ${show.money(found.total_cents)}, of it the patient ${show.money(found.patient_cents)}")
    rows = [row[:-1] for row in _rows(found, plain=False)]
    show.table(HEAD[:-1], rows, (3, 5, 6, 7))
    said = {line.words for line in facility.lines} if facility else set()
    for bill in found.professional:
        if bill.amount_cents:
            click.echo(f"{bill.code}, professional: {bill.rule}")
    for line in facility.lines if facility else ():
        words = "; ".join((line.words, *line.steps))
        click.echo(words if line.code in words else f"{line.code}: {words}")
    for note in (*(note for note in found.notes if note not in said), *(f"Warning: {text}" for text in found.warnings)):
        click.echo(note)
    click.echo("The patient's share is before any deductible.")


@click.command()
@click.argument("codes", nargs=-1, required=True)
@click.option("--on", metavar="DATE", help="Date of service, YYYY-MM-DD. Default: today.")
@click.option(
    "--whose",
    type=click.Choice(["practitioner", "hospital"]),
    default="practitioner",
    show_default=True,
    help="Whose table of pairs.",
)
@click.option("--strict", is_flag=True, help="Exit with 3 if an edit or a limit speaks against the claim.")
@show.json_option
@show.csv_option
def ncci(codes: tuple[str, ...], on: str | None, whose: str, strict: bool, as_json: bool, as_csv: bool) -> None:
    """Edits among CODES (22633 63047-59 63048x2): pairs not paid together, and units above their limit."""
    from openrvu.ncci.mue import check_units
    from openrvu.ncci.pairs import check_pairs

    day = read_date(on) or today_here()
    lines = [read_line(code) for code in codes]
    pairs = check_pairs([(line.code, line.modifiers) for line in lines], day, whose) if _several(lines) else None
    checks = [check_units(line.code, line.units, day) for line in lines]
    against = [pair for pair in pairs.pairs if pair.status != "not-applicable"] if pairs else []
    head = ("check", "codes", "indicator", "status", "words")
    rows = [
        ("pair", f"{p.column1} {p.column2}", str(p.indicator), p.status, p.words)
        for p in (pairs.pairs if pairs else ())
    ]
    rows += [("units", c.code, str(c.limit.adjudication) if c.limit else "", c.status, c.words) for c in checks]
    if as_json:
        body = {"on": day, "whose": whose, "pairs": pairs, "units": checks, "run_id": answers.run_id()}
        click.echo(answers.to_json(body), nl=False)
    elif as_csv:
        click.echo(show.as_csv_text(head, rows), nl=False)
    else:
        if pairs:
            click.echo(pairs.words)
        show.table(head[:-1], [row[:-1] for row in rows])
        for row in rows:
            click.echo(row[-1])
        for text in (*pairs.traps, *(f"Warning: {w}" for w in pairs.warnings)) if pairs else ():
            click.echo(text)
        used = [*pairs.sources, *(c.limit.source for c in checks if c.limit)] if pairs else []
        if used:
            click.echo(f"\nsources: {', '.join(dict.fromkeys(used))}")
        show.say_run()
    if strict and (against or any(check.over for check in checks)):
        raise SystemExit(3)


def _several(lines: Sequence[FacilityLine]) -> bool:
    return len({line.code for line in lines}) > 1
