"""What follows when a network refuses an account's credentials, in either direction."""

import logging
from datetime import datetime

from models.account import Account
from models.problems import Problem
from pipeline.unit import Work

log = logging.getLogger(__name__)

REFUSALS = frozenset(
    {
        Problem.TOKEN_REFUSED,
        Problem.ACCOUNT_CLOSED,
        Problem.SCOPE_MISSING,
        Problem.MAY_NOT_POST,
        Problem.CHANNEL_UNKNOWN,
    }
)
"""What only connecting the account again can mend."""


def disconnect(
    work: Work,
    office_id: int,
    account_id: int,
    sealed: bytes,
    problem: Problem,
    now: datetime,
) -> None:
    """Hold an account until somebody connects it again; written down once.

    Args:
        work: a unit that may see the account.
        sealed: the secrets that were refused; newer ones are left alone.
        problem: how they were refused.
    """
    if not work.accounts.disconnect(account_id, problem, sealed):
        return
    log.warning("account %s is disconnected: %s", account_id, problem.value)
    work.audit.record(
        "account.disconnected",
        Account.__tablename__,
        account_id,
        at=now,
        office_id=office_id,
        detail=problem.value,
    )
