"""Results as plain data: the dictionaries that JSON, templates and tests read."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from fractions import Fraction
from typing import Any


def plain(value: Any) -> Any:
    """Dataclasses as dictionaries, tuples as lists, exact fractions as floats, dates as ISO text, no-number as None.

    >>> plain((Fraction(1, 4), date(2024, 4, 26), float("nan")))
    [0.25, '2024-04-26', None]
    """
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [plain(item) for item in value]
    if isinstance(value, Fraction):
        return float(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    return value
