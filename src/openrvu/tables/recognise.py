"""What a file is, told by its content, and which release it belongs to, told by its title, figures and name.

>>> from openrvu.tables.text import decode
>>> kind(decode(b"mac,state,locality_number,locality_name,gpci_work,gpci_pe,gpci_mp\\n1,AL,0,X,1,1,1\\n", "a.csv"))
'gpci'
>>> name_says("RVU24AR_PPRRVU24_JAN.csv.gz"), name_says("PPRRVU2025_Jul.csv"), name_says("rvu26b.zip")
('2024AR', '2025C', '2026B')
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice

from openrvu import releases, units
from openrvu.errors import BadFile, NotHeld
from openrvu.facts import embedded
from openrvu.releases import Release
from openrvu.tables import addenda, anesthesia, gpci, locco, oppscap, payment, pprrvu, utilization, zip5
from openrvu.tables.text import FETCH_AGAIN, Text, csv_lines

KINDS = {
    "pprrvu": "relative values (PPRRVU)",
    "gpci": "geographic practice cost indices (GPCI)",
    "locco": "counties of localities (LOCCO)",
    "anesthesia": "anesthesia conversion factors (ANES)",
    "base-units": "anesthesia base units",
    "zip5": "ZIP codes and their localities (ZIP5)",
    "payment": "payment amounts (PFALL, PFREV)",
    "oppscap": "OPPS-cap amounts (OPPSCAP)",
    **addenda.KINDS,
    **utilization.KINDS,
}
QUARTERS = {"JAN": "A", "APR": "B", "JUL": "C", "OCT": "D"}
_TITLE = re.compile(r"\b(20\d\d) NATIONAL PHYSICIAN FEE SCHEDULE RELATIVE VALUE FILE (JAN|APR|JUL|OCT)")
_RELEASE = re.compile(r"(?<![A-Z])(?:RVU|PFALL?|PFREV)(\d\d)([A-D]R?)(?![A-Z])")
_MONTH = re.compile(r"PPRRVU(?:20)?(\d\d)_(JAN|APR|JUL|OCT)")


def kind(text: Text) -> str:
    """One of KINDS. Raises BadFile for a file that is none of them, or one in a form that is not read yet."""
    if found := addenda.kind_of(text):
        return found
    # OPPSCAP before PPRRVU: both headings begin with HCPCS.
    heads = (
        ("oppscap", oppscap.is_header),
        ("pprrvu", pprrvu.is_first),
        ("gpci", gpci.is_header),
        ("locco", locco.is_header),
        ("anesthesia", anesthesia.is_header),
        ("base-units", anesthesia.is_base_header),
        ("zip5", zip5.is_header),
    )
    if printed := _in_columns(text):
        return printed
    try:
        for line in islice(csv_lines(text), 40):
            for name, is_header in (*heads, ("payment", payment.is_first)):
                if is_header(line):
                    return name
    except BadFile:
        pass  # no CSV at all: said below, in terms of what is read
    raise BadFile(
        "the file is none that is read here",
        where=text.name,
        exists="Read: " + "; ".join(KINDS.values()) + ", each as CMS ships it: csv, text in columns, xlsx, zip",
        fix="Take the table from CMS's zip as it is. If CMS changed the layout, openrvu needs the new one",
    )


def _in_columns(text: Text) -> str:
    """The kind of a text in fixed columns; empty where it is none."""
    forms = (
        ("pprrvu", pprrvu.is_fixed),
        ("gpci", gpci.is_printed),
        ("locco", locco.is_fixed),
        ("anesthesia", anesthesia.is_fixed),
        ("zip5", zip5.is_fixed),
    )
    if zip5.is_nine(text):
        raise BadFile(
            "the file is ZIP9 (ZIP codes of nine digits), which is not read",
            where=text.name,
            fix="Load ZIP5 of the same zip; for a ZIP code that is split, name the locality or the county",
        )
    return next((name for name, is_form in forms if is_form(text)), "")


def name_says(name: str) -> str:
    """The release that a file name tells, as in 2025C; empty where it tells none."""
    upper = name.upper()
    if match := _RELEASE.search(upper):
        return f"20{match[1]}{match[2]}"
    if match := _MONTH.search(upper):
        return f"20{match[1]}{QUARTERS[match[2]]}"
    return ""


def month_says(name: str) -> str:
    """The quarter's letter that the month in an OPPS-cap file's name tells; empty where it tells none.

    >>> month_says("OPPSCAP_Oct.csv"), month_says("OPPSCAP.csv")
    ('D', '')
    """
    match = re.search(r"OPPSCAP_(JAN|APR|JUL|OCT)", name.upper())
    return QUARTERS[match[1]] if match else ""


def title_says(heads: Sequence[str]) -> str:
    """The release that the title lines of a relative value file tell; empty where they tell none."""
    match = _TITLE.search(" ".join(heads).upper())
    return f"{match[1]}{QUARTERS[match[2]]}" if match else ""


def release_of(table: pprrvu.RelativeValues, names: Sequence[str], asked: str = "") -> Release:
    """The release of a relative value file: what was asked for, the title and the names must not contradict.

    names: of the file and of the zip it came in. Raises BadFile where they do, where none tells, or where the rows
    print another conversion factor than the one in force.
    """
    told = {"its title": title_says(table.heads), "--release": releases.id_of(asked)}
    told |= {f"the name {name}": name_says(name) for name in names}
    said = {how: key for how, key in told.items() if key}
    if not said:
        raise BadFile(
            "neither title nor name tells which release the file is",
            where=names[0],
            exists=f"Its rows print the conversion factor {table.conversion_factor or '(none)'}",
            fix="Say it: `--release 2025C`",
        )
    quarters = {key.removesuffix("R") for key in said.values()}
    if len(quarters) > 1:
        heard = ", ".join(f"{how} says {key}" for how, key in said.items())
        raise BadFile("the file contradicts itself", where=names[0], exists=heard, fix="Load the file CMS ships")
    exact = next((key for how, key in said.items() if key.endswith("R") or how == "--release"), "")
    quarter = quarters.pop()
    # A revised release (2024AR) has the title of the first: the conversion factor in its rows tells them apart.
    tried = [exact] if exact else [quarter, quarter + "R"]
    found = [release for key in tried if (release := releases.on_calendar(key))]
    if not found:
        raise releases.no_such(tried[0], names[0])
    for release in found:
        if _factor_fits(release, table.conversion_factor):
            return release
    rates = ", ".join(f"{release.id}: {_factors(release)}" for release in found)
    raise BadFile(
        f"its rows print the conversion factor {table.conversion_factor}",
        where=names[0],
        exists=f"In force: {rates}",
        fix="Is it another release? Say it: `--release 2024AR`",
    )


def _factors(release: Release) -> str:
    """The conversion factors in force when a release starts, as text; empty where none is known."""
    found = []
    for qualifying in (False, True):
        try:
            found.append(embedded().conversion_factor(release.starts, qualifying).value)
        except NotHeld:
            return ""
    return " or ".join(dict.fromkeys(units.text(value, units.CONVERSION_FACTOR) for value in found))


def tracks_of(release: Release) -> set[str]:
    """The tracks that have a conversion factor of their own when a release starts; empty where none is known."""
    try:
        return {embedded().conversion_factor(release.starts, qualifying).track for qualifying in (False, True)}
    except NotHeld:
        return set()


def _factor_fits(release: Release, printed: str) -> bool:
    known = _factors(release)
    return not known or not printed or printed in known.split(" or ")


def gpci_release(
    heads: Sequence[str], names: Sequence[str], companions: Sequence[str], asked: str = "", what: str = "GPCI file"
) -> str:
    """The id of the release that a GPCI table, or another one whose title names a year at most, goes with.

    companions: releases of the relative value files that are loaded with it. Raises BadFile where none tells.
    """
    said = [key for key in (releases.id_of(asked), *map(name_says, names)) if key] or list(companions[:1])
    years = set(re.findall(r"\b(20\d\d)\b", " ".join(heads)))
    named = {at for name in names for at in re.findall(r"(?:GPCI|ANES)(20\d\d)", name.upper())}
    named |= {f"20{at}" for name in names for at in re.findall(r"(?<!\d)(\d\d)LOCCO", name.upper())}
    if not said:
        raise BadFile(
            f"nothing tells which release the {what} goes with",
            where=names[0],
            exists=f"Its title names {', '.join(sorted(years | named)) or 'no year'}",
            fix="Load it together with its relative value file, or say it: `--release 2025D`",
        )
    for part, told in (("title", years), ("name", named)):
        if told and said[0][:4] not in told:
            wrong = f"the {part} of the {what} names the year {', '.join(sorted(told))} and not {said[0][:4]}"
            raise BadFile(wrong, where=names[0], fix=FETCH_AGAIN)
    return releases.published(said[0], names[0]).id
