"""What pages do: write, decide, settle, triage; and what they never show."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from models.announcement import Announcement
from models.delivery import Delivery
from models.item import Item
from models.person import Person
from models.preflight import Found
from models.problems import WORDS, Problem
from models.reading import Reading, ReadingTurn
from models.scope import OfficeScope, SystemScope
from models.states import AnnouncementState, DeliveryState, IdeaState, Reply
from tests.conftest import add_office
from tests.seeding import add_voice, labels_of
from tests.web_kit import AT, Dashboard, build


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Dashboard]:
    built = build(tmp_path)
    yield built
    built.store.close()


def form(site: Dashboard, **more: str) -> dict[str, object]:
    return {
        "judul": "SIM keliling Kamis",
        "isi": "SIM keliling Kamis di Lapangan Harapan Baru, 08.00–12.00 WIB.",
        "akun": [str(site.seeded.accounts["x"])],
        "versi": "0",
        **more,
    }


def announcement(site: Dashboard, announcement_id: int) -> Announcement:
    with site.store.read(site.seeded.office) as work:
        return work.announcements.get(announcement_id)


def number_in(address: str) -> int:
    found = re.search(r"/(\d+)", address)
    assert found
    return int(found[1])


# writing


def test_a_post_is_written_asked_for_and_approved_by_another(site: Dashboard) -> None:
    author, approver = site.browser("ratna"), site.browser("sari")
    written = author.post("/tulis", data=form(site, aksi="minta"))
    assert written.status_code == 303
    one = number_in(written.headers["location"])
    assert announcement(site, one).state is AnnouncementState.ASKED
    own = author.get(f"/persetujuan/{one}")
    assert "Ini tulisan Anda" in own.text
    assert "Setujui dan jadwalkan" not in own.text
    page = approver.get(f"/persetujuan/{one}")
    code = re.search(r'name="kode" value="([0-9a-f]{64})"', page.text)
    assert code
    refused = author.post(f"/persetujuan/{one}/setujui", data={"kode": code[1]})
    assert refused.status_code == 403
    done = approver.post(f"/persetujuan/{one}/setujui", data={"kode": code[1]})
    assert done.status_code == 303
    with site.store.read(site.seeded.office) as work:
        states = [row.state for row in work.schedule.of(one)]
    assert states == [DeliveryState.SCHEDULED]


def test_a_text_too_long_is_offered_as_a_thread_and_asked_for_as_one(
    site: Dashboard,
) -> None:
    author = site.browser("ratna")
    long = "Layanan buka pukul 08.00 di Pasar Mekarasih. " * 10
    counted = author.post("/tulis/hitung", data=form(site, isi=long)).text
    assert 'name="utas"' in counted
    account = str(site.seeded.accounts["x"])
    shown = author.post("/tulis/hitung", data=form(site, isi=long, utas=account)).text
    assert "2 bagian" in shown
    assert "1/2" in shown
    written = author.post(
        "/tulis", data=form(site, isi=long, utas=account, aksi="minta")
    )
    assert written.status_code == 303
    one = number_in(written.headers["location"])
    assert announcement(site, one).state is AnnouncementState.ASKED
    page = site.browser("sari").get(f"/persetujuan/{one}").text
    assert "2/2" in page
    again = author.get(f"/tulis/{one}").text
    assert re.search(r'name="utas" value="\d+" checked', again)


def test_an_approval_of_other_content_is_refused(site: Dashboard) -> None:
    asked = site.seeded.announcements["minta"]
    answer = site.browser("ratna").post(
        f"/persetujuan/{asked}/setujui", data={"kode": "0" * 64}
    )
    assert answer.status_code == 409
    assert "Keadaannya sudah berubah" in answer.text


def test_sending_back_needs_a_word_and_shows_it_to_the_author(site: Dashboard) -> None:
    asked = site.seeded.announcements["minta"]
    approver = site.browser("ratna")
    bare = approver.post(f"/persetujuan/{asked}/kembalikan", data={"alasan": " "})
    assert bare.status_code == 400
    told = {"alasan": "Sebutkan tarif resminya."}
    assert approver.post(f"/persetujuan/{asked}/kembalikan", data=told).is_redirect
    page = site.browser("dimas").get(f"/tulis/{asked}").text
    assert "Sebutkan tarif resminya." in page


def test_two_editors_see_both_texts_and_nothing_is_overwritten(site: Dashboard) -> None:
    one = site.seeded.announcements["draf"]
    version = str(announcement(site, one).version)
    first, second = site.browser("dimas"), site.browser("ratna")
    first.post(f"/tulis/{one}", data=form(site, versi=version, isi="Teks Dimas."))
    lost = second.post(
        f"/tulis/{one}", data=form(site, versi=version, isi="Teks Ratna.")
    )
    assert lost.status_code == 409
    assert "Teks Dimas." in lost.text
    assert "Teks Ratna." in lost.text
    assert announcement(site, one).body == "Teks Dimas."


def test_a_text_that_is_too_long_is_kept_and_the_reason_told(site: Dashboard) -> None:
    long = "kata " * 100
    answer = site.browser("dimas").post(
        "/tulis", data=form(site, isi=long, aksi="minta")
    )
    assert answer.status_code == 400
    assert "melebihi batas jaringan" in answer.text
    assert long.strip() in answer.text


def test_a_text_of_a_hundred_thousand_letters_is_told_its_limit(
    site: Dashboard,
) -> None:
    answer = site.browser("dimas").post("/tulis", data=form(site, isi="k. " * 33_334))
    assert answer.status_code == 400
    assert "Teks paling panjang 20.000 huruf" in answer.text


def test_bar_5_lengths_are_counted_on_the_server_as_the_network_counts(
    site: Dashboard,
) -> None:
    text = "Lihat https://contoh.go.id/alamat/yang/sangat/panjang/sekali/ini 👨‍👩‍👧"
    answer = site.browser("dimas").post(
        "/tulis/hitung", data=form(site, isi=text), headers={"hx-request": "true"}
    )
    assert "32/280" in answer.text  # 6 + 23 for the address + 1 + 2 for the family


@pytest.mark.parametrize("time", ["besok", "2026-13-01T10:00"])
def test_a_time_that_cannot_be_read_keeps_the_text(site: Dashboard, time: str) -> None:
    answer = site.browser("dimas").post("/tulis", data=form(site, terbit=time))
    assert answer.status_code == 400
    assert "Waktu tidak dapat dibaca" in answer.text
    assert "Lapangan Harapan Baru" in answer.text


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "Berkas gambar kosong."),
        (b"\xff" * (12 * 1024 * 1024 + 1), "paling besar 12 MB"),
        (b"bukan gambar", "bukan gambar JPEG atau PNG yang utuh"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "bukan gambar JPEG atau PNG yang utuh"),
    ],
    ids=["empty", "large", "text", "heic"],
)
def test_a_file_that_is_not_taken_keeps_the_text(
    site: Dashboard, content: bytes, message: str
) -> None:
    answer = site.browser("ratna").post(
        "/tulis",
        data=form(site, aksi="simpan"),
        files={"gambar": ("foto.jpg", content, "image/jpeg")},
    )
    assert answer.status_code == 400
    assert message in answer.text
    assert "Lapangan Harapan Baru" in answer.text
    assert "Berkasnya belum tersimpan: pilih lagi." in answer.text


def test_a_time_that_has_passed_is_pointed_out_to_author_and_approver(
    site: Dashboard,
) -> None:
    told = "Waktu terbitnya sudah lewat: keluar begitu disetujui."
    typed = form(site, aksi="minta", terbit="2026-11-24T08:00")  # it is 12.12
    author = site.browser("ratna")
    assert told in author.post("/tulis/hitung", data=typed).text
    one = number_in(author.post("/tulis", data=typed).headers["location"])
    assert told in site.browser("sari").get(f"/persetujuan/{one}").text
    later = author.post("/tulis/hitung", data=typed | {"terbit": "2026-11-24T13:00"})
    assert told not in later.text


def test_what_is_stored_and_not_asked_for_says_both(site: Dashboard) -> None:
    typed = form(site, aksi="minta", isi="Keluarga Rafi: 081345678901.")
    answer = site.browser("ratna").post("/tulis", data=typed)
    assert "<b>Tersimpan, tetapi belum diminta.</b>" in answer.text
    typed = form(site, aksi="minta", terbit="besok")
    answer = site.browser("ratna").post("/tulis", data=typed)
    assert "<b>Belum tersimpan.</b>" in answer.text


def test_times_are_those_on_the_wall_of_the_office(site: Dashboard) -> None:
    written = site.browser("dimas").post(
        "/tulis", data=form(site, terbit="2026-11-28T06:00")
    )
    one = number_in(written.headers["location"])
    at = announcement(site, one).publish_at
    assert at is not None
    assert at.isoformat() == "2026-11-27T23:00:00+00:00"
    page = site.browser("dimas").get(f"/tulis/{one}").text
    assert 'value="2026-11-28T06:00"' in page


# what became of it


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ("was_published", DeliveryState.PUBLISHED),
        ("send_again", DeliveryState.SCHEDULED),
        ("cancel", DeliveryState.CANCELLED),
    ],
)
def test_only_a_person_settles_what_nobody_knows(
    site: Dashboard, answer: str, state: DeliveryState
) -> None:
    one = site.seeded.deliveries["ragu"]
    browser = site.browser("dimas")
    page = browser.get(f"/kiriman/{one}").text
    assert "Hotline 110 gratis 24 jam, dari telepon apa saja." in page
    assert "Tidak ditemukan" in page
    assert browser.post(f"/kiriman/{one}/jawab", data={"jawab": answer}).is_redirect
    with site.store.read(site.seeded.office) as work:
        row = work.session.get(Delivery, one)
        assert row is not None
        assert row.state is state


def test_a_stop_needs_a_reason_and_anybody_may_stop(site: Dashboard) -> None:
    one = site.seeded.accounts["x"]
    browser = site.browser("admin")
    assert browser.post(f"/akun/{one}/henti", data={"alasan": ""}).status_code == 400
    told = {"alasan": "Akun dicurigai diambil alih."}
    assert browser.post(f"/akun/{one}/henti", data=told).is_redirect
    page = browser.get("/akun").text
    assert "Akun dicurigai diambil alih." in page
    assert browser.post(f"/akun/{one}/lanjut").is_redirect


def test_an_account_that_cannot_be_heard_says_why(site: Dashboard) -> None:
    why = WORDS[Problem.RATE_LIMITED]
    assert why not in site.browser("admin").get("/akun").text
    with site.store.write(site.seeded.office) as work:
        account = work.accounts.get(site.seeded.accounts["x"])
        account.hear_problem = Problem.RATE_LIMITED
    assert why in site.browser("admin").get("/akun").text


# voices


def test_the_words_of_a_citizen_are_never_markup(site: Dashboard) -> None:
    text = '<script>alert("x")</script><img src=x onerror=alert(1)> loket'
    with site.store.write(site.seeded.office) as work:
        from models.labels import Element, Kind, Sentiment

        labels = labels_of(
            text, Kind.COMPLAINT, Sentiment.NEGATIVE, None, ["<img"], Element.U3, True
        )
        one = add_voice(
            work,
            site.seeded.office,
            account_id=site.seeded.accounts["x"],
            network="x",
            text=text,
            labels=labels,
            at=AT - timedelta(days=3),
        )
    browser = site.browser("ratna")
    for page in ("/", "/suara", f"/suara/{one}", "/suara?cari=%3Cscript%3Ealert"):
        shown = browser.get(page).text
        assert "<script>alert" not in shown
        assert "<img src=x" not in shown
        assert "&lt;script&gt;alert" in shown


def test_marked_words_stand_in_the_text_as_it_was_said(site: Dashboard) -> None:
    page = site.browser("ratna").get(f"/suara/{site.seeded.items[0]}").text
    assert re.search(r"<mark[^>]*>bolak-balik</mark>", page)


def test_an_unsure_label_is_never_shown_as_a_fact(site: Dashboard) -> None:
    page = site.browser("ratna").get(f"/suara/{site.seeded.items[4]}").text
    assert "Belum pasti: Keluhan 58" in page


@pytest.mark.parametrize("login", ["dimas", "admin"])
def test_integrity_is_a_count_to_those_who_may_not_read_it(
    site: Dashboard, login: str
) -> None:
    browser = site.browser(login)
    hidden = site.seeded.items[9]
    for page in ("/", "/suara", "/suara?tampil=semua", "/suara?cari=rokok"):
        assert "uang rokok" not in browser.get(page).text
    assert browser.get(f"/suara/{hidden}").status_code == 403
    assert browser.get("/suara?tampil=integritas").status_code == 403
    fragment = browser.get(f"/suara/{hidden}", headers={"hx-request": "true"})
    assert fragment.status_code == 403
    assert "uang rokok" not in fragment.text


def test_who_may_read_integrity_finds_it_in_its_own_list(site: Dashboard) -> None:
    browser = site.browser("ratna")
    assert "uang rokok" in browser.get("/suara?tampil=integritas").text


def test_a_search_takes_percent_and_underscore_for_no_pattern(site: Dashboard) -> None:
    browser = site.browser("ratna")
    assert "Tulis kata yang dicari" in browser.get("/suara?cari=%25").text
    assert "Tidak ada suara dengan kata itu" in browser.get("/suara?cari=a_b").text
    assert "Simling" in browser.get("/suara?cari=SIMLING").text


def test_the_list_goes_on_page_by_page_without_gap_or_double(site: Dashboard) -> None:
    browser, seen, address = site.browser("ratna"), [], "/suara?tampil=semua"
    while address:
        page = browser.get(address).text
        seen += re.findall(r'class="in-item" href="/suara/(\d+)', page)
        older = re.search(r'href="(/suara\?[^"]*sesudah=[^"]*)"', page)
        address = older[1].replace("&amp;", "&") if older else ""
    with site.store.read(site.seeded.office) as work:
        everything = work.session.query(Item).count()
    assert len(seen) == len(set(seen)) == everything


def test_a_voice_is_marked_and_leaves_the_list(site: Dashboard) -> None:
    one = site.seeded.items[1]
    browser = site.browser("dimas")
    told = {"jawab": "answered", "catatan": "Dijawab lewat pesan."}
    assert browser.post(f"/suara/{one}/tandai", data=told).is_redirect
    with site.store.read(site.seeded.office) as work:
        row = work.session.get(Item, one)
        assert row is not None
        assert row.reply is Reply.ANSWERED
    assert f'href="/suara/{one}"' not in browser.get("/suara").text


def test_a_voice_becomes_an_idea_and_the_idea_is_decided(site: Dashboard) -> None:
    officer = site.browser("dimas")
    made = officer.post(
        f"/suara/{site.seeded.items[5]}/saran", data={"judul": "Atap di antrean"}
    )
    idea = number_in(made.headers["location"])
    more = officer.post(
        f"/suara/{site.seeded.items[6]}/saran", data={"saran": str(idea)}
    )
    assert more.is_redirect
    assert "2<small> warga" in officer.get(f"/saran/{idea}").text
    on = {"ke": IdeaState.FORWARDED.value, "alasan": "Ke Satlantas."}
    assert officer.post(f"/saran/{idea}/pindah", data=on).is_redirect
    no = {"ke": IdeaState.DECLINED.value, "alasan": "Belum ada anggaran."}
    assert officer.post(f"/saran/{idea}/pindah", data=no).status_code == 403
    approver = site.browser("ratna")
    bare = {"ke": IdeaState.DECLINED.value, "alasan": ""}
    assert approver.post(f"/saran/{idea}/pindah", data=bare).status_code == 400
    assert approver.post(f"/saran/{idea}/pindah", data=no).is_redirect
    assert "Belum ada anggaran." in approver.get(f"/saran/{idea}").text


# offices and roles


def test_rows_of_another_office_do_not_exist(site: Dashboard) -> None:
    other = add_office(site.store, "lain", "Polres Kota Lain")
    _stranger(site, other)
    browser = site.browser("orang-lain")
    seeded = site.seeded
    for page in (
        f"/suara/{seeded.items[0]}",
        f"/tulis/{seeded.announcements['draf']}",
        f"/gambar/{seeded.announcements['draf']}",
        f"/persetujuan/{seeded.announcements['minta']}",
        f"/kiriman/{seeded.deliveries['ragu']}",
        f"/kiriman/{seeded.deliveries['ragu']}/baris",
        f"/saran/{seeded.idea}",
    ):
        assert browser.get(page).status_code == 404, page
    writes = {
        f"/suara/{seeded.items[0]}/tandai": {"jawab": "closed"},
        f"/kiriman/{seeded.deliveries['ragu']}/jawab": {"jawab": "cancel"},
        f"/akun/{seeded.accounts['x']}/henti": {"alasan": "x"},
        f"/tulis/{seeded.announcements['draf']}/batal": {"alasan": "x"},
    }
    for page, data in writes.items():
        assert browser.post(page, data=data).status_code == 404, page
    for page in (
        "/",
        "/suara?tampil=semua",
        "/kiriman",
        "/saran",
        "/sumber",
        "/akun",
        "/henti",
    ):
        shown = browser.get(page).text
        assert "Sukamaju" not in shown, page
        assert "loket" not in shown, page


def _stranger(site: Dashboard, office: OfficeScope) -> Person:
    from models.office import User
    from models.states import Role

    with site.store.read(site.seeded.office) as work:
        known = work.offices.user(site.seeded.people["ratna"].user_id).password_hash
    with site.store.write(office) as work:
        row = User(
            office_id=office.office_id,
            login="orang-lain",
            name="Orang Lain",
            role=Role.APPROVER,
            password_hash=known,
            created_at=AT,
        )
        work.session.add(row)
        work.session.flush()
        return Person(row.id, office.office_id, row.name, row.role)


@pytest.mark.parametrize(
    ("login", "page", "data"),
    [
        ("admin", "/tulis", {"judul": "x", "isi": "y"}),
        ("dimas", "/akun/1/aktif", {}),
        ("dimas", "/sumber", {"alamat": "https://contoh.test/rss"}),
        ("ratna", "/pengguna", {"nama": "a", "masuk": "b", "peran": "admin"}),
        ("admin", "/suara/1/tandai", {"jawab": "closed"}),
    ],
)
def test_a_role_that_may_not_is_told_so_and_changes_nothing(
    site: Dashboard, login: str, page: str, data: dict[str, str]
) -> None:
    answer = site.browser(login).post(page, data=data)
    assert answer.status_code == 403
    assert "Peran Anda tidak mengizinkan ini" in answer.text


def test_an_officer_does_not_resume_what_an_approver_stopped(site: Dashboard) -> None:
    ratna, dimas = site.browser("ratna"), site.browser("dimas")
    resume = f"/akun/{site.seeded.accounts['x']}/lanjut"
    assert ratna.post(
        f"/akun/{site.seeded.accounts['x']}/henti", data={"alasan": "akun diretas"}
    ).is_redirect
    page = dimas.get("/akun").text
    assert "akun diretas" in page
    assert resume not in page
    assert dimas.post(resume).status_code == 403
    assert resume in ratna.get("/akun").text
    assert ratna.post(resume).is_redirect


def test_an_admin_adds_a_person_who_enters_by_a_link(site: Dashboard) -> None:
    admin = site.browser("admin")
    told = {"nama": "Putri Lestari", "masuk": "putri", "peran": "officer"}
    assert admin.post("/pengguna", data=told).is_redirect
    with site.store.read(site.seeded.office) as work:
        putri = work.offices.user_by_login("putri")
        assert putri is not None
    page = admin.post(f"/pengguna/{putri.id}/tautan").text
    code = re.search(r"/masuk/tautan\?kode=([\w-]+)", page)
    assert code
    newcomer = site.browser()
    assert newcomer.post("/masuk/tautan", data={"kode": code[1]}).is_redirect
    assert "Putri Lestari" in newcomer.get("/").text


def test_the_language_is_a_switch_of_ones_own(site: Dashboard) -> None:
    browser = site.browser("ratna")
    assert browser.post("/bahasa", data={"bahasa": "en", "ke": "/suara"}).is_redirect
    page = browser.get("/").text
    assert '<html lang="en"' in page
    assert "Unanswered" in page
    assert "Belum dijawab" not in page
    assert "Tue, 24 Nov 2026" in page
    assert "Belum dijawab" in site.browser("sari").get("/").text


# errors


@pytest.mark.parametrize(
    ("page", "status"),
    [
        ("/tidak-ada", 404),
        ("/suara/999999", 404),
        ("/suara/bukan-angka", 404),
        ("/suara?jenis=tidak-ada", 404),
        ("/kiriman/999999/baris", 404),
        ("/laporan?hari=kemarin", 404),
        ("/pengguna", 403),
        ("/static/tidak-ada.css", 404),
    ],
)
def test_errors_are_pages_in_words_without_a_traceback(
    site: Dashboard, page: str, status: int
) -> None:
    answer = site.browser("dimas").get(page)
    assert answer.status_code == status
    assert '<html lang="id"' in answer.text
    assert "Traceback" not in answer.text
    assert "detail" not in answer.text


def test_what_breaks_shows_a_code_and_nothing_of_the_inside(site: Dashboard) -> None:
    browser = site.browser("dimas")
    site.store.engine.dispose()
    with site.store.write(site.seeded.office) as work:
        row = work.session.get(Item, site.seeded.items[0])
        assert row is not None
        row.labelled_by = "rusak-1"
        from models.item import ItemLabels

        work.session.add(
            ItemLabels(
                office_id=row.office_id,
                item_id=row.id,
                model="rusak-1",
                labels="{bukan json",
                created_at=AT,
            )
        )
    answer = browser.get(f"/suara/{site.seeded.items[0]}")
    assert answer.status_code == 500
    assert re.search(r"500 · [0-9A-F]{2}-[0-9A-F]{4}", answer.text)
    assert "json" not in answer.text.lower()
    assert "default-src 'self'" in answer.headers["content-security-policy"]


def test_a_fragment_gets_a_fragment_for_an_error(site: Dashboard) -> None:
    answer = site.browser("dimas").get("/suara/999999", headers={"hx-request": "true"})
    assert answer.status_code == 404
    assert "<html" not in answer.text


def test_a_new_office_is_told_its_first_step(site: Dashboard) -> None:
    other = add_office(site.store, "baru", "Polres Kota Baru")
    _stranger(site, other)
    page = site.browser("orang-lain").get("/").text
    assert "Belum ada yang didengarkan" in page
    assert "Sambungkan akun" in page


def test_the_mood_is_also_a_file_for_a_spreadsheet(site: Dashboard) -> None:
    answer = site.browser("ratna").get("/suasana.csv?hari=7")
    lines = answer.text.lstrip("\ufeff").splitlines()
    assert answer.headers["content-type"].startswith("text/csv")
    assert lines[0] == "Hari,Negatif,Netral,Positif,Belum pasti,Salinan"
    assert len(lines) == 8


def test_the_chief_s_page_is_made_shown_and_printed(site: Dashboard) -> None:
    browser = site.browser("ratna")
    assert "Belum ada ringkasan" in browser.get("/laporan").text
    assert browser.post("/laporan").is_redirect
    page = browser.get("/laporan").text
    assert "Nomor antrean daring untuk SPKT dan SIM" in page
    assert "RINGKASAN PIMPINAN" in page
    pdf = browser.get("/laporan/2026-11-24.pdf")
    assert pdf.headers["content-type"] == "application/pdf"
    assert pdf.content.startswith(b"%PDF")


# looks ahead


def risky(site: Dashboard, problem: Problem = Problem.QUOTA_SPENT) -> int:
    """The scheduled delivery of the seeded day, due in half an hour, at risk."""
    delivery = site.seeded.deliveries["jadwal"]
    with site.store.write(SystemScope("test")) as work:
        row = work.deliveries.get(delivery)
        row.due_at = AT + timedelta(minutes=30)
        found = [Found(problem), Found(Problem.TEXT_TOO_LONG)]
        work.deliveries.get(
            site.seeded.deliveries["tahan"]
        ).state = DeliveryState.CANCELLED
        work.preflights.keep(row, found, AT - timedelta(minutes=1))
    return delivery


def test_what_is_at_risk_is_said_on_every_page_that_shows_it(site: Dashboard) -> None:
    ratna = site.browser("ratna")
    said = WORDS[Problem.QUOTA_SPENT]
    for page in ("/", "/kiriman"):
        assert said not in ratna.get(page).text
    delivery = risky(site)
    for page in ("/", "/kiriman", f"/kiriman/{delivery}/baris"):
        assert said in ratna.get(page).text, page
    one = ratna.get(f"/kiriman/{delivery}").text
    assert "Pemeriksaan sebelum terbit" in one
    assert said in one
    assert WORDS[Problem.TEXT_TOO_LONG] in one
    calendar = ratna.get("/kalender?tampil=daftar").text
    assert 'st-tahan" title="Berisiko tidak terbit' in calendar


def test_once_it_is_out_nothing_says_any_more_that_it_was_at_risk(
    site: Dashboard,
) -> None:
    delivery = risky(site)
    with site.store.write(SystemScope("test")) as work:
        work.deliveries.get(delivery).state = DeliveryState.PUBLISHED
    ratna = site.browser("ratna")
    for page in ("/", "/kiriman", "/kalender?tampil=daftar"):
        text = ratna.get(page).text
        assert WORDS[Problem.QUOTA_SPENT] not in text
        assert "risiko tidak terbit.</b>" not in text


# numbers read back


def counted(site: Dashboard, name: str, *likes: int, gone: bool = False) -> int:
    """The seeded post of that name, read once for each number of likes."""
    delivery = site.seeded.deliveries[name]
    office = site.seeded.office.office_id
    with site.store.write(SystemScope("test")) as work:
        for number, count in enumerate(likes, 1):
            at = AT - timedelta(hours=3 - number)
            row = Reading(office_id=office, delivery_id=delivery, at=at, likes=count)
            work.session.add(row)
        at = AT - timedelta(hours=1) if gone else None
        turn = ReadingTurn(office_id=office, delivery_id=delivery, gone_at=at)
        work.session.add(turn)
    return delivery


def test_numbers_stand_on_both_pages_with_the_time_they_were_read(
    site: Dashboard,
) -> None:
    ratna, name = site.browser("ratna"), "terbit"
    one = f"/kiriman/{site.seeded.deliveries[name]}"
    announcement = f"/tulis/{site.seeded.announcements[name]}"
    assert "Belum dibaca." in ratna.get(one).text, "no number is invented"
    assert "angka belum dibaca" in ratna.get(announcement).text
    counted(site, name, 1_204, 1_310)
    text = ratna.get(one).text
    assert "<td>1.204</td>" in text
    assert "<td>1.310</td>" in text
    assert 'title="tidak disebut"' in text, "what X did not tell is no zero"
    text = ratna.get(announcement).text
    assert "1.310 suka" in text
    assert "1.204 suka" not in text, "the latest alone"
    assert "dibaca 11.12" in text


def test_a_post_that_is_gone_without_us_is_told_where_it_is_looked_for(
    site: Dashboard,
) -> None:
    ratna = site.browser("ratna")
    assert "tidak ada lagi" not in ratna.get("/").text
    delivery = counted(site, "terbit-m", gone=True)
    assert "Satu kiriman tidak ada lagi di Mastodon." in ratna.get("/").text
    for page in ("/kiriman", f"/kiriman/{delivery}/baris"):
        assert "tidak ada lagi di Mastodon" in ratna.get(page).text
    assert "Tidak ada lagi di Mastodon" in ratna.get(f"/kiriman/{delivery}").text
    with site.store.write(SystemScope("test")) as work:
        work.deliveries.get(delivery).state = DeliveryState.WITHDRAWN
    assert "tidak ada lagi" not in ratna.get("/").text, "it was us, after all"


def test_an_approver_erases_a_voice_and_its_place_is_told(site: Dashboard) -> None:
    one = site.seeded.items[0]
    with site.store.write(site.seeded.office) as work:
        item = work.items.by_id(one)
        item.text = "NIK [NIK] <b>ditolak</b>, hubungi [telepon]"
        item.labelled_by = ""
    officer, approver = site.browser("dimas"), site.browser("sari")
    page = officer.get(f"/suara/{one}").text
    assert ">NIK disembunyikan</span> &lt;b&gt;ditolak" in page
    assert ">telepon disembunyikan</span>" in page
    assert "Kentongan tidak menyimpan aslinya." in page
    assert f"/suara/{one}/hapus" not in page
    assert officer.post(f"/suara/{one}/hapus", data={"yakin": "1"}).status_code == 403
    assert approver.post(f"/suara/{one}/hapus").status_code == 400
    assert f"/suara/{one}/hapus" in approver.get(f"/suara/{one}").text
    done = approver.post(f"/suara/{one}/hapus", data={"yakin": "1"})
    assert done.status_code == 303
    after = approver.get(f"/suara/{one}").text
    assert "Yang tersisa hanya hitungannya." in after
    assert "ditolak" not in after
    assert f"/suara/{one}/hapus" not in after
