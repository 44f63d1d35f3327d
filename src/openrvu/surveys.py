"""A survey valued against the facts held: the file read, the comparators' work RVUs looked up, the estimate.

>>> estimate = value(demo(), draws=0)
>>> estimate.simulated, estimate.target
(True, '62380')
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from openrvu import holdings
from openrvu.errors import BadInput
from openrvu.facts import Facts
from openrvu.valuation import demo as simulated
from openrvu.valuation.constants import fewest_respondents
from openrvu.valuation.estimate import Estimate
from openrvu.valuation.held import anchors
from openrvu.valuation.services import Anchors, missing, service
from openrvu.valuation.study import known, study
from openrvu.valuation.survey import Survey
from openrvu.valuation.survey import read as read_file
from openrvu.valuation.value import value as estimated

DEMO_RELEASE = "2025D"  # the newest release that has every comparator of the flagship study


def read(path: Path, target: str, domain: str = "") -> Survey:
    """A survey from a CSV file: counts, wide or long. Raises BadFile or BadInput naming line and column."""
    return read_file(path, target, domain)


def _flagship(facts: Facts) -> Anchors:
    codes = [code for item in study(simulated.FLAGSHIP).comparators for code, _ in item.service.codes]
    return next(held for held in anchors(facts, codes) if held.release == DEMO_RELEASE)


def demo(facts: Facts | None = None) -> Survey:
    """The demonstration survey: simulated, seeded, and labelled so in every field that leads to an output."""
    return simulated.demonstration(_flagship(facts or holdings.current()))


def write_demo(path: Path, facts: Facts | None = None) -> None:
    """Write the demonstration survey as a CSV whose first lines say that it is simulated."""
    path.write_text(simulated.simulate(_flagship(facts or holdings.current())), encoding="utf-8")


def value(
    survey: Survey,
    facts: Facts | None = None,
    *,
    release: str = "",
    ties: str = "half",
    draws: int = 2000,
    seed: int = 1,
    joint: bool = True,
    volume: int | None = None,
) -> Estimate:
    """The target's work RVU from a survey, anchored on one release.

    release: where the comparators' work RVUs come from; default the newest that has them all, else the newest. The
    value would be used on the newest release held. joint: also measures and link in one likelihood. volume: services a
    year, which decides how many respondents are asked for. Raises NotHeld for a release that is not held.
    """
    held = facts or holdings.current()
    by_release = anchors(held, [code for name in survey.items for code, _ in service(name).codes])
    if not by_release:
        raise BadInput("no release is held", fix="Load CMS's files with `openrvu load FILE`")
    if release:
        wanted = held.release(release).id
        chosen = next(one for one in by_release if one.release == wanted)
    else:
        whole = [one for one in by_release if not any(missing(service(name), one) for name in survey.items)]
        chosen = (whole or list(by_release))[-1]
    return estimated(
        survey,
        chosen,
        use=by_release[-1],
        ties=ties,
        draws=draws,
        seed=seed,
        odd=_odd(survey.target),
        joint=joint,
        fewest=fewest_respondents(volume),
    )


def _odd(target: str) -> Mapping[str, str]:
    """Comparators that a published study of the target names as another kind of work, with the reason."""
    found = [item for one in known() if one.target == target for item in one.comparators]
    return {item.service.name: item.odd for item in found if item.odd}
