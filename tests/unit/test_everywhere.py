"""A code at every locality: amounts by hand, ranks, page = command line = Python, and a map that has room for all."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator

import pytest
from click.testing import CliRunner
from starlette.testclient import TestClient

import openrvu
from openrvu import answers
from openrvu.cards.everywhere import everywhere
from openrvu.cli import main
from openrvu.dossier import charts, tiles
from openrvu.facts import embedded
from openrvu.web.app import create_app
from openrvu.web.asked import Asked
from openrvu.web.placepage import elsewhere

ASKED = [Asked(on="2025-07-01", place="Ohio", setting="nonfacility"), Asked(on="2026-07-01", qp=True), Asked()]


@pytest.fixture(name="client", scope="module")
def web_client() -> Iterator[TestClient]:
    with TestClient(create_app(embedded()), base_url="http://localhost", raise_server_exceptions=False) as client:
        yield client


def printed(*arguments: str) -> str:
    done = CliRunner().invoke(main, list(arguments))
    assert done.exit_code == 0, done.output
    return done.stdout


def test_amounts_are_those_of_hand_arithmetic_and_ranks_follow_them() -> None:
    found = everywhere("63047", on="2025-07-01", place="Ohio")
    # Ohio: (15.37 x 1.000 + 13.61 x 0.911 + 4.87 x 1.033) x 32.3465 = 1060.9525; nationally 33.85 x 32.3465 = 1094.929.
    here = found.spot("15202-00")
    assert here is not None and found.asked == "15202-00"
    assert (here.amount_cents, found.national_cents) == (106095, 109493)
    assert here.percent == "96.90"  # 106095 / 109493
    paid = [row.amount_cents or 0 for row in found.rows]
    assert paid == sorted(paid, reverse=True) and len({row.locality for row in found.rows}) == len(paid) == 109
    assert [row.rank for row in found.rows] == [1 + sum(other > one for other in paid) for one in paid]


def test_a_code_without_an_amount_says_why_and_keeps_every_locality() -> None:
    found = everywhere("62380", on="2026-07-01")
    assert found.national_cents is None and found.status == "contractor-priced"
    assert {row.amount_cents for row in found.rows} == {None} and {row.rank for row in found.rows} == {None}
    assert len(found.rows) == len(embedded().localities("2026C"))


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize("code", ["63047", "62380"])
def test_the_page_the_command_line_and_python_say_the_same(client: TestClient, code: str, asked: Asked) -> None:
    python, command = elsewhere(code, asked)
    given = client.get(asked.url(f"/places/{code}.json")).text
    assert printed(*shlex.split(command)[1:]) == given
    space: dict[str, object] = {}
    exec(python, space)
    shown = json.loads(given)
    shown.pop("foot")
    assert answers.encode(space["found"]) == shown
    assert client.get(asked.url(f"/places/{code}/all.csv")).text == printed(*shlex.split(command)[1:-1], "--csv")


def test_the_page_says_range_place_and_what_leads(client: TestClient) -> None:
    text = client.get("/places/63047?on=2025-07-01&place=Ohio").text
    assert "In Ohio (OH) it is $1,060.95, 96.90 % of the national amount" in text
    assert "NCD 150.13" in everywhere("62330", on="2026-07-01").leads[0]
    bare = client.get("/places/62380?on=2026-07-01").text
    assert "62380 has no schedule amount" in bare and "<svg" not in bare
    assert client.get("/places/62380/map.svg").status_code == 422
    sent = client.get("/places/pay?code=63030&place=Ohio", follow_redirects=False)
    assert (sent.status_code, sent.headers["location"]) == (303, "/places/63030?place=Ohio")


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        ("/places/99999", 404, "in none of the"),
        ("/places/6304", 422, "not a CPT or HCPCS code"),
        ("/places/pay?code=//evil.example", 422, "not a CPT or HCPCS code"),
        ("/places/63047?place=Texas", 422, "/places/63047?place=04412-11"),
        ("/places/63047/nothing.csv", 422, "Tables: states, all"),
    ],
)
def test_what_cannot_be_shown_is_said(client: TestClient, path: str, status: int, says: str) -> None:
    found = client.get(path)
    assert found.status_code == status and says in found.text


def test_every_state_of_every_release_has_a_tile_of_its_own() -> None:
    facts = embedded()
    states = {place.state for release in facts.releases for place in facts.localities(release.id).values()}
    assert states <= tiles.PLACES.keys()
    assert len(set(tiles.PLACES.values())) == len(tiles.PLACES)
    assert all(len(line.split()) == tiles.COLUMNS for line in tiles.GRID)


def test_a_tile_has_one_cell_a_locality_and_none_leaves_it() -> None:
    found = [tiles.Tile("CA", 100.0 + at) for at in range(29)]
    (column, row), cells = tiles.PLACES["CA"], tiles._cells(found, 0.34)
    assert len(cells) == 29
    assert all(column < c["x"] < c["x2"] < column + 1 and row < c["y"] < c["y2"] < row + 1 for c in cells)
    area = sum((c["x2"] - c["x"]) * (c["y2"] - c["y"]) for c in cells)
    assert area == pytest.approx(0.92 * 0.60)  # together they fill the tile below its name


def test_a_picture_has_the_words_of_its_drawing() -> None:
    """Without quotes the font's name is no name in CSS, and the picture had no text at all."""
    named, bare = (charts.png(charts.dots([1.0, 2.0], [(name, 1.5)], "US dollars", 340)) for name in ("Ohio", ""))
    assert named != bare
    assert f'font-family="{charts.FAMILY}"' in charts.svg(charts.dots([1.0, 2.0], [], "US dollars", 340))


def test_the_verb_is_public() -> None:
    assert openrvu.everywhere is everywhere
