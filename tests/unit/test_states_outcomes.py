"""What a failure leads to, whether a post may go, and how doubt is settled."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.account import Account, lease_over
from models.errors import (
    Disconnected,
    GateClosed,
    KentonganError,
    NetworkError,
    Refused,
    TryLater,
    Uncertain,
)
from models.problems import Problem
from models.states import AccountHealth, AccountMode, DeliveryState
from networks.capabilities import LookUp, Replay
from pipeline.outcomes import (
    LONGEST_WAIT,
    MOST_TRIES_OF_A_FAULT,
    SHORTEST_WAIT,
    after,
    after_look,
    after_replay,
    backoff,
    before_arming,
    plan_of,
    standing,
)
from tests.conftest import NOW

S, P = DeliveryState, Problem
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
REPLAY, LOOK = Replay(50 * MINUTE), LookUp(2, MINUTE)


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (TryLater(P.RATE_LIMITED), S.SCHEDULED),
        (TryLater(P.BUDGET_SPENT), S.HELD),
        (Disconnected(P.TOKEN_REFUSED), S.HELD),
        (Refused(P.CONTENT_REFUSED), S.REJECTED),
        (Uncertain(P.ANSWER_LOST), S.UNCERTAIN),
        (NetworkError(P.SERVER_FAILED), S.UNCERTAIN),
        (GateClosed(P.WINDOW_PASSED), S.MISSED),
        (GateClosed(P.ACCOUNT_STOPPED), S.HELD),
        (GateClosed(P.REHEARSAL), S.HELD),
        (GateClosed(P.APPROVAL_VOID), S.HELD),
        (GateClosed(P.LEASE_LOST), S.SCHEDULED),
        (GateClosed(P.DATABASE_LOCKED), S.SCHEDULED),
    ],
    ids=str,
)
def test_an_error_leads_to_its_state(
    error: NetworkError | GateClosed, state: DeliveryState
) -> None:
    outcome = after(error, 1, NOW, 0.5)
    assert (outcome.state, outcome.problem) == (state, error.problem)
    assert (outcome.not_before is None) == (state is not S.SCHEDULED)
    assert outcome.disconnected == isinstance(error, Disconnected)


def test_a_picture_that_is_lost_each_time_is_not_uploaded_for_ever() -> None:
    lost = TryLater(P.MEDIA_REFUSED, "blob not found")
    assert after(lost, MOST_TRIES_OF_A_FAULT - 1, NOW, 0.5).state is S.SCHEDULED
    assert after(lost, MOST_TRIES_OF_A_FAULT, NOW, 0.5).state is S.HELD
    assert before_arming(lost, MOST_TRIES_OF_A_FAULT, NOW, 0.5).state is S.HELD


@pytest.mark.parametrize(
    "error",
    [TryLater(P.RATE_LIMITED), Uncertain(P.ANSWER_LOST), NetworkError(P.GONE)],
)
def test_nothing_is_in_doubt_before_arming(error: NetworkError) -> None:
    assert before_arming(error, 1, NOW, 0.5).state is S.SCHEDULED


def test_the_networks_own_time_is_kept_to_the_second() -> None:
    wait = timedelta(minutes=14, seconds=59)
    assert (
        after(TryLater(P.RATE_LIMITED, wait=wait), 9, NOW, 1).not_before == NOW + wait
    )


@given(st.integers(0, 10_000), st.floats(0, 1))
def test_a_backoff_stays_within_its_bounds(tries: int, chance: float) -> None:
    assert SHORTEST_WAIT <= backoff(tries, chance) <= LONGEST_WAIT


@pytest.mark.parametrize("problem", [P.LEASE_LOST, P.DATABASE_LOCKED])
def test_a_busy_machine_of_ours_makes_nobody_wait_for_minutes(problem: Problem) -> None:
    outcome = after(GateClosed(problem), 50, NOW, 1)
    assert outcome.not_before == NOW + timedelta(seconds=30)


def test_a_backoff_grows_with_each_try() -> None:
    waits = [backoff(tries, 1) for tries in range(1, 12)]
    assert waits == sorted(waits)
    assert waits[0] < waits[1] < waits[-1] == LONGEST_WAIT


def account(**values: object) -> Account:
    live = {"mode": AccountMode.LIVE, "health": AccountHealth.CONNECTED}
    return Account(**(live | values))


@pytest.mark.parametrize(
    ("one", "not_after", "stop", "approval", "problem"),
    [
        (account(), None, None, None, None),
        (account(), NOW + MINUTE, None, None, None),
        (account(), NOW, None, None, P.WINDOW_PASSED),
        (account(), None, None, P.APPROVAL_VOID, P.APPROVAL_VOID),
        (account(mode=AccountMode.REHEARSAL), None, None, None, P.REHEARSAL),
        (account(), None, P.ACCOUNT_STOPPED, None, P.ACCOUNT_STOPPED),
        (account(), None, P.ALL_STOPPED, P.APPROVAL_VOID, P.ALL_STOPPED),
        (account(), NOW, P.ALL_STOPPED, None, P.WINDOW_PASSED),
        (
            account(health=AccountHealth.DISCONNECTED),
            None,
            None,
            None,
            P.ACCOUNT_DISCONNECTED,
        ),
        (account(removed_at=NOW), None, None, None, P.ACCOUNT_DISCONNECTED),
    ],
)
def test_a_post_may_go_only_while_nothing_stands_against_it(
    one: Account, not_after, stop, approval, problem
) -> None:
    assert standing(one, not_after, stop, approval, NOW) is problem


@pytest.mark.parametrize(
    ("ways", "age", "looks", "may_write", "look", "replay"),
    [
        ((REPLAY, LOOK), MINUTE, 0, True, 2, True),
        ((REPLAY, LOOK), MINUTE, 0, False, 2, False),
        ((REPLAY, LOOK), 50 * MINUTE, 0, True, 2, False),
        ((REPLAY, LOOK), None, 0, True, 2, False),
        ((LOOK,), MINUTE, 1, True, 1, False),
        ((LOOK,), MINUTE, 2, True, 0, False),
        ((REPLAY,), MINUTE, 0, True, 0, True),
        ((REPLAY,), HOUR, 0, True, 0, False),
        ((), MINUTE, 0, True, 0, False),
    ],
)
def test_doubt_is_settled_by_the_ways_still_open(
    ways, age, looks, may_write, look, replay
) -> None:
    plan = plan_of(ways, age, looks, may_write=may_write)
    assert (plan.looks, plan.replay) == (look, replay)
    assert plan.nothing == (look == 0 and not replay)


@pytest.mark.parametrize(
    ("error", "absent", "ask", "waits"),
    [
        (GateClosed(P.ACCOUNT_STOPPED), True, None, False),
        (GateClosed(P.LEASE_LOST), False, None, True),
        (Refused(P.CONTENT_REFUSED), True, None, False),
        (TryLater(P.RATE_LIMITED), False, None, True),
        (Uncertain(P.ANSWER_LOST), False, None, True),
        (Disconnected(P.TOKEN_REFUSED), False, P.COULD_NOT_LOOK, False),
    ],
    ids=str,
)
def test_a_failed_replay_proves_nothing(
    error: KentonganError, absent: bool, ask: Problem | None, waits: bool
) -> None:
    verdict = after_replay(error, 1, 0.5)  # type: ignore[arg-type]
    assert (verdict.receipt, verdict.absent, verdict.ask) == (None, absent, ask)
    assert (verdict.wait is not None) == waits
    assert verdict.rewritten == isinstance(error, Uncertain)


def test_a_failed_look_is_repeated_or_asked_about() -> None:
    assert after_look(TryLater(P.UNREACHABLE), 1, 0.5).wait
    assert after_look(TryLater(P.BUDGET_SPENT), 1, 0.5).ask is P.COULD_NOT_LOOK
    assert after_look(Disconnected(P.TOKEN_REFUSED), 1, 0.5).ask is P.COULD_NOT_LOOK


@given(st.integers(-7_200, 7_200))
def test_a_lease_is_never_frozen_longer_than_its_length(seconds: int) -> None:
    length = 3 * MINUTE
    until = NOW + timedelta(seconds=seconds)
    if not lease_over(until, NOW, length):
        assert timedelta(0) < until - NOW <= 2 * length
