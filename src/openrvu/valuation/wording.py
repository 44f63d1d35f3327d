"""What an audit says in sentences. What is computed is said, never why: nothing on motive, competence or integrity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from openrvu.valuation import formulas
from openrvu.valuation.consistency import DIFFERS

if TYPE_CHECKING:
    from openrvu.valuation.formulas import Try
    from openrvu.valuation.found import Audit, ClaimFound

CORRECTION = (
    "To correct this audit, open an issue in the project's repository with the table or page that shows otherwise. "
    "The study's file is changed, the audit run again, and the change recorded with its date."
)


def worded(found: Audit) -> Audit:
    """The audit with its headline and findings."""
    return replace(found, headline=headline(found), findings=findings(found))


def headline(found: Audit) -> str:
    """The first sentence. Where the printed data do not carry a value, it says exactly that."""
    target = found.study.target
    if found.status == "no-claim":
        return f"The study of {target} states no work RVU of its own: respondents chose a reference code."
    if found.status == "not-reproducible":
        return (
            f"The published value of {target} is not reproducible: comparators and measures are not printed where we "
            "could read."
        )
    weak = found.fired("line") & {"survey-adds-nothing", "extrapolates", "scale-is-not-work", "reversed-slope"}
    if weak or "equals-comparator-mean" in found.fired("claimed"):
        return f"The printed data do not support a single work RVU for {target}."
    if found.line and found.status == "reproduced":
        reading = found.line.reading
        flat = "slope-not-significant" in found.fired("line")
        slope = f"its slope is not distinguishable from none (p {found.line.slope_p:.4f}), and " if flat else ""
        return (
            f"The published value of {target} comes out as the line read at the target; {slope}one new service could "
            f"lie anywhere from {reading.new_low:.2f} to {reading.new_high:.2f} (95 % prediction interval)."
        )
    return f"No formula of the fixed family gives the published value of {target}."


def findings(found: Audit) -> tuple[str, ...]:
    """What was found, sentence by sentence, in a fixed order."""
    said: list[str] = []
    for one in found.claims:
        said.extend(_claim(found, one))
    if found.line:
        said.extend(_line(found))
    if unlike := [row.service for row in found.comparators if row.rvu_printed and _unlike(row.rvu, row.recomputed)]:
        said.append(f"Printed bundle RVUs that the bundle rule does not give: {', '.join(unlike)}.")
    said.extend(f"Printed figures that do not agree: {one.words}." for one in found.checks if one.outcome == DIFFERS)
    said.extend(words for words, _ in found.study.inconsistencies)
    said.extend(f"{share.percent} % of respondents: {share.what}." for share in found.study.shares)
    if found.study.comparator_note:
        said.append(found.study.comparator_note)
    return tuple(said)


def _unlike(printed: float | None, recomputed: float | None) -> bool:
    return printed is not None and recomputed is not None and abs(printed - recomputed) > 1e-9


def span(releases: Sequence[str]) -> str:
    """Releases that follow each other, as first to last.

    >>> span(["2023A", "2023B", "2024B"]), span(["2026C"])
    ('2023A to 2024B', '2026C')
    """
    return releases[0] if len(releases) == 1 else f"{releases[0]} to {releases[-1]}"


def _claim(found: Audit, one: ClaimFound) -> list[str]:
    value = one.claim.value
    by = {tried.formula: tried for tried in one.gives}
    said: list[str] = []
    if formulas.MEAN in by:
        said.append(_equals_mean(found, value, by[formulas.MEAN]))
    elif formulas.LINE in by:
        line = by[formulas.LINE]
        scale = found.line.scale if found.line else "the measure"
        said.append(
            f"{value} equals, to its printed digits, the least-squares line of work RVU on {scale} read at the target "
            f"({line.value:.4f}), with the RVUs of {span(line.releases)}."
        )
    elif one.tries:
        said.append(f"{value}: none of the {len(formulas.FORMULAS)} formulas of the fixed family gives it.")
    else:
        said.append(f"{value} ({one.claim.words}): not reproducible, {_unprinted(found)}.")
    if one.gives and one.chance:
        said.append(
            f"Expected by chance: {one.chance.expected:.2g} such agreements ({one.chance.formulas} formulas, "
            f"{one.chance.rvu_sets} releases, {one.claim.decimals} decimals, RVUs from {one.chance.low:.2f} to "
            f"{one.chance.high:.2f})."
        )
    return said


def _equals_mean(found: Audit, value: str, tried: Try) -> str:
    count = len(found.comparators)
    unread = [scale.name for scale in found.study.scales if scale.work and not scale.printed]
    table = f"the {unread[0]} table" if unread else "the computation"
    return (
        f"{value} equals, to its printed digits, the unweighted mean of the {count} comparators' work RVUs "
        f"({tried.value:.6f}, releases {span(tried.releases)}); any regression read at the mean measure returns it; "
        f"{table} was not available to us, so how it was computed is unknown."
    )


def _unprinted(found: Audit) -> str:
    return (
        "comparators and measures are not printed where we could read" if not found.comparators else "RVUs are missing"
    )


def _line(found: Audit) -> list[str]:
    line = found.line
    assert line is not None
    reading = line.reading
    return [
        f"The line through the printed {line.scale} measures, read at the target, gives {reading.value:.3f}; "
        f"interval of the line {reading.low:.3f} to {reading.high:.3f}; prediction interval of one new service "
        f"{reading.new_low:.3f} to {reading.new_high:.3f} (95 %).",
        f"Leaving out one comparator at a time: {line.low_without:.2f} to {line.high_without:.2f}. Predictive "
        f"R-squared against the plain mean {line.predictive_r2:.3f}; R-squared {line.r2:.3f}; slope p "
        f"{line.slope_p:.4f}.",
    ]
