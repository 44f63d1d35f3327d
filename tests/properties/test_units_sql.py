"""The SQL text of the rounding gives what units.half_up gives, and that of the fee what fee_cents gives."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from openrvu import schemas, units
from openrvu.rules.fee import fee_cents, fee_cents_sql

# 2 |n| + d stays below 2^63: far above any numerator of money, which stays below 2^53.
LARGEST = 2**53
NUMERATORS = st.lists(st.integers(min_value=-LARGEST, max_value=LARGEST), min_size=1, max_size=200)
DENOMINATORS = st.sampled_from([1, 2, 3, 7, 100, 10_000, 999_999_937, 10**9])
EXTREMES = [
    0,
    1,
    -1,
    2,
    49,
    50,
    51,
    -49,
    -50,
    -51,
    99,
    5 * 10**8,
    5 * 10**8 - 1,
    -5 * 10**8,
    2**53,
    -(2**53),
    2**53 - 1,
]


@given(NUMERATORS, DENOMINATORS)
@example(EXTREMES, 100)
@example(EXTREMES, 10**9)
@example([(2 * k + 1) * 50 for k in range(-200, 200)], 100)  # exact halves
@settings(max_examples=60)
def test_the_text_rounds_as_half_up(numerators: list[int], denominator: int) -> None:
    sql = f"SELECT {units.half_up_sql('n', denominator)} AS r, typeof(r) FROM (SELECT unnest($1::BIGINT[]) AS n)"
    found = duckdb.connect().execute(sql, [numerators]).fetchall()
    assert found == [(units.half_up(n, denominator), "BIGINT") for n in numerators]


def test_a_denominator_that_is_not_positive_is_refused() -> None:
    with pytest.raises(ValueError, match="must be positive"):
        units.half_up_sql("n", 0)


def _parts(*most: int) -> st.SearchStrategy[list[int]]:
    return st.tuples(*(st.integers(min_value=0, max_value=one) for one in most)).map(list)


MOST = (
    *(schemas.MAX_WORK_RVU, schemas.MAX_PE_RVU, schemas.MAX_MP_RVU),
    *(schemas.MAX_GPCI, schemas.MAX_GPCI, schemas.MAX_GPCI),
)


@given(st.lists(_parts(*MOST), min_size=1, max_size=100), st.integers(1, schemas.MAX_CONVERSION_FACTOR))
@example([list(MOST), [0] * 6, [80000, 56400, 7100, 1000, 1000, 1000]], schemas.MAX_CONVERSION_FACTOR)
@settings(max_examples=60)
def test_the_text_of_the_fee_gives_the_fee(rows: list[list[int]], factor: int) -> None:
    names = ("w", "p", "m", "work_gpci", "pe_gpci", "mp_gpci")
    unnested = ", ".join(f"unnest(${number}::BIGINT[]) AS {name}" for number, name in enumerate(names, 1))
    sql = f"SELECT {fee_cents_sql('w', 'p', 'm', factor)} AS fee, typeof(fee) FROM (SELECT {unnested})"
    columns: Sequence[list[int]] = [list(cells) for cells in zip(*rows, strict=True)]
    found = duckdb.connect().execute(sql, columns).fetchall()
    assert found == [(fee_cents(*row, factor), "BIGINT") for row in rows]  # type: ignore[call-arg]
