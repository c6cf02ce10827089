"""*Kalender*: each announcement once, at its time, moved only while it can be."""

import html
import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from config.formats import Formats
from models.announcement import Announcement
from models.calendar import Calendar, Stage, stage_of
from models.states import AnnouncementState, DeliveryState
from tests.conftest import add_office
from tests.web_kit import AT, Dashboard, build
from web.pages.calendar import Span, View

S = DeliveryState


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Dashboard]:
    built = build(tmp_path)
    yield built
    built.store.close()


def row(site: Dashboard, name: str) -> Announcement:
    with site.store.read(site.seeded.office) as work:
        return work.announcements.get(site.seeded.announcements[name])


def events(page: str) -> dict[str, dict[str, object]]:
    found = re.search(r'data-events="([^"]*)"', page)
    assert found
    return {one["id"]: one for one in json.loads(html.unescape(found[1]))}


@pytest.mark.parametrize(
    ("states", "stage"),
    [
        ([S.PUBLISHED, S.NEEDS_PERSON, S.REJECTED], Stage.UNSURE),
        ([S.PUBLISHED, S.MISSED], Stage.FAILED),
        ([S.PUBLISHED, S.HELD], Stage.HELD),
        ([S.PUBLISHED, S.ARMED], Stage.SCHEDULED),
        ([S.PUBLISHED, S.CANCELLED], Stage.PUBLISHED),
        ([S.CANCELLED, S.CANCELLED], Stage.CANCELLED),
    ],
)
def test_what_needs_a_look_is_the_word_for_the_whole(
    states: list[DeliveryState], stage: Stage
) -> None:
    assert stage_of(AnnouncementState.APPROVED, states) is stage


@pytest.mark.parametrize(
    ("state", "stage"),
    [
        (AnnouncementState.ASKED, Stage.WAITING),
        (AnnouncementState.SENT_BACK, Stage.DRAFT),
        (AnnouncementState.CANCELLED, Stage.CANCELLED),
    ],
)
def test_before_there_are_deliveries_the_announcement_says_how_it_stands(
    state: AnnouncementState, stage: Stage
) -> None:
    assert stage_of(state, []) is stage


@pytest.mark.parametrize(
    ("day", "first", "end"),
    [
        (date(2026, 11, 24), date(2026, 10, 26), date(2026, 12, 7)),
        (date(2027, 2, 28), date(2027, 2, 1), date(2027, 3, 1)),  # four whole weeks
        (date(2026, 12, 31), date(2026, 11, 30), date(2027, 1, 4)),
    ],
)
def test_a_month_is_shown_in_whole_weeks_from_monday(
    day: date, first: date, end: date
) -> None:
    span = Span.of(View.MONTH, day)
    assert span.first <= day < span.end
    assert span.first == first
    assert span.end >= end
    assert (span.end - span.first).days % 7 == 0


def test_the_heading_of_a_week_names_both_months_and_years_where_they_differ() -> None:
    f = Formats("id", ZoneInfo("Asia/Jakarta"))
    assert f.days(date(2026, 11, 23), date(2026, 11, 29)) == "23–29 Nov 2026"
    assert f.days(date(2026, 11, 30), date(2026, 12, 6)) == "30 Nov – 6 Des 2026"
    assert f.days(date(2026, 12, 28), date(2027, 1, 3)) == "28 Des 2026 – 3 Jan 2027"
    assert f.month(date(2026, 8, 1)) == "Agustus 2026"


def test_a_late_evening_belongs_to_the_day_of_the_office(site: Dashboard) -> None:
    with site.store.write(site.seeded.office) as work:
        one = work.announcements.get(site.seeded.announcements["draf"])
        one.publish_at = datetime(2026, 11, 29, 16, 59, tzinfo=UTC)  # Sunday 23.59 WIB
        other = work.announcements.get(site.seeded.announcements["minta"])
        other.publish_at = datetime(2026, 11, 29, 17, 0, tzinfo=UTC)  # Monday 00.00
    page = site.browser("ratna").get("/kalender?tanggal=2026-11-24").text
    shown = events(page)
    assert shown[str(one.id)]["start"] == "2026-11-29T23:59"
    assert str(other.id) not in shown
    later = site.browser("ratna").get("/kalender?tanggal=2026-11-30").text
    assert set(events(later)) == {str(other.id)}


def test_the_list_says_the_same_as_the_grid(site: Dashboard) -> None:
    browser = site.browser("ratna")
    grid = browser.get("/kalender").text
    listed = browser.get("/kalender?tampil=daftar").text
    assert "data-events" not in listed
    for one in events(grid).values():
        assert f'href="/tulis/{one["id"]}"' in listed
    assert len(events(grid)) >= 5


def test_a_draft_is_moved_and_its_time_given_back(site: Dashboard) -> None:
    browser, one = site.browser("ratna"), row(site, "draf")
    told = {"waktu": "2026-11-27T09:30", "versi": str(one.version)}
    moved = browser.post(f"/kalender/{one.id}/pindah", data=told)
    assert moved.status_code == 303
    after = row(site, "draf")
    assert after.publish_at == datetime(2026, 11, 27, 2, 30, tzinfo=UTC)
    assert after.not_after - after.publish_at == timedelta(hours=6)
    page = browser.get(moved.headers["location"]).text
    back = re.search(r'name="waktu" value="([^"]+)"', page)
    assert back
    assert "Kembalikan waktunya" in page
    told = {"waktu": back[1], "versi": str(after.version)}
    assert browser.post(f"/kalender/{one.id}/pindah", data=told).is_redirect
    back_again = row(site, "draf")
    assert back_again.publish_at == one.publish_at
    assert back_again.not_after == one.not_after


def test_what_was_moved_is_to_be_approved_again(site: Dashboard) -> None:
    browser, one = site.browser("ratna"), row(site, "minta")
    told = {"waktu": "2026-11-27T09:30", "versi": str(one.version)}
    assert browser.post(f"/kalender/{one.id}/pindah", data=told).is_redirect
    assert row(site, "minta").state is AnnouncementState.DRAFT
    with site.store.read(site.seeded.office) as work:
        approval = work.announcements.latest_approval(one.id)
    assert approval is not None
    assert approval.voided_at is not None


@pytest.mark.parametrize("when", ["2026-11-24T08:00", "", "besok"])
def test_a_time_that_has_passed_or_is_none_is_refused(
    site: Dashboard, when: str
) -> None:
    browser, one = site.browser("ratna"), row(site, "draf")
    told = {"waktu": when, "versi": str(one.version)}
    refused = browser.post(f"/kalender/{one.id}/pindah", data=told)
    assert refused.status_code == 400
    assert row(site, "draf").publish_at == one.publish_at


def test_a_move_of_what_somebody_changed_meanwhile_is_refused(site: Dashboard) -> None:
    browser, one = site.browser("ratna"), row(site, "draf")
    told = {"waktu": "2026-11-27T09:30", "versi": str(one.version + 1)}
    assert browser.post(f"/kalender/{one.id}/pindah", data=told).status_code == 409
    assert row(site, "draf").publish_at == one.publish_at


def test_what_is_out_stays_where_it_is(site: Dashboard) -> None:
    browser, one = site.browser("ratna"), row(site, "terbit")
    shown = events(browser.get("/kalender").text)
    assert shown[str(one.id)]["startEditable"] is False
    told = {"waktu": "2026-11-27T09:30", "versi": str(one.version)}
    assert browser.post(f"/kalender/{one.id}/pindah", data=told).status_code == 409


def test_another_office_s_announcements_are_not_there(site: Dashboard) -> None:
    other = add_office(site.store, "mekarasih", "Polres Mekarasih")
    with site.store.read(other) as work:
        calendar = Calendar(work.session)
        assert calendar.between(AT - timedelta(days=30), AT + timedelta(days=30)) == []
        assert calendar.undated() == []


@pytest.mark.parametrize(
    "end",
    [
        "tanggal=9999-12-31",
        "tanggal=0001-01-01",
        "tanggal=x&tampil=y",
        "pindah=x&dari=y",
    ],
)
def test_an_address_nobody_wrote_shows_this_week(site: Dashboard, end: str) -> None:
    page = site.browser("ratna").get(f"/kalender?{end}")
    assert page.status_code == 200
    assert "23–29 Nov 2026" in page.text


def test_a_title_is_never_markup(site: Dashboard) -> None:
    with site.store.write(site.seeded.office) as work:
        one = work.announcements.get(site.seeded.announcements["draf"])
        one.title = '"><script>alert(1)</script>'
    page = site.browser("ratna").get("/kalender").text
    assert "<script>alert" not in page
    assert events(page)[str(one.id)]["title"] == one.title
