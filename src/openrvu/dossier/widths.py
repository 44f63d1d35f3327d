"""The chart of a design: how wide the interval is with so many respondents, one-versus-all beside linked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from openrvu.designs import Plan, Proposal
from openrvu.dossier.blocks import Chart, Column, Row, Table
from openrvu.dossier.charts import BLUE, INK, MUTED, NARROW, ORANGE, WIDE, Spec, domain, whole
from openrvu.valuation.power import Width

_COLOURS = (ORANGE, BLUE)
_SLIM = 400  # pixels inside a phone's chart, at most
_SHAPES = ("circle", "diamond")


def widths(found: Proposal) -> Chart:
    """Half-width of the interval, and what the answers bring to it, by respondents, with Monte-Carlo error bars."""
    plans = (found.star, found.linked)
    title = "of one new service" if found.interval == "new" else "of the line at the target"
    rows = [_row(one, two, found.interval) for one, two in zip(found.star.curve, found.linked.curve, strict=True)]
    floor = found.linked.floor.half(found.interval)
    head = ("Respondents", "One-versus-all", "Answers alone (sd)", "Linked", "Answers alone (sd)")
    table = Table(
        f"Half-width of the 95 % interval {title}, RVUs",
        tuple(Column(name, "", "right") for name in head),
        tuple(rows),
        found.sources,
        (found.label,),
    )
    return Chart(
        title=f"Half-width of the 95 % interval {title}, by respondents",
        alt=f"{found.label} Two curves that fall with respondents towards {floor:.2f} RVUs, the half-width with "
        "measures known exactly. " + "; ".join(_said(plan, found.interval) for plan in plans) + ".",
        spec=_spec(found, plans, WIDE),
        narrow=_spec(found, plans, NARROW),
        table=table,
        caption=f"{found.label} Bars: two Monte-Carlo standard errors either way. Dashed: measures known exactly.",
        sources=found.sources,
        labelled=True,
    )


def _said(plan: Plan, interval: str) -> str:
    first, last = plan.curve[0], plan.curve[-1]
    return (
        f"{plan.name}: {first.half(interval):.2f} with {first.respondents} respondents, {last.half(interval):.2f} with "
        f"{last.respondents}"
    )


def _row(one: Width, two: Width, interval: str) -> Row:
    cells = [f"{value:.2f}" for w in (one, two) for value in (w.half(interval), w.from_answers)]
    return Row((str(one.respondents), *cells))


def _spec(found: Proposal, plans: Sequence[Plan], width: int) -> Spec:
    inside = width - (66 if width <= NARROW else 190)
    height = 200 if width <= NARROW else 240
    interval = found.interval

    def error(w: Width) -> float:
        return w.new_mc if interval == "new" else w.line_mc

    upper: list[dict[str, Any]] = [
        {
            "plan": p.name,
            "x": w.respondents,
            "y": w.half(interval),
            "low": w.half(interval) - 2 * error(w),
            "high": w.half(interval) + 2 * error(w),
        }
        for p in plans
        for w in p.curve
        if w.without < 1
    ]
    lower: list[dict[str, Any]] = [
        {"plan": p.name, "x": w.respondents, "y": w.from_answers} for p in plans for w in p.curve if w.without < 1
    ]
    rules = [(found.linked.floor.half(interval), MUTED, "measures known exactly")]
    if found.wanted is not None:
        rules.append((found.wanted, INK, "asked for"))
    span = domain([row[end] for row in upper for end in ("low", "high")] + [at for at, _, _ in rules], zero=False)
    of = ("one new service" if interval == "new" else "the line") + (", RVUs" if width > NARROW else "")
    panels = [
        _panel(upper, rules, f"Half-width of the interval of {of} (SIMULATED)", span, inside, height, False),
        _panel(
            lower,
            [],
            "Sd that answers alone bring to the value (SIMULATED)",
            domain([row["y"] for row in lower]),
            inside,
            height * 3 // 4,
            True,
        ),
    ]
    return whole(width, {"vconcat": panels, "spacing": 16})


def _panel(
    rows: Sequence[dict[str, Any]],
    rules: Sequence[tuple[float, str, str]],
    title: str,
    span: list[float],
    width: int,
    height: int,
    bottom: bool,
) -> Spec:
    sizes = sorted({row["x"] for row in rows})
    x: Spec = {"field": "x", "type": "quantitative"}
    x["scale"] = {"type": "log", "domain": [sizes[0] * 0.92, sizes[-1] * 1.08], "nice": False}
    shown = [n for n in sizes if n in (10, 20, 40, 80, 160, 240)]
    x["axis"] = {"title": "respondents" if bottom else None, "values": shown, "format": "d", "grid": False}
    y: Spec = {"field": "y", "type": "quantitative", "scale": {"domain": span, "nice": False, "zero": False}}
    y["axis"] = {"title": None, "tickCount": 5, "domain": False}
    names = list(dict.fromkeys(row["plan"] for row in rows))
    scale = {"domain": names, "range": list(_COLOURS)}
    by_plan = {"field": "plan", "type": "nominal", "scale": scale, "legend": None}
    shape = {"field": "plan", "type": "nominal", "scale": {"domain": names, "range": list(_SHAPES)}, "legend": None}
    layers: list[Spec] = [
        {
            "data": {"values": [{"y": at, "colour": colour} for at, colour, _ in rules]},
            "mark": {"type": "rule", "strokeDash": [5, 4]},
            "encoding": {"y": y, "color": {"field": "colour", "type": "nominal", "scale": None, "legend": None}},
        },
        {"mark": {"type": "line", "strokeWidth": 2}, "encoding": {"x": x, "y": y, "color": by_plan}},
        {
            "mark": {"type": "point", "filled": True, "size": 52, "opacity": 1},
            "encoding": {"x": x, "y": y, "color": by_plan, "shape": shape},
        },
    ]
    if "low" in rows[0]:
        ends = {"y": {**y, "field": "low"}, "y2": {"field": "high"}}
        layers.append({"mark": {"type": "rule", "strokeWidth": 1.5}, "encoding": {"x": x, **ends, "color": by_plan}})
    heading: Spec = {"text": title}
    if width > _SLIM:
        layers += _names(rows, rules, names, span, width, height)
    elif rules:  # a phone has no room beside the curves
        heading |= {"subtitle": [f"dashed: {name}, {at:.2f}" for at, _, name in rules], "subtitleColor": MUTED}
    else:
        layers += _names(rows, [], names, span, width, height)
    return {"title": heading, "width": width, "height": height, "data": {"values": list(rows)}, "layer": layers}


def _names(
    rows: Sequence[dict[str, Any]],
    rules: Sequence[tuple[float, str, str]],
    names: Sequence[str],
    span: list[float],
    width: int,
    height: int,
) -> list[Spec]:
    """Labels: beside the ends of the curves and of the rules, pushed apart; on a phone in the empty corner below."""
    ends = [
        (rows_of[-1]["y"], colour, name)
        for name, colour in zip(names, _COLOURS, strict=False)
        if (rows_of := [row for row in rows if row["plan"] == name])
    ]
    beside = width > _SLIM
    ordered = sorted([*ends, *rules], key=lambda e: -e[0])
    pixels = [height * (span[1] - value) / (span[1] - span[0]) for value, _, _ in ordered]
    heights = _apart(pixels, 16, height) if beside else [height - 8 - 17 * i for i in range(len(ordered))][::-1]
    return [
        {
            "data": {"values": [{"name": name if name in names else f"- - {name}"}]},
            "mark": {
                "type": "text",
                "align": "left",
                "baseline": "middle",
                "color": colour,
                "fontWeight": 600 if name in names else 400,
            },
            "encoding": {"x": {"value": width + 8 if beside else 8}, "y": {"value": pixel}, "text": {"field": "name"}},
        }
        for pixel, (_, colour, name) in zip(heights, ordered, strict=True)
    ]


def _apart(pixels: Sequence[float], gap: float, height: float) -> list[float]:
    """Heights from the top down, none nearer than `gap` to the one above, and none under the panel."""
    found: list[float] = []
    for pixel in pixels:
        found.append(max(pixel, found[-1] + gap) if found else pixel)
    over = max(found[-1] - height, 0.0) if found else 0.0
    return [pixel - over for pixel in found]
