"""The chief's page: one sheet, one message, honest numbers, and text as data."""

import hashlib
import shutil
import subprocess
from dataclasses import fields, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import reports.pdf
from models.shares import Change, Share
from models.states import IdeaState
from reports.assembly import span_of_page
from reports.lead import lead
from reports.pdf import ROOMS, page_data, to_pdf
from reports.summary import (
    Coverage,
    Decision,
    Matter,
    SilentSource,
    Suggestion,
    Summary,
    Waiting,
    from_json,
    to_json,
)
from reports.text import LONGEST, to_text
from reports.words import moment, number, people, signed, silence, stands
from tests.unit.reports_examples import FULL, NOW, ORDINARY

NASTY = '#read("/etc/passwd") *tebal* $x^2$ <label> @ref `kode` [/] \\ // = judul'


def nothing_said(summary: Summary) -> Summary:
    said = replace(
        summary.said, negative=0, neutral=0, positive=0, unsure=0, unread=0, copies=0,
        own_releases=0, stories_before=0, change=Change.FEW,
    )  # fmt: skip
    return replace(
        summary, said=said, services=(), stories=(), unanswered=Waiting(0), decisions=()
    )


def pdf_text(pdf: bytes, tmp_path: Path) -> str:
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext (poppler-utils) is not installed")
    file = tmp_path / "page.pdf"
    file.write_bytes(pdf)
    command = ["pdftotext", "-layout", file, "-"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.mark.parametrize("summary", [ORDINARY, FULL, nothing_said(ORDINARY)])
def test_a_summary_is_the_same_after_writing_and_reading(summary: Summary) -> None:
    assert from_json(to_json(summary)) == summary


@pytest.mark.parametrize("summary", [ORDINARY, FULL, nothing_said(ORDINARY)])
def test_the_text_fits_one_message(summary: Summary) -> None:
    assert len(to_text(summary)) <= LONGEST


@pytest.mark.parametrize("summary", [ORDINARY, FULL, nothing_said(ORDINARY)])
def test_the_page_is_one_tagged_sheet(summary: Summary, tmp_path: Path) -> None:
    pdf = to_pdf(summary)
    assert pdf.startswith(b"%PDF-")
    assert b"pdfuaid" in pdf
    assert pdf_text(pdf, tmp_path).count("\f") == 1


def test_the_same_numbers_make_the_same_file() -> None:
    assert to_pdf(ORDINARY) == to_pdf(ORDINARY)


def test_what_does_not_fit_is_counted_not_dropped(tmp_path: Path) -> None:
    told = pdf_text(to_pdf(FULL), tmp_path)
    for what in ("pengumuman", "layanan", "unsur", "usul", "hal", "sumber diam"):
        assert f" {what} lagi" in told
    assert "… dan 24 lagi" in to_text(FULL)


def test_text_is_data_and_never_markup(tmp_path: Path) -> None:
    idea = replace(ORDINARY.suggestions.open[0], title=NASTY, quotes=(NASTY,))
    summary = replace(
        ORDINARY,
        office=NASTY[:60],
        suggestions=replace(ORDINARY.suggestions, open=(idea,)),
        coverage=Coverage(1, (SilentSource(NASTY, None),), (NASTY,)),
        decisions=(Decision(Matter.IDEA, 3, NOW, NASTY, IdeaState.STUDIED),),
    )
    told = pdf_text(to_pdf(summary), tmp_path)
    assert '#read("/etc/passwd") *tebal* $x^2$' in told
    assert "root:" not in told


def test_a_quote_cannot_turn_on_whatsapp_marks() -> None:
    idea = replace(ORDINARY.suggestions.open[0], quotes=("*gratis* _semua_ ~x~ `y`",))
    summary = replace(
        nothing_said(ORDINARY), suggestions=replace(ORDINARY.suggestions, open=(idea,))
    )
    line = next(line for line in to_text(summary).splitlines() if "gratis" in line)
    assert not set("*_~`") & set(line)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.text(min_size=1, max_size=200))
def test_any_text_at_all_makes_a_page(words: str) -> None:
    idea = Suggestion(words, IdeaState.PROPOSED, 1, 0, 1, NOW, (words,))
    summary = replace(
        ORDINARY,
        office=words,
        suggestions=replace(ORDINARY.suggestions, open=(idea,), done=(words,)),
    )
    assert to_pdf(summary)
    assert len(to_text(summary)) <= LONGEST


def test_a_silent_source_is_never_a_zero(tmp_path: Path) -> None:
    silent = replace(
        nothing_said(ORDINARY),
        coverage=Coverage(2, (SilentSource("Kabar", NOW - timedelta(hours=3)),)),
    )
    assert "Kabar: tidak ada data sejak 03.00" in to_text(silent)
    assert "Kabar: tidak ada data sejak 03.00" in pdf_text(to_pdf(silent), tmp_path)
    assert "sebagian sumber diam" in lead(silent)
    assert silence(SilentSource("Baru", None), "Asia/Jakarta", NOW) == (
        "Baru: belum pernah ada data"
    )


def test_where_nobody_could_be_heard_stands_no_zero(tmp_path: Path) -> None:
    deaf = replace(
        nothing_said(ORDINARY), coverage=Coverage(1, (SilentSource("Kabar", NOW),))
    )
    assert "Tidak ada data" in lead(deaf)
    assert "*Suara warga:* tidak ada data" in to_text(deaf)
    assert page_data(deaf, ROOMS[0])["five"][0]["value"] == "–"
    heard = replace(deaf, coverage=Coverage(1, ()))
    assert page_data(heard, ROOMS[0])["five"][0]["value"] == "0"


def test_every_form_says_that_it_is_no_survey(tmp_path: Path) -> None:
    for summary in (ORDINARY, FULL, nothing_said(ORDINARY)):
        assert "bukan survei SKM" in to_text(summary)
        assert "bukan survei SKM" in pdf_text(to_pdf(summary), tmp_path)
        assert "IKM" not in pdf_text(to_pdf(summary), tmp_path)


def test_elements_outside_the_survey_never_enter_its_table() -> None:
    data = page_data(ORDINARY, ROOMS[0])["signal"]
    assert not [line for line in data["lines"] if line[0].startswith("X")]
    assert "Di luar unsur SKM: Keamanan wilayah +13" in data["more"]


def test_an_element_with_few_voices_has_a_dot_and_no_number() -> None:
    lines = page_data(ORDINARY, ROOMS[0])["signal"]["lines"]
    assert ["U9 Sarana", "·", "3", "belum tentu berubah"] in lines


def test_few_stories_have_no_share(tmp_path: Path) -> None:
    few = replace(ORDINARY.said, negative=2, neutral=1, positive=0)
    summary = replace(ORDINARY, said=few)
    assert "%" not in lead(summary)
    assert "terlalu sedikit" in pdf_text(to_pdf(summary), tmp_path)


def test_few_stories_are_told_alike_on_paper_and_in_a_chat(tmp_path: Path) -> None:
    few = replace(ORDINARY.said, negative=2, neutral=1, positive=0, before=Share(1, 3))
    summary = replace(ORDINARY, said=few)
    cell = page_data(summary, ROOMS[0])["five"][1]
    assert cell["value"] == "2"
    assert cell["note"] == "dari 3, terlalu sedikit untuk persentase"
    assert "%" not in pdf_text(to_pdf(summary), tmp_path)
    assert "%" not in to_text(summary)
    assert "negatif 2, netral 1, positif 0; n = 3" in to_text(summary)


def test_an_earlier_span_of_too_few_is_no_comparison() -> None:
    summary = replace(ORDINARY, said=replace(ORDINARY.said, before=Share(1, 3)))
    assert "sebelumnya" not in to_text(summary)


def test_no_span_and_no_count_is_a_bare_zero(tmp_path: Path) -> None:
    just = NOW - timedelta(seconds=20)
    idea = replace(ORDINARY.suggestions.open[0], since=just)
    summary = replace(
        nothing_said(ORDINARY),
        published=replace(ORDINARY.published, sent=(), missed=0, today=0),
        unanswered=Waiting(1, just),
        integrity=Waiting(0),
        suggestions=replace(ORDINARY.suggestions, open=(idea,)),
    )
    for told in (to_text(summary), pdf_text(to_pdf(summary), tmp_path)):
        assert "tertua kurang dari 1 menit" in " ".join(told.split())
        assert "0 menit" not in told
        assert "0 lagi" not in told
    assert "*Terbit:* tidak ada pengumuman" in to_text(summary)
    assert stands(IdeaState.PROPOSED, NOW - just) == "diusulkan baru saja"
    assert stands(IdeaState.STUDIED, timedelta(days=18)) == "dikaji 18 hari"


def test_what_is_urgent_is_told_alike_on_paper_and_in_a_chat() -> None:
    summary = replace(ORDINARY, claims=Waiting(2, NOW))
    cell = page_data(summary, ROOMS[0])["five"][3]
    assert (cell["value"], cell["note"]) == ("3", "integritas 1, klaim 2")
    assert "*Perlu segera:* integritas 1, klaim 2" in to_text(summary)


def test_a_page_kept_before_claims_were_counted_is_still_read() -> None:
    older = to_json(ORDINARY).replace(',"claims":{"count":0,"oldest":null}', "")
    assert "claims" not in older
    assert from_json(older) == ORDINARY


def test_a_share_stands_with_its_range_and_base(tmp_path: Path) -> None:
    told = pdf_text(to_pdf(ORDINARY), tmp_path)
    assert "45 %" in told
    assert "34–56 %, n = 74" in told
    assert "Belum pasti: 8 cerita" in told


def test_a_waiting_idea_shows_how_many_people_want_it() -> None:
    idea = ORDINARY.suggestions.open[1]
    assert people(idea) == "27 warga dan 2 suara tanpa nama"
    assert people(replace(idea, people=0)) == "2 suara tanpa nama"


def test_the_words_of_integrity_items_have_no_place_in_a_summary() -> None:
    names = {field.name for field in fields(Summary)}
    assert {"emergencies", "integrity"} <= names
    assert {field.name for field in fields(Waiting)} == {"count", "oldest"}


@pytest.mark.parametrize(
    ("now", "since"),
    [
        ("2026-11-24T06:00", "2026-11-23T06:00"),  # on time
        ("2026-11-24T09:30", "2026-11-23T06:00"),  # late: the machine was off
        ("2026-11-24T01:00", "2026-11-23T01:00"),  # asked for at night: a whole day
    ],
)
def test_a_late_page_begins_where_yesterdays_ended(now: str, since: str) -> None:
    zone = ZoneInfo("Asia/Makassar")
    moment_ = datetime.fromisoformat(now).replace(tzinfo=zone).astimezone(UTC)
    begins = datetime.fromisoformat(since).replace(tzinfo=zone)
    span = span_of_page(moment_, zone, time(6))
    assert (span.since, span.until) == (begins, moment_)


def test_figures_are_written_as_in_an_indonesian_letter() -> None:
    assert number(1234567) == "1.234.567"
    assert (signed(3), signed(-1200), signed(0)) == ("+3", "−1.200", "0")
    at = datetime(2026, 11, 23, 1, 5, tzinfo=UTC)
    assert moment(at, "Asia/Jakarta", NOW) == "kemarin 08.05"
    assert moment(at, "Asia/Jakarta", NOW + timedelta(days=3)) == "23 Nov 08.05"


def test_the_fonts_are_those_that_were_vendored() -> None:
    folder = Path(reports.pdf.__file__).parent / "fonts"
    told = (folder / "SHA256SUMS").read_text().split()
    sums = dict(zip(told[1::2], told[0::2], strict=True))
    for file in (*folder.glob("*.ttf"), *folder.glob("LICENSE-*")):
        assert sums[file.name] == hashlib.sha256(file.read_bytes()).hexdigest()
