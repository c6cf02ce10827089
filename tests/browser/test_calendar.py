"""The calendar in a browser: drawn as a grid, dragged with the mouse, and taken back."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.browser.conftest import Served, Watched

pytestmark = pytest.mark.chromium


def publish_at(served: Served) -> datetime | None:
    seeded = served.dashboard.seeded
    with served.dashboard.store.read(seeded.office) as work:
        return work.announcements.get(seeded.announcements["draf"]).publish_at


def drag(page: Any, title: str, days: int) -> None:
    """Drag one announcement of the week ``days`` columns to the right."""
    event = page.locator(".ec-event", has_text=title)
    event.scroll_into_view_if_needed()
    box = event.bounding_box()
    column = page.locator(".ec-day").first.bounding_box()
    assert box
    assert column
    x, y = box["x"] + box["width"] / 2, box["y"] + 6
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 10, y, steps=3)
    page.mouse.move(x + days * column["width"], y, steps=12)
    page.mouse.up()


def test_a_draft_is_dragged_to_another_day_and_taken_back(
    chromium: Any, served: Served
) -> None:
    context = chromium.new_context(viewport={"width": 1366, "height": 768})
    watched = Watched(context, served, "ratna")
    watched.open("/kalender?tanggal=2026-11-24")
    page, before = watched.page, publish_at(served)
    assert before == datetime(2026, 11, 28, 3, 12, tzinfo=UTC)
    drag(page, "SIM keliling, Sabtu", 1)
    dialog = page.locator("#pindah")
    assert dialog.get_by_label("Terbit").input_value() == "2026-11-29T10:12"
    dialog.get_by_role("button", name="Ubah waktu").click()
    page.get_by_role("button", name="Kembalikan waktunya").wait_for()
    assert publish_at(served) == datetime(2026, 11, 29, 3, 12, tzinfo=UTC)
    page.get_by_role("button", name="Kembalikan waktunya").click()
    page.wait_for_load_state()
    assert publish_at(served) == before
    assert watched.complaints == []
    context.close()


def test_a_drag_that_is_not_confirmed_changes_nothing(
    chromium: Any, served: Served
) -> None:
    context = chromium.new_context(viewport={"width": 1366, "height": 768})
    watched = Watched(context, served, "ratna")
    watched.open("/kalender?tanggal=2026-11-24")
    page, before = watched.page, publish_at(served)
    event = page.locator(".ec-event", has_text="SIM keliling, Sabtu")
    drag(page, "SIM keliling, Sabtu", 1)
    page.locator("#pindah").get_by_role("button", name="Batal").click()
    event.wait_for()  # it is drawn anew
    saturday = event.bounding_box()
    head = page.get_by_text("Sab 28", exact=True).bounding_box()
    assert saturday
    assert head
    assert abs(saturday["x"] - head["x"]) < head["width"]
    assert event.count() == 1
    assert publish_at(served) == before
    context.close()


def test_what_is_out_cannot_be_dragged(chromium: Any, served: Served) -> None:
    context = chromium.new_context(viewport={"width": 1366, "height": 768})
    watched = Watched(context, served, "ratna")
    watched.open("/kalender?tanggal=2026-11-24")
    drag(watched.page, "SIM keliling Selasa", 1)
    assert not watched.page.locator("#pindah").is_visible()
    context.close()


def test_a_narrow_screen_gets_the_list(chromium: Any, served: Served) -> None:
    context = chromium.new_context(viewport={"width": 390, "height": 844})
    watched = Watched(context, served, "ratna")
    watched.open("/kalender?tanggal=2026-11-24")
    assert watched.page.locator(".cal-list").is_visible()
    assert not watched.page.locator("#kal").is_visible()
    context.close()
