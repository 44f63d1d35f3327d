"""Made-up claim lines for measuring: no real claim, patient or provider. Codes and places are those that are held.

The mix of a Medicare carrier in round figures: of ten claims six with one line, few with more than four; visits and
other services without any reduction are half of all lines, the rest surgery, imaging, therapy, tests. Every second
claim has another place; one line in four has a modifier; some codes, modifiers and places are unknown.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# Share of lines, of a hundred, by multiple-procedure indicator.
MIX = {"0": 52, "2": 14, "3": 2, "4": 10, "5": 15, "6": 4, "7": 2, "9": 1}


def write_lines(made: DuckDBPyConnection, count: int, path: Path, seed: int = 1, first: int = 0) -> None:
    """`count` lines from number `first` on as Parquet, the same for the same seed. The connection holds the seeds of
    the rules."""

    def draw(salt: int, below: int, of: str = "line") -> str:
        return f"CAST(hash({of} * 1000003 + {salt + 7919 * seed}) % {below} AS BIGINT)"

    made.execute(
        "CREATE OR REPLACE TEMP TABLE bench_code AS SELECT multiple, hcpcs, row_number() OVER (PARTITION BY multiple "
        "ORDER BY hcpcs) - 1 AS n, count(*) OVER (PARTITION BY multiple) AS of FROM (SELECT DISTINCT multiple, hcpcs "
        "FROM seed_relative_values WHERE release LIKE '2025%' AND row_modifier = '')"
    )
    made.execute("CREATE OR REPLACE TEMP TABLE bench_kind AS SELECT DISTINCT multiple, of FROM bench_code")
    made.execute(
        "CREATE OR REPLACE TEMP TABLE bench_place AS SELECT place, row_number() OVER (ORDER BY place) - 1 AS n, "
        "count(*) OVER () AS of FROM (SELECT DISTINCT place FROM seed_places WHERE place <> 'national')"
    )
    steps, edge = [], 0
    for name, share in MIX.items():
        edge += share
        steps.append(f"WHEN {{pick}} < {edge} THEN '{name}'")
    # Lines of one claim are of one kind, so that the reductions have something to do.
    kind = f"CASE {' '.join(steps)} END".format(pick=draw(1, 100, "claim"))
    modifier, who = draw(8, 100), draw(11, 100, "claim")
    day = f"DATE '2025-01-01' + CAST({draw(4, 365, 'claim')} AS INTEGER)"
    made.execute(
        f"""
        COPY (
            WITH numbered AS (
                SELECT range AS line, (range * 10) // 17 + CAST(hash(range // 4 + {seed}) % 2 AS BIGINT) AS claim
                FROM range({first}, {first + count})
            ), drawn AS (
                SELECT *, {kind} AS multiple, {draw(2, 1_000_000)} AS pick, {draw(3, 1_000_000, "claim")} AS where_
                FROM numbered
            ), chosen AS (
                SELECT d.*, d.pick % k.of AS n FROM drawn d JOIN bench_kind k USING (multiple)
            )
            SELECT
                line AS line_id,
                'C' || lpad(CAST(claim AS VARCHAR), 11, '0') AS claim_id,
                'C' || lpad(CAST(claim AS VARCHAR), 11, '0') AS session,
                CAST(strftime({day}, '%Y%m%d') AS BIGINT) AS "on",
                CASE WHEN pick % 500 = 0 THEN '99X99' ELSE c.hcpcs END AS hcpcs,
                CASE
                    WHEN {modifier} < 6 THEN '26' WHEN {modifier} < 10 THEN 'TC' WHEN {modifier} < 14 THEN '59'
                    WHEN {modifier} < 17 THEN '50' WHEN {modifier} < 19 THEN 'LT' WHEN {modifier} < 21 THEN 'RT'
                    WHEN {modifier} < 23 THEN 'AS' WHEN {modifier} < 24 THEN '62' WHEN {modifier} < 25 THEN '78'
                    ELSE ''
                END AS m1,
                CASE WHEN {draw(9, 100)} < 4 THEN '51' WHEN {draw(9, 1000)} = 999 THEN 'Q9' ELSE '' END AS m2,
                '' AS m3,
                '' AS m4,
                CASE WHEN where_ % 1000 = 0 THEN '99999-99' ELSE p.place END AS place,
                {draw(10, 2, "claim")} AS facility,
                CASE WHEN multiple = '5' AND pick % 2 = 0 THEN 2 WHEN pick % 50 = 0 THEN 3 ELSE 1 END AS units,
                CASE WHEN pick % 3 = 0 THEN -1 ELSE 2000 + pick % 400000 END AS charge_cents,
                CASE WHEN multiple = '9' THEN 15 + pick % 240 ELSE 0 END AS minutes,
                CAST(0 AS BIGINT) AS post_days,
                CASE WHEN {who} < 12 THEN 'NP' WHEN {who} < 18 THEN 'PA' ELSE '' END AS provider,
                CAST(0 AS BIGINT) AS qp,
                CASE WHEN {draw(12, 100, "claim")} < 4 THEN 0 ELSE 1 END AS participating,
                CASE WHEN {draw(13, 100, "claim")} < 8 THEN {draw(14, 25_700, "claim")} ELSE 0 END AS deductible_cents,
                CASE WHEN pick % 10 = 0 THEN 1 ELSE 0 END AS documented
            FROM chosen
            JOIN bench_code c USING (multiple, n)
            JOIN bench_place p ON p.n = where_ % (SELECT max(of) FROM bench_place)
        ) TO '{path}' (FORMAT parquet, ROW_GROUP_SIZE 122880)
        """
    )
