"""The section on comparators: work RVUs by release, and ratios to them."""

from __future__ import annotations

from openrvu import units
from openrvu.codes.families import plain_words
from openrvu.dossier.asked import NONE, RATIONALE, Asked, rvu
from openrvu.dossier.blocks import Block, Column, Notice, Paragraph, Row, Section, Table
from openrvu.releases import Release


def spans(asked: Asked, codes: tuple[str, ...]) -> tuple[tuple[Release, Release], ...]:
    """Runs of releases, oldest first, over which no code's work RVU changes: (first, last) of each run."""
    found: list[tuple[Release, Release]] = []
    previous: tuple[int | None, ...] = ()
    for release in asked.facts.releases:
        now = tuple(asked.facts.work_rvu(code, release.id) for code in codes)
        if found and now == previous:
            found[-1] = (found[-1][0], release)
        else:
            found.append((release, release))
        previous = now
    return tuple(found)


def _name(first: Release, last: Release) -> str:
    return first.id if first == last else f"{first.id} to {last.id}"


def section_comparators(asked: Asked, claimed: tuple[int, str] | None = None) -> Section:
    """Each comparator's work RVU in every release held, and what share of it a value would be.

    claimed: a published work RVU for the code x 10^4, and the source that printed it; ratios are of it. Without one
    they are of the code's own work RVU.
    """
    title = "Comparators"
    if not asked.comparators:
        text = f"None are held for {asked.code}: no published study compares it, and its family has no valued code."
        return Section(
            "comparators", title, (Notice("missing", "Comparators", text, "Name some with: openrvu compare"),)
        )
    codes = asked.comparators
    own = asked.facts.work_rvu(asked.code, asked.release.id)
    shown = (asked.code, *codes) if own else codes
    blocks: list[Block] = [Paragraph(RATIONALE), _by_release(asked, shown)]
    value = claimed or ((own, asked.release.source) if own else None)
    if value:
        blocks.append(_ratios(asked, codes, value, "the published claim" if claimed else asked.code))
    return Section("comparators", title, tuple(blocks))


def _by_release(asked: Asked, codes: tuple[str, ...]) -> Table:
    runs = spans(asked, codes)
    rows = []
    for code in codes:
        values = [asked.facts.work_rvu(code, last.id) for _, last in runs]
        rows.append(Row((code, plain_words(code), *(rvu(v) for v in values)), strong=code == asked.code))
    columns = (Column("Code"), Column("In plain words"), *(Column(_name(*run), "work RVU", "right") for run in runs))
    sources = tuple(dict.fromkeys(release.source for release in asked.facts.releases))
    notes = (
        f"A column is a run of releases in which none of these values changed. “{NONE.capitalize()}”: the release as "
        "held has no row for the code, which is not the same as a value of zero.",
    )
    return Table("Work RVUs in every release held", columns, tuple(rows), sources, notes)


def _ratios(asked: Asked, codes: tuple[str, ...], value: tuple[int, str], name: str) -> Table:
    """The value as a percent of each comparator, for the release asked for and for the one before each change."""
    runs = spans(asked, codes)
    rows = []
    for code in codes:
        cells = []
        for _, last in runs:
            work = asked.facts.work_rvu(code, last.id)
            cells.append(f"{units.ratio_text(value[0], work, 2)} %" if work else NONE)
        rows.append(Row((code, *cells)))
    number = units.text(value[0], units.RVU)
    columns = (Column("Code"), *(Column(_name(*run), "of its work RVU", "right") for run in runs))
    sources = (value[1], *dict.fromkeys(release.source for release in asked.facts.releases))
    return Table(f"{number} work RVU ({name}) as a percent of each comparator", columns, tuple(rows), sources)
