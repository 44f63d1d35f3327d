"""SPSS files (.sav, .zsav) as rows of text with the labels of their values. pyreadstat, an extra, knows the format."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from openrvu.errors import BadFile, Unavailable

MOST_CELLS = 20_000_000
_SAVE = "Save it as CSV from SPSS, or export it as CSV from the survey programme"

Read = tuple[list[tuple[int, list[str]]], dict[str, Mapping[str, str]], dict[str, str]]


def read(data: bytes, name: str) -> Read:
    """Rows (names first; line 1 is the names), value labels by column, and the text of each column.

    Cells are codes as they are kept, user-missing values empty. Raises Unavailable without pyreadstat, BadFile for a
    damaged file.
    """
    try:
        import pyreadstat
    except ImportError:
        raise Unavailable(
            "SPSS files need pyreadstat, which is not installed",
            where=name,
            fix="pip install 'openrvu[spss]'; or " + _SAVE,
        ) from None
    try:
        _, told = pyreadstat.read_sav(io.BytesIO(data), metadataonly=True, output_format="dict")
        if (told.number_rows or 0) * len(told.column_names) > MOST_CELLS:
            what = f"{told.number_rows:,} rows by {len(told.column_names):,} columns"
            raise BadFile(what, where=name, fix="Take out columns that are no answers")
        columns, told = pyreadstat.read_sav(io.BytesIO(data), output_format="dict")
    except (pyreadstat.PyreadstatError, pyreadstat.ReadstatError, ValueError, OverflowError, OSError) as fault:
        raise BadFile(f"the SPSS file is damaged: {fault}", where=name, fix=_SAVE) from None
    names = list(told.column_names)
    cells = [[_cell(value) for value in columns[one]] for one in names]
    rows: list[tuple[int, list[str]]] = [
        (1, names),
        *((i, list(row)) for i, row in enumerate(zip(*cells, strict=True), 2)),
    ]
    labels: dict[str, Mapping[str, str]] = {
        column: {_cell(value): str(label).strip() for value, label in values.items()}
        for column, values in told.variable_value_labels.items()
    }
    texts = {column: text for column, text in told.column_names_to_labels.items() if text}
    return rows, labels, texts


def _cell(value: Any) -> str:
    """A value as text: whole numbers without a point, times as ISO."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return f"{value:.15g}"
    return " ".join(str(value).split())
