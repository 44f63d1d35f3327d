"""One call for every export: a form from a design, or answers for another programme."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from openrvu.surveydata.forms import SYSTEMS, form
from openrvu.surveydata.mapping import SurveyMapping, to_toml
from openrvu.surveydata.programs import program
from openrvu.surveydata.reading import read
from openrvu.valuation import pairdesign


@dataclass(frozen=True)
class Exported:
    """files: name -> text. notes: what is left to do."""

    files: Mapping[str, str]
    notes: tuple[str, ...]


def export(source: Path, to: str, *, mapping: SurveyMapping | Path | None = None, target: str = "") -> Exported:
    """What a programme takes. source: a design (TOML) for redcap, qualtrics and limesurvey, whose form comes with the
    mapping that reads its answers; a file of answers for winsteps and facets. Raises BadFile, BadInput."""
    if to in SYSTEMS:
        made = form(pairdesign.read(source), to)
        name = f"{to}-mapping.toml"
        head = (
            f"How the answers to the form of {source.name} in {to} are read: `openrvu value FILE --mapping {name}`",
        )
        notes = (*made.notes, f"{name} reads the answers: --mapping {name}.")
        return Exported({**made.files, name: to_toml(made.mapping, head)}, notes)
    data = read(source, mapping, target=target)
    stem = "".join(letter if letter.isalnum() else "-" for letter in source.stem.lower()) or "survey"
    told = [f"{len(data.respondents)} respondents, {len(data.questions)} questions."]
    told += [f"left out by {one.rule}: {one.left_out}" for one in data.rules]
    if data.simulated:
        told.append(data.label)
    return Exported(program(data, to, stem, target), tuple(told))
