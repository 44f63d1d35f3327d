"""From measures to work RVUs in two drawings: the line with its bands, and the value with one comparator left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from openrvu.dossier import charts, curves
from openrvu.dossier.blocks import Chart, Column, Row, Table
from openrvu.triangulation.route import number
from openrvu.valuation.anchor import Line, Reading

_NODES = 48
_WIDTHS = (charts.WIDE, charts.NARROW)


def anchors(
    points: Sequence[tuple[str, float, float]],
    line: Line,
    target: str,
    scale: str,
    *,
    cited: tuple[str, ...] = (),
    label: str = "",
) -> Chart:
    """Comparators by measure and work RVU, the line, its interval, and the interval of one new service.

    points: (service, measure, work RVU). scale: what was measured. label: what must stand first, as SIMULATED.
    """
    ends = (min(line.low_measure, 0.0) - 0.1, max(line.high_measure, 0.0) + 0.1)
    curve = [_band(line, ends[0] + (ends[1] - ends[0]) * i / _NODES) for i in range(_NODES + 1)]
    titles = (f"Measure of {scale}, logits ({target} at 0)", "Work RVU")
    at = line.at(0.0)
    words = (
        f"Read at {target}: {number(at.value, 3)}; interval of the line {number(at.low, 3)} to {number(at.high, 3)}; "
        f"prediction interval of one new service {number(at.new_low, 3)} to {number(at.new_high, 3)} (95 %)."
    )
    rows = tuple(Row((name, number(measure, 3), number(work))) for name, measure, work in points)
    columns = (Column("Comparator"), Column("Measure", "logits", "right"), Column("Work", "RVU", "right"))
    first = f"{label}. " if label else ""
    return Chart(
        title=f"Comparators by {scale} and work RVU, and the line read at {target}",
        alt=f"{first}Scatter of {len(points)} comparators, a line, its band and a wider band of one new service. "
        f"{words}",
        spec=curves.scatter(points, curve, _band(line, 0.0), titles, charts.WIDE),
        narrow=curves.scatter(points, curve, _band(line, 0.0), titles, charts.NARROW),
        table=Table("The points", columns, rows, cited),
        caption=f"{first}Inner band: 95 % interval of the line. Outer band and thin vertical: prediction interval of "
        f"one new service. {words}",
        sources=cited,
        labelled=True,
    )


def _band(line: Line, at: float) -> dict[str, float]:
    read = line.at(at)
    return {
        "x": at,
        "fit": read.value,
        "low": read.low,
        "high": read.high,
        "far_low": read.new_low,
        "far_high": read.new_high,
    }


def left_out(
    without: Mapping[str, float],
    known: Mapping[str, float],
    reading: Reading,
    target: str,
    *,
    cited: tuple[str, ...] = (),
    label: str = "",
) -> Chart:
    """The value that the line gives with each comparator left out, highest first, beside the plain mean without it.

    without: service -> the value without it. known: service -> work RVU. reading: with all of them.
    """
    kept = sorted(without, key=lambda name: (-without[name], name))
    whole = charts.Range(
        f"with all {len(kept)}", reading.value, (reading.low, reading.high), shown=number(reading.value), strong=True
    )
    rows = [whole, *(charts.Range(f"without {name}", without[name], shown=number(without[name])) for name in kept)]
    panels = [(f"Line read at {target}", rows)]
    total = sum(known.values())
    columns = (
        Column("Left out"),
        Column("Line read at the target", "work RVU", "right"),
        Column("Plain mean", "work RVU", "right"),
    )
    table = tuple(
        Row((name, number(without[name], 3), number((total - known[name]) / (len(known) - 1), 3))) for name in kept
    )
    low, high = min(without.values()), max(without.values())
    words = f"With all {len(kept)}: {number(reading.value)}; with one left out {number(low)} to {number(high)}."
    first = f"{label}. " if label else ""
    drawn = [charts.ranges(panels, "work RVU", width, reading.value, zero=False) for width in _WIDTHS]
    return Chart(
        title="How much one comparator decides",
        alt=f"{first}One row for each comparator left out, a diamond at the value that the line then gives. {words}",
        spec=drawn[0],
        narrow=drawn[1],
        table=Table("The line and the plain mean with one comparator left out", columns, table, cited),
        caption=f"{first}{words} Bar: the 95 % interval of the line.",
        sources=cited,
    )
