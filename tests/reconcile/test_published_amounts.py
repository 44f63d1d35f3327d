"""Every amount that CMS publishes and whose RVUs are held comes out to the cent, from load to comparison.

Expected counts: ../shared/cms/README.md. OPENRVU_HOME is a folder of the test.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.reconcile.every import EveryRelease

from openrvu import holdings
from openrvu.facts import Facts, embedded
from openrvu.reconciling import reconcile
from openrvu.releases import known
from openrvu.sources import source
from openrvu.tables import recognise
from openrvu.tables.load import load
from openrvu.tables.text import read_text

pytestmark = pytest.mark.needs("cms")


@pytest.fixture(scope="module")
def loaded(cms: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Facts]:
    """Facts with RVU25A, RVU25C and GPCI2025 loaded through the store that OPENRVU_HOME names."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENRVU_HOME", str(tmp_path_factory.mktemp("store")))
        files = [cms / "pprrvu/2025/PPRRVU25_JAN.csv", cms / "pprrvu/2025/PPRRVU2025_Jul.csv"]
        found = load(files)
        assert [(item.release, item.rows) for item in found] == [("2025A", 18_865), ("2025C", 19_029)]
        load(cms / "gpci/2025/GPCI2025.csv", release="2025A")
        yield holdings.current()


def test_third_revision_of_2025(cms: Path, loaded: Facts) -> None:
    done = reconcile(cms / "payment/2025/PFREV25C.txt", loaded)
    assert (done.release, done.records, done.compared, done.matched) == ("2025C", 109, 218, 218)
    assert not done.differences and not done.not_comparable and not done.notes


def test_alabama_of_2025_with_its_opps_caps(cms: Path, loaded: Facts) -> None:
    done = reconcile(cms / "payment/2025/PFAL25A_extract.csv", loaded)
    assert (done.release, done.records, done.compared, done.matched) == ("2025A", 160, 320, 320)
    assert (done.caps_compared, done.caps_matched) == (26, 26)
    assert not done.differences and not done.not_comparable


def test_revision_of_april_2026_as_far_as_its_rvus_are_held(cms: Path) -> None:
    done = reconcile(cms / "payment/2026/PFREV26B_nonQP.txt", embedded())
    assert (done.track, done.compared, done.matched) == ("nonQP", 654, 654)  # 21610, 22319 and 22554
    assert done.not_comparable == {"no-rvu": 4_033 - 327} and not done.differences


def test_a_wrong_figure_is_found(cms: Path, loaded: Facts, tmp_path: Path) -> None:
    text = (cms / "payment/2025/PFREV25C.txt").read_text()
    path = tmp_path / "PFREV25C.txt"
    path.write_text(text.replace('"0001339.81","0001339.81"', '"0001339.82","0001339.81"', 1))
    done = reconcile(path, loaded)
    assert (done.compared, done.matched) == (218, 217)
    (wrong,) = done.differences
    assert (wrong.code, wrong.amount, wrong.published_cents, wrong.computed_cents) == (
        "76145",
        "nonfacility",
        133_982,
        133_981,
    )


def test_loaded_and_embedded_rows_of_a_release_agree(loaded: Facts) -> None:
    table = loaded.table("2025C")
    assert (table.origin, table.whole, len(table.codes())) == ("loaded", True, 16_791)
    compared = 0
    for code in embedded().table("2025C").codes():
        ours = embedded().records(code, "2025C")
        assert [replace(row, source="") for row in table.records(code)] == [replace(row, source="") for row in ours]
        compared += len(ours)
    assert compared == 294


def test_loaded_gpcis_are_those_embedded(loaded: Facts) -> None:
    places = loaded.localities("2025A")
    assert {key: replace(place, source="") for key, place in places.items()} == {
        key: replace(place, source="") for key, place in embedded().localities("2025A").items()
    }
    assert all(place.source.startswith("loaded/2025A/GPCI2025.csv/") for place in places.values())


def test_a_zip_as_cms_ships_it_gives_its_relative_values_and_gpcis(cms: Path, tmp_path: Path) -> None:
    path = tmp_path / "RVU25D.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("pprrvu/2025/PPRRVU2025_Oct.csv", "gpci/2025/GPCI2025.csv", "gpci/2025/GPCI2025.txt"):
            archive.write(cms / name, Path(name).name)
        for name in ("locco/2025/25LOCCO.csv", "anes/2025/ANES2025.csv", "oppscap/2025/OPPSCAP_Oct.csv"):
            archive.write(cms / name, Path(name).name)
        archive.write(cms / "layouts/2025/RVU25D.pdf", "RVU25D.pdf")
    found = load(path, home=tmp_path / "store")
    assert [(item.kind[:8], item.release, item.rows) for item in found[:2]] == [
        ("relative", "2025D", 19_090),
        ("geograph", "2025D", 109),
    ]
    assert found[1].notes == ("passed over, the same table in another form: GPCI2025.txt",)


def test_every_relative_value_file_is_recognised_as_its_release(every_release: EveryRelease) -> None:
    by_hash = {source(release.source).sha256: release.id for release in known() if release.coverage == "whole"}
    for path, found in every_release.files.items():
        assert found.kind == "relative values (PPRRVU)" and found.release == by_hash.get(found.sha256, found.release), (
            path.name
        )
    assert {found.release for found in every_release.files.values()} == set(by_hash.values())


def test_other_files_are_recognised_by_content(cms: Path) -> None:
    for kind, pattern in (("gpci", "gpci/*/*.csv"), ("locco", "locco/*/*.csv"), ("payment", "payment/*/*")):
        paths = sorted(cms.glob(pattern))
        assert paths and {recognise.kind(read_text(path)) for path in paths} == {kind}
