"""CMS's utilization files, as users download them: tens of millions of rows, streamed by DuckDB in bounded memory.

by provider    Medicare Physician & Other Practitioners by Provider and Service (headings of 2013 on, and before)
by geography   the same by Geography and Service
national       Part B National Summary Data File
PSPS           Physician/Supplier Procedure Summary

A count that CMS does not show (blank, *, <11) stays missing and is marked, with its bounds; it never becomes zero. Rows
that CMS leaves out (10 beneficiaries or fewer, by provider and by geography) cannot be marked: sums are lower bounds.
Headings: CMS's data dictionaries of these files (data.cms.gov), as public readers of them have them.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from openrvu.errors import BadFile, BadInput

KINDS = {
    "use-provider": "use by provider and service (Medicare Physician & Other Practitioners)",
    "use-geography": "use by geography and service (Medicare Physician & Other Practitioners)",
    "use-national": "use of the nation by code (Part B National Summary)",
    "use-psps": "use by carrier, specialty and place (Physician/Supplier Procedure Summary)",
}
# What a missing count may be where CMS says it is below eleven: the count of services itself in these kinds.
HIDDEN = {"use-psps": (1, 10), "use-national": (1, 10)}
SUPPRESSED = ("", "*", "**", "<11", "< 11")
# Our name -> the headings it goes by, in capitals, blanks and signs as _. The first that is there counts.
HEADINGS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "use-provider": {
        "npi": ("RNDRNG_NPI", "NPI"),
        "state": ("RNDRNG_PRVDR_STATE_ABRVTN", "NPPES_PROVIDER_STATE"),
        "zip": ("RNDRNG_PRVDR_ZIP5", "NPPES_PROVIDER_ZIP"),
        "specialty": ("RNDRNG_PRVDR_TYPE", "PROVIDER_TYPE"),
        "hcpcs": ("HCPCS_CD", "HCPCS_CODE"),
        "setting": ("PLACE_OF_SRVC", "PLACE_OF_SERVICE"),
        "benes": ("TOT_BENES", "BENE_UNIQUE_CNT"),
        "services": ("TOT_SRVCS", "LINE_SRVC_CNT"),
        "average": ("AVG_MDCR_ALOWD_AMT", "AVERAGE_MEDICARE_ALLOWED_AMT"),
    },
    "use-geography": {
        "level": ("RNDRNG_PRVDR_GEO_LVL",),
        "state": ("RNDRNG_PRVDR_GEO_DESC",),
        "hcpcs": ("HCPCS_CD",),
        "setting": ("PLACE_OF_SRVC",),
        "providers": ("TOT_RNDRNG_PRVDRS",),
        "benes": ("TOT_BENES",),
        "services": ("TOT_SRVCS",),
        "average": ("AVG_MDCR_ALOWD_AMT",),
    },
    "use-national": {
        "hcpcs": ("HCPCS", "HCPCS_CD", "HCPCS_CODE"),
        "m1": ("MODIFIER",),
        "services": ("ALLOWED_SERVICES",),
        "charges": ("ALLOWED_CHARGES",),
    },
    "use-psps": {
        "hcpcs": ("HCPCS_CD",),
        "m1": ("HCPCS_INITIAL_MODIFIER_CD",),
        "m2": ("HCPCS_SECOND_MODIFIER_CD",),
        "specialty": ("PROVIDER_SPEC_CD",),
        "mac": ("CARRIER_NUM",),
        "locality": ("PRICING_LOCALITY_CD",),
        "setting": ("PLACE_OF_SERVICE_CD",),
        "services": ("PSPS_SUBMITTED_SERVICE_CNT",),
        "denied": ("PSPS_DENIED_SERVICES_CNT",),
        "charges": ("PSPS_ALLOWED_CHARGE_AMT",),
    },
}
# Without a place of service, settings or a locality there is nothing to tell; the others of a kind must be there.
OPTIONAL = frozenset({"npi", "zip", "m2", "denied", "benes", "providers"})
HEAD_LINES = 12


@dataclass(frozen=True)
class UseFile:
    """A file of use. kind: of KINDS. names: the columns as they stand in it. skip: lines above the heading.

    at: our name to the number of its column. member: of a zip, empty for a plain file. sheet: of a workbook, -1 for
    none. year: as its name tells, 0 where not.
    """

    path: Path
    kind: str
    names: tuple[str, ...]
    at: Mapping[str, int]
    delimiter: str
    skip: int
    year: int
    member: str = ""
    sheet: int = -1

    @property
    def name(self) -> str:
        return PurePosixPath(self.member).name if self.member else self.path.name


def kind_of(heading: list[str]) -> tuple[str, dict[str, int]]:
    """The kind of a heading line and where its columns are; ("", {}) where it is none.

    >>> kind_of(["HCPCS", "Modifier", "Allowed Services", "Allowed Charges", "Payment"])
    ('use-national', {'hcpcs': 0, 'm1': 1, 'services': 2, 'charges': 3})
    """
    cells = [re.sub(r"[^A-Z0-9]+", "_", cell.upper()).strip("_") for cell in heading]
    for kind, wanted in HEADINGS.items():
        there = {ours: [one for one in theirs if one in cells] for ours, theirs in wanted.items()}
        at = {ours: cells.index(some[0]) for ours, some in there.items() if some}
        if set(wanted) - set(at) <= OPTIONAL:
            return kind, at
    return "", {}


def year_of(name: str) -> int:
    """The year of the services that a file name tells, 0 where it tells none.

    >>> [year_of(one) for one in ("MUP_PHY_R25_P05_V20_D23_Prov_Svc.csv", "PSPS2018.csv", "Medicare_PUF_CY2013.txt")]
    [2023, 2018, 2013]
    """
    upper = name.upper()
    if match := re.search(r"(?<![A-Z0-9])D(\d\d)(?![0-9])", upper.replace("_", " ")):
        return 2000 + int(match[1])
    found = re.findall(r"(?<!\d)(20[0-3]\d)(?!\d)", upper)
    return int(found[-1]) if found else 0


def find(path: Path) -> list[UseFile]:
    """The utilization files that a path is: plain, gzip, a workbook, or members of a zip; none where it is none.

    Only the first lines are read.
    """
    try:
        with path.open("rb") as file:
            mark = file.read(4)
        if mark[:2] == b"PK":
            return _in_zip(path)
        with gzip.open(path) if mark[:2] == b"\x1f\x8b" else path.open("rb") as stream:
            found = _headed(path, stream.read(2**16))
        return [found] if found else []
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError, RuntimeError):
        return []  # the readers of CMS's other files say what is wrong with it


def _in_zip(path: Path) -> list[UseFile]:
    found = []
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        if "[Content_Types].xml" in names:
            return _in_workbook(path, archive, names)
        for info in archive.infolist():
            if info.filename.lower().endswith((".csv", ".txt")) and not info.is_dir():
                with archive.open(info) as stream:
                    one = _headed(path, stream.read(2**16), info.filename)
                found += [one] if one else []
    return found


def _in_workbook(path: Path, archive: zipfile.ZipFile, names: list[str]) -> list[UseFile]:
    """The sheets of a workbook that are the nation's file: no other one fits into a workbook."""
    texts = "xl/sharedStrings.xml"
    if texts not in names:
        return []
    with archive.open(texts) as stream:
        if b"allowed services" not in stream.read(2**16).lower():
            return []
    from openrvu.tables.workbook import sheets

    found = []
    for number, sheet in enumerate(sheets(path.read_bytes(), path.name, "")):
        if one := _headed(path, sheet.body[: 2**16].encode()):
            found.append(replace(one, sheet=number))
    return found


def _headed(path: Path, start: bytes, member: str = "") -> UseFile | None:
    text = start.decode("utf-8-sig", errors="replace")
    for number, line in enumerate(text.splitlines()[:HEAD_LINES]):
        for delimiter in (",", "\t", "|"):
            cells = next(csv.reader(io.StringIO(line), delimiter=delimiter), [])
            kind, at = kind_of(cells)
            if kind:
                names = tuple(cells)
                year = year_of(member) or year_of(path.name)
                return UseFile(path, kind, names, at, delimiter, number, year, member)
    return None


def year_asked(file: UseFile, asked: str) -> int:
    """The year of a file: the one asked for, which must not contradict the name. Raises BadFile, BadInput."""
    said = 0
    if asked.strip():
        match = re.fullmatch(r"(20[0-3]\d)([A-D]R?)?", asked.strip().upper())
        if not match:
            raise BadInput(f"{asked!r} is no year", where="--release", fix="Write the year of the services: 2023")
        said = int(match[1])
    if said and file.year and said != file.year:
        what = f"its name says {file.year}, and --release {said}"
        raise BadFile(what, where=file.name, fix="Load it with the year of its services")
    if not (said or file.year):
        fix = "Say the year of the services: `--release 2023`"
        raise BadFile("nothing tells which year the services are of", where=file.name, fix=fix)
    return said or file.year
