"""Compare every payment and OPPS-cap file at hand with its own release, and write docs/reconciliation.md.

    python tools/make_reconciliation.py [FOLDER] [-o FILE]

FOLDER holds CMS's files as <kind>/<year>/<file> (default: OPENRVU_CMS, else ../shared/cms). The releases are loaded
into a store that goes with the run. The same files give the same document.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from openrvu import holdings
from openrvu.errors import OpenRVUError
from openrvu.facts import Facts
from openrvu.files import whole
from openrvu.reconciling import Reconciliation, reconcile
from openrvu.reconciling.report import document
from openrvu.tables.load import load
from openrvu.tables.recognise import QUARTERS, name_says

ROOT = Path(__file__).parents[1]
# CMS ships the file of one release with the next ones too, byte for byte: "Releases not stored" in its folder's README.
SHIPPED_AGAIN = {
    "RVU20A": ("2020B",),
    "RVU20C": ("2020D",),
    "RVU21A": ("2021B", "2021D"),
    "RVU22A": ("2022B", "2022C", "2022D"),
    "RVU23A": ("2023B", "2023C", "2023D"),
    "RVU24AR": ("2024B",),
}


def files_of(folder: Path) -> Iterator[tuple[Path, str]]:
    """Each file of amounts, and the release that it belongs to; empty where `reconcile` is to find it."""
    for path in sorted(folder.glob("payment/*/*")):
        yield path, ""
    for path in sorted(folder.glob("oppscap/*/*")):
        month = re.search(r"_(JAN|APR|JUL|OCT)", path.name.upper())
        assert month, path.name
        release = name_says(path.name) or path.parent.name + QUARTERS[month[1]]
        yield path, release
        for again in SHIPPED_AGAIN.get(path.name.partition("_")[0], ()):
            yield path, again


def held(folder: Path, home: Path) -> Facts:
    """The embedded facts, with every whole relative value file of the folder loaded."""
    for path in sorted(folder.glob("pprrvu/*/*PPRRVU*.csv*")):
        if "extract" not in path.name:
            load(path, home=home)
    return holdings.current(home)


def outcomes(folder: Path, facts: Facts) -> list[Reconciliation]:
    """Every comparison, in the order of the files."""
    return [reconcile(path, facts, release or None) for path, release in files_of(folder)]


def main() -> int:
    """Write the document; 1 where the files are not there."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    default = Path(os.environ.get("OPENRVU_CMS") or ROOT.parent / "shared" / "cms")
    parser.add_argument("folder", nargs="?", type=Path, default=default)
    parser.add_argument("-o", "--output", type=Path, default=ROOT / "docs" / "reconciliation.md")
    asked = parser.parse_args()
    if not asked.folder.is_dir():
        print(f"no CMS files in {asked.folder}: name the folder, or set OPENRVU_CMS", file=sys.stderr)
        return 1
    try:
        with tempfile.TemporaryDirectory(prefix="openrvu-") as home:
            text = document(outcomes(asked.folder, held(asked.folder, Path(home))))
    except OpenRVUError as fault:
        print(f"Error: {fault}", file=sys.stderr)
        return 1
    with whole(asked.output) as part:
        part.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
