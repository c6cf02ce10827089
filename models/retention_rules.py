"""How long each class is kept, from ``config/data/retention.toml``."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from config.words import DEFAULT

RULES = Path(__file__).resolve().parent.parent / "config" / "data" / "retention.toml"


class Class(StrEnum):
    """What is kept for one length of time."""

    AUTHOR = "author"
    AUTHOR_OPEN = "author_open"
    CONTACT = "contact"
    VOICE = "voice"
    INTEGRITY = "integrity"
    NEWS = "news"
    REVISION = "revision"
    FETCH = "fetch"


@dataclass(frozen=True, slots=True)
class Keeping:
    """One row of the data file; texts for people by language."""

    of: Class
    days: int
    names: Mapping[str, str]
    counted_from: Mapping[str, str]
    reasons: Mapping[str, str]
    basis: str
    sureness: str

    @property
    def length(self) -> timedelta:
        return timedelta(days=self.days)

    def name(self, language: str) -> str:
        """What is kept."""
        return self.names.get(language) or self.names[DEFAULT]

    def since(self, language: str) -> str:
        """What its days count from."""
        return self.counted_from.get(language) or self.counted_from[DEFAULT]

    def reason(self, language: str) -> str:
        """Why so long."""
        return self.reasons.get(language) or self.reasons[DEFAULT]


@cache
def load_keeping(path: Path = RULES) -> Mapping[Class, Keeping]:
    """Read the file; every class has one row, of at least one day.

    Raises:
        ValueError, KeyError: a row is missing, is there twice, or is not understood.
    """
    rows = [_row(row) for row in tomllib.loads(path.read_text("utf-8"))["class"]]
    read = {row.of: row for row in rows}
    if len(read) != len(rows) or set(read) != set(Class):
        raise ValueError(f"{path.name}: every class once")
    return read


def _row(row: Mapping[str, Any]) -> Keeping:
    days = row["days"]
    if not isinstance(days, int) or days < 1:
        raise ValueError(f"{row['code']}: days are a whole number from 1")
    return Keeping(
        of=Class(row["code"]),
        days=days,
        names=_by_language(row, "name"),
        counted_from=_by_language(row, "from"),
        reasons=_by_language(row, "reason"),
        basis=row["basis"],
        sureness=row["sureness"],
    )


def _by_language(row: Mapping[str, Any], name: str) -> dict[str, str]:
    start = f"{name}_"
    return {
        key.removeprefix(start): value
        for key, value in row.items()
        if key.startswith(start)
    }
