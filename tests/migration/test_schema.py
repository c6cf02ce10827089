"""The steps lead to the tables, on both databases."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import bindparam, select, text
from sqlalchemy.exc import DBAPIError

from models.base import UTCDateTime
from models.item import Item
from models.recounting import Recounting
from models.scope import SystemScope
from models.search_table import is_ours
from models.signature import Signature
from models.states import Role
from models.stop import EVERYTHING, Target
from models.tables import metadata
from pipeline import auditing, schema
from pipeline.stopping import stop
from pipeline.unit import Store
from tests.conftest import DATABASES, NOW, add_office, add_person
from tests.postgresql import Server
from tests.seeding import seed

INSTANT = bindparam("at", type_=UTCDateTime())
BEFORE_THE_CHAIN = "0004"
BEFORE_STOPS = "0008"
BEFORE_SIGNATURES = "0017"
BEFORE_REDACTION = "0027"


@pytest.fixture(params=DATABASES)
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A database without any table."""
    if request.param == "sqlite":
        store = Store(f"sqlite:///{tmp_path / 'empty.db'}")
        yield store
        store.close()
        return
    server: Server = request.getfixturevalue("postgresql_server")
    with server.fresh_database("template0") as url:
        store = Store(url)
        yield store
        store.close()


def test_an_empty_database_is_not_current(empty: Store) -> None:
    assert not schema.is_current(empty.engine)


def test_the_steps_build_exactly_the_tables_of_the_code(empty: Store) -> None:
    schema.migrate(empty.engine)
    assert schema.is_current(empty.engine)
    with empty.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "include_name": is_ours}
        )
        assert compare_metadata(context, metadata) == []


def test_migrating_twice_changes_nothing(empty: Store) -> None:
    schema.migrate(empty.engine)
    schema.migrate(empty.engine)
    assert schema.is_current(empty.engine)


def test_the_steps_can_be_taken_back(empty: Store) -> None:
    schema.migrate(empty.engine)
    with empty.engine.begin() as connection:
        command.downgrade(schema._config(connection), "base")
        context = MigrationContext.configure(connection)
        assert context.get_current_heads() == ()


def test_the_items_of_an_older_database_are_counted_by_their_office_s_calendar(
    empty: Store,
) -> None:
    schema.migrate(empty.engine)
    office = add_office(empty, "sukamaju", "Polres Kota Sukamaju")
    seed(empty, office, NOW)
    with empty.read(SystemScope("test")) as work:
        kept = Recounting(work.session)._kept()
    with empty.engine.begin() as connection:
        command.downgrade(schema._config(connection), "0001")
    schema.migrate(empty.engine)
    with empty.read(SystemScope("test")) as work:
        recounting = Recounting(work.session)
        assert recounting.differences() == 0
        assert recounting._kept() == kept
    assert len({key.counted_as for key in kept}) > 3
    assert len({key.day for key in kept}) > 1


def test_the_acts_of_an_older_database_are_chained_as_they_stand(empty: Store) -> None:
    schema.migrate(empty.engine, BEFORE_THE_CHAIN)
    acts = [(1, 2, "é", 0), (None, 1, "", 1), (2, 4, "x", 2), (1, None, "y", 3)]
    with empty.engine.begin() as connection:
        for number in (1, 2):
            connection.execute(
                text(
                    "INSERT INTO offices (id, code, name, timezone, salt,"
                    " monthly_cap_idr, created_at)"
                    " VALUES (:n, :n, 'Polres', 'Asia/Jakarta', '', 0, :at)"
                ).bindparams(INSTANT),
                {"n": number, "at": NOW},
            )
        for office, subject, detail, seconds in acts:
            connection.execute(
                text(
                    "INSERT INTO audit_events (office_id, at, action, subject,"
                    " subject_id, detail)"
                    " VALUES (:office, :at, 'a.b', 'users', :subject, :detail)"
                ).bindparams(INSTANT),
                {
                    "office": office,
                    "subject": subject,
                    "detail": detail,
                    "at": NOW + timedelta(seconds=seconds, microseconds=5),
                },
            )
    schema.migrate(empty.engine)
    ends = {}
    for chain in (0, 1, 2):
        verdict = auditing.look(empty, SystemScope("test"), chain)
        assert verdict.whole, verdict
        ends[chain] = verdict.head.number
    assert ends == {0: 1, 1: 2, 2: 1}
    with empty.read(SystemScope("test")) as work:
        rows = list(work.audit.walk(1))
    assert [(one.subject_id, one.detail) for one in rows] == [(2, "é"), (None, "y")]
    refused = pytest.raises(DBAPIError, match="append-only")
    with refused, empty.engine.begin() as connection:
        connection.execute(text("DELETE FROM audit_events"))
    with empty.engine.begin() as connection:
        command.downgrade(schema._config(connection), BEFORE_THE_CHAIN)
        kept = connection.execute(
            text("SELECT office_id, subject_id, detail FROM audit_events ORDER BY id")
        ).all()
    assert [tuple(row) for row in kept] == [act[:3] for act in acts]


@pytest.mark.parametrize("wider", [False, True])
def test_what_is_stopped_stays_stopped_up_and_down(empty: Store, wider: bool) -> None:
    """An older program stops every account where a newer one stopped more."""
    schema.migrate(empty.engine)
    office = add_office(empty, "sukamaju", "Polres Kota Sukamaju")
    seed(empty, office, NOW)
    admin = add_person(empty, office, Role.ADMIN, "kepala")
    with empty.write(office) as work:
        one, other = (account.id for account in work.accounts.listed()[:2])
        target = EVERYTHING if wider else Target(one)
        stop(work, admin, target, "diretas", NOW + timedelta(hours=1), NOW)
    with empty.engine.begin() as connection:
        command.downgrade(schema._config(connection), BEFORE_STOPS)
    schema.migrate(empty.engine)
    with empty.read(office) as work:
        assert (
            work.stops.over(office.office_id, other, "umum", NOW) is None
        ) is not wider
        stands = work.stops.over(office.office_id, one, "umum", NOW)
    assert stands is not None
    assert (stands.account_id, stands.reason, stands.made_by) == (
        one,
        "diretas",
        admin.user_id,
    )
    assert (stands.made_at, stands.until) == (NOW, NOW + timedelta(hours=1))


def test_the_steps_are_the_files_in_the_order_of_their_numbers() -> None:
    walked = ScriptDirectory(str(schema.FOLDER)).walk_revisions()
    assert [one.revision for one in walked] == list(reversed(schema.steps()))


def test_an_older_approval_keeps_its_one_signature_up_and_down(empty: Store) -> None:
    schema.migrate(empty.engine)
    office = add_office(empty, "sukamaju", "Polres Kota Sukamaju")
    seeded = seed(empty, office, NOW)
    stands = {}
    for number in seeded.announcements.values():
        with empty.read(office) as work:
            stands[number] = work.announcements.approval_problem(number)
    assert None in stands.values()
    with empty.engine.begin() as connection:
        command.downgrade(schema._config(connection), BEFORE_SIGNATURES)
    schema.migrate(empty.engine)
    with empty.read(office) as work:
        for number, problem in stands.items():
            assert work.announcements.approval_problem(number) is problem
        signed = work.session.scalars(select(Signature)).all()
    assert {(one.step, one.signed_by != one.author_id) for one in signed} == {(1, True)}


def test_the_texts_of_an_older_database_are_redacted_by_the_migration(
    empty: Store,
) -> None:
    schema.migrate(empty.engine)
    office = add_office(empty, "sukamaju", "Polres Kota Sukamaju")
    seed(empty, office, NOW)
    with empty.write(office) as work:
        first = work.session.scalars(select(Item).order_by(Item.id).limit(1)).one()
        first.text, first.labelled_by = "NIK 3275012505900001 ditolak", "contoh-1"
        number = first.id
    with empty.engine.begin() as connection:
        command.downgrade(schema._config(connection), BEFORE_REDACTION)
    schema.migrate(empty.engine)
    with empty.read(office) as work:
        read = work.items.by_id(number)
        rest = work.session.scalars(select(Item.labelled_by).where(Item.id != number))
        assert (read.text, read.labelled_by) == ("NIK [NIK] ditolak", "")
        assert any(rest)
    with empty.read(SystemScope("test")) as work:
        assert Recounting(work.session).differences() == 0
