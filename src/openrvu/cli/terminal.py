"""What a terminal can show: tables that fit it, and signs for terminals without Unicode."""

from __future__ import annotations

import codecs
import sys
from collections.abc import Sequence
from typing import TextIO

# A minus or a dash that turned into a question mark could be misread, so each has a plain form.
PLAIN_SIGNS = {
    "−": "-",  # minus
    "–": "-",
    "—": "-",
    "·": "|",
    "×": "x",
    "…": "...",
    "≤": "<=",
    "≥": ">=",
    "±": "+-",
    "²": "2",
    "’": "'",
    "‘": "'",
    "“": '"',
    "”": '"',
    "\u00a0": " ",
    "─": "-",
}


def _plain_signs(fault: UnicodeError) -> tuple[str, int]:
    assert isinstance(fault, UnicodeEncodeError)
    text = fault.object[fault.start : fault.end]
    return "".join(PLAIN_SIGNS.get(sign, "?") for sign in text), fault.end


codecs.register_error("openrvu-plain", _plain_signs)


def make_safe(*streams: TextIO) -> None:
    """Let no sign stop an output: a stream that cannot show one shows its plain form, or a question mark."""
    for stream in streams:
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="openrvu-plain")


def table_text(head: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> str:
    """A table as text: drawn to the width of a terminal, or one line a row where the output goes to a file or pipe.

    right: columns to align right.
    """
    return _drawn(head, rows, right) if sys.stdout.isatty() else aligned(head, rows, right)


def aligned(head: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> str:
    """One line a row, columns two spaces apart.

    >>> print(aligned(("code", "work"), [("63047", "14.99"), ("22869", "6.85")], (1,)), end="")
    code    work
    -----  -----
    63047  14.99
    22869   6.85
    """
    every = [list(head), *(list(row) for row in rows)]
    widths = [max(len(row[index]) for row in every) for index in range(len(head))]
    every.insert(1, ["-" * width for width in widths])
    lines = []
    for row in every:
        cells = [
            cell.rjust(width) if index in right else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines) + "\n"


def _drawn(head: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int]) -> str:
    import io
    import shutil

    from rich import box
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    unicode = (sys.stdout.encoding or "").lower().startswith("utf")
    made = Table(box=box.SIMPLE_HEAD if unicode else box.ASCII, pad_edge=False)
    for index, name in enumerate(head):
        figures = index in right
        made.add_column(name, justify="right" if figures else "left", overflow="fold", no_wrap=figures)
    for row in rows:
        made.add_row(*map(escape, row))
    # Drawn into memory: a reader that has gone (head, less) is then met in one place, the group of commands.
    out = io.StringIO()
    Console(file=out, force_terminal=True, width=shutil.get_terminal_size().columns, highlight=False).print(made)
    return out.getvalue()
