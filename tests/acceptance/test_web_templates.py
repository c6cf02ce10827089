"""*Dari templat*: choose, fill in, look, and make a draft of exactly that."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.states import AnnouncementState
from models.template import ORDER
from tests.web_kit import Dashboard, build


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Dashboard]:
    built = build(tmp_path)
    yield built
    built.store.close()


def form(site: Dashboard, **more: object) -> dict[str, object]:
    return {
        "akun": [str(number) for number in site.seeded.accounts.values()],
        "isi-tanggal": "2026-11-26",
        "isi-tempat": "Lapangan Harapan Baru",
        "isi-mulai": "08:00",
        "isi-selesai": "12:00",
        "isi-layanan": "perpanjangan SIM A dan SIM C",
        "isi-biaya_a": "80000",
        "isi-biaya_c": "75000",
        "isi-tautan": "https://sukamaju-contoh.id/jadwal",
        **more,
    }


def texts_in(page: str) -> list[str]:
    return re.findall(r'<p class="pv-t k-pre">(.*?)</p>', page, re.DOTALL)


def test_every_template_opens(site: Dashboard) -> None:
    browser = site.browser("dimas")
    chosen = browser.get("/templat").text
    for code in ORDER:
        assert f'href="/templat/{code}"' in chosen
        assert browser.get(f"/templat/{code}").status_code == 200
    assert browser.get("/templat/tidak_ada").status_code == 404
    assert 'href="/templat"' in browser.get("/tulis").text


def test_what_is_previewed_is_what_is_drafted(site: Dashboard) -> None:
    browser = site.browser("dimas")
    shown = browser.post("/templat/sim_keliling/pratinjau", data=form(site)).text
    made = browser.post("/templat/sim_keliling", data=form(site))
    assert made.status_code == 303
    found = re.search(r"/tulis/(\d+)", made.headers["location"])
    assert found
    with site.store.read(site.seeded.office) as work:
        announcement = work.announcements.get(int(found[1]))
        parts = work.announcements.content(announcement.id).parts
    assert announcement.state is AnnouncementState.DRAFT
    assert announcement.title == "SIM keliling Kamis, 26 November 2026"
    assert announcement.category == "sim_keliling"
    assert sorted(texts_in(shown)) == sorted(part.text for part in parts)


def test_the_link_is_left_out_where_it_costs_and_the_price_is_told(
    site: Dashboard,
) -> None:
    data = form(site, akun=[str(site.seeded.accounts["x"])])
    shown = site.browser("dimas").post("/templat/sim_keliling/pratinjau", data=data)
    (text,) = texts_in(shown.text)
    assert "https://" not in text
    assert "Rp\xa0255" in shown.text
    assert "Rp\xa03.400" in shown.text


def test_a_field_that_is_missing_is_named_and_nothing_is_stored(
    site: Dashboard,
) -> None:
    browser = site.browser("dimas")
    answer = browser.post(
        "/templat/sim_keliling", data=form(site, **{"isi-tempat": ""})
    )
    assert answer.status_code == 400
    assert "Tempat: Isian ini wajib." in answer.text
    assert 'value="2026-11-26"' in answer.text
    shown = browser.post(
        "/templat/sim_keliling/pratinjau", data=form(site, **{"isi-tempat": ""})
    )
    assert "Isian ini wajib." in shown.text
    with site.store.read(site.seeded.office) as work:
        titles = [one.title for one in work.announcements.listed()]
    assert not any("26 November" in title for title in titles)


def test_whoever_only_reads_makes_no_draft(site: Dashboard) -> None:
    answer = site.browser("admin").post("/templat/sim_keliling", data=form(site))
    assert answer.status_code == 403
