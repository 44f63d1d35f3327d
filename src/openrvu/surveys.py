"""A survey valued against the facts held: the file read, the comparators' work RVUs looked up, the estimate.

>>> estimate = value(demo(), draws=0)
>>> estimate.simulated, estimate.target
(True, '62380')
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from openrvu import holdings
from openrvu.errors import BadInput
from openrvu.surveydata import SurveyData, SurveyMapping, reading
from openrvu.surveydata.mapping import PAIRS, RATINGS
from openrvu.surveydata.using import as_responses, as_survey, origin
from openrvu.valuation.services import Anchors, missing, service
from openrvu.valuation.survey import Origin, Survey

# What values a survey is loaded by the functions that do: ratings are read and measured without it.
if TYPE_CHECKING:
    from openrvu.facts import Facts
    from openrvu.valuation.demo import Parameters
    from openrvu.valuation.estimate import Estimate
    from openrvu.valuation.rasch.data import Responses

DEMO_RELEASE = "2025D"  # the newest release that has every comparator of the flagship study


def read(path: Path, target: str, domain: str = "", mapping: SurveyMapping | Path | None = None) -> Survey:
    """Comparisons from a file of any form that `surveydata` reads. Raises BadFile, BadInput with line and column."""
    return as_survey(reading.read(path, mapping, target=target, kind=PAIRS), target, domain)


def of_bytes(data: bytes, name: str, target: str, domain: str = "") -> Survey:
    """The same from the bytes of a file.

    >>> found = of_bytes(b"item,less,equal,greater\\n63047,20,5,10\\n63005,8,6,21\\n", "x.csv", "62380")
    >>> found.report.form, found.items
    ('counts', ('63047', '63005'))
    """
    return as_survey(reading.parse(data, name, target=target, kind=PAIRS), target, domain)


def ratings(
    path: Path, group: str = "", items: Sequence[str] = (), mapping: SurveyMapping | Path | None = None
) -> tuple[Responses, tuple[str, ...], Origin]:
    """Ratings from a file of any form, each respondent's label in the column `group` (empty without one), and the file,
    with the remarks of its head: one that nobody answered says SIMULATED there.

    items: the columns to take; else all that hold answers. Raises BadFile with line and column for a cell that is no
    whole number from 0 on.
    """
    data = reading.read(path, mapping, kind=RATINGS, items=items, group=group)
    return *as_responses(data, group), origin(data)


def _flagship(facts: Facts) -> Anchors:
    from openrvu.valuation.demo import FLAGSHIP
    from openrvu.valuation.held import anchors
    from openrvu.valuation.study import study

    codes = [code for item in study(FLAGSHIP).comparators for code, _ in item.service.codes]
    return next(held for held in anchors(facts, codes) if held.release == DEMO_RELEASE)


def demo(facts: Facts | None = None) -> Survey:
    """The demonstration survey: simulated, seeded, and labelled so in every field that leads to an output."""
    return demonstration(_flagship(facts or holdings.current()))


def demo_data(facts: Facts | None = None) -> SurveyData:
    """The same as read from a file: respondents, what is known of them, flags and funnel."""
    from openrvu.valuation.demo import FLAGSHIP, simulate
    from openrvu.valuation.study import study

    data = simulate(_flagship(facts or holdings.current())).encode()
    return reading.parse(data, "SIMULATED-62380.csv", target=study(FLAGSHIP).target, kind=PAIRS)


def demonstration(rvus: Anchors, parameters: Parameters | None = None) -> Survey:
    """A survey simulated on some work RVUs, read back as any file is: its name and label say SIMULATED, and so does
    every output made of it."""
    from openrvu.valuation.demo import FLAGSHIP, simulate
    from openrvu.valuation.study import study

    data = simulate(rvus, parameters).encode()
    return of_bytes(data, "SIMULATED-62380.csv", study(FLAGSHIP).target)


def write_demo(path: Path, facts: Facts | None = None) -> None:
    """Write the demonstration survey as a CSV whose first lines say that it is simulated."""
    from openrvu.valuation.demo import simulate

    path.write_text(simulate(_flagship(facts or holdings.current())), encoding="utf-8")


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
    from openrvu.valuation.constants import fewest_respondents
    from openrvu.valuation.held import anchors
    from openrvu.valuation.value import value as estimated

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
    from openrvu.valuation.study import known

    found = [item for one in known() if one.target == target for item in one.comparators]
    return {item.service.name: item.odd for item in found if item.odd}
