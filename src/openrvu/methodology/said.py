"""The methods in words, and what nothing here must be used for. Each sentence with the sources it rests on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Said:
    """A method or a limit in words. term: its name, with a full stop. sources: ids."""

    term: str
    text: str
    sources: tuple[str, ...]


_WORK = ("valuation-methods",)

METHODS = (
    Said(
        "Price.",
        "Work, practice expense and malpractice RVUs, each times its GPCI, summed, times the conversion factor of "
        "the date; whole numbers throughout, rounded once, half up, to cents.",
        ("42cfr414.20", "42cfr414.26", "42cfr414.28", "rvu25d-layout"),
    ),
    Said(
        "Release.",
        "The date of service decides the release. A date whose release is not held is refused; nothing is carried "
        "forward. What a file at hand does not have is called not held, and never zero.",
        ("rvu25d-layout",),
    ),
    Said(
        "Survey.",
        "Least squares of the comparators' work RVUs on their measures, read at the code's own measure and never at "
        "the mean measure, where any line returns the plain mean. The interval of the line, the prediction interval of "
        "one new service (t, k − 2), each comparator left out, and the predictive R-squared against the plain "
        "mean of the others stand beside every value.",
        _WORK,
    ),
    Said(
        "Formula family.",
        "Six formulas on each release's RVUs, fixed beforehand, are tried on a published value. No search over "
        "subsets, weights or scales; the number of agreements expected by chance is printed.",
        _WORK,
    ),
    Said(
        "Guards.",
        "Named warnings, each evaluated for one value, with its figures and what to do. Internal consistency is what "
        "is checked; nothing is said of motive or competence.",
        _WORK,
    ),
    Said(
        "Pooling.",
        "Routes to a value answer different questions and are never averaged.",
        _WORK,
    ),
)

# What the screen of methods says beyond the dossier.
STATISTICS = (
    Said(
        "Comparisons.",
        "Answers less, equal or greater become measures on one scale in logits (Bradley-Terry); equal answers are "
        "counted as half, dropped, or modelled (Davidson), and every choice is shown. Standard errors use the whole "
        "covariance of the measures, not each by itself.",
        _WORK,
    ),
    Said(
        "Two intervals.",
        "The interval of the line says how well the line is known; the prediction interval says where one new service "
        "may lie, and is the wider one. A value is quoted with the second.",
        _WORK,
    ),
    Said(
        "Respondents drawn again.",
        "Whole respondents, not single answers, are drawn with replacement, because one person's answers go together; "
        "the seed stands in the run id.",
        _WORK,
    ),
    Said(
        "Rasch.",
        "Items and persons on one scale; fit (infit, outfit), reliability, disordered thresholds, local dependence and "
        "a second dimension are reported with what chance alone would give. Nothing is deleted by the program.",
        _WORK,
    ),
    Said(
        "What moved an amount.",
        "The Shapley value of work, practice expense, malpractice, geographic indices and conversion factor: each "
        "part's effect averaged over all orders in which they could have moved.",
        ("shorrocks-2013",),
    ),
)

MUST_NOT = (
    Said(
        "To choose a code.",
        "The operative note and the code book of the date of service decide; this helps to read them.",
        (),
    ),
    Said("To bill a comparator.", "Codes beside a code explain its work; none of them may be billed in its place.", ()),
    Said(
        "As coverage or payment.",
        "A schedule amount says neither that a service is covered nor what will be paid: the contractor does.",
        (),
    ),
    Said(
        "As one number.",
        "A work RVU from a survey or a crosswalk is never quoted without its interval, its warnings and its data's "
        "limits.",
        _WORK,
    ),
    Said(
        "To judge a person.",
        "Counts and amounts of a provider say nothing of indication, skill or honesty.",
        (),
    ),
    Said(
        "Between competitors.",
        "Practices that compete must not use it to agree on fees or on what to ask of a payer; whether a survey or a "
        "letter to a payer is in order is a question for counsel.",
        (),
    ),
    Said("As medical advice.", "What is done for a patient is not decided by what is paid for it.", ()),
)
