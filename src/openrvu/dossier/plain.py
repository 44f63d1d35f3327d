"""The page in plain words: one sheet for patients and new coders, amounts from the rates held."""

from __future__ import annotations

from openrvu.codes.plain import plain_page
from openrvu.dossier.asked import Asked
from openrvu.dossier.blocks import Block, Bullets, Item, Paragraph, Section


def section_plain(asked: Asked) -> Section | None:
    """What you need to know; None for a code that no family describes."""
    found = plain_page(asked.code, asked.on)
    if found is None:
        return None
    blocks: list[Block] = [Paragraph(found.for_whom + ".", role="lead")]
    for part in found.blocks:
        blocks.append(Paragraph(part.head, role="subhead"))
        if part.is_list:
            blocks.append(Bullets(tuple(Item(text) for text in part.text)))
            continue
        *first, last = part.text
        blocks += [Paragraph(text, part.sources if _counts(text) else ()) for text in first]
        blocks.append(Paragraph(last, part.sources))
    return Section("plain", "What you need to know", tuple(blocks), sheet=True)


def _counts(text: str) -> bool:
    """Whether a sentence states a figure, which then needs its sources beside it."""
    return any(letter.isdigit() for letter in text)
