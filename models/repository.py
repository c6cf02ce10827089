"""The base of every repository: queries live there, and only there."""

from sqlalchemy.orm import Session

from models.scope import OfficeScope


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
