"""The steps lead to the tables, on both databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from models.tables import metadata
from pipeline import schema
from pipeline.unit import Store
from tests.conftest import DATABASES
from tests.postgresql import Server


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
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_migrating_twice_changes_nothing(empty: Store) -> None:
    schema.migrate(empty.engine)
    schema.migrate(empty.engine)
    assert schema.is_current(empty.engine)


def test_the_steps_can_be_taken_back(empty: Store) -> None:
    from alembic import command

    schema.migrate(empty.engine)
    with empty.engine.begin() as connection:
        command.downgrade(schema._config(connection), "base")
        context = MigrationContext.configure(connection)
        assert context.get_current_heads() == ()
