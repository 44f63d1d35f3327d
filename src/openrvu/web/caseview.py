"""The page of a case: the services of one session priced together, a row a service with the rule that decided it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby

from openrvu import answers
from openrvu.casing import ASSISTANTS, Case, CaseLine, Period, Total, case
from openrvu.dossier.asked import money, rvu
from openrvu.dossier.blocks import Citation, Column, Row, Table
from openrvu.errors import BadInput
from openrvu.facts import Facts
from openrvu.sources import source
from openrvu.web.asked import Asked
from openrvu.web.parts import DASH, DOLLARS

LONGEST = 600


@dataclass(frozen=True)
class Typed:
    """What the form holds, as typed. services: parted by spaces or commas. assistant: AS, 80, 81, 82 or empty.

    provider: empty for a physician, else NP, PA and so on.
    """

    services: str = ""
    assistant: str = ""
    provider: str = ""

    @property
    def chosen(self) -> dict[str, str]:
        """What was typed, by its name in the address."""
        pairs = {"services": self.services, "as": self.assistant, "provider": self.provider}
        return {name: value for name, value in pairs.items() if value}


@dataclass(frozen=True)
class CasePage:
    """All that the template shows. tables: one a role, the surgeon first."""

    found: Case
    said: str
    tables: tuple[Table, ...]
    periods: tuple[str, ...]
    citations: tuple[Citation, ...]
    foot: Mapping[str, str]
    python: str
    command: str


def case_of(typed: Typed, asked: Asked, facts: Facts) -> Case:
    """The case, as the command line and the JSON give it. Errors as in `case`."""
    chosen = asked.checked()
    if len(typed.services) > LONGEST:
        raise BadInput(f"the list has {len(typed.services):,} characters", fix=f"Give {LONGEST} at most")
    return case(
        services_in(typed.services),
        assistant=typed.assistant,
        on=chosen.on or None,
        place=chosen.place,
        setting=chosen.setting,
        qualifying_apm=chosen.qp,
        provider=typed.provider,
        facts=facts,
    )


def services_in(text: str) -> tuple[str, ...]:
    """The services of a pasted list.

    >>> services_in("22633, 22853x2;63030-50")
    ('22633', '22853x2', '63030-50')
    """
    return tuple(word for word in re.split(r"[\s,;]+", text.strip()) if word)


def foot_of(found: Case) -> dict[str, str]:
    """The foot of its outputs."""
    return answers.foot(release=found.release, on=found.on, place=found.locality.id, setting=found.setting)


def _name(line: CaseLine) -> str:
    return line.code + (f"-{line.modifier}" if line.modifier else "")


def _row(line: CaseLine) -> Row:
    told = (money(line.amount_cents, DASH), money(line.allowed_cents, line.status.replace("-", " ")))
    figures = (str(line.units), str(line.rank or DASH), rvu(line.work_rvu) if line.work_rvu else DASH, *told)
    paid = rvu(line.paid_work_rvu) if line.paid_work_rvu is not None else DASH
    return Row((_name(line), line.words, *figures, paid, money(line.patient_cents, DASH), line.why or line.rule))


def _table(found: Case, total: Total) -> Table:
    columns = (
        Column("Service", "", "whole"),
        Column("In plain words"),
        Column("Units", "", "right"),
        Column("Rank", "", "right"),
        Column("Work", "RVU", "right"),
        Column("Schedule", DOLLARS, "right"),
        Column("Allowed", DOLLARS, "right"),
        Column("Paid work", "RVU", "right"),
        Column("Patient", DOLLARS, "right"),
        Column("Rule"),
    )
    rows = tuple(_row(line) for line in found.lines if line.role == total.role)
    sums = (rvu(total.work_rvu), "", money(total.allowed_cents), rvu(total.paid_work_rvu), money(total.patient_cents))
    last = Row(("Total", "", "", "", *sums, ""), strong=True)
    notes = [f"Medicare pays ${money(total.medicare_cents)} of it after sequestration."]
    notes += [f"Not in the total: {total.unpriced} of the lines."] if total.unpriced else []
    caption = f"{total.role.capitalize()}, release {found.release}, {found.on.isoformat()}"
    return Table(caption, columns, (*rows, last), notes=tuple(notes))


def _said(found: Case) -> str:
    parts = [
        f"${money(one.allowed_cents)} to the {one.role}, of it the patient ${money(one.patient_cents)}"
        for one in found.totals
    ]
    return "Allowed: " + "; ".join(parts) + "."


def _period(key: tuple[object, object, str], periods: list[Period]) -> str:
    codes = ", ".join(period.code for period in periods)
    first = periods[0]
    return f"{codes}: {first.starts.isoformat()} to {first.ends.isoformat()}, {key[2]}."


def case_page(typed: Typed, asked: Asked, facts: Facts) -> CasePage:
    """The page. Errors as in `case`."""
    found = case_of(typed, asked, facts)
    grouped = groupby(found.periods, key=lambda one: (one.starts, one.ends, one.words))
    python, command = elsewhere(typed, asked)
    return CasePage(
        found=found,
        said=_said(found),
        tables=tuple(_table(found, total) for total in found.totals),
        periods=tuple(_period(key, list(periods)) for key, periods in grouped),
        citations=tuple(Citation(number, source(key)) for number, key in enumerate(found.sources, 1)),
        foot=foot_of(found),
        python=python,
        command=command,
    )


def elsewhere(typed: Typed, asked: Asked) -> tuple[str, str]:
    """The same answer in Python and on the command line."""
    services, chosen = list(services_in(typed.services)), asked.chosen
    pairs = {name: chosen[name] for name in ("on", "place", "setting") if name in chosen}
    named = [f"assistant={typed.assistant!r}"] if typed.assistant else []
    named += [f"{name}={value!r}" for name, value in pairs.items()]
    named += ["qualifying_apm=True"] if asked.qp else []
    named += [f"provider={typed.provider!r}"] if typed.provider else []
    options = ["--as", typed.assistant] if typed.assistant else []
    options += [part for name, value in pairs.items() for part in (f"--{name}", value)]
    options += ["--qp"] if asked.qp else []
    options += ["--provider", typed.provider] if typed.provider else []
    python = f"import openrvu\nfound = openrvu.case({', '.join([repr(services), *named])})"
    return python, shlex.join(["openrvu", "case", *services, *options, "--json"])


__all__ = ["ASSISTANTS", "CasePage", "Typed", "case_of", "case_page", "elsewhere", "foot_of", "services_in"]
