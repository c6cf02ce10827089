"""The guard on pages: live while writing, held at the asking, read by the approver."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.states import AnnouncementState
from tests.web_kit import Dashboard, build

FRAGMENT = {"hx-request": "true"}
TEXT = "Bila melihat Rafi, telepon keluarganya 081345678901."
WHY = "Keluarga meminta nomornya disiarkan."


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Dashboard]:
    built = build(tmp_path)
    yield built
    built.store.close()


def form(site: Dashboard, **more: str) -> dict[str, str]:
    account = str(site.seeded.accounts["x"])
    return {
        "judul": "Orang hilang",
        "isi": TEXT,
        "akun": account,
        "versi": "0",
    } | more


def number_in(address: str) -> int:
    found = re.search(r"/(\d+)", address)
    assert found
    return int(found[1])


def state(site: Dashboard, number: int) -> AnnouncementState:
    with site.store.read(site.seeded.office) as work:
        return work.announcements.get(number).state


def test_what_is_flagged_is_marked_while_a_person_types(site: Dashboard) -> None:
    told = site.browser("dimas").post(
        "/tulis/hitung", data=form(site), headers=FRAGMENT
    )
    assert "<b>Nomor ponsel pribadi.</b>" in told.text
    assert told.text.count("<mark>081345678901</mark>") == 1  # among the findings
    assert '<mark title="Nomor ponsel pribadi">081345678901</mark>' in told.text
    assert "data-held" in told.text
    calm = site.browser("dimas").post(
        "/tulis/hitung", data=form(site, isi="Loket buka."), headers=FRAGMENT
    )
    assert "<mark" not in calm.text
    assert "data-held" not in calm.text


def test_a_held_text_is_kept_but_not_asked_for_and_the_reason_is_not_lost(
    site: Dashboard,
) -> None:
    browser = site.browser("dimas")
    answer = browser.post("/tulis", data=form(site, aksi="minta", alasan_jaga="boleh"))
    assert answer.status_code == 400
    assert "10 sampai 500 huruf" in answer.text
    assert "Ditahan" in answer.text
    assert ">boleh</textarea>" in answer.text
    found = re.search(r'name="nomor"[^>]* value="(\d+)"', answer.text)
    assert found
    assert state(site, int(found[1])) is AnnouncementState.DRAFT


def test_with_a_reason_the_approver_reads_what_was_let_through_and_why(
    site: Dashboard,
) -> None:
    sent = site.browser("dimas").post(
        "/tulis", data=form(site, aksi="minta", alasan_jaga=WHY)
    )
    assert sent.status_code == 303, sent.text
    number = number_in(sent.headers["location"])
    assert state(site, number) is AnnouncementState.ASKED
    page = site.browser("ratna").get(f"/persetujuan/{number}").text
    assert f"“{WHY}”" in page
    assert "Dimas" in page
    assert "<mark>081345678901</mark>" in page
    assert "1 hal ditandai penjaga" in page
    assert "data-held" not in page
    again = site.browser("dimas").get(f"/tulis/{number}").text
    assert f"“{WHY}”" in again
    assert "data-held" not in again


def test_a_calm_text_says_so_to_the_approver(site: Dashboard) -> None:
    asked = site.seeded.announcements["minta"]
    page = site.browser("ratna").get(f"/persetujuan/{asked}").text
    assert "Penjaga tidak menandai apa pun" in page


def test_a_text_of_a_stranger_is_shown_as_text(site: Dashboard) -> None:
    told = site.browser("dimas").post(
        "/tulis/hitung",
        data=form(site, isi="<b>x</b> korban bernama <Siti> Siti&lt;i&gt; B 1234 XYZ"),
        headers=FRAGMENT,
    )
    assert "<b>x</b>" not in told.text
    assert "<mark>B 1234 XYZ</mark>" in told.text


def test_an_administrator_lists_the_numbers_that_may_go_out(site: Dashboard) -> None:
    admin = site.browser("admin")
    kept = admin.post("/pengguna/kontak", data={"kontak": "110\r\n0813-4567-8901"})
    assert kept.status_code == 303
    assert "0813-4567-8901</textarea>" in admin.get("/pengguna").text
    told = site.browser("dimas").post(
        "/tulis/hitung", data=form(site), headers=FRAGMENT
    )
    assert "Nomor ponsel pribadi" not in told.text
    refused = admin.post("/pengguna/kontak", data={"kontak": "bukan nomor"})
    assert refused.status_code == 400
    assert "satu nomor telepon atau surel per baris" in refused.text
    officer = site.browser("dimas").post("/pengguna/kontak", data={"kontak": "110"})
    assert officer.status_code == 403
