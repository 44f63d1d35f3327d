"""The policy indicators of a relative value row, in words.

Words are our own; meanings as in CMS's record layout ("rvu25d-layout").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from openrvu.schemas import Record

SOURCE = "rvu25d-layout"


@dataclass(frozen=True)
class Indicator:
    """One indicator: name, value as printed, and what it means."""

    name: str
    value: str
    words: str
    source: str = SOURCE


_GLOBAL: Mapping[str, str] = {
    "000": "minor procedure; only the day itself is inside the payment",
    "010": "minor procedure; ten days afterwards are inside the payment",
    "090": "major surgery; one day before and 90 days after are inside the payment",
    "MMM": "maternity; the usual global period does not apply",
    "XXX": "no global period",
    "YYY": "the contractor sets the global period",
    "ZZZ": "add-on; inside the global period of its primary service",
}
_MULTIPLE: Mapping[str, str] = {
    "0": "no reduction with other procedures",
    "1": "the old scale of reductions",
    "2": "the highest is paid in full, each further one at 50 %",
    "3": "endoscopy family: the base is taken off each further one",
    "4": "imaging family: later technical and professional parts are reduced",
    "5": "therapy: practice expense of later units is halved",
    "6": "cardiovascular: later technical parts at 75 %",
    "7": "ophthalmology: later technical parts at 80 %",
    "9": "does not apply",
}
_BILATERAL: Mapping[str, str] = {
    "0": "both sides together are paid as one",
    "1": "both sides are paid at 150 %",
    "2": "the amount already covers both sides: modifier 50 adds nothing",
    "3": "each side is paid in full",
    "9": "does not apply",
}
_ASSISTANT: Mapping[str, str] = {
    "0": "an assistant is paid only with documents that show the need",
    "1": "an assistant is never paid",
    "2": "an assistant is payable",
    "9": "does not apply",
}
_COSURGEON: Mapping[str, str] = {
    "0": "two surgeons are not paid",
    "1": "two surgeons only with documents that show the need",
    "2": "two surgeons of different specialties are payable",
    "9": "does not apply",
}
_TEAM: Mapping[str, str] = {
    "0": "a team is not paid",
    "1": "a team only with documents that show the need",
    "2": "a team is payable, by report",
    "9": "does not apply",
}
_PCTC: Mapping[str, str] = {
    "0": "physician service: 26 and TC do not apply",
    "1": "diagnostic test: professional (26) and technical (TC) parts can be billed apart",
    "2": "professional part only",
    "3": "technical part only",
    "4": "global test only",
    "5": "incident to a physician's service",
    "6": "laboratory service with a physician's interpretation",
    "7": "therapy service of a private practice",
    "8": "physician's interpretation of an abnormal smear in hospital",
    "9": "does not apply",
}

_TABLES: tuple[tuple[str, str, Mapping[str, str]], ...] = (
    ("Global period", "global_days", _GLOBAL),
    ("Several procedures (51)", "multiple", _MULTIPLE),
    ("Both sides (50)", "bilateral", _BILATERAL),
    ("Assistant (80, 81, 82, AS)", "assistant", _ASSISTANT),
    ("Two surgeons (62)", "cosurgeon", _COSURGEON),
    ("Team (66)", "team", _TEAM),
    ("Professional and technical part", "pctc", _PCTC),
)


def indicators(record: Record) -> tuple[Indicator, ...]:
    """The indicators of a row that has them; empty for a table without indicators.

    >>> from openrvu.facts import embedded
    >>> [i.words for i in indicators(embedded().record("63047", "", "2025D"))][2]
    'the amount already covers both sides: modifier 50 adds nothing'
    """
    if not record.status:
        return ()
    return tuple(
        Indicator(name, getattr(record, field), words.get(getattr(record, field), "not explained in the layout read"))
        for name, field, words in _TABLES
    )
