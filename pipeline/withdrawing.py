"""Taking back what stands in public: asked for by an approver, done by the machine.

A stop or the quiet hours do not hold it: a mistake is taken down while they stand.
Where no API can, a person does it by hand and says so here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from config.words import N_
from models.account import LONG_AGO, Account
from models.announcement import Announcement
from models.delivery import Delivery
from models.errors import Conflict, InvalidInput
from models.person import May, Person
from models.problems import Problem
from models.states import (
    AccountHealth,
    AccountMode,
    AnnouncementState,
    DeliveryState,
    WithdrawalState,
)
from models.withdrawal import IN_PUBLIC, Withdrawal
from networks.capabilities import Ability
from pipeline import announcing, wiring
from pipeline.queue import TaskName
from pipeline.unit import Work

LONGEST_REASON = 300
_BROKEN_OFF = frozenset(
    {DeliveryState.REJECTED, DeliveryState.MISSED, DeliveryState.CANCELLED}
)
"""Ends of a thread of which some parts may stand."""

_UNFINISHED = frozenset(WithdrawalState) - {WithdrawalState.DONE}


@dataclass(frozen=True, slots=True)
class Offer:
    """What may be done to take one delivery back.

    Attributes:
        ability: of its network.
        row: what was asked already.
        may_ask: nothing was asked yet, or it may be tried again.
        by_hand: a person may take it down and say so.
        late: the network says that it is too old for its API.
        waits_for: what must be mended before the machine may try.
    """

    ability: Ability
    row: Withdrawal | None
    may_ask: bool
    by_hand: bool
    late: bool
    waits_for: Problem | None = None


def offer(work: Work, delivery: Delivery, now: datetime) -> Offer | None:
    """How a delivery could be taken back; None where nothing of it stands."""
    row = work.withdrawals.of(delivery.id)
    up = _is_up(work, delivery)
    if not up and row is None:
        return None
    account = work.accounts.get(delivery.account_id)
    ability = wiring.capabilities(account.network).deletes
    again = row is not None and row.state is WithdrawalState.REFUSED
    open_still = row is not None and row.state in _UNFINISHED
    age = now - delivery.published_at if delivery.published_at else None
    return Offer(
        ability,
        row,
        may_ask=up and (row is None or again),
        by_hand=open_still and (ability.can or ability.by_hand),
        late=bool(ability.within and age and age > ability.within),
        waits_for=_waits_for(account) if open_still else None,
    )


def _waits_for(account: Account) -> Problem | None:
    if account.removed_at or account.health is AccountHealth.DISCONNECTED:
        return Problem.ACCOUNT_DISCONNECTED
    return None if account.mode is AccountMode.LIVE else Problem.REHEARSAL


def stands(work: Work, deliveries: Sequence[Delivery]) -> bool:
    """Whether any of these may be taken back."""
    known = work.withdrawals.of_many([row.id for row in deliveries])
    return any(_may_ask(work, row, known.get(row.id)) for row in deliveries)


def withdraw(
    work: Work, by: Person, delivery_id: int, reason: str, now: datetime
) -> Withdrawal:
    """Ask that one delivery is taken down where it stands.

    Raises:
        NotAllowed, NotFound: as named. InvalidInput: no reason.
        Conflict: it does not stand, or that was asked already.
    """
    by.must(May.WITHDRAW)
    why = _reason(reason)
    row = _ask(work, by, work.deliveries.get(delivery_id, lock=True), why, now)
    work.audit.act(by, "delivery.withdraw", Delivery, delivery_id, now, why)
    work.enqueue(TaskName.WITHDRAW)
    return row


def withdraw_everywhere(
    work: Work, by: Person, announcement_id: int, reason: str, now: datetime
) -> int:
    """Take an announcement back wherever it stands; what has not left stays here.

    Returns:
        How many deliveries are to be taken down.

    Raises:
        NotAllowed, NotFound: as named. InvalidInput: no reason.
        Conflict: nothing of it stands that is not asked for already.
    """
    by.must(May.WITHDRAW)
    why = _reason(reason)
    announcement = work.announcements.get(announcement_id, lock=True)
    ids = [row.id for row in work.schedule.of(announcement_id)]
    rows = [work.deliveries.get(one, lock=True) for one in sorted(ids)]
    known = work.withdrawals.of_many(ids)
    asked = [row for row in rows if _may_ask(work, row, known.get(row.id))]
    if not asked:
        raise Conflict(f"announcement {announcement_id} stands nowhere")
    for row in asked:
        _ask(work, by, row, why, now)
    work.audit.act(by, "announcement.withdraw", Announcement, announcement_id, now, why)
    if announcement.state is not AnnouncementState.CANCELLED:
        announcing.cancel(work, by, announcement_id, why, now)
    work.enqueue(TaskName.WITHDRAW)
    return len(asked)


def removed_by_hand(work: Work, by: Person, delivery_id: int, now: datetime) -> None:
    """A person has taken the post down in the network's own app.

    Raises:
        NotAllowed, NotFound: as named.
        Conflict: nobody asked for that, or it is done already.
    """
    by.must(May.SETTLE)
    delivery = work.deliveries.get(delivery_id, lock=True)
    row = work.withdrawals.of(delivery_id)
    if row is None:
        raise Conflict(f"delivery {delivery_id} was not withdrawn")
    work.withdrawals.put(row, WithdrawalState.DONE)
    row.ended_at, row.ended_by = now, by.user_id
    taken_down(work, delivery, now)
    work.audit.act(by, "delivery.removed_by_hand", Delivery, delivery_id, now)


def taken_down(work: Work, delivery: Delivery, now: datetime) -> None:
    """The whole delivery stands no more."""
    if delivery.state in IN_PUBLIC:
        work.deliveries.put(delivery, DeliveryState.WITHDRAWN, now)


def _is_up(work: Work, delivery: Delivery) -> bool:
    """Whether the public sees any of it: also the first parts of a broken thread."""
    if delivery.state in _BROKEN_OFF and delivery.part > 1:
        return bool(work.deliveries.thread(delivery.id))
    return delivery.state in IN_PUBLIC


def _may_ask(work: Work, delivery: Delivery, known: Withdrawal | None) -> bool:
    again = known is None or known.state is WithdrawalState.REFUSED
    return again and _is_up(work, delivery)


def _ask(
    work: Work, by: Person, delivery: Delivery, why: str, now: datetime
) -> Withdrawal:
    known = work.withdrawals.of(delivery.id)
    if not _may_ask(work, delivery, known):
        raise Conflict(f"delivery {delivery.id} is {delivery.state.value}")
    row = known or _new(work, by, delivery, now)
    if known is not None:
        work.withdrawals.put(row, WithdrawalState.ASKED)
    row.reason, row.asked_by, row.asked_at, row.next_at = why, by.user_id, now, now
    row.tries = 0
    if known is None:
        work.withdrawals.add(row)
    return row


def _new(work: Work, by: Person, delivery: Delivery, now: datetime) -> Withdrawal:
    parts = work.deliveries.thread(delivery.id)
    ids = [one.remote_id for one in parts] or [delivery.remote_id]
    account = work.accounts.get(delivery.account_id)
    ability = wiring.capabilities(account.network).deletes
    can = ability.can and all(ids) and account.removed_at is None
    return Withdrawal(
        office_id=by.office_id,
        delivery_id=delivery.id,
        account_id=delivery.account_id,
        state=WithdrawalState.ASKED if can else WithdrawalState.CANNOT,
        problem=None if can else _why_not(ability),
        still_up=len(ids),
        next_at=now,
        lease_until=LONG_AGO,
    )


def _why_not(ability: Ability) -> Problem:
    """A person may, or nobody can."""
    by_hand = ability.can or ability.by_hand
    return Problem.ONLY_BY_HAND if by_hand else Problem.BEYOND_RECALL


def _reason(reason: str) -> str:
    why = reason.strip()
    if not why or len(why) > LONGEST_REASON:
        raise InvalidInput(
            N_("Tulis alasan penarikan, paling panjang 300 huruf."), "reason"
        )
    return why
