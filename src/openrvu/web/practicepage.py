"""The screen of a practice's own volumes: dates side by side, a what-if, payers, and pay by frozen work RVUs."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

from openrvu.dossier import charts
from openrvu.dossier.asked import money, rvu
from openrvu.dossier.blocks import Bullets, Chart, Column, Item, Notice, Row, Table
from openrvu.errors import BadInput
from openrvu.facts import Facts
from openrvu.impact.practice import Practice, foot_of, practice, sheet
from openrvu.impact.scenario import names
from openrvu.web.asked import Asked
from openrvu.web.parts import DASH, DOLLARS, Part
from openrvu.web.reporting import Report

LONGEST = 2_000


@dataclass(frozen=True)
class Typed:
    """What the form holds. volumes: as 63047x120, parted by spaces or lines. then: a second date. scenario: a shipped
    one. multiplier, mix: PAYER=PERCENT, parted by spaces. frozen, rate: a date and dollars a work RVU."""

    volumes: str = ""
    then: str = ""
    scenario: str = ""
    multiplier: str = ""
    mix: str = ""
    frozen: str = ""
    rate: str = ""

    @property
    def chosen(self) -> dict[str, str]:
        """What was typed, by its name in the address."""
        return {name: value for name, value in vars(self).items() if value}

    def listed(self, name: str) -> list[str]:
        """A field as its words. Raises BadInput for one that is too long."""
        text = str(getattr(self, name))
        if len(text) > LONGEST:
            raise BadInput(f"`{name}` has {len(text):,} characters", fix=f"Give {LONGEST:,} at most, or use a file")
        return [word for word in re.split(r"[\s,;]+", text.strip()) if word]

    def pairs(self, name: str) -> dict[str, str]:
        """PAYER=PERCENT words as a mapping. Raises BadInput for a word that is none."""
        found = {}
        for word in self.listed(name):
            payer, equals, percent = word.partition("=")
            if not equals or not payer:
                raise BadInput(f"{word[:40]!r} is no payer with its percent", fix="Write commercial=140 medicaid=72")
            found[payer] = percent
        return found


def found_of(typed: Typed, asked: Asked, facts: Facts) -> Practice:
    """The public call with the choices of the page. Only shipped what-ifs: an address names no file of the server."""
    chosen = asked.checked()
    if typed.scenario and typed.scenario not in names():
        raise BadInput(f"no what-if is called {typed.scenario[:40]!r}", exists=f"Shipped: {', '.join(names())}")
    return practice(
        typed.listed("volumes"),
        on=_days(typed, chosen),
        place=chosen.place,
        setting=chosen.setting,
        qualifying_apm=chosen.qp,
        multipliers=typed.pairs("multiplier"),
        mix=typed.pairs("mix"),
        scenario=typed.scenario or None,
        frozen=typed.frozen or None,
        rate=typed.rate,
        facts=facts,
    )


def _days(typed: Typed, asked: Asked) -> list[str]:
    """The other date first, then that of the top bar; the library takes the newest release where neither is given."""
    return [day for day in (typed.then, asked.on) if day]


def practice_page(typed: Typed, asked: Asked, facts: Facts) -> Report:
    """The screen. Errors as in `practice`."""
    found = found_of(typed, asked, facts)
    python, command = elsewhere(typed, asked)
    return Report(
        path="/practice",
        title="My practice",
        said=answer(found),
        parts=_parts(found),
        foot=foot_of(found),
        notices=tuple(Notice("coverage", "Coverage", text, sources=found.sources[:1]) for text in found.leads),
        kept=typed.chosen,
        python=python,
        command=command,
        more=found.sources,
    )


def answer(found: Practice) -> tuple[str, ...]:
    """The answer in sentences: the totals, then what changes."""
    said = [
        f"{found.units:,} services: {rvu(view.work_rvu)} work RVUs and ${money(view.paid_cents)}, {view.label}."
        for view in found.views[:1]
    ]
    for one in found.changes:
        percent = f" ({one.percent.replace('-', '−')} %)" if one.percent else ""
        said.append(
            f"{one.label}: {_signed(rvu(one.work_rvu))} work RVUs, {_signed(money(one.paid_cents))} dollars{percent}."
        )
    return tuple(said)


def _signed(text: str) -> str:
    return text.replace("-", "−") if text.startswith("-") else f"+{text}"


def _parts(found: Practice) -> tuple[Part, ...]:
    views = _views(found)
    made = [Part("views", "Side by side", (views,), views, chart=_drawn(found, views))]
    if any(len(view.payers) > 1 for view in found.views):
        payers = _payers(found)
        made.append(Part("payers", "By payer", (payers,), payers))
    if found.frozen:
        frozen = _frozen(found)
        made.append(Part("frozen", "Pay by work RVU, with frozen RVUs", (frozen,), frozen))
    services = _services(found)
    limits = Bullets(tuple(Item(text) for text in found.caveats))
    made.append(Part("services", "Service by service", (services,), services, sheet=sheet(found)))
    return (*made, Part("limits", "What this leaves out", (limits,)))


def _views(found: Practice) -> Table:
    columns = (
        Column("View"),
        Column("Work", "RVU", "right"),
        Column("Medicare", DOLLARS, "right"),
        Column("Paid", DOLLARS, "right"),
        Column("A work RVU", DOLLARS, "right"),
        Column("Without amount", "services", "right"),
    )
    rows = tuple(
        Row(
            (
                view.label,
                rvu(view.work_rvu),
                money(view.medicare_cents),
                money(view.paid_cents),
                money(view.per_work_rvu_cents, DASH),
                f"{view.unpriced:,}" if view.unpriced else DASH,
            )
        )
        for view in found.views
    )
    note = "Medicare: had Medicare paid all of it. Paid: after the multipliers of the payers."
    return Table("The same volumes in each view", columns, rows, notes=(note,))


def _drawn(found: Practice, table: Table) -> Chart:
    ranges = [
        charts.Range(
            f"what-if, {view.on.isoformat()}" if view.scenario else view.label,
            view.paid_cents / 100,
            shown=f"${money(view.paid_cents)}",
        )
        for view in found.views
    ]
    said = "; ".join(f"{view.label}: ${money(view.paid_cents)}" for view in found.views)
    return Chart(
        "Dollars paid in each view",
        f"One row a view, a diamond at the dollars paid. {said}.",
        charts.ranges([("Paid", ranges)], DOLLARS, charts.WIDE),
        charts.ranges([("Paid", ranges)], DOLLARS, charts.NARROW),
        table,
        sources=found.sources,
        labelled=True,
    )


def _payers(found: Practice) -> Table:
    columns = (
        Column("View"),
        Column("Payer"),
        Column("Of Medicare", "%", "right"),
        Column("Paid", DOLLARS, "right"),
    )
    rows = tuple(
        Row((view.label, one.payer, one.percent, money(one.paid_cents))) for view in found.views for one in view.payers
    )
    return Table("What each payer pays", columns, rows, notes=("Multipliers are those that were typed.",))


def _frozen(found: Practice) -> Table:
    first = found.frozen[0]
    columns = (
        Column("View"),
        Column("Frozen", "work RVU", "right"),
        Column("Current", "work RVU", "right"),
        Column("Pay, frozen", DOLLARS, "right"),
        Column("Pay, current", DOLLARS, "right"),
    )
    rows = tuple(
        Row(
            (
                one.label,
                *(rvu(work) for work in (one.frozen_work_rvu, one.current_work_rvu)),
                *(money(cents) for cents in (one.frozen_pay_cents, one.current_pay_cents)),
            )
        )
        for one in found.frozen
    )
    left = f"In neither, since one of them lacks it: {', '.join(first.left_out)}." if first.left_out else ""
    caption = f"At ${money(first.rate_cents)} a work RVU: those of {first.release} kept, and today's"
    return Table(caption, columns, rows, notes=(left,) if left else ())


def _services(found: Practice) -> Table:
    columns = (
        Column("Code", "", "whole"),
        Column("In plain words"),
        Column("View"),
        Column("Units", "", "right"),
        Column("Work, one", "RVU", "right"),
        Column("Work, all", "RVU", "right"),
        Column("Medicare, one", DOLLARS, "right"),
        Column("Paid, all", DOLLARS, "right"),
    )
    rows = tuple(
        Row(
            (
                line.code + (f"-{line.modifier}" if line.modifier else ""),
                line.words,
                view.label,
                f"{line.units:,}",
                *(DASH if work is None else rvu(work) for work in (line.work_rvu, line.total_work_rvu)),
                money(line.medicare_cents, line.status.replace("-", " ")),
                money(line.paid_total_cents, DASH),
            )
        )
        for view in found.views
        for line in view.lines
    )
    return Table("Each service in each view", columns, rows)


def elsewhere(typed: Typed, asked: Asked) -> tuple[str, str]:
    """The same answer in Python and on the command line."""
    chosen, days = asked.chosen, _days(typed, asked)
    volumes, multipliers, mix = typed.listed("volumes"), typed.pairs("multiplier"), typed.pairs("mix")
    named = [f"on={days!r}"] if days else []
    named += [f"{name}={chosen[name]!r}" for name in ("place", "setting") if name in chosen]
    named += ["qualifying_apm=True"] if asked.qp else []
    named += [f"{name}={value!r}" for name, value in (("multipliers", multipliers), ("mix", mix)) if value]
    texts = (("scenario", typed.scenario), ("frozen", typed.frozen), ("rate", typed.rate))
    named += [f"{name}={value!r}" for name, value in texts if value]
    options = [part for day in days for part in ("--on", day)]
    options += [part for name in ("place", "setting") if name in chosen for part in (f"--{name}", chosen[name])]
    options += ["--qp"] if asked.qp else []
    for name, pairs in (("--multiplier", multipliers), ("--mix", mix)):
        options += [part for payer, percent in pairs.items() for part in (name, f"{payer}={percent}")]
    options += [part for name, value in texts if value for part in (f"--{name}", value)]
    python = f"import openrvu\nfound = openrvu.practice({', '.join([repr(volumes), *named])})"
    return python, shlex.join(["openrvu", "practice", *volumes, *options, "--json"])
