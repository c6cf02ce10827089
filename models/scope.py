"""Whose rows a unit of work may see."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OfficeScope:
    """Rows of one office only."""

    office_id: int


@dataclass(frozen=True, slots=True)
class SystemScope:
    """Rows of all offices, for one named job of our own (never for a person)."""

    job: str


Scope = OfficeScope | SystemScope
