"""The pictures of a file of answers, by name: for the command line and the pages."""

from __future__ import annotations

from openrvu.dossier.blocks import Chart
from openrvu.errors import BadInput
from openrvu.pictures import categories, maps, residuals
from openrvu.valuation.rasch import persons, report
from openrvu.valuation.rasch.data import Responses
from openrvu.valuation.rasch.model import PERSONS

NAMES = ("wright", "person-item", "measures", "categories", "items", "expected-score", "residuals", "components")
SIMULATED = "SIMULATED"


def draw(name: str, given: Responses, kind: str = "", method: str = report.CML, label: str = "") -> Chart:
    """One picture of the answers. name: one of NAMES. kind, method: as in `report.analyse`. label: of the file's head.

    Raises BadInput for an unknown name, and as the estimation does.
    """
    if name not in NAMES:
        raise BadInput(f"no picture {name!r}", exists=f"Pictures: {', '.join(NAMES)}")
    found = report.calibrate(given, kind, method)
    people = persons.measure(given, found)
    first = SIMULATED if SIMULATED in label.upper() else ""
    if name == "wright":
        return maps.wright(found, people, label=first)
    if name == "person-item":
        return maps.person_item(found, people, label=first)
    if name == "categories":
        return categories.category_curves(found, label=first)
    if name == "items":
        return categories.item_curves(given, found, people, label=first)
    if name == "expected-score":
        return categories.expected_score(given, found, people, label=first)
    if name == "residuals":
        return residuals.residuals(given, found, people, label=first)
    if name == "components":
        return residuals.components(given, found, label=first)
    rows = [(n, float(m), float(s)) for n, m, s in zip(found.items, found.measures, found.se, strict=True)]
    origin = "the respondents' mean" if found.constraint == PERSONS else "the items' mean"
    return maps.measures(rows, origin, label=first, scale="difficulty")
