"""The shape of the database: brought to the newest step, or said to lag behind.

The steps are the files of ``migrations/versions``, each named by its number, one after
the other. Whoever only asks where a database stands does not wait for Alembic.
"""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine, inspect, text
from sqlalchemy.engine import Connection

if TYPE_CHECKING:
    from alembic.config import Config

FOLDER = Path(__file__).resolve().parent.parent / "migrations"


class UnknownStep(Exception):
    """The database stands at a step that this Kentongan does not have."""


def migrate(engine: Engine, revision: str = "head") -> None:
    """Bring the database to ``revision``, creating it when it is empty.

    At the newest step, texts that were stored unredacted are redacted as well.

    Raises:
        UnknownStep: a newer Kentongan has brought it further.
    """
    upgrade(engine, revision)
    if revision == "head":
        from pipeline.rewriting import redact_stored

        redact_stored(engine)


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Take the steps alone; see :func:`migrate`."""
    from alembic import command

    must_know(engine)
    with engine.begin() as connection:
        command.upgrade(_config(connection), revision)


def is_current(engine: Engine) -> bool:
    """Whether the database stands at the newest step."""
    return _standing(engine) == [steps()[-1]]


def knows(revision: str) -> bool:
    """Whether a step is one of ours, and not of a newer Kentongan."""
    return revision in steps()


def must_know(engine: Engine) -> None:
    """Refuse a database that a newer Kentongan has brought further.

    Raises:
        UnknownStep: as said.
    """
    for found in _standing(engine):
        if not knows(found):
            raise UnknownStep(found)


def write_step(engine: Engine, message: str, number: str) -> None:
    """Write the step from the database as it is to the tables as they are now."""
    from alembic import command

    with engine.begin() as connection:
        command.revision(
            _config(connection), message=message, autogenerate=True, rev_id=number
        )


@cache
def steps() -> tuple[str, ...]:
    """The numbers of the steps that this Kentongan has, the oldest first."""
    files = (FOLDER / "versions").glob("[0-9]*.py")
    return tuple(sorted(file.name.partition("_")[0] for file in files))


def _standing(engine: Engine) -> list[str]:
    """The steps at which the database stands; none in an empty one."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return []
        return list(connection.scalars(text("SELECT version_num FROM alembic_version")))


def _config(connection: Connection) -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["connection"] = connection
    return config
