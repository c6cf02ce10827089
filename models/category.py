"""Kinds of announcements, read from ``config/data/announcements.toml``."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

GENERAL = "umum"
"""What is of no other kind; also what is of a kind that the data has no longer."""

SAME_DAY = "same_day"


class CatchUp(StrEnum):
    """What becomes of a post that is late and still inside its window."""

    SEND = "send"
    ASK = "ask"  # held; a person lets it go


@dataclass(frozen=True, slots=True)
class Category:
    """One kind; what holds it back, and when it is no longer worth saying."""

    code: str
    titles: Mapping[str, str]  # by language
    not_after: timedelta | None  # from its time on; None: until that day's end
    catch_up: CatchUp
    late_after: timedelta
    passes_quiet: bool
    same_text_within: timedelta
    signatures: int  # 1 to 3, before it goes out

    def title(self, language: str) -> str:
        return self.titles.get(language) or self.titles["id"]

    def too_late(self, due_at: datetime, zone: ZoneInfo) -> datetime:
        """When a post due at ``due_at`` must not go out any more."""
        if self.not_after is not None:
            return due_at + self.not_after
        day = due_at.astimezone(zone).date() + timedelta(days=1)
        return datetime.combine(day, time.min, zone)


@dataclass(frozen=True, slots=True)
class Categories:
    """Every kind, and when two posts stand too close."""

    by_code: Mapping[str, Category]
    clash_within: timedelta
    alike: float  # from which two texts are nearly the same

    def of(self, code: str) -> Category:
        """The kind of that code; the general one where the data has it no longer."""
        return self.by_code.get(code) or self.by_code[GENERAL]


@cache
def categories() -> Categories:
    """Read the data once.

    Raises:
        ValueError, KeyError: the file is not as its head says.
    """
    path = files("config") / "data" / "announcements.toml"
    known = tomllib.loads(path.read_text(encoding="utf-8"))
    rows = [_category(row) for row in known["category"]]
    return Categories(
        {one.code: one for one in rows},
        timedelta(minutes=known["clash"]["within_minutes"]),
        float(known["same_text"]["alike"]),
    )


def _category(row: Mapping[str, Any]) -> Category:
    end = str(row["not_after"])
    return Category(
        row["code"],
        {"id": row["id"], "en": row["en"]},
        None if end == SAME_DAY else timedelta(hours=int(end.removesuffix("h"))),
        CatchUp(row["catch_up"]),
        timedelta(minutes=row["late_after_minutes"]),
        row["passes_quiet"],
        timedelta(hours=row["same_text_within_hours"]),
        int(row["signatures"]),
    )
