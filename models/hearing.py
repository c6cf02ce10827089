"""Hearing an account: its lease, its cursor, and the mentions stored with it."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, or_, select, update

from models.account import Account
from models.announcement import Announcement
from models.delivery import Delivery
from models.problems import Problem
from models.repository import Repository
from models.source_values import SKEW, LeaseLost
from models.states import AccountHealth, AnnouncementState


@dataclass(frozen=True, slots=True)
class HeardAccount:
    """An account whose mentions one worker reads until its lease is over."""

    account_id: int
    office_id: int
    network: str
    handle: str
    base_url: str
    sealed_secrets: bytes
    cursor: str | None
    failures: int
    token: str


@dataclass(frozen=True, slots=True)
class HeardAfter:
    """How hearing an account ended."""

    next_at: datetime
    failures: int = 0
    problem: Problem | None = None
    heard_at: datetime | None = None  # None: it did not go well


class Hearing(Repository):
    """Accounts as something that is listened to."""

    def any_due(self, now: datetime, lease: timedelta) -> bool:
        """Whether :meth:`lease_next` would find one; only reads."""
        return self._session.scalar(_due_account(now, lease)) is not None

    def lease_next(self, now: datetime, lease: timedelta) -> HeardAccount | None:
        """Lease the account whose mentions wait longest."""
        first = _due_account(now, lease).with_for_update(skip_locked=True)
        token = secrets.token_hex(16)
        account = self._session.scalar(
            update(Account)
            .where(Account.id == self._session.scalar(first), _is_due(now, lease))
            .values(hear_lease_token=token, hear_lease_until=now + lease)
            .returning(Account)
        )
        if account is None:
            return None
        return HeardAccount(
            account_id=account.id,
            office_id=account.office_id,
            network=account.network,
            handle=account.handle,
            base_url=account.base_url,
            sealed_secrets=account.sealed_secrets,
            cursor=account.cursor or None,
            failures=account.hear_failures,
            token=token,
        )

    def move_cursor(
        self, heard: HeardAccount, cursor: str | None, until: datetime
    ) -> None:
        """Keep the cursor of a page beside its mentions, and prolong the lease.

        Raises:
            LeaseLost: another worker reads this account now.
        """
        moved: dict[str, object] = {"hear_lease_until": until}
        if cursor is not None:
            moved["cursor"] = cursor
        self._update(heard, moved)

    def finish(self, heard: HeardAccount, after: HeardAfter, now: datetime) -> None:
        """Write down how it went and give the lease back.

        Raises:
            LeaseLost: another worker reads this account now.
        """
        ended: dict[str, object] = {
            "hear_next_at": after.next_at,
            "hear_failures": after.failures,
            "hear_problem": after.problem,
            "hear_lease_token": "",
            "hear_lease_until": now,
        }
        if after.heard_at is not None:
            ended["heard_at"] = after.heard_at
        self._update(heard, ended)

    def _update(self, heard: HeardAccount, values: dict[str, object]) -> None:
        kept = self._session.scalar(
            update(Account)
            .where(
                Account.id == heard.account_id, Account.hear_lease_token == heard.token
            )
            .values(values)
            .returning(Account.id)
        )
        if kept is None:
            raise LeaseLost(f"mentions of account {heard.account_id}")

    def answered(self, account_id: int, remote_ids: Collection[str]) -> dict[str, int]:
        """Deliveries of this account by the network's id of their post."""
        if not remote_ids:
            return {}
        rows = self._session.execute(
            select(Delivery.remote_id, Delivery.id).where(
                Delivery.account_id == account_id, Delivery.remote_id.in_(remote_ids)
            )
        )
        return {row[0]: row[1] for row in rows}

    def released_texts(self, since: datetime) -> Sequence[str]:
        """What this office published since then, as approved and as sent."""
        bodies = select(Announcement.body).where(
            Announcement.updated_at >= since,
            Announcement.state == AnnouncementState.APPROVED,
        )
        sent = select(Delivery.sent_text).where(
            Delivery.due_at >= since, Delivery.sent_text != ""
        )
        return [*self._session.scalars(bodies), *self._session.scalars(sent)]


def _due_account(now: datetime, lease: timedelta) -> Select[int]:
    return (
        select(Account.id)
        .where(_is_due(now, lease))
        .order_by(Account.hear_next_at, Account.id)
        .limit(1)
    )


def _is_due(now: datetime, lease: timedelta) -> ColumnElement[bool]:
    """Due and free; rehearsal and a stop do not end hearing."""
    return and_(
        Account.removed_at.is_(None),
        Account.hears,
        Account.health == AccountHealth.CONNECTED,
        or_(Account.hear_next_at <= now, Account.heard_at > now + SKEW),
        or_(
            Account.hear_lease_until <= now, Account.hear_lease_until > now + 2 * lease
        ),
    )
