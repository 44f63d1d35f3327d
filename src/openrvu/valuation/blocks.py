"""Which pairs a respondent is asked, in which block and order: one-versus-all, or linked with comparators among
themselves.

A linked design compares the target with every comparator, and each comparator with its next neighbours in work RVU.
Every respondent gets all of the target's pairs and a share of the others, where so many questions may be asked; else
the target's pairs are shared out too. Triangles (target and two neighbours) stay together where there is room, each
service stands on the left as often as on the right, give or take one, and the same service comes up twice in a row as
seldom as can be. All is drawn from a seed.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from openrvu.errors import BadInput
from openrvu.valuation.pairdesign import Offered, Pair, PairDesign, design

GAPS = (1, 2)  # a comparator's next neighbour, and the one after it
FEWEST_LINKS = 3  # questions left beside the target's own, if a respondent is to get all of these
_ORDERS = 60  # orders drawn for a block, of which the one with the fewest repeats is taken


def star(services: Sequence[Offered], seed: int = 1) -> PairDesign:
    """The target against each comparator in one block, sides balanced and order drawn from the seed."""
    pairs = [(0, i) for i in range(1, len(services))]
    return design(services, _shown([pairs], len(services), seed))


def linked(services: Sequence[Offered], questions: int, gaps: Sequence[int] = GAPS, seed: int = 1) -> PairDesign:
    """The target against each comparator and each comparator against its neighbours, at most `questions` a block.

    services: the target first, then comparators in order of work RVU. Raises BadInput for fewer than 3 comparators or
    fewer than 3 questions.

    >>> services = [Offered(code) for code in ("62380", "22869", "63030", "63047", "63005")]
    >>> [len(block) for block in linked(services, 7).blocks], [len(block) for block in linked(services, 5).blocks]
    ([7, 6], [5, 4])
    >>> linked_together(linked(services, 5).blocks, 5)
    True
    """
    k = len(services) - 1
    if k < 3 or questions < 3:
        raise BadInput(f"{k} comparators and {questions} questions", fix="A linked design needs at least 3 of each")
    links = [(i, i + gap) for gap in gaps for i in range(1, k + 1 - gap)]
    room = questions - k
    parted = (
        _with_all(k, links, -(-len(links) // room))
        if room >= FEWEST_LINKS
        else _parted(k, links, -(-(k + len(links)) // questions))
    )
    found = design(services, _shown(parted, k + 1, seed))
    if not linked_together(found.blocks, k + 1):  # cannot be: the target meets everybody
        raise BadInput("the pairs do not link all services", fix="Use fewer blocks")
    return found


def linked_together(blocks: Sequence[Sequence[Pair]], services: int) -> bool:
    """Whether the pairs of all blocks together lead from every service to every other."""
    group = list(range(services))
    for i, j in (pair for block in blocks for pair in block):
        old, new = group[i], group[j]
        group = [new if one == old else one for one in group]
    return len(set(group)) == 1


def triangles(blocks: Sequence[Sequence[Pair]]) -> int:
    """How many threes of services are compared all round within one block: a respondent's own consistency shows."""
    found = 0
    for block in blocks:
        edges = {frozenset(pair) for pair in block}
        ends = sorted({one for pair in block for one in pair})
        found += sum(
            frozenset((a, b)) in edges and frozenset((b, c)) in edges and frozenset((a, c)) in edges
            for x, a in enumerate(ends)
            for y, b in enumerate(ends[x + 1 :], x + 1)
            for c in ends[y + 1 :]
        )
    return found


def _with_all(k: int, links: Sequence[Pair], blocks: int) -> list[list[Pair]]:
    """All of the target's pairs in every block, the others dealt out in order of their lower service."""
    found: list[list[Pair]] = [[(0, i) for i in range(1, k + 1)] for _ in range(blocks)]
    for at, pair in enumerate(sorted(links)):
        found[at % blocks].append(pair)
    return found


def _parted(k: int, links: Sequence[Pair], blocks: int) -> list[list[Pair]]:
    """Pairs by block: the target's in turn by couples of neighbours, the others where their triangle is, if there is
    room."""
    most = -(-(k + len(links)) // blocks)
    found: list[list[Pair]] = [[] for _ in range(blocks)]
    home: dict[int, int] = {}
    for i in range(1, k + 1):
        home[i] = ((i - 1) // 2) % blocks  # neighbours go together, and every block spans the range
        found[home[i]].append((0, i))
    # A block with an odd number of couples too many hands one over, so that each has its share of the target's pairs.
    while max(map(len, found)) - min(map(len, found)) > 1:
        full, bare = max(found, key=len), min(found, key=len)
        bare.append(full.pop())
        home[bare[-1][1]] = next(at for at, block in enumerate(found) if block is bare)
    later = []
    for pair in links:
        at = home[pair[0]]
        if home[pair[1]] == at and len(found[at]) < most:
            found[at].append(pair)
        else:
            later.append(pair)
    for pair in later:
        open_ones = [at for at in range(blocks) if len(found[at]) < most]
        near = [at for at in (home[pair[0]], home[pair[1]]) if at in open_ones]
        found[min(near or open_ones, key=lambda at: len(found[at]))].append(pair)
    return found


def _shown(blocks: Sequence[Sequence[Pair]], services: int, seed: int) -> list[list[Pair]]:
    """Blocks as they are shown: sides balanced over all of them, order drawn."""
    rng = np.random.default_rng(seed)
    distinct = dict.fromkeys(pair for block in blocks for pair in block)
    sides = _sides(list(distinct), services, rng)
    shown: list[list[Pair]] = []
    for block in blocks:
        shown.append(_ordered([sides[frozenset(pair)] for pair in block], rng))
        for i, j in shown[-1]:  # a pair that comes again comes the other way round
            sides[frozenset((i, j))] = (j, i)
    return shown


def _sides(pairs: Sequence[Pair], services: int, rng: np.random.Generator) -> dict[frozenset[int], Pair]:
    """Left and right of each pair, every service as often left as right, give or take one: an Eulerian tour.

    Services with an odd number of pairs are joined to a service that does not exist, whose pairs then fall away.
    """
    degree = [0] * (services + 1)
    nothing = services
    edges = [tuple(pair) for pair in rng.permutation(np.array(pairs))]
    for i, j in edges:
        degree[i] += 1
        degree[j] += 1
    edges += [(i, nothing) for i in range(services) if degree[i] % 2]
    open_ones: list[list[int]] = [[] for _ in range(services + 1)]
    for at, (i, j) in enumerate(edges):
        open_ones[i].append(at)
        open_ones[j].append(at)
    used = [False] * len(edges)
    found: dict[frozenset[int], Pair] = {}
    for start in range(services + 1):
        here = start
        while True:
            while open_ones[here] and used[open_ones[here][-1]]:
                open_ones[here].pop()
            if not open_ones[here]:
                break
            at = open_ones[here].pop()
            used[at] = True
            i, j = (int(end) for end in edges[at])
            there = j if here == i else i
            if nothing not in (here, there):
                found[frozenset((here, there))] = (here, there)
            here = there
    return found


def _ordered(pairs: Sequence[Pair], rng: np.random.Generator) -> list[Pair]:
    """The order, of some drawn at random, in which fewest pairs share a service other than the target with the one
    before."""

    def repeats(order: Sequence[Pair]) -> float:
        return sum(1.0 * bool((set(a) & set(b)) - {0}) + 0.1 * (0 in a and 0 in b) for a, b in pairwise(order))

    drawn = [[pairs[i] for i in rng.permutation(len(pairs))] for _ in range(_ORDERS)]
    return min(drawn, key=repeats)
