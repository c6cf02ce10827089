"""Slips of citizens: taken once, receipted, redacted, limited, answered, forgotten."""

from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select, text

from config.keys import Vault
from models.dashboard import Dashboard
from models.errors import NotAllowed, NotFound
from models.filters import Filters
from models.item import Item
from models.labels import Severity
from models.person import Person
from models.search import Search
from models.states import Reply, Role
from models.suggestion_box import Slip
from pipeline import inbox, suggestions
from pipeline.erasing import erase_item
from pipeline.retaining import Retaining
from pipeline.suggestions import (
    Door,
    NotTaken,
    Turned,
    Written,
    hand_in,
    look_up,
    ticket,
)
from pipeline.unit import Store
from tests.conftest import NOW, add_office, add_person

VAULT = Vault([Fernet.generate_key().decode()])
SAID = "Antrean loket SIM dua jam, tolong buka loket kedua di pagi hari."
LATER = NOW + timedelta(seconds=20)


class House:
    def __init__(self, store: Store) -> None:
        self.store = store
        self.office = add_office(store, "sukamaju", "Polres Kota Sukamaju")
        self.admin = add_person(store, self.office, Role.ADMIN, "admin")
        self.officer = add_person(store, self.office, Role.OFFICER, "dimas")
        self.door = self.box("Loket SIM")

    def box(self, name: str) -> Door:
        with self.store.write(self.office) as work:
            number = suggestions.open_box(work, self.admin, name, None, NOW)
            code = work.suggestion_boxes.get(number).code
        return suggestions.door(self.store, code)

    def ticket(self, door: Door | None = None) -> str:
        return ticket(VAULT, door or self.door, NOW)

    def write(self, said: str = SAID, **more: object) -> str:
        given = {"ticket": self.ticket(), "text": said, "consent": True, **more}
        return hand_in(self.store, VAULT, self.door, Written(**given), LATER)  # type: ignore[arg-type]

    def items(self) -> list[Item]:
        with self.store.read(self.office) as work:
            return list(work.session.scalars(select(Item).order_by(Item.id)))


@pytest.fixture
def house(store: Store) -> House:
    return House(store)


def test_a_slip_waits_in_the_inbox_and_its_number_tells_how_it_stands(
    house: House,
) -> None:
    number = house.write()
    (item,) = house.items()
    assert (item.text, item.network, item.reply) == (SAID, "form", Reply.OPEN)
    assert (item.author_pseudonym, item.sealed_author) == ("", None)
    standing = look_up(house.store, suggestions.printed(number).lower())
    assert standing is not None
    assert (standing.box, standing.reply, standing.answer) == (
        "Loket SIM", Reply.OPEN, "",
    )  # fmt: skip
    with house.store.read(house.office) as work:
        found = Search(work.session).voices(
            Filters(words='"loket kedua"'), None, integrity=False
        )
    assert [one.id for one in found.items] == [item.id]


def test_the_same_page_sent_twice_is_one_slip_with_one_number(house: House) -> None:
    once = house.ticket()
    numbers = {house.write(ticket=once) for _ in range(3)}
    assert len(numbers) == 1
    assert len(house.items()) == 1
    assert house.write() not in numbers
    assert len(house.items()) == 2


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"said": "lama"}, Turned.SHORT),
        ({"said": " " * 50}, Turned.SHORT),
        ({"said": "x" * 2_001}, Turned.LONG),
        ({"consent": False}, Turned.NO_CONSENT),
        ({"contact": "x" * 121}, Turned.CONTACT_LONG),
        ({"ticket": ""}, Turned.STALE),
        ({"ticket": "9.9.9"}, Turned.STALE),
        ({"ticket": "é.é.é"}, Turned.STALE),
    ],
)
def test_what_is_not_taken_says_why_and_leaves_nothing(
    house: House, changed: dict[str, object], why: Turned
) -> None:
    with pytest.raises(NotTaken) as refused:
        house.write(**changed)  # type: ignore[arg-type]
    assert refused.value.why is why
    assert house.items() == []


def test_a_ticket_is_good_for_its_box_and_its_hours_only(house: House) -> None:
    other = house.box("Loket SKCK")
    with pytest.raises(NotTaken):
        house.write(ticket=house.ticket(other))
    written = Written(house.ticket(), SAID, consent=True)
    for late in (timedelta(seconds=2), timedelta(hours=12, seconds=1), -timedelta(1)):
        with pytest.raises(NotTaken) as refused:
            hand_in(house.store, VAULT, house.door, written, NOW + late)
        assert refused.value.why is Turned.STALE
    hand_in(house.store, VAULT, house.door, written, NOW + timedelta(hours=12))
    assert len(house.items()) == 1


def test_what_a_machine_filled_in_is_thrown_away_and_told_nothing(house: House) -> None:
    number = house.write(trap="https://spam.example")
    assert len(number) == 12
    assert house.items() == []
    assert look_up(house.store, number) is None


def test_private_data_is_marked_before_it_is_stored(house: House) -> None:
    house.write("NIK saya 3275014708900003, telepon 0812-3456-7890, antre lama.")
    (item,) = house.items()
    assert "3275014708900003" not in item.text
    assert "7890" not in item.text
    assert "antre lama" in item.text


def test_no_more_is_stored_than_the_hour_holds(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(suggestions, "MOST_OF_A_BOX", 5)
    monkeypatch.setattr(suggestions, "MOST_OF_AN_OFFICE", 8)
    for _ in range(5):
        house.write()
    with pytest.raises(NotTaken) as refused:
        house.write()
    assert refused.value.why is Turned.FULL
    house.door = house.box("Loket SKCK")
    for _ in range(3):
        house.write()
    with pytest.raises(NotTaken):
        house.write()
    assert len(house.items()) == 8
    written = Written(house.ticket(), SAID, consent=True)
    hand_in(house.store, VAULT, house.door, written, LATER + timedelta(hours=1))
    assert len(house.items()) == 9


def test_a_contact_is_sealed_read_with_a_trace_and_gone_with_the_case(
    house: House,
) -> None:
    house.write(contact="budi@surel.example")
    (item,) = house.items()
    with house.store.write(house.office) as work:
        assert suggestions.contact_of(work, VAULT, house.officer, item.id, NOW) == (
            "budi@surel.example"
        )
        raw = work.session.connection().execute(
            text("SELECT sealed_contact FROM slips")
        )
        assert b"budi" not in bytes(raw.scalar_one())
    with house.store.write(house.office) as work:
        inbox.mark(work, house.officer, item.id, Reply.CLOSED, "", NOW)
    with house.store.write(house.office) as work:
        assert suggestions.contact_of(work, VAULT, house.officer, item.id, NOW) == ""
        acts = [one.action for one in work.audit.walk(house.office.office_id)]
    assert acts.count("box.contact") == 1


def test_the_answer_is_read_with_the_number_and_closes_the_case(house: House) -> None:
    number = house.write(contact="0812")
    (item,) = house.items()
    with house.store.write(house.office) as work:
        suggestions.answer(
            work, house.officer, item.id, "Loket kedua buka mulai Senin.", NOW
        )
    standing = look_up(house.store, number)
    assert standing is not None
    assert (standing.reply, standing.answer) == (
        Reply.ANSWERED, "Loket kedua buka mulai Senin.",
    )  # fmt: skip
    with house.store.read(house.office) as work:
        slip = work.session.scalars(select(Slip)).one()
        assert slip.sealed_contact is None


def test_who_may_not_answer_changes_nothing(house: House) -> None:
    house.write()
    (item,) = house.items()
    with house.store.write(house.office) as work:
        work.items.by_id(item.id).severity = Severity.S1
    for by, error in ((house.admin, NotAllowed), (house.officer, NotAllowed)):
        with pytest.raises(error), house.store.write(house.office) as work:
            suggestions.answer(work, by, item.id, "Terima kasih.", NOW)
        with pytest.raises(error), house.store.write(house.office) as work:
            suggestions.contact_of(work, VAULT, by, item.id, NOW)
    assert house.items()[0].reply is Reply.OPEN


def test_another_office_sees_neither_box_nor_slip(house: House) -> None:
    house.write()
    (item,) = house.items()
    other = add_office(house.store, "sukatani", "Polres Sukatani")
    stranger: Person = add_person(house.store, other, Role.OFFICER, "lain")
    with house.store.write(other) as work:
        assert work.suggestion_boxes.listed() == []
        with pytest.raises(NotFound):
            suggestions.answer(work, stranger, item.id, "Halo, ini kami.", NOW)
        assert work.suggestion_boxes.since(NOW - timedelta(1)) == 0


def test_a_closed_box_takes_nothing_and_keeps_what_it_has(house: House) -> None:
    house.write()
    with house.store.write(house.office) as work:
        suggestions.set_open(work, house.admin, house.door.box_id, False, NOW)
    with pytest.raises(NotFound):
        suggestions.door(house.store, house.door.code)
    with house.store.write(house.office) as work:
        suggestions.set_open(work, house.admin, house.door.box_id, True, NOW)
    assert suggestions.door(house.store, house.door.code) == house.door
    assert len(house.items()) == 1


def test_only_an_administrator_opens_and_closes(house: House) -> None:
    with pytest.raises(NotAllowed), house.store.write(house.office) as work:
        suggestions.open_box(work, house.officer, "Loket", None, NOW)
    with pytest.raises(NotAllowed), house.store.write(house.office) as work:
        suggestions.set_open(work, house.officer, house.door.box_id, False, NOW)


def test_a_wrong_number_finds_nothing(house: House) -> None:
    number = house.write()
    for typed in ("", "AAAA-BBBB-CCCC", number[:-1], f"{number}0", "é" * 12, "%" * 12):
        assert look_up(house.store, typed) is None
    confused = number.replace("0", "o").replace("1", "l")
    assert look_up(house.store, f"  {confused} ") is not None


def test_slips_count_as_waiting(house: House) -> None:
    house.write()
    with house.store.write(house.office) as work:
        work.items.by_id(house.items()[0].id).severity = Severity.S3
    with house.store.read(house.office) as work:
        assert Dashboard(work.session).waiting().count.number == 1


def test_erasing_a_slip_takes_contact_and_answer_along(house: House) -> None:
    number = house.write(contact="budi@surel.example")
    (item,) = house.items()
    approver = add_person(house.store, house.office, Role.APPROVER, "ratna")
    with house.store.write(house.office) as work:
        suggestions.answer(work, house.officer, item.id, "Loket kedua dibuka.", NOW)
    assert erase_item(house.store, approver, item.id, NOW)
    standing = look_up(house.store, number)
    assert standing is not None
    assert standing.answer == ""
    with house.store.read(house.office) as work:
        slip = work.session.scalars(select(Slip)).one()
        assert slip.sealed_contact is None
    assert SAID not in house.items()[0].text


def test_what_nobody_dealt_with_loses_its_contact_in_time(house: House) -> None:
    house.write(contact="budi@surel.example")
    keeping = Retaining(house.store, VAULT)
    left = []
    for days in (80, 91):
        while keeping.next(NOW + timedelta(days=days)):
            pass
        with house.store.read(house.office) as work:
            left.append(work.session.scalars(select(Slip.sealed_contact)).one())
    assert left[0] is not None
    assert left[1] is None
    assert house.items()[0].text == SAID
