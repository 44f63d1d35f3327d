"""Figures as text, tables made quickly, and the label that simulated data carry everywhere."""

from __future__ import annotations

from collections.abc import Sequence

from openrvu.dossier.blocks import Column, Row, Table
from openrvu.pictures.drawing import between, chance, number

__all__ = ["LABEL", "NONE", "between", "chance", "number", "table"]

LABEL = "SIMULATED"
NONE = "none"


def table(
    caption: str,
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    cited: tuple[str, ...] = (),
    notes: Sequence[str] = (),
    words: Sequence[int] = (0,),
) -> Table:
    """A table whose columns are figures but for those at `words`. A head's unit follows a bar: `Measure|logits`.

    A column of words in which every cell is empty is left out.
    """
    idle = {at for at in words if rows and not any(row[at] for row in rows)}
    rows = [[cell for at, cell in enumerate(row) if at not in idle] for row in rows]
    columns = []
    for at, name in enumerate(head):
        if at in idle:
            continue
        label, _, unit = name.partition("|")
        columns.append(Column(label, unit, "left" if at in words else "right"))
    return Table(caption, tuple(columns), tuple(Row(tuple(row)) for row in rows), cited, tuple(notes))
