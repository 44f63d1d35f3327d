"""The screen of a code through the releases: what it paid, in real dollars too, and what moved it, part by part."""

from __future__ import annotations

import shlex

from openrvu import answers
from openrvu.cards.changes import Change
from openrvu.cards.history import History, Year, history
from openrvu.cards.sheets import change_sheet, history_sheet
from openrvu.dossier.asked import money, sentence
from openrvu.dossier.blocks import Column, Notice, Paragraph, Row, Table
from openrvu.facts import Facts
from openrvu.places import find_place
from openrvu.pricing import read_date
from openrvu.web import historycharts, parts
from openrvu.web.asked import IN_WORDS, LONGEST, Asked
from openrvu.web.parts import DOLLARS, Part
from openrvu.web.reporting import Report

Span = tuple[str, str]


def facts_until(asked: Asked, facts: Facts) -> Facts:
    """What is held up to the date asked for, as the command line takes it."""
    return facts.until(read_date(asked.on or None))


def found_of(code: str, span: Span, asked: Asked, facts: Facts) -> History:
    """The public call with the choices of the page. span: start and end, both empty where not asked for."""
    chosen = asked.checked()
    return history(
        code,
        place=chosen.place,
        setting=chosen.setting,
        qualifying_apm=chosen.qp,
        start=span[0][:LONGEST] or None,
        end=span[1][:LONGEST] or None,
        facts=facts_until(chosen, facts),
    )


def foot_of(found: History, facts: Facts) -> dict[str, str]:
    """The foot of its outputs. facts: what is held up to the date asked for."""
    span, newest = f"{facts.releases[0].id} to {facts.newest().id}", facts.newest()
    return answers.foot(release=span, on=newest.ends, place=found.place, setting=found.setting)


def history_page(code: str, span: Span, asked: Asked, facts: Facts) -> Report:
    """The screen. Without a span, what moved the amount is told from the first to the last release with an amount."""
    found, typed = found_of(code, span, asked, facts), span
    priced = [row for row in found.rows if row.amount_cents is not None]
    if not any(span) and len(priced) > 1:
        span = (priced[0].starts.isoformat(), priced[-1].starts.isoformat())
        found = found_of(code, span, asked, facts)
    held = facts_until(asked, facts)
    python, command = elsewhere(found.code, span, asked)
    return Report(
        path=f"/history/{found.code}",
        title=f"{found.code} through the releases",
        overline=found.words,
        said=(*found.leads, *answer(found, priced)),
        parts=_parts(found, priced, held),
        foot=foot_of(found, held),
        notices=_memory(found),
        kept=_named(typed),
        same=_named(span),
        python=python,
        command=command,
        links=((asked.url(f"/codes/{found.code}"), f"{found.code} in full"),),
        more=found.index.sources if found.index and priced else (),
        here=found.code,
    )


def _named(span: Span) -> dict[str, str]:
    return {name: value for name, value in zip(("start", "end"), span, strict=True) if value}


def _parts(found: History, priced: list[Year], held: Facts) -> tuple[Part, ...]:
    """The parts that have something to show; each drawing stands below its table."""
    rows = parts.history(found, find_place(found.place, held.newest().id, held))
    made = [Part("releases", "Release by release", rows.blocks, rows.table, sheet=history_sheet(found))]
    if len(priced) > 1:
        real, split = real_table(found, priced), split_table(found, priced)
        drawn = historycharts.real(found, real)
        made.append(Part("dollars", "In dollars of the day, and in real ones", (real,), real, chart=drawn))
        drawn = historycharts.split(found, split)
        made.append(Part("parts", "Work, practice expense, malpractice", (split,), split, chart=drawn))
    if found.change:
        made.append(decomposition(found.change))
    if events := events_table(found):
        made.append(Part("events", "What moved it, day by day", (events,), events))
    return tuple(made)


def answer(found: History, priced: list[Year]) -> tuple[str, ...]:
    """The answer in sentences: what it paid first and last, in dollars of the day and in real ones."""
    setting = IN_WORDS[found.setting]
    if not priced:
        return (f"{found.code} has no schedule amount in any release held. {sentence(found.rows[-1].status_words)}",)
    first, last = priced[0], priced[-1]
    if first is last:
        return (f"{found.code} {setting} has an amount in one release held, {first.release}: ${_paid(first)}.",)
    said = [
        f"{found.code} {setting}: ${_paid(first)} from {first.starts.isoformat()}, ${_paid(last)} from "
        f"{last.starts.isoformat()}{_percent(found.change, first, last)}."
    ]
    real = [row for row in priced if row.real_cents is not None]
    if found.index and len(real) > 1:
        said.append(
            f"In prices of {found.index.base}: ${money(real[0].real_cents)} in {real[0].release}, "
            f"${money(real[-1].real_cents)} in {real[-1].release}."
        )
    works = [f"{row.work_change} in {row.release}" for row in found.rows if row.work_change]
    return (*said, f"Work RVU: {', '.join(works)}.") if works else tuple(said)


def _paid(row: Year) -> str:
    return money(row.amount_cents)


def _percent(change: Change | None, first: Year, last: Year) -> str:
    """The change in percent, where it is the one between these two."""
    if change is None or (change.starts, change.ends) != (first.starts, last.starts):
        return ""
    return f", {change.percent.replace('-', '−')} %"


def _memory(found: History) -> tuple[Notice, ...]:
    """What rests on memory: years of the price index, where real amounts are shown."""
    index = found.index
    if index is None or not index.unsettled or all(row.real_cents is None for row in found.rows):
        return ()
    years = ", ".join(map(str, index.unsettled))
    return (Notice("warning", "Price index", f"Its values of {years} are from memory.", sources=index.sources),)


def _changed(priced: list[Year]) -> list[Year]:
    """Each release whose amount, of the day, real or by component, is not that of the one before."""
    told = [(row.amount_cents, row.real_cents, row.work_cents, row.pe_cents, row.mp_cents) for row in priced]
    return [row for at, row in enumerate(priced) if at == 0 or told[at] != told[at - 1]]


def _money_columns(*names: tuple[str, str]) -> tuple[Column, ...]:
    figures = (Column(name, unit, "right") for name, unit in names)
    return (Column("Release", "", "whole"), Column("From", "", "whole"), *figures)


def real_table(found: History, priced: list[Year]) -> Table:
    """Each amount in dollars of the day and in the prices of the index's base year, newest first."""
    index = found.index
    assert index is not None  # a history always names its index
    rows = tuple(
        Row((row.release, row.starts.isoformat(), _paid(row), money(row.real_cents, "no index")), (row.source,))
        for row in reversed(_changed(priced))
    )
    caption = f"{found.code} {IN_WORDS[found.setting]}, and the same in prices of {index.base}"
    columns = _money_columns(("Amount", DOLLARS), ("Real", f"dollars of {index.base}"))
    held = (
        f"Once for every change. {index.name}, held for {index.first} to {index.last}; other years have no real amount."
    )
    return Table(caption, columns, rows, index.sources, (held,))


def split_table(found: History, priced: list[Year]) -> Table:
    """Each amount by component, newest first."""
    rows = tuple(
        Row(
            (
                row.release,
                row.starts.isoformat(),
                *map(money, (row.work_cents, row.pe_cents, row.mp_cents)),
                _paid(row),
            ),
            (row.source,),
        )
        for row in reversed(_changed(priced))
    )
    columns = _money_columns(*((name, DOLLARS) for name in ("Work", "PE", "MP", "Together")))
    note = "Once for every change. RVU × GPCI × conversion factor; the cents are rounded so that they add up."
    return Table(f"What the amount of {found.code} is made of", columns, rows, notes=(note,))


def decomposition(change: Change) -> Part:
    """How much of the change came from each part, with the drawing."""
    columns = (
        Column("Part"),
        Column("Before", "", "right"),
        Column("After", "", "right"),
        Column("Effect", DOLLARS, "right"),
        Column("Of the amount before", "%", "right"),
    )
    rows = tuple(
        Row((historycharts.NAMES[one.name], one.before, one.after, money(one.amount_cents), one.percent))
        for one in change.parts
    )
    whole = (money(change.before_cents), money(change.after_cents), money(change.change_cents), change.percent)
    caption = (
        f"{change.code} {IN_WORDS[change.setting]}, {change.starts.isoformat()} ({change.release_before}) to "
        f"{change.ends.isoformat()} ({change.release_after})"
    )
    table = Table(caption, columns, (*rows, Row(("Together", *whole), strong=True)), change.sources)
    method = Paragraph(f"{sentence(change.method)} No order of the parts is preferred.", change.sources[:1], "note")
    drawn = historycharts.bridge(change, table)
    return Part(
        "change", "How much each part moved it", (table, method), table, chart=drawn, sheet=change_sheet(change)
    )


def events_table(found: History) -> Table | None:
    """Every movement of a part with the event behind it, newest first; None where nothing moved."""
    causes = [cause for row in reversed(found.rows) for cause in row.causes]
    rows = tuple(
        Row(
            (
                one.on.isoformat(),
                historycharts.NAMES.get(one.component, one.component),
                sentence(one.text) + ("" if one.settled else " (From memory.)"),
            ),
            one.sources,
        )
        for one in causes
    )
    columns = (Column("Date", "", "whole"), Column("Part"), Column("What moved, or why"))
    return Table(f"What moved the amount of {found.code}", columns, rows) if rows else None


def elsewhere(code: str, span: Span, asked: Asked) -> tuple[str, str]:
    """The same answer in Python and on the command line.

    >>> elsewhere("63047", ("2025-07-01", "2026-07-01"), Asked(place="Ohio"))[1]
    'openrvu history 63047 --place Ohio --from 2025-07-01 --to 2026-07-01 --json'
    """
    chosen = asked.chosen
    pairs = {name: chosen[name] for name in ("on", "place", "setting") if name in chosen}
    named = [f"{name}={value!r}" for name, value in pairs.items()] + (["qualifying_apm=True"] if asked.qp else [])
    named += [f"{name}={value!r}" for name, value in _named(span).items()]
    options = [part for name, value in pairs.items() for part in (f"--{name}", value)] + (["--qp"] if asked.qp else [])
    options += [part for name, value in zip(("--from", "--to"), span, strict=True) if value for part in (name, value)]
    python = f"import openrvu\nfound = openrvu.history({', '.join([repr(code), *named])})"
    return python, shlex.join(["openrvu", "history", code, *options, "--json"])
