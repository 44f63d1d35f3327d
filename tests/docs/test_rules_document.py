"""docs/rules.md is what the rules, their values and the claims give today."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_document_of_the_rules_is_current() -> None:
    done = subprocess.run([sys.executable, str(ROOT / "tools" / "make_rules.py"), "--check"], check=False)
    assert done.returncode == 0, "run: python tools/make_rules.py"
