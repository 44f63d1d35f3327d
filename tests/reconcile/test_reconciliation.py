"""docs/reconciliation.md is what the command makes of CMS's files, and says what the payment rules say of them."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest
from tests.reconcile.every import EveryRelease

from openrvu import holdings
from openrvu.cli import main
from openrvu.reconciling.report import document

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "reconciliation.md").read_text(encoding="utf-8")


@pytest.mark.needs("cms")
def test_the_document_is_what_the_files_give(cms: Path, every_release: EveryRelease) -> None:
    spec = importlib.util.spec_from_file_location("make_reconciliation", ROOT / "tools" / "make_reconciliation.py")
    assert spec and spec.loader
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    assert document(tool.outcomes(cms, holdings.current(every_release.home))) == TEXT, "run `make reconciliation`"


def test_the_document_has_the_counts_of_the_payment_rules() -> None:
    rows = dict(re.findall(r"^\| (PF\S+) \|.*?\| (\d+ of \d+) \|", TEXT, re.M))
    assert rows == {
        "PFAL25A_extract.csv": "320 of 320",
        "PFREV25C.txt": "218 of 218",
        "PFREV26B_nonQP.txt": "654 of 654",
    }
    assert "| 26 of 26 |" in TEXT
    different = {
        release
        for release, rate in re.findall(r"^\| (20\d\d\w+) \|.*\| ([\d.]+) % \|$", TEXT, re.M)
        if rate != "100.00"
    }
    assert different == {"2020C", "2020D", "2021A", "2021B", "2021D", "2023D", "2024C"}
    for release in different:
        (line,) = re.findall(rf"^- \S+ against {release}: .*$", TEXT, re.M)
        assert "[explained](differences.md#amounts)" in line
    assert len(re.findall(r"[A-Z\d]{5} \(109\)", TEXT)) == 34


def test_the_document_names_no_path() -> None:
    assert not re.search(r"/(work|home|tmp|usr)/|[A-Z]:\\", TEXT)


@pytest.mark.needs("cms")
def test_the_command_writes_a_document_of_the_files_it_is_given(cms: Path, tmp_path: Path) -> None:
    from click.testing import CliRunner

    files = [str(cms / "payment/2026/PFREV26B_nonQP.txt"), str(cms / "payment/2025/PFREV25C.txt")]
    out = tmp_path / "report.md"
    result = CliRunner().invoke(main, ["reconcile", *files, "--report", str(out)])
    assert result.exit_code == 0, result.output
    assert "without a row: 26562 (109)" in result.stdout and "Written: " in result.stdout
    assert "PFREV26B_nonQP.txt | `6755778011b7` | 2026C" in out.read_text()
