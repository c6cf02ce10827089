"""Signatures in a browser: whole in every width and both themes."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.conftest import Served, Watched

pytestmark = pytest.mark.chromium
FIELDS = {
    "bahaya": "banjir di bantaran Kali Mekar",
    "tempat": "Kelurahan Mekarasih",
    "tanggal": "2026-11-24",
    "pukul": "12:00",
    "langkah": "Pindah ke tempat tinggi",
    "sumber": "BPBD Kota Sukamaju",
}


def browsers(
    chromium: Any, served: Served, width: int, theme: Any
) -> Callable[[str], Watched]:
    """Signs somebody in, in a browser of their own of this width and theme."""

    def sign_in(login: str) -> Watched:
        context = chromium.new_context(
            viewport={"width": width, "height": 800}, color_scheme=theme
        )
        return Watched(context, served, login)

    return sign_in


@pytest.mark.parametrize(("width", "theme"), [(360, "light"), (1440, "dark")])
def test_a_first_signature_leaves_the_second_to_somebody_else(
    chromium: Any, served: Served, width: int, theme: Any
) -> None:
    sign_in = browsers(chromium, served, width, theme)
    admin = sign_in("admin")
    admin.open("/pengguna")
    admin.page.select_option("[name=jumlah]", "2")
    admin.page.locator("#tanda-tangan button").first.click()
    admin.page.wait_for_url("**/pengguna?kabar=tanda-tangan")
    admin.whole("pengguna")
    author = sign_in("dimas")
    author.open("/tulis")
    author.page.fill("#judul", f"Penutupan jalan {width} {theme}")
    author.page.fill("#naskah", f"Jalan Merdeka ditutup Sabtu pagi ({width}, {theme}).")
    author.page.get_by_role("button", name="Minta persetujuan").click()
    author.page.wait_for_url("**/tulis/*kabar=diminta")
    number = author.page.url.partition("?")[0].rpartition("/")[2]
    approver = sign_in("ratna")
    approver.open(f"/persetujuan/{number}")
    approver.page.get_by_role("button", name="Tanda tangani").click()
    approver.page.wait_for_url("**/persetujuan?kabar=ditandatangani")
    approver.open(f"/persetujuan/{number}")
    steps = approver.page.locator(".ap-side ol.chk li").all_inner_texts()
    assert "Langkah 2 belum ditandatangani" in steps[1]
    assert "Anda sudah menandatangani." in approver.page.locator(".ap-act").inner_text()
    approver.whole("persetujuan")
    author.open(f"/tulis/{number}")
    told = author.page.locator(".banner.info").all_inner_texts()
    assert any("Tanda tangan 1 dari 2." in one for one in told)
    assert admin.complaints + author.complaints + approver.complaints == []


@pytest.mark.parametrize(("width", "theme"), [(360, "light"), (1440, "dark")])
def test_the_emergency_lane_is_whole(
    chromium: Any, served: Served, width: int, theme: Any
) -> None:
    sign_in = browsers(chromium, served, width, theme)
    author, first, second = (sign_in(one) for one in ("dimas", "ratna", "sari"))
    author.open("/templat/bencana")
    for name, value in FIELDS.items():
        author.page.fill(f"[name=isi-{name}]", value)
    author.page.locator("#darurat summary").click()
    author.whole("templat")
    author.page.get_by_role("button", name="Minta lewat jalur darurat").click()
    author.page.wait_for_url("**/tulis/*kabar=diminta")
    number = author.page.url.partition("?")[0].rpartition("/")[2]
    first.open(f"/persetujuan/{number}")
    first.whole("darurat")
    first.page.get_by_role("button", name="Setujui dan terbitkan sekarang").click()
    first.page.wait_for_url("**/persetujuan?kabar=disetujui")
    author.open("/")
    author.whole("hari-ini")
    second.open(f"/persetujuan/{number}")
    second.whole("susulan")
    second.page.get_by_role("button", name="Tanda tangani susulan").click()
    second.page.wait_for_url("**/persetujuan?kabar=disusulkan")
    assert author.complaints + first.complaints + second.complaints == []


@pytest.mark.parametrize(("width", "theme"), [(360, "light"), (1440, "dark")])
def test_what_changed_is_marked_and_whole(
    chromium: Any, served: Served, width: int, theme: Any
) -> None:
    sign_in = browsers(chromium, served, width, theme)
    author, approver = sign_in("dimas"), sign_in("ratna")
    author.open("/tulis")
    author.page.fill("#judul", f"Jalan ditutup {width} {theme}")
    author.page.fill("#naskah", f"Jalan Merdeka ditutup Sabtu ({width}, {theme}).")
    author.page.get_by_role("button", name="Minta persetujuan").click()
    author.page.wait_for_url("**/tulis/*kabar=diminta")
    number = author.page.url.partition("?")[0].rpartition("/")[2]
    approver.open(f"/persetujuan/{number}")
    approver.page.fill("[name=alasan]", "Harinya keliru, dan nomor suratnya belum ada.")
    approver.page.get_by_role("button", name="Kembalikan").click()
    approver.page.wait_for_url("**/persetujuan?kabar=dikembalikan")
    author.open(f"/tulis/{number}")
    author.page.fill("#naskah", f"Jalan Merdeka ditutup Minggu ({width}, {theme}).")
    author.page.fill("[name=nomor_surat]", "B/12/XI/2026/Humas")
    author.whole("tulis")
    author.page.get_by_role("button", name="Minta persetujuan").click()
    author.page.wait_for_url("**/tulis/*kabar=diminta")
    approver.open(f"/persetujuan/{number}")
    marks = approver.page.locator(".k-changes .pv").first
    assert "Sabtu" in marks.locator("del").inner_text()
    assert "Minggu" in marks.locator("ins").inner_text()
    assert "Nomor surat" in approver.page.locator(".diff-kv").inner_text()
    approver.whole("berubah")
    assert author.complaints + approver.complaints == []
