"""Every page at three widths in both themes: nothing sticks out, nothing complains."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import Served, Watched

pytestmark = pytest.mark.chromium


def pages(served: Served) -> dict[str, str]:
    seeded = served.dashboard.seeded
    return {
        "hari-ini": "/",
        "suara": "/suara",
        "suara-rinci": f"/suara/{seeded.items[0]}",
        "suara-cari": "/suara?cari=sim OR antre*",
        "pantauan": "/pantauan?cari=antre* OR loket",
        "kalender": "/kalender",
        "kalender-bulan": "/kalender?tampil=bulan",
        "kalender-daftar": "/kalender?tampil=daftar",
        "tulis": "/tulis",
        "tulis-draf": f"/tulis/{seeded.announcements['draf']}",
        "persetujuan": "/persetujuan",
        "kiriman": "/kiriman",
        "kiriman-ragu": f"/kiriman/{seeded.deliveries['ragu']}",
        "saran": "/saran",
        "saran-rinci": f"/saran/{seeded.idea}",
        "sumber": "/sumber",
        "suasana": "/suasana?hari=30",
        "laporan": "/laporan",
        "akun": "/akun",
        "catatan": "/catatan",
        "templat-semua": "/templat",
        "rutin": "/rutin",
        "henti": "/henti",
        "kotak-saran": "/kotak-saran",
    }


@pytest.mark.long(15)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_page_fits_and_nothing_complains(
    chromium: Any, served: Served, theme: Any
) -> None:
    width = {"light": 360, "dark": 1440}[theme]
    context = chromium.new_context(
        viewport={"width": width, "height": 800}, color_scheme=theme
    )
    watched = Watched(context, served, "ratna")
    for name, path in pages(served).items():
        watched.open(path)
        shade = watched.page.locator("html").get_attribute("data-bs-theme")
        assert shade == theme
        assert watched.page.locator("h1").count() == 1, name
        watched.whole(name)
    assert watched.complaints == []
    context.close()
    context = chromium.new_context(
        viewport={"width": width, "height": 800}, color_scheme=theme
    )
    admin = Watched(context, served, "admin")
    for name, path in {"akun-admin": "/akun", "kunci": "/kunci"}.items():
        admin.open(path)
        admin.whole(name)
    assert admin.complaints == []
    context.close()


@pytest.mark.parametrize("width", [360, 1000, 1366])
def test_a_long_emergency_keeps_its_buttons_in_view(
    chromium: Any, served: Served, width: int
) -> None:
    from models.item import Item

    with served.dashboard.store.write(served.dashboard.seeded.office) as work:
        one = work.session.get_one(Item, served.dashboard.seeded.items[8])
        one.text = "@humas_sukamaju " + "tawuran dekat stasiun Sukamaju Utara " * 9
    context = chromium.new_context(viewport={"width": width, "height": 768})
    page = Watched(context, served, "ratna").page
    strip = page.locator(".banner.s0").bounding_box()
    last = page.locator(".banner.s0 .acts").get_by_role("link", name="Buka")
    button = last.bounding_box()
    assert strip
    assert button
    assert button["x"] + button["width"] <= strip["x"] + strip["width"] - 8
    assert "“tawuran" in page.locator(".banner.s0 .q").inner_text()
    context.close()


def test_a_policy_that_would_be_broken_is_enforced(
    chromium: Any, served: Served
) -> None:
    context = chromium.new_context()
    watched = Watched(context, served, "ratna")
    ran = watched.page.evaluate(
        """() => { const s = document.createElement('script');
        s.textContent = 'window.ran = true'; document.body.append(s);
        return window.ran === true; }"""
    )
    assert ran is False
    assert any("Content Security Policy" in said for said in watched.complaints)
    context.close()


def test_counts_follow_the_typing_and_come_from_the_server(
    chromium: Any, served: Served
) -> None:
    context = chromium.new_context(viewport={"width": 1366, "height": 768})
    watched = Watched(context, served, "dimas")
    watched.open("/tulis")
    page = watched.page
    x = served.dashboard.seeded.accounts["x"]
    page.fill("#judul", "Uji")
    page.locator("#naskah").press_sequentially(
        "https://contoh.go.id/alamat/panjang/sekali"
    )
    page.wait_for_function(
        "id => document.querySelector(`#hitung-${id}`).textContent === '23/280'", arg=x
    )
    page.fill("#naskah", "kata " * 100)
    page.wait_for_selector("#temuan .b.dng")
    assert "over" in (page.locator(f"#hitung-{x}").get_attribute("class") or "")
    assert "kata kata" in page.locator("#pratinjau").inner_text()
    page.get_by_role("tab", name="X").click()
    page.fill(f"#naskah-{x}", "Versi pendek.")
    page.wait_for_function(
        "id => document.querySelector(`#hitung-${id}`).textContent === '13/280'", arg=x
    )
    assert watched.complaints == []
    context.close()


def test_a_new_form_is_calm_and_says_how_it_reads_a_time(
    chromium: Any, served: Served, tmp_path: Path
) -> None:
    context = chromium.new_context(viewport={"width": 1366, "height": 768})
    watched = Watched(context, served, "dimas")
    watched.open("/tulis")
    page = watched.page
    assert page.locator("#temuan .b").count() == 0
    page.fill("[name=terbit]", "2026-11-28T06:00")
    page.wait_for_function(
        "() => document.querySelector('#baca-terbit').textContent"
        ".includes('Sab, 28 Nov 2026 06.00 WIB')"
    )
    picture = tmp_path / "loket.png"
    picture.write_bytes(b"gambar")
    page.set_input_files("#gambar", picture)
    assert page.locator("[data-file=gambar]").inner_text() == "loket.png"
    page.locator(
        "#gambar"
    ).focus()  # reached by the keyboard, though drawn by its label
    label = page.locator(".k-file label")
    assert label.inner_text() == "Pilih berkas"
    assert watched.complaints == []
    context.close()


def test_a_label_appears_by_itself_and_the_asking_ends(
    chromium: Any, served: Served
) -> None:
    from models.item import Item, ItemLabels
    from models.labels_json import to_json
    from tests.seeding import VOICES, add_voice, labels_of

    seeded = served.dashboard.seeded
    _hours, network, text, *told = VOICES[0]
    with served.dashboard.store.write(seeded.office) as work:
        one = add_voice(
            work,
            seeded.office,
            account_id=seeded.accounts[network],
            network=network,
            text=text,
            labels=None,
            at=seeded.at,
        )
    context = chromium.new_context(viewport={"width": 1366, "height": 768})
    watched = Watched(context, served, "ratna")
    watched.open(f"/suara/{one}?tampil=semua")
    page = watched.page
    why = page.locator(f"#mengapa-{one}")
    assert "Belum dibaca" in why.inner_text()
    page.get_by_label("Catatan").fill("Sedang ditanyakan ke Satpas.")
    labels = labels_of(text, *told)
    with served.dashboard.store.write(seeded.office) as work:
        row = work.session.get_one(Item, one)
        row.labelled_by, row.severity = labels.model, labels.severity
        row.kind, row.kind_sure = labels.kind.label, True
        work.session.add(
            ItemLabels(
                office_id=row.office_id,
                item_id=one,
                model=labels.model,
                labels=to_json(labels),
                created_at=seeded.at,
            )
        )
    page.wait_for_selector(f"#mengapa-{one} .k-why", timeout=20_000)
    assert why.get_attribute("hx-get") is None
    assert page.locator(f"#kata-{one} mark").count() > 0
    assert "Keluhan" in page.locator(f"#baris-{one}").inner_text()
    written = page.get_by_label("Catatan").input_value()
    assert written == "Sedang ditanyakan ke Satpas."
    assert watched.complaints == []
    context.close()


@pytest.mark.parametrize("path", ["/", "/tulis"])
def test_what_has_the_focus_is_never_under_a_bar(
    chromium: Any, served: Served, path: str
) -> None:
    context = chromium.new_context(viewport={"width": 1366, "height": 560})
    watched = Watched(context, served, "ratna")
    watched.open(path)
    seen = """e => { e.focus();
      const it = e.getBoundingClientRect(), foot = document.querySelector('.actbar');
      const top = document.querySelector('.k-top').getBoundingClientRect().bottom;
      const low = foot && !foot.contains(e) ? foot.getBoundingClientRect().top
                                            : innerHeight;
      return Math.min(it.bottom, low) - Math.max(it.top, top); }"""
    for one in watched.page.locator(
        "main a:visible, main input:visible:not([type=file]), main textarea:visible"
    ).all():
        assert one.evaluate(seen) > 8, one.evaluate("e => e.outerHTML")
    context.close()


def test_opening_the_voice_that_is_shown_keeps_what_is_typed(
    chromium: Any, served: Served
) -> None:
    context = chromium.new_context(viewport={"width": 1366, "height": 768})
    page = Watched(context, served, "ratna").page
    page.goto(f"{served.address}/suara")
    title = page.get_by_label("Saran baru")
    title.fill("Loket SKCK hari Minggu")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.locator(".in-item[aria-current=true]").click()
    page.locator(".in-item:not([aria-current=true])").first.click()
    page.wait_for_function(
        "() => !document.querySelector('#rinci [name=judul]').value.includes('Minggu')"
    )
    voices = [url for url in asked if re.search(r"/suara/[0-9]+", url)]
    assert len(voices) == 1, "only the other voice is asked for"
    context.close()


def test_voices_are_read_with_the_keyboard_alone(chromium: Any, served: Served) -> None:
    context = chromium.new_context(viewport={"width": 1366, "height": 768})
    watched = Watched(context, served, "ratna")
    page = watched.page
    page.keyboard.press("g")
    page.keyboard.press("s")
    page.wait_for_url("**/suara")
    page.wait_for_load_state("load")
    page.keyboard.press("j")
    page.wait_for_function(
        "() => document.querySelector('#rinci .say').textContent.includes('mending')"
    )
    page.keyboard.press("/")
    page.keyboard.type("simling")
    page.keyboard.press("Enter")
    page.wait_for_url("**/suara?cari=simling")
    assert page.locator(".in-item").count() == 1
    page.keyboard.press("?")
    assert page.locator("#pintasan").is_visible()
    assert watched.complaints == []
    context.close()


def test_the_numbers_of_the_frame_change_without_a_reload(
    chromium: Any, served: Served
) -> None:
    from tests.seeding import VOICES, add_voice, labels_of

    context = chromium.new_context(viewport={"width": 1366, "height": 768})
    watched = Watched(context, served, "ratna")
    page = watched.page
    before = int(page.locator("#n-suara").inner_text())
    seeded = served.dashboard.seeded
    with served.dashboard.store.write(seeded.office) as work:
        _hours, network, text, *told = VOICES[0]
        add_voice(
            work,
            seeded.office,
            account_id=seeded.accounts[network],
            network=network,
            text=text,
            labels=labels_of(text, *told),
            at=served.dashboard.seeded.at,
        )
    page.evaluate("() => htmx.trigger(document.querySelector('#langsung'), 'look')")
    page.wait_for_function(
        "n => Number(document.querySelector('#n-suara').textContent) === n",
        arg=before + 1,
        timeout=20_000,
    )
    assert "1 suara baru" in page.locator("#baru").inner_text()
    assert watched.complaints == []
    context.close()


def test_a_post_on_its_way_is_followed_until_it_is_out(
    chromium: Any, served: Served
) -> None:
    from models.delivery import Delivery
    from models.states import DeliveryState

    seeded = served.dashboard.seeded
    one = seeded.deliveries["jadwal"]

    def put(state: DeliveryState) -> None:
        with served.dashboard.store.write(seeded.office) as work:
            work.session.get_one(Delivery, one).state = state

    put(DeliveryState.ARMED)
    context = chromium.new_context(viewport={"width": 1366, "height": 768})
    watched = Watched(context, served, "ratna")
    watched.open("/kiriman")
    row = watched.page.locator(f"#kiriman-{one}")
    assert "Mengirim" in row.inner_text()
    put(DeliveryState.PUBLISHED)
    watched.page.wait_for_function(
        "id => document.querySelector(`#kiriman-${id}`).innerText.includes('Terbit')",
        arg=one,
        timeout=20_000,
    )
    assert row.evaluate("e => e.tagName") == "TR"
    assert row.get_attribute("hx-get") is None
    assert watched.complaints == []
    context.close()


def test_everything_that_is_written_works_without_javascript(
    chromium: Any, served: Served
) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(served.link("dimas"))
    page.get_by_role("button", name="Masuk", exact=True).click()
    page.goto(f"{served.address}/tulis")
    page.fill("#judul", "Tanpa JavaScript")
    page.fill("#naskah", "Teks untuk semua akun.")
    x = served.dashboard.seeded.accounts["x"]
    page.fill(f"#naskah-{x}", "Teks khusus.")  # every panel is open
    page.get_by_role("button", name="Simpan draf").click()
    assert "Draf tersimpan" in page.locator("main").inner_text()
    context.close()
