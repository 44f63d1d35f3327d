"""Commands on codes: code, price, explain, compare."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import click

from openrvu import answers, holdings, units
from openrvu.cli import show
from openrvu.cli.lines import line_of, line_options
from openrvu.codes.coverage import Coverage
from openrvu.codes.facility import FacilityRate
from openrvu.codes.families import Service
from openrvu.pricing import Priced
from openrvu.pricing import price as price_of
from openrvu.rules.status import outcomes

if TYPE_CHECKING:
    from openrvu.ncci.mue import UnitLimit


# What the options that --site does not take hold when they are not given.
FREE = {"participating": True, "provider": "", "documented": False, "minutes": 0, "post_days": 0, "charge_cents": None}


def split(text: str) -> tuple[str, str]:
    """A code and its modifiers as typed: 63030-50-62, 63030:26 or 63030."""
    code, _, modifier = re.sub(r"[:/ ]", "-", text.strip()).partition("-")
    return code, modifier


def _answer(priced: Priced) -> None:
    show.say_leads(priced.leads)
    name = priced.line.code + (f"-{priced.line.modifier}" if priced.line.modifier else "")
    where = f"{priced.locality.id}, {priced.locality.name}" if priced.locality.mac else "national"
    if priced.allowed_cents is not None:
        click.echo(
            f"{name}: ${show.money(priced.allowed_cents)} ({priced.line.setting}, {where}, {priced.on.isoformat()})"
        )
        if priced.effects and priced.amount_cents is not None:
            click.echo(f"Schedule amount: {show.money(priced.amount_cents)}")
        for effect in priced.effects:
            click.echo(f"  {effect.rule}: {effect.arithmetic}")
        if priced.limiting_charge_cents is not None:
            click.echo(f"The most that may be charged: {show.money(priced.limiting_charge_cents)}")
    else:
        lacks = "amount" if priced.status in outcomes() else "schedule amount"
        click.echo(f"{name}: no {lacks} on {priced.on.isoformat()}. {priced.words}")
        if priced.since:
            click.echo(f"So in every release held since {priced.since.isoformat()}.")
        if priced.how_paid:
            click.echo(f"How it is paid: {priced.how_paid}")
        if priced.successor:
            click.echo(f"Its successor is {priced.successor}: see `openrvu price {priced.successor}`.")
    for note in (*priced.notes, *(f"Warning: {text}" for text in priced.warnings)):
        click.echo(note)


def _foot(priced: Priced) -> dict[str, str]:
    return show.foot_of(priced.release, priced.on, priced.locality, priced.line.setting)


@click.command()
@click.argument("code")
@show.on_option
@show.place_options
@show.setting_option
@show.site_options
@line_options
@show.json_option
@show.csv_option
def price(
    code: str,
    on: str | None,
    place: str,
    qp: bool,
    setting: str,
    site: str | None,
    wage_index: str,
    device_offset: tuple[str, ...],
    as_json: bool,
    as_csv: bool,
    **given: Any,
) -> None:
    """What CODE pays (63047, 70492-26, 63030-50-62), or the status that says why there is no amount.

    With --site: what the building is paid too, the patient's share of each, and the total, as `openrvu site` gives it.
    """
    if site:
        from openrvu.cli.sites import say_site

        asked = {name: value for name, value in line_of(given).items() if name != "units" and value != FREE.get(name)}
        if asked:
            raise click.UsageError(f"With --site the code carries all: leave out {', '.join(sorted(asked))}.")
        say_site((f"{code}x{given['count']}",), site, on, place, qp, wage_index, device_offset, as_json, as_csv)
        return
    code, modifier = split(code)
    priced = price_of(code, modifier, on=on, place=place, setting=setting, qualifying_apm=qp, **line_of(given))
    if as_json:
        show.emit_json(priced, _foot(priced))
        return
    if as_csv:
        click.echo(_price_sheet(priced), nl=False)
        return
    _answer(priced)
    show.say_foot(_foot(priced), priced.sources)


def _price_sheet(priced: Priced) -> str:
    line, cents = priced.line, priced.amount_cents
    row = {
        "code": line.code,
        "modifier": line.modifier,
        "on": priced.on.isoformat(),
        "release": priced.release.id,
        "place": priced.locality.id,
        "setting": line.setting,
        "status": priced.status,
        "amount": "" if cents is None else units.text(cents, units.CENTS),
        "units": str(line.units),
        "allowed": "" if priced.allowed_cents is None else units.text(priced.allowed_cents, units.CENTS),
        "effects": "; ".join(f"{effect.rule}: {effect.arithmetic}" for effect in priced.effects),
        "conversion_factor": units.text(priced.conversion_factor.value, units.CONVERSION_FACTOR),
        "words": priced.words,
        "how_paid": priced.how_paid,
        "successor": priced.successor,
        "leads": " ".join(priced.leads),
        "notes": " ".join((*priced.notes, *priced.warnings)),
        "sources": " ".join(priced.sources),
    }
    return show.as_csv_text(list(row), [list(row.values())])


@click.command()
@click.argument("code")
@show.on_option
@show.place_options
@show.setting_option
@line_options
@show.json_option
@show.csv_option
def explain(
    code: str, on: str | None, place: str, qp: bool, setting: str, as_json: bool, as_csv: bool, **given: Any
) -> None:
    """How the amount of CODE is made: each rule, its arithmetic, its source."""
    from openrvu.explaining import explain as steps_of
    from openrvu.explaining import shares as shares_of

    code, modifier = split(code)
    priced = price_of(code, modifier, on=on, place=place, setting=setting, qualifying_apm=qp, **line_of(given))
    steps, shares = steps_of(priced), shares_of(priced)
    if as_json:
        show.emit_json({"priced": priced, "steps": steps, "shares": shares}, _foot(priced))
        return
    head = ("step", "what", "value", "source")
    rows = [(s.rule, s.words, s.arithmetic or s.value, ", ".join(s.sources)) for s in steps]
    rows += [(s.name, s.how, show.money(s.amount_cents), ", ".join(s.sources)) for s in shares]
    if as_csv:
        click.echo(show.as_csv_text(head, rows), nl=False)
        return
    _answer(priced)
    show.table(head, rows)
    used = [source for step in steps for source in step.sources]
    show.say_citations([*used, *(source for share in shares for source in share.sources)])
    show.say_foot(_foot(priced))


@click.command()
@click.argument("code")
@show.on_option
@show.place_options
@show.json_option
def code(code: str, on: str | None, place: str, qp: bool, as_json: bool) -> None:
    """What CODE is, what it is confused with, whether it is covered, what it pays."""
    from openrvu.cards.card import card, foot_of

    found = card(code, on=on, place=place, qualifying_apm=qp)
    foot = foot_of(found)
    if as_json:
        show.emit_json(found, foot)
        return
    _answer(found.facility)
    office = found.nonfacility
    if office.amount_cents is not None and office.amount_cents != found.facility.amount_cents:
        click.echo(f"Outside a facility: ${show.money(office.amount_cents)}")
    for note in office.notes:
        if note not in found.facility.notes:
            click.echo(f"Outside a facility: {note}")
    if found.coverage:
        _conditions(found.coverage)
    if found.service:
        _service(found.service)
    if own := holdings.licensed(found.code).get(found.code):
        click.echo(f"\nIn your own licensed text (the AMA's, kept on this machine alone): {own}")
    if found.indicators:
        show.table(("indicator", "", "meaning"), [(i.name, i.value, i.words) for i in found.indicators])
    click.echo()
    for rate in found.rates:
        _building(rate)
    if found.unit_limit:
        _unit_limit(found.unit_limit)
    if found.comparison:
        _comparison(found.comparison)
    click.echo(f"Through the releases: `openrvu history {found.code}`")
    show.say_foot(foot, found.facility.sources)


def _conditions(coverage: Coverage) -> None:
    click.echo(f"\n{coverage.title}, in force since {coverage.starts.isoformat()}. Its conditions:")
    for item in coverage.requirements:
        click.echo(f"  - {item.text}{'' if item.settled else ' (to be confirmed in the source)'}")


def _service(service: Service) -> None:
    click.echo(f"\n{service.code}: {service.words}")
    unit = service.unit and f"counts by {service.unit}"
    click.echo("; ".join(part for part in (service.approach, service.visualization, service.pathology, unit) if part))
    for item in service.confused_with:
        click.echo(f"  not {item.code}: {item.why}")
    for trap in service.traps:
        click.echo(f"  trap: {trap}")


def _building(rate: FacilityRate) -> None:
    name = {"ASC": "surgical centre", "OPPS": "hospital outpatient"}[rate.system]
    amount = "not paid on its own" if rate.amount_cents is None else f"${show.money(rate.amount_cents)}"
    share = "" if rate.patient_cents is None else f", the patient's share ${show.money(rate.patient_cents)}"
    note = f" ({rate.note})" if rate.note else ""
    click.echo(f"The building, {name}, {rate.year}: {amount}{share}{note}")


def _unit_limit(limit: UnitLimit) -> None:
    value = "none published" if limit.value is None else str(limit.value)
    old = "" if limit.current else ", not the quarter of the date"
    click.echo(f"Units, at most (MUE of practitioners, {limit.quarter}{old}): {value}; {limit.words}")


def _comparison(found: Any) -> None:
    if found.note:
        click.echo(found.note)
    rows = [
        (
            r.code,
            r.words,
            *(show.rvu(value or None) for value in (r.work_rvu, r.pe_rvu, r.mp_rvu, r.total_rvu)),
            show.money(r.amount_cents),
            r.ratio_percent or "-",
        )
        for r in found.rows
    ]
    show.table(("code", "our words", "work", "PE", "MP", "total", "amount $", "ratio %"), rows, (2, 3, 4, 5, 6, 7))
    click.echo(f"ratio: {found.base}")
    for row in found.rows:
        if row.amount_cents is None:
            words = row.status_words
            click.echo(words if words.startswith(row.code) else f"{row.code}: {words}")


@click.command()
@click.argument("codes", nargs=-1, required=True)
@show.on_option
@show.place_options
@show.setting_option
@click.option("--work", default="", help="A work RVU that each ratio is taken of, such as 18.2464.")
@show.json_option
@show.csv_option
def compare(
    codes: tuple[str, ...], on: str | None, place: str, qp: bool, setting: str, work: str, as_json: bool, as_csv: bool
) -> None:
    """Two to twelve CODES side by side: RVUs, amount, ratio of work."""
    from openrvu.cards.compare import compare as compared

    found = compared(codes, on=on, place=place, setting=setting, qualifying_apm=qp, work=work)
    foot = answers.foot(release=found.release, on=found.on, place=found.locality.id, setting=setting)
    if as_json:
        show.emit_json(found, foot)
        return
    if as_csv:
        from openrvu.cards.sheets import comparison_sheet

        click.echo(comparison_sheet(found), nl=False)
        return
    show.say_leads(found.leads)
    _comparison(found)
    for warning in found.warnings:
        click.echo(f"Warning: {warning}")
    show.say_foot(foot, tuple(dict.fromkeys(r.source for r in found.rows if r.source)))
