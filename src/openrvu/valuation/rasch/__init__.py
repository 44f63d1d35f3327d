"""The Rasch family: conditional, marginal, pairwise and joint estimates, persons, fit and structure. Arrays in and out.

A person is whoever answers (a respondent, a case); an item is what is answered (a comparator, a statement). Thresholds
are in logits: P(x = c) is proportional to exp(c theta - sum of the first c thresholds), so a higher measure is harder.
"""
