"""Deliveries as their announcement sees them: scheduled, held, cancelled together."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, select, update

from models.announcement import Announcement, Variant
from models.delivery import Delivery
from models.office import Office
from models.problems import Problem
from models.repository import Repository
from models.states import DeliveryState
from models.stop import STOPPED, stands_over
from models.thread import unpacked

WAITING = frozenset({DeliveryState.SCHEDULED, DeliveryState.HELD})
"""States in which nothing has left and nobody is at work."""

MAY_HAVE_LEFT = frozenset(
    {
        DeliveryState.ARMED,
        DeliveryState.PUBLISHED,
        DeliveryState.UNCERTAIN,
        DeliveryState.NEEDS_PERSON,
        DeliveryState.CORRECTED,
        DeliveryState.WITHDRAWN,
    }
)


NOBODY: Mapping[int, Sequence[int]] = {}
"""For accounts that post once, for everybody."""


class Schedule(Repository):
    """The deliveries of one announcement."""

    def of(self, announcement_id: int) -> list[Delivery]:
        """Every delivery of an announcement, by account and round."""
        return list(
            self._session.scalars(
                select(Delivery)
                .where(Delivery.announcement_id == announcement_id)
                .order_by(Delivery.account_id, Delivery.round)
            )
        )

    def any_left(self, announcement_id: int, *, lock: bool = False) -> bool:
        """Whether the public may already see some of it.

        Args:
            lock: nothing of it can be armed from here to the commit; a worker waits,
                and reads the approval after that.
        """
        rows = (
            select(Delivery.state, Delivery.part)
            .where(Delivery.announcement_id == announcement_id)
            .order_by(Delivery.id)
        )
        if lock:
            rows = rows.with_for_update()
        return any(
            state in MAY_HAVE_LEFT or part > 1
            for state, part in self._session.execute(rows)
        )

    def put(
        self,
        announcement: Announcement,
        account_ids: Sequence[int],
        *,
        due_at: datetime,
        not_after: datetime | None,
        now: datetime,
        recipients: Mapping[int, Sequence[int]] = NOBODY,
    ) -> list[int]:
        """Schedule one delivery an account; what waited already is moved, not doubled.

        An account in ``recipients`` gets one delivery for each of those named there.

        Where a worker is at an earlier round, another round is made. The worker finds
        that it is superseded before it arms, and gives it up; see ``any_left``, which
        must have said no in this unit.

        Returns:
            The ids of the deliveries, in the order of ``account_ids``.
        """
        waiting = {
            (row.account_id, row.recipient_id): row
            for row in self.of(announcement.id)
            if row.state in WAITING
        }
        goes_to = [
            (account_id, recipient_id)
            for account_id in account_ids
            for recipient_id in recipients.get(account_id, (None,))
        ]
        for place, row in waiting.items():
            if place not in goes_to:
                row.state = DeliveryState.CANCELLED
                row.updated_at = now
        rows = [
            self._again(waiting[place], due_at, now)
            if place in waiting
            else self._new(announcement, place, due_at, now)
            for place in goes_to
        ]
        kept = self._session.execute(
            select(Variant.account_id, Variant.parts).where(
                Variant.announcement_id == announcement.id
            )
        )
        lengths = {account_id: len(unpacked(parts)) for account_id, parts in kept}
        for row in rows:
            row.parts = lengths.get(row.account_id) or 1
            row.not_after = not_after
        self._session.flush()
        return [row.id for row in rows]

    def hold(self, announcement_id: int, problem: Problem, now: datetime) -> None:
        """Hold whatever is scheduled; a worker at it stops at its last look."""
        self._session.execute(
            update(Delivery)
            .where(
                Delivery.announcement_id == announcement_id,
                Delivery.state == DeliveryState.SCHEDULED,
            )
            .values(state=DeliveryState.HELD, problem=problem, updated_at=now)
        )

    def cancel(self, announcement_id: int, reason: str, now: datetime) -> int:
        """Cancel whatever waits; return how many."""
        rows = self._session.execute(
            update(Delivery)
            .where(
                Delivery.announcement_id == announcement_id,
                Delivery.state.in_(WAITING),
            )
            .values(state=DeliveryState.CANCELLED, reason=reason, updated_at=now)
            .returning(Delivery.id)
        ).all()
        return len(rows)

    def cancel_for(self, recipient_id: int, reason: str, now: datetime) -> int:
        """Cancel whatever waits for one recipient; return how many."""
        rows = self._session.execute(
            update(Delivery)
            .where(
                Delivery.recipient_id == recipient_id,
                Delivery.state.in_(WAITING),
            )
            .values(state=DeliveryState.CANCELLED, reason=reason, updated_at=now)
            .returning(Delivery.id)
        ).all()
        return len(rows)

    def release(self, account_id: int, problem: Problem, now: datetime) -> int:
        """Schedule again what one account held for ``problem``; return how many."""
        rows = self._session.execute(
            update(Delivery)
            .where(
                Delivery.account_id == account_id,
                Delivery.state == DeliveryState.HELD,
                Delivery.problem == problem,
            )
            .values(state=DeliveryState.SCHEDULED, problem=None, updated_at=now)
            .returning(Delivery.id)
        ).all()
        return len(rows)

    def let_go_on(self, now: datetime) -> int:
        """Schedule again what a stop held over which none stands; return how many.

        Asked of the rows and not of the stop that ended: a worker may hold a delivery
        by a stop while that is being ended.
        """
        category = (
            select(Announcement.category)
            .where(Announcement.id == Delivery.announcement_id)
            .scalar_subquery()
        )
        under = exists().where(
            stands_over(Delivery.office_id, Delivery.account_id, category, now)
        )
        rows = self._session.execute(
            update(Delivery)
            .where(
                Delivery.state == DeliveryState.HELD,
                Delivery.problem.in_(STOPPED),
                ~under,
            )
            .values(state=DeliveryState.SCHEDULED, problem=None, updated_at=now)
            .returning(Delivery.id)
            .execution_options(synchronize_session=False)
        ).all()
        return len(rows)

    def offices_with(self, problem: Problem) -> list[Office]:
        """Offices that have a delivery held for ``problem``."""
        held = select(Delivery.office_id).where(
            Delivery.state == DeliveryState.HELD, Delivery.problem == problem
        )
        return list(
            self._session.scalars(
                select(Office).where(Office.id.in_(held)).order_by(Office.id)
            )
        )

    def end_quiet(self, office_id: int, now: datetime) -> int:
        """Schedule again what an office's quiet hours held; return how many."""
        rows = self._session.execute(
            update(Delivery)
            .where(
                Delivery.office_id == office_id,
                Delivery.state == DeliveryState.HELD,
                Delivery.problem == Problem.QUIET_HOURS,
            )
            .values(
                state=DeliveryState.SCHEDULED,
                problem=None,
                released_at=now,
                updated_at=now,
            )
            .returning(Delivery.id)
        ).all()
        return len(rows)

    def held_for(self, problem: Problem, most: int) -> list[tuple[Delivery, str]]:
        """Deliveries held for ``problem``, oldest first, with their offices' zones."""
        found = self._session.execute(
            select(Delivery, Office.timezone)
            .join(Office, Office.id == Delivery.office_id)
            .where(Delivery.state == DeliveryState.HELD, Delivery.problem == problem)
            .order_by(Delivery.updated_at, Delivery.id)
            .limit(most)
        )
        return [(row, zone) for row, zone in found]

    def count_held(self, account_id: int, problem: Problem) -> int:
        """How many deliveries of an account are held for ``problem``."""
        return self._count(
            Delivery.account_id == account_id,
            Delivery.state == DeliveryState.HELD,
            Delivery.problem == problem,
        )

    def count_overdue(self, before: datetime) -> int:
        """How many deliveries were due ``before`` and still wait to be claimed."""
        return self._count(
            Delivery.state == DeliveryState.SCHEDULED, Delivery.due_at < before
        )

    def count_needing_person(self) -> int:
        """How many deliveries wait for a person's answer."""
        return self._count(Delivery.state == DeliveryState.NEEDS_PERSON)

    def _count(self, *conditions: ColumnElement[bool]) -> int:
        statement = select(func.count()).select_from(Delivery).where(*conditions)
        return self._session.scalar(statement) or 0

    def _again(
        self,
        row: Delivery,
        due_at: datetime,
        now: datetime,
    ) -> Delivery:
        row.state = DeliveryState.SCHEDULED
        row.due_at = due_at
        row.released_at = None
        row.problem = None
        row.detail = ""
        row.media_ids = ""  # the picture may be another one now
        row.record_key = None
        row.media_at = None
        row.updated_at = now
        return row

    def _new(
        self,
        announcement: Announcement,
        place: tuple[int, int | None],
        due_at: datetime,
        now: datetime,
    ) -> Delivery:
        account_id, recipient_id = place
        last = self._session.scalar(
            select(func.max(Delivery.round)).where(
                Delivery.announcement_id == announcement.id,
                Delivery.account_id == account_id,
            )
        )
        row = Delivery(
            office_id=announcement.office_id,
            announcement_id=announcement.id,
            account_id=account_id,
            recipient_id=recipient_id,
            round=(last or 0) + 1,
            key=secrets.token_hex(16),
            state=DeliveryState.SCHEDULED,
            due_at=due_at,
            lease_until=now,
            updated_at=now,
        )
        self._session.add(row)
        return row
