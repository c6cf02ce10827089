"""An office sees its own rows, and nothing runs without saying whose."""

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from models.database import UnscopedStatement
from models.office import Office, User
from models.scope import OfficeScope, SystemScope
from models.states import Role
from pipeline.unit import Store
from tests.conftest import NOW, add_office, add_person


def test_an_office_reads_only_its_own_people(store: Store, office: OfficeScope) -> None:
    other = add_office(store, "lain", "Polres Lain")
    add_person(store, office, Role.OFFICER, "ratna")
    add_person(store, other, Role.OFFICER, "budi")
    with store.read(office) as work:
        assert work.session.scalars(select(User.login)).all() == ["ratna"]
        through_subquery = select(Office.id).where(
            Office.id.in_(select(User.office_id))
        )
        assert work.session.scalars(through_subquery).all() == [office.office_id]


def test_an_office_updates_only_its_own_people(
    store: Store, office: OfficeScope
) -> None:
    other = add_office(store, "lain", "Polres Lain")
    add_person(store, office, Role.OFFICER, "ratna")
    add_person(store, other, Role.OFFICER, "budi")
    with store.write(office) as work:
        work.session.execute(update(User).values(name="X"))
    with store.read(SystemScope("test")) as work:
        names = dict(work.session.execute(select(User.login, User.name)).all())
    assert names == {"ratna": "X", "budi": "budi"}


def test_a_row_of_another_office_is_not_found_by_its_id(
    store: Store, office: OfficeScope
) -> None:
    other = add_office(store, "lain", "Polres Lain")
    person = add_person(store, other, Role.OFFICER, "budi")
    with store.read(office) as work:
        assert work.session.get(User, person.user_id) is None


def test_a_row_of_another_office_cannot_be_written(
    store: Store, office: OfficeScope
) -> None:
    other = add_office(store, "lain", "Polres Lain")
    intruder = User(
        office_id=other.office_id,
        login="x",
        name="x",
        role=Role.ADMIN,
        created_at=NOW,
    )
    with pytest.raises(UnscopedStatement), store.write(office) as work:
        work.session.add(intruder)


def test_a_session_without_a_scope_is_refused(store: Store) -> None:
    with Session(store.engine) as session, pytest.raises(UnscopedStatement):
        session.scalars(select(User.id)).all()


def test_plain_sql_is_refused_in_an_office(store: Store, office: OfficeScope) -> None:
    with store.read(office) as work, pytest.raises(UnscopedStatement):
        work.session.execute(text("select * from users"))
