"""What published accounts say about the code, each statement checked against the rows."""

from __future__ import annotations

from openrvu.dossier.asked import Asked
from openrvu.dossier.blocks import Block, Card, Cards, Paragraph, Section
from openrvu.statements import VERDICTS, account, check, known
from openrvu.valuation.study import study


def section_claims(asked: Asked) -> Section | None:
    """The verdicts on every account that speaks of the code; None where none does."""
    told = [one for one in map(account, known()) if study(one.study).target == asked.code]
    if not told:
        return None
    blocks: list[Block] = [
        Paragraph("Each verdict is computed from the rows held; a changed row changes it.", role="lead"),
    ]
    for one in told:
        cards = tuple(
            Card(
                title=found.says,
                verdict=found.verdict.replace("-", " "),
                text=found.words,
                figures=tuple(f"{name}: {text}" for name, text in found.figures.items()),
                sources=found.sources,
            )
            for found in check(one.id, asked.facts)
        )
        blocks += [Paragraph(one.title, (one.source,), "subhead"), Cards(cards)]
    meant = "; ".join(f"{verdict.replace('-', ' ')}: {words}" for verdict, words in VERDICTS.items())
    blocks.append(Paragraph(f"What the verdicts mean. {meant[:1].upper()}{meant[1:]}.", role="note"))
    return Section("claims", "Published statements, checked", tuple(blocks))
