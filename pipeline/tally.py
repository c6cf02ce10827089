"""What listening and understanding tell of themselves; metrics count it."""

from typing import Protocol

from models.documents import Stored
from models.problems import Problem


class Tally(Protocol):
    """Told of what was done, never asked whether it may be."""

    def fetched(self, problem: Problem | None, stored: Stored, took: float) -> None:
        """One look at a source; ``took`` in seconds."""
        ...

    def delivered(self, items: int) -> None:
        """Items made of documents."""
        ...

    def heard(self, problem: Problem | None, items: int) -> None:
        """One turn of an account."""
        ...

    def labelled(self, items: int) -> None:
        """Items read by the current model."""
        ...


class NoTally:
    """Nobody counts."""

    def fetched(self, problem: Problem | None, stored: Stored, took: float) -> None:
        """Count nothing."""

    def delivered(self, items: int) -> None:
        """Count nothing."""

    def heard(self, problem: Problem | None, items: int) -> None:
        """Count nothing."""

    def labelled(self, items: int) -> None:
        """Count nothing."""
