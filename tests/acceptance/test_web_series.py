"""*Rutin*: written, looked ahead at, asked for, approved by another, paused, ended."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.formats import Formats
from config.holidays import load_holidays
from models.states import SeriesState
from pipeline import occurring
from tests.web_kit import AT, Dashboard, build
from web.rule_form import Repeat, RuleForm, said

ONE = "/rutin/1"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Dashboard]:
    built = build(tmp_path)
    yield built
    built.store.close()


def form(site: Dashboard, **more: object) -> dict[str, object]:
    return {
        "akun": [str(number) for number in site.seeded.accounts.values()],
        "isi-tempat": "Lapangan Harapan Baru",
        "isi-mulai": "08:00",
        "isi-selesai": "12:00",
        "isi-layanan": "perpanjangan SIM A dan SIM C",
        "ulang": "mingguan",
        "hari": ["TH", "FR"],
        "jam": "06:00",
        "dari": "2026-11-25",
        "sampai": "2027-10-31",
        **more,
    }


def texts_in(page: str) -> list[str]:
    return re.findall(r'<p class="pv-t k-pre">(.*?)</p>', page, re.DOTALL)


def written(site: Dashboard) -> None:
    made = site.browser("dimas").post("/rutin/baru/sim_keliling", data=form(site))
    assert made.headers["location"].startswith(ONE)


def state(site: Dashboard) -> SeriesState:
    with site.store.read(site.seeded.office) as work:
        return work.series.get(1).state


def code_in(page: str) -> str:
    found = re.search(r'name="kode" value="([0-9a-f]{64})"', page)
    assert found
    return found[1]


def test_the_way_leads_from_tulis_over_the_templates_that_fit(site: Dashboard) -> None:
    browser = site.browser("dimas")
    assert 'href="/rutin"' in browser.get("/tulis").text
    assert "Belum ada rutin" in browser.get("/rutin").text
    chosen = browser.get("/rutin/baru").text
    assert 'href="/rutin/baru/sim_keliling"' in chosen
    assert "/rutin/baru/hari_libur" not in chosen, "it has two dates"
    shown = browser.get("/rutin/baru/sim_keliling").text
    assert 'name="isi-tempat"' in shown
    assert 'name="isi-tanggal"' not in shown, "the day fills it in"


def test_what_is_looked_ahead_at_is_what_is_made(site: Dashboard) -> None:
    browser = site.browser("dimas")
    data = form(site)
    ahead = browser.post("/rutin/pratinjau/sim_keliling", data=data).text
    assert "Kelahiran Yesus Kristus" in ahead, (
        "Friday 25 December is skipped, and says why"
    )
    written(site)
    browser.post(f"{ONE}/minta")
    approver = site.browser("ratna")
    shown = approver.get(ONE).text
    assert texts_in(shown) == texts_in(ahead)
    approver.post(f"{ONE}/setujui", data={"kode": code_in(shown)})
    assert state(site) is SeriesState.APPROVED
    with site.store.write(site.seeded.office) as work:
        made = occurring.make(work, 1, load_holidays(), AT)
        parts = [work.announcements.content(one).parts for one in made]
    wanted = [part.text for one in parts for part in one]
    assert len(made) == 2
    assert texts_in(shown)[: len(wanted)] == wanted
    assert "Berjalan" in approver.get("/rutin").text
    assert f'href="/tulis/{made[0]}"' in approver.get(ONE).text


def test_what_the_guard_marks_is_shown_to_author_and_approver(site: Dashboard) -> None:
    browser = site.browser("dimas")
    data = form(site, **{"isi-kontak": "WA 081234567890", "isi-tempat": "Jalan Melati"})
    marked = "<mark>081234567890</mark>"
    assert marked in browser.post("/rutin/pratinjau/sim_keliling", data=data).text
    browser.post("/rutin/baru/sim_keliling", data=data)
    browser.post(f"{ONE}/minta")
    assert state(site) is SeriesState.ASKED  # a warning stands in nobody's way
    assert marked in site.browser("ratna").get(ONE).text


def test_what_is_blocked_is_shown_where_it_was_asked_for(site: Dashboard) -> None:
    browser = site.browser("dimas")
    data = form(site, **{"isi-syarat": "NIK 3273014507890001 atas nama Siti"})
    browser.post("/rutin/baru/sim_keliling", data=data)
    answer = browser.post(f"{ONE}/minta")
    assert answer.status_code == 400
    assert "<b>Belum diminta.</b>" in answer.text
    assert "<mark>3273014507890001</mark>" in answer.text
    assert state(site) is SeriesState.DRAFT


def test_who_wrote_or_asked_may_not_approve_and_nobody_unread(site: Dashboard) -> None:
    written(site)
    writer, approver = site.browser("dimas"), site.browser("ratna")
    assert writer.post(f"{ONE}/minta").status_code == 303
    page = approver.get(ONE).text
    assert "menunggu keputusan" in approver.get("/persetujuan").text
    assert (
        writer.post(f"{ONE}/setujui", data={"kode": code_in(page)}).status_code == 403
    )
    assert approver.post(f"{ONE}/setujui", data={"kode": "0" * 64}).status_code == 409
    foreign = {"origin": "https://jahat.example"}
    told = approver.post(f"{ONE}/setujui", data={"kode": "x"}, headers=foreign)
    assert told.status_code == 403
    assert 'name="kode"' not in writer.get(ONE).text
    assert state(site) is SeriesState.ASKED
    assert approver.post(f"{ONE}/kembalikan", data={}).status_code == 400
    approver.post(f"{ONE}/kembalikan", data={"alasan": "jam salah"})
    assert "jam salah" in writer.get(ONE).text


def test_a_change_needs_another_approval_and_a_stale_one_is_refused(
    site: Dashboard,
) -> None:
    written(site)
    writer, approver = site.browser("dimas"), site.browser("ratna")
    writer.post(f"{ONE}/minta")
    approver.post(f"{ONE}/setujui", data={"kode": code_in(approver.get(ONE).text)})
    shown = writer.get(f"{ONE}/ubah").text
    found = re.search(r'name="versi" value="(\d+)"', shown)
    assert found
    assert re.search(r'value="TH" checked', shown)
    data = form(site, versi=found[1], jam="07:00")
    assert writer.post(f"{ONE}/ubah", data=data).status_code == 303
    assert state(site) is SeriesState.VOID
    stale = writer.post(f"{ONE}/ubah", data=data | {"isi-tempat": "Alun-alun"})
    assert stale.status_code == 409
    assert "Orang lain menyimpan lebih dulu" in stale.text
    assert 'value="Alun-alun"' in stale.text, "what was typed stays"
    newer = re.search(r'name="versi" value="(\d+)"', stale.text)
    assert newer
    assert newer[1] != found[1]


def test_pause_resume_and_end_from_the_page(site: Dashboard) -> None:
    written(site)
    writer, approver = site.browser("dimas"), site.browser("ratna")
    writer.post(f"{ONE}/minta")
    approver.post(f"{ONE}/setujui", data={"kode": code_in(approver.get(ONE).text)})
    for path, word in (
        ("jeda", "Dijeda"),
        ("lanjut", "Berjalan"),
        ("akhiri", "Berakhir"),
    ):
        assert writer.post(f"{ONE}/{path}").status_code == 303
        assert word in writer.get("/rutin").text
    assert writer.post(f"{ONE}/jeda").status_code == 409


def test_what_cannot_be_kept_is_named_and_stays_typed(site: Dashboard) -> None:
    browser = site.browser("dimas")
    for wrong, words in (
        ({"isi-tempat": ""}, "Tempat: Isian ini wajib."),
        ({"hari": []}, "Pilih paling sedikit satu hari."),
        ({"akun": []}, "Pilih paling sedikit satu akun."),
        ({"sampai": "2026-01-01"}, "Tanggal akhir harus sesudah mulai"),
        ({"jam": "pagi"}, "Isi tanggal mulai"),
        ({"ulang": "aturan", "aturan": "FREQ=HOURLY"}, "Aturan berulang tidak dapat"),
        ({"ulang": "bulanan", "tanggal_ke": "40"}, "tidak jatuh pada hari apa pun"),
    ):
        answer = browser.post("/rutin/baru/sim_keliling", data=form(site, **wrong))
        assert answer.status_code == 400, wrong
        assert words in answer.text, wrong
        assert "perpanjangan SIM A" in answer.text, "what was typed stays"
        ahead = browser.post("/rutin/pratinjau/sim_keliling", data=form(site, **wrong))
        assert words in ahead.text, wrong
    with site.store.read(site.seeded.office) as work:
        assert work.series.listed() == []
    assert browser.get("/rutin/99").status_code == 404


def test_who_only_reads_writes_nothing(site: Dashboard) -> None:
    written(site)
    reader = site.browser("admin")
    assert reader.get("/rutin").status_code == 200
    assert "/ubah" not in reader.get(ONE).text
    for path in ("baru/sim_keliling", "1/ubah", "1/minta", "1/akhiri"):
        assert reader.post(f"/rutin/{path}", data=form(site)).status_code == 403, path
    assert state(site) is SeriesState.DRAFT


@pytest.mark.parametrize(
    ("rule", "repeat", "words"),
    [
        ("FREQ=DAILY", Repeat.DAILY, "Setiap hari"),
        ("FREQ=WEEKLY;BYDAY=MO,TH", Repeat.WEEKLY, "Setiap Sen, Kam"),
        ("FREQ=MONTHLY;BYMONTHDAY=17", Repeat.MONTHLY, "Setiap tanggal 17"),
        ("FREQ=MONTHLY;BYDAY=-1FR", Repeat.OWN, "FREQ=MONTHLY;BYDAY=-1FR"),
    ],
)
def test_a_rule_is_chosen_and_read_back_the_same(
    rule: str, repeat: Repeat, words: str
) -> None:
    from zoneinfo import ZoneInfo

    form = RuleForm.of(rule)
    assert (form.repeat, form.rule) == (repeat, rule)
    formats = Formats("id", ZoneInfo("Asia/Jakarta"))

    def say(message: str, **values: object) -> str:
        return message % values if values else message

    assert said(rule, formats, say) == words
