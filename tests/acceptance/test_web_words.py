"""What pages say to a newcomer: why, how much, what next; and no share of too few."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from models.item import Item, ItemLabels
from models.labels import Element, Kind, Labels, Sentiment, Service, Severity
from models.labels_json import to_json
from models.office import User
from models.scope import SystemScope
from models.source import Source, Subscription
from models.states import Reply, Role
from tests.conftest import add_office
from tests.seeding import add_voice, labels_of
from tests.web_kit import AT, Dashboard, build

FRAGMENT = {"hx-request": "true"}
PAGES = [
    "/", "/suara", "/tulis", "/persetujuan", "/kiriman", "/saran", "/sumber",
    "/suasana", "/suasana.csv", "/laporan", "/akun", "/henti", "/catatan", "/masuk",
    "/healthz",
]  # fmt: skip


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Dashboard]:
    built = build(tmp_path)
    yield built
    built.store.close()


def labels(text: str, kind: Kind, word: str) -> Labels:
    sentiment = Sentiment.NEUTRAL
    return labels_of(text, kind, sentiment, Service.SIM, [word], Element.U3, True)


def hear(site: Dashboard, text: str, told: Labels | None = None) -> int:
    with site.store.write(site.seeded.office) as work:
        return add_voice(
            work,
            site.seeded.office,
            account_id=site.seeded.accounts["x"],
            network="x",
            text=text,
            labels=told,
            at=AT - timedelta(seconds=20),
        )


def read(site: Dashboard, item_id: int, told: Labels) -> None:
    """Store the labels of an item, as the reader of texts does."""
    with site.store.write(site.seeded.office) as work:
        row = work.session.get_one(Item, item_id)
        row.labelled_by = told.model
        row.kind, row.kind_sure = told.kind.label, told.kind.sure
        row.severity = told.severity
        work.session.add(
            ItemLabels(
                office_id=row.office_id,
                item_id=item_id,
                model=told.model,
                labels=to_json(told),
                created_at=AT,
            )
        )


# who decides


@pytest.mark.parametrize(
    ("login", "why"),
    [
        ("dimas", "Ini tulisan Anda"),  # an officer, and its author
        ("admin", "Peran Anda tidak menyetujui"),
    ],
)
def test_who_may_not_decide_is_told_why(site: Dashboard, login: str, why: str) -> None:
    asked = site.seeded.announcements["minta"]
    page = site.browser(login).get(f"/persetujuan/{asked}").text
    assert why in page
    assert "membaca saja" not in page
    assert "Setujui dan jadwalkan" not in page


def test_an_approver_who_decides_on_their_own_text_is_told_so(site: Dashboard) -> None:
    browser = site.browser("ratna")
    told = {"judul": "Uji", "isi": "Loket buka.", "versi": "0", "aksi": "minta"}
    form = {**told, "akun": str(site.seeded.accounts["x"])}
    address = browser.post("/tulis", data=form).headers["location"]
    one = address.partition("?")[0].rpartition("/")[2]
    code = re.search(r"Kode isi", browser.get(f"/persetujuan/{one}").text)
    assert code
    with site.store.read(site.seeded.office) as work:
        content = work.announcements.content(int(one)).hash
    refused = browser.post(f"/persetujuan/{one}/setujui", data={"kode": content})
    assert refused.status_code == 403
    assert "Tulisan sendiri disetujui orang lain" in refused.text
    assert "Peran Anda" not in refused.text


# writing


def test_an_untouched_form_is_calm(site: Dashboard) -> None:
    page = site.browser("dimas").get("/tulis").text
    assert "Ditahan" not in page
    assert "Biaya sekitar" not in page
    assert "Panjang teks diperiksa sambil Anda menulis." in page
    assert "Pilih berkas" in page


def test_a_cost_is_told_of_a_text_and_not_of_none(site: Dashboard) -> None:
    form = {"isi": "Loket buka.", "akun": str(site.seeded.accounts["x"])}
    browser = site.browser("dimas")
    told = browser.post("/tulis/hitung", data=form, headers=FRAGMENT).text
    assert "Biaya sekitar" in told
    empty = browser.post("/tulis/hitung", data={**form, "isi": " "}, headers=FRAGMENT)
    assert "Biaya sekitar" not in empty.text
    assert "Ditahan" not in empty.text


def test_an_account_without_a_text_is_held_once_another_has_one(
    site: Dashboard,
) -> None:
    x, other = site.seeded.accounts["x"], site.seeded.accounts["mastodon"]
    form = {f"teks-{x}": "Loket buka.", "akun": [str(x), str(other)]}
    told = site.browser("dimas").post("/tulis/hitung", data=form, headers=FRAGMENT)
    assert told.text.count("Ditahan") == 1


def test_a_time_is_read_back_in_words_and_zone(site: Dashboard) -> None:
    form = {"isi": "Loket buka.", "terbit": "2026-11-28T06:00", "batas": "besok"}
    told = site.browser("dimas").post("/tulis/hitung", data=form, headers=FRAGMENT).text
    assert "Terbaca: Sab, 28 Nov 2026 06.00 WIB" in told
    assert told.count("tgl/bln/thn dan jam WIB") == 1  # the other cannot be read


def test_what_has_left_cannot_be_cancelled_any_more(site: Dashboard) -> None:
    browser, seeded = site.browser("dimas"), site.seeded.announcements
    assert "Batalkan pengumuman" not in browser.get(f"/tulis/{seeded['terbit']}").text
    assert "Batalkan pengumuman" in browser.get(f"/tulis/{seeded['jadwal']}").text
    assert "Batalkan pengumuman" in browser.get(f"/tulis/{seeded['draf']}").text


def test_accounts_are_named_as_networks_name_them(site: Dashboard) -> None:
    with site.store.write(site.seeded.office) as work:
        work.accounts.get(site.seeded.accounts["x"]).handle = "humas_sukamaju"
    browser = site.browser("dimas")
    for page in ("/tulis", "/akun", "/kiriman", "/sumber"):
        shown = browser.get(page).text
        assert "@humas_sukamaju" in shown, page
        assert "@@" not in shown, page


# voices


def test_a_voice_is_asked_for_until_it_is_read(site: Dashboard) -> None:
    text = "antre dari subuh, loket cuma satu"
    one = hear(site, text)
    browser, address = site.browser("ratna"), f"/suara/{hear(site, 'lain')}/label"
    assert f'hx-get="{address}"' in browser.get(address).text
    page = browser.get(f"/suara/{one}").text
    assert f'hx-get="/suara/{one}/label"' in page
    read(site, one, labels(text, Kind.COMPLAINT, "antre dari subuh"))
    told = browser.get(f"/suara/{one}/label", headers=FRAGMENT).text
    assert "hx-get" not in told
    assert "Keluhan" in told
    assert re.search(r'id="kata-\d+" hx-swap-oob="true">.*<mark', told)


def test_a_voice_that_turns_out_restricted_leaves_the_screen(site: Dashboard) -> None:
    text = "diminta uang rokok biar cepat"
    one = hear(site, text)
    read(site, one, labels(text, Kind.INTEGRITY, "uang rokok"))
    answer = site.browser("dimas").get(f"/suara/{one}/label", headers=FRAGMENT)
    assert answer.status_code == 204
    assert answer.headers["hx-redirect"] == "/suara"
    assert answer.text == ""


def test_after_an_idea_its_citizen_is_answered(site: Dashboard) -> None:
    one = site.seeded.items[5]
    browser = site.browser("dimas")
    made = browser.post(f"/suara/{one}/saran", data={"judul": "Atap di antrean"})
    page = browser.get(made.headers["location"]).text
    assert "Saran dicatat." in page
    assert "Warganya belum dijawab." in page
    assert "Balas di Mastodon" in page
    assert f'action="/suara/{one}/tandai"' in page
    browser.post(f"/suara/{one}/tandai", data={"jawab": Reply.ANSWERED.value})
    again = browser.get(made.headers["location"]).text
    assert "Warganya belum dijawab." not in again


def test_the_next_step_after_an_idea_tells_nothing_of_other_voices(
    site: Dashboard,
) -> None:
    idea, hidden = site.seeded.idea, site.seeded.items[9]
    for one in (hidden, 999_999):
        page = site.browser("dimas").get(f"/saran/{idea}?suara={one}")
        assert page.status_code == 200
        assert "Warganya belum dijawab." not in page.text


def test_a_quote_begins_with_what_is_said(site: Dashboard) -> None:
    text = "@humas_sukamaju Usul: ada @loket_dua juga"
    one = hear(site, text, labels(text, Kind.SUGGESTION, "Usul"))
    browser = site.browser("ratna")
    told = {"judul": "Loket kedua"}
    idea = browser.post(f"/suara/{one}/saran", data=told).headers["location"]
    browser.post("/laporan")
    assert "“<bdi>Usul: ada @loket_dua juga</bdi>”" in browser.get(idea).text
    page = browser.get("/laporan").text
    assert "“<bdi>Usul: ada [akun] juga</bdi>”" in page
    assert "“[akun]" not in page


def test_what_came_this_minute_came_just_now(site: Dashboard) -> None:
    hear(site, "baru", labels("baru", Kind.QUESTION, "baru"))
    page = site.browser("ratna").get("/suara").text
    assert "</span>baru saja</span>" in page
    assert "0 menit" not in page
    assert "mnt" not in page


def test_direction_marks_of_citizens_end_with_their_words(site: Dashboard) -> None:
    text = "antre \u202e lama \u2066 sekali"
    one = hear(site, text, labels(text, Kind.SUGGESTION, "antre"))
    with site.store.write(site.seeded.office) as work:
        work.session.get_one(Item, one).severity = Severity.S0
    browser = site.browser("ratna")
    idea = browser.post(f"/suara/{one}/saran", data={"judul": f"Saran {text}"}).headers[
        "location"
    ]
    browser.post("/laporan")
    for page in (
        "/",
        "/suara?tampil=semua",
        f"/suara/{one}",
        idea,
        "/saran",
        "/laporan",
    ):
        shown = browser.get(page).text
        shown = re.sub(r"<textarea.*?</textarea>", "", shown, flags=re.DOTALL)
        outside = re.sub(r"<bdi>.*?</bdi>", "", shown, flags=re.DOTALL)
        assert not re.search("[\u202a-\u202e\u2066-\u2069]", outside), page
    assert "<bdi>" in browser.get("/suara").text


def test_a_feeds_title_keeps_its_direction_marks_to_itself(site: Dashboard) -> None:
    with site.store.write(SystemScope("test")) as work:
        source = work.session.scalars(select(Source)).first()
        assert source is not None
        source.title = "Warta \u202e Sukamaju"
        work.session.execute(update(Subscription).values(label=""))
    for page in ("/", "/sumber", "/suasana"):
        shown = site.browser("admin").get(page).text
        outside = re.sub(r"<bdi>.*?</bdi>", "", shown, flags=re.DOTALL)
        assert "\u202e" not in outside, page


def test_a_new_idea_is_called_by_the_voice_until_a_person_says_better(
    site: Dashboard,
) -> None:
    text = "@humas_sukamaju Usul: loket kedua dekat pintu " + "masuk " * 30
    one = hear(site, text, labels(text, Kind.SUGGESTION, "Usul"))
    page = site.browser("ratna").get(f"/suara/{one}").text
    name = re.search(r'name="judul" maxlength="160" value="([^"]*)"', page)
    assert name
    assert name[1].startswith("Usul: loket kedua dekat pintu masuk")
    assert name[1].endswith("masuk…")


def test_answering_in_order_begins_with_the_oldest(site: Dashboard) -> None:
    browser = site.browser("ratna")
    page = browser.get("/").text
    link = re.search(r'href="([^"]*)">Jawab berurutan', page)
    assert link
    listed = browser.get(link[1]).text
    times = re.findall(
        r'<a class="in-item".*?<time datetime="([^"]+)"', listed, re.DOTALL
    )
    assert len(times) > 5
    assert times == sorted(times)
    assert "tertua dulu" in listed
    assert 'name="urut" value="lama"' in listed  # a filter keeps the order
    first = re.search(r'<a class="in-item" href="(/suara/\d+)', listed)
    assert first
    assert first[1] in page  # the panel of Hari ini begins with the same
    turned = re.search(r'href="(/suara\?[^"]*)">Terbaru dulu', listed)
    assert turned is None or "urut" not in turned[1]


# the chief's page


def test_few_stories_are_counts_on_every_form_of_the_page(site: Dashboard) -> None:
    with site.store.write(site.seeded.office) as work:
        work.session.query(ItemLabels).delete()
        rows = work.session.query(Item).order_by(Item.id).all()
        for row in rows[3:]:
            row.sentiment, row.sentiment_sure = None, False
    browser = site.browser("ratna")
    browser.post("/laporan")
    page = browser.get("/laporan").text
    five = page[page.index('class="k-card kp5"') : page.index('<div class="kp">')]
    assert "terlalu sedikit untuk persentase" in five
    assert "%" not in five
    assert "\u00a0%" not in page  # the lead and the text for a chat neither
    mood = browser.get("/suasana?hari=7").text
    assert "terlalu sedikit untuk persentase" in mood


def test_the_chief_sees_what_is_urgent_as_on_today(site: Dashboard) -> None:
    browser = site.browser("ratna")
    browser.post("/laporan")
    page, today = browser.get("/laporan").text, browser.get("/").text
    urgent = "1 darurat · 1 integritas · 1 klaim"
    assert urgent in page
    assert urgent in today
    assert "Sinyal per unsur layanan" in page
    assert "U3 Waktu" in page
    assert "darurat 1, integritas 1, klaim 1" in page  # the text for a chat


def test_a_desk_that_hears_nobody_does_not_boast_of_zero(tmp_path: Path) -> None:
    built = build(tmp_path)
    other = add_office(built.store, "baru", "Polres Kota Baru")
    with built.store.write(other) as work:
        row = User(
            office_id=other.office_id, login="baru", name="Orang Baru",
            role=Role.APPROVER, password_hash="", created_at=AT,
        )  # fmt: skip
        work.session.add(row)
    page = built.browser("baru").get("/").text
    built.store.close()
    assert page.count("belum ada yang didengarkan") == 2
    assert "semua sudah dijawab" not in page
    assert "Tidak ada yang mendesak" not in page


# machines


@pytest.mark.parametrize("page", PAGES)
def test_head_is_answered_like_get_without_a_body(site: Dashboard, page: str) -> None:
    browser = site.browser("ratna")
    head, get = browser.head(page), browser.get(page)
    assert head.status_code == get.status_code == 200
    assert head.content == b""
    assert head.headers["content-type"] == get.headers["content-type"]
    assert "content-security-policy" in head.headers


def test_head_asks_for_no_page_that_get_refuses(site: Dashboard) -> None:
    assert site.browser().head("/suara").status_code == 303
    assert site.browser("ratna").head("/tidak-ada").status_code == 404
    assert site.browser("ratna").head("/tulis/hitung").status_code in (400, 404)
