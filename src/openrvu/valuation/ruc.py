"""A RUC survey: respondents estimate work RVU, times, visits and intensity of a service beside a reference service.

A row a respondent. Columns, any of them but `rvu` may be missing:

    rvu         the work RVU that the respondent gives (magnitude estimation)
    evaluation positioning scrub intra post     minutes
    99213, 99232 ...                            visits inside the global period, by code
    reference   the key reference service chosen, a code
    intensity   the service beside the reference: much less, less, identical, more, much more (or -2 to 2)

Quartiles are linear between answers (Excel's QUARTILE.INC, R's type 7). Outliers are flagged by rule and never left
out. The interval of the median is distribution-free, from order statistics.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles

from openrvu.errors import BadFile
from openrvu.tables.physician_time import PARTS, Times
from openrvu.valuation import guards, sheet
from openrvu.valuation.constants import minimum_for
from openrvu.valuation.guards import Guard
from openrvu.valuation.sheet import Sheet

RESPONDENT = ("respondent", "id", "respondent_id", "record_id", "responseid", "response id")
QUANTITIES = ("rvu", *PARTS)
INTENSITIES = ("much less", "less", "identical", "more", "much more")
FENCE = 1.5
MISSING = frozenset(("", "na", "n/a", ".", "-", "none", "missing"))
_MOST = {"rvu": 500.0, "visits": 100.0}


@dataclass(frozen=True)
class Spread:
    """One quantity: how many answered, low, quartiles, high.

    median_low, median_high: 95 % interval of the median (order statistics), None under six answers.
    """

    name: str
    unit: str
    n: int
    low: float
    q25: float
    median: float
    q75: float
    high: float
    median_low: float | None
    median_high: float | None


@dataclass(frozen=True)
class Reference:
    """A key reference service: how many chose it. work: its work RVU on the release, None where it is not held."""

    code: str
    chosen: int
    share: float
    work: float | None


@dataclass(frozen=True)
class Outlier:
    """An answer beyond Tukey's fences (quartiles less or plus 1.5 times their distance). It stays in every figure."""

    line: int
    respondent: str
    quantity: str
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class RucSurvey:
    """What a RUC survey says, as read: nothing is left out. label: remarks of the file's head (SIMULATED).

    response_rate: n over sent, where sent is known. intensity: answers against the reference, by word. times: the
    medians as a service's minutes and visits. minimum: respondents asked for at this volume, and whether it is settled.
    """

    target: str
    name: str
    label: str
    simulated: bool
    n: int
    sent: int | None
    response_rate: float | None
    minimum: int
    minimum_settled: bool
    minimum_source: str
    spreads: tuple[Spread, ...]
    references: tuple[Reference, ...]
    intensity: Mapping[str, int]
    outliers: tuple[Outlier, ...]
    times: Times
    guards: tuple[Guard, ...]
    ignored_columns: tuple[str, ...]

    def spread(self, name: str) -> Spread | None:
        """The spread of one quantity; None where nobody answered it."""
        return next((one for one in self.spreads if one.name == name), None)


def read(path: Path, target: str, **how: object) -> RucSurvey:
    """A RUC survey from a CSV file. Raises BadFile naming line and column."""
    return parse(sheet.read_bytes(path), path.name, target, **how)  # type: ignore[arg-type]


def parse(
    data: bytes,
    name: str,
    target: str,
    *,
    sent: int | None = None,
    volume: int | None = None,
    works: Mapping[str, float] | None = None,
) -> RucSurvey:
    """A RUC survey from bytes. sent: how many were asked. volume: services a year. works: work RVU by reference code.

    >>> found = parse(b"rvu,intra\\n8,60\\n10,75\\n12,70\\n14,90\\n", "x.csv", "62380")
    >>> found.spreads[0].q25, found.spreads[0].median, found.spreads[1].high
    (9.5, 11.0, 90.0)
    """
    return of_sheet(sheet.parse(data, name), target, sent=sent, volume=volume, works=works)


def of_sheet(
    table: Sheet,
    target: str,
    *,
    sent: int | None = None,
    volume: int | None = None,
    works: Mapping[str, float] | None = None,
    ignored: Sequence[str] = (),
) -> RucSurvey:
    """The same from a table that is read already. ignored: columns that were not carried into it. Raises BadFile."""
    answered = _Answers(table)
    n, name = len(table.rows), table.name
    if sent is not None and sent < n:
        raise BadFile(f"{n} rows, and {sent} were asked", where=name, fix="Give how many were asked, or leave it out")
    least = minimum_for(volume)
    spreads = answered.spreads()
    label = " ".join(remark for remark in table.remarks)
    return RucSurvey(
        target=target,
        name=name,
        label=label,
        simulated="SIMULATED" in label.upper(),
        n=n,
        sent=sent,
        response_rate=n / sent if sent else None,
        minimum=least.respondents,
        minimum_settled=least.settled,
        minimum_source=least.source,
        spreads=spreads,
        references=answered.references(works or {}),
        intensity=answered.intensity(),
        outliers=answered.outliers(),
        times=_times(target, spreads),
        guards=(guards.few_respondents({"work RVU": len(answered.columns["rvu"])}, least.respondents),),
        ignored_columns=(*answered.ignored, *ignored),
    )


def spread(name: str, unit: str, values: Sequence[float]) -> Spread:
    """Low, quartiles and high of at least one answer, and the interval of the median."""
    q25, middle, q75 = quantiles(values, n=4, method="inclusive") if len(values) > 1 else [values[0]] * 3
    low, high = median_interval(values)
    return Spread(name, unit, len(values), min(values), q25, middle, q75, max(values), low, high)


def median_interval(values: Sequence[float], level: float = 0.95) -> tuple[float | None, float | None]:
    """The shortest pair of order statistics, equally far from both ends, that holds the median with at least `level`.

    >>> median_interval([1, 2, 3, 4, 5, 6, 7, 8, 9])  # 2nd and 8th of nine: 96.1 %
    (2, 8)
    """
    n, ordered = len(values), sorted(values)
    found: tuple[float | None, float | None] = (None, None)
    below = 0.0
    for j in range(n // 2):
        below += math.comb(n, j) / 2**n
        if 1 - 2 * below < level:
            break
        found = ordered[j], ordered[n - 1 - j]
    return found


class _Answers:
    """The columns of the file: (line, respondent, value) by quantity, each cell checked once."""

    def __init__(self, table: Sheet) -> None:
        self.table = table
        keys = [one.casefold().strip() for one in table.head]
        if "rvu" not in keys:
            raise BadFile(
                "no column `rvu`",
                where=f"{table.name}, line {table.head_line}",
                exists=f"Columns found: {', '.join(table.head)}",
                fix="A RUC survey has a row a respondent and a column rvu; see `openrvu ruc --help`",
            )
        who = next((keys.index(key) for key in RESPONDENT if key in keys), None)
        self.visits = [key.upper() for key in keys if key.isdecimal() and len(key) == 5 and key.startswith("99")]
        self.columns: dict[str, list[tuple[int, str, float]]] = {}
        known = {"reference", "intensity", *RESPONDENT, *QUANTITIES}
        self.ignored = tuple(
            one
            for one, key in zip(table.head, keys, strict=True)
            if key not in known and key.upper() not in self.visits
        )
        for at, key in enumerate(keys):
            if key in QUANTITIES or key.upper() in self.visits:
                self.columns[key] = [
                    (line, cells[who] if who is not None else f"row {i}", value)
                    for i, (line, cells) in enumerate(table.rows, 1)
                    if (value := self._number(cells[at], key, line)) is not None
                ]
        if not self.columns["rvu"]:
            raise BadFile("nobody gives a work RVU", where=f"{table.name}, column rvu", fix="Check the column")
        self._reference = self._words("reference", keys)
        self._intensity = self._words("intensity", keys)

    def _number(self, cell: str, key: str, line: int) -> float | None:
        if cell.casefold() in MISSING:
            return None
        try:
            value = float(cell.replace(",", "."))
        except ValueError:
            value = math.nan
        most = _MOST.get(key, _MOST["visits"] if key.isdecimal() else 10_000.0)
        least = 0.0 if key != "rvu" else 1e-9
        if not least <= value <= most:
            raise BadFile(
                f"{cell[:20]!r} is no number {'above' if key == 'rvu' else 'from'} 0 to {most:g}",
                where=f"{self.table.name}, line {line}, column {key}",
                fix="Correct the cell, or leave it empty for no answer",
            )
        return value

    def _words(self, key: str, keys: Sequence[str]) -> list[tuple[int, str]]:
        if key not in keys:
            return []
        at = keys.index(key)
        return [(line, cells[at]) for line, cells in self.table.rows if cells[at].casefold() not in MISSING]

    def spreads(self) -> tuple[Spread, ...]:
        found = []
        for key, answers in self.columns.items():
            values = [value for _, _, value in answers]
            if values:
                unit = "work RVU" if key == "rvu" else "minutes" if key in PARTS else "visits"
                found.append(spread(key, unit, values))
        order = {key: i for i, key in enumerate(("rvu", *PARTS))}
        return tuple(sorted(found, key=lambda one: (order.get(one.name, 99), one.name)))

    def outliers(self) -> tuple[Outlier, ...]:
        found = []
        for key, answers in self.columns.items():
            values = [value for _, _, value in answers]
            if len(values) < 4:
                continue
            q25, _, q75 = quantiles(values, n=4, method="inclusive")
            low, high = q25 - FENCE * (q75 - q25), q75 + FENCE * (q75 - q25)
            found += [
                Outlier(line, who, key, value, low, high) for line, who, value in answers if not low <= value <= high
            ]
        return tuple(sorted(found, key=lambda one: (one.line, one.quantity)))

    def references(self, works: Mapping[str, float]) -> tuple[Reference, ...]:
        counts = Counter(cell.upper() for _, cell in self._reference)
        total = sum(counts.values())
        ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
        return tuple(Reference(code, count, count / total, works.get(code)) for code, count in ordered)

    def intensity(self) -> Mapping[str, int]:
        numbers = {str(i - 2): word for i, word in enumerate(INTENSITIES)} | {"same": "identical", "equal": "identical"}
        found = dict.fromkeys(INTENSITIES, 0)
        for line, cell in self._intensity:
            word = numbers.get(cell.casefold(), cell.casefold())
            if word not in found:
                raise BadFile(
                    f"{cell[:20]!r} is no comparison of intensity",
                    where=f"{self.table.name}, line {line}, column intensity",
                    exists=f"Accepted: {', '.join(INTENSITIES)}, or -2 to 2",
                )
            found[word] += 1
        return found if self._intensity else {}


def codes_in(table: Sheet) -> tuple[str, ...]:
    """The reference codes that a table names, for looking up their work RVUs."""
    keys = [one.casefold().strip() for one in table.head]
    at = keys.index("reference") if "reference" in keys else None
    chosen = [cells[at].upper() for _, cells in table.rows if at is not None and cells[at]]
    return tuple(dict.fromkeys(chosen))


def _times(target: str, spreads: Sequence[Spread]) -> Times:
    """The medians as one service's minutes and visits."""
    middle = {one.name: one.median for one in spreads}
    minutes = {part: middle.get(part, 0.0) for part in PARTS}
    visits = {one.name: one.median for one in spreads if one.unit == "visits"}
    return Times(target, "", **minutes, visits=visits)
