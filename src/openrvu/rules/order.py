"""The whole payment as one ordered tuple.

Each rule reads the columns written before it. A line that cannot be priced keeps going with the status that says why.
`seeds.py` holds the tables that they look up in; `on_ints.py` runs them over one claim.
"""

from __future__ import annotations

from openrvu.rules.anesthesia import ANESTHESIA
from openrvu.rules.bilateral import BILATERAL
from openrvu.rules.fee import FEE
from openrvu.rules.flags import flags
from openrvu.rules.look import CONDITIONAL, FACTOR, LOCALITY, RECORD, RELEASE, STATUS
from openrvu.rules.modifiers import MODIFIERS
from openrvu.rules.parts import CAP, PARTS, TESTS
from openrvu.rules.patient import CHARGE, PARTICIPATION, PATIENT
from openrvu.rules.people import ALLOWED, PRACTITIONERS, SURGEONS
from openrvu.rules.several import ENDOSCOPY, MULTIPLE
from openrvu.rules.split import PACKAGE, SPLIT
from openrvu.rules.steps import Rule
from openrvu.rules.therapy import THERAPY
from openrvu.rules.units_paid import BY_REPORT, UNITS, UNLIKELY

_PAYMENT: tuple[Rule, ...] = (
    # What holds on the day, at the place, for the code.
    *(RELEASE, MODIFIERS, RECORD, STATUS, LOCALITY, FACTOR),
    FEE,
    # Whether the line is paid at all.
    *(CONDITIONAL, ALLOWED, PACKAGE),
    # One unit: both sides, then its place among the operations of the session, then the part of it that was done.
    *(BILATERAL, ENDOSCOPY, MULTIPLE, SPLIT),
    # Tests and therapy among those of the session.
    *(PARTS, TESTS, CAP, THERAPY),
    # The line: its units, what needs a person, who did it.
    *(UNITS, UNLIKELY, BY_REPORT, ANESTHESIA, SURGEONS, PRACTITIONERS),
    # Who pays what.
    *(PARTICIPATION, CHARGE, PATIENT),
)
RULES: tuple[Rule, ...] = (*_PAYMENT, flags(_PAYMENT))
