"""Conversion factors by date: a table with date_start, date_end, track, conversion_factor and read_in_rvu_file.

>>> from openrvu.tables.text import decode
>>> head = "date_start,date_end,track,conversion_factor,read_in_rvu_file\\n"
>>> read(decode((head + "2026-01-01,,nonQP,33.4009,yes\\n").encode(), "cf.csv")).rows[0]["value"]
'33.4009'
"""

from __future__ import annotations

from datetime import date

from openrvu import units
from openrvu.errors import BadFile
from openrvu.schemas import MAX_CONVERSION_FACTOR
from openrvu.tables.text import FETCH_AGAIN, Line, Table, Text, csv_lines, place

HEADING = ["date_start", "date_end", "track", "conversion_factor", "read_in_rvu_file"]
TRACKS = ("all", "nonQP", "QP")


def read(text: Text) -> Table:
    """Rows of starts, ends (empty: no end known), track, value (4 decimals) and shown (as the file says).

    Raises BadFile for another heading, a date, track or number that is none.
    """
    lines = csv_lines(text)
    if next(lines).cells != HEADING:
        raise BadFile(f"the heading is not {','.join(HEADING)}", where=place(text, 1), fix=FETCH_AGAIN)
    return Table([_row(text, line) for line in lines if line.filled])


def _row(text: Text, line: Line) -> dict[str, str]:
    try:
        starts, ends, track, number, shown = line.cells
        dates = [date.fromisoformat(cell).isoformat() if cell else "" for cell in (starts, ends)]
        value = units.parse(number, units.CONVERSION_FACTOR)
    except ValueError as fault:
        raise BadFile(str(fault), where=place(text, line.number), fix=FETCH_AGAIN) from None
    if track not in TRACKS or not 0 < value <= MAX_CONVERSION_FACTOR or not dates[0]:
        what = f"{starts!r}, {track!r}, {number!r} are no start, track ({', '.join(TRACKS)}) and conversion factor"
        raise BadFile(what, where=place(text, line.number), fix=FETCH_AGAIN)
    factor = units.text(value, units.CONVERSION_FACTOR)
    return {"starts": dates[0], "ends": dates[1], "track": track, "value": factor, "shown": shown}
