"""docs/coverage.md is what coverage.toml and the unconfirmed figures give today."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_document_of_what_is_modelled_is_current() -> None:
    done = subprocess.run([sys.executable, str(ROOT / "tools" / "make_coverage.py"), "--check"], check=False)
    assert done.returncode == 0, "run: python tools/make_coverage.py"
