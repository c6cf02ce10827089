"""Kinds, windows and quiet hours on the pages: chosen, told before, reported after."""

from collections.abc import Iterator
from datetime import time, timedelta
from pathlib import Path

import pytest

from models.delivery import Delivery
from models.problems import Problem
from models.quiet import QuietHours
from models.states import DeliveryState
from tests.web_kit import AT, Dashboard, build

NOON = QuietHours(time(12), time(13))  # it is 12.12


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Dashboard]:
    built = build(tmp_path)
    yield built
    built.store.close()


def form(site: Dashboard, **more: str) -> dict[str, object]:
    return {
        "judul": "SIM keliling Selasa",
        "isi": "SIM keliling hari ini di Pasar Mekarasih, 13.30–15.00 WIB.",
        "akun": [str(site.seeded.accounts["x"])],
        "kategori": "sim_keliling",
        "versi": "0",
        **more,
    }


def quiet(site: Dashboard, login: str = "admin", start: str = "12:00") -> int:
    told = {"mulai": start, "selesai": "13:00"}
    return site.browser(login).post("/henti/tenang", data=told).status_code


def test_the_kind_is_chosen_kept_and_its_end_is_told(site: Dashboard) -> None:
    browser = site.browser("dimas")
    counted = browser.post("/tulis/hitung", data=form(site)).text
    assert "Tidak terbit lagi setelah Rab, 25 Nov 00.00." in counted
    address = browser.post("/tulis", data=form(site)).headers["location"]
    page = browser.get(address).text
    assert '<option value="sim_keliling" selected>SIM keliling</option>' in page


def test_a_kind_that_nobody_offers_is_refused(site: Dashboard) -> None:
    answer = site.browser("dimas").post("/tulis", data=form(site, kategori="lalin"))
    assert answer.status_code == 400
    assert "Jenis pengumuman tidak dikenal." in answer.text


def test_an_approver_sees_kind_and_end(site: Dashboard) -> None:
    site.browser("dimas").post("/tulis", data=form(site, aksi="minta"))
    page = site.browser("ratna").get("/persetujuan").text
    assert "SIM keliling Selasa" in page
    number = max(site.seeded.announcements.values()) + 1
    page = site.browser("ratna").get(f"/persetujuan/{number}").text
    assert "Rab, 25 Nov 00.00 WIB" in page


def test_an_admin_sets_the_quiet_hours_and_authors_are_told(site: Dashboard) -> None:
    assert quiet(site) == 303
    shown = site.browser("dimas").get("/henti").text
    assert "12:00–13:00" in shown
    counted = site.browser("dimas").post("/tulis/hitung", data=form(site)).text
    assert "Ditahan sampai 13.00, lalu terbit sendiri." in counted
    urgent = form(site, kategori="darurat")
    assert (
        "Jam tenang"
        not in site.browser("dimas").post("/tulis/hitung", data=urgent).text
    )


@pytest.mark.parametrize(("login", "start", "status"), [
    ("dimas", "12:00", 403), ("ratna", "12:00", 403), ("admin", "13:00", 400),
    ("admin", "", 400), ("admin", "jam 8", 400),
])  # fmt: skip
def test_quiet_hours_are_set_by_an_admin_and_only_to_times(
    site: Dashboard, login: str, start: str, status: int
) -> None:
    assert quiet(site, login, start) == status
    with site.store.read(site.seeded.office) as work:
        assert work.offices.by_id(site.seeded.office.office_id).quiet is None


def test_today_says_what_was_missed_and_what_is_late(site: Dashboard) -> None:
    before = site.browser("dimas").get("/").text
    assert "kedaluwarsa sejak kemarin" not in before
    assert "menunggu Anda" not in before
    with site.store.write(site.seeded.office) as work:
        missed, late = (
            work.session.get_one(Delivery, site.seeded.deliveries[name])
            for name in list(site.seeded.deliveries)[:2]
        )
        missed.state, missed.updated_at = DeliveryState.MISSED, AT - timedelta(hours=20)
        late.state, late.problem = DeliveryState.HELD, Problem.OVERDUE
    page = site.browser("dimas").get("/").text
    assert "1 kiriman kedaluwarsa sejak kemarin." in page
    assert "1 kiriman terlambat dan menunggu Anda." in page
    held = site.browser("dimas").get("/kiriman?tampil=ditahan").text
    assert "Terlambat dari waktunya." in held or "Ditahan" in held


def test_a_repeated_text_is_told_while_writing_and_needs_a_reason(
    site: Dashboard,
) -> None:
    dimas = site.browser("dimas")
    assert dimas.post("/tulis", data=form(site, aksi="minta")).is_redirect
    counted = dimas.post("/tulis/hitung", data=form(site)).text
    assert "SIM keliling Selasa" in counted
    assert "Sama" in counted
    assert "Berdekatan" in counted
    refused = dimas.post("/tulis", data=form(site, aksi="minta"))
    assert refused.status_code == 400
    assert "tulis alasan mengulang" in refused.text
    assert '<details class="k-more bt" open>' in refused.text
    again = form(site, aksi="minta", alasan_ulang="Pengingat siang <b>.")
    asked = dimas.post("/tulis", data=again)
    assert asked.is_redirect
    number = asked.headers["location"].split("/")[2].split("?")[0]
    page = site.browser("ratna").get(f"/persetujuan/{number}").text
    assert "Alasan mengulang: <bdi>Pengingat siang &lt;b&gt;.</bdi>" in page
    assert "Sama dengan" in page


def test_the_announcement_itself_is_no_repetition_while_it_is_edited(
    site: Dashboard,
) -> None:
    dimas = site.browser("dimas")
    address = dimas.post("/tulis", data=form(site, aksi="minta")).headers["location"]
    number = address.split("/")[2].split("?")[0]
    counted = dimas.post("/tulis/hitung", data=form(site, nomor=number)).text
    assert "Berdekatan" not in counted
