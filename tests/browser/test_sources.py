"""*Sumber* with a feed that answers and has no news."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from models.scope import SystemScope
from models.source import Source
from models.states import SourceHealth
from tests.browser.conftest import Served, Watched
from tests.web_kit import AT

pytestmark = pytest.mark.chromium


def test_a_feed_that_went_quiet_is_told_on_every_page(
    chromium: Any, served: Served
) -> None:
    with served.dashboard.store.write(SystemScope("test")) as work:
        work.session.execute(
            update(Source).values(
                health=SourceHealth.QUIET, new_at=AT - timedelta(hours=20), problem=None
            )
        )
    context = chromium.new_context(viewport={"width": 1440, "height": 800})
    watched = Watched(context, served, "ratna")
    watched.open("/sumber")
    row = watched.page.locator("table.k-list tbody tr").first
    assert "tidak ada berita sejak" in row.inner_text()
    watched.whole("sumber-sepi")
    watched.open("/suara")
    assert "tidak ada berita sejak" in watched.page.locator(".k-health").inner_text()
    watched.open("/sumber")
    assert watched.complaints == []
    context.close()
