"""On the embedded facts the audits come out as on the figures typed into the tests' own table."""

import pytest

from openrvu.facts import embedded
from openrvu.valuation.audit import audit
from openrvu.valuation.held import anchors, codes_of
from openrvu.valuation.services import Anchors
from openrvu.valuation.study import known, study


@pytest.mark.parametrize("key", ["lewandrowski-2024-62380", "lorio-2024-0202T"])
def test_the_embedded_facts_give_the_same_audit(key: str, anchors_typed: tuple[Anchors, ...]) -> None:
    found = study(key)
    real = anchors(embedded(), codes_of(found))
    ours, theirs = audit(found, real), audit(found, anchors_typed)
    assert ours.fired() == theirs.fired() and ours.line == theirs.line and ours.releases == theirs.releases
    assert [c.gives for c in ours.claims] == [c.gives for c in theirs.claims]
    assert ours.claims[0].chance == theirs.claims[0].chance


def test_every_study_can_be_audited_on_the_embedded_facts() -> None:
    for item in known():
        assert audit(item, anchors(embedded(), codes_of(item))).headline
