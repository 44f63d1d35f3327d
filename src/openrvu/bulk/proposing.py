"""Which column of a file is likely which field of a line, by its heading; a person confirms it.

The headings are those of CMS's claims (carrier lines), of the public synthetic files, and our own names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from openrvu.bulk.mapping import FIELDS, Fields

# Headings by field, the likelier ones first; letters and digits count. A line's number in its claim is no line id.
KNOWN: Mapping[str, tuple[str, ...]] = {
    "line_id": ("lineid", "clmlineid", "claimlineid"),
    "claim_id": ("clmid", "claimid", "claimno", "claimnumber", "claim", "icn", "encounterid"),
    "on": ("line1stexpnsdt", "clmfromdt", "dateofservice", "servicedate", "dos", "fromdate", "servicefromdate", "date"),
    "hcpcs": ("hcpcscd", "hcpcscode", "cpt", "cptcode", "procedurecode", "proccode", "procedure", "code"),
    "m1": ("hcpcs1stmdfrcd", "mdfrcd1", "modifier1", "mod1", "modifier", "mod"),
    "m2": ("hcpcs2ndmdfrcd", "mdfrcd2", "modifier2", "mod2"),
    "m3": ("hcpcs3rdmdfrcd", "mdfrcd3", "modifier3", "mod3"),
    "m4": ("hcpcs4thmdfrcd", "mdfrcd4", "modifier4", "mod4"),
    "units": ("linesrvccnt", "srvccnt", "unitsofservice", "serviceunits", "quantity", "qty", "unit"),
    "place": ("locality", "maclocality"),
    "patient": ("beneid", "desynpufid", "patientid", "memberid", "mrn", "mbi"),
    "group": ("taxnum", "tin", "billingtin", "groupid", "billingnpi", "orgnpinum"),
    "specialty": ("prvdrspclty", "specialtycode", "providerspecialty"),
    "charge": ("linesbmtdchrgamt", "submittedcharge", "charges", "chargeamount", "billedamount", "billed"),
    "minutes": ("anesthesiaminutes", "anesminutes", "anestime"),
    "provider": ("providertype",),
}
SETTING = ("lineplaceofsrvccd", "placeofservice", "placeofservicecode", "pos", "poscode", "placeofsrvc")


def _plain(heading: str) -> str:
    return re.sub(r"[^a-z0-9]", "", heading.lower())


def propose(columns: Sequence[str]) -> Fields:
    """A proposal for a file with these columns: fields to columns, and the column of places of service, if any.

    >>> found = propose(["CLM_ID", "LINE_1ST_EXPNS_DT", "HCPCS_CD", "LINE_PLACE_OF_SRVC_CD", "X"])
    >>> dict(found.columns), found.facility_column
    ({'claim_id': 'CLM_ID', 'on': 'LINE_1ST_EXPNS_DT', 'hcpcs': 'HCPCS_CD'}, 'LINE_PLACE_OF_SRVC_CD')
    """
    held = {_plain(column): column for column in reversed(columns)}
    own = {_plain(name): name for name in FIELDS}
    found: dict[str, str] = {name: held[plain] for plain, name in own.items() if plain in held}
    for name, headings in KNOWN.items():
        for heading in headings:
            if name not in found and heading in held and held[heading] not in found.values():
                found[name] = held[heading]
    setting = next((held[one] for one in SETTING if one in held), "") if "facility" not in found else ""
    return Fields({name: found[name] for name in FIELDS if name in found}, {}, setting)


def mapping_text(fields: Fields) -> str:
    """A mapping as the TOML that `read_mapping` reads.

    >>> print(mapping_text(Fields({"on": "the day"}, {"place": "15202-00"}, "POS", ("21",))), end="")
    [columns]
    on = "the day"
    <BLANKLINE>
    [constants]
    place = "15202-00"
    <BLANKLINE>
    [facility]
    column = "POS"
    codes = ["21"]
    """
    lines = ["[columns]", *(f"{name} = {_toml(column)}" for name, column in fields.columns.items())]
    if fields.constants:
        lines += ["", "[constants]", *(f"{name} = {_toml(value)}" for name, value in fields.constants.items())]
    if fields.facility_column:
        codes = ", ".join(map(_toml, fields.facility_codes))
        lines += ["", "[facility]", f"column = {_toml(fields.facility_column)}", f"codes = [{codes}]"]
    return "\n".join(lines) + "\n"


def _toml(value: int | str) -> str:
    """A value of TOML: control characters and quotes written as escapes."""
    if isinstance(value, int):
        return str(value)
    plain = value.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(one if one.isprintable() else f"\\U{ord(one):08x}" for one in plain) + '"'
