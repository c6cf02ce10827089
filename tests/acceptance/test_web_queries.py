"""*Pantauan* and the search of *Suara warga*: kept, tried, refused in words."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from models.item import Item
from models.labels import Severity
from models.states import Role
from pipeline import saved_queries
from tests.conftest import add_office, add_person
from tests.web_kit import AT, Dashboard, build

WRONG = '(calo OR "pungli'


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Dashboard]:
    built = build(tmp_path)
    yield built
    built.store.close()


def kept(site: Dashboard) -> list[tuple[str, str]]:
    with site.store.read(site.seeded.office) as work:
        return [(one.name, one.words) for one in work.saved_queries.listed()]


def save(site: Dashboard, login: str, name: str, words: str, where: str = "") -> int:
    told = {"nama": name, "kata": words}
    return site.browser(login).post(f"/pantauan{where}", data=told).status_code


def test_a_query_is_kept_changed_and_removed_with_its_trace(site: Dashboard) -> None:
    assert save(site, "dimas", "  Antrean   SIM ", "antre* sim") == 303
    assert kept(site) == [("Antrean SIM", "antre* sim")]
    with site.store.read(site.seeded.office) as work:
        number = work.saved_queries.listed()[0].id
    assert "antre* sim" in site.browser("dimas").get(f"/pantauan/{number}").text
    assert save(site, "dimas", "Antrean", "antre*", f"/{number}") == 303
    assert kept(site) == [("Antrean", "antre*")]
    assert site.browser("ratna").post(f"/pantauan/{number}/hapus").status_code == 303
    assert kept(site) == []
    acts = site.browser("ratna").get("/catatan").text
    for act in ("Menyimpan pantauan", "Mengubah pantauan", "Menghapus pantauan"):
        assert act in acts


@pytest.mark.parametrize(
    ("name", "words", "said"),
    [
        ("Calo", WRONG, "petik"),
        ("", "calo", "Beri nama"),
        ("antrean", "calo", "sudah dipakai"),
        ("x" * 81, "calo", "80 huruf"),
    ],
)
def test_what_cannot_be_kept_stays_in_the_form_with_the_reason(
    site: Dashboard, name: str, words: str, said: str
) -> None:
    assert save(site, "dimas", "Antrean", "antre*") == 303
    told = {"nama": name, "kata": words}
    answer = site.browser("dimas").post("/pantauan", data=told)
    assert answer.status_code == 400
    assert said in answer.text
    assert "calo" in answer.text
    assert kept(site) == [("Antrean", "antre*")]


def test_who_may_not_triage_reads_and_changes_nothing(site: Dashboard) -> None:
    assert save(site, "admin", "Calo", "calo") == 403
    assert save(site, "dimas", "Calo", "calo") == 303
    with site.store.read(site.seeded.office) as work:
        number = work.saved_queries.listed()[0].id
    assert save(site, "admin", "Calo", "lain", f"/{number}") == 403
    assert site.browser("admin").post(f"/pantauan/{number}/hapus").status_code == 403
    assert "Calo" in site.browser("admin").get("/pantauan").text
    assert kept(site) == [("Calo", "calo")]


def test_a_query_of_another_office_does_not_exist(site: Dashboard) -> None:
    other = add_office(site.store, "sukatani", "Polres Sukatani")
    by = add_person(site.store, other, Role.OFFICER, "lain")
    with site.store.write(other) as work:
        number = saved_queries.save(work, by, "Rahasia", "rahasia", AT)
    for path in (f"/pantauan/{number}", f"/pantauan/{number}/terbaru"):
        assert site.browser("dimas").get(path).status_code == 404
    assert save(site, "dimas", "x", "x", f"/{number}") == 404
    assert site.browser("dimas").post(f"/pantauan/{number}/hapus").status_code == 404
    assert "Rahasia" not in site.browser("dimas").get("/pantauan").text


def test_a_query_is_tried_while_it_is_typed(site: Dashboard) -> None:
    browser = site.browser("dimas")
    found = browser.get("/pantauan/coba", params={"kata": "antre*"}).text
    assert "<mark>" in found
    assert "Lihat semuanya" in found
    assert "petik" in browser.get("/pantauan/coba", params={"kata": WRONG}).text
    assert "Belum ada yang cocok" in browser.get("/pantauan/coba?kata=zzzzzz").text
    assert "begitu Anda mengetik" in browser.get("/pantauan/coba?kata=").text


def test_the_words_of_the_restricted_are_found_by_nobody_else(site: Dashboard) -> None:
    with site.store.read(site.seeded.office) as work:
        secret = work.session.get_one(Item, site.seeded.items[5])
    with site.store.write(site.seeded.office) as work:
        row = work.session.get_one(Item, secret.id)
        row.text, row.severity = "calo kucingbelang di loket", Severity.S1
    shown = {
        login: site.browser(login).get("/pantauan/coba?kata=kucingbelang").text
        for login in ("dimas", "ratna", "admin")
    }
    assert "Belum ada yang cocok" in shown["dimas"]
    assert "Belum ada yang cocok" in shown["admin"]
    assert "<mark>kucingbelang</mark>" in shown["ratna"]


def test_a_search_shows_its_words_or_says_what_is_wrong(site: Dashboard) -> None:
    browser = site.browser("dimas")
    found = browser.get("/suara", params={"cari": "antre*"}).text
    assert "<mark>" in found
    wrong = browser.get("/suara", params={"cari": WRONG})
    assert wrong.status_code == 200
    assert "belum dapat dibaca" in wrong.text
    assert "petik" in wrong.text
    nothing = browser.get("/suara", params={"cari": "antr"}).text
    assert "cari=antr%2A" in nothing  # what begins so is one click away
