"""Every route to a work RVU side by side: value, interval, what it assumes, and what can be concluded; never pooled.

>>> found = triangulate("62380")
>>> [route.name for route in found.routes][:2]
['Published claim', 'Line read at 62380']
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from openrvu import holdings, units
from openrvu.errors import BadInput, OpenRVUError
from openrvu.facts import Facts
from openrvu.releases import Release
from openrvu.routes import building_block, comparators, crosswalk, regression
from openrvu.tables.physician_time import Times, TimeTable
from openrvu.triangulation.making import beside, built, in_force, line, magnitude, means, published, regressed, surveyed
from openrvu.triangulation.route import Lacking, Route, Triangulation, concluded, listed
from openrvu.valuation.audit import audit as audit_study
from openrvu.valuation.estimate import Estimate
from openrvu.valuation.held import anchors, codes_of
from openrvu.valuation.ruc import RucSurvey
from openrvu.valuation.services import with_roles
from openrvu.valuation.study import Study, known

__all__ = ["Lacking", "Route", "Triangulation", "triangulate"]


def triangulate(
    code: str,
    facts: Facts | None = None,
    *,
    release: str = "",
    survey: Estimate | None = None,
    ruc: RucSurvey | None = None,
    table: TimeTable | None = None,
    minutes: Times | None = None,
) -> Triangulation:
    """Every route to the code's work RVU that has data here.

    survey: a valued survey. ruc: a RUC survey. table, minutes: times of services, and of the target. A route that
    cannot be taken says why in `lacking`. Raises UnknownCode or NotHeld as a look-up does.
    """
    held = facts or holdings.current()
    chosen = held.release(release) if release else held.newest()
    if held.record(code, "", chosen.id) is None:
        held.require(code)
    for name, one in (("the survey", survey), ("the RUC survey", ruc)):
        if one is not None and one.target != code:
            raise BadInput(
                f"{name} is of {one.target} and not of {code}", fix=f"Triangulate {one.target}, or leave it out"
            )
    found = in_force(code, held, chosen)
    if (study := next((item for item in known() if item.target == code), None)) is not None:
        found += _study(study, held, chosen)
    if survey is not None:
        found += surveyed(survey, chosen.source)
    lacking: list[Lacking] = []
    if survey is None:
        lacking.append(Lacking("Own survey", "none given", f"Give one: --survey FILE, answers about {code}"))
    elif survey.reading is None:
        lacking.append(Lacking("Own survey", survey.why_not, "Add comparators with work RVUs"))
    if ruc is None:
        lacking.append(Lacking("RUC survey", "none given", "Give one: --ruc FILE"))
    else:
        found += magnitude(ruc)
    found += _from_times(code, held, chosen, table, minutes, lacking)
    beside_it = _comparators(code, held, chosen)
    made_up = [route.name for route in found if route.simulated]
    label = f"SIMULATED: {listed(made_up)} rest on made-up data and are evidence of nothing" if made_up else ""
    return Triangulation(
        code=code,
        release=chosen.id,
        label=label,
        routes=tuple(found),
        lacking=tuple(lacking),
        comparators=beside_it,
        concluded=concluded(code, found, lacking),
        sources=tuple(dict.fromkeys((*(s for route in found for s in route.sources), chosen.source))),
    )


def _study(study: Study, facts: Facts, chosen: Release) -> list[Route]:
    rvus = with_roles(anchors(facts, codes_of(study)))
    audit = audit_study(study, rvus, chosen.id, on=chosen.starts)
    basis = {one.id: one.source for one in facts.releases}.get(audit.basis_release)
    cited = (study.source, *([basis] if basis else []))
    return published(audit) + line(audit, cited) + means(audit, facts, {one.release: one for one in rvus})


def _from_times(
    code: str, facts: Facts, chosen: Release, table: TimeTable | None, minutes: Times | None, lacking: list[Lacking]
) -> list[Route]:
    """The routes that need times; each that cannot be taken is added to `lacking` with its reason."""
    found: list[Route] = []
    without = "needs minutes; no physician-time file ships, and minutes are never invented"
    fix = "Load CMS's physician-time file: --times FILE"
    if table is None:
        names = ("Building block and intensity", "Crosswalk", "Time and intensity regression")
        lacking += [Lacking(name, without, fix) for name in names]
        return found
    how: dict[str, Any] = {"release": chosen.id, "table": table, "minutes": minutes}
    took: tuple[tuple[str, Callable[[], list[Route]]], ...] = (
        ("Building block and intensity", lambda: built(building_block(code, facts, **how))),
        ("Crosswalk", lambda: beside(crosswalk(code, facts, **how))),
        ("Time and intensity regression", lambda: regressed(regression(code, facts, **how))),
    )
    for name, take in took:
        try:
            routes = take()
        except OpenRVUError as fault:
            lacking.append(Lacking(name, fault.what, fault.fix))
            continue
        found += routes
        if not routes:
            lacking.append(Lacking(name, "no service with times is near enough, or no comparator has times", fix))
    return found


def _comparators(code: str, facts: Facts, chosen: Release) -> tuple[tuple[str, float], ...]:
    rvus = ((one, facts.work_rvu(one, chosen.id)) for one in comparators(code))
    found = [(one, rvu / units.RVU) for one, rvu in rvus if rvu is not None]
    return tuple(sorted(found, key=lambda pair: (-pair[1], pair[0])))
