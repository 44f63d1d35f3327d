"""The installed package, tried as a user would: `make wheel-test` runs it in an environment that has only the wheel."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import openrvu

ROOT = Path(__file__).parents[1]
COMMAND = str(Path(sys.executable).with_name("openrvu"))


def run(*arguments: str, folder: str) -> str:
    """The standard output of one command. Raises CalledProcessError where it fails."""
    environment = {"OPENRVU_HOME": folder, "PATH": "", "HOME": folder}
    done = subprocess.run(
        [COMMAND, *arguments], capture_output=True, text=True, cwd=folder, env=environment, check=False
    )
    if done.returncode:
        sys.exit(f"openrvu {' '.join(arguments)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def main() -> None:
    """Run the commands that need facts, rules, templates and fonts; stop at the first that fails."""
    if ROOT / "src" in Path(openrvu.__file__).parents:
        sys.exit("this is the source folder, not the installed package")
    with tempfile.TemporaryDirectory() as folder:
        priced = json.loads(run("price", "62330", "--on", "2026-07-01", "--json", folder=folder))
        if priced["amount_cents"] != 47_930:
            sys.exit(f"62330 on 2026-07-01 is 479.30 dollars nationally, not {priced['amount']}")
        run("--help", folder=folder)
        run("dossier", "62380", "-o", "62380.html", folder=folder)
        run("dossier", "62380", "-o", "62380.pdf", folder=folder)
        written = {path.suffix: path.stat().st_size for path in Path(folder).glob("62380.*")}
        if not {".html", ".json", ".pdf"} <= written.keys() or min(written.values()) < 10_000:
            sys.exit(f"the dossier is incomplete: {written}")
    print(f"openrvu {openrvu.__version__} works from its wheel")


if __name__ == "__main__":
    main()
