"""Who gets in, from where, and what every answer carries."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.scope import OfficeScope
from pipeline import people
from tests.seeding import PASSWORD
from tests.web_kit import AT, BASE, Dashboard, build
from web import vendor
from web.guard import LARGEST_BODY

PAGES = [
    "/", "/suara", "/suara?tampil=semua", "/tulis", "/persetujuan", "/kiriman",
    "/saran", "/sumber", "/suasana", "/laporan", "/akun", "/kalender",
    "/kalender?tampil=bulan", "/kalender?tampil=daftar",
    "/wartawan",
]  # fmt: skip
LEADING_OUT = [
    "//jahat.test", "https://jahat.test", "/\\jahat.test", "/\t/jahat.test",
    "/\n/jahat.test",
]  # fmt: skip
HUGE = ["99999999999999999999", "2147483648", "9" * 5000, "0", "-1", "1.5", "²"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    built = build(Path(tmp_path_factory.mktemp("web")))
    yield built
    built.store.close()


@pytest.mark.parametrize("page", PAGES)
def test_nobody_sees_a_page_without_signing_in(site: Dashboard, page: str) -> None:
    answer = site.browser().get(page)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/masuk?ke=/")


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_after_signing_in(site: Dashboard, page: str) -> None:
    answer = site.browser("ratna").get(page)
    assert answer.status_code == 200
    assert '<html lang="id"' in answer.text
    assert answer.text.count("<h1") == 1


def test_whose_session_ended_while_writing_comes_back_to_that_page(
    site: Dashboard,
) -> None:
    stranger = site.browser()
    for page, back in (
        ("http://kentongan.test/tulis/3?kabar=x", "/masuk?ke=/tulis/3"),
        ("https://jahat.example//jahat.example", "/masuk?ke=/"),
        ("", "/masuk?ke=/"),
    ):
        answer = stranger.post("/tulis/3", data={}, headers={"referer": page})
        assert answer.headers["location"] == back


def test_a_wrong_password_and_an_unknown_name_are_told_alike(site: Dashboard) -> None:
    browser = site.browser()
    wrong = browser.post("/masuk", data={"nama": "dimas", "sandi": "bukan ini"})
    unknown = browser.post("/masuk", data={"nama": "siapa", "sandi": "bukan ini"})
    assert wrong.status_code == unknown.status_code == 401
    assert "Nama atau kata sandi tidak cocok" in wrong.text
    assert wrong.text.replace("dimas", "siapa") == unknown.text


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(site: Dashboard) -> None:
    answer = site.browser().post("/masuk", data={"nama": "sari", "sandi": PASSWORD})
    cookies = answer.headers.get_list("set-cookie")
    session = next(one for one in cookies if one.startswith("kentongan="))
    assert "HttpOnly" in session
    assert "samesite=lax" in session.lower()


def test_signing_out_ends_the_session_on_the_server(site: Dashboard) -> None:
    browser = site.browser("dimas")
    token = browser.cookies["kentongan"]
    browser.post("/keluar")
    thief = site.browser()
    thief.cookies.set("kentongan", token)
    assert thief.get("/").status_code == 303


def test_a_link_is_not_used_up_by_looking_and_works_once(site: Dashboard) -> None:
    dimas = site.seeded.people["dimas"]
    scope = OfficeScope(dimas.office_id)
    token = people.make_link(site.store, scope, dimas.user_id, AT)
    preview = site.browser().get(f"/masuk/tautan?kode={token}")
    assert preview.status_code == 200
    assert token in preview.text
    browser = site.browser()
    assert browser.post("/masuk/tautan", data={"kode": token}).status_code == 303
    assert browser.get("/").status_code == 200
    again = site.browser().post("/masuk/tautan", data={"kode": token})
    assert again.status_code == 401
    assert "sudah dipakai atau kedaluwarsa" in again.text


@pytest.mark.parametrize("to", LEADING_OUT)
def test_changing_the_language_never_leads_out_of_our_pages(
    site: Dashboard, to: str
) -> None:
    answer = site.browser("dimas").post("/bahasa", data={"bahasa": "id", "ke": to})
    assert answer.headers["location"] == "/"


@pytest.mark.parametrize("to", LEADING_OUT)
def test_signing_in_never_leads_out_of_our_pages(site: Dashboard, to: str) -> None:
    answer = site.browser().post(
        "/masuk", data={"nama": "dimas", "sandi": PASSWORD, "ke": to}
    )
    assert answer.headers["location"] == "/"


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://jahat.test"},
        {"origin": "null"},
        {"origin": ""},
        {"origin": "http://kentongan.test:81"},
        {"origin": BASE, "sec-fetch-site": "cross-site"},
        {"origin": BASE, "sec-fetch-site": "same-site"},
    ],
)
def test_a_write_from_a_foreign_page_is_refused(
    site: Dashboard, headers: dict[str, str]
) -> None:
    answer = site.browser("dimas").post(
        "/tulis", data={"judul": "x", "isi": "y"}, headers=headers
    )
    assert answer.status_code == 403
    assert "tidak berasal dari halaman Kentongan" in answer.text


def test_a_write_that_says_nothing_of_its_page_is_refused(site: Dashboard) -> None:
    browser = site.browser("dimas")
    del browser.headers["origin"]
    assert browser.post("/tulis", data={"judul": "x"}).status_code == 403


@pytest.mark.parametrize("page", ["/", "/masuk", "/tidak-ada", "/static/app.css"])
def test_every_answer_carries_a_strict_policy(site: Dashboard, page: str) -> None:
    headers = site.browser("dimas").get(page).headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'self'")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert "referrer-policy" in headers


@pytest.mark.parametrize("page", PAGES)
def test_no_page_carries_inline_script_or_style(site: Dashboard, page: str) -> None:
    text = site.browser("ratna").get(page).text
    assert not re.search(r"\sstyle=|\son[a-z]+=|<style|javascript:", text)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", text))


def test_pages_are_never_kept_and_named_files_for_a_year(site: Dashboard) -> None:
    browser = site.browser("dimas")
    page = browser.get("/")
    assert page.headers["cache-control"] == "no-store"
    found = re.search(r"/static/app\.css\?v=[0-9a-f]{12}", page.text)
    assert found
    assert "immutable" in browser.get(found[0]).headers["cache-control"]


def test_a_body_that_is_too_large_is_refused_unread(site: Dashboard) -> None:
    answer = site.browser("dimas").post("/tulis", content=b"x" * (LARGEST_BODY + 1))
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "page",
    [
        pytest.param("/tulis", id="read as a whole"),
        pytest.param("/suara/1/tandai", id="read as single fields"),
    ],
)
def test_a_form_without_an_end_is_cut_off(site: Dashboard, page: str) -> None:
    chunk = b"x" * 1024 * 1024
    endless = (chunk for _ in range(LARGEST_BODY // len(chunk) + 2))
    answer = site.browser("dimas").post(
        page,
        content=endless,
        headers={"content-type": "application/x-www-form-urlencoded"},
    )
    assert answer.status_code == 413
    assert "Berkasnya terlalu besar" in answer.text


@pytest.mark.parametrize("number", HUGE)
@pytest.mark.parametrize(
    "page",
    [
        "/kiriman/{}", "/kiriman/{}/baris", "/gambar/{}", "/suara/{}",
        "/suara/{}/label", "/tulis/{}", "/persetujuan/{}", "/saran/{}",
    ],
)  # fmt: skip
def test_a_number_that_no_row_can_have_is_not_found(
    site: Dashboard, page: str, number: str
) -> None:
    answer = site.browser("dimas").get(page.format(number))
    assert answer.status_code == 404
    assert "Halaman atau data ini tidak ada" in answer.text


@pytest.mark.parametrize(
    ("login", "page"),
    [
        ("dimas", "/kiriman/{}/lepas"), ("dimas", "/kiriman/{}/batal"),
        ("dimas", "/tulis/{}"), ("dimas", "/tulis/{}/batal"), ("ratna", "/akun/{}/lanjut"),
        ("admin", "/akun/{}/aktif"), ("admin", "/sumber/{}/henti"),
        ("admin", "/pengguna/{}/tautan"),
    ],
)  # fmt: skip
def test_a_write_on_a_number_that_no_row_can_have_is_not_found(
    site: Dashboard, login: str, page: str
) -> None:
    answer = site.browser(login).post(page.format(HUGE[0]))
    assert answer.status_code == 404


@pytest.mark.parametrize("number", [HUGE[0], HUGE[1], "-1", "x"])
@pytest.mark.parametrize("page", ["/langsung?sejak={}", "/saran/{idea}?suara={}"])
def test_a_huge_number_behind_the_question_mark_is_not_found(
    site: Dashboard, page: str, number: str
) -> None:
    page = page.replace("{idea}", str(site.seeded.idea))
    assert site.browser("dimas").get(page.format(number)).status_code == 404


@pytest.mark.parametrize("end", ["1764000000_99999999999999999999", "1e400_1", "1_²"])
def test_a_cursor_nobody_wrote_starts_from_the_top(site: Dashboard, end: str) -> None:
    for page in ("/suara?tampil=semua", "/kiriman"):
        start = "&" if "?" in page else "?"
        answer = site.browser("dimas").get(f"{page}{start}sesudah={end}")
        assert answer.status_code == 200


def test_numbers_in_a_form_that_no_row_has_change_nothing(site: Dashboard) -> None:
    dimas, item = site.browser("dimas"), site.seeded.items[0]
    for number in ("99999999999999999999", "²", "-1"):
        answer = dimas.post(f"/suara/{item}/saran", data={"saran": number})
        assert answer.status_code == 404
    typed = {"judul": "Uji", "isi": "Isi", "versi": "99999999999999999999"}
    assert dimas.post("/tulis", data=typed).status_code == 303


def test_what_is_vendored_is_what_was_written_down() -> None:
    assert vendor.changed() == []


def test_machines_hear_how_it_stands_without_secrets(site: Dashboard) -> None:
    health = site.browser().get("/healthz")
    assert health.status_code == 200
    assert health.json()["status"] == "ok"
    assert "sukamaju" not in health.text


def test_metrics_stay_on_this_machine(site: Dashboard) -> None:
    assert (
        site.browser().get("/metrics").status_code == 404
    )  # "testclient" is no address
