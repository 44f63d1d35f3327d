"""A survey of paired comparisons planned from the facts held: comparators, pairs, how many respondents, all simulated.

>>> from openrvu.facts import embedded
>>> found = design("62380", embedded(), Asked(surveys=100), release="2026C")
>>> found.comparators[0].service, found.linked.tests_transitivity, found.star.tests_transitivity
('22869', True, False)
"""

from openrvu.designs.comparators import Comparator, Guess
from openrvu.designs.propose import Asked, Effect, Plan, Proposal, design

__all__ = ["Asked", "Comparator", "Effect", "Guess", "Plan", "Proposal", "design"]
