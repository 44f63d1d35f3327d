"""From cells to answers: words and numbers of comparisons, ratings, quantities with either decimal sign, times."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import datetime

from openrvu.errors import BadFile
from openrvu.valuation.survey import ACCEPTED, EQUAL, GREATER, LESS

MISSING = frozenset(("", "na", "n/a", ".", "-", "none", "missing", "nan", "[not completed]", "-99"))
WORDS: Mapping[str, str] = {
    **dict.fromkeys(("less", "lower", "lesser", "l", "<"), "less"),
    **dict.fromkeys(("equal", "same", "e", "="), "equal"),
    **dict.fromkeys(("greater", "more", "higher", "g", ">"), "greater"),
}
VALUE: Mapping[str, float] = {"less": LESS, "equal": EQUAL, "greater": GREATER, "missing": math.nan}
_FROM_MINUS_ONE = {"-1": "less", "0": "equal", "1": "greater"}
_FROM_ONE = {"1": "less", "2": "equal", "3": "greater"}
_SENSE = (
    ("less", re.compile(r"\b(less|lower|lesser|easier|smaller|fewer)\b", re.IGNORECASE)),
    ("equal", re.compile(r"\b(equal|equally|same|similar|identical|equivalent)\b", re.IGNORECASE)),
    ("greater", re.compile(r"\b(greater|more|higher|harder|larger)\b", re.IGNORECASE)),
)
_TIME = re.compile(
    r"(\d{1,4})[-/.](\d{1,2})[-/.](\d{1,4})(?:[T, ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*([AaPp][Mm])?)?"
)


def meaning(text: str) -> str:
    """less, equal or greater, where the words of an answer say one of them and no service; else empty.

    >>> meaning("About the same"), meaning("Much more work"), meaning("more or less"), meaning("62380 is more")
    ('equal', 'greater', '', '')
    """
    if re.search(r"\d{3}", text):
        return ""
    found = [name for name, pattern in _SENSE if pattern.search(text)]
    return found[0] if len(found) == 1 else ""


def numbered(numbers: set[str], name: str) -> dict[str, str]:
    """What the numbers of a file mean: -1 0 1 or 1 2 3. Raises BadFile where both or neither would fit.

    >>> numbered({"1", "3"}, "x.csv")
    {'1': 'less', '3': 'greater'}
    """
    known = {one for one in numbers if one in _FROM_MINUS_ONE or one in _FROM_ONE}
    zero, one = known & {"-1", "0"}, known & {"2", "3"}
    if zero and one:
        raise BadFile(
            f"numbers of two codings: {', '.join(sorted(known))}",
            where=name,
            exists="Accepted: -1 0 1 (less, equal, greater) or 1 2 3 (less, equal, greater)",
            fix="Use one of them throughout, or words, or say in [answers] of a mapping what each means",
        )
    if known == {"1"}:
        raise BadFile(
            "the only number is 1, which may mean less (1 2 3) or greater (-1 0 1)",
            where=name,
            fix="Write the answers as words: less, equal, greater",
        )
    coding = _FROM_ONE if one else _FROM_MINUS_ONE
    return {number: coding[number] for number in sorted(known)}


def comparison(cell: str, answers: Mapping[str, str], where: str) -> float:
    """How the left service compares: -1, 0 or 1, nan for no answer. Raises BadFile for a text that means nothing."""
    said = answers.get(cell)
    if said is None:
        lower = cell.casefold()
        said = "missing" if lower in MISSING else WORDS.get(lower)
    if said is None or said not in VALUE:
        more = f"; by the mapping: {', '.join(answers)}" if answers else ""
        raise BadFile(
            f"{cell[:60]!r} is no answer",
            where=where,
            exists=f"Accepted: {ACCEPTED}{more}",
            fix="Correct the cell, leave it empty, or say in [answers] of a mapping what it means",
        )
    return VALUE[said]


def rating(cell: str, answers: Mapping[str, str], where: str) -> float:
    """A whole number from 0 on, nan for no answer. answers: what words stand for."""
    text = answers.get(cell, cell)
    if text.casefold() in MISSING:
        return math.nan
    if not (text.isascii() and text.isdigit() and len(text) < 4):
        raise BadFile(
            f"{cell[:60]!r} is no answer",
            where=where,
            exists="Accepted: whole numbers from 0 on, or empty",
            fix="Correct the cell, name the item columns with --items, or give words a number in a mapping",
        )
    return float(text)


def quantity(cell: str, decimal: str, where: str) -> float:
    """A number with either decimal sign, nan for no answer. Raises BadFile for what is none or could be two numbers.

    >>> quantity("1.234,5", ",", ""), quantity("1,234.5", ".", ""), quantity("18,25", ",", "")
    (1234.5, 1234.5, 18.25)
    """
    if cell.casefold() in MISSING:
        return math.nan
    group = "." if decimal == "," else ","
    plain = cell.replace("\u00a0", "").replace("\u202f", "").strip()
    if re.fullmatch(rf"[-+]?\d{{1,3}}(\{group}\d{{3}})+(\{decimal}\d+)?", plain, re.ASCII):
        plain = plain.replace(group, "")
    if not re.fullmatch(rf"[-+]?(\d{{1,12}}(\{decimal}\d{{0,12}})?|\{decimal}\d{{1,12}})", plain, re.ASCII):
        raise BadFile(
            f"{cell[:40]!r} is no number",
            where=where,
            exists=f"Accepted: numbers with `{decimal}` before the decimals",
            fix="Correct the cell, leave it empty, or give the decimal sign in a mapping",
        )
    return float(plain.replace(decimal, "."))


def moment(cell: str, dates: str) -> datetime | None:
    """A time as a programme writes it, in whatever zone; None for what is none.

    >>> moment("3/5/2026 2:07:00 PM", "mdy"), moment("2026/03/05 2:07:00 PM EST", "ymd")
    (datetime.datetime(2026, 3, 5, 14, 7), datetime.datetime(2026, 3, 5, 14, 7))
    """
    found = _TIME.match(cell)
    if not found:
        return None
    first, second, third = (int(found[i]) for i in (1, 2, 3))
    if len(found[1]) == 4:
        year, month, day = first, second, third
    elif dates == "dmy":
        day, month, year = first, second, third
    else:
        month, day, year = first, second, third
    year += 2000 if year < 100 else 0
    hour, minute, second = (int(found[i] or 0) for i in (4, 5, 6))
    if found[7]:
        hour = hour % 12 + (12 if found[7].casefold() == "pm" else 0)
    try:
        return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - the file gives no zone
    except ValueError:
        return None
