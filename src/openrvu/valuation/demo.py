"""A simulated survey, so that the survey path can be seen at work. Nobody answered it, and every field says so.

No raw answers of the published studies are public. This draws answers of made-up respondents about 62380 and the eleven
comparators of the flagship study, from parameters that are written into the file's head. Its work RVU for the target is
an assumption of the simulation, chosen to be round; it is evidence of nothing.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openrvu import units
from openrvu.errors import BadInput
from openrvu.valuation.services import Anchors, service, work
from openrvu.valuation.study import study
from openrvu.valuation.survey import EQUAL, GREATER, LESS

FLAGSHIP = "lewandrowski-2024-62380"
MOST_RESPONDENTS = 20_000


@dataclass(frozen=True)
class Parameters:
    """What the simulation assumes. target_rvu: assumed, round, no estimate. slope: RVUs a logit. scatter: sd of
    services about the line, RVUs. leniency: sd of respondents' own place of the target, logits. log_nu: Davidson's tie
    parameter. skip: share of answers left out. interest: share with a financial interest.
    """

    respondents: int = 150
    seed: int = 20240426
    target_rvu: float = 15.0
    slope: float = 6.0
    scatter: float = 3.0
    leniency: float = 0.5
    log_nu: float = -0.3
    skip: float = 0.01
    interest: float = 0.2

    def words(self) -> str:
        """The parameters in one line, for the head of the file."""
        return (
            f"seed {self.seed}; {self.respondents} made-up respondents; assumed work RVU of the target "
            f"{self.target_rvu:g} (not an estimate); {self.slope:g} RVU a logit; scatter {self.scatter:g} RVU; "
            f"respondents differ by {self.leniency:g} logits; log nu {self.log_nu:g}; "
            f"{self.skip:g} of answers left out; {self.interest:g} with an interest"
        )


LABEL = "SIMULATED: nobody answered this survey; it shows how the method works and is evidence of nothing"


def answers(
    rng: np.random.Generator, respondents: int, measures: Sequence[float], log_nu: float, leniency: float = 0.0
) -> NDArray[np.int8]:
    """(respondents, k) answers drawn from Davidson's model: how the target compares with each service.

    measures: logits of the services from the target. leniency: sd of each respondent's own shift of the target.
    """
    d = np.asarray(measures, dtype=float)[None, :] - leniency * rng.standard_normal((respondents, 1))
    less, greater = np.exp(d / 2), np.exp(-d / 2)
    total = less + greater + np.exp(log_nu)
    u = rng.random(d.shape)
    found = np.where(u < less / total, LESS, np.where(u < (less + greater) / total, GREATER, EQUAL))
    return found.astype(np.int8)


def simulate(anchors: Anchors, parameters: Parameters | None = None) -> str:
    """The demonstration survey as a wide CSV whose head says that it is simulated, and how.

    anchors: work RVUs of the flagship's comparators. Raises BadInput where a comparator has none there.
    """
    p = parameters or Parameters()
    if not 1 <= p.respondents <= MOST_RESPONDENTS:
        raise BadInput(f"{p.respondents} respondents", exists=f"From 1 to {MOST_RESPONDENTS:,}")
    names = [item.service.name for item in study(FLAGSHIP).comparators]
    rvus = [work(service(name), anchors) for name in names]
    if absent := [name for name, rvu in zip(names, rvus, strict=True) if not rvu]:
        raise BadInput(
            f"no work RVU of {', '.join(absent)} in release {anchors.release}",
            fix="Simulate on a release that has all comparators, such as 2025D",
        )
    rng = np.random.default_rng(p.seed)
    known = np.array([(rvu or 0) / units.RVU for rvu in rvus])
    measures = (known - p.target_rvu + p.scatter * rng.standard_normal(len(known))) / p.slope
    drawn = answers(rng, p.respondents, list(measures), p.log_nu, p.leniency)
    skipped = rng.random(drawn.shape) < p.skip
    stake = rng.random(p.respondents) < p.interest
    out = io.StringIO()
    out.write(f"# {LABEL}\n# {p.words()}; comparators' work RVUs of release {anchors.release}\n")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["respondent", *names, "interest"])
    words = {LESS: "less", EQUAL: "equal", GREATER: "greater"}
    for i in range(p.respondents):
        cells = ["" if skipped[i, j] else words[int(drawn[i, j])] for j in range(len(names))]
        writer.writerow([f"simulated-{i + 1:03d}", *cells, "yes" if stake[i] else "no"])
    return out.getvalue()
