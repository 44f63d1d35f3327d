"""Write a SYNTHETIC payment file: CMS's record layout (PF25PD.pdf), amounts worked here in decimal arithmetic.

    python tools/synthetic_payment.py PPRRVU.csv GPCI.csv FACTOR FILE [LOCALITIES]

CMS's own PFALL files hold about a million records and are not at hand. This makes one of that size and form from CMS's
relative values (31 columns) and GPCIs, without a line of OpenRVU, so that reading and comparing a whole file can be
tested and timed. It is no publication of CMS: agreement with it proves speed and two arithmetics, not CMS's amounts.
"""

from __future__ import annotations

import csv
import re
import sys
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import TextIO

CENT = Decimal("0.01")
TRAILER = '"TRL- SYNTHETIC FILE IN THE LAYOUT OF PF25PD. NOT A PUBLICATION OF CMS."\r\n'


def relative_values(path: Path) -> list[list[str]]:
    """The rows of a PPRRVU file of 31 columns that pay by RVUs, by code and modifier."""
    with path.open(encoding="cp1252", newline="") as file:
        read = list(csv.reader(file))
    start = next(at for at, line in enumerate(read) if line and line[0] == "HCPCS") + 1
    rows = [[cell.strip() for cell in line] for line in read[start:] if len(line) == 31 and line[0].strip()]
    paid = [row for row in rows if row[3] in tuple("ART") and any(Decimal(row[at]) for at in (5, 6, 8, 10))]
    return sorted(paid, key=lambda row: (row[0], row[1]))


def places(path: Path) -> list[tuple[str, str, Decimal, Decimal, Decimal]]:
    """MAC, locality number and the three GPCIs of each row of a GPCI file of seven columns, by number."""
    with path.open(encoding="cp1252", newline="") as file:
        rows = [line for line in csv.reader(file) if len(line) >= 7 and re.fullmatch(r"\d{4,5}", line[0].strip())]
    found = [(r[0].strip().zfill(5), r[2].strip().zfill(2), Decimal(r[4]), Decimal(r[5]), Decimal(r[6])) for r in rows]
    return sorted(found)


def write(out: TextIO, rows: list[list[str]], where: list[tuple[str, str, Decimal, Decimal, Decimal]], cf: str) -> int:
    """The records of rows at places, and a trailer. Columns of a row are those of PPRRVU. Gives how many records."""
    factor = Decimal(cf)
    for mac, number, gw, gp, gm in where:
        for row in rows:
            work, mp = Decimal(row[5]) * gw, Decimal(row[10]) * gm
            fees = [_amount((work + Decimal(row[at]) * gp + mp) * factor) for at in (6, 8)]
            caps = half = ["0000000.00"] * 2
            if has_cap := Decimal(row[28]) > 0:
                cap_mp = Decimal(row[30]) * gm
                caps = [_amount((work + Decimal(row[at]) * gp + cap_mp) * factor) for at in (28, 29)]
            if row[18] == "5":
                half = [_amount((work + Decimal(row[6]) / 2 * gp + mp) * factor)] * 2
            cells = ["2025", mac, number, row[0], row[1].ljust(2), *fees, " ", row[13], row[3], row[18], *half]
            out.write('"' + '","'.join([*cells, "1" if has_cap else "9", *caps]) + '"\r\n')
    out.write(TRAILER * 4)
    return len(rows) * len(where)


def _amount(dollars: Decimal) -> str:
    return f"{dollars.quantize(CENT, ROUND_HALF_UP):010.2f}"


def main() -> None:
    """Write a file as the command line says."""
    values, gpcis, factor, file, *some = sys.argv[1:]
    where = places(Path(gpcis))[: int(some[0]) if some else None]
    with Path(file).open("w", encoding="ascii", newline="") as out:
        print(f"{file}: {write(out, relative_values(Path(values)), where, factor):,} synthetic records")


if __name__ == "__main__":
    main()
