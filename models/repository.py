"""The base of every repository: queries live there, and only there."""

from typing import TypeVar

from sqlalchemy.orm import Session
from sqlalchemy.sql.selectable import ForUpdateParameter

from models.base import Base
from models.errors import NotFound
from models.scope import OfficeScope

Row = TypeVar("Row", bound=Base)


class Repository:
    """Queries on one noun, within the scope of its session."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @property
    def _office_id(self) -> int:
        """The office of this unit; only an office's own unit may add its rows."""
        scope = self._session.info["scope"]
        assert isinstance(scope, OfficeScope), "new rows need an office's scope"
        return scope.office_id

    def _need(self, table: type[Row], number: int, *, lock: bool = False) -> Row:
        """The row of an id in this scope; ``lock`` keeps others off until commit.

        Rows that name it may still be added: a worker that records what came of a
        delivery, whose announcement is being edited, would wait for the editor, and the
        editor for the delivery.

        Raises:
            NotFound: there is none.
        """
        locked: ForUpdateParameter = {"key_share": True} if lock else None
        found = self._session.get(table, number, with_for_update=locked)
        if found is None:
            raise NotFound(f"{table.__name__.lower()} {number}")
        return found

    def _one_moment(self) -> None:
        """Let every statement of this unit see the same; SQLite does so by itself."""
        if self._session.get_bind().dialect.name == "postgresql":
            self._session.connection(
                execution_options={"isolation_level": "REPEATABLE READ"}
            )
