"""What a failure leads to, and whether a post may go: decisions only, nothing done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.account import Account
from models.delivery import FoundBy
from models.errors import Disconnected, GateClosed, NetworkError, Refused, TryLater
from models.problems import Problem
from models.speech import Receipt
from models.states import AccountHealth, AccountMode, DeliveryState
from networks.capabilities import LookUp, ReadBack, Replay, Settling

SHORTEST_WAIT = timedelta(seconds=1)
FIRST_WAIT = timedelta(seconds=10)
LONGEST_WAIT = timedelta(minutes=15)
LONGEST_WAIT_FOR_US = timedelta(seconds=30)
"""After our own machine or database was too slow: no network asked us to wait."""

MOST_TRIES_OF_A_FAULT = 8
"""Also of a picture that the network loses each time it is uploaded anew."""

MOST_ARMINGS_OF_A_RECORD = 8
"""Each lost and absent: then a person is asked, whatever the network promises."""

MOST_TRIES_ALONE = 24
LONGEST_WAIT_ALONE = timedelta(hours=4)
"""Of one letter: four days in all, as mail servers try (RFC 5321, 4.5.4.1)."""

LONGEST_PAUSE_OF_LOOKS = timedelta(minutes=5)
"""Uncertain rows are touched at least this often; see :func:`plan_of`."""

_PASSING = frozenset(
    {
        Problem.LEASE_LOST,
        Problem.DATABASE_LOCKED,
        Problem.DISK_FULL,
        Problem.UNREACHABLE,
    }
)
"""Reasons of the last look that are nobody's decision: the delivery goes again."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of a delivery, and of its account."""

    state: DeliveryState
    problem: Problem | None = None
    detail: str = ""
    receipt: Receipt | None = None
    not_before: datetime | None = None  # the account rests until then
    due_at: datetime | None = None  # only this one waits until then
    disconnected: bool = False  # the account must be connected again


def standing(
    account: Account,
    not_after: datetime | None,
    stop: Problem | None,
    approval: Problem | None,
    now: datetime,
) -> Problem | None:
    """Why a post may not go now; None when it may.

    Args:
        account: as the database has it now.
        not_after: end of the delivery's window.
        stop: which stop stands over it, if any.
        approval: what is wrong with the approval, if anything.
        now: aware.
    """
    if not_after is not None and not_after <= now:
        return Problem.WINDOW_PASSED
    if account.removed_at or account.health is AccountHealth.DISCONNECTED:
        return Problem.ACCOUNT_DISCONNECTED
    if stop is not None:
        return stop
    if account.mode is AccountMode.REHEARSAL:
        return Problem.REHEARSAL
    return approval


def stood_back(problem: Problem, tries: int, now: datetime, chance: float) -> Outcome:
    """What becomes of a delivery that may not go; nothing of it has left."""
    if problem is Problem.WINDOW_PASSED:
        return Outcome(DeliveryState.MISSED, problem)
    if problem in _PASSING:
        wait = backoff(tries, chance, LONGEST_WAIT_FOR_US)
        return Outcome(DeliveryState.SCHEDULED, problem, not_before=now + wait)
    return Outcome(DeliveryState.HELD, problem)


def after(
    error: NetworkError | GateClosed, tries: int, now: datetime, chance: float
) -> Outcome:
    """What a failed call leads to.

    Args:
        error: named for the caller's next move.
        tries: armings and failed preparations so far, this one included.
        now: aware.
        chance: 0 to 1, drawn at random: full jitter.
    """
    match error:
        case GateClosed():
            return stood_back(error.problem, tries, now, chance)
        case TryLater() if _is_for_a_person(error, tries):
            return Outcome(DeliveryState.HELD, error.problem, error.detail)
        case TryLater():
            return _later(error, tries, now, chance)
        case Disconnected():
            return Outcome(
                DeliveryState.HELD, error.problem, error.detail, disconnected=True
            )
        case Refused():
            return Outcome(DeliveryState.REJECTED, error.problem, error.detail)
        case _:  # Uncertain, and whatever a network may invent
            return Outcome(DeliveryState.UNCERTAIN, error.problem, error.detail)


def _is_for_a_person(error: TryLater, tries: int) -> bool:
    """Whether waiting alone does not help: no money, or a picture lost each time."""
    if error.problem is Problem.MEDIA_REFUSED:
        return tries >= MOST_TRIES_OF_A_FAULT
    return error.problem is Problem.BUDGET_SPENT


def _later(error: TryLater, tries: int, now: datetime, chance: float) -> Outcome:
    if error.alone:
        return _alone(error, tries, now, chance)
    wait = backoff(tries, chance) if error.wait is None else error.wait
    return Outcome(
        DeliveryState.SCHEDULED, error.problem, error.detail, not_before=now + wait
    )


def _alone(error: TryLater, tries: int, now: datetime, chance: float) -> Outcome:
    """One letter that its recipient's server put off, for some days at most."""
    if tries >= MOST_TRIES_ALONE:
        return Outcome(DeliveryState.HELD, error.problem, error.detail)
    wait = (error.wait or FIRST_WAIT) * float(2 ** min(tries - 1, 20))
    wait = min(wait, LONGEST_WAIT_ALONE) * (1 + chance / 4)
    return Outcome(
        DeliveryState.SCHEDULED, error.problem, error.detail, due_at=now + wait
    )


def before_arming(
    error: NetworkError | GateClosed, tries: int, now: datetime, chance: float
) -> Outcome:
    """What a failure of the preparation leads to: nothing is public, so never doubt.

    A fault of our own may pass, but it is not tried for ever: a person is shown it.
    """
    outcome = after(error, tries, now, chance)
    if isinstance(error, GateClosed):
        return outcome
    if error.problem is Problem.OUR_FAULT and tries >= MOST_TRIES_OF_A_FAULT:
        return Outcome(DeliveryState.HELD, error.problem, error.detail)
    if outcome.state is not DeliveryState.UNCERTAIN:
        return outcome
    return after(TryLater(error.problem, error.detail), tries, now, chance)


def backoff(tries: int, chance: float, longest: timedelta = LONGEST_WAIT) -> timedelta:
    """Full jitter: anything up to a bound that doubles with each try."""
    doublings = min(max(tries - 1, 0), 20)
    bound = min(longest, FIRST_WAIT * float(2**doublings))
    return max(SHORTEST_WAIT, bound * chance)


@dataclass(frozen=True, slots=True)
class Plan:
    """How to settle one uncertain delivery in this turn, in order: look, then replay.

    Neither means that a person is asked.
    """

    looks: int  # how many looks may still find nothing, this one included
    apart: timedelta
    replay: bool
    again: bool = False  # what is absent goes again under its own record key
    at_once: bool = False  # and needs no more looks for it

    @property
    def nothing(self) -> bool:
        return self.looks == 0 and not self.replay


NO_WAY = Plan(0, LONGEST_PAUSE_OF_LOOKS, replay=False)
"""Nothing can be looked for, so a person is asked."""


def plan_of(
    ways: Sequence[Settling],
    age: timedelta | None,
    looks: int,
    *,
    may_write: bool,
    named: bool = False,
) -> Plan:
    """Choose the ways that are still open.

    A look comes before a replay where the network offers both: it costs one read, and
    an age that a wrong clock makes too small can then not lead to a second post.

    Args:
        ways: the network's ``settles_by``.
        age: time since arming; None when it is not known.
        looks: looks that found nothing so far.
        may_write: whether the post may go at all now; a replay is a write.
        named: whether the record key under which it was armed is known.
    """
    for way in ways:
        if isinstance(way, ReadBack) and named and _lives(way, age):
            left = max(way.times - looks, 1)
            return Plan(left, way.apart, replay=False, again=True, at_once=may_write)
    replay = may_write and any(
        isinstance(way, Replay) and age is not None and age < way.within for way in ways
    )
    for way in ways:
        if isinstance(way, LookUp):
            return Plan(max(way.times - looks, 0), way.apart, replay)
    return Plan(0, LONGEST_PAUSE_OF_LOOKS, replay)


def _lives(way: ReadBack, age: timedelta | None) -> bool:
    return way.within is None or (age is not None and age < way.within)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one turn of settling found out."""

    receipt: Receipt | None = None
    found_by: FoundBy = FoundBy.LOOK_UP
    absent: bool = False  # the network was asked and shows no such post
    rewritten: bool = False  # a replay may be out: looks begin again
    ask: Problem | None = None  # only a person can tell
    wait: timedelta | None = None  # until the next look, when nothing was learnt
    error: NetworkError | None = None


def after_look(error: NetworkError, tries: int, chance: float) -> Verdict:
    """What a failed look leads to; nothing was written."""
    if isinstance(error, Disconnected) or error.problem is Problem.BUDGET_SPENT:
        return Verdict(ask=Problem.COULD_NOT_LOOK, error=error)
    return Verdict(wait=_pause(error, tries, chance), error=error)


def after_replay(
    error: NetworkError | GateClosed, tries: int, chance: float
) -> Verdict:
    """What a failed replay leads to, after a look that found nothing or was not open.

    A refusal proves nothing about the first call: it counts as a look.
    """
    match error:
        case GateClosed() if error.problem in _PASSING:
            return Verdict(wait=backoff(tries, chance, LONGEST_PAUSE_OF_LOOKS))
        case GateClosed():
            return Verdict(absent=True)
        case Refused():
            return Verdict(absent=True, error=error)
        case Disconnected():
            return Verdict(ask=Problem.COULD_NOT_LOOK, error=error)
        case TryLater():
            return Verdict(wait=_pause(error, tries, chance), error=error)
        case _:
            wait = _pause(error, tries, chance)
            return Verdict(rewritten=True, wait=wait, error=error)


def _pause(error: NetworkError, tries: int, chance: float) -> timedelta:
    """Until the row is touched again; the network may not be asked even then."""
    told = error.wait if isinstance(error, TryLater) else None
    if told is not None:
        return min(told, LONGEST_PAUSE_OF_LOOKS)
    return backoff(tries, chance, LONGEST_PAUSE_OF_LOOKS)
