"""A drawing as a file: the ending says which kind."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from openrvu.cli.reports import write_whole
from openrvu.errors import BadInput

if TYPE_CHECKING:
    from openrvu.dossier.blocks import Chart


def kind_of(path: Path) -> str:
    """Which kind of drawing the file's ending names. Raises BadInput for another."""
    from openrvu.dossier.exporting import KINDS

    kind = path.suffix.lower().removeprefix(".")
    if kind not in KINDS:
        endings = ", ".join(f".{one}" for one in KINDS)
        raise BadInput(f"{path.name} names no kind of drawing", exists=f"Kinds: {endings}", fix="Add an ending")
    return kind


def save(path: Path, chart: Chart, label: str, foot: str) -> None:
    """Write the drawing. label: of the survey's file, as SIMULATED. foot: release and run."""
    from openrvu.dossier.exporting import export

    first = "SIMULATED: nobody answered" if "SIMULATED" in label.upper() else ""
    write_whole(path, export(chart, kind_of(path), label=first, foot=foot))


def write_picture(path: Path, chart: Chart, label: str, foot: str) -> None:
    """Write the drawing, then say what it shows."""
    save(path, chart, label, foot)
    click.echo(chart.alt)
    click.echo(f"Written: {path}")
