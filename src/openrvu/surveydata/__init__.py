"""Surveys as people have them: read from any programme's export by one function, with what was flagged and left out.

`read(path)` gives a SurveyData: arrays of answers, respondents' attributes, flags, the funnel, what was left behind.
`using` makes of it what the estimators take.
"""

from openrvu.surveydata.data import SurveyData
from openrvu.surveydata.mapping import SurveyMapping
from openrvu.surveydata.reading import parse, read

__all__ = ["SurveyData", "SurveyMapping", "parse", "read"]
