"""Drafts for a person to finish: figures with sources, what speaks against, blanks listed, nothing of competitors."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from openrvu.cli import main
from openrvu.dossier.drafts import Draft, markdown, word, written
from openrvu.dossier.letter import COMPETITION, TITLES, letter
from openrvu.errors import BadInput
from openrvu.facts import embedded

ON = "2026-07-01"


@pytest.fixture(name="volumes")
def own_volumes(tmp_path: Path) -> Path:
    path = tmp_path / "volumes.csv"
    path.write_text("code,units,payer\n62330,40,acme\n63047,100,\n", encoding="utf-8")
    return path


def made(kind: str, volumes: Path, code: str = "62380") -> Draft:
    given = {"volumes": volumes, "multipliers": {"acme": "120"}} if kind == "payer" else {}
    code = "62330" if kind == "payer" else code
    return letter(code, kind, on=ON, facts=embedded(), **given)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", list(TITLES))
def test_every_draft_lists_its_blanks_and_numbers_its_sources(kind: str, volumes: Path) -> None:
    draft = made(kind, volumes)
    text = markdown(draft)
    assert text.startswith(f"# {TITLES[kind]}: {draft.code}")
    assert draft.blanks and all(f"- [ ] {blank}" in text for blank in draft.blanks)
    cited = {int(n) for group in re.findall(r"\(([\d–, ]+)\)", text) for n in re.findall(r"\d+", group) if int(n) < 200}
    assert {one.number for one in draft.citations} == set(range(1, len(draft.citations) + 1)) and cited
    assert "A person must check every figure" in text and "run " in text and draft.foot["release"] == "2026C"
    assert markdown(made(kind, volumes)) == text


@pytest.mark.parametrize("kind", ["comment", "nomination"])
def test_a_letter_to_cms_has_intervals_warnings_and_what_speaks_against(kind: str, volumes: Path) -> None:
    text = markdown(made(kind, volumes))
    # docs/differences.md: line 25.589, prediction interval 5.850 to 45.329; 200.71 / 11 = 18.246364.
    for shown in ("18.2464", "25.589", "5.850 to 45.329", "equals-comparator-mean", "are not averaged"):
        assert shown in text
    against = text[text.index("## What speaks against") :]
    assert "argues for deleting 62380" in against.lower() and "Financial interests of everybody" in against
    assert "For pricing rationale only, not reportable instead." in text


def test_a_packet_has_the_checklist_like_services_and_room_for_time(volumes: Path) -> None:
    text = markdown(made("packet", volumes))
    assert "contractor-priced" in text and "minutes from incision to closure" in text
    assert "☐ That the nerve was in continuous view through the endoscope." in text
    assert "63047" in text[text.index("## Services of like work") :] and "1,065.49" in text  # 31.90 x 33.4009


def test_a_payer_is_written_to_on_own_claims_alone(volumes: Path) -> None:
    with pytest.raises(BadInput, match="one practice's own claims"):
        letter("62330", "payer", on=ON, facts=embedded())
    text = markdown(made("payer", volumes))
    assert COMPETITION in text and text.index("Competition law") < text.index("## What is asked")
    assert "NCD 150.13" in text and "23,006.40" in text  # 479.30 x 120 % = 575.16, x 40
    with pytest.raises(BadInput, match="hold no 22867"):
        letter("22867", "payer", on=ON, volumes=volumes, multipliers={"acme": "120"}, facts=embedded())


def test_a_code_of_which_little_is_held_says_so(volumes: Path) -> None:
    text = markdown(made("nomination", volumes, "99213"))
    assert "Nothing against is recorded here; that does not say that there is nothing." in text
    assert "No clinical evidence on 99213 is held here." in text


def test_a_word_file_has_headings_lists_tables_and_the_same_words(volumes: Path) -> None:
    from docx import Document

    draft = made("comment", volumes)
    found = Document(io.BytesIO(word(draft)))
    heads = [one.text for one in found.paragraphs if one.style is not None and one.style.name == "Heading 1"]
    assert heads == [*(section.title for section in draft.sections), "Sources"]
    assert len(found.tables) == 3 and found.tables[1].rows[0].cells[0].text == "Route"
    assert "run " in found.sections[0].footer.paragraphs[0].text
    assert any(one.style is not None and one.style.name == "List Bullet" for one in found.paragraphs)


def test_the_command_writes_whole_or_nothing(tmp_path: Path) -> None:
    path = tmp_path / "letter.docx"
    done = CliRunner().invoke(main, ["letter", "62380", "--on", ON, "-o", str(path)])
    assert done.exit_code == 0 and "left to fill in" in done.stdout and path.read_bytes()[:2] == b"PK"
    for arguments in (
        ["62380", "--kind", "song"],
        ["62380", "-o", str(tmp_path / "letter.odt")],
        ["99999"],
        ["62380", "--kind", "payer"],
        ["62330", "--kind", "payer", "--volumes", str(tmp_path / "nothing.csv")],
    ):
        failed = CliRunner().invoke(main, ["letter", *arguments])
        assert failed.exit_code == 1 and "Traceback" not in failed.output, arguments
    assert sorted(one.name for one in tmp_path.iterdir()) == ["letter.docx"]
    with pytest.raises(BadInput):
        written(letter("62380", "checklist", on=ON, facts=embedded()), ".odt")


def test_the_page_offers_each_draft_but_the_payers_as_the_command_writes_it(tmp_path: Path) -> None:
    from starlette.testclient import TestClient

    from openrvu.web.app import create_app

    with TestClient(create_app(embedded()), base_url="http://localhost", raise_server_exceptions=False) as client:
        text = client.get(f"/letters/62380?on={ON}").text
        links = [one for one in re.findall(r'href="(/letters/62380/[^"]+)"', text) if ".md" in one]
        assert len(links) == len(TITLES) - 1 and COMPETITION[:40] in text.replace("&#39;", "'")
        path = tmp_path / "packet.md"
        CliRunner().invoke(main, ["letter", "62380", "--kind", "packet", "--on", ON, "-o", str(path)])
        assert client.get(f"/letters/62380/packet.md?on={ON}").text == path.read_text(encoding="utf-8")
        assert client.get("/letters/62380/packet.docx").content[:2] == b"PK"
        for wrong, status in (
            ("/letters/99999", 404),
            ("/letters/62380/song.md", 422),
            ("/letters/62380/payer.md", 422),
        ):
            assert client.get(wrong).status_code == status
