"""What stays light: one service is priced without any of the heavy libraries, so that a look-up answers at once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import openrvu

HEAVY = {
    "numpy",
    "scipy",
    "duckdb",
    "jinja2",
    "fastapi",
    "vl_convert",
    "polars",
    "pandas",
    "typst",
    "uvicorn",
    "sqlalchemy",
    "alembic",
    "psycopg",
    "argon2",
}


def imported(code: str) -> set[str]:
    """The libraries that are in a process of its own after this code."""
    script = f"{code}\nimport sys\nprint(*sorted({{name.partition('.')[0] for name in sys.modules}}))"
    environment = {**os.environ, "PYTHONPATH": str(Path(openrvu.__file__).parents[1])}  # the copy under test
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "code",
    [
        "import openrvu",
        "import openrvu.pricing",
        "import openrvu; openrvu.price('62330', on='2026-07-01', place='Ohio')",
        "import openrvu.cli",
    ],
)
def test_no_heavy_library_is_imported(code: str) -> None:
    assert not HEAVY & imported(code)


def test_the_server_starts_without_what_only_some_pages_need() -> None:
    found = imported("from openrvu.web.app import create_app; create_app()")
    assert "fastapi" in found and not {"scipy", "sqlalchemy", "vl_convert", "typst", "polars", "pandas"} & found
