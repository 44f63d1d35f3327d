"""Dated parameters: the value of the day, and a refusal where none is held."""

from datetime import date

import pytest

from openrvu import params
from openrvu.errors import NotHeld, OpenRVUError


@pytest.mark.parametrize(
    ("on", "cents"), [(date(2019, 1, 1), 18500), (date(2025, 12, 31), 25700), (date(2026, 1, 1), 28300)]
)
def test_part_b_deductible(on: date, cents: int) -> None:
    assert params.at("part_b_deductible", on).value == cents


def test_a_figure_from_memory_says_that_it_is_not_settled() -> None:
    assert not params.at("sequestration", date(2013, 7, 1)).settled
    assert params.at("part_b_deductible", date(2026, 7, 1)).settled


def test_a_date_without_a_value_is_refused() -> None:
    with pytest.raises(NotHeld, match="Held from 2019-01-01"):
        params.at("part_b_deductible", date(2018, 1, 1))


def test_an_unknown_parameter_names_those_that_exist() -> None:
    with pytest.raises(OpenRVUError, match="part_b_deductible"):
        params.at("deductable", date(2026, 1, 1))
