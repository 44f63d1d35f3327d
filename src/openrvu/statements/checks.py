"""One function a check: a statement's row and the ground it is checked on, in; verdict, words and figures, out.

Wording: what is computed, never why anyone wrote it. Nothing on motive, competence or integrity.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import groupby
from typing import Any

from openrvu import units
from openrvu.statements.ground import (
    CONFIRMED,
    CONTRADICTED,
    CORRECTED,
    NOT_VERIFIABLE,
    OUTDATED,
    Found,
    Ground,
)
from openrvu.valuation.formulas import mean, printed

Row = Mapping[str, Any]


def code_is_of_the_procedure(row: Row, on: Ground) -> Found:
    """Whether a code describes the procedure: same approach and same view as the codes known to be the procedure's."""
    claimed = on.service(row["claimed"])
    others = [service for code in row["procedure"] if (service := on.service(code))]
    if claimed is None or not others:
        return Found(NOT_VERIFIABLE, f"{row['claimed']} or the procedure's own codes are not described here.", {})
    figures = {service.code: f"{service.approach}; {service.visualization}" for service in (claimed, *others)}
    same = all((s.approach, s.visualization) == (claimed.approach, claimed.visualization) for s in others)
    if same:
        words = f"{claimed.code} and the procedure's codes share approach and view."
        return Found(CONFIRMED, words, figures, claimed.sources)
    ended = [f"{s.code} until {s.ended.isoformat()}, since then {s.successor}" for s in others if s.ended]
    codes = "; ".join(ended) or ", ".join(s.code for s in others)
    words = (
        f"{row['procedure_name']} is {others[-1].approach} and its view {others[-1].visualization}: {codes}. "
        f"{claimed.code} is {claimed.approach} with {claimed.visualization}: another operation."
    )
    return Found(CORRECTED, words, figures, claimed.sources)


def has_no_work_rvu(row: Row, on: Ground) -> Found:
    """Whether a code has had no work RVU in any release held, and whether it came on the date stated."""
    code = row["claimed"]
    works = {r.id: rvu for r in on.facts.releases if (rvu := on.facts.work_rvu(code, r.id)) is not None}
    if not works:
        return Found(NOT_VERIFIABLE, f"No release held has a row for {code}.", {})
    service = on.service(code)
    introduced = service.introduced if service else None
    valued = {release: rvu for release, rvu in works.items() if rvu}
    figures = {
        "releases read": f"{len(works)}: {next(iter(works))} to {list(works)[-1]}",
        "releases with a work RVU": ", ".join(f"{r} {units.text(v, units.RVU, 2)}" for r, v in valued.items())
        or "none",
        "introduced": introduced.isoformat() if introduced else "not found",
        "status": _statuses(code, list(works), on),
    }
    if introduced is not None and introduced != row["introduced"]:
        return Found(CORRECTED, f"{code} was introduced on {introduced.isoformat()}.", figures)
    then = [r.id for r in on.facts.releases if r.id in valued and r.starts <= on.on]
    if then:
        return Found(CONTRADICTED, f"Release {then[0]} gives {code} a work RVU above zero.", figures)
    if valued:
        first = next(iter(valued))
        words = (
            f"It held until release {first}, which gives {code} a work RVU of {figures['releases with a work RVU']}."
        )
        return Found(OUTDATED, words, figures)
    read = f"{figures['releases read']}; {row['unread']}"
    words = f"True of every release read ({read}). To be checked again with each release."
    return Found(CONFIRMED, words, figures)


def _statuses(code: str, held: list[str], on: Ground) -> str:
    """The status letters of a code through the releases, oldest first: a letter with its first and last release."""

    def letter(release: str) -> str:
        row = on.facts.record(code, "", release)
        return row.status if row and row.status else "none printed"

    runs = [(status, list(releases)) for status, releases in groupby(held, letter)]
    return "; ".join(f"{status} ({' to '.join(dict.fromkeys((run[0], run[-1])))})" for status, run in runs)


def _study_rvus(on: Ground) -> list[int] | None:
    found = [
        on.facts.work_rvu(item.service.name, on.study.basis_release) if item.rvu is None else item.rvu
        for item in on.study.comparators
    ]
    return [rvu for rvu in found if rvu is not None] if found and None not in found else None


def _mean_on(release: str, on: Ground) -> str:
    """The comparators' mean with the work RVUs of another release; of those that it holds."""
    found = [on.facts.work_rvu(item.service.name, release) for item in on.study.comparators]
    rvus = [rvu for rvu in found if rvu is not None]
    missing = [item.service.name for item, rvu in zip(on.study.comparators, found, strict=True) if rvu is None]
    lacking = f" of {len(rvus)}; not held: {', '.join(missing)}" if missing else ""
    return f"{printed(mean(rvus), 4)}{lacking}" if rvus else "not held"


def value_comes_from_the_survey(row: Row, on: Ground) -> Found:
    """Whether the value can be had without the survey: as the plain mean of the comparators' work RVUs."""
    claim, rvus = on.study.claims[0], _study_rvus(on)
    if not rvus:
        return Found(NOT_VERIFIABLE, "A comparator's work RVU is not held, so the mean cannot be formed.", {})
    average = mean(rvus)
    shown = printed(average, claim.decimals)
    figures = {
        "printed": claim.value,
        "unweighted mean of the comparators": printed(average, 6),
        "sum": units.text(sum(rvus), units.RVU, 2),
        "comparators": str(len(rvus)),
        "release of the RVUs": on.study.basis_release,
        f"mean with the RVUs of {on.beside}": _mean_on(on.beside, on),
    }
    if shown == claim.value:
        words = (
            f"{claim.value} equals, to its printed digits, the unweighted mean of the {len(rvus)} comparators' work "
            f"RVUs ({figures['unweighted mean of the comparators']}); any regression read at the mean measure "
            "returns it, whatever was answered. The work-effort table was not available to us, so how it was "
            "computed is unknown."
        )
        return Found(CORRECTED, words, figures, (on.study.source,))
    words = (
        f"The comparators' mean is {shown}, not the value. The work-effort table was not available to us, so the value "
        "cannot be recomputed."
    )
    return Found(NOT_VERIFIABLE, words, figures, (on.study.source,))


def percentages_of_the_value(row: Row, on: Ground) -> Found:
    """Whether the printed percentages of other codes' work RVUs come out, and what they are on another release."""
    claim = on.study.claims[0]
    basis, beside = on.study.basis_release, on.beside
    figures: dict[str, str] = {}
    wrong: list[str] = []
    for ratio in on.study.ratios:
        decimals = len(ratio.percent.partition(".")[2])
        then, now = (
            _percent(claim.exact, ratio.what, basis, decimals, on),
            _percent(claim.exact, ratio.what, beside, decimals, on),
        )
        figures[ratio.what] = f"printed {ratio.percent} %; {basis}: {then} %; {beside}: {now} %"
        if then != ratio.percent:
            wrong.append(ratio.what)
    if not figures:
        return Found(NOT_VERIFIABLE, "The study prints no percentages.", {})
    if wrong:
        words = f"With the work RVUs of {basis}, the percentage of {', '.join(wrong)} comes out otherwise."
        return Found(CORRECTED, words, figures, (on.study.source,))
    words = (
        f"The arithmetic holds with the work RVUs of {basis}. On another release the percentages are others: those of "
        f"{beside} stand beside them."
    )
    return Found(CONFIRMED, words, figures, (on.study.source,))


def _percent(value: Fraction, code: str, release: str, decimals: int, on: Ground) -> str:
    rvu = on.facts.work_rvu(code, release)
    return printed(100 * value * units.RVU / rvu, decimals) if rvu else "not held"


def _moves(codes: list[str], row: Row, on: Ground) -> dict[str, int]:
    """First and last count's difference by code, for codes with both counts."""
    found = {}
    for code in codes:
        trend = on.use(code)
        if trend and row["first"] in trend.lines and row["last"] in trend.lines:
            found[code] = trend.lines[row["last"]] - trend.lines[row["first"]]
    return found


def flat_while_fusions_rise(row: Row, on: Ground) -> Found:
    """Whether minimally invasive surgery stood still while fusions rose, in Medicare service lines."""
    first, last = row["first"], row["last"]
    figures: dict[str, str] = {}
    groups = ("minimally_invasive", "open_decompression", "fusions")
    moved = {group: _moves(row[group], row, on) for group in groups}
    for group in groups:
        for code in moved[group]:
            trend = on.use(code)
            if trend:
                span = f"{trend.lines[first]:,} to {trend.lines[last]:,} lines"
                figures[code] = f"{span}, {first} to {last} ({trend.change_percent(first, last)} %)"
    lacking = [code for code in row["about"] if not ((trend := on.use(code)) and trend.found)]
    for code in lacking:
        figures[code] = "yearly counts not found"
    about = (
        f" For {', '.join(lacking)} itself the counts were not found: not verifiable here. {row['published']}"
        if lacking
        else ""
    )
    caveat = (
        f" {row['context']} Suppression inflates the growth of small codes; rates per beneficiary are needed before "
        "anyone says more."
    )
    if not moved["minimally_invasive"] or not moved["fusions"]:
        return Found(NOT_VERIFIABLE, "The counts that it speaks of were not found." + about, figures)
    rising_fusions = all(change > 0 for change in moved["fusions"].values())
    rising = all(change > 0 for change in moved["minimally_invasive"].values())
    if rising_fusions and not rising:
        return Found(
            CONFIRMED,
            "In service lines, minimally invasive surgery did not grow and fusions did." + about + caveat,
            figures,
        )
    words = (
        "As worded it does not hold for MILD: its lines "
        + ("rose" if rising else "did not rise")
        + ", and those of the fusions "
        + ("rose too." if rising_fusions else "fell.")
    )
    return Found(CONTRADICTED, words + about + caveat, figures)


def list_in_its_primary_source(row: Row, on: Ground) -> Found:
    """Whether a list of names stands in its primary source, where that could be read."""
    named, primary = set(row["named"]), set(row["primary"])
    figures = {"named": ", ".join(row["named"]), "in the primary source": ", ".join(row["primary"]) or "not readable"}
    if not primary:
        return Found(NOT_VERIFIABLE, f"As reported; {row['primary_words']}.", figures)
    if named == primary:
        return Found(CONFIRMED, "The primary source names the same.", figures)
    return Found(CORRECTED, f"The primary source names: {', '.join(row['primary'])}.", figures)


def paper_was_read(row: Row, on: Ground) -> Found:
    """Whether the paper behind a statement was read; the trial behind it is shown with who paid for it."""
    by_id = {study.id: study for study in on.evidence}
    paper, trial = by_id.get(row["paper"]), by_id.get(row["behind_it"])
    figures = {}
    if trial:
        figures = {
            trial.title: f"{trial.n}; {trial.follow_up}: " + "; ".join(trial.figures),
            "funding": trial.funding,
        }
    if paper is None or not paper.figures:
        words = "The paper named was not read. The trial behind it is shown with its figures and its funding."
        return Found(NOT_VERIFIABLE, words, figures, trial.sources if trial else ())
    figures[paper.title] = "; ".join(paper.figures)
    return Found(CONFIRMED, "The paper was read; its figures stand beside it.", figures, paper.sources)


def completion_rate(row: Row, on: Ground) -> Found:
    """Whether a printed completion rate and number of comparators follow from the study's own counts."""
    panel = next((panel for panel in on.study.panels if panel.completed and panel.responded), None)
    if panel is None or not panel.completed or not panel.responded:
        return Found(NOT_VERIFIABLE, "The counts are not printed.", {})
    percent = units.ratio_text(panel.completed, panel.responded, len(row["percent"].partition(".")[2]))
    tabled = len(on.study.comparators)
    figures = {
        "printed": f"{row['percent']} %, {row['comparators']} comparators",
        "counts": f"{panel.completed} of {panel.responded} = {percent} %; {tabled} comparators in the table",
    }
    if percent == row["percent"] and tabled == row["comparators"]:
        return Found(CONFIRMED, "The counts give the same.", figures, (on.study.source,))
    words = (
        f"Inconsistent in the source: {panel.completed} of {panel.responded} is {percent} %, printed "
        f"{row['percent']} %; {row['comparators']} comparators in the text, {tabled} in the table."
    )
    return Found(CORRECTED, words, figures, (on.study.source,))
