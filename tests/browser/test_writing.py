"""What is being typed outlives an ended session and an error page, in its own tab."""

from typing import Any

import pytest

from tests.browser.conftest import Served, Watched

pytestmark = pytest.mark.chromium
OFFER = "#pulihkan"


@pytest.mark.long(15)
def test_a_text_outlives_the_session_in_which_it_was_typed(
    chromium: Any, served: Served
) -> None:
    context = chromium.new_context(viewport={"width": 1366, "height": 768})
    watched = Watched(context, served, "dimas")
    page = watched.page
    watched.open("/tulis")
    assert page.locator(OFFER).is_hidden()
    page.fill("#judul", "SIM keliling Kamis")
    page.fill("#naskah", "SIM keliling di Lapangan Harapan Baru.")
    page.locator("[name=akun]").first.uncheck()
    context.clear_cookies()
    page.get_by_role("button", name="Simpan draf").click()
    page.wait_for_url("**/masuk?ke=/tulis")
    page.goto(served.link("dimas"))
    page.get_by_role("button", name="Masuk", exact=True).click()
    page.wait_for_url(f"{served.address}/")
    watched.open("/tulis")
    assert page.locator(OFFER).is_visible()
    watched.whole("pulihkan")
    page.get_by_role("button", name="Pulihkan").click()
    assert page.input_value("#naskah") == "SIM keliling di Lapangan Harapan Baru."
    assert not page.locator("[name=akun]").first.is_checked()
    page.get_by_role("button", name="Simpan draf").click()
    page.wait_for_url("**/tulis/*kabar=tersimpan")
    assert page.locator(OFFER).is_hidden()
    watched.open("/tulis")
    assert page.locator(OFFER).is_hidden()  # it is stored, so nothing is left here
    assert watched.complaints == []
    context.close()


def test_who_signs_out_leaves_nothing_behind(chromium: Any, served: Served) -> None:
    context = chromium.new_context(viewport={"width": 1366, "height": 768})
    watched = Watched(context, served, "dimas")
    page = watched.page
    watched.open("/tulis")
    page.fill("#naskah", "Belum jadi.")
    assert page.evaluate("sessionStorage.length") == 1
    page.locator("details.k-me summary").click()
    page.get_by_role("button", name="Keluar").click()
    page.wait_for_url("**/masuk")
    assert page.evaluate("sessionStorage.length") == 0
    context.close()


def test_tabs_are_walked_with_the_arrow_keys(chromium: Any, served: Served) -> None:
    context = chromium.new_context(viewport={"width": 1366, "height": 768})
    watched = Watched(context, served, "dimas")
    page = watched.page
    watched.open("/tulis")
    page.focus("#tab-semua")
    page.keyboard.press("ArrowRight")
    second = page.evaluate("document.activeElement.id")
    assert second not in ("", "tab-semua")
    assert page.get_attribute(f"#{second}", "aria-selected") == "true"
    page.keyboard.press("ArrowLeft")
    assert page.get_attribute("#tab-semua", "aria-selected") == "true"
    context.close()
