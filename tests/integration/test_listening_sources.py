"""Sources as people deal with them: added, tried, asked again, stopped."""

from datetime import timedelta

import pytest

from models.errors import Conflict, InvalidInput, NotAllowed, NotFound, Refused
from models.problems import WORDS, Problem
from models.states import Role, SourceHealth
from pipeline.sources import (
    add_source,
    check_source,
    list_sources,
    refresh_source,
    stop_source,
)
from pipeline.unit import Store
from tests.conftest import NOW, add_office, add_person
from tests.integration.listening_kit import (
    VAULT,
    Desk,
    Reply,
    entry,
    rss,
    settings_for,
)


def test_f27_a_login_in_the_address_is_sealed_sent_and_never_shown(desk: Desk) -> None:
    desk.site.pages["/rss"] = Reply(rss(entry("satu")))
    secret = desk.site.url().replace("://", "://humas:rahasia@")
    with desk.store.write(desk.office) as work:
        source_id = desk.add(work, desk.admin, secret, "Dalam")
    source = desk.source(source_id)
    assert source.url == desk.site.url()
    assert b"rahasia" not in (source.sealed_login or b"")
    desk.fetch()
    assert desk.site.asked()[0].headers["authorization"].startswith("Basic ")
    with desk.store.read(desk.office) as work:
        [row] = list_sources(work, NOW)
    assert "rahasia" not in repr(row)
    assert (row.label, row.health, row.title) == (
        "Dalam",
        SourceHealth.HEALTHY,
        "Warta Sukamaju",
    )
    with desk.store.write(desk.office) as work, pytest.raises(InvalidInput):
        add_source(work, desk.admin, secret, "", NOW)


@pytest.mark.parametrize(
    "url", ["", "warta", "ftp://warta.example/rss", "javascript:1"]
)
def test_what_is_no_address_is_said_at_its_field(desk: Desk, url: str) -> None:
    with desk.store.write(desk.office) as work, pytest.raises(InvalidInput) as failed:
        add_source(work, desk.admin, url, "", NOW, vault=VAULT)
    assert failed.value.field == "url"


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "127.1", "0x7f000001", "2130706433", "169.254.169.254", "10.0.0.7",
        "192.168.1.1:8080", "[::1]", "[::ffff:127.0.0.1]", "[fd00::1]", "localhost",
        "LocalHost.", "dalam.localhost", "0.0.0.0",
    ],
)  # fmt: skip
def test_an_inner_address_is_refused_when_it_is_added(desk: Desk, host: str) -> None:
    with desk.store.write(desk.office) as work, pytest.raises(InvalidInput) as failed:
        desk.add(work, desk.admin, f"http://{host}/rss")
    assert failed.value.field == "url"
    assert failed.value.message == WORDS[Problem.ADDRESS_REFUSED]


def test_an_inner_address_may_be_added_where_the_settings_allow_it(desk: Desk) -> None:
    allowed = frozenset({"10.0.0.7:80", "localhost:8080"})
    for url in ("http://10.0.0.7/rss", "http://localhost:8080/rss"):
        with desk.store.write(desk.office) as work:
            add_source(work, desk.admin, url, "", NOW, inner_hosts=allowed)


def test_a_public_address_and_a_name_are_added(desk: Desk) -> None:
    for url in ("https://8.8.8.8/rss", "https://warta.example/rss"):
        with desk.store.write(desk.office) as work:
            assert desk.add(work, desk.admin, url)


def test_only_an_administrator_adds_and_nobody_twice(desk: Desk) -> None:
    officer = add_person(desk.store, desk.office, Role.OFFICER)
    desk.subscribe()
    with desk.store.write(desk.office) as work:
        with pytest.raises(NotAllowed):
            desk.add(work, officer, desk.site.url())
        with pytest.raises(Conflict):
            desk.add(work, desk.admin, desk.site.url())


def test_an_office_stops_only_what_it_reads(desk: Desk, store: Store) -> None:
    source_id = desk.subscribe()
    other = add_office(store, "lain", "Polres Lain")
    stranger = add_person(store, other, Role.ADMIN)
    with store.write(other) as work:
        assert list_sources(work) == []
        with pytest.raises(NotFound):
            stop_source(work, stranger, source_id, NOW)
    with store.write(desk.office) as work:
        stop_source(work, desk.admin, source_id, NOW)
        [row] = list_sources(work, NOW)
        assert row.health is SourceHealth.STOPPED
    desk.site.pages["/rss"] = Reply(rss(entry("satu")))
    assert not desk.fetch(), "nobody reads it any more"


def test_asking_again_by_hand_keeps_to_half_an_hour_and_to_retry_after(
    desk: Desk,
) -> None:
    desk.site.pages["/rss"] = Reply(rss(entry("satu")))
    source_id = desk.subscribe()
    desk.fetch()

    def ask(after: timedelta) -> bool:
        desk.moment.at += after
        with desk.store.write(desk.office) as work:
            return refresh_source(work, desk.admin, source_id, desk.moment())

    assert not ask(timedelta(minutes=10))
    assert ask(timedelta(minutes=21))
    desk.site.pages["/rss"] = Reply(status=429, headers={"Retry-After": "7200"})
    desk.fetch()
    assert not ask(timedelta(minutes=40))


def test_a_trial_shows_what_a_feed_holds_and_stores_nothing(desk: Desk) -> None:
    settings = settings_for(desk.store.url, desk.site)
    desk.site.pages["/rss"] = Reply(rss(entry("satu"), entry("dua")))
    found = check_source(desk.site.url(), settings, NOW)
    assert (found.title, found.count) == ("Warta Sukamaju", 2)
    assert [one["title"] for one in found.as_dict()["items"]] == ["satu", "dua"]
    assert desk.documents() == []


@pytest.mark.parametrize(
    ("page", "problem"),
    [
        (Reply(b"<html><body>beranda</body></html>"), Problem.NOT_A_FEED),
        (Reply(b""), Problem.FEED_EMPTY),
        (Reply(status=410), Problem.GONE),
        (Reply(status=403, headers={"cf-mitigated": "challenge"}), Problem.CHALLENGED),
    ],
)
def test_a_trial_names_what_is_wrong(desk: Desk, page: Reply, problem: Problem) -> None:
    settings = settings_for(desk.store.url, desk.site)
    desk.site.pages["/rss"] = page
    with pytest.raises(Refused) as failed:
        check_source(desk.site.url(), settings, NOW)
    assert failed.value.problem is problem
