"""The states of what moves, and the only moves there are.

Each enum has one table and shares one transition function, :func:`move`.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from models.errors import Conflict


class DeliveryState(StrEnum):
    """One announcement variant on its way to one account."""

    SCHEDULED = "scheduled"
    CLAIMED = "claimed"
    PREPARED = "prepared"
    ARMED = "armed"
    PUBLISHED = "published"
    REJECTED = "rejected"
    UNCERTAIN = "uncertain"
    NEEDS_PERSON = "needs_person"
    HELD = "held"
    MISSED = "missed"
    CANCELLED = "cancelled"
    CORRECTED = "corrected"
    WITHDRAWN = "withdrawn"

    @property
    def in_flight(self) -> bool:
        """Whether the state changes by itself within moments."""
        return self in IN_FLIGHT


class WithdrawalState(StrEnum):
    """One delivery on its way out of the public again."""

    ASKED = "asked"
    ARMED = "armed"  # the call may be on the wire
    UNCERTAIN = "uncertain"  # no answer: asked again, which can do no harm
    DONE = "done"
    REFUSED = "refused"  # the network does not take it down
    CANNOT = "cannot"  # nothing of ours can: a person may, or nobody


class AnnouncementState(StrEnum):
    """An announcement and its approval."""

    DRAFT = "draft"
    ASKED = "asked"
    SENT_BACK = "sent_back"
    APPROVED = "approved"
    VOID = "void"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class SeriesState(StrEnum):
    """A recurring announcement, from its writing to its end; a pause is no state."""

    DRAFT = "draft"
    ASKED = "asked"
    SENT_BACK = "sent_back"
    APPROVED = "approved"
    VOID = "void"  # changed since it was approved
    ENDED = "ended"


class IdeaState(StrEnum):
    """A suggestion on its way to a decision and back to the public."""

    PROPOSED = "proposed"
    FORWARDED = "forwarded"
    STUDIED = "studied"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    IN_PROGRESS = "in_progress"
    DONE = "done"


class SourceHealth(StrEnum):
    """What is known of a source of public text."""

    NEW = "new"  # never fetched yet
    HEALTHY = "healthy"
    QUIET = "quiet"
    SICK = "sick"
    LIMITED = "limited"
    OVERFULL = "overfull"
    STOPPED = "stopped"


class AccountMode(StrEnum):
    """Whether an account's posts leave the house."""

    REHEARSAL = "rehearsal"  # gladi: everything runs, nothing leaves
    LIVE = "live"


class AccountHealth(StrEnum):
    """Whether the network accepts the account's credentials."""

    CONNECTED = "connected"
    DISCONNECTED = "disconnected"


class Role(StrEnum):
    """What a person of the office may do."""

    OFFICER = "officer"
    APPROVER = "approver"
    ADMIN = "admin"


class Answer(StrEnum):
    """What a person says of a delivery that may have been sent."""

    WAS_PUBLISHED = "was_published"  # sudah tayang
    SEND_AGAIN = "send_again"  # kirim lagi
    CANCEL = "cancel"  # batalkan


class Reply(StrEnum):
    """Whether the desk has dealt with an item."""

    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"  # needs no answer
    NOT_OURS = "not_ours"


IN_FLIGHT = frozenset(
    {
        DeliveryState.CLAIMED,
        DeliveryState.PREPARED,
        DeliveryState.ARMED,
        DeliveryState.UNCERTAIN,
    }
)

_D = DeliveryState
DELIVERY_MOVES: Mapping[DeliveryState, frozenset[DeliveryState]] = {
    _D.SCHEDULED: frozenset(
        {_D.CLAIMED, _D.HELD, _D.MISSED, _D.CANCELLED, _D.REJECTED, _D.UNCERTAIN}
    ),
    _D.CLAIMED: frozenset(
        {_D.PREPARED, _D.SCHEDULED, _D.HELD, _D.MISSED, _D.REJECTED, _D.UNCERTAIN}
    ),
    _D.PREPARED: frozenset(
        {_D.ARMED, _D.SCHEDULED, _D.HELD, _D.MISSED, _D.REJECTED, _D.UNCERTAIN}
    ),
    # HELD, SCHEDULED and MISSED from ARMED only when nothing left: the last look said
    # no, the connection failed before the bytes, or the network said "later".
    _D.ARMED: frozenset(
        {_D.PUBLISHED, _D.REJECTED, _D.UNCERTAIN, _D.SCHEDULED, _D.HELD, _D.MISSED}
    ),
    _D.UNCERTAIN: frozenset({_D.PUBLISHED, _D.SCHEDULED, _D.NEEDS_PERSON}),
    _D.NEEDS_PERSON: frozenset({_D.PUBLISHED, _D.SCHEDULED, _D.CANCELLED}),
    _D.HELD: frozenset({_D.SCHEDULED, _D.CANCELLED, _D.MISSED, _D.UNCERTAIN}),
    _D.PUBLISHED: frozenset({_D.CORRECTED, _D.WITHDRAWN}),
    _D.REJECTED: frozenset({_D.CANCELLED}),
    _D.MISSED: frozenset(),
    _D.CANCELLED: frozenset(),
    _D.CORRECTED: frozenset({_D.WITHDRAWN}),
    _D.WITHDRAWN: frozenset(),
}

_W = WithdrawalState
WITHDRAWAL_MOVES: Mapping[WithdrawalState, frozenset[WithdrawalState]] = {
    _W.ASKED: frozenset({_W.ARMED, _W.DONE}),
    # ASKED from ARMED: the next part of a thread, or nothing left for the network
    _W.ARMED: frozenset({_W.DONE, _W.ASKED, _W.UNCERTAIN, _W.REFUSED}),
    _W.UNCERTAIN: frozenset({_W.ARMED, _W.DONE}),
    _W.REFUSED: frozenset({_W.ASKED, _W.DONE}),
    _W.CANNOT: frozenset({_W.ASKED, _W.DONE}),
    _W.DONE: frozenset(),
}

STANDS = frozenset({_D.PUBLISHED, _D.CORRECTED, _D.WITHDRAWN})
"""States that already rest on a receipt."""


def proven(now: DeliveryState) -> DeliveryState:
    """What a receipt makes of a delivery: it stands, whatever we believed.

    This is no decision and so no row of the table: the network's own proof overrules
    a sweeper, a look that found nothing, and a person's answer.
    """
    return now if now in STANDS else _D.PUBLISHED


def goes_on(now: DeliveryState) -> DeliveryState:
    """What the proof of one part makes of a thread with more parts.

    It goes on as soon as it may; what a person has given up, or what is held, stays so.
    """
    stays = {_D.HELD, _D.REJECTED, _D.MISSED, _D.CANCELLED}
    return now if now in stays else _D.SCHEDULED


_A = AnnouncementState
ANNOUNCEMENT_MOVES: Mapping[AnnouncementState, frozenset[AnnouncementState]] = {
    _A.DRAFT: frozenset({_A.ASKED, _A.CANCELLED}),
    _A.ASKED: frozenset(
        {_A.APPROVED, _A.SENT_BACK, _A.EXPIRED, _A.DRAFT, _A.CANCELLED}
    ),
    _A.SENT_BACK: frozenset({_A.DRAFT, _A.ASKED, _A.CANCELLED}),
    _A.APPROVED: frozenset({_A.VOID, _A.CANCELLED}),
    _A.VOID: frozenset({_A.ASKED, _A.DRAFT, _A.CANCELLED}),
    _A.EXPIRED: frozenset({_A.ASKED, _A.DRAFT, _A.CANCELLED}),
    _A.CANCELLED: frozenset(),
}

_R = SeriesState
SERIES_MOVES: Mapping[SeriesState, frozenset[SeriesState]] = {
    _R.DRAFT: frozenset({_R.ASKED, _R.ENDED}),
    _R.ASKED: frozenset({_R.APPROVED, _R.SENT_BACK, _R.DRAFT, _R.ENDED}),
    _R.SENT_BACK: frozenset({_R.DRAFT, _R.ASKED, _R.ENDED}),
    _R.APPROVED: frozenset({_R.VOID, _R.ENDED}),
    _R.VOID: frozenset({_R.ASKED, _R.DRAFT, _R.ENDED}),
    _R.ENDED: frozenset(),
}

_I = IdeaState
IDEA_MOVES: Mapping[IdeaState, frozenset[IdeaState]] = {
    _I.PROPOSED: frozenset({_I.FORWARDED, _I.DECLINED}),
    _I.FORWARDED: frozenset({_I.STUDIED, _I.DECLINED}),
    _I.STUDIED: frozenset({_I.ACCEPTED, _I.DECLINED}),
    _I.ACCEPTED: frozenset({_I.IN_PROGRESS}),
    _I.IN_PROGRESS: frozenset({_I.DONE}),
    _I.DECLINED: frozenset({_I.STUDIED}),
    _I.DONE: frozenset(),
}


S = TypeVar("S", bound=StrEnum)


def move(moves: Mapping[S, frozenset[S]], now: S, to: S) -> S:
    """Return ``to`` if the table allows the move from ``now``.

    Raises:
        Conflict: there is no such move.
    """
    if to not in moves[now]:
        raise Conflict(f"{type(now).__name__}: {now.value} cannot become {to.value}")
    return to
