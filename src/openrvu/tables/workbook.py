"""Excel workbooks (.xlsx) as the texts of their sheets: each sheet becomes CSV, so that every reader takes it and the
line of an error is the row of the sheet.

A workbook is a zip that a few kilobytes can make gigabytes of. So each part is unpacked here, counted and checked, its
farthest cell and its longest text are looked at, and only what passed is handed to the parser, packed anew.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from decimal import Decimal
from typing import Any

from openrvu.errors import BadFile
from openrvu.tables import text as texts
from openrvu.tables.text import FETCH_AGAIN, Text

MARK = "[Content_Types].xml"
# Cells that a sheet may span: ten times the largest table of CMS (43,000 ZIP codes by ten columns).
MOST_CELLS = 5_000_000
_CELL = re.compile(rb"\br\s*=\s*[\"']([A-Za-z]{0,7})(\d{1,9})[\"']")
_STRING = re.compile(rb"<(?:\w+:)?(?:si|is)\b.*?</(?:\w+:)?(?:si|is)>", re.DOTALL)


def sheets(data: bytes, name: str, sha256: str) -> list[Text]:
    """Each sheet with cells as a text called `name, sheet S`. Raises BadFile for a workbook that cannot be read, is
    damaged or encrypted, or unpacks to more than is reasonable."""
    from python_calamine import CalamineError, CalamineWorkbook

    packed = _checked(data, name)
    try:
        book = CalamineWorkbook.from_filelike(packed)
        names = book.sheet_names
        rows = [book.get_sheet_by_name(one).to_python(skip_empty_area=False) for one in names]
    except (CalamineError, OSError, ValueError) as fault:
        raise BadFile(f"the workbook is damaged: {fault}", where=name, fix=FETCH_AGAIN) from None
    found = [
        Text(name if len(names) == 1 else f"{name}, sheet {sheet}", sha256, _as_csv(cells))
        for sheet, cells in zip(names, rows, strict=True)
        if cells
    ]
    if not found:
        raise BadFile("the workbook has no cells", where=name, fix=FETCH_AGAIN)
    return found


def _checked(data: bytes, name: str) -> io.BytesIO:
    """The parts of a workbook, unpacked within bounds, checked, and packed anew without compression."""
    again, left, cells, longest = io.BytesIO(), texts.LARGEST, 0, 0
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(again, "w") as new:
            for info in old.infolist():
                if info.is_dir():
                    continue
                part = b""
                if info.file_size <= left:
                    with old.open(info) as file:
                        part = file.read(left + 1)
                left -= max(len(part), info.file_size)
                if left < 0:
                    what = f"the workbook unpacks to more than {texts.LARGEST // 2**20} MiB"
                    raise BadFile(what, where=name, fix=FETCH_AGAIN)
                if info.filename.startswith("xl/worksheets/"):
                    cells = max(cells, _spanned(part, name))
                longest = max([longest, *(len(one) for one in _STRING.findall(part))])
                new.writestr(zipfile.ZipInfo(info.filename), part)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as fault:
        raise BadFile(f"the workbook is damaged or cut off: {fault}", where=name, fix=FETCH_AGAIN) from None
    if cells > MOST_CELLS or cells * longest > texts.LARGEST:
        what = f"a sheet spans {cells:,} cells, with texts of up to {longest:,} bytes: no table of CMS does"
        raise BadFile(what, where=name, fix=FETCH_AGAIN)
    again.seek(0)
    return again


def _spanned(part: bytes, name: str) -> int:
    """How many cells a sheet reaches over. The parser makes a whole rectangle of what lies far apart."""
    if b"<!ENTITY" in part or b"<!DOCTYPE" in part:
        raise BadFile("a sheet of the workbook declares entities", where=name, fix="Do not use it; " + FETCH_AGAIN)
    columns, last = {b"A"}, 1
    for column, row in _CELL.findall(part):
        columns.add(column.upper())
        last = max(last, int(row))
    return last * max(_number(column) for column in columns)


def _number(letters: bytes) -> int:
    found = 0
    for letter in letters:
        found = 26 * found + letter - 64
    return found


def _as_csv(rows: list[list[Any]]) -> str:
    """Rows as CSV, one line a row whatever a cell holds."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows([[cell_text(cell) for cell in row] for row in rows])
    return out.getvalue()


def cell_text(cell: object) -> str:
    """A cell as the text that CMS prints: a number with the fifteen digits that Excel holds, and no artefact of them.

    >>> [cell_text(cell) for cell in (0.869, 1.0, 10102.0, 19.310000000000002, 1e-05, "a\\nb", None)]
    ['0.869', '1', '10102', '19.31', '0.00001', 'a b', '']
    """
    if isinstance(cell, bool) or not isinstance(cell, (int, float)):
        return "" if cell is None else " ".join(str(cell).splitlines())
    return format(Decimal(f"{cell:.15g}"), "f")
