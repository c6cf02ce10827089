"""Small decisions of listening: who we are, what is usual, how long to wait."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import TryLater
from models.habit import habit
from models.problems import Problem
from models.pseudonym import is_own, pseudonym
from pipeline.fetching import UNIT, in_units
from pipeline.hearing import LONGEST_WAIT, after_error

NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)
HERE = "https://sosial.example"


@pytest.mark.parametrize(
    ("author", "handle", "own"),
    [
        ("humas", "humas", True),
        ("@Humas", "humas", True),
        ("humas@sosial.example", "humas", True),
        ("humas", "@humas@SOSIAL.example", True),
        ("humas@lain.example", "humas", False),
        ("humas2", "humas", False),
        ("", "humas", False),
    ],
)
def test_an_account_knows_itself(author: str, handle: str, own: bool) -> None:
    assert is_own(author, handle, HERE) is own


@given(st.text(), st.text(min_size=1))
def test_a_pseudonym_is_short_stable_and_of_one_office(salt: str, handle: str) -> None:
    name = pseudonym(salt, "mastodon", handle)
    assert name == pseudonym(salt, "mastodon", f"@{handle}")
    assert len(name) in (0, 16)
    if name:
        assert name != pseudonym(salt + "x", "mastodon", handle)
        assert name != pseudonym(salt, "x", handle)


def test_nobody_has_no_pseudonym() -> None:
    assert pseudonym("garam", "mastodon", " @ ") == ""


def test_a_habit_is_the_median_gap_once_there_is_enough_of_it() -> None:
    hours = [NOW + timedelta(hours=n) for n in (0, 1, 2, 3, 9)]
    assert habit(hours[:4]) is None
    assert habit(hours) == 3600
    assert habit([NOW] * 20) is None


@given(st.integers(0, 60))
def test_waits_grow_and_end(failures: int) -> None:
    after = after_error(TryLater(Problem.UNREACHABLE), failures, NOW)
    assert timedelta(seconds=30) <= after.next_at - NOW <= LONGEST_WAIT
    assert after.failures == failures + 1


@given(st.integers(0, 1_000))
def test_units_hold_every_article_in_order_and_there_is_always_one(count: int) -> None:
    numbers = list(range(count))
    units = in_units(numbers)  # type: ignore[arg-type]
    assert [one for unit in units for one in unit] == numbers
    assert len(units) >= 1
    assert all(len(unit) <= UNIT for unit in units)
