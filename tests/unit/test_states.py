"""The tables of states: each move that is allowed, and none besides."""

from collections.abc import Mapping
from enum import StrEnum
from itertools import product

import pytest

from models.errors import Conflict
from models.states import (
    ANNOUNCEMENT_MOVES,
    DELIVERY_MOVES,
    IDEA_MOVES,
    SERIES_MOVES,
    STANDS,
    AnnouncementState,
    DeliveryState,
    IdeaState,
    SeriesState,
    move,
    proven,
)

DELIVERY = """
scheduled    → claimed held missed cancelled rejected uncertain
claimed      → prepared scheduled held missed rejected uncertain
prepared     → armed scheduled held missed rejected uncertain
armed        → published rejected uncertain scheduled held missed
published    → corrected withdrawn
rejected     → cancelled
uncertain    → published scheduled needs_person
needs_person → published scheduled cancelled
held         → scheduled cancelled missed uncertain
missed       →
cancelled    →
corrected    → withdrawn
withdrawn    →
"""
ANNOUNCEMENT = """
draft     → asked cancelled
asked     → approved sent_back expired draft cancelled
sent_back → draft asked cancelled
approved  → void cancelled
void      → asked draft cancelled
expired   → asked draft cancelled
cancelled →
"""
SERIES = """
draft     → asked ended
asked     → approved sent_back draft ended
sent_back → draft asked ended
approved  → void ended
void      → asked draft ended
ended     →
"""
IDEA = """
proposed    → forwarded declined
forwarded   → studied declined
studied     → accepted declined
accepted    → in_progress
in_progress → done
declined    → studied
done        →
"""


def written(table: str) -> set[tuple[str, str]]:
    rows = (line.split("→") for line in table.strip().splitlines())
    return {(now.strip(), to) for now, all_to in rows for to in all_to.split()}


def every_pair(states: type[StrEnum], table: str):
    allowed = written(table)
    return [(a, b, (a.value, b.value) in allowed) for a, b in product(states, states)]


CASES = [
    *((DELIVERY_MOVES, *case) for case in every_pair(DeliveryState, DELIVERY)),
    *(
        (ANNOUNCEMENT_MOVES, *case)
        for case in every_pair(AnnouncementState, ANNOUNCEMENT)
    ),
    *((SERIES_MOVES, *case) for case in every_pair(SeriesState, SERIES)),
    *((IDEA_MOVES, *case) for case in every_pair(IdeaState, IDEA)),
]


@pytest.mark.parametrize(
    ("moves", "now", "to", "allowed"),
    CASES,
    ids=lambda value: getattr(value, "value", None),
)
def test_a_state_moves_as_the_table_says(
    moves: Mapping[StrEnum, frozenset[StrEnum]],
    now: StrEnum,
    to: StrEnum,
    allowed: bool,
) -> None:
    if allowed:
        assert move(moves, now, to) is to
    else:
        with pytest.raises(Conflict):
            move(moves, now, to)


@pytest.mark.parametrize(
    "moves", [DELIVERY_MOVES, ANNOUNCEMENT_MOVES, SERIES_MOVES, IDEA_MOVES]
)
def test_every_state_has_a_row_and_can_be_reached(
    moves: Mapping[StrEnum, frozenset[StrEnum]],
) -> None:
    states = set(type(next(iter(moves))))
    begin = next(iter(states & set(list(moves)[:1])))
    reached, edge = {begin}, {begin}
    while edge:
        edge = {to for now in edge for to in moves[now]} - reached
        reached |= edge
    assert set(moves) == states == reached


@pytest.mark.parametrize("state", DeliveryState)
def test_a_receipt_proves_that_a_post_stands_whatever_was_believed(
    state: DeliveryState,
) -> None:
    assert proven(state) in STANDS
    assert (proven(state) is state) == (state in STANDS)


def test_nothing_that_may_be_out_goes_again_without_proof_or_a_person() -> None:
    """From uncertain only proof of absence, and from needs_person only a person."""
    may_be_out = {
        state for state, to in DELIVERY_MOVES.items() if DeliveryState.CLAIMED in to
    }
    assert may_be_out == {DeliveryState.SCHEDULED}
