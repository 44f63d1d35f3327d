"""Work RVUs of the studies' comparators, as CMS's files print them, for tests that need no facts folder."""

from datetime import date

import pytest

from openrvu import units
from openrvu.valuation.services import Anchors

# Work RVUs in force 2019-2022, 2023-2025 and from 2026-07 (extract), read in PPRRVU files; text as printed there.
TO_2022 = """63047 15.37 22102 11.08 63030 13.18 63005 16.43 63620 15.60 22869 7.03 22630 22.09 22612 23.53 22532 25.99
22533 24.79 22633 27.75 22840 12.52 22853 4.25 20936 0.00 20937 2.79 22800 19.50 22842 12.56 22802 32.11 22843 13.44
22214 21.02 22614 6.43"""
FROM_2026 = """63047 14.99 22102 10.80 63030 11.70 63005 16.02 22869 6.85 22630 21.54 22612 22.94 22532 25.34
22533 24.17
22633 26.13 22840 12.21 22853 4.14 22800 19.01 22842 12.25 22802 31.31 22843 13.10 22214 20.49 22867 14.63 22614 6.27"""
ADD_ONS = ("22840", "22853", "20937", "22842", "22843", "22614")
QUARTERS = (("A", "01"), ("B", "04"), ("C", "07"), ("D", "10"))
# First dates of service of the 26 releases held; 2019 has no global periods and no status.
STARTS = {
    "2019": "2019-01-01",
    **{f"{y}{q}": f"{y}-{m}-01" for y in (2020, 2021, 2022, 2023) for q, m in QUARTERS},
    "2024A": "2024-01-01",
    "2024AR": "2024-03-09",
    "2024B": "2024-04-01",
    "2024C": "2024-07-01",
    **{f"2025{q}": f"2025-{m}-01" for q, m in QUARTERS},
    "2026C": "2026-07-01",
}


def _work(text: str, **changed: str) -> dict[str, int]:
    words = text.split()
    found = dict(zip(words[::2], words[1::2], strict=True)) | {k.lstrip("c"): v for k, v in changed.items()}
    return {code: units.parse(rvu, units.RVU) for code, rvu in found.items()}


def _anchors(release: str, starts: str) -> Anchors:
    year = int(release[:4])
    if year >= 2026:
        work = _work(FROM_2026)
    elif year >= 2023:
        work = _work(TO_2022, c63030="12.00", c22633="26.80", c22867="15.00")
    else:
        work = _work(TO_2022, c22867="15.00" if year == 2022 else "13.50")
    held = dict.fromkeys(ADD_ONS, "ZZZ") if year > 2019 else {}
    status = {"20936": "B"} if 2019 < year < 2026 else {}
    return Anchors(release, date.fromisoformat(starts), work, held, status)


@pytest.fixture(scope="session")
def anchors() -> tuple[Anchors, ...]:
    """All releases held, with the codes of the studies."""
    return tuple(_anchors(release, starts) for release, starts in STARTS.items())


@pytest.fixture(scope="session")
def anchors_typed(anchors: tuple[Anchors, ...]) -> tuple[Anchors, ...]:
    """The same, under a name that does not hide the function of the package."""
    return anchors
