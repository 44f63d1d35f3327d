"""OpenRVU: what a physician service is worth, what Medicare pays for it, and how sure anyone can be.

The public names are listed in `__all__` and are imported when first used, so that `import openrvu` stays light.

>>> import openrvu
>>> openrvu.price("62330", on="2026-07-01").amount_cents
47930
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0.dev0"

_HOME = {
    "Case": "openrvu.casing",
    "Estimate": "openrvu.valuation.value",
    "Facts": "openrvu.facts",
    "Line": "openrvu.pricing",
    "OpenRVUError": "openrvu.errors",
    "Priced": "openrvu.pricing",
    "Release": "openrvu.releases",
    "Source": "openrvu.sources",
    "Study": "openrvu.valuation.study",
    "Walk": "openrvu.codes.walk",
    "at_site": "openrvu.facility.case",
    "audit": "openrvu.audits",
    "build": "openrvu.dossier.build",
    "building_block": "openrvu.routes",
    "bundle": "openrvu.routes",
    "card": "openrvu.cards.card",
    "case": "openrvu.casing",
    "check": "openrvu.statements",
    "check_pairs": "openrvu.ncci.pairs",
    "check_units": "openrvu.ncci.mue",
    "compare": "openrvu.cards.compare",
    "crosswalk": "openrvu.routes",
    "current": "openrvu.holdings",
    "embedded": "openrvu.facts",
    "everywhere": "openrvu.cards.everywhere",
    "explain": "openrvu.explaining",
    "find_place": "openrvu.places",
    "history": "openrvu.cards.history",
    "letter": "openrvu.dossier.letter",
    "load": "openrvu.tables.load",
    "methods": "openrvu.methodology",
    "practice": "openrvu.impact.practice",
    "price": "openrvu.pricing",
    "reconcile": "openrvu.reconciling",
    "regression": "openrvu.routes",
    "render": "openrvu.dossier.render",
    "ruc_survey": "openrvu.routes",
    "schedule": "openrvu.scheduling",
    "triangulate": "openrvu.triangulation",
    "value": "openrvu.surveys",
    "which": "openrvu.cards.which",
}

__all__ = ["__version__", *sorted(_HOME)]  # the keys are names that __getattr__ serves

if TYPE_CHECKING:
    from openrvu.facts import Facts as Facts
    from openrvu.pricing import Line as Line
    from openrvu.pricing import price as price


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'openrvu' has no attribute {name!r}")
    found = getattr(import_module(_HOME[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
