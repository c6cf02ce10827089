"""People sign in, guess in vain, and are let go."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from models.errors import InvalidInput, NotAllowed
from models.office import SignIn, SignInFailure, SignInLink, User
from models.person import Person
from models.scope import OfficeScope, SystemScope
from models.states import Role
from pipeline import people
from pipeline.unit import Store
from tests.conftest import NOW, add_office

PASSWORD = "padi-menguning-2026"


@pytest.fixture
def ratna(store: Store, office: OfficeScope) -> int:
    with store.write(office) as work:
        return people.add_user(
            work, office.office_id, "Ratna", "Ratna W.", Role.OFFICER, PASSWORD, NOW
        )


def test_the_right_password_opens_a_session(store: Store, ratna: int) -> None:
    person, token = people.sign_in(store, " RATNA ", PASSWORD, NOW)
    assert person.user_id == ratna
    assert people.person_of(store, token, NOW) == person
    assert people.person_of(store, token, NOW + timedelta(hours=13)) is None


def test_neither_password_nor_cookie_stand_in_the_database(
    store: Store, ratna: int
) -> None:
    _, token = people.sign_in(store, "ratna", PASSWORD, NOW)
    with store.read(SystemScope("test")) as work:
        user = work.offices.user(ratna)
        assert PASSWORD not in user.password_hash
        assert user.password_hash.startswith("$argon2id$")
        assert work.session.get(SignIn, token) is None


@pytest.mark.parametrize(
    ("login", "password"), [("ratna", "salah-sekali"), ("siapa", PASSWORD), ("", "")]
)
def test_a_wrong_name_or_password_is_refused_alike(
    store: Store, ratna: int, login: str, password: str
) -> None:
    with pytest.raises(NotAllowed, match=r"^sign-in refused$"):
        people.sign_in(store, login, password, NOW)


def guess(store: Store, times: int, login: str = "ratna", address: str = "") -> None:
    for _ in range(times):
        with pytest.raises(NotAllowed):
            people.sign_in(store, login, "salah-sekali", NOW, address=address)


def test_a_stranger_who_guesses_does_not_keep_the_owner_out(
    store: Store, ratna: int
) -> None:
    guess(store, people.PER_ADDRESS.free + 3, address="198.51.100.7")
    person, _ = people.sign_in(store, "ratna", PASSWORD, NOW, address="198.51.100.8")
    assert person.user_id == ratna


@pytest.mark.parametrize("address", ["2001:db8:1:2::8", "2001:db8:1:2:3:4:5:6"])
def test_one_line_has_many_addresses_of_the_new_kind(
    store: Store, ratna: int, address: str
) -> None:
    guess(store, people.PER_ADDRESS.free, address="2001:db8:1:2::7")
    with pytest.raises(NotAllowed):
        people.sign_in(store, "ratna", PASSWORD, NOW, address=address)
    people.sign_in(store, "ratna", PASSWORD, NOW, address="2001:db8:1:3::7")


def test_guessing_from_everywhere_is_slowed_too_for_a_minute(
    store: Store, ratna: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = replace(people.PER_LOGIN, free=4)  # a hundred passwords take their time
    monkeypatch.setattr(people, "PER_LOGIN", few)
    for one in range(few.free):
        guess(store, 1, address=f"198.51.100.{one}")
    with pytest.raises(NotAllowed):
        people.sign_in(store, "ratna", PASSWORD, NOW, address="203.0.113.1")
    later = NOW + few.longest
    people.sign_in(store, "ratna", PASSWORD, later, address="203.0.113.1")


def test_an_unknown_name_is_slowed_like_a_known_one(store: Store, ratna: int) -> None:
    waits = []
    for login in ("ratna", "siapa"):
        guess(store, people.PER_ADDRESS.free + 1, login, "198.51.100.7")
        with store.read(SystemScope("test")) as work:
            rows = work.session.scalars(select(SignInFailure)).all()
            waits.append(sorted((r.failures, r.blocked_until) for r in rows))
    assert waits[1] == sorted(waits[0] * 2)


def test_no_name_and_no_address_of_a_guess_is_kept(store: Store, ratna: int) -> None:
    guess(store, 1, address="198.51.100.7")
    with store.read(SystemScope("test")) as work:
        keys = work.session.scalars(select(SignInFailure.key)).all()
    assert len(keys) == 2
    assert all(re.fullmatch("[0-9a-f]{60}", key) for key in keys)


def test_what_was_guessed_long_ago_is_forgotten(store: Store, ratna: int) -> None:
    guess(store, 1, "siapa", "198.51.100.7")
    people.sign_in(store, "ratna", PASSWORD, NOW + timedelta(days=2))
    with store.read(SystemScope("test")) as work:
        assert work.session.scalars(select(SignInFailure)).all() == []


def test_after_many_wrong_passwords_even_the_right_one_must_wait(
    store: Store, ratna: int
) -> None:
    guess(store, people.PER_ADDRESS.free)
    with pytest.raises(NotAllowed):
        people.sign_in(store, "ratna", PASSWORD, NOW + timedelta(seconds=1))
    person, _ = people.sign_in(store, "ratna", PASSWORD, NOW + timedelta(hours=1))
    assert person.user_id == ratna


def test_a_sign_in_link_works_once_and_not_late(
    store: Store, office: OfficeScope, ratna: int
) -> None:
    token = people.make_link(store, office, ratna, NOW)
    late = people.make_link(store, office, ratna, NOW)
    assert people.use_link(store, token, NOW) is not None
    assert people.use_link(store, token, NOW) is None
    assert people.use_link(store, late, NOW + timedelta(minutes=16)) is None
    with store.read(SystemScope("test")) as work:
        assert work.session.get(SignInLink, token) is None


def test_signing_out_ends_the_session(store: Store, ratna: int) -> None:
    _, token = people.sign_in(store, "ratna", PASSWORD, NOW)
    people.sign_out(store, token)
    assert people.person_of(store, token, NOW) is None


def test_a_new_password_ends_every_open_session(
    store: Store, office: OfficeScope, ratna: int
) -> None:
    _, token = people.sign_in(store, "ratna", PASSWORD, NOW)
    with store.write(office) as work:
        people.set_password(work, ratna, "sawah-hijau-2026", NOW)
    assert people.person_of(store, token, NOW) is None


def test_somebody_shut_out_is_out_at_once(
    store: Store, office: OfficeScope, ratna: int, people_of: dict[Role, Person]
) -> None:
    _, token = people.sign_in(store, "ratna", PASSWORD, NOW)
    with store.write(office) as work:
        people.set_active(work, ratna, False, NOW, people_of[Role.ADMIN])
    assert people.person_of(store, token, NOW) is None
    with pytest.raises(NotAllowed):
        people.sign_in(store, "ratna", PASSWORD, NOW)


@pytest.fixture(name="people_of")
def _people_of(people: dict[Role, Person]) -> dict[Role, Person]:
    return people


@pytest.mark.parametrize("role", [Role.OFFICER, Role.APPROVER])
def test_only_an_administrator_adds_people(
    store: Store, office: OfficeScope, people_of: dict[Role, Person], role: Role
) -> None:
    with pytest.raises(NotAllowed), store.write(office) as work:
        people.add_user(
            work,
            office.office_id,
            "baru",
            "Baru",
            Role.ADMIN,
            PASSWORD,
            NOW,
            people_of[role],
        )


def test_a_login_is_taken_across_offices(store: Store, ratna: int) -> None:
    other = add_office(store, "lain", "Polres Lain")
    taken = r"^Nama masuk ini sudah dipakai\.$"
    with pytest.raises(InvalidInput, match=taken), store.write(other) as work:
        people.add_user(
            work, other.office_id, "ratna", "Ratna lain", Role.OFFICER, None, NOW
        )


def test_a_short_password_is_explained(store: Store, office: OfficeScope) -> None:
    with (
        pytest.raises(InvalidInput, match="paling sedikit 10"),
        store.write(office) as work,
    ):
        people.add_user(work, office.office_id, "a", "A", Role.OFFICER, "pendek", NOW)
    with store.read(office) as work:
        assert work.session.query(User).all() == []


@pytest.mark.parametrize(
    ("login", "name", "password"),
    [("a" * 61, "A", PASSWORD), ("a", "A" * 121, PASSWORD), ("a", "A", "p" * 201)],
)
def test_what_would_never_fit_at_sign_in_is_refused_when_it_is_set(
    store: Store, office: OfficeScope, login: str, name: str, password: str
) -> None:
    with store.write(office) as work, pytest.raises(InvalidInput):
        people.add_user(
            work, office.office_id, login, name, Role.OFFICER, password, NOW
        )


def test_the_longest_password_opens(store: Store, office: OfficeScope) -> None:
    longest = "p" * people.LONGEST_PASSWORD
    with store.write(office) as work:
        people.add_user(work, office.office_id, "a", "A", Role.ADMIN, longest, NOW)
    assert people.sign_in(store, "a", longest, NOW)
