"""Pages of articles: asked for by an office, allowed by the site, read once for all."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from models.errors import NotAllowed, NotFound
from models.page import DocumentPage, PageState, Robots
from models.states import Role
from pipeline.erasing import erase_item
from pipeline.reading_pages import set_reading
from pipeline.unit import Store
from tests.conftest import add_office, add_person
from tests.integration.listening_kit import (
    TEST,
    Desk,
    NewsSite,
    Reply,
    conditional,
    entry,
    news_site,
    rss,
)

STORY = (
    "Satlantas Polres Kota Sukamaju membuka layanan SIM keliling di Pasar Mekarasih "
    "mulai pukul delapan pagi hingga siang hari untuk warga yang ingin memperpanjang. "
)
NIK = "3275012505900001"


def page(text: str = STORY * 4, head: str = "", path: str = "") -> Reply:
    body = (
        f"<html><head><title>Warta</title>{head}</head><body><nav>Beranda Menu</nav>"
        f"<article><h1>SIM keliling</h1><p>{text}</p><p>{text}</p></article></body></html>"
    )
    return Reply(body.encode(), headers={"Content-Type": "text/html; charset=utf-8"})


def listen(desk: Desk, path: str = "/berita/1", robots: Reply | None = None) -> int:
    link = path if path.startswith("http") else desk.site.url(path)
    desk.site.pages["/rss"] = conditional(
        rss(entry("SIM keliling", link, text="Ringkas."))
    )
    if robots is not None:
        desk.site.pages["/robots.txt"] = robots
    source_id = desk.subscribe()
    turn(desk, source_id)
    desk.fetch_all()
    desk.deliver()
    return source_id


def turn(desk: Desk, source_id: int, *, on: bool = True) -> None:
    with desk.store.write(desk.office) as work:
        set_reading(work, desk.admin, source_id, desk.moment(), on=on)


def read(desk: Desk, times: int = 6) -> None:
    for _ in range(times):
        desk.moment.at += timedelta(seconds=70)
        desk.listening.read_next_page(desk.moment)
    desk.deliver()


def pages(store: Store) -> list[DocumentPage]:
    with store.read(TEST) as work:
        return list(work.session.scalars(select(DocumentPage)))


def test_a_page_is_read_after_the_rules_of_its_site_and_reaches_the_inbox(
    desk: Desk,
) -> None:
    desk.site.pages["/berita/1"] = page(
        head="<link rel=canonical href='/berita/1?id=2'>"
    )
    listen(desk, "/berita/1", Reply(b"User-agent: *\nDisallow: /admin"))
    read(desk)
    paths = [one.path for one in desk.site.requests]
    assert paths == ["/rss", "/robots.txt", "/berita/1"]
    assert (
        desk.site.asked("/berita/1")[0].headers["user-agent"].startswith("Kentongan/")
    )
    [item] = desk.items()
    assert STORY.strip() in item.text
    assert "Beranda" not in item.text
    [one] = pages(desk.store)
    assert one.state is PageState.READ
    assert one.canonical_url == desk.site.url("/berita/1?id=2")


def test_a_page_that_robots_txt_forbids_is_not_asked_for(desk: Desk) -> None:
    desk.site.pages["/berita/1"] = page()
    listen(desk, "/berita/1", Reply(b"User-agent: *\nDisallow: /berita"))
    read(desk)
    assert not desk.site.asked("/berita/1")
    assert [one.state for one in pages(desk.store)] == [PageState.FORBIDDEN]
    assert [item.text for item in desk.items()] == ["Ringkas."]


def test_rules_are_asked_once_a_day_and_a_site_without_them_allows(desk: Desk) -> None:
    for n in (1, 2, 3):
        desk.site.pages[f"/berita/{n}"] = page()
    links = [entry(f"Kabar {n}", desk.site.url(f"/berita/{n}")) for n in (1, 2, 3)]
    desk.site.pages["/rss"] = conditional(rss(*links))
    turn(desk, desk.subscribe())
    desk.fetch_all()
    read(desk, 8)
    assert [one.state for one in pages(desk.store)] == [PageState.READ] * 3
    assert len(desk.site.asked("/robots.txt")) == 1
    assert [row.status for row in _robots(desk)] == [404]


def _robots(desk: Desk) -> list[Robots]:
    with desk.store.read(TEST) as work:
        return list(work.session.scalars(select(Robots)))


def test_a_site_whose_rules_cannot_be_reached_is_not_read_until_they_can(
    desk: Desk,
) -> None:
    desk.site.pages["/berita/1"] = page()
    listen(desk, "/berita/1", Reply(status=500))
    read(desk, 1)
    desk.site.pages["/robots.txt"] = Reply(b"")
    desk.moment.at += timedelta(hours=2)
    assert not desk.site.asked("/berita/1")
    read(desk)
    assert desk.site.asked("/berita/1")


def test_a_page_on_another_host_is_asked_after_the_rules_of_that_host(
    desk: Desk, second: NewsSite
) -> None:
    desk.site.pages["/lewat"] = Reply(
        status=302, headers={"Location": second.url("/b")}
    )
    second.pages["/b"] = page()
    second.pages["/robots.txt"] = Reply(b"User-agent: *\nDisallow: /b")
    listen(desk, "/lewat")
    read(desk, 8)
    [one] = pages(desk.store)
    assert (one.state, one.url, one.hops) == (PageState.FORBIDDEN, second.url("/b"), 1)


@pytest.fixture
def second(desk: Desk):
    with news_site() as opened:
        guard = desk.listening._pages.http._wire._guard
        guard._inner_hosts |= {opened.host}
        yield opened


def test_private_data_of_a_page_is_masked_before_it_is_stored(desk: Desk) -> None:
    desk.site.pages["/berita/1"] = page(
        f"{STORY} Warga dengan NIK {NIK} mengadu. {STORY}"
    )
    listen(desk)
    read(desk)
    [item] = desk.items()
    assert "mengadu" in item.text
    assert NIK not in item.text
    assert NIK not in pages(desk.store)[0].text


@pytest.mark.parametrize(
    "reply",
    [
        Reply(status=404),
        Reply(b"%PDF", headers={"Content-Type": "application/pdf"}),
        Reply(status=302, headers={"Location": "http://127.0.0.1:1/"}),
        Reply(status=302, headers={"Location": "/berita/1"}),
    ],
)
def test_what_is_no_page_leaves_the_words_of_the_feed(desk: Desk, reply: Reply) -> None:
    desk.site.pages["/berita/1"] = reply
    listen(desk)
    read(desk)
    assert [one.state for one in pages(desk.store)] == [PageState.FAILED]
    assert [item.text for item in desk.items()] == ["Ringkas."]


def test_an_edited_article_is_read_again_and_stays_one(desk: Desk) -> None:
    desk.site.pages["/berita/1"] = page()
    listen(desk)
    read(desk)
    link = desk.site.url("/berita/1")
    edited = entry("SIM keliling", link, text="Ringkas, dan lokasinya pindah.")
    desk.site.pages["/rss"] = conditional(rss(edited))
    desk.site.pages["/berita/1"] = page(STORY.replace("Pasar", "Alun-alun") * 4)
    desk.fetch_all(timedelta(hours=1))
    desk.deliver()
    read(desk)
    [item] = desk.items()
    assert "Alun-alun" in item.text
    assert len(desk.documents()) == 1
    desk.fetch_all(timedelta(hours=1))
    desk.deliver()
    assert "Alun-alun" in desk.items()[0].text


def test_nobody_asked_means_no_page_is_read(desk: Desk) -> None:
    desk.site.pages["/berita/1"] = page()
    source_id = listen(desk)
    turn(desk, source_id, on=False)
    desk.site.pages["/rss"] = conditional(
        rss(entry("Lain", desk.site.url("/berita/2")))
    )
    desk.fetch_all(timedelta(hours=1))
    assert len(pages(desk.store)) == 1


def test_only_an_administrator_of_a_reading_office_turns_it_on(desk: Desk) -> None:
    source_id = desk.subscribe()
    officer = add_person(desk.store, desk.office, Role.OFFICER, "petugas")
    other = add_office(desk.store, "lain", "Polres Lain")
    stranger = add_person(desk.store, other, Role.ADMIN, "admin-lain")
    with desk.store.write(desk.office) as work, pytest.raises(NotAllowed):
        set_reading(work, officer, source_id, desk.moment(), on=True)
    with desk.store.write(other) as work, pytest.raises(NotFound):
        set_reading(work, stranger, source_id, desk.moment(), on=True)


def test_what_is_erased_by_request_is_gone_from_its_page_too(desk: Desk) -> None:
    desk.site.pages["/berita/1"] = page()
    listen(desk)
    read(desk)
    assert pages(desk.store)[0].text
    approver = add_person(desk.store, desk.office, Role.APPROVER, "penyetuju")
    assert erase_item(desk.store, approver, desk.items()[0].id, desk.moment())
    [one] = pages(desk.store)
    assert (one.text, one.url, one.canonical_url) == ("", "", "")
    asked = len(desk.site.requests)
    desk.fetch_all(timedelta(hours=1))
    read(desk)
    assert [request.path for request in desk.site.requests[asked:]] == ["/rss"]
    assert pages(desk.store)[0].text == ""
