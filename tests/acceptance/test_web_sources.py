"""*Sumber* on the web: lists in and out, addresses tried, two weeks at a glance."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from collectors.opml import read_opml
from models.coverage import SourceDay
from models.scope import SystemScope
from models.source import Source
from pipeline.sources import stop_source
from tests.integration.listening_kit import (
    Reply,
    entry,
    news_site,
    rss,
    settings_for,
)
from tests.web_kit import AT, Dashboard, build


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Dashboard]:
    built = build(tmp_path)
    yield built
    built.store.close()


def sources(site: Dashboard) -> int:
    with site.store.read(SystemScope("test")) as work:
        return work.session.query(Source).count()


def send(browser: TestClient, body: bytes) -> object:
    return browser.post("/sumber/impor", files={"berkas": ("umpan.opml", body)})


LIST = (
    b"<opml><body><outline text='Warta' xmlUrl='https://baru.example/rss'/>"
    b"<outline text='Salah' xmlUrl='ftp://salah.example/rss'/></body></opml>"
)


def test_a_list_comes_in_with_a_report_and_goes_out(site: Dashboard) -> None:
    browser, before = site.browser("admin"), sources(site)
    answer = send(browser, LIST)
    assert answer.status_code == 200
    assert "ftp://salah.example/rss" in answer.text
    assert "bukan alamat http atau https" in answer.text
    assert sources(site) == before + 1
    exported = browser.get("/sumber/ekspor")
    assert "attachment" in exported.headers["content-disposition"]
    urls = [one.url for one in read_opml(exported.content)]
    assert "https://baru.example/rss" in urls


def test_a_broken_list_changes_nothing_and_says_so(site: Dashboard) -> None:
    before = sources(site)
    answer = send(site.browser("admin"), LIST[:-5])
    assert answer.status_code == 400
    assert "tidak dapat dibaca sebagai OPML" in answer.text
    assert sources(site) == before


def test_only_an_administrator_imports_and_only_from_our_pages(site: Dashboard) -> None:
    before = sources(site)
    assert send(site.browser("dimas"), LIST).status_code == 403
    assert send(site.browser(), LIST).status_code == 303
    foreign = site.browser("admin")
    foreign.headers["origin"] = "https://jahat.example"
    assert send(foreign, LIST).status_code == 403
    assert sources(site) == before


# ------------------------------------------------------------- an address is tried

PAGE = b"<html><link rel=alternate type=application/rss+xml href=/rss title='Warta &lt;b&gt;'>"


def test_a_site_names_its_feeds_one_is_tried_and_added(site: Dashboard) -> None:
    before = sources(site)
    with news_site() as news:
        news.pages["/"] = Reply(PAGE)
        news.pages["/rss"] = Reply(
            rss(
                entry(
                    "Pasar <b>buka</b>", text="Isi berita <script>x</script>.", date="?"
                )
            )
        )
        admin = site.browser("admin", settings_for(site.store.url, news))
        named = admin.post("/sumber/coba", data={"alamat": news.url("/")})
        assert "Warta &lt;b&gt;" in named.text
        assert f'value="{news.url()}"' in named.text
        shown = admin.post("/sumber/coba", data={"alamat": news.url()})
        assert "1 tulisan akan masuk" in shown.text
        assert "Isi berita" in shown.text
        assert "<script>x" not in shown.text
        assert "tanggal yang tidak terbaca" in shown.text
        assert [one.path for one in news.requests] == ["/", "/rss"]
        assert sources(site) == before
        added = admin.post("/sumber", data={"alamat": news.url(), "nama": "Warta"})
        assert added.status_code == 303
    assert sources(site) == before + 1


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("javascript:alert(1)", "Alamat"),
        ("http://127.0.0.1:9/rss", "Alamat"),
        ("http://[::1]/rss", "Alamat"),
        ("http://169.254.169.254/latest/meta-data", "Alamat"),
        ("", "Isian"),
    ],
)
def test_an_address_that_may_not_be_asked_is_refused_in_words(
    site: Dashboard, address: str, told: str
) -> None:
    answer = site.browser("admin").post("/sumber/coba", data={"alamat": address})
    assert answer.status_code == 400
    assert told in answer.text
    assert "Traceback" not in answer.text


def test_a_login_that_was_typed_is_sent_and_shown_in_no_text(site: Dashboard) -> None:
    with news_site() as news:
        news.pages["/rss"] = Reply(rss(entry("Satu")))
        admin = site.browser("admin", settings_for(site.store.url, news))
        address = news.url().replace("//", "//humas:rahasia@")
        answer = admin.post("/sumber/coba", data={"alamat": address})
        assert news.requests[0].headers["authorization"].startswith("Basic ")
    outside = re.sub(r'<input type="hidden"[^>]*>', "", answer.text)
    assert "rahasia" not in outside


def test_only_an_administrator_tries_and_only_from_our_pages(site: Dashboard) -> None:
    asked = {"alamat": "https://warta.example/"}
    assert site.browser("ratna").post("/sumber/coba", data=asked).status_code == 403
    assert site.browser().post("/sumber/coba", data=asked).status_code == 303
    foreign = site.browser("admin")
    foreign.headers["origin"] = "https://jahat.example"
    assert foreign.post("/sumber/coba", data=asked).status_code == 403


# ------------------------------------------------------------ two weeks at a glance


def test_a_ribbon_is_said_in_words_and_a_gap_with_its_hour(site: Dashboard) -> None:
    with site.store.write(SystemScope("test")) as work:
        first = work.session.scalars(select(Source).order_by(Source.id)).first()
        assert first is not None
        for back in range(14):
            hours = "q" * 20 + "-" * 4 if back == 2 else "q" * 24
            day = (AT - timedelta(days=back)).date()
            work.session.add(
                SourceDay(source_id=first.id, day=day, hours=hours, new=back)
            )
        work.session.flush()
        first.fetched_at, first.next_check_at = AT, AT + timedelta(hours=1)
    page = site.browser("dimas").get("/sumber").text
    assert re.search(
        r'aria-label="14 hari terakhir: \d+ jam terdengar, 4 jam celah', page
    )
    assert "celah: Sen, 23 Nov 2026 03.00 WIB, 4 jam" in page
    assert "style=" not in page.partition("<main")[2]


def test_states_are_filtered_and_words_are_looked_for(site: Dashboard) -> None:
    browser = site.browser("dimas")
    page = browser.get("/sumber?keadaan=sick").text
    assert "Kabar Kota" in page
    assert page.count("k-rbn-td") == 1
    assert "Kabar Kota" in browser.get("/sumber?cari=kabar").text
    assert "Tidak ada sumber" in browser.get("/sumber?cari=%25").text
    assert browser.get("/sumber?keadaan=apa").status_code == 404
    assert browser.get("/sumber?halaman=-1").status_code in {400, 404}
    assert browser.get("/sumber?halaman=9999").status_code == 200


def test_a_stopped_source_says_who_stopped_it(site: Dashboard) -> None:
    admin = site.seeded.people["admin"]
    with site.store.write(site.seeded.office) as work:
        reads = work.subscriptions.rows(None)[0]
        stop_source(work, admin, reads.id, AT - timedelta(hours=3))
    browser = site.browser("dimas")
    assert reads.url not in browser.get("/sumber").text
    page = browser.get("/sumber?keadaan=stopped").text
    assert reads.url in page
    assert f"oleh {admin.name}" in page


# ------------------------------------------------------------ media to begin with


def test_media_are_chosen_from_the_list_with_the_origin_of_each(
    site: Dashboard,
) -> None:
    admin, before = site.browser("admin"), sources(site)
    page = admin.get("/sumber/daftar?cari=aceh").text
    assert "belum diperiksa" in page
    assert "satyawikananda/berita-indo-api" in page
    chosen = re.findall(r'name="umpan" value="([^"]+)"', page)
    assert len(chosen) == 2
    assert admin.post("/sumber/daftar", data={"umpan": chosen}).status_code == 303
    assert sources(site) == before + 2
    assert 'name="umpan"' not in admin.get("/sumber/daftar?cari=aceh").text
    other = {"umpan": "http://127.0.0.1/rss"}
    assert admin.post("/sumber/daftar", data=other).status_code == 400
    assert (
        admin.post("/sumber/google", data={"kata": "sim sukamaju"}).status_code == 303
    )
    assert sources(site) == before + 3


def test_who_may_not_add_sees_the_list_and_no_form(site: Dashboard) -> None:
    officer = site.browser("dimas")
    page = officer.get("/sumber/daftar").text
    assert 'name="umpan"' not in page
    assert 'name="kata"' not in page
    assert officer.post("/sumber/google", data={"kata": "sim"}).status_code == 403


def test_pages_of_articles_are_read_where_an_administrator_says_so(
    site: Dashboard,
) -> None:
    with site.store.read(site.seeded.office) as work:
        source_id = work.subscriptions.rows(None)[0].id
    address = f"/sumber/{source_id}/halaman"
    assert site.browser("dimas").post(address, data={"baca": "ya"}).status_code == 403
    admin = site.browser("admin")
    assert "Baca juga halaman artikelnya" in admin.get("/sumber").text
    assert admin.post(address, data={"baca": "ya"}).status_code == 303
    assert "Cukup isi umpannya" in admin.get("/sumber").text
    assert admin.post(address, data={"baca": ""}).status_code == 303
    assert "Cukup isi umpannya" not in admin.get("/sumber").text
    assert admin.post("/sumber/999999/halaman").status_code == 404
