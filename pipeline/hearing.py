"""Hearing what is said to an account: each page is stored together with its cursor.

No transaction is open while a network is awaited. A worker that dies between two pages
loses nothing and doubles nothing: the next one carries on from the cursor stored last,
and what a network sends again is known by its id.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from collectors.base import Collector
from collectors.identity import text_fingerprint
from config.keys import Vault
from models.database import StorageFailed
from models.entering import cleaned
from models.errors import Disconnected, NetworkError, TryLater
from models.guard import Own
from models.hearing import HeardAccount, HeardAfter
from models.problems import Problem
from models.pseudonym import is_own, pseudonym
from models.scope import OfficeScope, SystemScope
from models.source_values import LeaseLost
from models.speech import Page, Utterance
from pipeline.contacts import contacts_that_stay
from pipeline.credentials import REFUSALS, disconnect
from pipeline.delivering import own_texts
from pipeline.fetching import story_key
from pipeline.pseudonyms import salt_of
from pipeline.queue import TaskName
from pipeline.tally import NoTally, Tally
from pipeline.unit import Now, Store

log = structlog.get_logger(__name__)

SCOPE = SystemScope("hearing mentions")
MOST_PAGES = 50  # a turn; a longer backlog goes on with the next
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=15)
DISCONNECTED_WAIT = timedelta(hours=1)
BUDGET_WAIT = timedelta(hours=1)
LONGEST_ASKED = timedelta(hours=24)  # of what a network may ask us to wait
_HANDLE = 120


class Collectors(Protocol):
    """Opens the collector of an account, and forgets it when it failed."""

    def open(self, account: HeardAccount) -> Collector:
        """The collector of one account.

        Raises:
            Disconnected, TryLater: as the network says at connect.
        """
        ...

    def forget(self, account: HeardAccount) -> None:
        """Drop a client, so that the next turn connects afresh."""
        ...


@dataclass(frozen=True, slots=True)
class Hearing:
    """What hearing needs: the database, the keys, the clients and manners."""

    store: Store
    vault: Vault
    collectors: Collectors
    every: timedelta
    lease: timedelta
    stopping: Callable[[], bool] = lambda: False
    tally: Tally = field(default_factory=NoTally)

    def next(self, now: Now) -> bool:
        """Hear the account that waits longest; False when none is due.

        Accounts in rehearsal and stopped ones are heard too: nothing leaves by it.

        Raises:
            StorageFailed: what was stored stays; the account goes on after its lease.
            LeaseLost: another worker took over.
        """
        started = now()
        with self.store.read(SCOPE) as work:
            if not work.hearing.any_due(started, self.lease):
                return False
        with self.store.write(SCOPE) as work:
            account = work.hearing.lease_next(started, self.lease)
        if account is None:
            return False
        after, added = self._hear(account, now)
        with self.store.write(OfficeScope(account.office_id)) as work:
            work.hearing.finish(account, after, now())
            if after.problem in REFUSALS:
                disconnect(
                    work,
                    account.office_id,
                    account.account_id,
                    account.sealed_secrets,
                    after.problem,
                    now(),
                )
        self.tally.heard(after.problem, added)
        return True

    def _hear(self, account: HeardAccount, now: Now) -> tuple[HeardAfter, int]:
        """Store page after page; say how it ended, and how many items were new."""
        added = 0
        try:
            pages = self.collectors.open(account).pages(account.cursor)
            for number, page in enumerate(pages, start=1):
                added += self._keep(account, page, now())
                if number == MOST_PAGES or self.stopping():
                    return HeardAfter(now(), heard_at=now()), added  # goes on at once
        except NetworkError as error:
            self.collectors.forget(account)
            return after_error(error, account.failures, now()), added
        except (StorageFailed, LeaseLost):
            raise
        except Exception as error:  # the edge of one account: the others are heard
            log.exception("hearing_failed", account=account.account_id)
            self.collectors.forget(account)
            fault = TryLater(Problem.OUR_FAULT, type(error).__name__)
            return after_error(fault, account.failures, now()), added
        return HeardAfter(now() + self.every, heard_at=now()), added

    def _keep(self, account: HeardAccount, page: Page, now: datetime) -> int:
        heard = [one for one in page.items if not _by_us(one, account)]
        known = self._known(account, now) if heard else None
        with self.store.write(OfficeScope(account.office_id)) as work:
            work.hearing.move_cursor(account, page.next_cursor, now + self.lease)
            if known is None:
                return 0
            salt = salt_of(work, self.vault, account.office_id)
            door = Door(*known, salt, self.vault)
            asked = {one.in_reply_to for one in heard if one.in_reply_to}
            deliveries = work.hearing.answered(account.account_id, asked)
            added = work.items.hear(
                [mention_row(one, account, deliveries, door, now) for one in heard]
            )
            if added:
                work.enqueue(TaskName.LABEL)
            return added

    def _known(
        self, account: HeardAccount, now: datetime
    ) -> tuple[Own, Collection[str]]:
        """Contacts that stay, and the office's own texts.

        Read before the write: it takes time that no other writer should wait for.
        """
        with self.store.read(OfficeScope(account.office_id)) as work:
            return contacts_that_stay(work), own_texts(work, now)


@dataclass(frozen=True, slots=True)
class Door:
    """What stands at the door through which an office hears."""

    keep: Own  # contacts that stay
    own: Collection[str]  # story keys of what the office published itself
    salt: str = field(repr=False)
    vault: Vault


def mention_row(
    one: Utterance,
    account: HeardAccount,
    deliveries: Mapping[str, int],
    door: Door,
    now: datetime,
) -> dict[str, object]:
    """The columns of one mention; its author is a pseudonym from the first moment.

    The handle itself is sealed, and stays while a case may need it. Private data in
    the words is marked before anything is made of them.
    """
    said = cleaned(
        storable(one.title), storable(one.text), storable(one.url), door.keep
    )
    author = storable(one.author)[:_HANDLE]
    published = one.published_at and min(one.published_at, now)
    return {
        "office_id": account.office_id,
        "network": account.network,
        "account_id": account.account_id,
        "remote_id": storable(one.remote_id),
        "delivery_id": deliveries.get(one.in_reply_to or ""),
        "url": said.url,
        "title": said.title,
        "text": said.text,
        "author_pseudonym": pseudonym(door.salt, account.network, one.author),
        "sealed_author": door.vault.seal(author) if author else None,
        "published_at": published,
        "precision": one.precision,
        "first_seen_at": now,
        "at": published or now,
        "story_key": story_key(said.title, said.text),
        "own_release": text_fingerprint(said.text) in door.own,
    }


def after_error(error: NetworkError, failures: int, now: datetime) -> HeardAfter:
    """When an account that failed is heard again; the reason stays visible."""
    wait = FIRST_WAIT * 2 ** min(failures, 10)
    match error:
        case TryLater(problem=Problem.BUDGET_SPENT):
            wait = BUDGET_WAIT  # costs nothing, and the cap may be raised
        case TryLater(wait=asked) if asked is not None:
            wait = min(asked, LONGEST_ASKED)
        case Disconnected():
            wait = DISCONNECTED_WAIT
        case _:
            wait = min(wait, LONGEST_WAIT)
    return HeardAfter(now + wait, failures + 1, error.problem)


def storable(text: str) -> str:
    """Text without what a database refuses: NUL and half of a surrogate pair."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def _by_us(one: Utterance, account: HeardAccount) -> bool:
    return is_own(one.author, account.handle, account.base_url)
