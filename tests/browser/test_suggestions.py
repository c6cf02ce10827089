"""The public page for suggestions as citizens meet it: a phone, no script, a keyboard."""

from datetime import timedelta
from typing import Any

import pytest

from pipeline import suggestions
from tests.browser.conftest import THEMES, WIDTHS, WRONG, Served, Watched, paint

pytestmark = pytest.mark.chromium
SAID = "Antrean loket SIM dua jam. Mohon tambah satu loket di pagi hari."


@pytest.fixture
def box(served: Served, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of an open box; a person needs no time to write here."""
    monkeypatch.setattr(suggestions, "SOONEST", timedelta(0))
    dashboard = served.dashboard
    admin = dashboard.browser("admin")
    told = {"nama": "Loket SIM, SKCK, dan pelayanan terpadu", "layanan": "sim"}
    assert admin.post("/kotak-saran", data=told).status_code == 303
    with dashboard.store.read(dashboard.seeded.office) as work:
        code = work.suggestion_boxes.listed()[0].box.code
    return f"{served.address}/usul/{code}"


def test_without_a_script_and_by_keyboard_alone(chromium: Any, box: str) -> None:
    context = chromium.new_context(
        java_script_enabled=False, viewport={"width": 360, "height": 740}
    )
    page = context.new_page()
    page.goto(box)
    for key in ("Tab",) * 8:  # past the skip link and the languages
        page.keyboard.press(key)
        if page.locator("textarea:focus").count():
            break
    page.keyboard.type(SAID)
    page.keyboard.press("Tab")
    page.keyboard.type("budi@surel.example")
    page.keyboard.press("Tab")  # the trap is never reached
    assert page.locator("input[name=setuju]:focus").count() == 1
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("output")
    number = page.locator("output").inner_text()
    page.keyboard.press("Tab")
    page.goto(f"{box.rpartition('/')[0]}/cek")
    page.get_by_label("Nomor tanda terima").fill(number)
    page.keyboard.press("Enter")
    page.get_by_text("menunggu dibaca petugas").wait_for()
    context.close()


@pytest.mark.long(6)
def test_every_public_page_fits_and_is_named(
    chromium: Any, served: Served, box: str
) -> None:
    context = chromium.new_context(viewport={"width": 360, "height": 740})
    page = context.new_page()
    complaints: list[str] = []
    page.on(
        "console",
        lambda one: complaints.append(one.text) if one.type == "error" else None,
    )

    def look(name: str) -> None:
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 740})
            for theme in THEMES:
                page.evaluate(f"document.documentElement.dataset.bsTheme = '{theme}'")
                assert page.evaluate(WRONG) == [], (name, width, theme)
                paint(page, f"{name}-{width}-{theme}")
        assert page.locator("h1").count() == 1

    page.goto(box)
    look("usul")
    page.get_by_label("Yang ingin Anda sampaikan").fill(SAID)
    page.get_by_label("Saya setuju").check()
    page.get_by_role("button", name="Kirim").click()
    page.wait_for_selector("output")
    look("usul-terima")
    page.get_by_role("button", name="Lihat keadaannya").click()
    page.get_by_text("menunggu dibaca petugas").wait_for()
    look("usul-cek")
    page.goto(f"{box}?bahasa=en")
    page.get_by_role("button", name="Send").wait_for()
    look("usul-en")
    assert complaints == []
    context.close()


def test_the_tree_for_a_screen_reader_names_every_field(
    chromium: Any, box: str
) -> None:
    context = chromium.new_context()
    page = context.new_page()
    page.goto(box)
    told = page.locator("main").aria_snapshot()
    for role, name in (
        ("textbox", "Yang ingin Anda sampaikan"),
        ("textbox", "Kontak"),
        ("checkbox", "Saya setuju"),
        ("button", "Kirim"),
    ):
        assert f'{role} "{name}' in told, told
    assert "Biarkan kosong" not in told
    context.close()


@pytest.mark.long(20)
def test_the_poster_and_the_answer_on_the_desk(
    chromium: Any, served: Served, box: str
) -> None:
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    citizen = context.new_page()
    citizen.goto(box)
    citizen.get_by_label("Yang ingin Anda sampaikan").fill(SAID)
    citizen.get_by_label("Kontak").fill("budi@surel.example")
    citizen.get_by_label("Saya setuju").check()
    citizen.get_by_role("button", name="Kirim").click()
    citizen.wait_for_selector("output")
    desk = Watched(context, served, "dimas")
    desk.open("/suara?tampil=semua&sumber=form")
    desk.page.get_by_role("button", name="Baca kontak warga").click()
    desk.page.get_by_text("budi@surel.example").wait_for()
    desk.whole("suara-kotak")
    desk.page.get_by_label("Jawaban untuk warga").fill("Loket kedua buka mulai Senin.")
    desk.page.get_by_role("button", name="Simpan jawaban").click()
    desk.page.get_by_text("Warga membacanya dengan nomornya").wait_for()
    desk.open("/kotak-saran")
    desk.whole("kotak-saran-isi")
    desk.page.get_by_role("link", name="Cetak poster").click()
    desk.page.wait_for_selector("img.po-qr")
    drawn = "() => document.querySelector('img.po-qr').naturalWidth > 100"
    desk.page.wait_for_function(drawn)
    desk.whole("poster")
    assert desk.complaints == []
    context.close()
