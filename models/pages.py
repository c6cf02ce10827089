"""The morning pages of an office, as they were made."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import undefer

from models.clock import Report
from models.repository import Repository
from models.upserts import insert_or_update


class Pages(Repository):
    """One page a day; making it again replaces it."""

    def latest(self) -> Report | None:
        """The newest page; its PDF is read only when asked for."""
        return self._session.scalar(select(Report).order_by(Report.day.desc()).limit(1))

    def of_day(self, day: date, *, with_pdf: bool = False) -> Report | None:
        """The page of one day."""
        statement = select(Report).where(Report.day == day)
        if with_pdf:
            statement = statement.options(undefer(Report.pdf))
        return self._session.scalar(statement)

    def newest(self, most: int) -> Sequence[Report]:
        """The newest pages, newest first."""
        return self._session.scalars(
            select(Report).order_by(Report.day.desc()).limit(most)
        ).all()

    def keep(self, page: Report) -> None:
        """Store a page; the one of the same day is replaced."""
        values = {
            "office_id": self._office_id,
            "day": page.day,
            "made_at": page.made_at,
            "numbers": page.numbers,
            "text": page.text,
            "pdf": page.pdf,
        }
        self._session.execute(
            insert_or_update(
                self._session,
                Report,
                [values],
                unique=(Report.office_id, Report.day),
                update=(Report.made_at, Report.numbers, Report.text, Report.pdf),
            )
        )
