"""Signatures on the pages and at a terminal: how many, whose, and what still waits."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from models.states import AnnouncementState, Role
from pipeline import approving
from sandbox.site import Site
from tests.conftest import add_person
from tests.terminal import Terminal
from tests.web_kit import AT, Dashboard, build

SOON = f"{datetime.now(UTC) + timedelta(hours=30):%Y-%m-%d} 12:00"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Dashboard]:
    built = build(tmp_path)
    yield built
    built.store.close()


def ask(site: Dashboard, login: str = "dimas", **more: str) -> int:
    form = {
        "judul": "Penutupan jalan",
        "isi": "Jalan Merdeka ditutup Sabtu pagi, ikuti petugas.",
        "akun": [str(site.seeded.accounts["x"])],
        "versi": "0",
        "aksi": "minta",
        **more,
    }
    answer = site.browser(login).post("/tulis", data=form)
    assert answer.status_code == 303, answer.text
    return int(answer.headers["location"].split("/")[2].partition("?")[0])


def sign(site: Dashboard, login: str, number: int) -> tuple[int, str]:
    with site.store.read(site.seeded.office) as work:
        digest = work.announcements.content(number).hash
    answer = site.browser(login).post(
        f"/persetujuan/{number}/setujui", data={"kode": digest}
    )
    return answer.status_code, answer.headers.get("location", "")


def state(site: Dashboard, number: int) -> AnnouncementState:
    with site.store.read(site.seeded.office) as work:
        return work.announcements.get(number).state


def test_two_people_sign_on_the_page_and_the_second_lets_it_out(
    site: Dashboard,
) -> None:
    admin = site.browser("admin")
    told = admin.post("/pengguna/tanda-tangan", data={"jumlah": "2"})
    assert told.headers["location"].endswith("kabar=tanda-tangan")
    assert '<option value="2" selected>' in admin.get("/pengguna").text
    add_person(site.store, site.seeded.office, Role.APPROVER, "kapolres")
    number = ask(site)
    page = site.browser("ratna").get(f"/persetujuan/{number}").text
    assert "Langkah 1 belum ditandatangani" in page
    assert "Tanda tangani" in page
    assert "Setujui dan jadwalkan" not in page
    assert sign(site, "ratna", number) == (303, "/persetujuan?kabar=ditandatangani")
    assert state(site, number) is AnnouncementState.ASKED
    again = site.browser("ratna").get(f"/persetujuan/{number}").text
    assert "Anda sudah menandatangani." in again
    assert "Langkah 2 belum ditandatangani" in again
    assert sign(site, "ratna", number)[0] == 403
    assert (
        "Tanda tangan 1 dari 2." in site.browser("dimas").get(f"/tulis/{number}").text
    )
    last = site.browser("kapolres").get(f"/persetujuan/{number}").text
    assert "Setujui dan jadwalkan" in last
    assert sign(site, "kapolres", number) == (303, "/persetujuan?kabar=disetujui")
    assert state(site, number) is AnnouncementState.APPROVED


def test_the_page_shows_what_changed_since_it_was_sent_back(site: Dashboard) -> None:
    number = ask(site)
    send = f"/persetujuan/{number}"
    page = site.browser("ratna").get(send).text
    assert "Berubah sejak" not in page
    told = {"alasan": "Harinya keliru."}
    site.browser("ratna").post(f"{send}/kembalikan", data=told)
    form = {
        "judul": "Penutupan jalan",
        "isi": "Jalan Merdeka ditutup Minggu pagi, ikuti petugas.",
        "akun": [str(site.seeded.accounts["mastodon"])],
        "nomor_surat": "B/12/XI/2026/Humas",
        "versi": "1",
        "aksi": "minta",
    }
    answer = site.browser("dimas").post(f"/tulis/{number}", data=form)
    assert answer.status_code == 303, answer.text
    assert (
        'value="B/12/XI/2026/Humas"'
        in site.browser("dimas").get(f"/tulis/{number}").text
    )
    page = site.browser("ratna").get(send).text
    assert "Berubah sejak dikembalikan" in page
    assert "Harinya keliru." in page
    assert "akun ditambah" in page
    assert "akun dilepas" in page
    gone, come = page.index("<del>"), page.index("<ins>")
    assert "dihapus:" in page[gone : gone + 60]
    assert "ditambah:" in page[come : come + 60]
    assert "<bdi>B/12/XI/2026/Humas</bdi>" in page


def test_only_the_words_that_changed_are_marked(site: Dashboard) -> None:
    number = ask(site)
    assert sign(site, "ratna", number)[0] == 303
    form = {
        "judul": "Penutupan jalan",
        "isi": "Jalan Merdeka ditutup Minggu pagi, ikuti petugas.",
        "akun": [str(site.seeded.accounts["x"])],
        "versi": "1",
        "aksi": "minta",
    }
    answer = site.browser("dimas").post(f"/tulis/{number}", data=form)
    assert answer.status_code == 303, answer.text
    page = site.browser("ratna").get(f"/persetujuan/{number}").text
    assert "Berubah sejak disetujui" in page
    bare = re.sub(r'<span class="vh">.*?</span>', "", page)
    assert "Jalan Merdeka ditutup <del>Sabtu</del><ins>Minggu</ins> pagi," in bare


def test_more_signatures_than_approvers_are_pointed_out(site: Dashboard) -> None:
    admin = site.browser("admin")
    assert "tidak ada yang dapat terbit" not in admin.get("/pengguna").text
    admin.post("/pengguna/tanda-tangan", data={"jumlah": "3"})
    assert "Penyetuju aktif hanya 2 orang" in admin.get("/pengguna").text


@pytest.mark.parametrize("login", ["ratna", "dimas"])
def test_only_an_administrator_sets_the_number(site: Dashboard, login: str) -> None:
    answer = site.browser(login).post("/pengguna/tanda-tangan", data={"jumlah": "2"})
    assert answer.status_code == 403


def test_what_expired_is_told_to_its_author_and_to_the_desk(site: Dashboard) -> None:
    number = ask(site, kategori="umum", batas="2026-11-24T12:30")
    approving.expire_due(site.store, AT + timedelta(minutes=18))
    assert state(site, number) is AnnouncementState.EXPIRED
    assert "Permintaan Anda kedaluwarsa:" in site.browser("dimas").get("/").text
    assert "Permintaan kedaluwarsa:" in site.browser("ratna").get("/").text
    page = site.browser("dimas").get(f"/tulis/{number}").text
    assert "Permintaan persetujuan kedaluwarsa." in page
    assert sign(site, "ratna", number)[0] == 409


def test_the_author_cannot_approve_on_the_page_or_at_a_terminal(
    site: Dashboard, tmp_path: Path
) -> None:
    number = ask(site, "ratna")  # an approver who writes
    page = site.browser("ratna").get(f"/persetujuan/{number}").text
    assert "/setujui" not in page
    assert sign(site, "ratna", number)[0] == 403
    assert state(site, number) is AnnouncementState.ASKED
    folder = tmp_path / "terminal"
    folder.mkdir()
    with Site.start() as pretend:
        terminal = Terminal(folder)
        written = _written_by_an_approver(terminal, pretend)
        tried = terminal.try_(
            "--as", "wira", "announcement", "approve", written, "--yes"
        )
    assert tried.returncode == 1
    assert "Ini tulisan Anda" in tried.stderr


def test_a_terminal_says_which_signature_it_was(tmp_path: Path) -> None:
    with Site.start() as pretend:
        terminal = Terminal(tmp_path)
        number = _written_by_an_approver(terminal, pretend)
        for login in ("satu", "dua"):
            role = ("--role", "approver")
            terminal.run("user", "add", login, "--name", login.title(), *role)
        first = terminal.run("--as", "satu", "announcement", "approve", number, "--yes")
        assert "Tanda tangan 1 dari 2 dicatat." in first
        assert "Nomor surat: B/12/XI/2026" in first
        assert "Judul: " in first
        assert "Jenis: umum" in first
        back = ("announcement", "send-back", number, "--reason", "Jamnya keliru.")
        assert terminal.run("--as", "dua", *back) == "Dikembalikan kepada penulis.\n"
        terminal.run("--as", "wira", "announcement", "schedule", number, SOON)
        terminal.run("--as", "wira", "announcement", "ask", number)
        again = terminal.run("--as", "satu", "announcement", "approve", number, "--yes")
        assert "“Jamnya keliru.”" in again
        assert f"Terbit: [--]{{+{SOON}+}}" in again
        second = terminal.run("--as", "dua", "announcement", "approve", number, "--yes")
    assert "✓ Tanda tangan 1 dari 2: Satu" in second
    assert "Disetujui. 1 kiriman dijadwalkan." in second
    assert terminal.run("office", "signatures") == "Tanda tangan sebelum terbit: 2.\n"


def _written_by_an_approver(terminal: Terminal, pretend: Site) -> str:
    """Asked for by who might approve it, in an office that wants two signatures."""
    terminal.init()
    terminal.run("user", "add", "wira", "--name", "Wirawan", "--role", "approver")
    terminal.run("office", "signatures", "2")
    terminal.environment["KENTONGAN_INNER_HOSTS"] = json.dumps(
        [pretend.url.removeprefix("http://")]
    )
    tokens = pretend.add_account("mastodon", "polres_baris")
    account = terminal.json(
        "account", "connect", "mastodon", "--base-url", pretend.url,
        **{name.upper(): value for name, value in tokens.secrets.items()},
    )  # fmt: skip
    assert isinstance(account, dict)
    drafted = terminal.json(
        "--as", "wira", "announcement", "draft", "--title", "Jalan",
        "--body", "Jalan Merdeka ditutup.", "--account", str(account["id"]),
        "--letter-number", "B/12/XI/2026",
    )  # fmt: skip
    assert isinstance(drafted, dict)
    terminal.run("--as", "wira", "announcement", "ask", str(drafted["id"]))
    return str(drafted["id"])
