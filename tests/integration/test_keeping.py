"""How long what was heard is kept, and what stands where it was erased."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from models.chain import AuditEvent
from models.errors import InvalidInput, NotAllowed
from models.filters import Filters
from models.idea import IdeaEvidence
from models.item import Item, ItemLabels
from models.labels import Service, Severity
from models.lists import Lists
from models.office import Office
from models.person import Person
from models.pseudonym import pseudonym
from models.recounting import Recounting
from models.retention_rules import Class, load_keeping
from models.search import Search
from models.source import Document, Fetch, Revision
from models.states import Reply, Role
from pipeline import auditing
from pipeline.erasing import erase_author, erase_item
from pipeline.ideas import make_idea
from pipeline.inbox import mark
from pipeline.retaining import Retaining, would_go
from pipeline.understanding import Understanding
from tests.conftest import NOW, add_office, add_person
from tests.integration.listening_kit import (
    LATER,
    TEST,
    VAULT,
    Desk,
    Village,
    entry,
    rows,
    rss,
)
from tests.integration.reading_kit import RuleEngine
from tests.integration.test_personal_data import dump
from tests.news_site import Reply as Answer

SOON = timedelta(minutes=2)


def days(of: Class) -> timedelta:
    return load_keeping()[of].length


@pytest.fixture
def village(desk: Desk) -> Village:
    desk.connect("polres_sukamaju")
    return desk.villages.by_handle.setdefault("polres_sukamaju", Village())


@pytest.fixture
def officer(desk: Desk) -> Person:
    return add_person(desk.store, desk.office, Role.OFFICER, "petugas")


@pytest.fixture
def approver(desk: Desk) -> Person:
    return add_person(desk.store, desk.office, Role.APPROVER, "kasi")


def retain(desk: Desk, after: timedelta = timedelta()) -> None:
    desk.moment.at += after
    while Retaining(desk.store, VAULT).next(desk.moment()):
        pass


def hear_all(desk: Desk) -> None:
    desk.moment.at += SOON
    while desk.hear():
        pass


def acts_of(desk: Desk) -> list[AuditEvent]:
    with desk.store.read(TEST) as work:
        order = AuditEvent.number
        return list(work.session.scalars(select(AuditEvent).order_by(order)))


def label(desk: Desk) -> None:
    Understanding(desk.store, RuleEngine()).label_next(desk.moment())


def counts_hold(desk: Desk) -> bool:
    with desk.store.read(TEST) as work:
        return Recounting(work.session).differences() == 0


def test_every_class_has_its_days_and_its_reason_in_both_languages() -> None:
    for of, one in load_keeping().items():
        assert one.of is of
        for language in ("id", "en"):
            assert one.name(language)
            assert one.reason(language)
            assert one.since(language)
    assert load_keeping()[Class.INTEGRITY].days < load_keeping()[Class.VOICE].days


def test_a_file_without_a_class_or_with_no_days_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "retention.toml"
    row = '[[class]]\ncode="{}"\ndays={}\nbasis=""\nsureness="P"\n'
    file.write_text(row.format("voice", 1))
    with pytest.raises(ValueError, match="every class"):
        load_keeping(file)
    (tmp_path / "none.toml").write_text(row.format("voice", 0))
    with pytest.raises(ValueError, match="days"):
        load_keeping(tmp_path / "none.toml")


# --------------------------------------------------------------------- authors


def test_a_handle_is_sealed_and_so_is_the_salt_of_its_pseudonym(
    desk: Desk, village: Village, tmp_path: Path
) -> None:
    village.say("antre lama", author="@Budi_Warga")
    hear_all(desk)
    [item] = desk.items()
    assert item.author_pseudonym == pseudonym("garam", "mastodon", "budi_warga")
    assert VAULT.open(item.sealed_author or b"") == "@Budi_Warga"
    whole = dump(desk.store, tmp_path).casefold()
    assert "budi_warga" not in whole
    assert "'garam'" not in whole
    assert "\tgaram\t" not in whole


def test_the_same_author_has_one_pseudonym_before_and_after_the_salt_is_sealed(
    desk: Desk, village: Village
) -> None:
    for number in range(3):
        village.say(f"keluhan {number}", author="budi")
        hear_all(desk)
    village.say("lain", author="ani")
    hear_all(desk)
    assert len({item.author_pseudonym for item in desk.items()}) == 2
    [office] = rows(desk.store, Office)
    assert office.salt == ""
    assert VAULT.open(office.sealed_salt) == "garam"


def test_a_handle_goes_some_days_after_its_case_is_closed_and_with_it_the_address(
    desk: Desk, village: Village, officer: Person
) -> None:
    village.say("sudah", author="budi", url="https://kampung.example/@Budi/1")
    village.say("belum", author="ani", url="https://kampung.example/@ani/2")
    hear_all(desk)
    first, second = desk.items()
    with desk.store.write(desk.office) as work:
        mark(work, officer, first.id, Reply.ANSWERED, "", desk.moment())
    retain(desk, days(Class.AUTHOR) - timedelta(hours=1))
    assert all(item.sealed_author for item in desk.items())
    retain(desk, timedelta(hours=2))
    first, second = desk.items()
    assert (first.sealed_author, first.url) == (None, "")
    assert second.sealed_author is not None
    assert second.url.endswith("@ani/2")
    assert first.text == "sudah"
    assert first.author_pseudonym


def test_what_nobody_ever_answers_loses_its_author_too(
    desk: Desk, village: Village
) -> None:
    village.say("belum", author="ani")
    hear_all(desk)
    retain(desk, days(Class.AUTHOR_OPEN) + timedelta(hours=1))
    [item] = desk.items()
    assert item.sealed_author is None
    assert item.url == "https://kampung.example/1"
    assert item.reply is Reply.OPEN


def test_a_handle_sealed_with_a_key_that_is_gone_does_not_stop_the_rest(
    desk: Desk, village: Village
) -> None:
    village.say("belum", author="ani")
    hear_all(desk)
    with desk.store.write(desk.office) as work:
        work.items.by_id(desk.items()[0].id).sealed_author = b"rusak"
    retain(desk, days(Class.AUTHOR_OPEN) + timedelta(hours=1))
    assert desk.items()[0].sealed_author is None


# ------------------------------------------------------------------- retention


def test_words_go_when_their_time_is_over_and_what_they_counted_for_stays(
    desk: Desk, village: Village, officer: Person
) -> None:
    village.say("antre skck lama sekali, petugas tidak ada", author="budi")
    hear_all(desk)
    label(desk)
    [item] = desk.items()
    with desk.store.write(desk.office) as work:
        make_idea(work, officer, [item.id], "Loket", Service.SKCK, NOW)
    before = item
    retain(desk, days(Class.VOICE) - timedelta(days=1))
    assert desk.items()[0].text
    retain(desk, timedelta(days=2))
    [item] = desk.items()
    assert (item.title, item.text, item.url, item.author_pseudonym) == ("", "", "", "")
    assert item.erased_at == desk.moment()
    for name in ("remote_id", "at", "sentiment", "kind", "service", "severity"):
        assert getattr(item, name) == getattr(before, name)
    assert rows(desk.store, ItemLabels) == []
    assert rows(desk.store, IdeaEvidence)[0].quote == ""
    assert counts_hold(desk)
    label(desk)
    assert desk.items()[0].sentiment is before.sentiment
    acts = [e for e in acts_of(desk) if e.action == "office.retained"]
    assert [e.detail for e in acts][-1] == "voice: 1"
    assert auditing.look(desk.store, TEST, desk.office.office_id).whole


def test_an_open_accusation_is_not_erased_and_a_closed_one_goes_sooner(
    desk: Desk, village: Village, officer: Person, approver: Person
) -> None:
    for number in range(2):
        village.say(f"dimintai uang {number}", author="budi")
    hear_all(desk)
    open_, closed = desk.items()
    with desk.store.write(desk.office) as work:
        for item in (open_, closed):
            work.items.by_id(item.id).severity = Severity.S1
        mark(work, approver, closed.id, Reply.CLOSED, "", desk.moment())
    retain(desk, days(Class.INTEGRITY) + timedelta(days=1))
    assert [bool(item.text) for item in desk.items()] == [True, False]
    retain(desk, days(Class.VOICE))
    assert [bool(item.text) for item in desk.items()] == [True, False]


def test_an_old_article_goes_from_the_shelf_and_every_inbox_and_comes_not_back(
    desk: Desk,
) -> None:
    other = add_office(desk.store, "lain", "Polres Lain")
    admin = add_person(desk.store, other, Role.ADMIN)
    told = [entry("lama", text="Kisah lama tentang pelayanan di kota ini."), entry("x")]
    desk.site.pages["/rss"] = Answer(rss(*told))
    desk.subscribe()
    desk.subscribe(by=admin)
    desk.fetch_all()
    desk.deliver()
    label(desk)
    retain(desk, days(Class.NEWS) + timedelta(days=1))
    for row in (*desk.documents(), *desk.items(), *desk.items(other)):
        assert (row.title, row.text, row.url) == ("", "", "")
    changed = [one.replace("Kisah", "Cerita") for one in told]
    desk.site.pages["/rss"] = Answer(rss(*changed))
    desk.fetch_all(LATER)
    desk.deliver()
    assert len(desk.documents()) == 2
    assert len(desk.items()) == 2
    assert not any(row.text for row in (*desk.documents(), *desk.items()))
    assert counts_hold(desk)


def test_old_revisions_and_lines_of_fetches_go_and_readers_miss_nothing(
    desk: Desk,
) -> None:
    one = entry("satu", text="Isi pertama")
    for words in ("Isi pertama", "Isi kedua", "Isi ketiga"):
        desk.site.pages["/rss"] = Answer(rss(one.replace("Isi pertama", words)))
        if not rows(desk.store, Document):
            desk.subscribe()
        desk.fetch_all(LATER)
    assert len(rows(desk.store, Revision)) == 2
    retain(desk, days(Class.REVISION) + timedelta(days=1))
    assert [row.text for row in rows(desk.store, Revision)] == ["Isi kedua"]
    assert rows(desk.store, Fetch) == []
    desk.deliver()
    assert [item.text for item in desk.items()] == ["Isi ketiga"]
    assert desk.deliver() == 0


def test_what_would_go_is_told_and_nothing_is_taken(
    desk: Desk, village: Village
) -> None:
    village.say("antre lama", author="budi")
    hear_all(desk)
    later = desk.moment() + days(Class.VOICE) + timedelta(days=1)
    due = would_go(desk.store, later)
    assert due[Class.VOICE] == due[Class.AUTHOR_OPEN] == 1
    assert due[Class.NEWS] == due[Class.INTEGRITY] == 0
    assert desk.items()[0].text == "antre lama"


# ------------------------------------------------------------------ by request


@pytest.fixture
def said(desk: Desk, village: Village) -> list[Item]:
    village.forgets_cursor = True
    for number in range(3):
        village.say(f"rahasia saya {number}, antre skck lama", author="budi")
    village.say("tentang hal lain", author="ani")
    hear_all(desk)
    label(desk)
    return list(desk.items())


def test_f19_what_is_erased_by_request_is_not_collected_again(
    desk: Desk, said: list[Item], approver: Person, tmp_path: Path
) -> None:
    assert erase_item(desk.store, approver, said[0].id, NOW)
    assert not erase_item(desk.store, approver, said[0].id, NOW)
    desk.hear(SOON)
    assert [bool(item.text) for item in desk.items()] == [False, True, True, True]
    assert len(desk.items()) == 4
    assert counts_hold(desk)
    retain(desk)
    assert "rahasia saya 0" not in dump(desk.store, tmp_path)
    with desk.store.read(desk.office) as work:
        found = Search(work.session).voices(
            Filters(words="rahasia"), None, integrity=True
        )
        listed = Lists(work.session).voices(Filters(), None, integrity=True)
    assert len(found.items) == 2
    assert len(listed.items) == 3


def test_all_that_one_author_said_is_erased_by_the_name_alone(
    desk: Desk, said: list[Item], approver: Person
) -> None:
    gone = erase_author(desk.store, VAULT, approver, "mastodon", "@Budi", NOW)
    assert gone == 3
    assert [item.text for item in desk.items() if item.text] == ["tentang hal lain"]
    assert erase_author(desk.store, VAULT, approver, "mastodon", "budi", NOW) == 0
    acts = [e for e in acts_of(desk) if "erased" in e.action]
    assert [e.detail for e in acts] == ["mastodon: 3", "mastodon: 0"]
    assert not any("budi" in e.detail for e in acts_of(desk))


def test_an_article_stays_on_the_shelf_while_another_office_keeps_it(
    desk: Desk, approver: Person
) -> None:
    other = add_office(desk.store, "lain", "Polres Lain")
    admin = add_person(desk.store, other, Role.ADMIN)
    theirs = add_person(desk.store, other, Role.APPROVER)
    desk.site.pages["/rss"] = Answer(rss(entry("satu", text="Isi tentang seseorang")))
    desk.subscribe()
    desk.subscribe(by=admin)
    desk.fetch_all()
    desk.deliver()
    erase_item(desk.store, approver, desk.items()[0].id, NOW)
    assert desk.documents()[0].text
    assert desk.items(other)[0].text
    erase_item(desk.store, theirs, desk.items(other)[0].id, NOW)
    assert desk.documents()[0].text == ""


def test_only_an_approver_erases_and_only_in_their_own_office(
    desk: Desk, said: list[Item], officer: Person
) -> None:
    other = add_office(desk.store, "lain", "Polres Lain")
    stranger = add_person(desk.store, other, Role.APPROVER)
    with pytest.raises(NotAllowed):
        erase_item(desk.store, officer, said[0].id, NOW)
    with pytest.raises(NotAllowed):
        erase_author(desk.store, VAULT, officer, "mastodon", "budi", NOW)
    assert erase_author(desk.store, VAULT, stranger, "mastodon", "budi", NOW) == 0
    with pytest.raises(InvalidInput):
        erase_author(desk.store, VAULT, stranger, "mastodon", " @ ", NOW)
    assert all(item.text for item in desk.items())


def test_the_looks_of_retention_are_answered_by_their_indexes(
    desk: Desk, village: Village
) -> None:
    if desk.store.engine.dialect.name != "sqlite":
        pytest.skip("a small table is read whole by PostgreSQL's planner")
    from models.erasing import Erasing

    village.say("satu")
    hear_all(desk)
    with desk.store.read(TEST) as work:
        for of in Class:
            statement = _looked_for(Erasing(work.session), of)
            plan = work.session.connection().execute(
                text(f"EXPLAIN QUERY PLAN {statement}")
            )
            steps = [row[3] for row in plan]
            assert all("USING" in step for step in steps if "items" in step), steps
            assert "USE TEMP B-TREE FOR ORDER BY" not in steps, steps


def _looked_for(erasing, of: Class) -> str:  # type: ignore[no-untyped-def]
    from models.erasing import _ROWS

    number, order = _ROWS[of]
    rows_ = select(number).where(erasing.due(of, NOW)).order_by(order).limit(1)
    bind = erasing._session.get_bind()
    return str(rows_.compile(bind, compile_kwargs={"literal_binds": True}))
