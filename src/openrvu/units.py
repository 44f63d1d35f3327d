"""Scaled integers and the only rounding of money in OpenRVU.

Money and rates are whole numbers: RVU x 10^4, GPCI x 10^3, conversion factor x 10^4, percents and weights
x 10^4, money in cents. Engines round decimals differently, so the rounding is ours: half up, here, once.

>>> half_up(125, 10), half_up(-125, 10)
(13, -13)
>>> parse("32.3465", CONVERSION_FACTOR)
323465
>>> dollars(119553), dollars(-5)
('1,195.53', '-0.05')
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    Number = TypeVar("Number", int, Any)

RVU = 10_000
GPCI = 1_000
CONVERSION_FACTOR = 10_000
PERCENT = 10_000
CENTS = 100

_NUMBER = re.compile(r"([+-]?)(\d*)(?:\.(\d*))?", re.ASCII)


def half_up(numerator: int, denominator: int) -> int:
    """Nearest whole number to numerator / denominator; an exact half goes away from zero.

    Raises ValueError if the denominator is not positive.
    """
    if denominator <= 0:
        raise ValueError(f"denominator must be positive, not {denominator}")
    size = (2 * abs(numerator) + denominator) // (2 * denominator)
    return -size if numerator < 0 else size


def half_up_plain(numerator: Number, denominator: int) -> Number:
    """half_up of a numerator that is not below zero, in plain operators: it serves whole numbers and formulas alike.

    >>> half_up_plain(125, 10), half_up_plain(1, 3), half_up_plain(2, 3)
    (13, 0, 1)
    """
    return (numerator + denominator // 2) // denominator


def half_up_sql(numerator: str, denominator: int) -> str:
    """`half_up` as the text of a DuckDB expression over whole numbers; BIGINT, exact while 2 |n| + d is below 2^63.

    numerator: an expression. DuckDB's // cuts towards zero, so the sign is set aside and put back.

    >>> half_up_sql("work * factor", 100)
    '(sign(work * factor) * ((2 * abs(work * factor) + 100) // 200))::BIGINT'
    """
    if denominator <= 0:
        raise ValueError(f"denominator must be positive, not {denominator}")
    size = f"(2 * abs({numerator}) + {denominator}) // {2 * denominator}"
    return f"(sign({numerator}) * ({size}))::BIGINT"


def percent_of(cents: int, percent: int) -> int:
    """A percent (x 10^4, so 16 % is 1_600) of an amount in cents, half up.

    >>> percent_of(109493, 1_600)
    17519
    """
    return half_up(cents * percent, PERCENT)


def parse(text: str, scale: int) -> int:
    """Plain decimal text to a whole number at `scale`. Exact: more decimals than the scale holds is an error.

    Raises ValueError, with the text, for anything else (signs, thousands separators and exponents included).

    >>> parse("12.00", RVU), parse(".89", GPCI), parse("-1.5", RVU)
    (120000, 890, -15000)
    """
    match = _NUMBER.fullmatch(text.strip())
    if not match or not (match[2] or match[3]):
        raise ValueError(f"not a number: {text!r}")
    places = len(str(scale)) - 1
    decimals = (match[3] or "").rstrip("0")
    if len(decimals) > places:
        raise ValueError(f"more than {places} decimals: {text!r}")
    size = int(match[2] or "0") * scale + int(decimals.ljust(places, "0") or "0")
    return -size if match[1] == "-" else size


def text(value: int, scale: int, places: int | None = None) -> str:
    """A scaled whole number as plain decimal text; `places` rounds half up (default: all that the scale holds).

    >>> text(164300, RVU, 2), text(323465, CONVERSION_FACTOR), text(890, GPCI)
    ('16.43', '32.3465', '0.890')
    """
    held = len(str(scale)) - 1
    shown = held if places is None else places
    size = half_up(abs(value) * 10**shown, scale)
    sign = "-" if value < 0 and size else ""
    if shown == 0:
        return f"{sign}{size}"
    return f"{sign}{size // 10**shown}.{size % 10**shown:0{shown}d}"


def dollars(cents: int) -> str:
    """Cents as text with thousands separators and no currency sign."""
    whole, part = divmod(abs(cents), CENTS)
    return f"{'-' if cents < 0 else ''}{whole:,}.{part:02d}"


def ratio_text(numerator: int, denominator: int, places: int) -> str:
    """100 * numerator / denominator as text, half up.

    >>> ratio_text(182464, 164300, 1), ratio_text(182464, 120000, 1)
    ('111.1', '152.1')
    """
    scale = 10**places
    return text(half_up(100 * scale * numerator, denominator), scale, places)


def apportion(total: int, parts: Sequence[Fraction]) -> list[int]:
    """Whole numbers beside exact parts that add up to a rounded total: each part's floor, and one more for the largest
    remainders, the first among equals.

    Raises ValueError for a total that is not the parts' sum rounded up or down.

    >>> apportion(100, [Fraction(100, 3)] * 3), apportion(-1, [Fraction(-1, 2), Fraction(-1, 4)])
    ([34, 33, 33], [-1, 0])
    """
    floors = [part.numerator // part.denominator for part in parts]
    left = total - sum(floors)
    order = sorted(range(len(parts)), key=lambda at: (floors[at] - parts[at], at))
    if abs(sum(parts, Fraction(0)) - total) >= 1 or not 0 <= left <= len(parts):
        raise ValueError(f"{total} is not the rounded sum of the parts")
    for at in order[:left]:
        floors[at] += 1
    return floors


def exact(value: int, scale: int) -> Fraction:
    """The scaled whole number as an exact fraction, for statistics that must not start from a float."""
    return Fraction(value, scale)
