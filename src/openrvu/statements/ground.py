"""What statements are checked on: the facts, the family, the use over time, the study, the evidence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from openrvu.codes.evidence import EvidenceStudy, evidence_of
from openrvu.codes.families import Service, find_service
from openrvu.facts import Facts
from openrvu.impact.trends import Trend, use
from openrvu.valuation.study import Study, study

CONFIRMED = "confirmed"
CORRECTED = "corrected"
OUTDATED = "outdated"
CONTRADICTED = "contradicted"
NOT_VERIFIABLE = "not-verifiable"

# Every verdict there is, with what it means.
VERDICTS: Mapping[str, str] = {
    CONFIRMED: "the rows say the same",
    CORRECTED: "the rows say something else, and what it is",
    OUTDATED: "it held when it was said and no longer does",
    CONTRADICTED: "the rows say the opposite",
    NOT_VERIFIABLE: "what would be needed to check it was not available to us",
}


@dataclass(frozen=True)
class Found:
    """A check's result. figures: name -> text; sources: ids of the rows it used."""

    verdict: str
    words: str
    figures: Mapping[str, str]
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ground:
    """The rows that checks read. Replace a part to ask what would change.

    on: the day the statements were made. beside: the release whose figures stand beside those of the statement's time.
    """

    facts: Facts
    study: Study
    on: date
    beside: str
    service: Callable[[str], Service | None] = find_service
    use: Callable[[str], Trend | None] = use
    evidence: tuple[EvidenceStudy, ...] = ()


def ground(facts: Facts, study_id: str, on: date, release: str = "") -> Ground:
    """The rows as held. release: what to show beside (default: the newest). Raises NotHeld for one that is not held."""
    published = study(study_id)
    evidence = evidence_of(published.target)
    beside = facts.release(release).id if release else facts.newest().id
    return Ground(facts=facts, study=published, on=on, beside=beside, evidence=evidence.studies if evidence else ())
