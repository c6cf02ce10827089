"""Tokens that end by themselves: when each is looked at, and what is told of it."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update

from models.account import Account, lease_is_over
from models.problems import Problem
from models.repository import Repository
from models.states import AccountHealth

LOOK_EVERY = timedelta(days=1)
TELL_BEFORE = timedelta(days=14)  # of the end: time enough for a person to mend it

_TOLD = (Problem.TOKEN_NOT_RENEWED, Problem.SCOPE_MISSING)


def token_trouble(account: Account, now: datetime) -> Problem | None:
    """What a person must do something about, before posts are held for it."""
    ends = account.token_ends_at
    if account.token_problem in _TOLD:
        return account.token_problem
    if ends is not None and ends - now <= TELL_BEFORE:
        return Problem.TOKEN_ENDS
    return None


class Tokens(Repository):
    """When tokens are looked at, and what came of it."""

    def networks(self) -> list[str]:
        """The networks on which there are accounts."""
        names = select(Account.network).where(Account.removed_at.is_(None)).distinct()
        return list(self._session.scalars(names))

    def take_due(
        self, networks: Collection[str], now: datetime, again: datetime
    ) -> Account | None:
        """The next account whose token is to be looked at; others see it ``again``."""
        due = (
            select(Account.id)
            .where(
                Account.network.in_(networks),
                Account.removed_at.is_(None),
                Account.health == AccountHealth.CONNECTED,
                or_(
                    Account.token_next_at.is_(None),
                    lease_is_over(Account.token_next_at, now, LOOK_EVERY),
                ),
            )
            .order_by(Account.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        return self._session.scalar(
            update(Account)
            .where(Account.id == due.scalar_subquery())
            .values(token_next_at=again)
            .returning(Account)
            .execution_options(synchronize_session=False, populate_existing=True)
        )

    def replace(
        self, account: Account, sealed: bytes, ends_at: datetime | None, now: datetime
    ) -> bool:
        """Put new secrets in the place of those the account was read with, whole.

        Returns:
            False where somebody gave others meanwhile: those stay.
        """
        changed = self._session.scalar(
            update(Account)
            .where(
                Account.id == account.id,
                Account.sealed_secrets == account.sealed_secrets,
            )
            .values(
                sealed_secrets=sealed,
                token_made_at=now,
                token_ends_at=ends_at,
                token_next_at=now + LOOK_EVERY,
                token_problem=None,
            )
            .returning(Account.id)
            .execution_options(synchronize_session=False)
        )
        return changed is not None

    def note(
        self,
        account: Account,
        problem: Problem | None,
        ends_at: datetime | None,
        next_at: datetime,
    ) -> None:
        """Keep what a look at these secrets told, unless there are others by now."""
        self._session.execute(
            update(Account)
            .where(
                Account.id == account.id,
                Account.sealed_secrets == account.sealed_secrets,
            )
            .values(token_problem=problem, token_ends_at=ends_at, token_next_at=next_at)
            .execution_options(synchronize_session=False)
        )
