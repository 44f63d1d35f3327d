"""On which line of a TOML file a table or key stands: the parser does not tell, and a fault is told by its line.

>>> found = positions('title = "x"\\n\\n[[rvu]]\\ncode = "62380"\\n[[rvu]]\\ncode = "63030"\\n')
>>> found["title"], found["rvu.1"], found["rvu.1.code"]
(1, 5, 6)
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_TABLE = re.compile(r"\s*(\[{1,2})\s*([A-Za-z0-9_.-]+)\s*\]{1,2}")
_KEY = re.compile(r"\s*\"?([A-Za-z0-9_-]+)\"?\s*=")
_FENCES = ('"""', "'''")


def positions(text: str) -> Mapping[str, int]:
    """Line, counted from 1, of each key: `key`, `table.key`, and of lists of tables `table.0.key`, `table.0`."""
    found: dict[str, int] = {}
    counts: dict[str, int] = {}
    table, fence = "", ""
    for number, line in enumerate(text.splitlines(), start=1):
        if fence:
            fence = "" if fence in line else fence
            continue
        if match := _TABLE.match(line):
            table = match[2]
            if match[1] == "[[":
                found.setdefault(table, number)
                counts[table] = counts.get(table, -1) + 1
                table = f"{table}.{counts[table]}"
            found[table] = number
        elif match := _KEY.match(line):
            found[f"{table}.{match[1]}" if table else match[1]] = number
        # A text over several lines may hold anything that looks like a key.
        fence = next((mark for mark in _FENCES if line.count(mark) % 2), "")
    return found
