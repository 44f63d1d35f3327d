"""Every OPPS-cap amount that CMS publishes comes out to the cent, but for files that are stale in CMS's own release.

Expected rows: ../shared/cms/README.md; which files are stale: docs/differences.md.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.reconcile.every import EveryRelease

from openrvu.errors import BadFile
from openrvu.facts import Facts
from openrvu.holdings import current
from openrvu.reconciling import reconcile
from openrvu.tables import oppscap
from openrvu.tables.text import decode

HEAD = "HCPCS,MOD,PROCSTAT,CARRIER,LOCALITY,FACILITY PRICE,NON-FACILTY PRICE\n"

# OPPS-cap file, relative value file of its release, rows, rows that agree.
FILES = [
    ("2020/RVU20A_OPPSCAP_JAN.csv.gz", "2020/RVU20A_PPRRVU20_Jan.csv.gz", "2020A", 18_207, 18_207),
    ("2020/RVU20C_OPPSCAP_JUL.csv.gz", "2020/RVU20C_PPRRVU20_V0618.csv.gz", "2020C", 18_207, 17_969),
    ("2021/RVU21A_OPPSCAP_JAN.csv.gz", "2021/RVU21A_PPRRVU21_JAN.csv.gz", "2021A", 17_969, 127),
    ("2021/RVU21C_OPPSCAP_JUL.csv.gz", "2021/RVU21C_PPRRVU21_JUL.csv.gz", "2021C", 19_397, 19_397),
    ("2022/RVU22A_OPPSCAP_JAN.csv.gz", "2022/RVU22A_PPRRVU22_JAN.csv.gz", "2022A", 18_564, 18_564),
    ("2023/RVU23A_OPPSCAP_JAN.csv.gz", "2023/RVU23A_PPRRVU23_JAN.csv.gz", "2023A", 18_326, 18_326),
    ("2024/RVU24A_OPPSCAP_JAN.csv.gz", "2024/RVU24A_PPRRVU24_JAN.csv.gz", "2024A", 17_710, 17_710),
    ("2024/RVU24AR_OPPSCAP_JAN.csv.gz", "2024/RVU24AR_PPRRVU24_JAN.csv.gz", "2024AR", 17_710, 17_710),
    ("2024/RVU24C_OPPSCAP_JUL.csv.gz", "2024/RVU24C_PPRRVU24_JUL.csv.gz", "2024C", 17_710, 0),
    ("2025/OPPSCAP_JAN.csv", "2025/PPRRVU25_JAN.csv", "2025A", 16_100, 16_100),
    ("2025/OPPSCAP_APR.csv", "2025/PPRRVU25_APR.csv", "2025B", 16_100, 16_100),
    ("2025/OPPSCAP_JUL.csv", "2025/PPRRVU2025_Jul.csv", "2025C", 16_100, 16_100),
    ("2025/OPPSCAP_Oct.csv", "2025/PPRRVU2025_Oct.csv", "2025D", 16_100, 16_100),
]


@pytest.fixture(name="loaded", scope="module")
def every_release_with_a_cap_file(every_release: EveryRelease) -> Facts:
    return current(every_release.home)


@pytest.mark.needs("cms")
@pytest.mark.parametrize(("caps", "release", "rows", "agree"), [(f[0], *f[2:]) for f in FILES])
def test_every_cap_amount(cms: Path, loaded: Facts, caps: str, release: str, rows: int, agree: int) -> None:
    done = reconcile(cms / "oppscap" / caps, loaded, release)
    assert (done.release, done.records, done.caps_compared, done.caps_matched) == (release, rows, rows, agree)
    assert done.compared == 0 and not done.not_comparable


@pytest.mark.needs("cms")
def test_a_name_without_a_year_needs_the_release(cms: Path, loaded: Facts) -> None:
    with pytest.raises(BadFile, match="--release"):
        reconcile(cms / "oppscap/2025/OPPSCAP_JAN.csv", loaded)


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("", "no OPPS-cap amount"),
        ("70170,TC,C,01112,05,1.00\n", "6 fields instead of 7"),
        ("70170,TC,C,01112,05,1.00,x\n", "not a number"),
        ("7017,TC,C,01112,05,1.00,1.00\n", "is no hcpcs"),
        ("70170,TC,C,01112,05,1.00,1.00\n" * 2, "stands twice, first in line 2"),
        ("70170,TC,C,01112,05,1.00,1.00\n" + HEAD, "second heading"),
    ],
)
def test_a_damaged_file_is_refused_by_line(body: str, fault: str) -> None:
    with pytest.raises(BadFile, match=fault):
        oppscap.read(decode((HEAD + body).encode(), "OPPSCAP.csv"))
