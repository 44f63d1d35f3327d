"""The claim of an anomaly of supply and demand, computed: did minimally invasive surgery stand still, fusions rise?

Which codes and years: the statement `supply-and-demand` of the account (facts/statements).

>>> found = anomaly()
>>> found.verdict, [(row.code, row.percent) for row in found.rows]
('not-as-worded', [('0275T', '3496.2'), ('63047', '-27.6'), ('22612', '-14.0'), ('22633', '-12.7')])
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from openrvu import units
from openrvu.files import facts_folder, read_toml
from openrvu.impact.rates import Beneficiaries, rate
from openrvu.impact.trends import CAVEATS, use

GROUPS = ("minimally_invasive", "open_decompression", "fusions")
# Below this a change counts as standing still, in percent over the whole span; the claim gives no figure of its own.
STILL = 5.0


@dataclass(frozen=True)
class Moved:
    """A code over the claim's years. percent: change of counts. rate_*: for 100,000 beneficiaries, if known."""

    group: str
    code: str
    first: int
    last: int
    lines_first: int
    lines_last: int
    percent: str
    rate_first: float | None
    rate_last: float | None
    rate_percent: float | None


@dataclass(frozen=True)
class Anomaly:
    """The finding. verdict: holds, not-as-worded or not-verifiable. by: counts, or rates where people are counted."""

    claim: str
    verdict: str
    by: str
    text: str
    rows: tuple[Moved, ...]
    not_found: tuple[str, ...]
    caveats: tuple[str, ...]
    sources: tuple[str, ...]


@cache
def _claim() -> dict[str, Any]:
    rows = read_toml(facts_folder() / "statements" / "account-2024.toml")["statements"]
    found: dict[str, Any] = next(row for row in rows if row["id"] == "supply-and-demand")
    return found


def anomaly(people: Beneficiaries | None = None) -> Anomaly:
    """The claim judged on the counts that ship; by rates where beneficiaries of both years are given."""
    claim = _claim()
    first, last = claim["first"], claim["last"]
    rated = people is not None and {first, last} <= set(people.by_year)
    rows = tuple(
        _moved(group, code, first, last, people if rated else None) for group in GROUPS for code in claim[group]
    )
    by_group = {group: [_size(row) for row in rows if row.group == group] for group in GROUPS}
    about = tuple(code for code in claim["about"] if not ((trend := use(code)) and trend.found))
    still = all(abs(size) <= STILL for size in by_group["minimally_invasive"])
    rise = all(size > 0 for size in by_group["fusions"])
    verdict = "holds" if still and rise else "not-as-worded"
    return Anomaly(
        claim=claim["says"],
        verdict=verdict,
        by="rates" if rated else "counts",
        text=_text(rows, verdict, rated, about),
        rows=rows,
        not_found=about,
        caveats=(*CAVEATS, claim["context"], claim["published"]),
        sources=tuple(claim["sources"]),
    )


def _moved(group: str, code: str, first: int, last: int, people: Beneficiaries | None) -> Moved:
    trend = use(code)
    assert trend is not None and {first, last} <= set(trend.lines)  # a test of the facts says so
    before, after = trend.lines[first], trend.lines[last]
    rates = [rate(year, trend.lines[year], people).rate if people else None for year in (first, last)]
    change = None
    if rates[0] is not None and rates[1] is not None:
        change = 100 * (rates[1] / rates[0] - 1)
    percent = units.ratio_text(after - before, before, 1)
    return Moved(group, code, first, last, before, after, percent, rates[0], rates[1], change)


def _size(row: Moved) -> float:
    return float(row.percent) if row.rate_percent is None else row.rate_percent


def _text(rows: tuple[Moved, ...], verdict: str, rated: bool, about: tuple[str, ...]) -> str:
    parts = [
        f"{row.code} {row.lines_first:,} to {row.lines_last:,} lines ({row.percent} %"
        + (f"; {row.rate_percent:.1f} % for each beneficiary)" if row.rate_percent is not None else ")")
        for row in rows
    ]
    judged = {
        "holds": "Minimally invasive surgery stood still while fusions rose, as claimed.",
        "not-as-worded": "The claim does not hold as worded: minimally invasive lines did not stand still while "
        "fusions rose.",
    }[verdict]
    lacking = (
        f" Of {', '.join(about)}, which the claim is about, no counts were found: not verifiable here." if about else ""
    )
    per = "" if rated else " Rates for each beneficiary are needed before anyone says more."
    return f"{judged} {rows[0].first} to {rows[0].last}: {'; '.join(parts)}.{lacking}{per}"
