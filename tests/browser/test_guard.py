"""The guard in a browser: seen while writing, in every width and both themes."""

from typing import Any

import pytest

from tests.browser.conftest import Served, Watched

pytestmark = pytest.mark.chromium

TEXT = (
    "Polisi menangkap pelaku curanmor di Pasar Mekarasih. Motor B 1234 XYZ milik "
    "korban Siti Aminah (32) ditemukan. Keluarga dapat menelepon 081345678901."
)
WHY = "Pemilik motor meminta nomornya disiarkan."


@pytest.mark.parametrize(("width", "theme"), [(360, "light"), (1440, "dark")])
def test_flags_follow_the_typing_and_reach_the_approver(
    chromium: Any, served: Served, width: int, theme: Any
) -> None:
    context = chromium.new_context(
        viewport={"width": width, "height": 800}, color_scheme=theme
    )
    watched = Watched(context, served, "dimas")
    page = watched.page
    watched.open("/tulis")
    reason = page.locator("[name=alasan_jaga]")
    assert not reason.is_visible()
    page.fill("#judul", "Motor ditemukan")
    page.fill("#naskah", TEXT)
    page.wait_for_selector("#temuan [data-held]")
    marks = page.locator("#pratinjau .pv").first.locator("mark").all_inner_texts()
    assert marks == ["pelaku", "B 1234 XYZ", "korban Siti Aminah (32)", "081345678901"]
    assert reason.is_visible()
    watched.whole("tulis")
    page.get_by_role("button", name="Minta persetujuan").click()
    page.wait_for_selector(".banner.wrn[role=alert]")
    assert "Ada isi yang ditahan" in page.locator(".banner.wrn").inner_text()
    page.fill("[name=alasan_jaga]", WHY)
    page.get_by_role("button", name="Minta persetujuan").click()
    page.wait_for_url("**/tulis/*kabar=diminta")
    number = page.url.partition("?")[0].rpartition("/")[2]
    assert page.locator("#temuan [data-held]").count() == 0
    second = Watched(context, served, "ratna")
    second.open(f"/persetujuan/{number}")
    assert WHY in second.page.locator("ul.guard").inner_text()
    second.whole("persetujuan")
    complaints = [one for one in watched.complaints if "400" not in one]
    assert complaints + second.complaints == []  # 400: held once, on purpose
    context.close()


def test_what_is_no_longer_flagged_needs_no_reason(
    chromium: Any, served: Served
) -> None:
    context = chromium.new_context(viewport={"width": 1366, "height": 768})
    watched = Watched(context, served, "dimas")
    page = watched.page
    watched.open("/tulis")
    page.fill("#naskah", "Telepon keluarga: 081345678901")
    page.wait_for_selector("#temuan [data-held]")
    page.fill("#naskah", "Telepon 110.")
    page.wait_for_selector("#temuan [data-held]", state="detached")
    assert not page.locator("[name=alasan_jaga]").is_visible()
    context.close()
