"""Audit of a published value: which formulas give it, what the line says at the target, what the guards say.

Pure data out; no file is read here. The wording of what is found is in wording.py.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from fractions import Fraction

from openrvu import units
from openrvu.errors import BadInput, NotHeld
from openrvu.valuation import anchor, consistency, formulas, guards, wording
from openrvu.valuation.formulas import Chance, RvuSet, Try
from openrvu.valuation.found import Audit, ClaimFound, InRelease, LineFound, MeanFound, Ratio, Row
from openrvu.valuation.guards import Guard
from openrvu.valuation.services import Anchors, missing, with_roles, work
from openrvu.valuation.study import Claim, Study


def audit(study: Study, rvus_by_release: Sequence[Anchors], use_release: str = "", *, on: date | None = None) -> Audit:
    """Audit a published study.

    rvus_by_release: the work RVUs of every release held (any order). use_release: where the value would be used, the
    newest by default. on: the audit's date, today (UTC) by default. Raises NotHeld for a release that is not among
    them, BadInput where none is given.
    """
    if not rvus_by_release:
        raise BadInput("no release is given", fix="An audit needs the work RVUs of at least one release")
    held = with_roles(rvus_by_release)
    used = _named(held, use_release) if use_release else held[-1]
    rows, rvus = _rows(study, held)
    line, rows = _line(study, rows, rvus)
    mean = _mean(rvus)
    sets = _sets(study, held)
    claims = tuple(_claim(study, claim, sets, rvus, line, rows, used) for claim in study.claims)
    line_guards = _line_guards(study, line, rows)
    status = _status(study, claims, mean)
    printed_ratios = _study_ratios(study, held)
    found = Audit(
        study=study,
        on=on or datetime.now(UTC).date(),
        use_release=used.release,
        basis_release=study.basis_release,
        status=status,
        headline="",
        findings=(),
        claims=claims,
        comparators=rows,
        mean=mean,
        line=line,
        releases=in_releases(study, held),
        ratios=printed_ratios,
        checks=consistency.checks(study, printed_ratios),
        line_guards=line_guards,
        study_guards=_study_guards(study),
        missing=study.not_printed,
        read=study.read,
        correction=wording.CORRECTION,
        digest=_digest(study),
    )
    return wording.worded(found)


def ratios(claimed: str, codes: Sequence[str], held: Sequence[Anchors], decimals: int = 2) -> tuple[Ratio, ...]:
    """A claimed value (text) as a percentage of each code's work RVU, by release; releases with equal RVUs together.

    Codes without a work RVU above zero on a release are left out.
    """
    found: list[Ratio] = []
    for code in codes:
        by_rvu: dict[int, list[str]] = {}
        for release in held:
            if rvu := release.work.get(code):
                by_rvu.setdefault(rvu, []).append(release.release)
        for rvu, names in by_rvu.items():
            percent = formulas.printed(100 * Fraction(claimed) * units.RVU / rvu, decimals)
            found.append(Ratio(claimed, code, tuple(names), rvu / units.RVU, percent, "", None))
    return tuple(found)


def in_releases(study: Study, held: Sequence[Anchors]) -> tuple[InRelease, ...]:
    """Mean and line with each release's own RVUs, over the comparators it has; equal releases together."""
    groups: dict[tuple[int | None, ...], list[str]] = {}
    for release in held:
        rvus = tuple(work(item.service, release) for item in study.comparators)
        if any(rvu is not None for rvu in rvus):
            groups.setdefault(rvus, []).append(release.release)
    return tuple(_in_release(study, rvus, tuple(names)) for rvus, names in groups.items())


def _in_release(study: Study, rvus: tuple[int | None, ...], names: tuple[str, ...]) -> InRelease:
    pairs = [(item, rvu) for item, rvu in zip(study.comparators, rvus, strict=True) if rvu is not None]
    reading = None
    if study.measured and len(pairs) >= 4:  # as for the study's own line: fewer comparators carry none
        measures = [item.measure for item, _ in pairs if item.measure is not None]
        reading = anchor.fit_line(measures, [rvu / units.RVU for _, rvu in pairs]).at(0.0)
    return InRelease(
        releases=names,
        held=len(pairs),
        of=len(rvus),
        not_held=tuple(item.service.name for item, rvu in zip(study.comparators, rvus, strict=True) if rvu is None),
        mean=float(formulas.mean([rvu for _, rvu in pairs])),
        line=reading.value if reading else None,
        new_low=reading.new_low if reading else None,
        new_high=reading.new_high if reading else None,
    )


def _digest(study: Study) -> str:
    text = json.dumps(study.to_dict(), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _named(held: Sequence[Anchors], key: str) -> Anchors:
    for release in held:
        if release.release == key:
            return release
    raise NotHeld(f"release {key!r} is not held", exists=f"Held: {', '.join(a.release for a in held)}")


def _rows(study: Study, held: Sequence[Anchors]) -> tuple[tuple[Row, ...], tuple[int | None, ...]]:
    """The comparators with the RVU the study stands on, as rows and as whole numbers x 10^4."""
    basis = next((a for a in held if a.release == study.basis_release), None)
    rows: list[Row] = []
    rvus: list[int | None] = []
    for item in study.comparators:
        again = work(item.service, basis) if basis else None
        rvu = item.rvu if item.rvu is not None else again
        rvus.append(rvu)
        rows.append(
            Row(
                service=item.service.name,
                rvu=None if rvu is None else rvu / units.RVU,
                rvu_printed=item.rvu is not None,
                recomputed=None if again is None else again / units.RVU,
                measure=item.measure,
                infit=item.infit,
                outfit=item.outfit,
                odd=item.odd,
            )
        )
    return tuple(rows), tuple(rvus)


def _line(study: Study, rows: tuple[Row, ...], rvus: Sequence[int | None]) -> tuple[LineFound | None, tuple[Row, ...]]:
    """The line through the comparators that have measure and RVU, and the rows with their influence."""
    usable = [i for i, row in enumerate(rows) if row.measure is not None and rvus[i] is not None]
    if len(usable) < 4:
        return None, rows
    d = [float(rows[i].measure or 0.0) for i in usable]
    w = [float(rows[i].rvu or 0.0) for i in usable]
    fitted, moved = anchor.fit_line(d, w), anchor.influence(d, w)
    low, high = fitted.slope_interval()
    found = LineFound(
        scale=study.measures.scale if study.measures else "",
        reading=fitted.at(0.0),
        slope=fitted.slope,
        slope_low=low,
        slope_high=high,
        slope_p=fitted.p,
        s=fitted.s,
        r2=fitted.r2,
        df=fitted.df,
        predictive_r2=anchor.predictive_r2(d, w),
        log_linear=anchor.log_linear(d, w) if min(w) > 0 else None,
        low_without=min(moved.without),
        high_without=max(moved.without),
        low_measure=fitted.low_measure,
        high_measure=fitted.high_measure,
    )
    at = {i: j for j, i in enumerate(usable)}
    full = tuple(
        replace(row, leverage=moved.leverage[at[i]], cook=moved.cook[at[i]], without=moved.without[at[i]])
        if i in at
        else row
        for i, row in enumerate(rows)
    )
    return found, full


def _mean(rvus: Sequence[int | None]) -> MeanFound | None:
    whole = [rvu for rvu in rvus if rvu is not None]
    if len(whole) < 2 or len(whole) < len(rvus):
        return None
    exact = formulas.mean(whole)
    without = [float(formulas.mean(whole[:i] + whole[i + 1 :])) for i in range(len(whole))]
    return MeanFound(float(exact), str(exact), min(without), max(without))


def _sets(study: Study, held: Sequence[Anchors]) -> tuple[RvuSet, ...]:
    """The RVUs a claim could stand on: as printed, and those of each release in force by its publication."""
    last = study.published or date(study.year, 12, 31)
    by_release: list[tuple[str, tuple[int | None, ...]]] = [
        (a.release, tuple(work(item.service, a) for item in study.comparators)) for a in held if a.starts <= last
    ]
    sets = formulas.group(by_release)
    printed = tuple(item.rvu for item in study.comparators)
    as_printed = formulas.group([("as printed", printed)])
    return sets if any(a.rvus == b.rvus for a in as_printed for b in sets) else (*sets, *as_printed)


def _claim(
    study: Study,
    claim: Claim,
    sets: Sequence[RvuSet],
    rvus: Sequence[int | None],
    line: LineFound | None,
    rows: Sequence[Row],
    used: Anchors,
) -> ClaimFound:
    measures = [item.measure for item in study.comparators if item.measure is not None]
    tried = formulas.tries(claim.value, sets, measures if study.measured else None)
    gives = tuple(one for one in tried if one.gives)
    chance = formulas.chance(sets, claim.decimals)
    without = _without(gives, rvus, line, rows)
    return ClaimFound(
        claim=claim,
        tries=tried,
        gives=gives,
        chance=chance,
        low_without=min(without.values()) if without else None,
        high_without=max(without.values()) if without else None,
        guards=_claim_guards(study, claim, gives, chance, rvus, without, used),
    )


def _without(
    gives: Sequence[Try], rvus: Sequence[int | None], line: LineFound | None, rows: Sequence[Row]
) -> dict[str, float]:
    """The value by the formula that gives the claim, with each comparator left out; empty where none does."""
    found = {one.formula for one in gives}
    if formulas.MEAN in found and None not in rvus:
        whole = [rvu for rvu in rvus if rvu is not None]
        return {row.service: float(formulas.mean(whole[:i] + whole[i + 1 :])) for i, row in enumerate(rows)}
    if formulas.LINE in found and line:
        return {row.service: row.without for row in rows if row.without is not None}
    return {}


def _claim_guards(
    study: Study,
    claim: Claim,
    gives: Sequence[Try],
    chance: Chance | None,
    rvus: Sequence[int | None],
    without: Mapping[str, float],
    used: Anchors,
) -> tuple[Guard, ...]:
    about = guards.CLAIMED
    names = [item.service.name for item in study.comparators]
    known = {name: rvu for name, rvu in zip(names, rvus, strict=True) if rvu is not None}
    if not known:
        why = "comparators and their work RVUs are not printed where we could read"
        return tuple(
            guards.unchecked(name, about, why)
            for name in ("equals-comparator-mean", "odd-comparator", "stale-anchors", "one-comparator-decides")
        )
    now = {item.service.name: work(item.service, used) for item in study.comparators}
    equal = [name for one in gives if one.formula == formulas.MEAN for name in one.releases]
    mean = float(formulas.mean(list(known.values())))
    return (
        guards.equals_comparator_mean(claim.value, claim.digits, mean, equal, chance.expected if chance else None),
        guards.odd_comparator({item.service.name: item.odd for item in study.comparators if item.odd}),
        guards.stale_anchors(known, now, used.release),
        guards.one_comparator_decides(float(claim.exact), without, None, about)
        if without
        else guards.unchecked("one-comparator-decides", about, "no formula of the family gives the value"),
    )


def _line_guards(study: Study, line: LineFound | None, rows: Sequence[Row]) -> tuple[Guard, ...]:
    """Guards about the line read at the target. Comparators' choice and age are guarded with the claim, which chose
    them."""
    if line is None:
        return ()
    scale = study.scale()
    without = {row.service: row.without for row in rows if row.without is not None}
    half = (line.reading.high - line.reading.low) / 2
    return (
        guards.survey_adds_nothing(line.predictive_r2),
        guards.reversed_slope(line.slope),
        guards.scale_is_not_work(line.scale, scale.work)
        if scale
        else guards.unchecked("scale-is-not-work", guards.LINE, "the scale is not named"),
        guards.extrapolates(line.low_measure, line.high_measure),
        guards.slope_not_significant(line.slope_p, (line.slope_low, line.slope_high)),
        guards.misfit({row.service: (row.infit, row.outfit) for row in rows}),
        guards.one_comparator_decides(line.reading.value, without, half),
    )


def _study_guards(study: Study) -> tuple[Guard, ...]:
    star = {"star": True, "linked": False}.get(study.design)
    recorded = {"recorded": True, "not-recorded": False}.get(study.interest)
    return (
        guards.star_design(star),
        guards.few_respondents({panel.name: panel.answering for panel in study.panels}),
        guards.low_reliability(study.measures.service_reliability if study.measures else None),
        guards.interest_not_recorded(recorded, study.interest_words),
        guards.unchecked("interest-shifts-measure", guards.STUDY, "answers by interest are not printed"),
    )


def _study_ratios(study: Study, held: Sequence[Anchors]) -> tuple[Ratio, ...]:
    """The ratios that the study prints, recomputed in every release, each to the digits printed."""
    found: list[Ratio] = []
    for claim in study.claims[:1]:
        for printed in study.ratios:
            decimals = len(printed.percent.partition(".")[2])
            for one in ratios(claim.value, [printed.what], held, decimals):
                found.append(replace(one, printed=printed.percent, agrees=one.percent == printed.percent))
    return tuple(found)


def _status(study: Study, claims: Sequence[ClaimFound], mean: MeanFound | None) -> str:
    if not study.claims:
        return "no-claim"
    if mean is None:
        return "not-reproducible"
    return "reproduced" if any(found.gives for found in claims) else "not-reproduced"


def lacking(study: Study, release: Anchors) -> tuple[str, ...]:
    """The codes of the study's comparators that a release as held does not have, each once, in order."""
    return tuple(dict.fromkeys(code for item in study.comparators for code in missing(item.service, release)))
