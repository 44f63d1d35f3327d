"""The complete report of a survey: `analysis` computes all of it once, the others say it in blocks of the dossier."""

from openrvu.reports.analysis import Analysis, analyse, figures
from openrvu.reports.build import build

__all__ = ["Analysis", "analyse", "build", "figures"]
