"""The other routes to a work RVU, against the facts held: RUC survey, building block, crosswalk, regression, bundle.

Times come from a physician time file of the user's (CMS's layout) or are given; none ships, and none is invented.

>>> bundle("22214+63047+22840", release="2024B").work_rvu
412250
"""

from __future__ import annotations

from openrvu.routes.asked import GIVEN, LOAD_TIMES, comparators
from openrvu.routes.beside import Crosswalk, Regression, crosswalk, regression
from openrvu.routes.building import BuildingBlock, Convention, building_block
from openrvu.routes.surveyed import Bundle, bundle, ruc_survey

__all__ = [
    "GIVEN",
    "LOAD_TIMES",
    "BuildingBlock",
    "Bundle",
    "Convention",
    "Crosswalk",
    "Regression",
    "building_block",
    "bundle",
    "comparators",
    "crosswalk",
    "regression",
    "ruc_survey",
]
