"""The emergency lane on the pages and at a terminal."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from models.states import AnnouncementState, Role
from pipeline import countersigning
from sandbox.site import Site
from tests.conftest import add_person
from tests.terminal import Terminal
from tests.web_kit import AT, Dashboard, build

FIELDS = {
    "bahaya": "banjir di bantaran Kali Mekar",
    "tempat": "Kelurahan Mekarasih",
    "tanggal": "2026-11-24",
    "pukul": "12:00",
    "langkah": "Pindah ke tempat tinggi",
    "sumber": "BPBD Kota Sukamaju",
    "kontak": "110",
}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Dashboard]:
    built = build(tmp_path)
    add_person(built.store, built.seeded.office, Role.APPROVER, "kapolres")
    yield built
    built.store.close()


def ask(site: Dashboard, login: str = "dimas", code: str = "bencana") -> int:
    form = {f"isi-{name}": value for name, value in FIELDS.items()}
    form["akun"] = str(site.seeded.accounts["x"])
    answer = site.browser(login).post(f"/templat/{code}/darurat", data=form)
    assert answer.status_code == 303, answer.text
    return int(answer.headers["location"].split("/")[2].partition("?")[0])


def code_of(site: Dashboard, number: int) -> str:
    with site.store.read(site.seeded.office) as work:
        return work.announcements.content(number).hash


def press(site: Dashboard, login: str, number: int, button: str) -> tuple[int, str]:
    told = {"kode": code_of(site, number)}
    answer = site.browser(login).post(f"/persetujuan/{number}/{button}", data=told)
    return answer.status_code, answer.headers.get("location", "")


def test_what_is_held_is_shown_and_no_reason_is_lost(site: Dashboard) -> None:
    form = {f"isi-{name}": value for name, value in FIELDS.items()}
    form |= {"isi-sumber": "NIK 3273014507890001", "alasan_jaga": "singkat"}
    form |= {"akun": str(site.seeded.accounts["x"]), "alasan_ulang": "Masih berlaku."}
    browser = site.browser("dimas")
    mark = "<mark>3273014507890001</mark>"
    assert mark in browser.post("/templat/bencana/pratinjau", data=form).text
    answer = browser.post("/templat/bencana/darurat", data=form)
    assert answer.status_code == 400
    assert mark in answer.text
    assert '<details class="k-more bt" id="darurat" open>' in answer.text
    assert ">singkat</textarea>" in answer.text
    assert 'value="Masih berlaku."' in answer.text


def test_one_lets_it_out_and_another_signs_afterwards(site: Dashboard) -> None:
    offered = site.browser("dimas").get("/templat/bencana").text
    assert "Minta lewat jalur darurat" in offered
    assert "paling lambat 24 jam" in offered
    assert "jalur darurat" not in site.browser("dimas").get("/templat/skck").text
    number = ask(site)
    page = site.browser("ratna").get(f"/persetujuan/{number}").text
    assert "Jalur darurat." in page
    assert "Setujui dan terbitkan sekarang" in page
    assert press(site, "ratna", number, "setujui") == (
        303,
        "/persetujuan?kabar=disetujui",
    )
    assert (
        "Darurat menunggu tanda tangan susulan:" in site.browser("dimas").get("/").text
    )
    waits = site.browser("ratna").get(f"/persetujuan/{number}").text
    assert "Menunggu tanda tangan penyetuju lain." in waits
    assert "/susulan" not in waits
    assert press(site, "ratna", number, "susulan")[0] == 403
    other = site.browser("kapolres").get(f"/persetujuan/{number}").text
    assert "Tanda tangani susulan" in other
    assert press(site, "kapolres", number, "susulan") == (
        303,
        "/persetujuan?kabar=disusulkan",
    )
    assert "susulan" not in site.browser("dimas").get("/").text


def test_what_is_not_signed_in_time_stands_on_the_first_page(site: Dashboard) -> None:
    admin = site.browser("admin")
    assert admin.post("/pengguna/susulan", data={"jam": "1"}).status_code == 303
    assert 'value="1"' in re.search(r'name="jam"[^>]*', admin.get("/pengguna").text)[0]  # type: ignore[index]
    assert admin.post("/pengguna/susulan", data={"jam": "99"}).status_code == 400
    number = ask(site)
    press(site, "ratna", number, "setujui")
    with site.store.write(site.seeded.office) as work:
        approval = work.announcements.latest_approval(number)
        assert approval is not None
        assert approval.countersign_by == AT + timedelta(hours=1)
        approval.countersign_by = AT - timedelta(hours=1)
    countersigning.report_missing(site.store, AT)
    assert "Tanda tangan susulan terlambat:" in site.browser("dimas").get("/").text
    log = site.browser("admin").get("/catatan").text
    assert "Tanda tangan susulan terlambat" in log


def test_a_template_outside_the_lane_is_refused_on_the_page(site: Dashboard) -> None:
    answer = site.browser("dimas").post(
        "/templat/skck/darurat", data={"akun": str(site.seeded.accounts["x"])}
    )
    assert answer.status_code == 400
    assert "Templat ini tidak untuk jalur darurat." in answer.text


def test_self_approval_in_the_emergency_lane_is_impossible_on_the_page(
    site: Dashboard,
) -> None:
    number = ask(site, "ratna")
    page = site.browser("ratna").get(f"/persetujuan/{number}").text
    assert "/setujui" not in page
    assert press(site, "ratna", number, "setujui")[0] == 403
    press(site, "kapolres", number, "setujui")
    assert "/susulan" not in site.browser("ratna").get(f"/persetujuan/{number}").text
    assert press(site, "ratna", number, "susulan")[0] == 403
    with site.store.read(site.seeded.office) as work:
        assert work.announcements.get(number).state is AnnouncementState.APPROVED
        assert work.countersigns.waiting_of(number) is not None


def test_self_approval_in_the_emergency_lane_is_impossible_at_a_terminal(
    tmp_path: Path,
) -> None:
    terminal = Terminal(tmp_path)
    terminal.init()
    for login in ("wira", "satu", "dua"):
        role = ("--role", "approver")
        terminal.run("user", "add", login, "--name", login.title(), *role)
    with Site.start() as pretend:
        terminal.environment["KENTONGAN_INNER_HOSTS"] = json.dumps(
            [pretend.url.removeprefix("http://")]
        )
        tokens = pretend.add_account("mastodon", "polres_baris")
        terminal.json(
            "account", "connect", "mastodon", "--base-url", pretend.url,
            **{name.upper(): value for name, value in tokens.secrets.items()},
        )  # fmt: skip
        given = [f"{name}={value}" for name, value in FIELDS.items()]
        fill = ("template", "fill", "bencana", *given, "--emergency")
        filled = terminal.json("--as", "wira", *fill)
    assert isinstance(filled, dict)
    number = str(filled["id"])
    approve = ("announcement", "approve", number, "--yes")
    sign = ("announcement", "countersign", number, "--yes")
    refused = terminal.try_("--as", "wira", *approve)
    assert (refused.returncode, "Ini tulisan Anda" in refused.stderr) == (1, True)
    assert "Disetujui." in terminal.run("--as", "satu", *approve)
    for login, word in (("wira", "Ini tulisan Anda"), ("satu", "sudah menandatangani")):
        refused = terminal.try_("--as", login, *sign)
        assert (refused.returncode, word in refused.stderr) == (1, True)
    signed = terminal.run("--as", "dua", *sign)
    assert "PERINGATAN: banjir" in signed
    assert "Tanda tangan susulan dicatat." in signed
    assert terminal.run("office", "countersign", "6") == (
        "Tanda tangan susulan: paling lambat 6 jam.\n"
    )
