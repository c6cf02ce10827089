"""The office's own feed: what stands in public, and nothing else, for anybody."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import feedparser
import pytest
from cryptography.fernet import Fernet
from starlette.testclient import TestClient

from config.keys import Vault
from config.settings import Settings
from models.announcement import Announcement
from models.delivery import Delivery
from models.scope import SystemScope
from models.states import AnnouncementState, DeliveryState
from networks.feed_reading import read_feed
from networks.feed_values import ParsedFeed, ParserLimits
from tests.conftest import add_office
from tests.web_kit import AT, BASE, Dashboard, build
from web.app import create_app
from web.pages.outlet import CACHED_FOR

ATOM = "/umpan/sukamaju/pengumuman.atom"
JSON = "/umpan/sukamaju/pengumuman.json"
SENT = "Hotline 110 gratis 24 jam, dari telepon apa saja."
NAMES = {"a": "http://www.w3.org/2005/Atom"}
KEY = Fernet.generate_key().decode()
ODD = "Jalan <b>ditutup</b> & dialihkan 🚧\x0b\x00\x1f\ufffe\n\nPukul 08.00 – selesai 👨‍👩‍👧"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Dashboard]:
    built = build(tmp_path)
    yield built
    built.store.close()


def change(site: Dashboard, name: str, **values: Any) -> None:
    """Another state of one of the seeded deliveries."""
    with site.store.write(SystemScope("test")) as work:
        row = work.session.get_one(Delivery, site.seeded.deliveries[name])
        for field, value in values.items():
            setattr(row, field, value)


def withdraw(site: Dashboard) -> None:
    for name in ("terbit", "terbit-m"):
        change(site, name, state=DeliveryState.WITHDRAWN, updated_at=AT)


def ours(site: Dashboard, address: str = ATOM) -> ParsedFeed:
    """The feed as our own reader of feeds takes it."""
    answer = site.browser().get(address)
    assert answer.status_code == 200
    content_type = answer.headers["content-type"]
    return read_feed(answer.content, content_type, BASE + address, ParserLimits())


def read(site: Dashboard) -> Any:
    """The feed as feedparser takes it."""
    answer = site.browser().get(ATOM)
    parsed = feedparser.parse(answer.content, response_headers=dict(answer.headers))
    assert not parsed.bozo, parsed.get("bozo_exception")
    return parsed


# what stands in it


@pytest.mark.parametrize("address", [ATOM, JSON])
def test_anybody_reads_what_is_published_and_nothing_else(
    site: Dashboard, address: str
) -> None:
    feed = ours(site, address)
    (entry,) = feed.entries  # rejected, scheduled, held and doubtful ones are not here
    assert feed.title == "Pengumuman Polres Kota Sukamaju"
    assert entry.content_text == SENT
    assert entry.link == "https://sosial.contoh.test/@humas/1"
    assert dict(feed.warnings) == {}


def test_both_readers_and_both_forms_tell_the_same(site: Dashboard) -> None:
    entry, item = ours(site).entries[0], ours(site, JSON).entries[0]
    (parsed,) = read(site).entries
    assert (entry.guid, entry.title) == (item.guid, item.title)
    assert (parsed.id, parsed.title) == (entry.guid, entry.title)
    assert parsed.published == "2026-11-24T09:12:00+07:00"


def test_a_later_draft_of_a_published_announcement_stays_inside(
    site: Dashboard,
) -> None:
    with site.store.write(SystemScope("test")) as work:
        row = work.session.get_one(Announcement, site.seeded.announcements["terbit"])
        row.title, row.body = "RAHASIA", "Nama anak korban: …"
        row.state = AnnouncementState.VOID
    body = site.browser().get(ATOM).text
    assert "RAHASIA" not in body
    assert "korban" not in body
    assert SENT in body


def test_the_headline_is_the_one_that_was_sent(site: Dashboard) -> None:
    assert ours(site).entries[0].title == SENT  # sent before headlines were kept
    for name in ("terbit", "terbit-m"):
        change(site, name, sent_title="Panggil 110")
    assert ours(site).entries[0].title == "Panggil 110"


def test_what_stands_on_a_network_that_is_not_public_is_not_in_it(
    site: Dashboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.outlet._public", list)
    assert (
        ET.fromstring(site.browser().get(ATOM).content).findall("a:entry", NAMES) == []
    )


def test_another_office_has_a_feed_of_its_own(site: Dashboard) -> None:
    add_office(site.store, "lain", "Polres Lain")
    other = site.browser().get("/umpan/lain/pengumuman.atom")
    assert other.status_code == 200
    assert SENT not in other.text
    first = ET.fromstring(other.content).findtext("a:id", namespaces=NAMES)
    assert first != ET.fromstring(site.browser().get(ATOM).content).findtext(
        "a:id", namespaces=NAMES
    )


# what changes


def test_the_id_stays_when_everything_else_changes(site: Dashboard) -> None:
    before = ours(site).entries[0]
    change(site, "terbit", sent_title="Lain", sent_text="Lain " * 20)
    after = ours(site).entries[0]
    assert after.title == "Lain"
    assert after.guid == before.guid


def test_a_correction_changes_updated_and_the_text(site: Dashboard) -> None:
    before = ours(site).entries[0]
    later = AT + timedelta(hours=1)
    values = {"state": DeliveryState.CORRECTED, "updated_at": later}
    change(site, "terbit", sent_text=SENT + " Ralat: juga dari ponsel.", **values)
    after = ours(site).entries[0]
    assert after.content_text.endswith("Ralat: juga dari ponsel.")
    assert after.published_raw == before.published_raw
    assert datetime.fromisoformat(after.updated_raw) == later
    assert datetime.fromisoformat(before.updated_raw) < later


def test_what_is_corrected_everywhere_says_so(site: Dashboard) -> None:
    for name in ("terbit", "terbit-m"):
        assert "diralat" not in ours(site).entries[0].content_text
        change(site, name, state=DeliveryState.CORRECTED)
    assert ours(site).entries[0].content_text.endswith("bacalah ralatnya.")


def test_a_new_round_replaces_the_text_of_the_one_before(site: Dashboard) -> None:
    change(site, "terbit-m", round=2, sent_text="Ralat.", published_at=AT)
    entry = ours(site).entries[0]
    assert entry.content_text == "Ralat."
    assert datetime.fromisoformat(entry.updated_raw) == AT


def test_what_was_withdrawn_stays_as_a_short_entry_that_says_so(
    site: Dashboard,
) -> None:
    before = ours(site).entries[0].guid
    withdraw(site)
    (entry,) = ours(site).entries
    assert entry.guid == before
    assert entry.title == "Pengumuman ditarik"
    assert "ditarik" in entry.content_text
    assert entry.link == ""
    assert "110" not in site.browser().get(ATOM).text
    assert "110" not in site.browser().get(JSON).text


def test_what_is_withdrawn_from_one_network_still_stands_on_the_other(
    site: Dashboard,
) -> None:
    change(site, "terbit", state=DeliveryState.WITHDRAWN, updated_at=AT)
    assert ours(site).entries[0].content_text == SENT


# what it is written in


@pytest.mark.parametrize("address", [ATOM, JSON])
def test_control_characters_and_emoji_do_not_break_it(
    site: Dashboard, address: str
) -> None:
    for name in ("terbit", "terbit-m"):
        change(site, name, sent_text=ODD.replace("\x00", ""), sent_title="a\x01b 🚧")
    entry = ours(site, address).entries[0]
    assert "<b>ditutup</b> & dialihkan 🚧" in entry.content_text
    assert "👨‍👩‍👧" in entry.content_text
    assert entry.title == "ab 🚧"
    assert read(site).entries[0].title == "ab 🚧"


def test_paragraphs_and_lines_stay_apart(site: Dashboard) -> None:
    for name in ("terbit", "terbit-m"):
        change(site, name, sent_text="Satu\nDua\n\nTiga <script>")
    markup = read(site).entries[0].content[0].value
    assert markup.startswith("<p>Satu<br />Dua</p>")
    assert "<script" not in markup
    assert ours(site).entries[0].content_text.split() == [
        "Satu", "Dua", "Tiga", "<script>",
    ]  # fmt: skip


def test_a_long_first_line_is_cut_at_a_word_for_the_headline(site: Dashboard) -> None:
    for name in ("terbit", "terbit-m"):
        change(site, name, sent_text="\n\n" + "kata " * 60)
    title = ours(site).entries[0].title
    assert len(title) <= 101
    assert title.endswith("kata…")


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", ""])
def test_a_link_that_is_no_web_address_is_left_out(site: Dashboard, url: str) -> None:
    for name in ("terbit", "terbit-m"):
        change(site, name, url=url)
    assert ours(site).entries[0].link == ""
    assert "url" not in json.loads(site.browser().get(JSON).content)["items"][0]


def test_an_empty_feed_is_a_feed(site: Dashboard) -> None:
    for name in ("terbit", "terbit-m"):
        change(site, name, state=DeliveryState.REJECTED)
    feed = ET.fromstring(site.browser().get(ATOM).content)
    assert feed.findtext("a:updated", namespaces=NAMES).endswith("+07:00")
    assert feed.findall("a:entry", NAMES) == []
    assert json.loads(site.browser().get(JSON).content)["items"] == []


def test_every_time_has_a_numeric_offset(site: Dashboard) -> None:
    body = site.browser().get(ATOM).text
    assert "WIB" not in body
    assert "+07:00" in body
    assert "Z<" not in body


# how it is fetched


@pytest.mark.parametrize("address", [ATOM, JSON])
def test_a_reader_that_has_it_gets_304_and_no_body(
    site: Dashboard, address: str
) -> None:
    first = site.browser().get(address)
    again = site.browser().get(
        address, headers={"if-none-match": f'"a", {first.headers["etag"]}'}
    )
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert first.headers["cache-control"] == f"public, max-age={CACHED_FOR}"
    since = first.headers["last-modified"]
    dated = site.browser().get(address, headers={"if-modified-since": since})
    assert dated.status_code == 304


def test_the_tag_decides_alone_and_a_change_is_seen(site: Dashboard) -> None:
    browser = site.browser()
    first = browser.get(ATOM)
    known = {
        "if-none-match": first.headers["etag"],
        "if-modified-since": first.headers["last-modified"],
    }
    withdraw(site)
    changed = browser.get(ATOM, headers=known)
    assert changed.status_code == 200
    assert changed.headers["etag"] != first.headers["etag"]
    at = parsedate_to_datetime(changed.headers["last-modified"])
    assert at == AT.replace(microsecond=0)


@pytest.mark.parametrize("since", ["kemarin", "", "Tue, 99 Nov 2026 00:00:00 GMT"])
def test_an_unreadable_date_is_no_condition(site: Dashboard, since: str) -> None:
    answer = site.browser().get(ATOM, headers={"if-modified-since": since})
    assert answer.status_code == 200


def test_an_older_copy_is_replaced(site: Dashboard) -> None:
    old = format_datetime(AT.astimezone(UTC) - timedelta(days=2), usegmt=True)
    answer = site.browser().get(ATOM, headers={"if-modified-since": old})
    assert answer.status_code == 200


def test_head_tells_the_same_without_the_body(site: Dashboard) -> None:
    answer = site.browser().head(ATOM)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    assert answer.content == b""


@pytest.mark.parametrize(
    "address",
    ["/umpan/tidakada/pengumuman.atom", "/umpan/sukamaju/pengumuman.rss"],
)
def test_what_is_not_there_is_not_found(site: Dashboard, address: str) -> None:
    assert site.browser().get(address).status_code == 404


def test_it_can_be_switched_off(site: Dashboard) -> None:
    app = create_app(
        site.store, Settings(public_feed=False), Vault([KEY]), now=lambda: AT
    )
    client = TestClient(app, base_url=BASE)
    assert client.get(ATOM).status_code == 404
    assert client.get(JSON).status_code == 404


@pytest.mark.parametrize("page", ["/akun", "/kiriman"])
def test_its_address_stands_on_the_pages_of_accounts_and_posts(
    site: Dashboard, page: str
) -> None:
    body = site.browser("sari").get(page).text
    assert f'href="{ATOM}"' in body
    assert f'href="{JSON}"' in body


def test_with_a_public_address_it_names_itself_by_that(site: Dashboard) -> None:
    app = create_app(
        site.store,
        Settings(public_url="https://humas.contoh.test/"),
        Vault([KEY]),
        now=lambda: AT,
    )
    feed = ET.fromstring(TestClient(app, base_url=BASE).get(ATOM).content)
    (link,) = feed.findall("a:link", NAMES)
    assert link.get("href") == "https://humas.contoh.test" + ATOM
