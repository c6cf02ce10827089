"""*Catatan audit*: the page that shows who did what, and hands over the proof."""

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.chain import AuditEvent
from models.scope import SystemScope
from models.states import Role
from pipeline.auditing import verify_export
from tests.acceptance.test_web_pages import form
from tests.conftest import add_office, add_person
from tests.integration.audit_kit import behind
from tests.web_kit import AT, Dashboard, build


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Dashboard]:
    built = build(tmp_path)
    yield built
    built.store.close()


def write(site: Dashboard, times: int, action: str = "announcement.draft") -> None:
    person = site.seeded.people["dimas"]
    with site.store.write(site.seeded.office) as work:
        for number in range(times):
            work.audit.act(person, action, AuditEvent, number + 1, AT)


def tamper(site: Dashboard) -> None:
    behind(site.store, "UPDATE audit_events SET detail = 'x' WHERE number = 1")


def test_what_was_done_on_a_page_is_listed_with_who_and_what(site: Dashboard) -> None:
    author, head = site.browser("dimas"), site.browser("ratna")
    author.post("/tulis", data=form(site))
    page = head.get("/catatan").text
    assert "Menulis pengumuman" in page
    assert site.seeded.people["dimas"].name in page
    assert "Belum pernah diperiksa" in page
    assert 'href="/catatan/bukti/' in page


def test_an_empty_log_says_what_will_come(site: Dashboard) -> None:
    head = site.browser("ratna")  # signing in is an act
    behind(site.store, "DELETE FROM audit_events")
    behind(site.store, "DELETE FROM audit_heads")
    page = head.get("/catatan").text
    assert "Belum ada catatan" in page
    assert "Periksa sekarang" not in page


def test_an_officer_has_neither_the_page_nor_its_parts(site: Dashboard) -> None:
    officer = site.browser("dimas")
    number = site.seeded.announcements["terbit"]
    for path in ("/catatan", "/catatan/ekspor.jsonl", f"/catatan/bukti/{number}"):
        assert officer.get(path).status_code == 403, path
    assert officer.post("/catatan/periksa").status_code == 403
    assert "/catatan" not in officer.get("/").text


def test_a_check_is_remembered_and_says_what_is_broken(site: Dashboard) -> None:
    write(site, 3)
    head = site.browser("ratna")
    assert head.post("/catatan/periksa").status_code == 200
    assert "Utuh" in head.get("/catatan").text
    tamper(site)
    told = head.post("/catatan/periksa").text
    assert "Catatan 1 diubah" in told
    again = head.get("/catatan").text
    assert "Rusak" in again
    assert "Periksa sekarang untuk melihat di mana." in again


def test_the_list_is_narrowed_and_goes_on(site: Dashboard) -> None:
    write(site, 60)
    write(site, 1, "account.stop")
    head = site.browser("ratna")
    page = head.get("/catatan?tindakan=account").text
    assert "Menghentikan akun" in page
    assert "Menulis pengumuman" not in page
    dimas = site.seeded.people["dimas"].user_id
    first = head.get(f"/catatan?pelaku={dimas}").text
    assert first.count("<tr>") == 51
    assert f"/catatan?pelaku={dimas}&amp;sebelum=" in first
    rest = head.get(f"/catatan?pelaku={dimas}&sebelum=12").text
    assert rest.count("<tr>") < 15
    assert "Ke yang terbaru" in rest
    none = head.get("/catatan?sampai=2020-01-01").text
    assert "Tidak ada catatan untuk saringan ini" in none
    assert head.get("/catatan?dari=kemarin").status_code == 422


def test_the_export_is_the_whole_chain_with_its_head_last(site: Dashboard) -> None:
    write(site, 5)
    answer = site.browser("ratna").get("/catatan/ekspor.jsonl")
    assert answer.headers["content-disposition"].startswith("attachment")
    lines = answer.text.splitlines()
    assert verify_export(lines).whole
    with site.store.read(SystemScope("test")) as work:
        head = work.audit.head(site.seeded.office.office_id)
    assert json.loads(lines[-1])["head"] == str(head)


def test_evidence_is_downloaded_as_a_zip(site: Dashboard) -> None:
    number = site.seeded.announcements["terbit"]
    head = site.browser("ratna")
    answer = head.get(f"/catatan/bukti/{number}")
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert "SHA256SUMS" in archive.namelist()
    assert head.get("/catatan/bukti/999999").status_code == 404
    sent = site.seeded.deliveries["terbit"]
    assert f"/catatan/bukti/{number}" in head.get(f"/kiriman/{sent}").text


def test_the_log_is_not_shown_to_another_office(site: Dashboard) -> None:
    write(site, 1, "account.stop")
    other = add_office(site.store, "lain", "Polres Lain")
    add_person(site.store, other, Role.APPROVER, "wati")
    stranger = site.browser("wati")
    assert "Menghentikan akun" not in stranger.get("/catatan").text
    number = site.seeded.announcements["terbit"]
    assert stranger.get(f"/catatan/bukti/{number}").status_code == 404
