"""The line: what a service brings to the rules. Whole numbers and texts, never a null."""

from __future__ import annotations

from collections.abc import Mapping

# Column -> value where nothing is said. Dates are yyyymmdd; what each means is in `MEANING`.
LINE: Mapping[str, int | str] = {
    "line_id": 0,
    "claim_id": "",
    "session": "",
    "on": 0,
    "hcpcs": "",
    "m1": "",
    "m2": "",
    "m3": "",
    "m4": "",
    "place": "national",
    "facility": 1,
    "units": 1,
    "charge_cents": -1,
    "minutes": 0,
    "post_days": 0,
    "provider": "",
    "qp": 0,
    "participating": 1,
    "deductible_cents": 0,
    "documented": 0,
}
MEANING: Mapping[str, str] = {
    "line_id": "unique whole number; breaks every tie",
    "claim_id": "claim",
    "session": "lines that are ranked together: patient, billing group and specialty, and date; else the claim",
    "on": "date of service, yyyymmdd",
    "hcpcs": "CPT or HCPCS code",
    "m1": "modifier, or empty",
    "m2": "modifier, or empty",
    "m3": "modifier, or empty",
    "m4": "modifier, or empty",
    "place": "locality as MAC-number, or national",
    "facility": "1 in a facility, 0 elsewhere",
    "units": "units of service, 1 to 999",
    "charge_cents": "charge of the whole line, -1 where none is given",
    "minutes": "anesthesia time",
    "post_days": "days of care after surgery that were taken over (55)",
    "provider": "empty for a physician, else NP, PA, CNS, CNM, RD, LCSW, MFT, MHC, CRNA",
    "qp": "1 for a qualifying APM participant",
    "participating": "0 for a physician who does not take part",
    "deductible_cents": "what the patient still owes of the deductible before this session",
    "documented": "1 where documents show the need for a second surgeon or an assistant",
}
TYPES: Mapping[str, type] = {name: type(value) for name, value in LINE.items()}

# The largest value of each number of a line, where what is beyond it must be refused before the rules see it: with them
# no number that a rule makes passes 2^53.
MOST: Mapping[str, int] = {
    "line_id": 2**53 - 1,
    "on": 99_991_231,
    "facility": 1,
    "units": 999,
    "charge_cents": 10**10,
    "minutes": 10_000,
    "post_days": 90,
    "qp": 1,
    "participating": 1,
    "deductible_cents": 10**6,
    "documented": 1,
}
