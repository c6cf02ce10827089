"""The contract of every engine that reads text."""

from collections.abc import Sequence
from typing import Protocol

from models.labels import Labels


class Classifier(Protocol):
    """Reads Indonesian social text; the same for every engine."""

    @property
    def version(self) -> str:
        """Name and version; stored beside every label this engine gives."""
        ...

    def predict(self, texts: Sequence[str]) -> list[Labels]:
        """Label ``texts``, in their order, with calibrated probabilities.

        Any string is accepted: empty, emoji only, 100,000 characters (what lies beyond
        the engine's window is read in windows or left out, never an error).
        """
        ...
