"""Ideas: evidence counted as people, decisions with their reasons."""

import pytest

from models.errors import Conflict, InvalidInput, NotAllowed, NotFound
from models.idea import IdeaMove, Support
from models.item import Item
from models.labels import Evidence, Service
from models.person import Person
from models.scope import OfficeScope
from models.states import IdeaState, Role
from pipeline.ideas import add_evidence, make_idea, move_idea, quote_of, title_of
from pipeline.understanding import Understanding
from pipeline.unit import Store
from tests.conftest import NOW, add_office
from tests.integration.listening_kit import rows
from tests.integration.reading_kit import RuleEngine

People = dict[Role, Person]


def say(
    store: Store,
    office: OfficeScope,
    text: str,
    author: str = "",
    of: int | None = None,
) -> int:
    with store.write(office) as work:
        item = Item(
            office_id=office.office_id,
            network="mastodon",
            url="",
            text=text,
            author_pseudonym=author,
            first_seen_at=NOW,
            at=NOW,
            story_key=text[:64],
            story_id=of,
        )
        work.session.add(item)
        work.session.flush()
        return item.id


def test_an_idea_counts_people_not_texts(
    store: Store, office: OfficeScope, people: People
) -> None:
    items = [
        say(store, office, "usul antrean online", "a"),
        say(store, office, "usul lagi antrean online", "a"),
        say(store, office, "setuju antrean online", "b"),
        say(store, office, "berita tanpa nama"),
    ]
    copy = say(store, office, "berita tanpa nama", of=items[3])
    with store.write(office) as work:
        idea = make_idea(
            work, people[Role.OFFICER], items, "Antrean online", Service.SKCK, NOW
        )
        add_evidence(work, people[Role.OFFICER], idea, copy, NOW)
        add_evidence(work, people[Role.OFFICER], idea, copy, NOW)
        assert work.ideas.support([idea])[idea] == Support(
            people=2, stories=4, copies=1
        )
        assert work.ideas.by_id(idea).state is IdeaState.PROPOSED


def test_the_quote_is_the_sentence_that_proposes(
    store: Store, office: OfficeScope, people: People
) -> None:
    text = "Antrenya panjang. Kami usul ada antrean online! Terima kasih."
    item_id = say(store, office, text)
    Understanding(store, RuleEngine()).label_next(NOW)
    with store.write(office) as work:
        idea = make_idea(work, people[Role.OFFICER], [item_id], "Antrean", None, NOW)
        [(evidence, _item)] = work.ideas.evidence(idea)
        assert evidence.quote == "Kami usul ada antrean online!"


def test_a_quote_without_evidence_is_the_beginning_and_never_endless() -> None:
    assert quote_of("", "pendek saja") == "pendek saja"
    assert len(quote_of("", "kata " * 1_000)) <= 400
    assert quote_of("", "tanpa akhir", [Evidence(0, 5, "suggestion")]) == "tanpa akhir"


def test_decisions_follow_the_table_and_keep_who_and_why(
    store: Store, office: OfficeScope, people: People
) -> None:
    officer, head = people[Role.OFFICER], people[Role.APPROVER]
    with store.write(office) as work:
        idea = make_idea(work, officer, [say_in(work, office)], "Antrean", None, NOW)
        move_idea(work, officer, idea, IdeaState.FORWARDED, "", NOW)
        move_idea(work, officer, idea, IdeaState.STUDIED, "", NOW)
        move_idea(work, head, idea, IdeaState.ACCEPTED, "ada anggaran", NOW)
        move_idea(work, head, idea, IdeaState.IN_PROGRESS, "", NOW)
        move_idea(work, officer, idea, IdeaState.DONE, "", NOW)
    moves = rows(store, IdeaMove, office)
    assert [move.became for move in moves] == [
        IdeaState.FORWARDED,
        IdeaState.STUDIED,
        IdeaState.ACCEPTED,
        IdeaState.IN_PROGRESS,
        IdeaState.DONE,
    ]
    assert (moves[2].by, moves[2].reason) == (head.user_id, "ada anggaran")


def say_in(work, office: OfficeScope) -> int:
    item = Item(
        office_id=office.office_id,
        network="mastodon",
        url="",
        text="usul antrean online",
        first_seen_at=NOW,
        at=NOW,
        story_key="",
    )
    work.session.add(item)
    work.session.flush()
    return item.id


def test_a_decline_needs_a_reason_and_the_right_person(
    store: Store, office: OfficeScope, people: People
) -> None:
    officer, head = people[Role.OFFICER], people[Role.APPROVER]
    with store.write(office) as work:
        idea = make_idea(work, officer, [say_in(work, office)], "Antrean", None, NOW)
        with pytest.raises(NotAllowed):
            move_idea(work, officer, idea, IdeaState.DECLINED, "tidak ada dana", NOW)
        with pytest.raises(InvalidInput):
            move_idea(work, head, idea, IdeaState.DECLINED, "  ", NOW)
        with pytest.raises(Conflict):
            move_idea(work, head, idea, IdeaState.ACCEPTED, "langsung", NOW)
        move_idea(work, head, idea, IdeaState.DECLINED, "tidak ada dana", NOW)
        with pytest.raises(NotAllowed):
            move_idea(work, officer, idea, IdeaState.STUDIED, "", NOW)
        move_idea(work, head, idea, IdeaState.STUDIED, "ada dana baru", NOW)


def test_a_move_by_two_people_at_once_is_taken_once(
    store: Store, office: OfficeScope, people: People
) -> None:
    officer = people[Role.OFFICER]
    with store.write(office) as work:
        idea = make_idea(work, officer, [say_in(work, office)], "Antrean", None, NOW)
    with store.read(office) as work:
        seen = work.ideas.by_id(idea)
    with store.write(office) as work:
        move_idea(work, officer, idea, IdeaState.FORWARDED, "", NOW)
    with store.write(office) as work, pytest.raises(Conflict):
        work.ideas.move(seen, IdeaState.FORWARDED, officer.user_id, "", NOW)


def test_an_idea_is_made_only_of_what_the_office_heard(
    store: Store, office: OfficeScope, people: People
) -> None:
    other = add_office(store, "lain", "Polres Lain")
    foreign = say(store, other, "usul dari kota lain")
    officer, admin = people[Role.OFFICER], people[Role.ADMIN]
    with store.write(office) as work:
        with pytest.raises(NotFound):
            make_idea(work, officer, [foreign], "Antrean", None, NOW)
        with pytest.raises(InvalidInput):
            make_idea(work, officer, [], "Antrean", None, NOW)
        with pytest.raises(InvalidInput):
            make_idea(work, officer, [foreign], " ", None, NOW)
        with pytest.raises(NotAllowed):
            make_idea(work, admin, [foreign], "Antrean", None, NOW)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("@polres_sukamaju @admin loket dua dong", "loket dua dong"),
        ("Usul loket dua,\n hubungi 0812 3456 7890", "Usul loket dua, hubungi [telepon]"),
        ("kata " * 30, "kata " * 15 + "kata…"),
        ("a" * 200, "a" * 79 + "…"),
        ("ada \u202eyang terbalik", "ada yang terbalik"),
        ("@polres_sukamaju", "[akun]"),
    ],
)  # fmt: skip
def test_an_idea_is_called_by_what_is_said_and_never_in_mid_word(
    text: str, name: str
) -> None:
    assert title_of("", text) == name
    assert title_of("Judul berita", text) == "Judul berita"
