"""The embedded figures are what CMS's files give, byte for byte, and the files stay below the schema's maxima."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.reconcile.every import EveryRelease

from openrvu import units
from openrvu.schemas import MAX_GPCI
from openrvu.tables import gpci, pprrvu, store
from openrvu.tables.text import read_text

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.needs("cms")


def make_facts(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, str(ROOT / "tools" / "make_facts.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=300)


def test_the_embedded_figures_are_what_the_files_give(cms: Path) -> None:
    result = make_facts(str(cms), "--check")
    assert result.stdout == "43 files agree\n", result.stdout + result.stderr
    assert result.returncode == 0


def test_a_folder_without_the_files_is_refused_by_name(tmp_path: Path) -> None:
    result = make_facts(str(tmp_path), "--check")
    assert result.returncode == 1
    assert "no file has the sha256 of source rvu26c-extract" in result.stderr and "Traceback" not in result.stderr


def test_no_row_of_any_file_exceeds_the_maxima(cms: Path, every_release: EveryRelease) -> None:
    """The largest figures over all files, each beside the code that has it."""
    chosen = ", ".join(f"max({name})" for name in LARGEST)
    tables = [str(every_release.home / entry.file) for entry in store.entries(every_release.home)]
    rows = store.query(f"SELECT {chosen} FROM read_parquet(?)", [tables])
    for path in sorted(cms.glob("pprrvu/*/*secondary.csv")):
        table = pprrvu.read(read_text(path), partial=True)
        rows.append(tuple(max(units.parse(row[name] or "0", units.RVU) for row in table.rows) for name in LARGEST))
    largest = zip(LARGEST, (max(column) for column in zip(*rows, strict=True)), strict=True)
    assert {name: units.text(value, units.RVU, 2) for name, value in largest} == LARGEST
    indices = [
        units.parse(row[name], units.GPCI)
        for path in sorted(cms.glob("gpci/*/*.csv"))
        for row in gpci.read(read_text(path)).rows
        for name in gpci.INDICES
    ]
    assert max(indices) == 2_702 and max(indices) < MAX_GPCI  # malpractice, New York's suburbs, 2021 and 2022


# 39503 in 2020; 37227 in 2019; 20697 in 2021; 61698 in 2019.
LARGEST = {
    "work_rvu": "108.91",
    "pe_nonfacility_rvu": "427.61",
    "pe_facility_rvu": "61.18",
    "mp_rvu": "33.35",
}
