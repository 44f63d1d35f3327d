"""Columns that tell who somebody is. They are left behind when a file is read: never in a result, a flag or a mapping.

Told by name (the programmes' own columns, and what people call such questions) and by content (e-mail and IP
addresses, telephone numbers, coordinates). A name that is told wrongly costs a column that nobody needs to value work.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from openrvu.surveydata.export import Export, services_in

# Qualtrics: RecipientLastName, RecipientFirstName, RecipientEmail, ExternalReference (ExternalDataReference),
# IPAddress, LocationLatitude, LocationLongitude. LimeSurvey: ipaddr, refurl, token, firstname, lastname, email. REDCap:
# redcap_survey_identifier. SurveyMonkey: IP Address, Email Address, First Name, Last Name, Custom Data 1.
_NAMES = re.compile(
    r"(ip[ _]?addr(ess)?|e[- _]?mail|(first|last|full|middle|family|given|participant|user)[ _]?name|surname|^name$"
    r"|^your name|recipient|external(data)?reference|latitude|longitude|gps|phone|fax|(home|street|postal|mailing) addr"
    r"|^address|refurl|^token$|access code|survey[ _]identifier|birth|^dob$|\bnpi\b|licen[cs]e n|signature"
    r"|custom data)",
    re.IGNORECASE,
)
_CONTENT = (
    ("e-mail addresses", re.compile(r"[^\s@]{1,64}@[^\s@]{1,200}\.[A-Za-z]{2,}")),
    ("IP addresses", re.compile(r"(?:\d{1,3}\.){3}\d{1,3}|[0-9a-f]{1,4}(?::[0-9a-f]{0,4}){4,7}", re.IGNORECASE)),
    ("telephone numbers", re.compile(r"(?:\+\d{1,3}[ .-]?)?\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}")),
    ("coordinates", re.compile(r"-?\d{1,3}\.\d{4,}\s*,\s*-?\d{1,3}\.\d{4,}")),
)


def personal(export: Export) -> dict[str, str]:
    """Column -> why it is left behind.

    >>> from openrvu.surveydata.export import recognise
    >>> from openrvu.valuation.grid import grid
    >>> personal(recognise(grid(b"id,IPAddress,who,63047\\n1,,a@b.org,less\\n", "x.csv")))
    {'IPAddress': 'by its name', 'who': 'it holds e-mail addresses'}
    """
    found = {}
    for i, column in enumerate(export.columns):
        if _NAMES.search(column.name):
            found[column.name] = "by its name"
        elif _NAMES.search(column.text) and not services_in(column.text):
            found[column.name] = "by its question"
        elif what := holds([cells[i] for _, cells in export.rows]):
            found[column.name] = f"it holds {what}"
    return found


def holds(cells: Sequence[str]) -> str:
    """What personal content some cell has from end to end; empty for none."""
    for what, pattern in _CONTENT:
        if any(pattern.fullmatch(cell) for cell in cells if 6 < len(cell) < 300):
            return what
    return ""
