"""Whatever is answered, a walk ends: with a code that all answers allow, or with the reason why there is none."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openrvu.codes.families import UNKNOWN, Family, Question, families
from openrvu.codes.walk import Walk, walk

FAMILIES = [family for family in families() if family.questions]
DAYS = st.dates(date(2018, 6, 1), date(2027, 12, 31))


def answers_of(question: Question) -> st.SearchStrategy[str | int]:
    if question.unit:
        return st.one_of(st.integers(1, question.most), st.just(UNKNOWN))
    return st.sampled_from([*(one.key for one in question.choices), UNKNOWN])


def checked(found: Walk, family: Family, given_: dict[str, str | int]) -> None:
    assert sum(one is not None for one in (found.question, found.result, found.undecided)) == 1
    led = {code for code, service in family.services.items() if service.answers}
    left, out = {one.code for one in found.candidates}, {one.code for one in found.ruled_out}
    assert left | out == led and not left & out
    for ruled in found.ruled_out:
        service = family.services[ruled.code]
        if ruled.by == "on":
            assert not service.in_force(found.on)
        else:
            assert not service.allows(ruled.by, given_[ruled.by])
    if found.result:
        service = family.services[found.result.lines[0].code]
        assert service.in_force(found.on) and left == {service.code}
        assert all(given_[key] != UNKNOWN and service.allows(key, given_[key]) for key in service.needs)
        assert all(line.units >= 1 for line in found.result.lines) and found.result.document
    if found.undecided:
        assert found.undecided.reason


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.id)
@given(data=st.data(), on=DAYS)
def test_a_walk_ends_with_a_code_or_a_reason(family: Family, data: st.DataObject, on: date) -> None:
    answers: dict[str, str | int] = {"family": family.id}
    out: set[str] = set()
    for _ in range(len(family.questions) + 1):
        found = walk(answers, on, families())
        checked(found, family, answers)
        now = {one.code for one in found.ruled_out}
        assert out <= now, "an answer brings no code back"
        out = now
        if found.question is None:
            return
        assert found.question.id not in answers
        answers[found.question.id] = data.draw(answers_of(found.question), label=found.question.id)
    pytest.fail("more questions than the family has")


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.id)
@given(data=st.data(), on=DAYS)
def test_the_order_of_the_answers_does_not_matter(family: Family, data: st.DataObject, on: date) -> None:
    answers = {question.id: data.draw(answers_of(question), label=question.id) for question in family.questions}
    order = data.draw(st.permutations(list(answers)))
    first = walk({"family": family.id, **answers}, on, families())
    again = walk({"family": family.id, **{key: answers[key] for key in order}}, on, families())
    checked(first, family, answers)
    assert first.question is None
    assert (again.result, again.undecided, again.ruled_out) == (first.result, first.undecided, first.ruled_out)
