"""A design of pairs: its parts fit, it survives its file, and what is wrong is named."""

from pathlib import Path

import pytest

from openrvu.errors import BadFile, BadInput
from openrvu.valuation import pairdesign
from openrvu.valuation.pairdesign import Offered

THREE = [Offered("62380"), Offered("63047"), Offered("22612 + 22614x2")]


def test_pairs_of_all_blocks_are_told_once_as_first_shown() -> None:
    made = pairdesign.design(THREE, [[(1, 0), (0, 2)], [(0, 1), (1, 2)]])
    assert made.pairs == ((1, 0), (0, 2), (1, 2))
    assert made.services[2].service == "22612+22614x2"


@pytest.mark.parametrize(
    ("services", "blocks", "says"),
    [
        (THREE[:1], [[(0, 1)]], "1 services"),
        ([THREE[0], Offered("62380x1")], [[(0, 1)]], "62380 is there twice"),
        ([Offered("62380", "a " * 13), THREE[1]], [[(0, 1)]], "13 words for 62380"),
        (THREE, [[(0, 1), (1, 0)]], "a pair is there twice: 63047 with 62380 .block 1"),
        (THREE, [[(0, 1)], [(2, 2)]], "with itself.*block 2"),
        (THREE, [[(0, 3)]], r"pair \(0, 3\).*0 to 2"),
        (THREE, [[]], "block 1 is empty"),
        (THREE, [], "0 pairs in 0 blocks"),
    ],
)
def test_what_does_not_fit_is_named(services: list[Offered], blocks: list[list[tuple[int, int]]], says: str) -> None:
    with pytest.raises(BadInput, match=says):
        pairdesign.design(services, blocks)


def test_a_design_survives_its_file(tmp_path: Path) -> None:
    hard = Offered("63047", 'says "open", \\ and\ttab', "A woman of 70;\nleg pain, \x7f ünd")
    made = pairdesign.design([Offered("62380"), hard], [[(1, 0)]], "Which is more?", ties=False)
    path = tmp_path / "design.toml"
    path.write_text(pairdesign.to_toml(made), encoding="utf-8")
    assert pairdesign.read(path) == made
    assert made.choices == ("less", "greater")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("question = ", "not TOML"),
        ("", r"no \[\[service\]\]"),
        ('[[service]]\nwords = "x"\n[[block]]\npairs = []', "code = None"),
        ('[[service]]\ncode = "62380"\n', r"no \[\[block\]\]"),
        ('[[service]]\ncode = "62380"\n[[block]]\n', "without pairs"),
        ('[[service]]\ncode = "62380"\n[[block]]\npairs = [["62380"]]', "is no pair"),
        (
            '[[service]]\ncode = "62380"\n[[block]]\npairs = [["62380", "63047"]]',
            "63047 is in a pair and is no service",
        ),
        ('ties = "yes"\n[[service]]\ncode = "62380"\n[[block]]\npairs = []', "ties = 'yes'"),
    ],
)
def test_a_wrong_file_says_what_to_do(text: str, says: str) -> None:
    with pytest.raises(BadFile, match=says):
        pairdesign.from_toml(text, "d.toml")


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="cannot be read"):
        pairdesign.read(tmp_path / "none.toml")
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadFile, match="not UTF-8"):
        pairdesign.read(tmp_path / "binary.toml")
