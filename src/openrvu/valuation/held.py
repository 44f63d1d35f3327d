"""The bridge from the facts to a valuation: work RVUs of some codes in every release held.

>>> from openrvu.facts import embedded
>>> anchors(embedded(), ["63047"])[-1].work["63047"]
149900
"""

from __future__ import annotations

from collections.abc import Iterable

from openrvu.facts import Facts
from openrvu.valuation.services import Anchors
from openrvu.valuation.study import Study


def anchors(facts: Facts, codes: Iterable[str]) -> tuple[Anchors, ...]:
    """Work RVU, global period and status of the codes in each release held, oldest first; absent codes stay absent."""
    wanted = tuple(dict.fromkeys(codes))
    found: list[Anchors] = []
    for release in facts.releases:
        rows = {code: row for code in wanted if (row := facts.record(code, "", release.id)) is not None}
        found.append(
            Anchors(
                release=release.id,
                starts=release.starts,
                work={code: row.work_rvu for code, row in rows.items()},
                global_days={code: row.global_days for code, row in rows.items() if row.global_days},
                status={code: row.status for code, row in rows.items() if row.status},
            )
        )
    return tuple(found)


def codes_of(study: Study) -> tuple[str, ...]:
    """Every code that an audit of the study looks up: target, comparators' codes and those of printed ratios."""
    inside = [code for item in study.comparators for code, _ in item.service.codes]
    return tuple(dict.fromkeys([study.target, *inside, *(ratio.what for ratio in study.ratios)]))
