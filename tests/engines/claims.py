"""Random claim lines over every code held: ties, several codes and units, modifiers, unknown codes and places."""

from __future__ import annotations

import random
from typing import Any

from openrvu.facts import embedded
from openrvu.rules.lines import LINE
from openrvu.rules.modifiers import modifiers

DAYS = (20190601, 20200102, 20210701, 20220501, 20230101, 20240201, 20240401, 20250701, 20251231, 20260701, 20300101)
ODD_CODES = ("00630", "00670", "01936", "99213", "0274T", "XXXXX")
# Codes that some rule ranks together and that chance alone would seldom bring together.
RELATED = (("97110", "97140"), ("72131", "72148", "72100"), ("43235", "43239"), ("93306", "92134"), ("63030", "63047"))
PLACES = ("national", "national", "15202-00", "05102-01", "01112-18", "99999-99")
PROVIDERS = ("", "", "", "NP", "PA", "CNS", "CRNA", "RD", "LCSW", "CNM", "MFT", "ZZ")


def lines(count: int, number: int) -> list[dict[str, Any]]:
    """About `count` lines, the same for the same number; sessions of one to eight lines, some over two days."""
    chance = random.Random(number)
    facts = embedded()
    codes = sorted({row.hcpcs for release in facts.releases[-8:] for row in facts.table(release.id).everything()})
    known = [*modifiers(), *("26", "TC", "50", "51", "59", "62", "80", "AS", "LT", "RT", "54", "55", "78")]
    found: list[dict[str, Any]] = []
    ids = chance.sample(range(20 * count), 2 * count)
    while len(found) < count:
        session = f"s{len(found)}"
        day, place = chance.choice(DAYS), chance.choice(PLACES)
        few = chance.sample(codes, chance.choice((1, 1, 2, 3)))
        few = list(chance.choice(RELATED)) if chance.random() < 0.2 else few
        shared = {
            "facility": chance.randrange(2),
            "qp": chance.randrange(2),
            "participating": chance.choice((1, 1, 0)),
            "deductible_cents": chance.choice((0, 0, 0, 5_000, 25_700)),
            "provider": chance.choice(PROVIDERS),
        }
        for _ in range(chance.choice((1, 1, 1, 2, 3, 4, 8))):
            some = [chance.choice(known) if chance.random() < 0.3 else "" for _ in range(4)]
            found.append(
                {
                    **LINE,
                    **shared,
                    "line_id": ids[len(found)],
                    "claim_id": f"c{len(found) % 7}",
                    "session": session,
                    "on": chance.choice((day, day, day, chance.choice(DAYS))),
                    "hcpcs": chance.choice(few) if chance.random() < 0.9 else chance.choice(ODD_CODES),
                    **{f"m{place_ + 1}": modifier for place_, modifier in enumerate(some)},
                    "place": place,
                    "units": chance.choice((1, 1, 1, 2, 3, 40)),
                    "charge_cents": chance.choice((-1, -1, 4_000, 50_000, 10_000_000)),
                    "minutes": chance.choice((0, 0, 37, 120)),
                    "post_days": chance.choice((0, 0, 30, 90)),
                    "documented": chance.randrange(2),
                }
            )
    return found
