"""Lists of sources in and out, on both databases."""

import time

import pytest

from collectors.opml import read_opml
from models.audit import Wanted
from models.errors import InvalidInput, NotAllowed
from models.scope import OfficeScope
from models.source import Source, Subscription
from models.states import Role, SourceHealth
from pipeline.source_lists import Imported, Verdict, export_list, import_list
from pipeline.sources import stop_source
from pipeline.unit import Store
from tests.conftest import NOW, add_office, add_person
from tests.integration.listening_kit import (
    VAULT,
    Desk,
    Reply,
    conditional,
    count,
    entry,
    rows,
    rss,
)


def opml(*urls: str) -> bytes:
    inside = "".join(f"<outline text='Warta' xmlUrl='{url}'/>" for url in urls)
    return f"<opml><body>{inside}</body></opml>".encode()


def take(desk: Desk, *urls: str, body: bytes = b"") -> Imported:
    with desk.store.write(desk.office) as work:
        return import_list(
            work,
            desk.admin,
            body or opml(*urls),
            desk.moment(),
            vault=VAULT,
            inner_hosts=frozenset({desk.site.host}),
        )


def verdicts(done: Imported) -> list[str]:
    return [row.verdict.value for row in done.rows]


def test_every_row_is_told_and_the_good_ones_are_read(desk: Desk) -> None:
    done = take(
        desk,
        "https://a.example/rss",
        "https://a.example/rss",
        "HTTPS://A.example/rss",
        "ftp://a.example/rss",
        "javascript:alert(1)",
        "http://127.0.0.1:1/rss",
        "http://[rusak",
        "",
        "https://b.example/rss",
        "https://panjang.example/" + "x" * 1_000,
    )
    assert verdicts(done) == [
        "added",
        "twice",
        "twice",
        "invalid",
        "invalid",
        "inner",
        "invalid",
        "no_address",
        "added",
        "invalid",
    ]
    assert done.taken == 2
    assert sorted(row.url for row in rows(desk.store, Source)) == [
        "https://a.example/rss",
        "https://b.example/rss",
    ]
    again = take(desk, "https://a.example/rss", "https://c.example/rss")
    assert verdicts(again) == ["known", "added"]
    with desk.store.read(desk.office) as work:
        acts = work.audit.listed(Wanted(action="source.imported"))
    assert [act.detail for act in acts] == ["1", "2"]


def test_a_file_that_cannot_be_read_to_its_end_imports_nothing(desk: Desk) -> None:
    with pytest.raises(InvalidInput):
        take(desk, body=opml("https://a.example/rss")[:-4])
    assert count(desk.store, Source) == count(desk.store, Subscription) == 0


def test_an_imported_feed_is_fetched_and_gives_items(desk: Desk) -> None:
    desk.site.pages["/rss"] = conditional(rss(entry("Satu"), entry("Dua")))
    assert take(desk, desk.site.url()).taken == 1
    assert desk.fetch_all() == 1
    assert desk.deliver() == 2


def test_a_login_in_a_list_is_sealed_and_stays_out_of_the_export(desk: Desk) -> None:
    done = take(desk, "https://humas:rahasia@a.example/rss")
    assert done.rows[0].url == "https://a.example/rss"
    source = rows(desk.store, Source)[0]
    assert source.sealed_login
    assert VAULT.open(source.sealed_login) == "humas:rahasia"
    with desk.store.read(desk.office) as work:
        written = export_list(work, desk.admin, NOW)
    assert b"rahasia" not in written
    assert [one.url for one in read_opml(written)] == ["https://a.example/rss"]


def test_what_was_stopped_is_read_again_and_what_said_gone_is_tried(desk: Desk) -> None:
    desk.site.pages["/rss"] = Reply(status=410)
    source_id = desk.subscribe()
    desk.fetch()
    with desk.store.write(desk.office) as work:
        stop_source(work, desk.admin, source_id, NOW)
    assert verdicts(take(desk, desk.site.url())) == ["resumed"]
    assert desk.source(source_id).health is SourceHealth.NEW


def test_another_office_gets_the_last_week_and_its_list_stays_its_own(
    desk: Desk,
) -> None:
    desk.site.pages["/rss"] = conditional(rss(entry("Satu")))
    take(desk, desk.site.url())
    desk.fetch_all()
    desk.deliver()
    other = add_office(desk.store, "lain", "Polres Lain")
    person = add_person(desk.store, other, Role.ADMIN, "admin-lain")
    with desk.store.write(other) as work:
        done = import_list(
            work,
            person,
            opml(desk.site.url()),
            desk.moment(),
            vault=VAULT,
            inner_hosts=frozenset({desk.site.host}),
        )
    assert verdicts(done) == ["added"]
    assert count(desk.store, Source) == 1
    assert desk.deliver() == 1
    assert len(desk.items(other)) == 1
    with desk.store.read(OfficeScope(other.office_id)) as work:
        assert len(read_opml(export_list(work, person, NOW))) == 1


def test_only_an_administrator_imports(desk: Desk) -> None:
    analyst = add_person(desk.store, desk.office, Role.OFFICER, "petugas")
    with desk.store.write(desk.office) as work, pytest.raises(NotAllowed):
        import_list(work, analyst, opml("https://a.example"), NOW, vault=VAULT)


@pytest.mark.long(15)
def test_five_thousand_rows_come_in_and_go_out_whole(desk: Desk) -> None:
    urls = [f"https://s{n % 500}.example/{n}/rss" for n in range(5_000)]
    began = time.monotonic()
    assert take(desk, *urls).counts == {Verdict.ADDED: 5_000}
    assert take(desk, *urls).counts == {Verdict.KNOWN: 5_000}
    assert time.monotonic() - began < 60
    assert count(desk.store, Subscription) == 5_000
    with desk.store.read(desk.office) as work:
        written = export_list(work, desk.admin, NOW)
    assert {one.url for one in read_opml(written)} == set(urls)


def test_an_empty_office_exports_an_empty_list(
    store: Store, office: OfficeScope
) -> None:
    person = add_person(store, office, Role.ADMIN, "admin")
    with store.read(office) as work:
        assert read_opml(export_list(work, person, NOW)) == ()
