"""Private data is gone before a row is made, and gone from what was stored before."""

import re
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.engine import make_url

from models import search_table
from models.announcement import Announcement
from models.filters import Filters
from models.idea import Idea, IdeaEvidence, IdeaMove
from models.item import Item, ItemLabels
from models.labels import Service
from models.recounting import Recounting
from models.rewriting import KINDS, Rewrite
from models.search import Search
from models.source import Document, Revision
from models.states import AnnouncementState, IdeaState, Reply, Role
from pipeline import rewriting
from pipeline.ideas import make_idea, move_idea
from pipeline.inbox import mark
from pipeline.rewriting import redact_some, redact_stored
from pipeline.understanding import Understanding
from pipeline.unit import Store
from tests.conftest import NOW, add_person
from tests.integration.listening_kit import (
    LATER,
    TEST,
    Desk,
    Village,
    entry,
    rows,
    rss,
)
from tests.integration.reading_kit import RuleEngine
from tests.news_site import Reply as Answer

NIK = "3275012505900001"
OTHER = "3275014505900002"
FORMS = (NIK, "3275 0125 0590 0001", "3275.0125.0590.0001", "327501-250590-0001")
PHONE = "081234567890"
RELEASE = (
    "Polres Kota Sukamaju membuka layanan SIM keliling di alun-alun kota setiap Sabtu "
    "pukul 08.00 sampai 12.00, hubungi 0812-1000-2000 atau 0813-9999-8888."
)


def holds_a_nik(words: str) -> bool:
    """Whether one of ours stands there in any of its forms."""
    plain = re.sub(r"(?<=\d)[ .\-_](?=\d)", "", words)
    return NIK in plain or OTHER in plain


def dump(store: Store, folder: Path) -> str:
    """Everything that the database holds, as text; of SQLite also the file's bytes."""
    url = make_url(store.url)
    if store.engine.dialect.name == "sqlite":
        store.close()
        file = Path(url.database or "")
        with closing(sqlite3.connect(file)) as whole:
            written = "\n".join(whole.iterdump())
        raw = b"".join(part.read_bytes() for part in file.parent.glob(f"{file.name}*"))
        return written + raw.decode("latin-1")
    made = subprocess.run(
        ["pg_dump", "-h", url.host or "", "-p", str(url.port), "-U", url.username or "",
         url.database or ""],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return made.stdout


@pytest.fixture
def village(desk: Desk) -> Village:
    desk.connect("polres_sukamaju")
    return desk.villages.by_handle.setdefault("polres_sukamaju", Village())


def listen(desk: Desk) -> None:
    desk.fetch_all()
    desk.deliver()
    while desk.hear():
        pass


def publish(desk: Desk, body: str) -> None:
    author = add_person(desk.store, desk.office, Role.OFFICER, "humas")
    with desk.store.write(desk.office) as work:
        work.session.add(
            Announcement(
                office_id=desk.office.office_id,
                title="SIM keliling",
                body=body,
                state=AnnouncementState.APPROVED,
                author_id=author.user_id,
                created_at=NOW,
                updated_at=NOW,
            )
        )


def test_o7_every_form_of_a_nik_is_a_mark_before_a_row_is_made(
    desk: Desk, village: Village
) -> None:
    told = (
        entry(f"Warga {n} ber-NIK {form}", text=f"NIK saya {form} ditolak")
        for n, form in enumerate(FORMS)
    )
    desk.site.pages["/rss"] = Answer(rss(*told))
    for form in FORMS:
        village.say(f"nik {form} saya ditolak loket", title=f"KTP {form}")
    desk.subscribe()
    listen(desk)
    assert len(desk.items()) == 2 * len(FORMS)
    for row in (*desk.documents(), *desk.items()):
        assert "[NIK]" in row.title
        assert "[NIK]" in row.text
        assert not holds_a_nik(row.title + row.text)


def test_o8_and_f28_phones_plates_and_reports_of_a_citizen_are_marks(
    desk: Desk, village: Village
) -> None:
    village.say("hubungi 0812-3456-7890 atau +62 813 4567 8901, motor B 1234 XYZ")
    village.say("LP/B/12/III/2026/SPKT mandek, rumah Jl. Melati No. 12 RT 03/RW 05")
    listen(desk)
    assert [item.text for item in desk.items()] == [
        "hubungi [telepon] atau [telepon], motor [pelat nomor]",
        "[nomor laporan] mandek, rumah [alamat]",
    ]


def test_o9_money_hours_and_dates_are_stored_as_they_were_said(
    desk: Desk, village: Village
) -> None:
    said = "dimintai Rp 650.000, biaya 100.000 - 120.000, 24/11/2026 jam 08.00–12.00"
    village.say(said)
    desk.site.pages["/rss"] = Answer(rss(entry("Biaya 260 ribu", text=said)))
    desk.subscribe()
    listen(desk)
    assert {item.text for item in desk.items()} == {said}
    assert desk.documents()[0].title == "Biaya 260 ribu"


def test_an_address_loses_the_numbers_that_its_headline_held(desk: Desk) -> None:
    desk.site.pages["/rss"] = Answer(
        rss(
            entry(f"NIK {NIK} bocor", f"https://warta.example/2026/nik-{NIK}-bocor"),
            entry("Data bocor", f"https://warta.example/cek?nik={OTHER}&amp;id=7"),
            entry("Biasa", "https://warta.example/3275012505900009/biasa"),
        )
    )
    desk.subscribe()
    listen(desk)
    assert {row.url for row in desk.documents()} == {
        "https://warta.example/2026/nik-xxxxxxxxxxxxxxxx-bocor",
        "https://warta.example/cek?nik=xxxxxxxxxxxxxxxx&id=7",
        "https://warta.example/3275012505900009/biasa",
    }


def test_a_text_with_marks_is_the_same_article_at_the_next_look(desk: Desk) -> None:
    told = f"Pengaduan tanpa tautan: NIK {NIK} tidak ditemukan."
    bare = f"<item><title>Aduan</title><description>{told}</description></item>"
    feed = f"<rss version='2.0'><channel><title>NIK {NIK}</title>{bare}"
    body = f"{feed}</channel></rss>"
    desk.site.pages["/rss"] = Answer(body.encode())
    source = desk.subscribe()
    desk.fetch()
    desk.site.pages["/rss"] = Answer(body.replace("2.0", "2.00").encode())
    desk.fetch(LATER)
    assert len(desk.documents()) == 1
    assert rows(desk.store, Revision) == []
    assert desk.source(source).title == "NIK [NIK]"


def test_the_office_s_own_contacts_stay_in_what_is_stored(
    desk: Desk, village: Village
) -> None:
    with desk.store.write(desk.office) as work:
        work.offices.own().public_contacts = "0812-1000-2000"
    village.say("WA 0812 1000 2000 mati, WA saya 0812 1000 2001")
    listen(desk)
    assert desk.items()[0].text == "WA 0812 1000 2000 mati, WA saya [telepon]"


def test_our_own_release_is_recognised_with_a_telephone_in_it(
    desk: Desk, village: Village
) -> None:
    with desk.store.write(desk.office) as work:
        work.offices.own().public_contacts = "0812-1000-2000"
    publish(desk, RELEASE)
    desk.site.pages["/rss"] = Answer(rss(entry("Polisi buka layanan", text=RELEASE)))
    desk.subscribe()
    village.say(RELEASE)
    listen(desk)
    assert [item.own_release for item in desk.items()] == [True, True]
    assert "0812-1000-2000 atau [telepon]" in desk.items()[0].text


def test_what_the_desk_notes_and_quotes_holds_no_private_number(
    desk: Desk, village: Village
) -> None:
    village.say(f"usul: NIK {NIK} dicek lewat WA saja")
    listen(desk)
    [item] = desk.items()
    officer = add_person(desk.store, desk.office, Role.OFFICER, "petugas")
    with desk.store.write(desk.office) as work:
        idea = make_idea(work, officer, [item.id], f"Cek NIK {NIK}", Service.SKCK, NOW)
        move_idea(work, officer, idea, IdeaState.FORWARDED, f"dari {PHONE}", NOW)
        mark(work, officer, item.id, Reply.ANSWERED, f"ditelepon {PHONE}", NOW)
    [kept], [quote] = rows(desk.store, Idea), rows(desk.store, IdeaEvidence)
    [moved] = rows(desk.store, IdeaMove)
    assert (kept.title, moved.reason) == ("Cek NIK [NIK]", "dari [telepon]")
    assert quote.quote == "usul: NIK [NIK] dicek lewat WA saja"
    assert desk.items()[0].reply_note == "ditelepon [telepon]"


# ------------------------------------------------------- what was stored before


def store_as_before(desk: Desk, village: Village, number: int = 3) -> None:
    """Rows as they were made before redaction stood at the doors."""
    told = [
        entry(f"Judul {n} X", text=f"Warga nomor {n} dengan XNIK ditolak di loket SIM.")
        for n in range(number)
    ]
    desk.site.pages["/rss"] = Answer(rss(*told))
    desk.subscribe()
    desk.fetch_all()
    changed = [one.replace("loket SIM", "loket SKCK") for one in told]
    desk.site.pages["/rss"] = Answer(rss(*changed))
    desk.fetch_all(LATER)
    desk.deliver()
    for n in range(number):
        village.say(f"keluhan {n}: XNIK, antre lama di SKCK", title="X")
    while desk.hear():
        pass
    officer = add_person(desk.store, desk.office, Role.OFFICER, "petugas")
    with desk.store.write(desk.office) as work:
        item_id = work.session.scalars(select(Item.id).limit(1)).one()
        idea = make_idea(work, officer, [item_id], "Saran X", Service.SKCK, NOW)
        move_idea(work, officer, idea, IdeaState.FORWARDED, "Dari XNIK", NOW)
    Understanding(desk.store, RuleEngine()).label_next(NOW)
    with desk.store.engine.begin() as connection:
        for kind in KINDS.values():
            table = kind.table.__table__
            for column in kind.columns:
                old = table.c[column.key]
                new = _nik_for(old)
                connection.execute(table.update().values({column.key: new}))
        search_table.fill(connection)  # the triggers have emptied the index


def _nik_for(column):  # type: ignore[no-untyped-def]
    from sqlalchemy import func

    named = func.replace(column, "XNIK", f"NIK {NIK}")
    return func.replace(named, "X", f"nik {OTHER}") if column.key == "title" else named


def test_texts_that_were_stored_before_are_redacted_where_they_lie(
    desk: Desk, village: Village, tmp_path: Path
) -> None:
    store_as_before(desk, village)
    assert holds_a_nik(dump(desk.store, tmp_path))
    with desk.store.read(desk.office) as work:
        before = len(work.session.scalars(select(ItemLabels)).all())
    assert redact_stored(desk.store.engine) > 0
    assert not holds_a_nik(dump(desk.store, tmp_path))
    assert _found(desk, NIK) == 0
    assert _found(desk, "antre lama") == 3
    assert {item.labelled_by for item in desk.items()} == {""}
    with desk.store.read(TEST) as work:
        assert Recounting(work.session).differences() == 0
    assert Understanding(desk.store, RuleEngine()).label_next(NOW) == before
    assert redact_stored(desk.store.engine) == 0


def _found(desk: Desk, words: str) -> int:
    with desk.store.read(desk.office) as work:
        rows_ = Search(work.session)
        return len(rows_.voices(Filters(words=words), None, integrity=True).items)


def test_rows_that_hold_nothing_private_are_left_as_they_are(
    desk: Desk, village: Village
) -> None:
    village.say("antre SKCK lama, bayar Rp 30.000")
    listen(desk)
    Understanding(desk.store, RuleEngine()).label_next(NOW)
    [before] = desk.items()
    assert redact_stored(desk.store.engine) == 0
    [after] = desk.items()
    assert (after.labelled_by, after.story_key) == (
        before.labelled_by,
        before.story_key,
    )
    assert after.labelled_by


def test_what_was_redacted_where_it_lies_has_the_hashes_of_what_comes_in(
    desk: Desk, village: Village
) -> None:
    store_as_before(desk, village)
    redact_stored(desk.store.engine)
    told = [
        entry(
            f"Judul {n} X",
            text=f"Warga nomor {n} dengan NIK {NIK} ditolak di loket SKCK.",
            link=row.url,
        ).replace("X", f"nik {OTHER}")
        for n, row in enumerate(reversed(desk.documents()))
    ]
    held = len(rows(desk.store, Revision))
    desk.site.pages["/rss"] = Answer(rss(*told))
    desk.fetch_all(LATER)
    assert len(desk.documents()) == len(told)
    assert len(rows(desk.store, Revision)) == held


def test_a_pass_that_is_killed_goes_on_where_it_stopped(
    desk: Desk, village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    store_as_before(desk, village, 5)
    monkeypatch.setattr(rewriting, "UNIT", 2)
    for _ in range(3):
        redact_some(desk.store.engine, NOW)
    stands = {row.name: row.position for row in _rewrites(desk.store)}
    assert stands["documents"] == desk.documents()[-2].id
    read: list[int] = []
    words = rewriting.Rewriting.words

    def counted(self, name, after, most):  # type: ignore[no-untyped-def]
        found = words(self, name, after, most)
        read.extend(number for number, _ in found if name == "documents")
        return found

    monkeypatch.setattr(rewriting.Rewriting, "words", counted)
    redact_stored(desk.store.engine)
    assert read == [desk.documents()[-1].id]
    assert not any(holds_a_nik(row.title + row.text) for row in desk.items())
    assert all(row.ended_at for row in _rewrites(desk.store))


def _rewrites(store: Store) -> list[Rewrite]:
    with store.read(TEST) as work:
        return list(work.session.scalars(select(Rewrite)))


def test_no_nik_is_in_a_dump_after_a_day_of_listening(
    desk: Desk,
    village: Village,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    for number, form in enumerate(FORMS):
        said = f"Saya {number}, NIK {form}, usul loket dibuka Minggu. KTP {OTHER}"
        desk.site.pages[f"/media{number}"] = Answer(
            rss(
                entry(f"NIK {form} ditolak", text=said, date=f"hari {form}"),
                entry(said, f"https://warta.example/nik-{NIK}"),
                title=f"Warta {form}",
            )
        )
        desk.subscribe(f"/media{number}")
        village.say(said, title=f"nik {form}", author=f"warga{OTHER}")
        village.say(f"https://lapor.example/?ktp={NIK} macet", author="budi")
    listen(desk)
    Understanding(desk.store, RuleEngine()).label_next(NOW)
    for path in list(desk.site.pages):
        desk.site.pages[path] = Answer(rss(entry(f"NIK {NIK} ditolak", text=OTHER)))
    desk.fetch_all(LATER)
    desk.deliver()
    officer = add_person(desk.store, desk.office, Role.OFFICER, "petugas")
    with desk.store.write(desk.office) as work:
        ids = [item.id for item in work.session.scalars(select(Item))]
        make_idea(work, officer, ids, f"Usul dari {NIK}", Service.SKCK, NOW)
        mark(work, officer, ids[0], Reply.ANSWERED, f"NIK {NIK} dicek", NOW)
    assert len(rows(desk.store, Document)) > len(FORMS)
    assert not holds_a_nik(dump(desk.store, tmp_path))
    told = capfd.readouterr()
    assert not holds_a_nik(told.out + told.err)
