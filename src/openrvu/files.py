"""Reading the package's own fact files: TOML and CSV with a source column. Nothing is read at import."""

from __future__ import annotations

import csv
import tomllib
from pathlib import Path
from typing import Any


def facts_folder() -> Path:
    """The folder of the embedded facts."""
    return Path(__file__).parent / "facts"


def read_toml(path: Path) -> dict[str, Any]:
    """One TOML file as a dictionary."""
    with path.open("rb") as file:
        return tomllib.load(file)


def read_csv(path: Path) -> list[dict[str, str]]:
    """One CSV file of the package as a list of rows, all text."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
