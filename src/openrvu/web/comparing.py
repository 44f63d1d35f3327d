"""The page on which services stand side by side: the public call, its table and drawing, the same elsewhere."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from openrvu import answers, units
from openrvu.cards.compare import MOST, Comparison, compare
from openrvu.dossier import charts
from openrvu.dossier.asked import money, rvu
from openrvu.dossier.blocks import Chart, Citation, Column, Notice, Row, Table, cited
from openrvu.errors import BadInput
from openrvu.facts import Facts
from openrvu.sources import source
from openrvu.web import parts
from openrvu.web.asked import Asked

LONGEST = 200


@dataclass(frozen=True)
class ComparePage:
    """All that the template shows. numbers: source id to the number it is cited by."""

    found: Comparison
    table: Table
    chart: Chart | None
    notices: tuple[Notice, ...]
    citations: tuple[Citation, ...]
    foot: Mapping[str, str]
    python: str
    command: str

    @property
    def numbers(self) -> dict[str, int]:
        """The number printed for each source id."""
        return {one.source.id: one.number for one in self.citations}


def codes_in(typed: str) -> tuple[str, ...]:
    """The codes of a pasted list: parted by spaces, commas, semicolons or lines.

    Raises BadInput for a text that is too long, and for one code or more than can be compared.

    >>> codes_in("63047, 63030;63047")
    ('63047', '63030')
    """
    if len(typed) > LONGEST:
        raise BadInput(f"the list has {len(typed):,} characters", fix=f"Give two to {MOST} codes")
    codes = tuple(dict.fromkeys(word for word in re.split(r"[\s,;]+", typed.strip().upper()) if word))
    if not 2 <= len(codes) <= MOST:
        raise BadInput(f"{len(codes)} codes given", fix=f"Give two to {MOST} codes, parted by spaces")
    return codes


def comparison_of(typed: str, work: str, asked: Asked, facts: Facts) -> Comparison:
    """The comparison, as the command line and the JSON give it. Errors as in `compare`."""
    chosen = asked.checked()
    return compare(
        codes_in(typed),
        on=chosen.on or None,
        place=chosen.place,
        setting=chosen.setting,
        qualifying_apm=chosen.qp,
        work=work,
        facts=facts,
    )


def foot_of(found: Comparison) -> dict[str, str]:
    """The foot of its outputs."""
    return answers.foot(release=found.release, on=found.on, place=found.locality.id, setting=found.setting)


def _drawn(found: Comparison, work: str) -> Chart | None:
    """Work RVUs in the order asked for, the value that ratios are of as a line; None where no row has one."""
    rows = [row for row in found.rows if row.work_rvu]
    if not rows:
        return None
    ranges = [charts.Range(row.code, (row.work_rvu or 0) / units.RVU, shown=rvu(row.work_rvu)) for row in rows]
    release = found.release if not work else f"{found.release}; the line is {work}"
    panels = [(f"Work RVUs, {release}", ranges)]
    line = units.parse(work, units.RVU) / units.RVU if work else None
    columns = (Column("Code", "", "whole"), Column("Work", "RVU", "right"))
    table = Table("Work RVUs", columns, tuple(Row((row.code, rvu(row.work_rvu)), (row.source,)) for row in rows))
    said = ", ".join(f"{row.code} {rvu(row.work_rvu)}" for row in rows)
    return Chart(
        "On one axis",
        f"Work RVUs of release {found.release}: {said}." + (f" A line marks {work}." if work else ""),
        charts.ranges(panels, "work RVU", charts.WIDE, line),
        charts.ranges(panels, "work RVU", charts.NARROW, line),
        table,
        sources=tuple(dict.fromkeys(row.source for row in rows)),
        labelled=True,
    )


def compare_page(typed: str, work: str, asked: Asked, facts: Facts) -> ComparePage:
    """The page. Errors as in `compare`."""
    found = comparison_of(typed, work, asked, facts)
    table, chart = parts.side_by_side(found), _drawn(found, work)
    notices = [Notice("warning", "Release", text) for text in found.warnings]
    lacking = [row for row in found.rows if row.status == "not-held"]
    notices += [Notice("missing", row.code, row.status_words) for row in lacking]
    used = dict.fromkeys([*cited(table), *(cited(chart) if chart else ())])
    python, command = elsewhere(found, work, asked)
    return ComparePage(
        found=found,
        table=table,
        chart=chart,
        notices=tuple(notices),
        citations=tuple(Citation(number, source(key)) for number, key in enumerate(used, 1)),
        foot=foot_of(found),
        python=python,
        command=command,
    )


def elsewhere(found: Comparison, work: str, asked: Asked) -> tuple[str, str]:
    """The same answer in Python and on the command line."""
    chosen, codes = asked.chosen, [row.code for row in found.rows]
    pairs: dict[str, str] = {name: chosen[name] for name in ("on", "place", "setting") if name in chosen}
    pairs |= {"work": work} if work else {}
    named = [f"{name}={value!r}" for name, value in pairs.items()] + (["qualifying_apm=True"] if asked.qp else [])
    options = [part for name, value in pairs.items() for part in (f"--{name}", value)] + (["--qp"] if asked.qp else [])
    python = f"import openrvu\ntable = openrvu.compare({', '.join([repr(codes), *named])})"
    return python, shlex.join(["openrvu", "compare", *codes, *options, "--json"])


def answer(found: Comparison) -> str:
    """What the table says, in a sentence."""
    priced = [row for row in found.rows if row.amount_cents is not None]
    if not priced:
        return "None of these has a schedule amount here."
    low = min(priced, key=lambda row: row.amount_cents or 0)
    high = max(priced, key=lambda row: row.amount_cents or 0)
    if low is high:
        return f"Of these, {low.code} alone has a schedule amount here: ${money(low.amount_cents)}."
    span = f"from ${money(low.amount_cents)} ({low.code}) to ${money(high.amount_cents)} ({high.code})"
    without = len(found.rows) - len(priced)
    rest = f"; {without} of {len(found.rows)} without an amount" if without else ""
    return f"Schedule amounts {span}{rest}."
