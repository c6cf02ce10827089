"""The shape of the database: brought to the newest step, or said to lag behind."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine
from sqlalchemy.engine import Connection

FOLDER = Path(__file__).resolve().parent.parent / "migrations"


def migrate(engine: Engine, revision: str = "head") -> None:
    """Bring the database to ``revision``, creating it when it is empty."""
    with engine.begin() as connection:
        command.upgrade(_config(connection), revision)


def is_current(engine: Engine) -> bool:
    """Whether the database stands at the newest step."""
    with engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_heads()
        return set(found) == set(_steps().get_heads())


def knows(revision: str) -> bool:
    """Whether a step is one of ours, and not of a newer Kentongan."""
    return revision in {one.revision for one in _steps().walk_revisions()}


def must_know(engine: Engine) -> None:
    """Refuse a database that a newer Kentongan has brought further.

    Raises:
        alembic.util.CommandError: its step is unknown here.
    """
    with engine.connect() as connection:
        steps = _steps()
        for found in MigrationContext.configure(connection).get_current_heads():
            steps.get_revision(found)


def write_step(engine: Engine, message: str, number: str) -> None:
    """Write the step from the database as it is to the tables as they are now."""
    with engine.begin() as connection:
        command.revision(
            _config(connection), message=message, autogenerate=True, rev_id=number
        )


def _steps() -> ScriptDirectory:
    """The steps that this Kentongan has."""
    return ScriptDirectory(str(FOLDER))


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["connection"] = connection
    return config
