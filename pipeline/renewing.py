"""Tokens that end by themselves: renewed long before, or their end is told in time.

A fresh token is tried on the network before it is kept, and kept, encrypted, in the
place of the old one by one statement. What goes wrong on the way leaves the old one,
which is good until its own end.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import cast

import structlog

from config.failures import SettingsProblem
from config.keys import Vault
from config.settings import Settings
from models.account import Account
from models.errors import Disconnected, NetworkError, Refused, TryLater
from models.problems import Problem
from models.scope import SystemScope
from models.token import LOOK_EVERY
from networks.base import (
    AccountSecret,
    Client,
    FreePurse,
    Grant,
    Purse,
    RenewsToken,
    TellsToken,
)
from networks.capabilities import TokenLife
from pipeline import wiring
from pipeline.accounts import secret_of
from pipeline.credentials import REFUSALS, disconnect
from pipeline.unit import Store

log = structlog.get_logger(__name__)

SCOPE = SystemScope("renewing tokens")
AGAIN = timedelta(hours=1)  # after a look that failed, or a process that died at it
RENEW_BEFORE = timedelta(days=30)  # of the end: a month of tries, a day each
Connect = Callable[[AccountSecret, Settings, Purse], Client]


@dataclass(frozen=True, slots=True)
class Renewing:
    """Looks at the tokens of all offices, each once a day."""

    store: Store
    vault: Vault
    settings: Settings
    connect: Connect = wiring.connect

    def next(self, now: datetime) -> bool:
        """Look at one token; False when none is due.

        Raises:
            StorageFailed: nothing was kept; the token is looked at again in an hour.
        """
        with self.store.write(SCOPE) as work:
            names = [name for name in work.tokens.networks() if _life(name)]
            account = work.tokens.take_due(names, now, now + AGAIN) if names else None
        if account is None:
            return False
        life = _life(account.network)
        assert life is not None
        try:
            secret = secret_of(self.vault, account)
            self._look(account, secret, life, now)
        except SettingsProblem:  # mended by putting the right key file back
            ends_at = account.token_ends_at
            self._note(account, Problem.KEY_WRONG, now + AGAIN, ends_at)
        except NetworkError as error:
            self._failed(account, error, now)
        return True

    def _look(
        self, account: Account, secret: AccountSecret, life: TokenLife, now: datetime
    ) -> None:
        client = self.connect(secret, self.settings, FreePurse())
        try:
            if not life.renews:
                state = cast("TellsToken", client).token_state()
                lacking = Problem.SCOPE_MISSING if state.lacks else None
                self._note(account, lacking, now + LOOK_EVERY, state.ends_at)
            elif is_due(account, life, now):
                self._keep(account, secret, cast("RenewsToken", client).renew(), now)
            else:
                self._note(account, None, now + LOOK_EVERY, account.token_ends_at)
        finally:
            client.close()

    def _keep(
        self, account: Account, secret: AccountSecret, grant: Grant, now: datetime
    ) -> None:
        """Try the new secrets, then keep them in the place of the old."""
        fresh = replace(secret, secrets={**secret.secrets, **grant.secrets})
        self._try(fresh)
        sealed = self.vault.seal(json.dumps(dict(fresh.secrets)))
        ends_at = now + grant.lives if grant.lives else None
        with self.store.write(SCOPE, durable=True) as work:
            if not work.tokens.replace(account, sealed, ends_at, now):
                log.info("token_replaced_meanwhile", account=account.id)
                return
            work.audit.record(
                "account.renewed",
                Account.__tablename__,
                account.id,
                at=now,
                office_id=account.office_id,
                detail=ends_at.isoformat(timespec="minutes") if ends_at else "",
            )

    def _try(self, secret: AccountSecret) -> None:
        client = self.connect(secret, self.settings, FreePurse())
        try:
            client.whoami()
        except Disconnected as error:  # of the new token: the old one is not judged
            raise Refused(Problem.TOKEN_NOT_RENEWED, error.detail) from None
        finally:
            client.close()

    def _failed(self, account: Account, error: NetworkError, now: datetime) -> None:
        log.warning("token_not_renewed", account=account.id, problem=error.problem)
        match error:
            case Disconnected() if error.problem in REFUSALS:
                with self.store.write(SCOPE) as work:
                    one, sealed = account, account.sealed_secrets
                    problem = error.problem
                    disconnect(work, one.office_id, one.id, sealed, problem, now)
            case Refused() if _renews(account):
                problem, at = Problem.TOKEN_NOT_RENEWED, now + LOOK_EVERY
                self._note(account, problem, at, account.token_ends_at)
            case Refused():  # the network does not tell it of this token
                self._note(account, None, now + LOOK_EVERY, None)
            case TryLater(wait=asked) if asked is not None:
                at = now + max(AGAIN, min(asked, LOOK_EVERY))
                self._note(account, error.problem, at, account.token_ends_at)
            case _:
                at = now + AGAIN
                self._note(account, error.problem, at, account.token_ends_at)

    def _note(
        self,
        account: Account,
        problem: Problem | None,
        next_at: datetime,
        ends_at: datetime | None,
    ) -> None:
        with self.store.write(SCOPE) as work:
            work.tokens.note(account, problem, ends_at, next_at)


def is_due(account: Account, life: TokenLife, now: datetime) -> bool:
    """Whether a token is old enough to be renewed, and new enough no more.

    One whose end was never told is renewed as soon as may be: then it is known.
    """
    made, ends = account.token_made_at or account.created_at, account.token_ends_at
    if now - made < life.least_age:
        return False
    return ends is None or ends - now <= RENEW_BEFORE


def _life(network: str) -> TokenLife | None:
    known = network in wiring.NETWORKS
    return wiring.capabilities(network).token if known else None


def _renews(account: Account) -> bool:
    life = _life(account.network)
    return life is not None and life.renews
