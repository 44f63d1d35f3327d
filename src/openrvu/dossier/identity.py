"""The section on the code itself: how it is done, since when, and what it is confused with."""

from __future__ import annotations

from openrvu.codes.coverage import coverage_of, positions
from openrvu.codes.families import Service, find_service, plain_words
from openrvu.codes.indicators import indicators
from openrvu.dossier.asked import Asked
from openrvu.dossier.blocks import Block, Bullets, Column, Item, Notice, Paragraph, Row, Section, Table

NOT_STATED = "not stated"


def section_identity(asked: Asked) -> Section:
    """What the code is, a table of the codes it is taken for, traps, and coverage with its dates."""
    title = "The code, and what it is confused with"
    known = find_service(asked.code)
    if known is None:
        text = f"No family file describes {asked.code}; the fee schedule alone is held."
        fix = "Add it to a file of facts/families, in your own words."
        return Section(
            "code",
            title,
            (Notice("missing", "Description", text, fix, sources=(asked.release.source,)), _policy(asked)),
        )
    blocks: list[Block] = []
    if {asked.code, *(c.code for c in known.confused_with)} >= {"62380", "62330"}:
        blocks.append(_mild(known))
    blocks += _beside(known)
    if known.traps:
        blocks.append(Paragraph("Traps for coders", role="subhead"))
        blocks.append(Bullets(tuple(Item(text, sources=known.sources) for text in known.traps)))
    blocks.append(_policy(asked))
    blocks += _coverage(asked)
    return Section("code", title, tuple(blocks))


def _mild(known: Service) -> Notice:
    text = (
        "The brand name mild belongs to image-guided percutaneous decompression: 0275T until the end of 2025, 62330 "
        "and 62331 from 2026. 62380 is endoscopic surgery under a continuous direct view. Neither may be billed for "
        "the other."
    )
    return Notice("warning", "62380 is not MILD", text, sources=known.sources)


def _beside(known: Service) -> list[Table]:
    """What the code is taken for and why that is another service, and how each is done."""
    taken = tuple(
        Row((c.code, plain_words(c.code) or NOT_STATED, c.why), _sources(find_service(c.code), known))
        for c in known.confused_with
    )
    everyone = (known, *(other for c in known.confused_with if (other := find_service(c.code))))
    done = tuple(
        Row(
            (one.code, *(cell or NOT_STATED for cell in (one.approach, one.visualization, one.unit)), _in_force(one)),
            one.sources,
            strong=one is known,
        )
        for one in everyone
    )
    tables = []
    if taken:
        labels = (Column("Code"), Column("In plain words"), Column(f"Not {known.code}, because"))
        tables.append(Table(f"What {known.code} is taken for", labels, taken))
    columns = (
        Column("Code"),
        Column("Approach"),
        Column("View"),
        Column("Counted by"),
        Column("In force", "", "whole"),
    )
    return [*tables, Table("How each is done", columns, done)]


def _sources(one: Service | None, known: Service) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*known.sources, *(one.sources if one else ()))))


def _in_force(one: Service) -> str:
    if one.introduced and one.ended:
        return f"{one.introduced.isoformat()} to {one.ended.isoformat()}"
    if one.introduced:
        return f"since {one.introduced.isoformat()}"
    return f"until {one.ended.isoformat()}" if one.ended else NOT_STATED


def _policy(asked: Asked) -> Table:
    """The policy indicators of the release, in words where a coder needs them."""
    record = asked.priced.record
    columns = (Column("Indicator"), Column("Value", "", "whole"), Column("Meaning"))
    if record is None:
        row = Row(
            ("Row in the release", "none", "the release as held has no row for the code"), (asked.release.source,)
        )
        return Table(f"{asked.code} on {asked.release.id}", columns, (row,))
    rows = tuple(Row((one.name, one.value, one.words)) for one in indicators(record))
    if not rows:
        rows = (Row(("Status and indicators", NOT_STATED, "the table held for this release has none")),)
    return Table(f"Payment indicators of {asked.code}, release {asked.release.id}", columns, rows, (record.source,))


def _coverage(asked: Asked) -> list[Block]:
    found = coverage_of(asked.code, asked.on)
    views = positions(asked.code)
    if found is None and not views:
        return []
    blocks: list[Block] = [Paragraph("Coverage", role="subhead")]
    if found:
        blocks.append(Paragraph(f"{found.title}, since {found.starts.isoformat()}.", found.sources))
        needs = (
            item.text if item.settled else f"{item.text} (to be confirmed in the decision)"
            for item in found.requirements
        )
        blocks.append(Bullets(tuple(Item(f"{text[:1].upper()}{text[1:]}.", sources=found.sources) for text in needs)))
        rows = tuple(Row((event.on.isoformat(), event.text)) for event in found.events)
        blocks.append(
            Table("How the decision changed", (Column("Date", "", "whole"), Column("What")), rows, found.sources)
        )
    for view in views:
        blocks.append(Paragraph(f"{view.payer}, policy {view.policy}, read {view.read}: {view.text}.", view.sources))
    return blocks
