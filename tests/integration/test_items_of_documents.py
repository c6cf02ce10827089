"""From shared documents to each office's items: once each, copies told apart."""

import threading
from datetime import timedelta

import pytest

from collectors.identity import content_hash
from models.announcement import Announcement
from models.documents import Article
from models.idea import Support
from models.labels import Service
from models.source import Source
from models.source_values import LeasedSource
from models.states import AnnouncementState, Role
from pipeline.delivering import deliver_documents
from pipeline.fetching import story_key
from pipeline.ideas import make_idea
from pipeline.sources import stop_source
from pipeline.unit import Store
from tests.conftest import NOW, add_office, add_person
from tests.integration.listening_kit import (
    LATER,
    TEST,
    Desk,
    Reply,
    entry,
    rss,
)

RELEASE = (
    "Polres Kota Sukamaju membuka layanan perpanjangan SIM keliling di alun-alun kota "
    "setiap hari Sabtu pukul 08.00 sampai 12.00."
)


def test_one_fetch_serves_two_offices_and_each_has_its_own_items(
    desk: Desk, store: Store
) -> None:
    other = add_office(store, "lain", "Polres Lain")
    admin = add_person(store, other, Role.ADMIN)
    desk.site.pages["/rss"] = Reply(rss(entry("satu"), entry("dua")))
    assert desk.subscribe() == desk.subscribe(by=admin)
    assert desk.fetch_all() == 1
    assert desk.deliver() == 4
    assert [item.title for item in desk.items()] == ["dua", "satu"]
    assert [item.title for item in desk.items(other)] == ["dua", "satu"]
    assert {item.office_id for item in desk.items(other)} == {other.office_id}
    assert desk.deliver() == 0
    assert len(desk.site.requests) == 1


def test_an_undated_article_is_ordered_by_when_it_was_seen(desk: Desk) -> None:
    desk.site.pages["/rss"] = Reply(rss(entry("tak bertanggal")))
    desk.subscribe()
    desk.fetch()
    desk.deliver()
    [item] = desk.items()
    assert item.published_at is None
    assert item.at == item.first_seen_at


def test_o11_forty_copies_of_one_text_are_one_story_and_nobody(desk: Desk) -> None:
    for number in range(40):
        path = f"/media{number}"
        desk.site.pages[path] = Reply(
            rss(
                entry(
                    f"Judul ke-{number}",
                    f"https://media{number}.example/a",
                    text=RELEASE,
                )
            )
        )
        desk.subscribe(path)
    desk.fetch_all()
    assert desk.deliver() == 40
    items = desk.items()
    leaders = [item for item in items if item.story_id is None]
    assert len(leaders) == 1
    assert {item.story_id for item in items if item.story_id} == {leaders[0].id}
    officer = add_person(desk.store, desk.office, Role.OFFICER)
    with desk.store.write(desk.office) as work:
        idea = make_idea(
            work, officer, [item.id for item in items], "SIM keliling", Service.SIM, NOW
        )
        assert work.ideas.support([idea]) == {
            idea: Support(people=0, stories=1, copies=39)
        }


def test_copies_that_arrive_later_join_the_story_and_the_same_template_does_not(
    desk: Desk,
) -> None:
    monday = (
        "Jadwal SIM keliling Senin 23 November 2026 di alun-alun kota pukul delapan."
    )
    tuesday = monday.replace("Senin 23", "Selasa 24")
    desk.site.pages["/rss"] = Reply(rss(entry("Senin", text=monday)))
    desk.subscribe()
    desk.fetch()
    desk.deliver()
    desk.site.pages["/rss"] = Reply(
        rss(entry("Selasa", text=tuesday), entry("Salinan", text=f"(Humas) {monday}"))
    )
    desk.fetch(LATER)
    desk.deliver()
    leads = {item.title: item.story_id for item in desk.items()}
    first = desk.items()[0].id
    assert leads == {"Senin": None, "Selasa": None, "Salinan": first}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Jadwal SIM Keliling Senin - ", "Jadwal SIM Keliling Selasa - ", False),
        ("SIM Keliling Polsek Timur - ", "SIM Keliling Polsek Barat - ", False),
        ("SUKAMAJU (ANTARA) - ", "SUKAMAJU, KABAR.example.co.id - ", True),
        ("Sukamaju - ", "WARTA.CO, Sukamaju - ", True),
    ],
)
def test_the_lead_of_an_agency_is_no_difference_a_day_or_a_town_is(
    one: str, other: str, same: bool
) -> None:
    said = "lokasi di alun-alun kota mulai pukul delapan pagi, bawa KTP asli."
    keys = {story_key("", lead + said) for lead in (one, other)}
    assert (len(keys) == 1) is same


def test_what_the_office_published_itself_is_recognised_in_the_news(desk: Desk) -> None:
    author = add_person(desk.store, desk.office, Role.OFFICER)
    with desk.store.write(desk.office) as work:
        work.session.add(
            Announcement(
                office_id=desk.office.office_id,
                title="SIM keliling",
                body=RELEASE,
                state=AnnouncementState.APPROVED,
                author_id=author.user_id,
                created_at=NOW,
                updated_at=NOW,
            )
        )
    desk.site.pages["/rss"] = Reply(
        rss(
            entry("Polisi buka SIM keliling", text=RELEASE),
            entry("lain", text="Berita lain."),
        )
    )
    desk.subscribe()
    desk.fetch()
    desk.deliver()
    assert {item.title: item.own_release for item in desk.items()} == {
        "Polisi buka SIM keliling": True,
        "lain": False,
    }


def test_a_new_reader_of_a_known_source_gets_the_last_week(
    desk: Desk, store: Store
) -> None:
    desk.site.pages["/rss"] = Reply(rss(entry("lama")))
    desk.subscribe()
    desk.fetch()
    desk.site.pages["/rss"] = Reply(rss(entry("baru"), entry("lama")))
    desk.fetch(timedelta(days=9))
    other = add_office(store, "lain", "Polres Lain")
    desk.subscribe(by=add_person(store, other, Role.ADMIN))
    desk.deliver()
    assert [item.title for item in desk.items(other)] == ["baru"]
    assert [item.title for item in desk.items()] == ["lama", "baru"]


def test_an_office_that_stops_reads_nothing_and_on_return_misses_nothing(
    desk: Desk, store: Store
) -> None:
    other = add_office(store, "lain", "Polres Lain")
    desk.site.pages["/rss"] = Reply(rss(entry("satu")))
    source_id = desk.subscribe()
    desk.subscribe(by=add_person(store, other, Role.ADMIN))
    desk.fetch()
    desk.deliver()
    with store.write(desk.office) as work:
        stop_source(work, desk.admin, source_id, desk.moment())
    desk.site.pages["/rss"] = Reply(rss(entry("dua"), entry("satu")))
    desk.fetch(LATER)
    assert desk.deliver() == 1
    assert [item.title for item in desk.items()] == ["satu"]
    desk.subscribe()
    assert desk.deliver() == 1
    assert [item.title for item in desk.items()] == ["satu", "dua"]


def test_workers_side_by_side_deliver_each_document_once(
    desk: Desk, store: Store
) -> None:
    offices = [
        desk.office,
        *(add_office(store, f"p{n}", f"Polres {n}") for n in range(4)),
    ]
    desk.subscribe()
    for office in offices[1:]:
        desk.subscribe(by=add_person(store, office, Role.ADMIN))
    desk.site.pages["/rss"] = Reply(
        rss(*(entry(f"berita {n}", text=f"{RELEASE} {n % 5}") for n in range(150)))
    )
    desk.fetch()
    threads = [threading.Thread(target=desk.deliver) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for office in offices:
        items = desk.items(office)
        assert len(items) == 150
        assert len([item for item in items if item.story_id is None]) == 5


# --------------------------------------------------- ids committed out of order


def _article(title: str) -> Article:
    return Article(
        identity=title,
        url="",
        title=title,
        text="",
        author="",
        published_at=None,
        precision="",
        published_raw="",
        content_hash=content_hash(title, ""),
        story_key=story_key(title, ""),
    )


def _lease(store: Store, source_id: int) -> LeasedSource:
    with store.write(TEST) as work:
        source = work.session.get_one(Source, source_id)
        source.lease_token = f"token-{source_id}"
        return work.sources._leased(source, source.lease_token)


def test_a_document_committed_late_with_a_small_id_is_not_skipped(
    desk: Desk, store: Store
) -> None:
    slow, quick = desk.subscribe("/a"), desk.subscribe("/b")
    leases = {source_id: _lease(store, source_id) for source_id in (slow, quick)}
    stored, told = threading.Event(), threading.Event()

    def store_slowly() -> None:
        with store.write(TEST) as work:
            work.sources.keep(leases[slow], NOW)
            work.documents.store(leases[slow], [_article("lambat")], NOW)
            stored.set()
            told.wait(5)

    thread = threading.Thread(target=store_slowly)
    thread.start()
    assert stored.wait(5)
    if store.engine.dialect.name == "sqlite":  # there is one writer at a time
        told.set()
        thread.join()
    with store.write(TEST) as work:
        work.sources.keep(leases[quick], NOW)
        work.documents.store(leases[quick], [_article("cepat")], NOW)
    deliver_documents(store, NOW)
    told.set()
    thread.join()
    deliver_documents(store, NOW)
    assert {item.title for item in desk.items()} == {"lambat", "cepat"}
