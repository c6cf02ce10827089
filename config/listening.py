"""The numbers by which listening decides: ``config/data/listening.toml``, read once."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class ListeningNumbers:
    """Each with its reason in the file.

    Attributes:
        alike: share of words, 0 to 1, below which two texts are different articles.
        enough_for_a_habit: arrivals from which a usual gap is learned.
        days_back: days of which the habit of an hour is learned.
        enough_weeks: days of one weekday that make a habit of it.
        enough_days: days that make a habit of an hour of the day.
        quiet_after: times the usual gap, after which silence is told.
    """

    alike: float
    enough_for_a_habit: int
    days_back: int
    enough_weeks: int
    enough_days: int
    quiet_after: int


@cache
def numbers() -> ListeningNumbers:
    """Read the file.

    Raises:
        ValueError: a number has no reason, or is no number above zero.
    """
    path = files("config") / "data" / "listening.toml"
    rows = tomllib.loads(path.read_text(encoding="utf-8"))
    names = [one.name for one in fields(ListeningNumbers)]
    return ListeningNumbers(**{name: _number(name, rows[name]) for name in names})


def _number(name: str, row: Mapping[str, Any]) -> Any:
    value = row["value"]
    if not isinstance(value, int | float) or value <= 0 or not row["reason"]:
        raise ValueError(f"listening.toml: {name}")
    return value
