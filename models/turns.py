"""Whose turn it is to be sent or looked at, and what was left behind."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, exists, or_, select
from sqlalchemy.orm import aliased

from models.account import Account, lease_is_over
from models.delivery import AT_WORK, Delivery
from models.repository import Repository
from models.states import DeliveryState


class Turns(Repository):
    """Choosing the next account and its next delivery; every choice locks its row."""

    def ready_account(
        self, now: datetime, lease: timedelta, head_blocks: timedelta
    ) -> Select[int]:
        """Choose the free account whose delivery has been due longest."""
        account, head = aliased(Account), aliased(Delivery)
        since = (head.uncertain_at > now - head_blocks) & (
            head.uncertain_at <= now + head_blocks  # or the clock was set back
        )
        blocked = exists().where(
            head.account_id == account.id,
            head.state == DeliveryState.UNCERTAIN,
            since,
        )
        return (
            select(account.id)
            .join(Delivery, Delivery.account_id == account.id)
            .where(
                Delivery.state == DeliveryState.SCHEDULED,
                Delivery.due_at <= now,
                lease_is_over(account.lease_until, now, lease),
                account.next_allowed_at <= now,
                ~blocked,
            )
            .order_by(Delivery.due_at, Delivery.id)
            .limit(1)
            .with_for_update(of=account, skip_locked=True)
        )

    def doubtful_account(
        self, now: datetime, lease: timedelta, furthest: timedelta
    ) -> Select[int]:
        """Choose the free account whose uncertain delivery should be looked at first.

        A look planned further ahead than ``furthest`` was planned before the clock was
        set back: it has come.
        """
        account = aliased(Account)
        return (
            select(account.id)
            .join(Delivery, Delivery.account_id == account.id)
            .where(
                Delivery.state == DeliveryState.UNCERTAIN,
                _come(now, furthest),
                lease_is_over(account.lease_until, now, lease),
            )
            .order_by(Delivery.next_look_at, Delivery.id)
            .limit(1)
            .with_for_update(of=account, skip_locked=True)
        )

    def first_ready(self, account_id: int, now: datetime) -> Delivery | None:
        """The delivery of a leased account that goes next, by (due, id)."""
        return self._session.scalar(
            select(Delivery)
            .where(
                Delivery.account_id == account_id,
                Delivery.state == DeliveryState.SCHEDULED,
                Delivery.due_at <= now,
            )
            .order_by(Delivery.due_at, Delivery.id)
            .limit(1)
            .with_for_update()
        )

    def first_doubtful(
        self, account_id: int, now: datetime, furthest: timedelta
    ) -> Delivery | None:
        """The uncertain delivery of a leased account whose look has come."""
        return self._session.scalar(
            select(Delivery)
            .where(
                Delivery.account_id == account_id,
                Delivery.state == DeliveryState.UNCERTAIN,
                _come(now, furthest),
            )
            .order_by(Delivery.next_look_at, Delivery.id)
            .limit(1)
            .with_for_update()
        )

    # what was left behind

    def orphans(self, account_id: int) -> list[Delivery]:
        """What an earlier worker left in flight on an account that we just leased."""
        return list(
            self._session.scalars(
                select(Delivery)
                .where(
                    Delivery.account_id == account_id,
                    Delivery.state.in_(AT_WORK),
                )
                .order_by(Delivery.id)
                .with_for_update()
            )
        )

    def abandoned(self, now: datetime, lease: timedelta, most: int) -> list[Delivery]:
        """Deliveries in flight whose worker's lease is over."""
        return list(
            self._session.scalars(
                select(Delivery)
                .where(
                    Delivery.state.in_(AT_WORK),
                    lease_is_over(Delivery.lease_until, now, lease),
                )
                .order_by(Delivery.id)
                .limit(most)
                .with_for_update(skip_locked=True)
            )
        )

    def too_late(self, now: datetime, most: int) -> list[Delivery]:
        """Deliveries that wait although their window has passed."""
        return list(
            self._session.scalars(
                select(Delivery)
                .where(
                    Delivery.state.in_((DeliveryState.SCHEDULED, DeliveryState.HELD)),
                    Delivery.not_after <= now,
                )
                .order_by(Delivery.id)
                .limit(most)
                .with_for_update(skip_locked=True)
            )
        )

    def maybe_sent_since(self, now: datetime) -> list[Delivery]:
        """Unfinished deliveries that were due: a lost history may have sent them."""
        unfinished = (DeliveryState.SCHEDULED, DeliveryState.HELD, *AT_WORK)
        return list(
            self._session.scalars(
                select(Delivery)
                .where(Delivery.state.in_(unfinished), Delivery.due_at <= now)
                .order_by(Delivery.id)
                .with_for_update()
            )
        )


def _come(now: datetime, furthest: timedelta) -> ColumnElement[bool]:
    return or_(Delivery.next_look_at <= now, Delivery.next_look_at > now + 2 * furthest)
