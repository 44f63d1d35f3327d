"""A draft for a person to finish, as Markdown or as a Word file: sections of the dossier's blocks, sources numbered.

What only a person knows stands in square brackets; each bracket is listed at the head, so that none is overlooked.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from openrvu.dossier.blocks import TONES, Block, Bullets, Citation, Notice, Paragraph, Section, Table, cited, runs
from openrvu.errors import BadInput
from openrvu.sources import source

FORMATS = (".md", ".docx")
BRACKET = re.compile(r"\[[^\[\]]+\]")
UNFINISHED = (
    "A draft made from published figures. A person must check every figure, fill in what stands in brackets, and "
    "answer for what is sent; nothing is sent from here."
)


@dataclass(frozen=True)
class Draft:
    """A letter or a packet. to: who receives it. sections: as in a dossier. foot: release, date, place, run id."""

    kind: str
    code: str
    title: str
    to: str
    sections: tuple[Section, ...]
    foot: Mapping[str, str] = field(default_factory=dict)

    @property
    def citations(self) -> tuple[Citation, ...]:
        """The sources in the order in which the text cites them."""
        ids = dict.fromkeys(cited(self.sections))
        return tuple(Citation(number, source(key)) for number, key in enumerate(ids, 1))

    @property
    def blanks(self) -> tuple[str, ...]:
        """What a person must fill in, each once, in reading order."""
        texts = (text for section in self.sections for block in section.blocks for text in _texts(block))
        return tuple(dict.fromkeys(found[1:-1] for text in (self.to, *texts) for found in BRACKET.findall(text)))


def _texts(block: Block) -> list[str]:
    """The text of a block, for looking through."""
    if isinstance(block, (Paragraph, Notice)):
        return [block.text]
    if isinstance(block, Bullets):
        return [f"{item.term} {item.text}" for item in block.items]
    if isinstance(block, Table):
        return [cell for row in block.rows for cell in row.cells]
    return []


def _refs(ids: tuple[str, ...], numbers: Mapping[str, int]) -> str:
    spans = [f"{a}" if a == b else f"{a}–{b}" for a, b in runs(numbers[key] for key in ids)]
    return f" ({', '.join(spans)})" if spans else ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _table(block: Table, numbers: Mapping[str, int]) -> list[str]:
    head = [f"{c.label} ({c.unit})" if c.unit else c.label for c in block.columns]
    marks = ["---:" if c.align == "right" else "---" for c in block.columns]
    rows = [[*map(_cell, row.cells[:-1]), _cell(row.cells[-1]) + _refs(row.sources, numbers)] for row in block.rows]
    lines = [f"| {' | '.join(cells)} |" for cells in (head, marks, *rows)]
    return [
        f"**{block.caption}**{_refs(block.sources, numbers)}",
        "",
        *lines,
        "",
        *(f"{note}\n" for note in block.notes),
    ]


def _markdown(block: Block, numbers: Mapping[str, int]) -> list[str]:
    if isinstance(block, Paragraph):
        return [f"{block.text}{_refs(block.sources, numbers)}", ""]
    if isinstance(block, Bullets):
        items = (f"{item.term} {item.text}".strip() + _refs(item.sources, numbers) for item in block.items)
        return [*(f"{f'{at}.' if block.ordered else '-'} {text}" for at, text in enumerate(items, 1)), ""]
    if isinstance(block, Notice):
        fix = f" {block.fix}" if block.fix else ""
        said = f"**{TONES[block.tone]}: {block.title}.** {block.text}{fix}{_refs(block.sources, numbers)}"
        return [f"> {said}", ""]
    assert isinstance(block, Table)  # drafts are made of these four
    return _table(block, numbers)


def markdown(draft: Draft) -> str:
    """The draft as Markdown. The same draft gives the same text; no clock is read."""
    numbers = {one.source.id: one.number for one in draft.citations}
    lines = [f"# {draft.title}", "", f"*{UNFINISHED}*", "", f"To: {draft.to}", ""]
    if draft.blanks:
        lines += ["To be filled in:", "", *(f"- [ ] {text}" for text in draft.blanks), ""]
    for section in draft.sections:
        lines += [f"## {section.title}", ""]
        for block in section.blocks:
            lines += _markdown(block, numbers)
    lines += ["## Sources", "", *(f"{one.number}. {_source(one)}" for one in draft.citations), "", _foot(draft), ""]
    return "\n".join(lines)


def _source(one: Citation) -> str:
    page = f", {one.source.page}" if one.source.page else ""
    return f"{one.source.citation}{page}{f' {one.source.url}' if one.source.url else ''}"


def _foot(draft: Draft) -> str:
    foot = draft.foot
    where = (
        f"Release {foot['release']}, {foot['on']}, {foot['place']}. OpenRVU {foot['version']}, run {foot['run_id']}."
    )
    return f"{where} {foot['disclaimer']} {foot['cpt_notice']}"


def word(draft: Draft) -> bytes:
    """The draft as a Word file with real headings, lists and tables. The same draft gives the same text in it."""
    from docx import Document
    from docx.shared import Pt

    numbers = {one.source.id: one.number for one in draft.citations}
    made = Document()
    made.core_properties.title, made.core_properties.author = draft.title, ""
    made.styles["Normal"].font.name, made.styles["Normal"].font.size = "Calibri", Pt(11)
    made.add_heading(draft.title, 0)
    made.add_paragraph(UNFINISHED).runs[0].italic = True
    made.add_paragraph(f"To: {draft.to}")
    if draft.blanks:
        made.add_paragraph("To be filled in:")
        for text in draft.blanks:
            made.add_paragraph(text, style="List Bullet")
    for section in draft.sections:
        made.add_heading(section.title, 1)
        for block in section.blocks:
            _in_word(made, block, numbers)
    made.add_heading("Sources", 1)
    for one in draft.citations:
        made.add_paragraph(f"{one.number}. {_source(one)}")
    made.sections[0].footer.paragraphs[0].text = _foot(draft)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def _in_word(made: object, block: Block, numbers: Mapping[str, int]) -> None:
    from docx.document import Document

    assert isinstance(made, Document)  # the caller made it
    if isinstance(block, Paragraph):
        made.add_paragraph(f"{block.text}{_refs(block.sources, numbers)}")
    elif isinstance(block, Bullets):
        style = "List Number" if block.ordered else "List Bullet"
        for item in block.items:
            made.add_paragraph(f"{item.term} {item.text}".strip() + _refs(item.sources, numbers), style=style)
    elif isinstance(block, Notice):
        fix = f" {block.fix}" if block.fix else ""
        shown = made.add_paragraph()
        shown.add_run(f"{TONES[block.tone]}: {block.title}. ").bold = True
        shown.add_run(f"{block.text}{fix}{_refs(block.sources, numbers)}")
    elif isinstance(block, Table):
        made.add_paragraph(f"{block.caption}{_refs(block.sources, numbers)}").runs[0].bold = True
        table = made.add_table(rows=1, cols=len(block.columns), style="Light Grid Accent 1")
        for cell, column in zip(table.rows[0].cells, block.columns, strict=True):
            cell.text = f"{column.label} ({column.unit})" if column.unit else column.label
        for row in block.rows:
            cells = [*row.cells[:-1], row.cells[-1] + _refs(row.sources, numbers)]
            for cell, text in zip(table.add_row().cells, cells, strict=True):
                cell.text = text
        for note in block.notes:
            made.add_paragraph(note)


def written(draft: Draft, ending: str) -> bytes:
    """The draft in one of FORMATS. Raises BadInput for another ending."""
    if ending not in FORMATS:
        raise BadInput(f"a draft cannot be written as {ending!r}", exists=f"Kinds: {', '.join(FORMATS)}")
    return word(draft) if ending == ".docx" else markdown(draft).encode()
